//! A soft authenticator: a passkey that lives in the test, for stories that need
//! no browser. Its owner is always there and always says yes.

use std::borrow::Cow;
use std::future::{Future, ready};
use std::pin::Pin;

use passkey::authenticator::{Authenticator as Device, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData, Origin};
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use serde::Serialize;
use serde_json::{Value, json};

/// A device with at most one passkey. A clone of it is a copied device.
#[derive(Clone)]
pub struct Authenticator {
    /// The site that the browser believes to be at.
    origin: String,
    passkey: Option<Passkey>,
}

struct Owner;

impl UserValidationMethod for Owner {
    type PasskeyItem = Passkey;

    fn check_user<'a, 'me, 'then>(
        &'me self,
        _: Option<&'a Passkey>,
        presence: bool,
        verification: bool,
    ) -> Pin<Box<dyn Future<Output = Result<UserCheck, Ctap2Error>> + Send + 'then>>
    where
        'a: 'then,
        'me: 'then,
        Self: 'then,
    {
        Box::pin(ready(Ok(UserCheck {
            presence,
            verification,
        })))
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

impl Authenticator {
    pub fn at(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            passkey: None,
        }
    }

    fn site(&self) -> Origin<'static> {
        Origin::Web(Cow::Owned(self.origin.parse().expect("an origin")))
    }

    fn device(&self) -> Device<Option<Passkey>, Owner> {
        let mut device = Device::new(Aaguid::new_empty(), self.passkey.clone(), Owner);
        device.set_make_credentials_with_signature_counter(true);
        device
    }

    /// Answers the options of a registration, as the browser's JSON.
    pub fn make(&mut self, options: &Value) -> String {
        let asked = json!({"publicKey": options});
        let asked = serde_json::from_value(asked).expect("creation options");
        let mut client = Client::new(self.device()).allows_insecure_localhost(true);
        let made = wait(client.register(self.site(), asked, DefaultClientData));
        let written = json_text(&made.expect("a passkey"));
        self.passkey.clone_from(client.authenticator().store());
        written
    }

    /// Answers the options of an authentication, as the browser's JSON.
    pub fn show(&mut self, options: &Value) -> String {
        let asked = json!({"publicKey": options});
        let asked = serde_json::from_value(asked).expect("request options");
        let mut client = Client::new(self.device()).allows_insecure_localhost(true);
        let shown = wait(client.authenticate(self.site(), asked, DefaultClientData));
        let written = json_text(&shown.expect("an assertion"));
        self.passkey.clone_from(client.authenticator().store());
        written
    }

    /// The same device in a browser that is at another origin of the same site,
    /// which a browser would sign for and this instance must not take.
    #[must_use]
    pub fn taken_to(&self, origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            passkey: self.passkey.clone(),
        }
    }
}

fn json_text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("JSON")
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}
