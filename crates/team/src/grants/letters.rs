//! What company and practice tell each other of a grant. A letter comes at least
//! once and may come late, so each moves the receiver's copy forward only: what
//! has ended never opens again.

use daybook_kernel::road::{Letter, SignedIn, Told, WorkspaceEntry};
use daybook_kernel::{Caller, Change, Error, GrantScope, Read, WorkspaceId, Write};
use serde::{Deserialize, Serialize};

use super::model::{Grant, RECEIVED_MAX, Side, State};
use super::store::{self, Hand, New};
use super::{GIVEN, RECEIVED};
use crate::access_changes::{News, publish};

/// From the company: the whole of a grant as it stands now.
pub(super) const GRANT: Letter = Letter {
    kind: "team.grant",
    to: |payload| parse::<Terms>(payload)?.to.parse().map_err(Error::ours),
    take: take_grant,
};

/// From the practice: that it accepted a grant, or gave it back.
pub(super) const ANSWER: Letter = Letter {
    kind: "team.grant_answer",
    to: |payload| parse::<Reply>(payload)?.to.parse().map_err(Error::ours),
    take: take_answer,
};

#[derive(Serialize, Deserialize)]
struct Terms {
    to: String,
    grant: String,
    scope: GrantScope,
    purpose: String,
    offered_by: String,
    offered_at_ms: i64,
    expires_at_ms: i64,
    /// Who ended it and when, if the company has.
    revoked: Option<By>,
}

#[derive(Serialize, Deserialize)]
struct Reply {
    to: String,
    grant: String,
    accepted: bool,
    by: By,
}

/// Whoever did it in the other workspace.
#[derive(Serialize, Deserialize)]
struct By {
    person: String,
    email: String,
    at_ms: i64,
}

impl By {
    fn hand(&self) -> Hand<'_> {
        Hand {
            email: &self.email,
            at_ms: self.at_ms,
        }
    }

    fn signed_in(&self) -> Option<SignedIn> {
        Some(SignedIn {
            person: self.person.parse().ok()?,
            email: self.email.clone(),
        })
    }

    fn of(tx: &Read<'_>, caller: &Caller) -> Self {
        Self {
            person: caller.person.map(|it| it.to_string()).unwrap_or_default(),
            email: caller.email.clone(),
            at_ms: tx.now().as_millisecond(),
        }
    }
}

/// Tells the practice what the company offers.
pub(super) fn tell_offered(tx: &mut Write<'_>, new: &New<'_>) -> Result<(), Error> {
    let terms = Terms {
        to: new.other.to_owned(),
        grant: new.id.to_owned(),
        scope: new.scope,
        purpose: new.purpose.to_owned(),
        offered_by: new.offered_by.to_owned(),
        offered_at_ms: new.offered_at_ms,
        expires_at_ms: new.expires_at_ms,
        revoked: None,
    };
    post(tx, GRANT.kind, &terms)
}

/// Tells the practice that the company has ended it.
pub(super) fn tell_revoked(
    tx: &mut Write<'_>,
    grant: &Grant,
    caller: &Caller,
) -> Result<(), Error> {
    let offered_at: jiff::Timestamp = grant.offered_at.parse().map_err(Error::ours)?;
    let day = grant.until.parse().map_err(Error::ours)?;
    let end = super::model::end_of(day).ok_or_else(|| Error::ours("a grant without an end"))?;
    let terms = Terms {
        to: grant.other.clone(),
        grant: grant.grant.clone(),
        scope: grant.scope,
        purpose: grant.purpose.clone(),
        offered_by: grant.offered_by.clone(),
        offered_at_ms: offered_at.as_millisecond(),
        expires_at_ms: end,
        revoked: Some(By::of(tx, caller)),
    };
    post(tx, GRANT.kind, &terms)
}

/// Tells the company what the practice answers.
pub(super) fn tell_answer(
    tx: &mut Write<'_>,
    grant: &Grant,
    state: State,
    caller: &Caller,
) -> Result<(), Error> {
    let reply = Reply {
        to: grant.other.clone(),
        grant: grant.grant.clone(),
        accepted: state == State::Accepted,
        by: By::of(tx, caller),
    };
    post(tx, ANSWER.kind, &reply)
}

/// In the practice.
fn take_grant(
    tx: &mut Write<'_>,
    from: &WorkspaceEntry,
    payload: &str,
) -> Result<Option<Told>, Error> {
    let terms: Terms = parse(payload)?;
    let known = store::load(tx, Side::Received, &terms.grant)?;
    if known
        .as_ref()
        .is_some_and(|it| it.other != from.id.to_string())
    {
        return Ok(None);
    }
    // A flood of offers is nobody's to read. Nobody is told: no code can be tried out.
    if known.is_none() && store::count_open(tx, Side::Received)? >= RECEIVED_MAX {
        return Ok(None);
    }
    let new = New {
        id: &terms.grant,
        side: Side::Received,
        other: &from.id.to_string(),
        other_known: (&from.slug, &from.name),
        scope: terms.scope,
        purpose: &terms.purpose,
        offered_by: &terms.offered_by,
        offered_at_ms: terms.offered_at_ms,
        expires_at_ms: terms.expires_at_ms,
    };
    let made = store::insert(tx, &new)?;
    let Some(by) = &terms.revoked else {
        return told_offer(tx, &terms.grant, made);
    };
    let ended = store::end(
        tx,
        (Side::Received, &terms.grant),
        State::Revoked,
        &by.hand(),
    )?;
    if !ended {
        return Ok(None);
    }
    let after = get(tx, Side::Received, &terms.grant)?;
    if known.as_ref().is_some_and(|it| it.state == State::Accepted) {
        announce(tx, by, &after, (&after.terms(), ""))?;
    }
    Ok(Some(Told {
        operation: "team.revoke_grant",
        whose: by.signed_in(),
        change: Change::updated(RECEIVED, &after.grant, &known, &after),
    }))
}

fn told_offer(tx: &mut Write<'_>, grant: &str, made: bool) -> Result<Option<Told>, Error> {
    if !made {
        return Ok(None);
    }
    let after = get(tx, Side::Received, grant)?;
    Ok(Some(Told {
        operation: "team.offer_grant",
        whose: None,
        change: Change::created(RECEIVED, grant, &after),
    }))
}

/// In the company.
fn take_answer(
    tx: &mut Write<'_>,
    from: &WorkspaceEntry,
    payload: &str,
) -> Result<Option<Told>, Error> {
    let reply: Reply = parse(payload)?;
    let id = reply.grant.as_str();
    let Some(before) = store::load(tx, Side::Given, id)? else {
        return Ok(None);
    };
    if before.other != from.id.to_string() {
        return Ok(None);
    }
    let by = reply.by.hand();
    let (moved, operation) = if reply.accepted {
        let accepted = store::accept(tx, Side::Given, id, &by)?;
        (accepted, "team.accept_grant")
    } else {
        let ended = store::end(tx, (Side::Given, id), State::Returned, &by)?;
        (ended, "team.return_grant")
    };
    if !moved {
        return Ok(None);
    }
    store::name_other(tx, id, &from.slug, &from.name)?;
    let after = get(tx, Side::Given, id)?;
    let terms = after.terms();
    let news = if reply.accepted {
        ("offered", terms.as_str())
    } else {
        (terms.as_str(), "")
    };
    announce(tx, &reply.by, &after, news)?;
    Ok(Some(Told {
        operation,
        whose: reply.by.signed_in(),
        change: Change::updated(GIVEN, id, &before, &after),
    }))
}

/// Publishes a change that somebody made in the other workspace.
fn announce(
    tx: &mut Write<'_>,
    by: &By,
    grant: &Grant,
    (old, new): (&str, &str),
) -> Result<(), Error> {
    let actor = Caller {
        email: by.email.clone(),
        ..Caller::system()
    };
    let news = News {
        kind: "grant",
        subject: &grant.other_named(),
        old,
        new,
    };
    publish(tx, &actor, &news)
}

fn get(tx: &mut Read<'_>, side: Side, id: &str) -> Result<Grant, Error> {
    store::load(tx, side, id)?.ok_or_else(|| Error::ours("a grant is gone"))
}

fn post(tx: &mut Write<'_>, kind: &'static str, letter: &impl Serialize) -> Result<(), Error> {
    let payload = serde_json::to_string(letter).map_err(Error::ours)?;
    tx.post_to_outbox(kind, &payload)
}

fn parse<'p, T: Deserialize<'p>>(payload: &'p str) -> Result<T, Error> {
    serde_json::from_str(payload).map_err(Error::ours)
}

/// A practice's code, as somebody typed it: the id of its workspace.
pub(super) fn read_code(text: &str) -> Option<WorkspaceId> {
    let plain: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    plain.to_ascii_lowercase().parse().ok()
}
