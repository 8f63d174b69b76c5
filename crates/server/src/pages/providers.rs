//! The door by way of an identity provider: the browser is sent there, and taken
//! back. A form must not lead to another site (`form-action`), and a cookie of
//! `SameSite=Strict` stays behind when another site sends the browser; so on
//! both ways a page of ours stands between, which goes on by itself and works
//! without script.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use daybook_kernel::{Error, Refusal, RequestId};
use daybook_ui::{Form, Html, Weight, button, form, hidden};
use maud::html;
use serde_json::{Value, json};

use super::door::{own_address, with_cookie, words};
use super::frame::{self, Frame};
use super::proof;
use crate::api::{BODY_MAX, origin};
use crate::site::App;
use crate::{answer, cookies, forms};

/// Ties the way back to the browser that left. It must be sent along when the
/// provider sends the browser, so it is no `Strict` one.
const COOKIE: &str = "__Host-daybook-oidc";
const COOKIE_MAX_AGE_S: u32 = 10 * 60;

/// One button for each provider that is set up.
pub fn buttons(frame: &Frame) -> Html {
    html! {
        @for (id, name) in &frame.providers {
            (form(&sheet(frame, id), html! {
                (hidden("next", &frame.here))
                (button(&format!("Continue with {name}"), Weight::Plain))
            }))
        }
    }
}

/// The same for whoever makes an account by the invitation with this token.
pub fn registration_buttons(frame: &Frame, token: &str) -> Html {
    html! {
        @for (id, name) in &frame.providers {
            (form(&sheet(frame, id), html! {
                (hidden("deed", "register"))
                (hidden("token", token))
                (button(&format!("Make it with {name}"), Weight::Plain))
            }))
        }
    }
}

fn sheet(frame: &Frame, provider: &str) -> Form {
    Form {
        action: format!("/sign-in/with/{provider}"),
        csrf: frame.csrf.clone().unwrap_or_default(),
        ..Form::default()
    }
}

/// Sends the browser to the provider, to sign in, to link an account or to make one.
pub async fn leave(
    State(app): State<Arc<App>>,
    Path(provider): Path<String>,
    request: Request,
) -> Response {
    let (mut frame, id) = begun(&app, &request);
    let (headers, origin) = (request.headers().clone(), origin(&request));
    let Ok(bytes) = axum::body::to_bytes(request.into_body(), BODY_MAX).await else {
        return frame.problem(&Error::fault("form", "The form is too large."), id);
    };
    let pairs = forms::pairs(&String::from_utf8_lossy(&bytes));
    let value = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    if !cookies::is_own_form(&app.engine, &headers, value("csrf")) {
        let why = "This form was not sent from the page that is open here. Open the page again.";
        return frame.problem(&Refusal::Forbidden(why.to_owned()).into(), id);
    }
    let next = own_address(value("next")).to_owned();
    let (operation, input) = match value("deed") {
        "register" => (
            app.site.start_provider_account,
            json!({"provider": provider, "token": value("token")}),
        ),
        deed => (
            if deed == "link" {
                app.site.start_provider_link
            } else {
                app.site.start_provider
            },
            json!({"provider": provider, "next": next}),
        ),
    };
    next.clone_into(&mut frame.here);
    let begun = app
        .run_instance(operation, &input, frame.credential(), origin, id)
        .await;
    match begun {
        Ok(answer) => {
            let address = answer["address"].as_str().unwrap_or_default();
            let browser = answer["browser"].as_str().unwrap_or_default();
            let page = hop(
                &frame,
                "On to the provider",
                address,
                "Go on to the provider",
            );
            with_cookie(page, &kept(browser, COOKIE_MAX_AGE_S))
        }
        Err(error @ Error::Refused(Refusal::StepUpRequired | Refusal::SecondFactorDue)) => {
            proof::refused(&app, &frame, &error, id).await
        }
        Err(error) => stopped(&frame, &error, id),
    }
}

/// Takes the browser back, with what the provider says of whoever is before it.
pub async fn back(
    State(app): State<Arc<App>>,
    Path(provider): Path<String>,
    request: Request,
) -> Response {
    let (frame, id) = begun(&app, &request);
    let origin = origin(&request);
    let browser = cookies::cookie(request.headers(), COOKIE).unwrap_or_default();
    let pairs = forms::pairs(request.uri().query().unwrap_or_default());
    let value = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let input = json!({
        "provider": provider,
        "state": value("state"),
        "code": value("code"),
        "iss": value("iss"),
        "error": value("error"),
        "browser": browser,
    });
    let finish = app.site.finish_provider;
    let finished = app
        .run_instance(finish, &input, frame.credential(), Arc::clone(&origin), id)
        .await;
    let response = match finished {
        Ok(answer) => welcome(&app, &frame, origin, &answer, id).await,
        Err(error) => stopped(&frame, &error, id),
    };
    with_cookie(response, &kept("", 0))
}

async fn welcome(
    app: &Arc<App>,
    frame: &Frame,
    origin: Arc<daybook_kernel::Origin>,
    answer: &Value,
    id: RequestId,
) -> Response {
    let next = answer["next"].as_str().unwrap_or_default();
    let token = answer["token"].as_str().unwrap_or_default();
    if answer["linked"] == true {
        let page = hop(frame, "Linked", own_address(next), "Go on");
        return with_cookie(page, &cookies::set_session(token));
    }
    let sent = super::welcome::welcome(app, origin, next, token, id).await;
    let place = sent.headers().get(header::LOCATION);
    let place = place.and_then(|it| it.to_str().ok()).unwrap_or("/");
    let page = hop(frame, "Signed in", place, "Go on");
    with_cookie(page, &cookies::set_session(token))
}

/// A page that goes on by itself.
fn hop(frame: &Frame, title: &str, address: &str, words: &str) -> Response {
    let content = html! { p { a href=(address) { (words) } } };
    let mut response = frame::html(StatusCode::OK, frame.bare(title, content));
    if let Ok(value) = HeaderValue::from_str(&format!("0; url={address}")) {
        response.headers_mut().insert(header::REFRESH, value);
    }
    response
}

fn stopped(frame: &Frame, error: &Error, id: RequestId) -> Response {
    if matches!(error, Error::Ours(_)) {
        return frame.problem(error, id);
    }
    let content = html! {
        p { (words(error)) }
        p { a href="/sign-in" { "Sign in another way" } }
    };
    let page = frame.bare("That did not work", content);
    super::marked(frame::html(answer::status(error), page), error, id)
}

fn kept(browser: &str, max_age_s: u32) -> String {
    format!("{COOKIE}={browser}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={max_age_s}")
}

fn begun(app: &App, request: &Request) -> (Frame, RequestId) {
    let id = app
        .engine
        .new_request()
        .unwrap_or(RequestId::from_bytes([0; 16]));
    (Frame::of(app, request), id)
}
