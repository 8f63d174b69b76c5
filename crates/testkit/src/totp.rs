//! The code that a person's authenticator app shows.

use jiff::Timestamp;
use totp_rs::{Builder, Secret};

/// The six digits of a secret at an instant, as any app works them out.
pub fn totp(secret: &str, at: Timestamp) -> String {
    let secret = Secret::try_from_base32(secret).expect("a secret");
    let app = Builder::new().with_secret(secret).build().expect("an app");
    let seconds = u64::try_from(at.as_second()).expect("an instant after 1970");
    app.generate(seconds).to_string()
}
