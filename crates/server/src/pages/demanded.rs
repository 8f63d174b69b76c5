//! What a workspace's own policy asks of somebody whom it bars, with the way to
//! it: nobody is left before a closed door that they could open.

use std::sync::Arc;

use axum::response::Response;
use daybook_kernel::{Demand, Error, RequestId};
use daybook_ui::{Html, Weight, button_link, post_button};
use maud::html;
use serde_json::json;

use super::frame::{self, Frame};
use super::proof;
use crate::answer;
use crate::site::App;

pub async fn ask(
    app: &Arc<App>,
    frame: &Frame,
    (demand, why): (Demand, &str),
    error: &Error,
    id: RequestId,
) -> Response {
    match demand {
        Demand::Proof => proof::factor_asked_here(app, frame, Some(error), id).await,
        Demand::SecondFactor => {
            if has_one(app, frame, id).await {
                // It is there, and this session has not shown it.
                return proof::factor_asked_here(app, frame, None, id).await;
            }
            let page = page(frame, why, &first_factor());
            closed(frame, "Add a second factor first", page, error, id)
        }
        Demand::Device => {
            let page = page(frame, why, &this_browser(&frame.here));
            closed(frame, "This browser is not known here", page, error, id)
        }
    }
}

async fn has_one(app: &Arc<App>, frame: &Frame, id: RequestId) -> bool {
    let origin = Arc::clone(&frame.origin);
    let nothing = json!({});
    let asked = app.run_instance(
        app.site.show_factors,
        &nothing,
        frame.credential(),
        origin,
        id,
    );
    let has = |factors: &serde_json::Value| factors["app"] == true || factors["passkey"] == true;
    asked.await.is_ok_and(|factors| has(&factors))
}

fn first_factor() -> Html {
    html! {
        p { "A passkey or an authenticator app will do, and takes a minute to set up. Then come back here." }
        div.buttons {
            (button_link("Add a second factor", "/account/security", Weight::Primary))
            (button_link("Your workspaces", "/?switch", Weight::Plain))
        }
    }
}

fn this_browser(here: &str) -> Html {
    // `/w/acme` of `/w/acme/books/accounts`.
    let workspace: Vec<&str> = here.split('/').take(3).collect();
    let devices = format!("{}/team/devices", workspace.join("/"));
    html! {
        p { "Bring it along once, and an Owner or Admin lets it in." }
        div.buttons {
            (button_link("Bring this browser along", &devices, Weight::Primary))
            (button_link("Your workspaces", "/?switch", Weight::Plain))
        }
    }
}

fn page(frame: &Frame, why: &str, way: &Html) -> Html {
    html! {
        p { (why) }
        (way)
        (post_button("Sign out", "/sign-out", frame.csrf.as_deref().unwrap_or_default(), Weight::Quiet))
    }
}

fn closed(frame: &Frame, title: &str, page: Html, error: &Error, id: RequestId) -> Response {
    let html = frame::html(answer::status(error), frame.bare(title, page));
    super::marked(html, error, id)
}
