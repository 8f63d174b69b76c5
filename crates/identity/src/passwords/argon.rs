//! Argon2id as RFC 9106 writes it: the scheme where nothing else is set.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use daybook_kernel::Error;

use super::SALT_BYTES;
use crate::secret::Secret;

/// 64 MiB, three passes, one lane: what a guess costs on any machine.
const MEMORY_KIB: u32 = 65_536;
const PASSES: u32 = 3;
const LANES: u32 = 1;

pub(super) fn hash(password: &Secret, salt: &[u8; SALT_BYTES]) -> Result<String, Error> {
    let hash: PasswordHash = argon2()?
        .hash_password_with_salt(password.as_bytes(), salt)
        .map_err(Error::ours)?;
    Ok(hash.to_string())
}

/// The kept hash says with what it was made.
pub(super) fn verify(password: &Secret, kept: &str) -> Result<bool, Error> {
    let kept = PasswordHash::new(kept).map_err(Error::ours)?;
    match argon2()?.verify_password(password.as_bytes(), &kept) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(other) => Err(Error::ours(other)),
    }
}

pub(super) fn is_of_today(kept: &str) -> bool {
    let begins = format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$");
    kept.starts_with(&begins)
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Error::ours)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
