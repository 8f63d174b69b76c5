//! bcrypt, for whoever is bound to it. It reads 72 bytes at most, so it is
//! given a keyed hash of the whole password: HMAC-SHA-384 in base64 has 64
//! characters and no zero byte. The key is the instance's and in no database.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bcrypt::Version;
use daybook_kernel::Error;
use zeroize::Zeroizing;

use super::SALT_BYTES;
use crate::secret::Secret;

const COST: u32 = 12;

pub(super) fn hash(
    password: &Secret,
    pepper: &[u8; 32],
    salt: [u8; SALT_BYTES],
) -> Result<String, Error> {
    let keyed = keyed(password, pepper);
    let parts = bcrypt::hash_with_salt(keyed.as_bytes(), COST, salt).map_err(Error::ours)?;
    Ok(parts.format_for_version(Version::TwoB))
}

pub(super) fn verify(password: &Secret, pepper: &[u8; 32], kept: &str) -> Result<bool, Error> {
    bcrypt::verify(keyed(password, pepper).as_bytes(), kept).map_err(Error::ours)
}

pub(super) fn is_one(kept: &str) -> bool {
    kept.starts_with("$2")
}

pub(super) fn is_of_today(kept: &str) -> bool {
    kept.starts_with(&format!("$2b${COST}$"))
}

fn keyed(password: &Secret, pepper: &[u8; 32]) -> Zeroizing<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA384, pepper);
    let tag = hmac::sign(&key, password.as_bytes());
    Zeroizing::new(STANDARD_NO_PAD.encode(tag.as_ref()))
}
