//! The mail that waits in the instance's store, as whoever carries it away sees
//! it. What a letter says is its slice's; how it travels is the server's.

use crate::error::Error;
use crate::transaction::{Read, Write};

/// A letter that somebody has taken to send it.
pub struct Letter {
    pub id: String,
    /// By which whoever took it says how it went; nobody else can.
    pub lease: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// How a try to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sending {
    Sent,
    /// The relay may take it later.
    Again(String),
    /// The relay never will.
    Refused(String),
}

/// The domain's answers about mail, as functions over the instance's transaction.
#[derive(Clone, Copy)]
pub struct Post {
    pub is_due: fn(&mut Read<'_>) -> Result<bool, Error>,
    /// Takes one letter that is due, for as long as a try may last: no other
    /// process gets it meanwhile.
    pub take: fn(&mut Write<'_>) -> Result<Option<Letter>, Error>,
    pub end: fn(&mut Write<'_>, &Letter, &Sending) -> Result<(), Error>,
    /// Letters that wait, and letters that were given up.
    pub count: fn(&mut Read<'_>) -> Result<(i64, i64), Error>,
}
