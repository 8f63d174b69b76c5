//! That a form or a script's request comes from one of our own pages: the same
//! token in a cookie and in what is sent, bound to the session by a keyed hash,
//! and the browser's word for the origin. Before there is a session the token is
//! bound to none, and signing in takes another.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use daybook_engine::Engine;
use daybook_kernel::id::hex;
use subtle::ConstantTimeEq as _;

use crate::cookies::{SESSION, cookie, session_name, session_token};
use crate::hosts::host;
use crate::site::App;

const COOKIE: &str = "__Host-daybook-csrf";
/// The secret by which a workspace may know a browser again.
const DEVICE: &str = "__Host-daybook-device";
/// The longest that browsers keep a cookie.
const DEVICE_MAX_AGE_S: u32 = 400 * 24 * 60 * 60;
/// 256 bits as hex; whatever else a client makes up is no device.
const DEVICE_CHARACTERS: usize = 64;
/// The header in which a script sends the token; a form has a field `csrf`.
pub const HEADER: &str = "x-daybook-csrf";

/// The token that the page of this request carries in its forms.
#[derive(Clone)]
pub struct FormToken(pub String);

/// The device that a request comes from, as a keyed hash.
#[derive(Clone, Copy)]
struct Device([u8; 32]);

/// The device of a request that came through `keep`.
pub fn device(request: &Request) -> Option<[u8; 32]> {
    request.extensions().get::<Device>().map(|device| device.0)
}

fn shown_device(engine: &Engine, headers: &HeaderMap) -> Option<Device> {
    let secret = cookie(headers, DEVICE).filter(|it| it.len() == DEVICE_CHARACTERS)?;
    Some(Device(
        engine.instance_hash("devices.shown", secret.as_bytes()),
    ))
}

/// A new secret for a browser of somebody who is signed in: visitors get none.
fn new_device(engine: &Engine) -> Option<String> {
    let random = engine.new_request().ok()?;
    let secret = hex(&engine.instance_hash("devices.secret", random.to_string().as_bytes()));
    Some(format!(
        "{DEVICE}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={DEVICE_MAX_AGE_S}"
    ))
}

/// The token of this session's forms: one a session, so that two tabs do not
/// take it from each other. It ends with the session, as does what is random in
/// it; where there is no session, it is new.
pub fn form_token(engine: &Engine, session: &str) -> String {
    let session = session_name(session);
    if session.is_empty() {
        // Without randomness nothing is answered anyway; such a token opens nothing.
        let random = engine.new_request().map(|id| id.to_string());
        return bound(engine, session, &random.unwrap_or_default());
    }
    let random = engine.instance_hash("forms.csrf.random", session.as_bytes());
    bound(engine, session, &hex(&random))
}

fn bound(engine: &Engine, session: &str, random: &str) -> String {
    let hash = engine.instance_hash("forms.csrf", format!("{session}\n{random}").as_bytes());
    format!("{random}.{}", hex(&hash))
}

/// Whether this token was made for this session.
fn is_bound(engine: &Engine, session: &str, token: &str) -> bool {
    let session = session_name(session);
    let random = token.split_once('.').map_or("", |(random, _)| random);
    !random.is_empty() && same(&bound(engine, session, random), token)
}

fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Whether a form was sent from one of our own pages of this session or, before
/// signing in, of this browser.
pub fn is_own_form(engine: &Engine, headers: &HeaderMap, sent: &str) -> bool {
    let session = session_token(headers).unwrap_or_default();
    let kept = cookie(headers, COOKIE).unwrap_or_default();
    same(kept, sent) && is_bound(engine, &session, sent) && is_same_origin(headers)
}

/// Whether the browser says that the request comes from this very site. A
/// request that says nothing of its origin is not a browser's form. `Host` has
/// been held against the configured names before.
pub fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin") {
        return false;
    }
    match (text(ORIGIN.as_str()), host(headers)) {
        (Some(origin), Some(host)) => origin.strip_prefix("https://") == Some(host),
        (None, _) => site.is_some(),
        (Some(_), None) => false,
    }
}

/// Whether a browser says that another site sent this.
pub fn is_foreign(headers: &HeaderMap) -> bool {
    let speaks = headers.contains_key(ORIGIN) || headers.contains_key("sec-fetch-site");
    speaks && !is_same_origin(headers)
}

/// Sees to it that every page's forms have a token, and its browser the cookie.
pub async fn keep(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let session = session_token(headers).unwrap_or_default();
    let kept = cookie(headers, COOKIE).filter(|token| is_bound(&app.engine, &session, token));
    let is_new = kept.is_none();
    let token = match kept {
        Some(token) => token.to_owned(),
        None => form_token(&app.engine, &session),
    };
    let device = shown_device(&app.engine, headers);
    request.extensions_mut().insert(FormToken(token.clone()));
    if let Some(device) = device {
        request.extensions_mut().insert(device);
    }
    let mut response = next.run(request).await;
    if device.is_none() && !session.is_empty() && is_page(&response) {
        set(&mut response, new_device(&app.engine));
    }
    let begun = begun_session(response.headers()).map(|session| form_token(&app.engine, session));
    let wanted = begun.or_else(|| (is_new && is_page(&response)).then_some(token));
    if let Some(token) = wanted {
        let text = format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax");
        set(&mut response, Some(text));
    }
    response
}

fn set(response: &mut Response, cookie: Option<String>) {
    if let Some(Ok(value)) = cookie.map(|it| HeaderValue::from_str(&it)) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// The session that this answer gives to the browser.
fn begun_session(headers: &HeaderMap) -> Option<&str> {
    let set = headers.get_all(SET_COOKIE).iter();
    let values = set.filter_map(|value| value.to_str().ok()?.split(';').next());
    let mut pairs = values.filter_map(|pair| pair.split_once('='));
    let found = pairs.find(|(name, value)| *name == SESSION && !value.is_empty());
    found.map(|(_, session)| session)
}

fn is_page(response: &Response) -> bool {
    let media = response.headers().get(CONTENT_TYPE);
    media.is_some_and(|media| media.as_bytes().starts_with(b"text/html"))
}
