//! Whether an answer to a challenge is right. It is judged before the
//! transaction that acts on it, so that the challenge is used up and the counter
//! kept whatever comes of it.

use daybook_kernel::{Error, PersonId, Refusal, Write};
use webauthn_rs::prelude::DiscoverableAuthentication;

use super::ceremony::{self, Answered};
use super::challenges::{self, Asked};
use super::sql::{self, Kept};
use crate::alerts::{Alert, AlertKind, raise};
use crate::factors::{NoticeKind, note};
use crate::secret::Secret;

/// What came of an answer.
#[derive(Clone, Copy)]
pub(crate) enum Verdict {
    Right(PersonId),
    CountFell,
    Wrong,
}

impl Verdict {
    /// Whose passkey it was, or the refusal.
    pub(crate) fn person(self) -> Result<PersonId, Error> {
        match self {
            Self::Right(person) => Ok(person),
            Self::CountFell => Err(Refusal::Forbidden(
                "This passkey's counter went backwards, as if there were a copy of it. It was refused; come in another way, remove it and add a new one.".to_owned(),
            )
            .into()),
            Self::Wrong => Err(unknown()),
        }
    }
}

/// One sentence for whatever is wrong with an answer.
pub(crate) fn unknown() -> Error {
    let why =
        "This passkey was not taken. Ask for it again; a question is good once, for five minutes.";
    Refusal::Forbidden(why.to_owned()).into()
}

pub(crate) fn judge(
    tx: &mut Write<'_>,
    asked: &Asked<'_>,
    challenge: &str,
    answer: &Secret,
    address: &str,
) -> Result<Verdict, Error> {
    let state: Option<DiscoverableAuthentication> = challenges::take(tx, asked, challenge)?;
    let (Some(state), Some(answer)) = (state, ceremony::read_answer(answer.as_bytes())) else {
        return Ok(Verdict::Wrong);
    };
    let Some(mut kept) = sql::by_credential(tx, answer.get_credential_id())? else {
        return Ok(Verdict::Wrong);
    };
    let site = ceremony::site(tx)?;
    match ceremony::authenticated(&site, &answer, state, &kept.passkey, kept.person) {
        Answered::Right(result) => {
            kept.passkey.update_credential(&result);
            let count = i64::from(result.counter());
            count_up(tx, &kept, count, address)
        }
        Answered::CountFell => fell(tx, &kept, address),
        Answered::Wrong => Ok(Verdict::Wrong),
    }
}

/// Two answers at once must not both be taken under one count.
fn count_up(tx: &mut Write<'_>, kept: &Kept, count: i64, address: &str) -> Result<Verdict, Error> {
    if sql::note_use(tx, kept, count)? {
        Ok(Verdict::Right(kept.person))
    } else {
        fell(tx, kept, address)
    }
}

fn fell(tx: &mut Write<'_>, kept: &Kept, address: &str) -> Result<Verdict, Error> {
    note(tx, kept.person, NoticeKind::PasskeyCountFell, address)?;
    let alert = Alert {
        kind: AlertKind::PasskeyCopied,
        subject: &kept.person.to_string(),
        person: Some(kept.person),
        address,
    };
    raise(tx, &alert)?;
    Ok(Verdict::CountFell)
}
