//! The mail that waits, for whoever carries it away: taken, one letter at a
//! time, and told how it went. Each is a short task of Daybook's own.

use std::sync::{Arc, Mutex};

use daybook_kernel::Error;
use daybook_kernel::post::{Letter, Sending};

use super::{Engine, Shared};
use crate::store::lock;

impl Engine {
    /// The origin at which people reach this instance, as it is configured.
    pub fn site(&self) -> &str {
        &self.shared.site
    }

    /// The one key of an address, however it is written.
    pub fn address_key(&self, email: &str) -> String {
        (self.shared.directory.address_key)(email)
    }

    /// Takes a letter that is due, if there is one.
    pub fn take_letter(&self) -> Result<Option<Letter>, Error> {
        self.shared.take_letter()
    }

    /// Says how the try to send it ended.
    pub fn end_letter(&self, letter: Letter, sending: Sending) -> Result<(), Error> {
        let end = self.shared.directory.post.end;
        let task = move |tx: &mut daybook_kernel::Write<'_>| {
            end(tx, &letter, &sending)?;
            Ok(None)
        };
        self.shared.now(&self.shared.instance, Box::new(task))
    }

    /// Letters that wait, and letters that were given up.
    pub fn letter_counts(&self) -> Result<(i64, i64), Error> {
        self.shared.in_instance(self.shared.directory.post.count)
    }

    /// Of each kind of alert, how many nobody has seen.
    pub fn alert_counts(&self) -> Result<Vec<(&'static str, i64)>, Error> {
        self.shared.in_instance(self.shared.directory.alerts)
    }
}

impl Shared {
    fn take_letter(&self) -> Result<Option<Letter>, Error> {
        // Mostly nothing is due, and then nothing is written.
        if !self.in_instance(self.directory.post.is_due)? {
            return Ok(None);
        }
        let taken = Arc::new(Mutex::new(None));
        let inside = Arc::clone(&taken);
        let take = self.directory.post.take;
        let task = move |tx: &mut daybook_kernel::Write<'_>| {
            *lock(&inside) = take(tx)?;
            Ok(None)
        };
        self.now(&self.instance, Box::new(task))?;
        let letter = lock(&taken).take();
        Ok(letter)
    }
}
