//! Letters in the store: queued, taken under a lease, sent or given up.

use daybook_kernel::id::hex;
use daybook_kernel::post::{Letter, Sending};
use daybook_kernel::{Error, Param, Read, Write};

use super::letter::{self, Draft};

pub(super) const RECIPIENT: &str = "mails.recipient";
pub(super) const SUBJECT: &str = "mails.subject";
pub(super) const TEXT: &str = "mails.body_text";
const HTML: &str = "mails.body_html";
pub(super) const TROUBLE: &str = "mails.trouble";

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A try that is not told of by then is taken to be lost with its process.
const LEASE_MS: i64 = 5 * MINUTE_MS;
/// Waits between tries, the last one again and again, until the letter is given up.
const WAITS_MS: [i64; 6] = [
    MINUTE_MS,
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    HOUR_MS,
    2 * HOUR_MS,
    4 * HOUR_MS,
];
/// A relay that was away for longer is away.
const TRYING_MS_MAX: i64 = DAY_MS;
/// How long one can see what was sent to whom.
const KEPT_MS: i64 = 30 * DAY_MS;
/// What a relay says of a failure, as far as it is kept.
const TROUBLE_CHARACTERS_MAX: usize = 300;

/// Queues a letter.
pub(crate) fn post(tx: &mut Write<'_>, draft: &Draft<'_>) -> Result<(), Error> {
    let id = hex(&tx.random::<16>()?);
    post_as(tx, &id, draft)
}

/// The same under an id of its cause, so that what is delivered twice is one letter.
pub(crate) fn post_as(tx: &mut Write<'_>, id: &str, draft: &Draft<'_>) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    tx.run(
        "DELETE FROM mails WHERE state <> 'waiting' AND ended_at_ms < $1",
        &[(now - KEPT_MS).into()],
    )?;
    let site = tx.site();
    let sealed = |column, text| Param::Sealed { column, text };
    tx.run(
        "INSERT INTO mails (id, recipient, subject, body_text, body_html, state, tries, lease,
             queued_at_ms, due_at_ms, give_up_at_ms, ended_at_ms, trouble)
         VALUES ($1, $2, $3, $4, $5, 'waiting', 0, '', $6, $6, $7, 0, $8)
         ON CONFLICT (id) DO NOTHING",
        &[
            Param::Text(id),
            sealed(RECIPIENT, draft.to),
            sealed(SUBJECT, &letter::subject(draft)),
            sealed(TEXT, &letter::text(draft, site)),
            sealed(HTML, &letter::html(draft, site)),
            now.into(),
            draft.until_ms.min(now + TRYING_MS_MAX).into(),
            sealed(TROUBLE, ""),
        ],
    )?;
    Ok(())
}

pub(crate) fn is_queued(tx: &mut Read<'_>, id: &str) -> Result<bool, Error> {
    let found = tx.first(
        "SELECT 1 FROM mails WHERE id = $1",
        &[id.into()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

pub(super) fn is_due(tx: &mut Read<'_>) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let due = tx.first(
        "SELECT 1 FROM mails WHERE state = 'waiting' AND due_at_ms <= $1 LIMIT 1",
        &[now.into()],
        |_| Ok(()),
    )?;
    Ok(due.is_some())
}

pub(super) fn count(tx: &mut Read<'_>) -> Result<(i64, i64), Error> {
    let counts = tx.first(
        "SELECT CAST(COALESCE(sum(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END), 0) AS BIGINT),
             CAST(COALESCE(sum(CASE WHEN state = 'failed' THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM mails WHERE state <> 'sent'",
        &[],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    Ok(counts.unwrap_or_default())
}

/// Takes the letter that has been due for longest. Whoever changes the row first
/// has it: another process that read the same row changes nothing.
pub(super) fn take(tx: &mut Write<'_>) -> Result<Option<Letter>, Error> {
    let now = tx.now().as_millisecond();
    tx.run(
        "UPDATE mails SET state = 'failed', ended_at_ms = $1
         WHERE state = 'waiting' AND due_at_ms <= $1 AND give_up_at_ms <= $1",
        &[now.into()],
    )?;
    let due = tx.first(
        "SELECT id, recipient, subject, body_text, body_html FROM mails
         WHERE state = 'waiting' AND due_at_ms <= $1 ORDER BY due_at_ms, id LIMIT 1",
        &[now.into()],
        |row| {
            Ok(Letter {
                id: row.text(0)?.to_owned(),
                lease: String::new(),
                to: row.sealed(1, RECIPIENT)?,
                subject: row.sealed(2, SUBJECT)?,
                text: row.sealed(3, TEXT)?,
                html: row.sealed(4, HTML)?,
            })
        },
    )?;
    let Some(mut letter) = due else {
        return Ok(None);
    };
    letter.lease = hex(&tx.random::<16>()?);
    let taken = tx.run(
        "UPDATE mails SET lease = $2, due_at_ms = $3, tries = tries + 1
         WHERE id = $1 AND state = 'waiting' AND due_at_ms <= $4",
        &[
            Param::Text(&letter.id),
            Param::Text(&letter.lease),
            (now + LEASE_MS).into(),
            now.into(),
        ],
    )?;
    Ok((taken == 1).then_some(letter))
}

/// How the try ended. Whoever's lease is over has nothing to say any more.
pub(super) fn end(tx: &mut Write<'_>, letter: &Letter, sending: &Sending) -> Result<(), Error> {
    match sending {
        Sending::Sent => forget_content(tx, letter),
        Sending::Again(why) => try_again(tx, letter, why),
        Sending::Refused(why) => give_up(tx, letter, why),
    }
}

fn forget_content(tx: &mut Write<'_>, letter: &Letter) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let sealed = |column| Param::Sealed { column, text: "" };
    tx.run(
        "UPDATE mails SET state = 'sent', ended_at_ms = $3, body_text = $4, body_html = $5, trouble = $6
         WHERE id = $1 AND lease = $2 AND state = 'waiting'",
        &[
            Param::Text(&letter.id),
            Param::Text(&letter.lease),
            now.into(),
            sealed(TEXT),
            sealed(HTML),
            sealed(TROUBLE),
        ],
    )?;
    Ok(())
}

fn try_again(tx: &mut Write<'_>, letter: &Letter, why: &str) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let own = [Param::Text(&letter.id), Param::Text(&letter.lease)];
    let tries = tx.first(
        "SELECT tries FROM mails WHERE id = $1 AND lease = $2 AND state = 'waiting'",
        &own,
        |row| row.int(0),
    )?;
    let Some(tries) = tries else {
        return Ok(());
    };
    let at = usize::try_from(tries - 1).unwrap_or(0);
    let wait_ms = WAITS_MS[at.min(WAITS_MS.len() - 1)];
    tx.run(
        "UPDATE mails SET due_at_ms = $3, lease = '', trouble = $4 WHERE id = $1 AND lease = $2",
        &[
            Param::Text(&letter.id),
            Param::Text(&letter.lease),
            (now + wait_ms).into(),
            Param::Sealed {
                column: TROUBLE,
                text: &shortened(why),
            },
        ],
    )?;
    Ok(())
}

fn give_up(tx: &mut Write<'_>, letter: &Letter, why: &str) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    tx.run(
        "UPDATE mails SET state = 'failed', ended_at_ms = $3, trouble = $4
         WHERE id = $1 AND lease = $2 AND state = 'waiting'",
        &[
            Param::Text(&letter.id),
            Param::Text(&letter.lease),
            now.into(),
            Param::Sealed {
                column: TROUBLE,
                text: &shortened(why),
            },
        ],
    )?;
    Ok(())
}

fn shortened(why: &str) -> String {
    why.chars().take(TROUBLE_CHARACTERS_MAX).collect()
}
