//! Certificates from an ACME directory (RFC 8555), proved by tls-alpn-01
//! (RFC 8737): the proof travels on the port that is served anyway, so nothing
//! has to be answered in the clear.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, NewAccount,
    NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;

use super::client::Carrier;
use super::pair::Pair;
use super::{Shown, TlsError, files, provider};
use crate::lock;

/// From whom, for what, and who answers for it.
#[derive(Clone)]
pub struct Acme {
    pub domains: Vec<String>,
    /// Such as `mailto:admin@example.com`.
    pub contact: Vec<String>,
    pub directory: String,
    /// Authorities of a directory of one's own, as PEM.
    pub roots: Option<PathBuf>,
}

/// The certificates and their key in one file, so that they change in one step.
const PAIR: &str = "acme.pem";
const ACCOUNT: &str = "acme-account.json";
/// How often it is asked whether the certificate is due.
const LOOK_AGAIN: Duration = Duration::from_hours(1);
/// How long an order may wait for the directory's judgement.
const ORDER_MAX: Duration = Duration::from_mins(2);
/// After a failure: directories count them.
const RETRY: Duration = Duration::from_mins(15);

/// The certificate of an order before.
pub fn kept(folder: &Path) -> Result<Option<Pair>, TlsError> {
    let text = files::read_secret(&folder.join(PAIR))?;
    text.map(|text| Pair::of(&text, &text)).transpose()
}

/// Orders whenever the certificate is due. A failure leaves the old one.
pub async fn keep_fresh(shown: &Arc<Shown>, acme: &Acme) {
    loop {
        let pause = if is_due(shown, acme) {
            match order(shown, acme).await {
                Ok(()) => LOOK_AGAIN,
                Err(error) => {
                    metrics::counter!("daybook_certificate_failures_total").increment(1);
                    tracing::error!(%error, "no certificate came; the old one is still shown");
                    RETRY
                }
            }
        } else {
            LOOK_AGAIN
        };
        tokio::time::sleep(pause).await;
    }
}

fn is_due(shown: &Shown, acme: &Acme) -> bool {
    match kept(&shown.folder) {
        Ok(Some(pair)) => {
            let is_named = |domain: &String| pair.names.contains(&domain.to_ascii_lowercase());
            pair.is_due((shown.now)()) || !acme.domains.iter().all(is_named)
        }
        Ok(None) | Err(_) => true,
    }
}

async fn order(shown: &Shown, acme: &Acme) -> Result<(), TlsError> {
    let account = account(&shown.folder, acme).await?;
    let identifiers: Vec<Identifier> = acme.domains.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account
        .new_order(&NewOrder::new(&identifiers))
        .await
        .map_err(failed)?;
    let proved = prove(shown, &mut order).await;
    let policy = RetryPolicy::new().timeout(ORDER_MAX);
    let judged = match proved {
        Ok(()) => order.poll_ready(&policy).await.map_err(failed),
        Err(error) => Err(error),
    };
    lock(&shown.challenges).clear();
    let status = judged?;
    if status != OrderStatus::Ready {
        return Err(TlsError(format!("the order ended as {status:?}")));
    }
    let key = KeyPair::generate().map_err(failed)?;
    let mut wanted = CertificateParams::new(acme.domains.clone()).map_err(failed)?;
    wanted.distinguished_name = DistinguishedName::new();
    let request = wanted.serialize_request(&key).map_err(failed)?;
    order.finalize_csr(request.der()).await.map_err(failed)?;
    let chain = order.poll_certificate(&policy).await.map_err(failed)?;
    let text = format!("{chain}\n{}", key.serialize_pem());
    let pair = Pair::of(&text, &text)?;
    files::write(&shown.folder.join(PAIR), &text, 0o600)?;
    shown.show(pair);
    Ok(())
}

/// The account of this folder, opened at the first order.
async fn account(folder: &Path, acme: &Acme) -> Result<Account, TlsError> {
    let file = folder.join(ACCOUNT);
    let builder = || {
        let carrier = Carrier::new(acme.roots.as_deref())?;
        Ok::<_, TlsError>(Account::builder_with_http(Box::new(carrier)))
    };
    if let Some(text) = files::read_secret(&file)? {
        let kept: Kept =
            serde_json::from_str(&text).map_err(|error| files::failed(&file, &error))?;
        // Another directory knows nothing of this account.
        if kept.directory == acme.directory {
            return builder()?
                .from_credentials(kept.account)
                .await
                .map_err(failed);
        }
    }
    let contact: Vec<&str> = acme.contact.iter().map(String::as_str).collect();
    let wanted = NewAccount {
        contact: &contact,
        // Settings without it are refused before this.
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let (account, credentials) = builder()?
        .create(&wanted, acme.directory.clone(), None)
        .await
        .map_err(failed)?;
    let kept = Kept {
        directory: acme.directory.clone(),
        account: credentials,
    };
    let text = serde_json::to_string(&kept).map_err(failed)?;
    files::write(&file, &text, 0o600)?;
    Ok(account)
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    directory: String,
    account: AccountCredentials,
}

/// Lets the directory look: each domain answers with a certificate that holds
/// the hash of what was asked.
async fn prove(shown: &Shown, order: &mut Order) -> Result<(), TlsError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(failed)?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let mut challenge = authorization
            .challenge(ChallengeType::TlsAlpn01)
            .ok_or_else(|| TlsError("the directory offers no tls-alpn-01".to_owned()))?;
        let domain = challenge.identifier().to_string();
        let answer = answer(&domain, challenge.key_authorization().digest().as_ref())?;
        lock(&shown.challenges).push((domain, answer));
        challenge.set_ready().await.map_err(failed)?;
    }
    Ok(())
}

fn answer(domain: &str, digest: &[u8]) -> Result<Arc<CertifiedKey>, TlsError> {
    let key = KeyPair::generate().map_err(failed)?;
    let mut wanted = CertificateParams::new(vec![domain.to_owned()]).map_err(failed)?;
    wanted.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let made = wanted.self_signed(&key).map_err(failed)?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(failed)?;
    // Not by `from_der`: it reads the certificate as a client would, and to a
    // client the extension that answers the challenge must be unknown.
    let key = provider()
        .key_provider
        .load_private_key(key)
        .map_err(failed)?;
    Ok(Arc::new(CertifiedKey::new(vec![made.der().clone()], key)))
}

fn failed(error: impl std::fmt::Display) -> TlsError {
    TlsError(format!("ACME: {error}"))
}
