//! What the link of an invitation opens, and what such pages share. Programs
//! that look into mail follow links too, so looking at one changes nothing: a
//! button does, which a form sends.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use daybook_engine::{Call, Credential};
use daybook_kernel::operation::Wanted;
use daybook_kernel::{Error, Refusal, RequestId};
use daybook_ui::{
    Fault, Field, Form, Html, Weight, button, button_link, fault_summary, form, instant,
    post_button,
};
use maud::html;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::door::{self, with_cookie, words};
use super::frame::{self, Frame};
use super::{proof, providers};
use crate::api::BODY_MAX;
use crate::site::App;
use crate::{answer, cookies, forms};

/// A form that was sent from one of these pages.
pub(super) struct Sent {
    pub frame: Frame,
    pub id: RequestId,
    pairs: Vec<(String, String)>,
}

impl Sent {
    /// Another site's form is refused, as is one that is too large.
    pub async fn read(app: &Arc<App>, request: Request) -> Result<Self, Response> {
        let (frame, id) = begun(app, &request);
        let headers: HeaderMap = request.headers().clone();
        let Ok(bytes) = axum::body::to_bytes(request.into_body(), BODY_MAX).await else {
            return Err(frame.problem(&Error::fault("form", "The form is too large."), id));
        };
        let pairs = forms::pairs(&String::from_utf8_lossy(&bytes));
        let sent = Self { frame, id, pairs };
        if cookies::is_own_form(&app.engine, &headers, sent.value("csrf")) {
            return Ok(sent);
        }
        let why = "This form was not sent from the page that is open here. Open the page again.";
        let foreign = Refusal::Forbidden(why.to_owned()).into();
        Err(sent.frame.problem(&foreign, id))
    }

    pub fn value(&self, name: &str) -> &str {
        let found = self.pairs.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    pub async fn run(
        &self,
        app: &Arc<App>,
        operation: &str,
        input: &Value,
    ) -> Result<Value, Error> {
        let origin = Arc::clone(&self.frame.origin);
        app.run_instance(operation, input, Credential::Nobody, origin, self.id)
            .await
    }
}

/// What an invitation's page needs to know.
struct Invitation {
    token: String,
    shown: Value,
}

impl Invitation {
    async fn find(
        app: &Arc<App>,
        frame: &Frame,
        token: String,
        id: RequestId,
    ) -> Result<Self, Error> {
        let origin = Arc::clone(&frame.origin);
        let input = json!({"token": token});
        let shown = app
            .run_instance(
                app.site.show_invitation,
                &input,
                Credential::Nobody,
                origin,
                id,
            )
            .await?;
        Ok(Self { token, shown })
    }

    fn text(&self, name: &str) -> &str {
        self.shown[name].as_str().unwrap_or_default()
    }

    fn address(&self) -> String {
        format!("/invitation/{}", self.token)
    }

    fn intro(&self) -> Html {
        html! {
            p {
                (self.text("inviter")) " invites " strong { (self.text("email")) }
                " to the books of " strong { (self.text("workspace_name")) }
                " as " (self.text("role")) "."
            }
            p.muted { "The invitation is good until " (instant(self.text("expires_at"))) "." }
        }
    }
}

pub async fn invitation(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let (frame, id) = begun(&app, &request);
    let invitation = match Invitation::find(&app, &frame, token, id).await {
        Ok(invitation) => invitation,
        Err(error) => return over(&frame, &error, id),
    };
    let live = super::signed_in(&app, request.headers()).await.ok();
    if live
        .as_ref()
        .is_some_and(|live| live.facts.owes_second_factor)
    {
        return proof::refused(&app, &frame, &Refusal::SecondFactorDue.into(), id).await;
    }
    let email = live.map(|live| live.who.email);
    let content = content(&app, &frame, &invitation, email.as_deref(), None);
    frame::html(StatusCode::OK, frame.bare("Invitation", content))
}

/// Joins: with the session at hand, or with the account that is made first.
pub async fn invitation_sent(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let live = super::signed_in(&app, request.headers()).await.ok();
    let sent = match Sent::read(&app, request).await {
        Ok(sent) => sent,
        Err(response) => return response,
    };
    let invitation = match Invitation::find(&app, &sent.frame, token, sent.id).await {
        Ok(invitation) => invitation,
        Err(error) => return over(&sent.frame, &error, sent.id),
    };
    let signed_in = live.map(|live| live.who.email);
    let (credential, cookie) = if signed_in.is_some() {
        (sent.frame.credential(), None)
    } else {
        match register(&app, &sent, &invitation).await {
            Ok(token) => {
                let cookie = cookies::set_session(&token);
                (Credential::Session(token), Some(cookie))
            }
            Err(error) => return again(&app, &sent, &invitation, None, &error),
        }
    };
    let response = match accept(&app, &sent, &invitation, credential).await {
        Ok(()) => frame::see(&format!("/w/{}/", invitation.text("workspace"))),
        Err(error) => {
            let email = signed_in.as_deref().unwrap_or(invitation.text("email"));
            again(&app, &sent, &invitation, Some(email), &error)
        }
    };
    match cookie {
        Some(cookie) => with_cookie(response, &cookie),
        None => response,
    }
}

/// Makes the account; answers with the token of its first session.
async fn register(
    app: &Arc<App>,
    sent: &Sent,
    invitation: &Invitation,
) -> Result<Zeroizing<String>, Error> {
    let mut input = json!({"token": invitation.token, "password": sent.value("password")});
    if !sent.value("name").trim().is_empty() {
        input["name"] = json!(sent.value("name"));
    }
    let answer = sent.run(app, app.site.register, &input).await?;
    let token = answer["token"].as_str();
    token
        .map(|token| Zeroizing::new(token.to_owned()))
        .ok_or_else(|| Error::ours("an account was made and no token came"))
}

async fn accept(
    app: &Arc<App>,
    sent: &Sent,
    invitation: &Invitation,
    credential: Credential,
) -> Result<(), Error> {
    let call = Call {
        workspace: Some(invitation.text("workspace").to_owned()),
        operation: app.operation(app.site.accept_invitation)?,
        input: b"{}".to_vec(),
        credential,
        origin: Arc::clone(&sent.frame.origin),
        request: app.engine.new_request()?,
    };
    app.run(call, Wanted::Json).await.map(|_| ())
}

/// The page once more, with what went wrong.
fn again(
    app: &App,
    sent: &Sent,
    invitation: &Invitation,
    email: Option<&str>,
    error: &Error,
) -> Response {
    if matches!(error, Error::Ours(_)) {
        return sent.frame.problem(error, sent.id);
    }
    let content = content(app, &sent.frame, invitation, email, Some(error));
    let page = sent.frame.bare("Invitation", content);
    super::marked(frame::html(answer::status(error), page), error, sent.id)
}

/// What the reader can do: join, sign in first, make an account, or sign out.
fn content(
    app: &App,
    frame: &Frame,
    invitation: &Invitation,
    signed_in: Option<&str>,
    problem: Option<&Error>,
) -> Html {
    let key = |email: &str| app.engine.address_key(email);
    html! {
        (invitation.intro())
        @match signed_in {
            Some(email) if key(email) == key(invitation.text("email")) => {
                (join(frame, invitation, problem))
            }
            Some(email) => {
                p { "You are signed in as " strong { (email) } ". Sign out, and open the link again." }
                (post_button("Sign out", "/sign-out", frame.csrf.as_deref().unwrap_or_default(), Weight::Primary))
            }
            None if invitation.shown["has_account"] == true => {
                p { "There is an account with this address. Sign in to join." }
                (door::sign_in_forms(&frame.leading_to(&invitation.address()), problem.map(words).as_deref()))
            }
            None => (new_account(frame, invitation, problem)),
        }
    }
}

fn join(frame: &Frame, invitation: &Invitation, problem: Option<&Error>) -> Html {
    sheet(
        frame,
        &invitation.address(),
        &html! {
            (fault_summary(&faults(problem)))
            (button("Join", Weight::Primary))
        },
    )
}

fn new_account(frame: &Frame, invitation: &Invitation, problem: Option<&Error>) -> Html {
    let faults = faults(problem);
    let name = Field::text("name", "Name")
        .autocomplete("name")
        .length_max(100)
        .hint("What others shall call you. Leave it empty if you like.");
    let fields = html! {
        (fault_summary(&faults))
        p { "You need an account. Nothing is asked but a password." }
        // Unseen: by it the browser knows whose password it keeps.
        input.unseen id="username" type="text" value=(invitation.text("email")) autocomplete="username"
            aria-hidden="true" tabindex="-1" readonly;
        (name)
        (new_password("password", "Password", &faults))
        (button("Make the account and join", Weight::Primary))
    };
    html! {
        (sheet(frame, &invitation.address(), &fields))
        @if !frame.providers.is_empty() {
            p { "Or without a password, by an account elsewhere that has this address:" }
            (providers::registration_buttons(frame, &invitation.token))
        }
    }
}

pub(super) fn new_password(name: &str, label: &str, faults: &[Fault]) -> Field {
    Field::password(name, label)
        .autocomplete("new-password")
        .hint("A few words that you alone would put together are good: 15 characters, or 12 beside a second factor.")
        .length_max(128)
        .required()
        .fault_of(faults)
}

pub(super) fn sheet(frame: &Frame, action: &str, fields: &Html) -> Html {
    let sheet = Form {
        action: action.to_owned(),
        csrf: frame.csrf.clone().unwrap_or_default(),
        ..Form::default()
    };
    form(&sheet, html! { (fields) })
}

pub(super) fn faults(problem: Option<&Error>) -> Vec<Fault> {
    match problem {
        None => Vec::new(),
        Some(Error::Faults(faults)) => faults
            .iter()
            .map(|fault| Fault::new(fault.field.clone(), fault.message.clone()))
            .collect(),
        Some(other) => vec![Fault::new("", words(other))],
    }
}

/// A link that opens nothing: used, withdrawn, too old, or never made.
fn over(frame: &Frame, error: &Error, id: RequestId) -> Response {
    if matches!(
        error,
        Error::Ours(_) | Error::Refused(Refusal::TooMany { .. })
    ) {
        return frame.problem(error, id);
    }
    let content = html! {
        p { "This invitation is not good any more: it was used, withdrawn or is too old. Ask whoever invited you for a new one." }
        p { (button_link("Go to your workspaces", "/", Weight::Plain)) }
    };
    let page = frame.bare("This invitation is over", content);
    super::marked(frame::html(answer::status(error), page), error, id)
}

pub(super) fn begun(app: &App, request: &Request) -> (Frame, RequestId) {
    let id = app
        .engine
        .new_request()
        .unwrap_or(RequestId::from_bytes([0; 16]));
    (Frame::of(app, request), id)
}
