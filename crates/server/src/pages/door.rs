//! The front door: signing in and out, and the choice of a workspace.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use daybook_kernel::{Error, Refusal, RequestId};
use daybook_ui::{
    Field, Form, PasskeyDeed, Tone, Weight, button, fault_summary, form, hidden, instant,
    passkey_button, status,
};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::frame::{self, Frame};
use super::{proof, providers};
use crate::api::{BODY_MAX, origin};
use crate::site::App;
use crate::{cookies, forms};

pub fn sign_in_page(frame: &Frame, problem: Option<&str>) -> String {
    frame.bare("Sign in", sign_in_forms(frame, problem))
}

/// The ways in, for any page that needs somebody signed in first.
pub fn sign_in_forms(frame: &Frame, problem: Option<&str>) -> daybook_ui::Html {
    let faults: Vec<daybook_ui::Fault> = problem
        .map(|text| daybook_ui::Fault::new("email", text))
        .into_iter()
        .collect();
    let fields = html! {
        (hidden("next", &frame.here))
        (fault_summary(&faults))
        (Field::email("email", "E-mail").autocomplete("username").required().focused())
        (Field::password("password", "Password").autocomplete("current-password").required())
        (button("Sign in", Weight::Primary))
    };
    let sheet = Form {
        action: "/sign-in".to_owned(),
        csrf: frame.csrf.clone().unwrap_or_default(),
        ..Form::default()
    };
    // It asks whatever devices are at hand, so that it says nothing of who has an account.
    let passkey = html! {
        (hidden("next", &frame.here))
        (passkey_button("Use a passkey", PasskeyDeed::Show, frame.site.start_passkey_sign_in, Weight::Plain))
    };
    html! {
        (form(&sheet, fields))
        (form(&sheet, passkey))
        (providers::buttons(frame))
        p { a href="/reset" { "Forgot your password?" } }
    }
}

pub async fn sign_in_form(State(app): State<Arc<App>>, request: Request) -> Response {
    let mut frame = Frame::of(&app, &request);
    "/".clone_into(&mut frame.here);
    frame::html(StatusCode::OK, sign_in_page(&frame, None))
}

pub async fn sign_in(State(app): State<Arc<App>>, request: Request) -> Response {
    let mut frame = Frame::of(&app, &request);
    let id = app
        .engine
        .new_request()
        .unwrap_or(RequestId::from_bytes([0; 16]));
    let headers = request.headers().clone();
    let origin = origin(&request);
    let Ok(bytes) = axum::body::to_bytes(request.into_body(), BODY_MAX).await else {
        return frame.problem(&Error::fault("form", "The form is too large."), id);
    };
    let pairs = forms::pairs(&String::from_utf8_lossy(&bytes));
    let value = |name: &str| {
        pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    };
    // Another site must not sign anybody in, as whom they do not know.
    if !cookies::is_own_form(&app.engine, &headers, &value("csrf")) {
        let why = "This form was not sent from the page that is open here. Open the page again.";
        return frame.problem(&Refusal::Forbidden(why.to_owned()).into(), id);
    }
    let next = value("next");
    next.clone_into(&mut frame.here);
    let (operation, input) = if value("passkey").is_empty() {
        let input = json!({"email": value("email"), "password": value("password")});
        (app.site.sign_in, input)
    } else {
        let input = json!({"challenge": value("challenge"), "passkey": value("passkey")});
        (app.site.sign_in_with_passkey, input)
    };
    // Whatever session the browser had ends with this one's beginning.
    let before = frame.credential();
    match app
        .run_instance(operation, &input, before, Arc::clone(&origin), id)
        .await
    {
        Ok(answer) => {
            let token = answer["token"].as_str().unwrap_or_default();
            super::welcome::welcome(&app, origin, &next, token, id).await
        }
        Err(error @ Error::Ours(_)) => frame.problem(&error, id),
        Err(error) => {
            let status = crate::answer::status(&error);
            let page = sign_in_page(&frame, Some(&words(&error)));
            super::marked(frame::html(status, page), &error, id)
        }
    }
}

pub fn words(error: &Error) -> String {
    match error {
        Error::Faults(faults) => faults
            .iter()
            .map(|fault| fault.message.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        other => other.to_string(),
    }
}

/// An address of our own that a browser may be sent to; anything else is the front page.
pub fn own_address(next: &str) -> &str {
    let is_own =
        next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    // The doors themselves, and forms, are nowhere to go on to.
    let is_place =
        !next.starts_with("/sign-") && !next.starts_with("/step-up") && !next.contains("/do/");
    if is_own && is_place { next } else { "/" }
}

pub fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

pub async fn sign_out(State(app): State<Arc<App>>, request: Request) -> Response {
    let frame = Frame::of(&app, &request);
    let id = app
        .engine
        .new_request()
        .unwrap_or(RequestId::from_bytes([0; 16]));
    let headers = request.headers().clone();
    let origin = origin(&request);
    let Ok(bytes) = axum::body::to_bytes(request.into_body(), BODY_MAX).await else {
        return frame.problem(&Error::fault("form", "The form is too large."), id);
    };
    let pairs = forms::pairs(&String::from_utf8_lossy(&bytes));
    let sent = pairs
        .iter()
        .find(|(name, _)| name == "csrf")
        .map(|(_, value)| value.as_str());
    if let Err(error) = super::signed_in(&app, &headers).await {
        return frame.problem(&error, id);
    }
    if !cookies::is_own_form(&app.engine, &headers, sent.unwrap_or_default()) {
        let why = "This form is not from your present session. Open the page again.";
        return frame.problem(&Refusal::Forbidden(why.to_owned()).into(), id);
    }
    let input = json!({});
    let credential = frame.credential();
    let out = app
        .run_instance(app.site.sign_out, &input, credential, origin, id)
        .await;
    match out {
        Ok(_) => with_cookie(frame::see("/sign-in"), &cookies::clear_session()),
        Err(error) => frame.problem(&error, id),
    }
}

/// The workspaces of whoever is signed in; straight in where there is one.
pub async fn front(State(app): State<Arc<App>>, request: Request) -> Response {
    let frame = Frame::of(&app, &request);
    let id = app
        .engine
        .new_request()
        .unwrap_or(RequestId::from_bytes([0; 16]));
    let query = request.uri().query().unwrap_or_default().to_owned();
    let switching = query.split('&').any(|it| it.starts_with("switch"));
    let origin = origin(&request);
    if !matches!(request.method().as_str(), "GET" | "HEAD") {
        let error = super::signed_in(&app, request.headers()).await.err();
        let error = error.unwrap_or_else(Error::not_found);
        return frame.problem(&error, id);
    }
    let list = app.site.list_workspaces;
    match app
        .run_instance(list, &json!({}), frame.credential(), origin, id)
        .await
    {
        Ok(answer) => {
            let none = Vec::new();
            let workspaces = answer["workspaces"].as_array().unwrap_or(&none);
            match workspaces.as_slice() {
                [only] if !switching && is_open(only) => {
                    let slug = only["slug"].as_str().unwrap_or_default();
                    // What is to be said of the sign-in is said on the page that it leads to.
                    let said = if query.is_empty() {
                        String::new()
                    } else {
                        format!("?{query}")
                    };
                    frame::see(&format!("/w/{slug}/{said}"))
                }
                several => frame::html(StatusCode::OK, choice(&app, &frame, several)),
            }
        }
        Err(error) => proof::refused(&app, &frame, &error, id).await,
    }
}

fn is_open(workspace: &Value) -> bool {
    !matches!(workspace["standing"].as_str(), Some("locked" | "deleted"))
}

/// Where a workspace is entered: one that is deleted has one page left.
fn way_in(workspace: &Value) -> &'static str {
    match workspace["standing"].as_str() {
        Some("deleted") => "team/deletion",
        _ => "",
    }
}

fn standing(workspace: &Value) -> Markup {
    match workspace["standing"].as_str() {
        Some("frozen") => status(Tone::Waiting, "Frozen"),
        Some("locked") => status(Tone::Wrong, "Locked"),
        Some("deleted") => html! {
            (status(Tone::Wrong, "Deleted"))
            @if let Some(gone_at) = workspace["gone_at"].as_str() {
                span.muted { "Gone on " (instant(gone_at)) }
            }
        },
        _ => html! {},
    }
}

fn choice(app: &App, frame: &Frame, workspaces: &[Value]) -> String {
    let create = Form {
        action: format!("/do/{}", app.site.create_workspace),
        csrf: frame.csrf.clone().unwrap_or_default(),
        ..Form::default()
    };
    let content = html! {
        @if workspaces.is_empty() {
            p { "You are a member of no workspace yet. Make one for your business, or ask an Admin to add you to theirs." }
        } @else {
            ul.workspaces {
                @for workspace in workspaces {
                    @let slug = workspace["slug"].as_str().unwrap_or_default();
                    @let colour = workspace["colour"].as_u64().unwrap_or_default() % 8;
                    li {
                        a.workspace href={ "/w/" (slug) "/" (way_in(workspace)) } {
                            span class={ "badge b" (colour) } aria-hidden="true" {
                                (workspace["name"].as_str().unwrap_or_default().chars().next().unwrap_or('·'))
                            }
                            span { (workspace["name"].as_str().unwrap_or_default()) }
                            (standing(workspace))
                        }
                    }
                }
            }
        }
        details {
            summary { "New workspace" }
            (form(&create, html! {
                (hidden("page", "/?switch"))
                (hidden("next", "/w/{slug}/"))
                (Field::text("name", "Name of the business").required())
                (button("Create it", Weight::Primary))
            }))
        }
    };
    frame.bare("Your workspaces", content)
}
