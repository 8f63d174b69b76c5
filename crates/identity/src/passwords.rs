//! Passwords at rest: Argon2id as RFC 9106 writes it, salted, and sealed again
//! by the caller under the instance's key.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use daybook_kernel::{Error, Faults};

use crate::secret::Secret;

/// 64 MiB, three passes, one lane: what a guess costs on any machine.
const MEMORY_KIB: u32 = 65_536;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// Fewer can be guessed, more would not be typed.
const CHARACTERS: std::ops::RangeInclusive<usize> = 12..=128;

pub(crate) const SALT_BYTES: usize = 16;

/// A new password must be long enough; nothing is asked of its composition.
pub(crate) fn check_new(faults: &mut Faults, field: &str, password: &Secret) {
    let length = password.length();
    if !CHARACTERS.contains(&length) {
        faults.add(
            field,
            format!(
                "This has {length} characters. Use {} to {}; a few words that you alone would put together are good.",
                CHARACTERS.start(),
                CHARACTERS.end()
            ),
        );
    }
}

/// A password that is shown as proof is only kept from being endless: whether
/// it is long enough says whether it could be right.
pub(crate) fn check_shown(faults: &mut Faults, field: &str, password: &Secret) {
    let length = password.length();
    if length > *CHARACTERS.end() {
        faults.add(
            field,
            format!(
                "This has {length} characters; at most {} fit.",
                CHARACTERS.end()
            ),
        );
    }
}

/// The text that is kept, which names its own parameters.
pub(crate) fn hash(password: &Secret, salt: &[u8; SALT_BYTES]) -> Result<String, Error> {
    let hash: PasswordHash = argon2()?
        .hash_password_with_salt(password.as_bytes(), salt)
        .map_err(Error::ours)?;
    Ok(hash.to_string())
}

/// Whether the password is the one that was kept. Where nothing was kept, the
/// same work is done for nothing, so that time does not tell who is known.
pub(crate) fn verify(password: &Secret, kept: Option<&str>) -> Result<bool, Error> {
    let Some(kept) = kept else {
        let nobody = hash(password, &[0; SALT_BYTES])?;
        std::hint::black_box(nobody);
        return Ok(false);
    };
    let kept = PasswordHash::new(kept).map_err(Error::ours)?;
    match argon2()?.verify_password(password.as_bytes(), &kept) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(other) => Err(Error::ours(other)),
    }
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Error::ours)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn secret(text: &str) -> Secret {
        serde_json::from_value(text.into()).unwrap()
    }

    #[test]
    fn a_hash_names_its_parameters_and_knows_its_password_alone() {
        let kept = hash(&secret("a long enough one"), &[7; SALT_BYTES]).unwrap();
        assert!(
            kept.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"),
            "{kept}"
        );
        assert!(verify(&secret("a long enough one"), Some(&kept)).unwrap());
        assert!(!verify(&secret("a long enough two"), Some(&kept)).unwrap());
        assert!(!verify(&secret("a long enough one"), None).unwrap());
    }

    #[test]
    fn a_new_password_has_12_to_128_characters() {
        for (length, kept) in [(11, false), (12, true), (128, true), (129, false)] {
            let mut faults = Faults::default();
            check_new(&mut faults, "password", &secret(&"ä".repeat(length)));
            assert_eq!(faults.is_empty(), kept, "{length}");
        }
        let mut faults = Faults::default();
        check_new(&mut faults, "password", &Secret::placeholder());
        assert!(faults.is_empty(), "the placeholder of examples passes");
    }
}
