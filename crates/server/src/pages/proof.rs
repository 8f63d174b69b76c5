//! Proving that it is you: the second factor that a sign-in owes, and the fresh
//! factor that something grave asks for. It is asked in place, with all that was
//! typed carried along, and works without script.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use daybook_kernel::{Error, Refusal, RequestId};
use daybook_ui::{
    Fault, Field, Form, Html, PasskeyDeed, Weight, button, fault_summary, form, hidden,
    passkey_button,
};
use maud::html;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::door::{own_address, with_cookie, words};
use super::frame::{self, Frame};
use super::{demanded, download, providers};
use crate::api::BODY_MAX;
use crate::site::App;
use crate::{cookies, forms};

/// The fields by which a factor is shown.
const FACTOR_FIELDS: [&str; 4] = ["code", "password", "challenge", "passkey"];

/// A form that waits for a factor, with all that it carries.
#[derive(Clone)]
pub struct Waiting {
    /// Where it is sent once more.
    pub action: String,
    pub fields: Vec<(&'static str, String)>,
}

impl Waiting {
    /// The page to come back to.
    fn page<'a>(&'a self, frame: &'a Frame) -> &'a str {
        let next = self.fields.iter().find(|(name, _)| *name == "next");
        next.map_or_else(|| own_address(&frame.here), |(_, next)| next)
    }

    fn for_page(next: String) -> Self {
        Self {
            action: "/step-up".to_owned(),
            fields: vec![("next", next)],
        }
    }
}

/// What was shown to prove who it is; nothing at all by default.
#[derive(Default)]
pub struct Shown(Value);

impl Shown {
    /// The factor among the fields of a form, if one was shown.
    pub fn among(pairs: &[(String, String)]) -> Option<Self> {
        let shown: serde_json::Map<String, Value> = pairs
            .iter()
            .filter(|(name, value)| FACTOR_FIELDS.contains(&name.as_str()) && !value.is_empty())
            .map(|(name, value)| (name.clone(), Value::from(value.trim())))
            .collect();
        (!shown.is_empty()).then_some(Self(Value::Object(shown)))
    }
}

/// Shows a factor once more; answers with the session's new token.
pub async fn step_up(
    app: &Arc<App>,
    frame: &Frame,
    shown: &Shown,
    id: RequestId,
) -> Result<Zeroizing<String>, Error> {
    prove(app, app.site.step_up, frame, shown, id).await
}

async fn prove(
    app: &Arc<App>,
    operation: &str,
    frame: &Frame,
    shown: &Shown,
    id: RequestId,
) -> Result<Zeroizing<String>, Error> {
    let origin = Arc::clone(&frame.origin);
    let input = if shown.0.is_null() {
        json!({})
    } else {
        shown.0.clone()
    };
    let answer = app
        .run_instance(operation, &input, frame.credential(), origin, id)
        .await?;
    let token = answer["token"].as_str();
    token
        .map(|token| Zeroizing::new(token.to_owned()))
        .ok_or_else(|| Error::ours("a factor was shown and no token came"))
}

/// What the reader gets in place of what they asked for: a factor is asked where
/// that is all that is missing.
pub async fn refused(app: &Arc<App>, frame: &Frame, error: &Error, id: RequestId) -> Response {
    let here = own_address(&frame.here).to_owned();
    match error {
        Error::Refused(Refusal::SecondFactorDue) => {
            second_factor_asked(app, frame, &here, None, id).await
        }
        Error::Refused(Refusal::StepUpRequired) => factor_asked_here(app, frame, None, id).await,
        Error::Refused(Refusal::Demanded(demand, why)) => {
            demanded::ask(app, frame, (*demand, why), error, id).await
        }
        other => frame.problem(other, id),
    }
}

/// A factor for the page at hand.
pub async fn factor_asked_here(
    app: &Arc<App>,
    frame: &Frame,
    problem: Option<&Error>,
    id: RequestId,
) -> Response {
    let waiting = Waiting::for_page(own_address(&frame.here).to_owned());
    factor_asked(app, frame, &waiting, problem, id).await
}

/// Asks for a factor before a form that waits is sent once more.
pub async fn factor_asked(
    app: &Arc<App>,
    frame: &Frame,
    waiting: &Waiting,
    problem: Option<&Error>,
    id: RequestId,
) -> Response {
    let due = Error::Refused(Refusal::StepUpRequired);
    let why = "Show once more that it is you, and go on. Nothing that you typed is lost.";
    let asked = Asked {
        title: "Confirm that it is you",
        why,
        waiting,
        submit: "Confirm and go on",
        problem,
    };
    ask(app, frame, &asked, &due, id).await
}

async fn second_factor_asked(
    app: &Arc<App>,
    frame: &Frame,
    next: &str,
    problem: Option<&Error>,
    id: RequestId,
) -> Response {
    let due = Error::Refused(Refusal::SecondFactorDue);
    let waiting = Waiting {
        action: "/sign-in/second-factor".to_owned(),
        fields: vec![("next", next.to_owned())],
    };
    let asked = Asked {
        title: "Your second factor",
        why: "The password was right. Now show the second factor.",
        waiting: &waiting,
        submit: "Sign in",
        problem,
    };
    ask(app, frame, &asked, &due, id).await
}

/// A page that asks for a factor.
struct Asked<'a> {
    title: &'static str,
    why: &'static str,
    waiting: &'a Waiting,
    submit: &'static str,
    problem: Option<&'a Error>,
}

async fn ask(
    app: &Arc<App>,
    frame: &Frame,
    asked: &Asked<'_>,
    due: &Error,
    id: RequestId,
) -> Response {
    if let Some(error @ (Error::Ours(_) | Error::Refused(Refusal::Unauthenticated))) = asked.problem
    {
        return frame.problem(error, id);
    }
    let origin = Arc::clone(&frame.origin);
    let factors = app
        .run_instance(
            app.site.show_factors,
            &json!({}),
            frame.credential(),
            origin,
            id,
        )
        .await;
    match factors {
        Ok(factors) => {
            let error = asked.problem.unwrap_or(due);
            let page = frame.bare(asked.title, content(app, frame, asked, &factors));
            super::marked(frame::html(crate::answer::status(error), page), error, id)
        }
        Err(error) => frame.problem(&error, id),
    }
}

fn content(app: &App, frame: &Frame, asked: &Asked<'_>, factors: &Value) -> Html {
    let has = |name: &str| factors[name] == true;
    let typed = if has("password") {
        Some(Field::password("password", "Password"))
    } else if has("app") || has("recovery_code") {
        Some(code_field(has("app"), has("recovery_code")))
    } else {
        None
    };
    let faults: Vec<Fault> = asked
        .problem
        .map(|error| Fault::new("", words(error)))
        .into_iter()
        .collect();
    html! {
        (fault_summary(&faults))
        @if has("provider") {
            p { "Your account has no password. Sign in once more by the account that opens it, and come back to this page; what you typed stays behind." }
            (providers::buttons(&frame.leading_to(asked.waiting.page(frame))))
        } @else {
            p { (asked.why) }
        }
        @if let Some(field) = typed {
            (waiting_form(frame, asked.waiting, &html! {
                (field.required().focused())
                (button(asked.submit, Weight::Primary))
            }))
        }
        @if has("passkey") {
            @let weight = if has("app") || has("recovery_code") { Weight::Plain } else { Weight::Primary };
            (waiting_form(frame, asked.waiting, &html! {
                (passkey_button("Use a passkey", PasskeyDeed::Show, app.site.start_passkey_proof, weight))
            }))
            @if !has("app") && !has("recovery_code") {
                p.without-script { "A passkey needs JavaScript, and the account has no other second factor." }
            }
        }
        p.muted { "Not you, or nothing at hand to show?" }
        (daybook_ui::post_button("Sign out", "/sign-out", frame.csrf.as_deref().unwrap_or_default(), Weight::Quiet))
    }
}

fn code_field(app: bool, recovery_code: bool) -> Field {
    let hint = match (app, recovery_code) {
        (true, true) => "The six digits that your app shows, or a recovery code.",
        (true, false) => "The six digits that your app shows.",
        _ => "A recovery code.",
    };
    Field::text("code", "Code")
        .autocomplete("one-time-code")
        .hint(hint)
}

fn waiting_form(frame: &Frame, waiting: &Waiting, fields: &Html) -> Html {
    let sheet = Form {
        action: waiting.action.clone(),
        csrf: frame.csrf.clone().unwrap_or_default(),
        ..Form::default()
    };
    form(
        &sheet,
        html! {
            @for (name, value) in &waiting.fields { (hidden(name, value)) }
            (fields)
        },
    )
}

/// Where whoever owes the second factor is sent after their password.
pub async fn second_factor_form(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut frame, id) = begun(&app, &request);
    let next = next_of(request.uri().query().unwrap_or_default());
    match super::signed_in(&app, request.headers()).await {
        Ok(live) if !live.facts.owes_second_factor => frame::see(&next),
        Ok(_) => second_factor_asked(&app, &frame, &next, None, id).await,
        Err(error) => {
            frame.here = next;
            frame.problem(&error, id)
        }
    }
}

pub async fn second_factor(State(app): State<Arc<App>>, request: Request) -> Response {
    let (frame, id) = begun(&app, &request);
    let (next, shown) = match shown_in(&app, request).await {
        Ok(read) => read,
        Err(error) => return frame.problem(&error, id),
    };
    match prove(&app, app.site.prove_second_factor, &frame, &shown, id).await {
        Ok(token) => with_cookie(frame::see(&next), &cookies::set_session(&token)),
        Err(Error::Refused(Refusal::Conflict(_))) => frame::see(&next),
        Err(error) => second_factor_asked(&app, &frame, &next, Some(&error), id).await,
    }
}

/// A fresh factor for a page that asks for one, or that is about to.
pub async fn step_up_form(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut frame, id) = begun(&app, &request);
    let next = next_of(request.uri().query().unwrap_or_default());
    let waiting = Waiting::for_page(next.clone());
    match super::signed_in(&app, request.headers()).await {
        Ok(live) if live.facts.owes_second_factor => {
            second_factor_asked(&app, &frame, &next, None, id).await
        }
        Ok(_) => {
            let mut response = factor_asked(&app, &frame, &waiting, None, id).await;
            // It was asked for, and that is what it shows.
            *response.status_mut() = StatusCode::OK;
            response
        }
        Err(error) => {
            frame.here = next;
            frame.problem(&error, id)
        }
    }
}

pub async fn step_up_sent(State(app): State<Arc<App>>, request: Request) -> Response {
    let (frame, id) = begun(&app, &request);
    let (next, shown) = match shown_in(&app, request).await {
        Ok(read) => read,
        Err(error) => return frame.problem(&error, id),
    };
    let waiting = Waiting::for_page(next.clone());
    match step_up(&app, &frame, &shown, id).await {
        Ok(token) => with_cookie(
            download::go_on(&frame, &next),
            &cookies::set_session(&token),
        ),
        Err(error) => factor_asked(&app, &frame, &waiting, Some(&error), id).await,
    }
}

fn begun(app: &App, request: &Request) -> (Frame, RequestId) {
    let id = app
        .engine
        .new_request()
        .unwrap_or(RequestId::from_bytes([0; 16]));
    (Frame::of(app, request), id)
}

fn next_of(query: &str) -> String {
    let pairs = forms::pairs(query);
    let next = pairs.iter().find(|(name, _)| name == "next");
    own_address(next.map_or("", |(_, value)| value)).to_owned()
}

/// Where a form of this session goes on, and the factor that it shows.
async fn shown_in(app: &Arc<App>, request: Request) -> Result<(String, Shown), Error> {
    let headers = request.headers().clone();
    super::signed_in(app, &headers).await?;
    let too_large = |_| Error::fault("form", "The form is too large.");
    let bytes = axum::body::to_bytes(request.into_body(), BODY_MAX)
        .await
        .map_err(too_large)?;
    let pairs = forms::pairs(&String::from_utf8_lossy(&bytes));
    let value = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    if !cookies::is_own_form(&app.engine, &headers, value("csrf")) {
        let why = "This form is not from your present session. Open the page again.";
        return Err(Refusal::Forbidden(why.to_owned()).into());
    }
    let shown = Shown::among(&pairs).unwrap_or_default();
    Ok((own_address(value("next")).to_owned(), shown))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_factor_is_found_among_other_fields() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = [
            pair("csrf", "x"),
            pair("code", " 123456 "),
            pair("passkey", ""),
            pair("next", "/"),
        ];
        let shown = Shown::among(&pairs).unwrap();
        assert_eq!(shown.0, json!({"code": "123456"}));
        assert!(Shown::among(&pairs[..1]).is_none());
    }
}
