//! A password shown as proof: what is kept is looked up when the try is
//! counted, compared outside of any transaction, and must still be what is
//! kept when the command acts.

use daybook_kernel::{Entropy, Error, PersonId, Read, Write};
use zeroize::Zeroizing;

use super::Hasher;
use crate::people::{kept_password, set_password};
use crate::secret::Secret;

#[derive(Default)]
pub(crate) struct Trial {
    hasher: Option<Hasher>,
    kept: Option<Zeroizing<String>>,
    is_right: bool,
    /// The right password, hashed as the instance has it by now.
    anew: Option<Zeroizing<String>>,
}

impl Trial {
    /// In the transaction that charges: looks up what is kept of this person,
    /// or of nobody.
    pub(crate) fn begin(
        &mut self,
        tx: &mut Read<'_>,
        person: Option<PersonId>,
    ) -> Result<(), Error> {
        self.kept = match person {
            Some(person) => kept_password(tx, person)?,
            None => None,
        };
        self.hasher = Some(Hasher::of(tx));
        Ok(())
    }

    /// The slow part. Somebody unknown costs what somebody known does.
    pub(crate) fn work(&mut self, password: &Secret, entropy: &dyn Entropy) -> Result<(), Error> {
        let hasher = self.hasher.as_ref();
        let hasher = hasher.ok_or_else(|| Error::ours("a password was not taken in charge"))?;
        let kept = self.kept.as_ref().map(|kept| kept.as_str());
        self.is_right = hasher.verify(password, kept)?;
        if self.is_right && kept.is_some_and(|kept| !hasher.is_of_today(kept)) {
            self.anew = Some(hasher.hash(password, entropy)?);
        }
        Ok(())
    }

    /// Whether the password is this person's, still. If it was kept in another
    /// way than the instance's, it is kept anew.
    pub(crate) fn conclude(&self, tx: &mut Write<'_>, person: PersonId) -> Result<bool, Error> {
        if !self.is_right || kept_password(tx, person)? != self.kept {
            return Ok(false);
        }
        if let Some(anew) = &self.anew {
            set_password(tx, person, anew)?;
        }
        Ok(true)
    }
}
