//! Carries away the mail that waits: takes one letter at a time from the
//! instance, hands it to the relay over TLS, and says how it went. The letter
//! stays where it is until the relay has it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use daybook_engine::Engine;
use daybook_kernel::Error;
use daybook_kernel::post::{Letter, Sending};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters, TlsVersion};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Message, SmtpTransport, Transport as _};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::edge::host_of;
use crate::site::App;

/// How often it is looked whether something is due: nobody waits for a letter by the second.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// One step of the conversation with the relay. All of them end before the lease of a letter does.
const STEP_MAX: Duration = Duration::from_secs(20);
/// Letters of one look: a long queue must not keep the server from ending.
const LETTERS_MAX: usize = 50;

/// The relay, as the settings name it.
pub struct Relay {
    /// `smtps://user@host:465`, or `smtp://user@host:587` with TLS by STARTTLS.
    pub address: String,
    pub password: Option<Zeroizing<String>>,
    /// Whom the letters are from: `Daybook <books@example.com>`.
    pub from: String,
    /// The certificate (PEM) of an authority that the system does not know.
    pub authority: Option<Vec<u8>>,
}

pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
}

/// A relay's address, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Address<'a> {
    /// TLS from the first byte, as against STARTTLS.
    wrapped: bool,
    user: Option<&'a str>,
    host: &'a str,
    port: u16,
}

impl Mailer {
    /// A fault is a sentence with the setting that is at fault.
    pub fn new(relay: &Relay, site: &str) -> Result<Self, String> {
        let address = parse(&relay.address)?;
        let from = relay.from.parse().map_err(|_| {
            format!(
                "mail.from: {:?} is no address. Write it as Daybook <books@example.com>.",
                relay.from
            )
        })?;
        let mut tls =
            TlsParameters::builder(address.host.to_owned()).set_min_tls_version(TlsVersion::Tlsv13);
        if let Some(pem) = &relay.authority {
            let certificate = Certificate::from_pem(pem)
                .map_err(|error| format!("mail.authority_file: {error}"))?;
            tls = tls.add_root_certificate(certificate);
        }
        let tls = tls.build().map_err(|error| format!("mail.smtp: {error}"))?;
        let mut transport = SmtpTransport::builder_dangerous(address.host)
            .port(address.port)
            .hello_name(ClientId::Domain(host_of(site).to_owned()))
            .timeout(Some(STEP_MAX))
            .tls(if address.wrapped {
                Tls::Wrapper(tls)
            } else {
                Tls::Required(tls)
            });
        if let Some(user) = address.user {
            let password = relay.password.as_ref().ok_or(
                "mail.password_file: the relay's address names a user, and there is no password.",
            )?;
            transport =
                transport.credentials(Credentials::new(user.to_owned(), password.to_string()));
        }
        Ok(Self {
            transport: transport.build(),
            from,
        })
    }

    /// Hands over what is due; answers how many letters it tried.
    pub fn carry_due(&self, engine: &Engine) -> Result<usize, Error> {
        for tried in 0..LETTERS_MAX {
            let Some(letter) = engine.take_letter()? else {
                return Ok(tried);
            };
            let sending = self.send(&letter, engine);
            let outcome = match &sending {
                Sending::Sent => "sent",
                Sending::Again(_) => "again",
                Sending::Refused(_) => "refused",
            };
            metrics::counter!("daybook_mails_total", "outcome" => outcome).increment(1);
            if sending != Sending::Sent {
                // What the relay said may hold an address, so it is told to the operator alone.
                tracing::warn!(
                    mail = letter.id,
                    outcome,
                    "a letter was not sent; `daybook do identity.list_mails` tells why"
                );
            }
            engine.end_letter(letter, sending)?;
        }
        Ok(LETTERS_MAX)
    }

    fn send(&self, letter: &Letter, engine: &Engine) -> Sending {
        let message = match self.message(letter, engine) {
            Ok(message) => message,
            Err(why) => return Sending::Refused(why),
        };
        match self.transport.send(&message) {
            Ok(_) => Sending::Sent,
            // What the relay says of our own account is mended by the operator, not by the reader.
            Err(error) if error.is_permanent() && !error.status().is_some_and(is_about_us) => {
                Sending::Refused(error.to_string())
            }
            Err(error) => Sending::Again(chain(&error)),
        }
    }

    fn message(&self, letter: &Letter, engine: &Engine) -> Result<Message, String> {
        let to: Mailbox = letter
            .to
            .parse()
            .map_err(|_| "No letter can be sent to this address.".to_owned())?;
        let id = format!("<{}@{}>", letter.id, host_of(engine.site()));
        let parts = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(letter.subject.clone())
            .message_id(Some(id))
            .date(SystemTime::from(engine.now()))
            .multipart(parts)
            .map_err(|error| error.to_string())?;
        // Nobody's holiday answers a letter that no person wrote (RFC 3834).
        message.headers_mut().insert_raw(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
        Ok(message)
    }
}

/// 530 to 538: the relay wants us to show who we are, or does not know us.
fn is_about_us(code: lettre::transport::smtp::response::Code) -> bool {
    (530..=538).contains(&u16::from(code))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

fn parse(address: &str) -> Result<Address<'_>, String> {
    let malformed = || {
        format!(
            "mail.smtp: {address:?} is no relay. Write smtps://USER@HOST:465, or smtp://USER@HOST:587 for STARTTLS."
        )
    };
    let (scheme, rest) = address.split_once("://").ok_or_else(malformed)?;
    let wrapped = match scheme {
        "smtps" => true,
        "smtp" => false,
        _ => return Err(malformed()),
    };
    let (user, place) = match rest.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, rest),
    };
    let usual = if wrapped { 465 } else { 587 };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| malformed())?),
        None => (place, usual),
    };
    let good = !host.is_empty() && !host.contains(['/', '?', '#', ' ']) && user != Some("");
    if good && user.is_none_or(|user| !user.contains(':')) {
        return Ok(Address {
            wrapped,
            user,
            host,
            port,
        });
    }
    Err(malformed())
}

/// Carries mail until `stop` turns true. Without a relay it waits, and the
/// operator is told once how to read it.
pub async fn serve_mail(
    app: Arc<App>,
    mailer: Option<Mailer>,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    if mailer.is_none() {
        tracing::warn!(
            "no relay is set in mail.smtp: mail waits, and `daybook do identity.list_mails` and `identity.print_mail` show it"
        );
    }
    let mailer = mailer.map(Arc::new);
    loop {
        let look = tokio::task::spawn_blocking({
            let (app, mailer) = (Arc::clone(&app), mailer.clone());
            move || look(&app.engine, mailer.as_deref())
        });
        if let Ok(Err(error)) = look.await {
            tracing::error!(error = ?error, "the mail that waits could not be carried");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stop.changed() => return Ok(()),
        }
    }
}

fn look(engine: &Engine, mailer: Option<&Mailer>) -> Result<(), Error> {
    if let Some(mailer) = mailer {
        mailer.carry_due(engine)?;
    }
    let (waiting, failed) = engine.letter_counts()?;
    let figure = |count: i64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    metrics::gauge!("daybook_mails_waiting").set(figure(waiting));
    metrics::gauge!("daybook_mails_failed").set(figure(failed));
    for (kind, unseen) in engine.alert_counts()? {
        metrics::gauge!("daybook_alerts_unseen", "kind" => kind).set(figure(unseen));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_relay_is_always_reached_by_tls() {
        let address = |wrapped, user, host, port| {
            Ok(Address {
                wrapped,
                user,
                host,
                port,
            })
        };
        for (text, parsed) in [
            (
                "smtps://relay.example.com",
                address(true, None, "relay.example.com", 465),
            ),
            (
                "smtp://relay.example.com",
                address(false, None, "relay.example.com", 587),
            ),
            (
                "smtps://a@b.example@relay.example.com:2465",
                address(true, Some("a@b.example"), "relay.example.com", 2465),
            ),
        ] {
            assert_eq!(parse(text), parsed, "{text}");
        }
        for text in [
            "relay.example.com",
            "http://relay",
            "smtps://",
            "smtps://u:p@relay",
            "smtps://relay:x",
            "smtps://@relay",
            "smtps://relay/x",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
