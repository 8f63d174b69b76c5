//! Carries away the mail that waits: takes one letter at a time from the
//! instance, hands it to the relay over TLS, and says how it went. The letter
//! stays where it is until the relay has it.

mod wire;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use daybook_engine::Engine;
use daybook_kernel::Error;
use daybook_kernel::post::{Letter, Sending};
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::edge::host_of;
use crate::site::App;
use crate::tls::trusting_the_machine;
use wire::Opening;

/// How often it is looked whether something is due: nobody waits for a letter by the second.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// One step of the conversation with the relay. All of them end before the lease of a letter does.
const STEP_MAX: Duration = Duration::from_secs(20);
/// The letter itself: four answers of the relay, the last when it has kept the letter.
const LETTER_MAX: Duration = Duration::from_mins(1);
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
    host: String,
    port: u16,
    opening: Opening,
    hello: String,
    credentials: Option<Credentials>,
    tls: Arc<ClientConfig>,
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

/// Why a letter was not taken.
enum Failed {
    /// The relay's own answer, or that there was none.
    Said(smtp::Error),
    /// The way to it.
    Way(String),
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
        let credentials = match (address.user, &relay.password) {
            (None, _) => None,
            (Some(user), Some(password)) => {
                Some(Credentials::new(user.to_owned(), password.to_string()))
            }
            (Some(_), None) => {
                let why = "mail.password_file: the relay's address names a user, and there is no password.";
                return Err(why.to_owned());
            }
        };
        let tls = trusting_the_machine(relay.authority.as_deref())
            .map_err(|error| format!("mail.authority_file: {error}"))?;
        Ok(Self {
            host: address.host.to_owned(),
            port: address.port,
            opening: if address.wrapped {
                Opening::Wrapped
            } else {
                Opening::StartTls
            },
            hello: host_of(site).to_owned(),
            credentials,
            tls: Arc::new(tls),
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
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return Sending::Again(error.to_string()),
        };
        let sent = runtime.block_on(self.hand_over(&message));
        // A resolver that does not answer must not hold this thread.
        runtime.shutdown_background();
        match sent {
            Ok(()) => Sending::Sent,
            // What the relay says of our own account is mended by the operator, not by the reader.
            Err(Failed::Said(error))
                if error.is_permanent() && !error.status().is_some_and(is_about_us) =>
            {
                Sending::Refused(error.to_string())
            }
            Err(Failed::Said(error)) => Sending::Again(chain(&error)),
            Err(Failed::Way(why)) => Sending::Again(why),
        }
    }

    async fn hand_over(&self, message: &Message) -> Result<(), Failed> {
        let tls = Arc::clone(&self.tls);
        let way = wire::open(&self.host, self.port, &self.opening, &self.hello, tls);
        let stream = within(STEP_MAX, way).await?;
        let stream = stream.map_err(|error| Failed::Way(chain(&error)))?;
        let hello = ClientId::Domain(self.hello.clone());
        let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello);
        let mut relay = within(STEP_MAX, greeting).await??;
        if let Some(credentials) = &self.credentials {
            within(STEP_MAX, relay.auth(DEFAULT_MECHANISMS, credentials)).await??;
        }
        let letter = message.formatted();
        let sending = relay.send(message.envelope(), &letter);
        within(LETTER_MAX, sending).await??;
        // It has the letter; that it does not hear the goodbye changes nothing.
        let _ = within(STEP_MAX, relay.quit()).await;
        Ok(())
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

impl From<smtp::Error> for Failed {
    fn from(error: smtp::Error) -> Self {
        Self::Said(error)
    }
}

async fn within<T>(limit: Duration, step: impl Future<Output = T>) -> Result<T, Failed> {
    let ended = tokio::time::timeout(limit, step).await;
    ended.map_err(|_| Failed::Way("the relay did not answer in time".to_owned()))
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
