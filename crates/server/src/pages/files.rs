//! What needs no sign-in and holds nothing of anybody: the stylesheet and the
//! script, health, the API's description, the page of pieces.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::frame;
use crate::forms;
use crate::site::App;

/// A file's name holds the hash of its content, so it never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub async fn asset(Path(file): Path<String>) -> Response {
    let is = |href: &str| href.rsplit('/').next() == Some(file.as_str());
    let (media, content) = if is(daybook_ui::stylesheet_href()) {
        ("text/css; charset=utf-8", daybook_ui::stylesheet())
    } else if is(daybook_ui::script_href()) {
        ("text/javascript; charset=utf-8", daybook_ui::script())
    } else {
        return StatusCode::NOT_FOUND.into_response();
    };
    (
        [
            (header::CONTENT_TYPE, media),
            (header::CACHE_CONTROL, FOR_EVER),
        ],
        content,
    )
        .into_response()
}

pub async fn healthy() -> &'static str {
    "ok\n"
}

/// Ready when the instance's database answers.
pub async fn ready(State(app): State<Arc<App>>) -> Response {
    let answer = tokio::task::spawn_blocking(move || app.engine.workspaces().map(|_| ())).await;
    match answer {
        Ok(Ok(())) => "ready\n".into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response(),
    }
}

pub async fn bill_of_materials(State(app): State<Arc<App>>) -> Response {
    match (app.site.bill_of_materials)() {
        Ok(bill) => {
            let kind = "application/vnd.cyclonedx+json; version=1.6";
            ([(header::CONTENT_TYPE, kind)], bill).into_response()
        }
        Err(why) => {
            tracing::error!(why, "the bill of materials cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

pub async fn openapi(State(app): State<Arc<App>>) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        app.openapi.clone(),
    )
        .into_response()
}

/// Every piece of the pages, in the demo only.
pub async fn gallery(State(app): State<Arc<App>>, request: Request) -> Response {
    if !app.site.demo {
        return super::nowhere(State(app), request).await;
    }
    frame::html(StatusCode::OK, daybook_ui::gallery().into_string())
}

/// Light, dark, or as the system has it: a matter of this browser alone.
pub async fn theme(request: Request) -> Response {
    let headers = request.headers().clone();
    let Ok(bytes) = axum::body::to_bytes(request.into_body(), 1024).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let pairs = forms::pairs(&String::from_utf8_lossy(&bytes));
    let chosen = pairs.iter().find(|(name, _)| name == "theme");
    let theme = daybook_ui::Theme::parse(chosen.map_or("", |(_, value)| value)).as_str();
    let back = headers
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<axum::http::Uri>().ok())
        .and_then(|uri| uri.path_and_query().map(ToString::to_string))
        .unwrap_or_else(|| "/".to_owned());
    let cookie = format!("daybook-theme={theme}; Path=/; SameSite=Lax; Max-Age=31536000");
    let mut response = frame::see(&back);
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
