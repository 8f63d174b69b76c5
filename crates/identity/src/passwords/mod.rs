//! Passwords: how they are kept, tried and chosen. What is kept is a slow hash
//! that names its own parameters, sealed again under the instance's key; the
//! slow part is done outside of any transaction.

mod argon;
mod bcrypt;
mod chosen;
mod strength;
mod trial;

use std::sync::Arc;

use daybook_kernel::{Entropy, Error, Faults, PasswordScheme, Passwords, Read};
use zeroize::Zeroizing;

pub(crate) use chosen::Chosen;
pub(crate) use trial::Trial;

use crate::secret::Secret;

/// Fewer can be guessed, more would not be typed.
const CHARACTERS: std::ops::RangeInclusive<usize> = 12..=128;

const SALT_BYTES: usize = 16;

/// The purpose of the key that passwords are keyed with before bcrypt.
const PEPPER: &str = "people.password.pepper";

/// A new password must be long enough; nothing is asked of its composition.
/// Whether it is easily guessed takes longer to say: see [`Chosen`].
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

/// Hashes passwords as the instance has it, and knows those of both schemes.
pub(crate) struct Hasher {
    rules: Arc<dyn Passwords>,
    pepper: Zeroizing<[u8; 32]>,
}

impl Hasher {
    pub(crate) fn of(tx: &Read<'_>) -> Self {
        Self {
            rules: Arc::clone(tx.passwords()),
            pepper: Zeroizing::new(tx.vault().keyed_hash(PEPPER, b"")),
        }
    }

    /// The text that is kept, which names its own parameters.
    pub(crate) fn hash(
        &self,
        password: &Secret,
        entropy: &dyn Entropy,
    ) -> Result<Zeroizing<String>, Error> {
        let mut salt = [0; SALT_BYTES];
        entropy.fill(&mut salt)?;
        self.salted(password, salt)
    }

    fn salted(
        &self,
        password: &Secret,
        salt: [u8; SALT_BYTES],
    ) -> Result<Zeroizing<String>, Error> {
        match self.rules.scheme() {
            PasswordScheme::Argon2id => argon::hash(password, &salt),
            PasswordScheme::Bcrypt => bcrypt::hash(password, &self.pepper, salt),
        }
        .map(Zeroizing::new)
    }

    /// Whether the password is the one that was kept. Where nothing was kept,
    /// the same work is done for nothing, so that time does not tell who is
    /// known.
    pub(crate) fn verify(&self, password: &Secret, kept: Option<&str>) -> Result<bool, Error> {
        let Some(kept) = kept else {
            let nobody = self.salted(password, [0; SALT_BYTES])?;
            std::hint::black_box(&*nobody);
            return Ok(false);
        };
        if bcrypt::is_one(kept) {
            bcrypt::verify(password, &self.pepper, kept)
        } else {
            argon::verify(password, kept)
        }
    }

    /// Whether a hash is of the instance's scheme and parameters.
    fn is_of_today(&self, kept: &str) -> bool {
        match self.rules.scheme() {
            PasswordScheme::Argon2id => argon::is_of_today(kept),
            PasswordScheme::Bcrypt => bcrypt::is_of_today(kept),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    pub(super) struct Rules(pub PasswordScheme);

    impl Passwords for Rules {
        fn scheme(&self) -> PasswordScheme {
            self.0
        }
        fn tries_per_minute(&self) -> u32 {
            10
        }
        fn is_breached(&self, _: &[u8]) -> Result<bool, Error> {
            Ok(false)
        }
    }

    fn hasher(scheme: PasswordScheme, pepper: u8) -> Hasher {
        Hasher {
            rules: Arc::new(Rules(scheme)),
            pepper: Zeroizing::new([pepper; 32]),
        }
    }

    fn secret(text: &str) -> Secret {
        serde_json::from_value(text.into()).unwrap()
    }

    #[test]
    fn a_hash_names_its_parameters_and_knows_its_password_alone() {
        let one = hasher(PasswordScheme::Argon2id, 1);
        let two = hasher(PasswordScheme::Bcrypt, 1);
        for (hasher, other, begins) in [
            (&one, &two, "$argon2id$v=19$m=65536,t=3,p=1$"),
            (&two, &one, "$2b$12$"),
        ] {
            let kept = hasher
                .salted(&secret("a long enough one"), [7; SALT_BYTES])
                .unwrap();
            assert!(kept.starts_with(begins), "{}", *kept);
            for either in [hasher, other] {
                assert!(
                    either
                        .verify(&secret("a long enough one"), Some(&kept))
                        .unwrap()
                );
                assert!(
                    !either
                        .verify(&secret("a long enough two"), Some(&kept))
                        .unwrap()
                );
            }
            assert!(hasher.is_of_today(&kept) && !other.is_of_today(&kept));
            assert!(!hasher.verify(&secret("a long enough one"), None).unwrap());
        }
    }

    #[test]
    fn bcrypt_reads_the_whole_password_and_needs_the_pepper() {
        let hasher_one = hasher(PasswordScheme::Bcrypt, 1);
        let long = "x".repeat(72);
        let kept = hasher_one
            .salted(&secret(&format!("{long}-one")), [7; SALT_BYTES])
            .unwrap();
        let tried = |hasher: &Hasher, end: &str| {
            let password = secret(&format!("{long}{end}"));
            hasher.verify(&password, Some(&kept)).unwrap()
        };
        assert!(tried(&hasher_one, "-one"));
        assert!(!tried(&hasher_one, "-two") && !tried(&hasher_one, ""));
        let other = hasher(PasswordScheme::Bcrypt, 2);
        assert!(!tried(&other, "-one"), "another instance's key");
    }

    #[test]
    fn weaker_parameters_are_not_of_today() {
        let argon = hasher(PasswordScheme::Argon2id, 1);
        assert!(!argon.is_of_today("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"));
        let bcrypt = hasher(PasswordScheme::Bcrypt, 1);
        assert!(!bcrypt.is_of_today("$2b$10$abcdefghijklmnopqrstuv"));
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
