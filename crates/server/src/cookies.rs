//! The session's cookie.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use daybook_engine::Credential;
use daybook_kernel::Error;
use daybook_kernel::operation::Operation;
use serde_json::Value;
use zeroize::Zeroizing;

pub use crate::csrf::{form_token, is_own_form};

/// The browser takes it only over a trustworthy connection, for this host alone.
pub const SESSION: &str = "__Host-daybook";
/// A day longer than a session lives without use: the browser must not forget it
/// before the server does.
const SESSION_MAX_AGE_S: u32 = 8 * 24 * 60 * 60;

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
        "{SESSION}={token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={SESSION_MAX_AGE_S}"
    )
}

pub fn clear_session() -> String {
    format!("{SESSION}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// Who asks at the pages: the session or nobody.
pub fn page_credential(headers: &HeaderMap) -> Credential {
    session_token(headers).map_or(Credential::Nobody, Credential::Session)
}

/// The part of a session's token that names the session. It stays when the rest
/// changes, so that a form that is open outlives a change of token.
pub fn session_name(token: &str) -> &str {
    const HEX_DIGITS: usize = 32;
    token.get(..HEX_DIGITS).unwrap_or(token)
}

/// Takes the token of a new session out of an answer: it travels in the cookie
/// and in nothing else.
pub fn take_session(
    operation: &Operation,
    json: Vec<u8>,
) -> Result<(Vec<u8>, Option<Zeroizing<String>>), Error> {
    if !operation.opens_session {
        return Ok((json, None));
    }
    let json = Zeroizing::new(json);
    let mut answer: Value = serde_json::from_slice(&json).map_err(Error::ours)?;
    let taken = answer.as_object_mut().and_then(|it| it.remove("token"));
    let token = match taken {
        Some(Value::String(token)) => Some(Zeroizing::new(token)),
        _ => None,
    };
    Ok((serde_json::to_vec(&answer).map_err(Error::ours)?, token))
}
