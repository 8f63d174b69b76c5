//! The session's cookie and the token that binds a form to it.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HOST, ORIGIN};
use daybook_engine::{Credential, Engine};
use daybook_kernel::id::hex;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The browser takes it only over a trustworthy connection, for this host alone.
const SESSION: &str = "__Host-daybook";
const SESSION_MAX_AGE_S: u32 = 30 * 24 * 60 * 60;

pub fn session_token(headers: &HeaderMap) -> Option<Zeroizing<String>> {
    cookie(headers, SESSION).map(|token| Zeroizing::new(token.to_owned()))
}

pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}

pub fn set_session(token: &str) -> String {
    format!(
        "{SESSION}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={SESSION_MAX_AGE_S}"
    )
}

pub fn clear_session() -> String {
    format!("{SESSION}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// Who asks at the pages: the session or nobody.
pub fn page_credential(headers: &HeaderMap) -> Credential {
    session_token(headers).map_or(Credential::Nobody, Credential::Session)
}

/// The token that every form of this session carries.
pub fn form_token(engine: &Engine, session: &str) -> String {
    hex(&engine.instance_hash("forms.csrf", session.as_bytes()))
}

/// Whether a form was sent from one of our own pages of this session.
pub fn is_own_form(engine: &Engine, headers: &HeaderMap, sent: &str) -> bool {
    let Some(session) = session_token(headers) else {
        return false;
    };
    let expected = form_token(engine, &session);
    bool::from(expected.as_bytes().ct_eq(sent.as_bytes())) && is_same_origin(headers)
}

/// Whether the browser says that the request comes from this very site. A
/// request that says nothing of its origin is not a browser's form.
pub fn is_same_origin(headers: &HeaderMap) -> bool {
    let site = headers
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok());
    if site.is_some_and(|site| site != "same-origin") {
        return false;
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(ORIGIN), text(HOST)) {
        (Some(origin), Some(host)) => origin
            .split_once("://")
            .is_some_and(|(_, authority)| authority == host),
        (None, _) => site.is_some(),
        (Some(_), None) => false,
    }
}
