//! A password that somebody chooses: judged and hashed before the transaction
//! that keeps it.

use daybook_kernel::{Entropy, Error, Faults, Read};
use zeroize::Zeroizing;

use super::Hasher;
use super::strength::weakness;
use crate::secret::Secret;

/// Where nothing else guards the account, the password must do more.
const CHARACTERS_ALONE_MIN: usize = 15;

#[derive(Default)]
pub(crate) struct Chosen {
    hasher: Option<Hasher>,
    /// What an attacker knows of the account.
    known: Vec<String>,
    has_second_factor: bool,
    faults: Faults,
    hashed: Option<Zeroizing<String>>,
}

impl Chosen {
    /// In the transaction that charges: takes along what judging needs. `known`
    /// is the address and the names of whoever chooses.
    pub(crate) fn begin(&mut self, tx: &Read<'_>, known: &[&str], has_second_factor: bool) {
        self.hasher = Some(Hasher::of(tx));
        self.known = known
            .iter()
            .flat_map(|text| {
                let parts = text.split(|c: char| !c.is_alphanumeric());
                // Shorter ones are in any word.
                let parts = parts.filter(|part| part.len() >= 3);
                parts.chain([*text, text.split('@').next().unwrap_or_default()])
            })
            .chain(["daybook"])
            .filter(|text| !text.is_empty())
            .map(str::to_lowercase)
            .collect();
        self.has_second_factor = has_second_factor;
    }

    /// The slow part.
    pub(crate) fn work(
        &mut self,
        field: &str,
        password: &Secret,
        entropy: &dyn Entropy,
    ) -> Result<(), Error> {
        let hasher = self.hasher.as_ref();
        let hasher = hasher.ok_or_else(|| Error::ours("a password was not taken in charge"))?;
        if let Some(why) = self.objection(hasher, password)? {
            self.faults.add(field, why);
            return Ok(());
        }
        self.hashed = Some(hasher.hash(password, entropy)?);
        Ok(())
    }

    fn objection(&self, hasher: &Hasher, password: &Secret) -> Result<Option<String>, Error> {
        let length = password.length();
        if !self.has_second_factor && length < CHARACTERS_ALONE_MIN {
            return Ok(Some(format!(
                "This has {length} characters. Without a second factor, use {CHARACTERS_ALONE_MIN} or more; a few words that you alone would put together are good."
            )));
        }
        if hasher.rules.is_breached(password.as_bytes())? {
            let why = "This is on the list of passwords that attackers try first. Take another.";
            return Ok(Some(why.to_owned()));
        }
        let known: Vec<&str> = self.known.iter().map(String::as_str).collect();
        Ok(weakness(password.as_str(), &known))
    }

    /// What is to be kept, or what is wrong with the choice.
    pub(crate) fn finish(self) -> Result<Zeroizing<String>, Error> {
        self.faults.into_result()?;
        self.hashed
            .ok_or_else(|| Error::ours("the password was not hashed"))
    }
}
