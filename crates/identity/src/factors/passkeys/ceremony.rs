//! WebAuthn's two ceremonies, as the library does them: what a browser is asked,
//! and whether its answer is right. The site's origin is configured and never
//! taken from a request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use daybook_kernel::{Error, PersonId, Read};
use serde_json::Value;
use webauthn_rs::prelude::{
    AuthenticationResult, CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder,
    WebauthnError,
};

const SITE_NAME: &str = "Daybook";

/// How an answer ended.
pub(super) enum Answered {
    Right(AuthenticationResult),
    /// Signed by the key, with a counter that did not go up.
    CountFell,
    Wrong,
}

/// The site that passkeys are made for: its one origin, exactly.
pub(super) fn site(tx: &Read<'_>) -> Result<Webauthn, Error> {
    let origin = Url::parse(tx.site()).map_err(Error::ours)?;
    let host = origin.domain().ok_or_else(|| {
        Error::conflict(
            "Passkeys need this instance to have a name: set `origin` in daybook.toml, such as https://books.example.com.",
        )
    })?;
    WebauthnBuilder::new(host, &origin)
        .map_err(Error::ours)?
        .rp_name(SITE_NAME)
        .build()
        .map_err(Error::ours)
}

/// What a browser is asked so as to make a passkey that it finds by itself.
pub(super) fn registration(
    site: &Webauthn,
    person: PersonId,
    email: &str,
    kept: Vec<CredentialID>,
) -> Result<(Value, PasskeyRegistration), Error> {
    let user = Uuid::from_bytes(*person.as_bytes());
    let (mut asked, state) = site
        .start_passkey_registration(user, email, email, Some(kept))
        .map_err(Error::ours)?;
    if let Some(selection) = &mut asked.public_key.authenticator_selection {
        selection.resident_key = serde_json::from_value(Value::from("required")).ok();
        selection.require_resident_key = true;
    }
    let options = serde_json::to_value(&asked.public_key).map_err(Error::ours)?;
    Ok((options, state))
}

/// The new passkey, if the browser's answer is right.
pub(super) fn registered(
    site: &Webauthn,
    answer: &[u8],
    state: &PasskeyRegistration,
) -> Option<Passkey> {
    let answer: RegisterPublicKeyCredential = serde_json::from_slice(answer).ok()?;
    site.finish_passkey_registration(&answer, state).ok()
}

/// What a browser is asked so as to show a passkey: any that it has of this
/// site, or one of these.
pub(super) fn authentication(
    site: &Webauthn,
    of: &[CredentialID],
) -> Result<(Value, DiscoverableAuthentication), Error> {
    let (asked, state) = site
        .start_discoverable_authentication()
        .map_err(Error::ours)?;
    let mut options = serde_json::to_value(&asked.public_key).map_err(Error::ours)?;
    let allowed: Vec<Value> = of
        .iter()
        .map(|id| serde_json::json!({"type": "public-key", "id": URL_SAFE_NO_PAD.encode(id)}))
        .collect();
    if let Some(options) = options.as_object_mut() {
        // An empty list would be one that nothing is on, for some.
        options.remove("allowCredentials");
        if !allowed.is_empty() {
            options.insert("allowCredentials".to_owned(), Value::Array(allowed));
        }
    }
    Ok((options, state))
}

/// The answer that a browser gave, and the id of the credential it names.
pub(super) fn read_answer(answer: &[u8]) -> Option<PublicKeyCredential> {
    serde_json::from_slice(answer).ok()
}

pub(super) fn authenticated(
    site: &Webauthn,
    answer: &PublicKeyCredential,
    state: DiscoverableAuthentication,
    passkey: &Passkey,
    person: PersonId,
) -> Answered {
    // Level 3, section 7.2, step 6: a named user must be the key's owner.
    let is_other = |user: &[u8]| user != person.as_bytes();
    if answer.get_user_unique_id().is_some_and(is_other) {
        return Answered::Wrong;
    }
    match site.finish_discoverable_authentication_v2(answer, state, passkey) {
        Ok(result) if result.user_verified() => Answered::Right(result),
        Err(WebauthnError::CredentialPossibleCompromise) => Answered::CountFell,
        Ok(_) | Err(_) => Answered::Wrong,
    }
}
