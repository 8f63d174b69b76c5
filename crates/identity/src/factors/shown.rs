//! A second factor as it is shown: one field for the code of an app or for a
//! recovery code, or a passkey's answer to its challenge.

use daybook_kernel::{Asker, Caller, Error, PersonId, Refusal, Write};
use schemars::JsonSchema;
use serde::Serialize;

use super::passkeys::{self, Verdict};
use super::tries::{self, Try};
use super::{NoticeKind, asking_session, note, recovery_codes, totp};
use crate::secret::Secret;
use crate::signed_in;

/// What was counted and looked at before the transaction that acts.
#[derive(Default)]
pub(crate) struct Charged {
    counted: Try,
    verdict: Option<Verdict>,
}

/// Which factor was right.
#[derive(Serialize, JsonSchema, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Factor {
    Password,
    App,
    RecoveryCode,
    Passkey,
}

const NOT_RIGHT: &str = "This code is not right, or it was used already. Type the one that is shown now, or a recovery code.";

/// Counts the try. A passkey's answer is judged here, as its challenge must be
/// gone whatever comes of it.
pub(crate) fn charge(
    tx: &mut Write<'_>,
    asker: &Asker<'_>,
    passkey: Option<(&str, &Secret)>,
) -> Result<Charged, Error> {
    let session = asking_session(asker)?;
    let person = asker.person.ok_or(Refusal::Unauthenticated)?;
    let counted = tries::charge(tx, person, &session.id, &asker.origin.address)?;
    let verdict = match passkey {
        None => None,
        Some((challenge, answer)) => {
            let asked = passkeys::Asked::Session(&session.id);
            let verdict = passkeys::judge(tx, &asked, challenge, answer, &asker.origin.address)?;
            Some(verdict)
        }
    };
    Ok(Charged { counted, verdict })
}

/// A passkey's answer with the id of its challenge, if both are there.
pub(crate) fn passkey<'a>(
    challenge: Option<&'a str>,
    answer: Option<&'a Secret>,
) -> Option<(&'a str, &'a Secret)> {
    answer.map(|answer| (challenge.unwrap_or_default(), answer))
}

/// Uses up what was shown, or refuses it.
pub(crate) fn settle(
    tx: &mut Write<'_>,
    caller: &Caller,
    charged: &Charged,
    code: Option<&Secret>,
) -> Result<Factor, Error> {
    let person = signed_in(caller)?;
    let origin = caller.origin.as_ref();
    let address = origin.map_or("", |origin| origin.address.as_str());
    let factor = match (&charged.verdict, code) {
        (Some(verdict), _) => {
            if verdict.person()? != person {
                return Err(passkeys::unknown());
            }
            Factor::Passkey
        }
        (None, Some(code)) => by_code(tx, person, code, address)?,
        (None, None) => {
            return Err(Error::fault("code", "Type a code, or use a passkey."));
        }
    };
    forgive(tx, charged)?;
    Ok(factor)
}

/// Takes the try off again: the factor was right.
pub(crate) fn forgive(tx: &mut Write<'_>, charged: &Charged) -> Result<(), Error> {
    tries::forgive(tx, &charged.counted)
}

fn by_code(
    tx: &mut Write<'_>,
    person: PersonId,
    code: &Secret,
    address: &str,
) -> Result<Factor, Error> {
    if totp::use_code(tx, person, code)? {
        return Ok(Factor::App);
    }
    if recovery_codes::use_code(tx, person, code)? {
        note(tx, person, NoticeKind::RecoveryCodeUsed, address)?;
        return Ok(Factor::RecoveryCode);
    }
    Err(Refusal::Forbidden(NOT_RIGHT.to_owned()).into())
}
