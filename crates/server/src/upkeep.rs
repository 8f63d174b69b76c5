//! What an answer does for a browser's session besides its content: a cookie
//! that is due is given anew, and a session whose person's rights have changed,
//! or who goes to another workspace, goes on under another token. Whoever asks
//! too often is told how often is right.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{COOKIE, RETRY_AFTER, SET_COOKIE};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use daybook_engine::limits::SPAN_SECONDS;
use daybook_kernel::Rate;
use zeroize::Zeroizing;

use crate::cookies::{self, SESSION};
use crate::site::App;

pub async fn keep(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let rate = rate_of(&app, request.uri().path());
    let Some(mut token) = cookies::session_token(request.headers()) else {
        let again = comes_from_elsewhere(&request).then(|| request.uri().clone());
        let response = next.run(request).await;
        return limits_told(&app, rate, come_again(response, again));
    };
    let rotated = if is_navigation(&request) {
        rotated(&app, token.clone(), workspace_of(request.uri().path())).await
    } else {
        None
    };
    let is_rotated = rotated.is_some();
    if let Some(new) = rotated {
        show(request.headers_mut(), &token, &new);
        token = new;
    }
    let mut response = next.run(request).await;
    let is_due = app.engine.cookie_is_due(&token) || is_rotated;
    // What the operation itself said of the cookie stands: a sign-out, say.
    let cookie = HeaderValue::from_str(&cookies::set_session(&token));
    if let Ok(value) = cookie
        && is_due
        && !sets_session(response.headers())
    {
        response.headers_mut().append(SET_COOKIE, value);
    }
    limits_told(&app, rate, response)
}

/// A link in a letter, say: the browser keeps its cookie back from what another
/// site begins.
fn comes_from_elsewhere(request: &Request) -> bool {
    let site = request.headers().get("sec-fetch-site");
    is_navigation(request) && site.is_some_and(|site| site == "cross-site")
}

/// Whoever comes from elsewhere may well be signed in: the page that asks for a
/// password opens itself once more, which is our own doing, and so the browser
/// shows its cookie.
fn come_again(mut response: Response, again: Option<Uri>) -> Response {
    let place = again.as_ref().and_then(Uri::path_and_query);
    let place = place
        .map(PathAndQuery::as_str)
        .filter(|it| !it.starts_with("//"));
    let place = place.filter(|_| response.status() == StatusCode::UNAUTHORIZED);
    if let Some(Ok(value)) = place.map(|it| HeaderValue::from_str(&format!("0; url={it}"))) {
        response.headers_mut().insert("refresh", value);
    }
    response
}

/// A person who opens a page. What a page's script asks for meanwhile goes on
/// with the token that the page was opened with.
fn is_navigation(request: &Request) -> bool {
    let mode = request.headers().get("sec-fetch-mode");
    request.method() == Method::GET && mode.is_some_and(|mode| mode == "navigate")
}

fn workspace_of(path: &str) -> Option<String> {
    let slug = path.strip_prefix("/w/")?.split('/').next()?;
    (!slug.is_empty()).then(|| slug.to_owned())
}

async fn rotated(
    app: &Arc<App>,
    token: Zeroizing<String>,
    workspace: Option<String>,
) -> Option<Zeroizing<String>> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    app.engine.rotated(token, workspace, move |result| {
        // Whoever asked may have gone.
        let _ = sender.send(result);
    });
    match receiver.await.ok()? {
        Ok(token) => token,
        // The page is drawn with the token that is there.
        Err(error) => {
            tracing::error!(error = ?error, "a session could not be given another token");
            None
        }
    }
}

/// Has the request go on as if the browser had the new token already.
fn show(headers: &mut HeaderMap, old: &str, new: &str) {
    let (old, new) = (format!("{SESSION}={old}"), format!("{SESSION}={new}"));
    let shown: Vec<HeaderValue> = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .filter_map(|value| HeaderValue::from_str(&value.replace(&old, &new)).ok())
        .collect();
    headers.remove(COOKIE);
    for value in shown {
        headers.append(COOKIE, value);
    }
}

fn sets_session(headers: &HeaderMap) -> bool {
    let begins = format!("{SESSION}=");
    let mut set = headers.get_all(SET_COOKIE).iter();
    set.any(|value| value.as_bytes().starts_with(begins.as_bytes()))
}

/// The limit that a request counts against, as far as its address tells.
fn rate_of(app: &App, path: &str) -> Rate {
    let name = match path {
        "/sign-in" => app.site.sign_in,
        _ => path.rsplit('/').next().unwrap_or_default(),
    };
    let operation = app.engine.registry().operation(name);
    operation.map_or(Rate::Standard, |operation| operation.spec.rate)
}

/// `RateLimit` and `RateLimit-Policy`, as the IETF's draft of them writes it.
fn limits_told(app: &App, rate: Rate, mut response: Response) -> Response {
    if response.status() != StatusCode::TOO_MANY_REQUESTS {
        return response;
    }
    let wait = response.headers().get(RETRY_AFTER);
    let wait = wait
        .and_then(|it| it.to_str().ok())
        .unwrap_or("1")
        .to_owned();
    let allowed = app.engine.allowances();
    let (name, quota, seconds) = match rate {
        Rate::Standard => ("everyday", allowed.requests_per_second, 1),
        Rate::Guess => ("guess", allowed.guesses_per_minute, 60),
        Rate::Heavy => ("heavy", allowed.heavy_per_minute, 60),
        Rate::Generation => (
            "generation",
            allowed.generations_per_five_minutes,
            SPAN_SECONDS,
        ),
    };
    for (header, text) in [
        (
            "ratelimit-policy",
            format!("\"{name}\";q={quota};w={seconds}"),
        ),
        ("ratelimit", format!("\"{name}\";r=0;t={wait}")),
    ] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(header, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_token_takes_the_place_of_the_old_among_other_cookies() {
        let mut headers = HeaderMap::new();
        let sent = HeaderValue::from_static("a=1; __Host-daybook=old; b=2");
        headers.append(COOKIE, sent);
        show(&mut headers, "old", "new");
        assert_eq!(cookies::cookie(&headers, SESSION), Some("new"));
        assert_eq!(cookies::cookie(&headers, "b"), Some("2"));
    }

    #[test]
    fn a_workspace_is_read_from_the_path_of_its_pages() {
        for (path, workspace) in [
            ("/w/acme", Some("acme")),
            ("/w/acme/books/entries", Some("acme")),
            ("/w/", None),
            ("/account/security", None),
        ] {
            assert_eq!(workspace_of(path).as_deref(), workspace, "{path}");
        }
    }
}
