//! A forgotten password: asking for a link, and choosing a new one by it.
//! Looking at a link changes nothing; the button does, which sends a form.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use daybook_kernel::Error;
use daybook_ui::{Field, Weight, address, button, button_link, fault_summary};
use maud::html;
use serde_json::json;

use super::door::with_cookie;
use super::frame::{self, Frame};
use super::links::{Sent, begun, faults, new_password, sheet};
use crate::site::App;
use crate::{answer, cookies};

pub async fn reset(State(app): State<Arc<App>>, request: Request) -> Response {
    let (frame, _) = begun(&app, &request);
    frame::html(StatusCode::OK, reset_page(&frame, None))
}

fn reset_page(frame: &Frame, problem: Option<&Error>) -> String {
    let fields = html! {
        (fault_summary(&faults(problem)))
        p { "Write the address of your account. If there is one, you get a message with a link to choose a new password." }
        (Field::email("email", "E-mail").autocomplete("username").required().focused())
        (button("Send the link", Weight::Primary))
    };
    frame.bare("A new password", sheet(frame, "/reset", &fields))
}

pub async fn reset_sent(State(app): State<Arc<App>>, request: Request) -> Response {
    let sent = match Sent::read(&app, request).await {
        Ok(sent) => sent,
        Err(response) => return response,
    };
    let input = json!({"email": sent.value("email")});
    match sent.run(&app, app.site.request_reset, &input).await {
        Ok(answer) => {
            let content = html! {
                p { (answer["next"].as_str().unwrap_or_default()) }
                p { (button_link("Back to sign-in", "/sign-in", Weight::Plain)) }
            };
            frame::html(
                StatusCode::OK,
                sent.frame.bare("Look into your mail", content),
            )
        }
        Err(error @ Error::Ours(_)) => sent.frame.problem(&error, sent.id),
        Err(error) => {
            let page = reset_page(&sent.frame, Some(&error));
            super::marked(frame::html(answer::status(&error), page), &error, sent.id)
        }
    }
}

pub async fn reset_link(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let (frame, _) = begun(&app, &request);
    frame::html(StatusCode::OK, reset_link_page(&frame, &token, None))
}

fn reset_link_page(frame: &Frame, token: &str, problem: Option<&Error>) -> String {
    let faults = faults(problem);
    let fields = html! {
        (fault_summary(&faults))
        p { "Choose a new password. You are signed out everywhere, and sign in with it." }
        (new_password("new_password", "New password", &faults).focused())
        (button("Change the password", Weight::Primary))
    };
    let address = format!("/reset/{}", address::encoded(token));
    frame.bare("A new password", sheet(frame, &address, &fields))
}

pub async fn reset_link_sent(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let sent = match Sent::read(&app, request).await {
        Ok(sent) => sent,
        Err(response) => return response,
    };
    let input = json!({"token": token, "new_password": sent.value("new_password")});
    match sent.run(&app, app.site.reset_password, &input).await {
        Ok(_) => {
            let content = html! {
                p { "Your password is changed, and you are signed out everywhere." }
                p { (button_link("Sign in", "/sign-in", Weight::Primary)) }
            };
            let page = sent.frame.bare("Your password is changed", content);
            with_cookie(frame::html(StatusCode::OK, page), &cookies::clear_session())
        }
        Err(error @ Error::Ours(_)) => sent.frame.problem(&error, sent.id),
        Err(error) => {
            let page = reset_link_page(&sent.frame, &token, Some(&error));
            super::marked(frame::html(answer::status(&error), page), &error, sent.id)
        }
    }
}
