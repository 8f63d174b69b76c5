//! The conversation with a provider, and the judging of what it says (OpenID
//! Connect Core 1.0, RFC 6749, 7636 and 9207).

use chrono::{DateTime, Utc};
use daybook_kernel::ports::{Outside, Outward, Provider, Unreachable};
use jiff::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient,
    CoreClientAuthMethod, CoreErrorResponseType, CoreGrantType, CoreIdToken, CoreIdTokenClaims,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId,
    ClientSecret, CsrfToken, DiscoveryError, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadata, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    StandardErrorResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};

use super::flows::Flow;

/// Besides `openid`, which makes it OpenID Connect. Nothing else is asked for.
const SCOPES: [&str; 2] = ["email", "profile"];
/// What a provider says of itself, and its keys, may be this old; a key that is
/// not among them is looked for anew.
const METADATA_AGE_MS_MAX: i64 = 10 * 60 * 1_000;
/// How far a provider's clock may be before ours, in seconds.
const AHEAD_S_MAX: i64 = 5 * 60;
/// How old a token may be that answers a question of ten minutes ago, in seconds.
const AGE_S_MAX: i64 = 15 * 60;
/// OpenID Connect Core, section 2.
const SUBJECT_CHARACTERS_MAX: usize = 255;
/// No address of mail is longer (RFC 5321).
const EMAIL_CHARACTERS_MAX: usize = 254;

/// What a provider has shown of somebody.
pub(super) struct Shown {
    pub issuer: String,
    /// The provider's own id of the account.
    pub subject: String,
    /// Finds and links no account. An invitation of this address is all that it proves,
    /// and only where it is verified.
    pub email: Option<String>,
    /// Whether the provider says so; one that says nothing does not.
    pub is_verified: bool,
}

/// Why a provider's word was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It did not answer, or not as a provider does.
    Away,
    /// The person said no, or the provider did.
    Declined,
    /// What was wrong with the answer.
    Wrong(&'static str),
    AddressUnverified,
}

/// Where a provider sends browsers back to: one place for each, so that one's
/// answer is never taken for another's.
pub(super) fn way_back(site: &str, provider: &str) -> String {
    format!("{site}/sign-in/with/{provider}/back")
}

/// The address to which a browser is sent.
pub(super) fn address(
    outside: &dyn Outside,
    provider: &Provider,
    site: &str,
    state: &str,
    flow: &Flow,
) -> Result<String, Trouble> {
    let metadata = discover(outside, provider, METADATA_AGE_MS_MAX)?;
    let endpoint = metadata.authorization_endpoint().url();
    if endpoint.scheme() != "https" {
        return Err(Trouble::Away);
    }
    let verifier = PkceCodeVerifier::new(flow.verifier.to_string());
    let client = client(provider, metadata, site)?;
    let state = CsrfToken::new(state.to_owned());
    let nonce = Nonce::new(flow.nonce.to_string());
    let request = client.authorize_url(
        CoreAuthenticationFlow::AuthorizationCode,
        || state,
        || nonce,
    );
    let request = request.add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())));
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    let (address, _, _) = request.set_pkce_challenge(challenge).url();
    Ok(address.into())
}

/// What came back with the browser.
pub(super) struct Returned<'a> {
    pub code: &'a str,
    pub iss: &'a str,
}

/// Redeems the code, and judges the token that comes for it.
pub(super) fn redeem(
    outside: &dyn Outside,
    provider: &Provider,
    site: &str,
    (flow, returned): (&Flow, &Returned<'_>),
    now: Timestamp,
) -> Result<Shown, Trouble> {
    let metadata = discover(outside, provider, METADATA_AGE_MS_MAX)?;
    let announced = metadata
        .additional_metadata()
        .authorization_response_iss_parameter_supported;
    if (announced || !returned.iss.is_empty()) && returned.iss != provider.issuer {
        return Err(Trouble::Wrong("another provider answered"));
    }
    let client = client(provider, metadata, site)?;
    let request = client
        .exchange_code(AuthorizationCode::new(returned.code.to_owned()))
        .map_err(|_| Trouble::Away)?
        .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.to_string()));
    let redeemed = request
        .request(&|it| carry(outside, it, 0))
        .map_err(|error| not_redeemed(provider, &error))?;
    let token = redeemed
        .id_token()
        .ok_or(Trouble::Wrong("it says nothing of who it is"))?;
    let nonce = Nonce::new(flow.nonce.to_string());
    let claims = match judge(&client, provider, token, &nonce, now) {
        // It may have a new key since it was asked last.
        Err(ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        )) => {
            let client = self::client(provider, discover(outside, provider, 0)?, site)?;
            judge(&client, provider, token, &nonce, now).cloned()
        }
        other => other.cloned(),
    };
    shown(provider, &claims.map_err(|error| wrong(&error))?)
}

/// What a provider says of itself beyond the library's knowledge.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Announced {
    /// RFC 9207: it says with each answer whose it is.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Announced {}

type Metadata = ProviderMetadata<
    Announced,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

type TokenError = RequestTokenError<Unreachable, StandardErrorResponse<CoreErrorResponseType>>;

fn discover(
    outside: &dyn Outside,
    provider: &Provider,
    age_ms_max: i64,
) -> Result<Metadata, Trouble> {
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(|_| Trouble::Away)?;
    Metadata::discover(&issuer, &|it| carry(outside, it, age_ms_max)).map_err(|error| match error {
        DiscoveryError::Validation(_) => Trouble::Wrong("it calls itself something else"),
        _ => Trouble::Away,
    })
}

fn client(provider: &Provider, metadata: Metadata, site: &str) -> Result<Client, Trouble> {
    let basic = CoreClientAuthMethod::ClientSecretBasic;
    let methods = metadata.token_endpoint_auth_methods_supported();
    let takes_basic = methods.is_none_or(|methods| methods.contains(&basic));
    let back = RedirectUrl::new(way_back(site, &provider.id)).map_err(|_| Trouble::Away)?;
    let secret = provider.client_secret.as_ref();
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(provider.client_id.clone()),
        secret.map(|secret| ClientSecret::new(secret.to_string())),
    );
    let how = if takes_basic {
        AuthType::BasicAuth
    } else {
        AuthType::RequestBody
    };
    Ok(client.set_redirect_uri(back).set_auth_type(how))
}

/// The library checks issuer, audience, signature, expiry and nonce.
fn judge<'t>(
    client: &Client,
    provider: &Provider,
    token: &'t CoreIdToken,
    nonce: &Nonce,
    now: Timestamp,
) -> Result<&'t CoreIdTokenClaims, ClaimsVerificationError> {
    let now = DateTime::<Utc>::from_timestamp_nanos(now.as_millisecond() * 1_000_000);
    let algorithms = provider
        .algorithms
        .iter()
        .filter_map(|name| algorithm(name));
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(algorithms)
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |issued| {
            let age_s = (now - issued).num_seconds();
            let is_timely = (-AHEAD_S_MAX..=AGE_S_MAX).contains(&age_s);
            is_timely
                .then_some(())
                .ok_or_else(|| format!("issued {age_s} s ago"))
        });
    token.claims(&verifier, nonce)
}

/// A provider that refuses us, and not the code, is the operator's to mend.
fn not_redeemed(provider: &Provider, error: &TokenError) -> Trouble {
    let (what, trouble) = match error {
        RequestTokenError::ServerResponse(said) => match said.error() {
            CoreErrorResponseType::InvalidGrant => {
                return Trouble::Wrong("its code is not good");
            }
            other => (other.to_string(), Trouble::Away),
        },
        RequestTokenError::Parse(..) => {
            let what = "an answer that cannot be read".to_owned();
            (what, Trouble::Wrong("its token cannot be read"))
        }
        RequestTokenError::Request(_) => ("no answer".to_owned(), Trouble::Away),
        RequestTokenError::Other(what) => (what.clone(), Trouble::Away),
    };
    tracing::warn!(provider = provider.id, what, "a provider gave no token");
    trouble
}

/// What a token may be signed by. A shared secret or nothing at all is no
/// signature of a provider's, whatever the settings say.
fn algorithm(name: &str) -> Option<CoreJwsSigningAlgorithm> {
    Some(match name {
        "RS256" => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        "RS384" => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
        "RS512" => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
        "PS256" => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        "PS384" => CoreJwsSigningAlgorithm::RsaSsaPssSha384,
        "PS512" => CoreJwsSigningAlgorithm::RsaSsaPssSha512,
        "ES256" => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        "ES384" => CoreJwsSigningAlgorithm::EcdsaP384Sha384,
        "EdDSA" => CoreJwsSigningAlgorithm::EdDsa,
        _ => return None,
    })
}

/// What is left to judge once the token is the provider's.
fn shown(provider: &Provider, claims: &CoreIdTokenClaims) -> Result<Shown, Trouble> {
    // Whoever it was made for is us, or it was made for somebody else.
    let party = claims.authorized_party();
    if party.is_some_and(|party| **party != provider.client_id) {
        return Err(Trouble::Wrong("it is meant for another"));
    }
    if claims.email_verified() == Some(false) {
        return Err(Trouble::AddressUnverified);
    }
    let subject = claims.subject().to_string();
    if subject.is_empty() || subject.chars().count() > SUBJECT_CHARACTERS_MAX {
        return Err(Trouble::Wrong("it names nobody"));
    }
    Ok(Shown {
        issuer: provider.issuer.clone(),
        subject,
        is_verified: claims.email_verified() == Some(true),
        email: claims
            .email()
            .map(|email| email.to_string())
            .filter(|email| email.chars().count() <= EMAIL_CHARACTERS_MAX),
    })
}

fn wrong(error: &ClaimsVerificationError) -> Trouble {
    Trouble::Wrong(match error {
        ClaimsVerificationError::Expired(_) => "it is out of date",
        ClaimsVerificationError::InvalidAudience(_) => "it is meant for another",
        ClaimsVerificationError::InvalidIssuer(_) => "another provider answered",
        ClaimsVerificationError::InvalidNonce(_) => "it answers another question",
        ClaimsVerificationError::SignatureVerification(_) => "its signature is not good",
        _ => "its token is not good",
    })
}

/// The library's requests, by the one way out.
fn carry(
    outside: &dyn Outside,
    request: HttpRequest,
    age_ms_max: i64,
) -> Result<HttpResponse, Unreachable> {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let question = Outward {
        address: head.uri.to_string(),
        headers: headers.collect(),
        body: (head.method == "POST").then_some(body),
        age_ms_max,
        bytes_max: Outward::BYTES_USUAL,
    };
    let answer = outside.ask(&question)?;
    let mut response = openidconnect::http::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response
        .body(answer.body)
        .map_err(|error| Unreachable(error.to_string()))
}
