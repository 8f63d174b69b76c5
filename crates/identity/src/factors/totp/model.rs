//! Codes and what an app is told of them.

use daybook_kernel::Error;
use daybook_ui::address;
use totp_rs::{Builder, Totp};

/// 160 bits, as RFC 4226 (section 4) recommends.
pub(super) const SECRET_BYTES: usize = 20;
const DIGITS: usize = 6;
const STEP_SECONDS: u64 = 30;
/// A clock may be one step early or late.
const STEPS_EITHER_SIDE: u16 = 1;

/// Who an app says that its codes are for.
const ISSUER: &str = "Daybook";

fn totp(secret: [u8; SECRET_BYTES]) -> Result<Totp, Error> {
    Builder::new()
        .with_secret(totp_rs::Secret::new_stack(secret))
        .with_skew(STEPS_EITHER_SIDE)
        .with_step_duration(STEP_SECONDS)
        .build()
        .map_err(Error::ours)
}

/// The step whose code this is, if it is one of now. Exactly six ASCII digits
/// are a code, whatever the library would take.
pub(super) fn step_of(
    secret: [u8; SECRET_BYTES],
    code: &str,
    now: jiff::Timestamp,
) -> Result<Option<i64>, Error> {
    if code.len() != DIGITS || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let seconds = u64::try_from(now.as_second()).map_err(Error::ours)?;
    let step = totp(secret)?.check(code, seconds);
    step.map(|step| i64::try_from(step).map_err(Error::ours))
        .transpose()
}

/// The secret as a person types it, where an app cannot see the picture.
pub(super) fn base32(secret: [u8; SECRET_BYTES]) -> String {
    totp_rs::Secret::new_stack(secret).to_base32()
}

/// The address that an app reads from the picture.
pub(super) fn uri(email: &str, secret: &str) -> String {
    let account = address::encoded(email);
    format!("otpauth://totp/{ISSUER}:{account}?secret={secret}&issuer={ISSUER}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    /// The secret of RFC 6238, appendix B.
    const SECRET: [u8; SECRET_BYTES] = *b"12345678901234567890";

    fn at(seconds: i64) -> jiff::Timestamp {
        jiff::Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // The last six of the eight digits that the appendix prints.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let step = step_of(SECRET, code, at(seconds)).unwrap();
            assert_eq!(step, Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn one_step_either_side_is_taken_and_two_are_not() {
        let (code, step) = ("005924", 1_234_567_890 / 30);
        for (steps, taken) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let now = at((step + steps) * 30 + 5);
            let found = step_of(SECRET, code, now).unwrap();
            assert_eq!(found, taken.then_some(step), "{steps}");
        }
    }

    #[test]
    fn only_six_ascii_digits_are_a_code() {
        for other in [
            "",
            "5924",
            "05924",
            "0005924",
            " 005924",
            "005 924",
            "٠٠٥٩٢٤",
            "００５９２４",
        ] {
            let found = step_of(SECRET, other, at(1_234_567_890)).unwrap();
            assert_eq!(found, None, "{other}");
        }
    }

    #[test]
    fn an_app_is_told_the_account_and_the_issuer() {
        let secret = base32(SECRET);
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            uri("ada&co@example.com", &secret),
            "otpauth://totp/Daybook:ada%26co%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Daybook"
        );
    }
}
