//! Members in the store, and the answers that the road asks for.

use std::collections::HashMap;

use daybook_kernel::road::{Founder, Membership, SignedIn};
use daybook_kernel::{Caller, Change, Error, Param, PersonId, Read, Role, Row, Write};
use serde::Serialize;

use super::model::Member;
use crate::access_changes::{News, publish};
use crate::api_tokens::revoke_all_of;
use crate::instant;
use crate::{known_devices, member_alerts};

pub(crate) const EMAIL: &str = "members.email";

/// More than work in one set of books; a list of them is still one page.
const MEMBERS_MAX: i64 = 1_000;

/// What a person may do here, if they are a member.
pub fn member(tx: &mut Read<'_>, person: PersonId) -> Result<Option<Membership>, Error> {
    tx.first(
        "SELECT role, suspended, (SELECT count(*) FROM access_policies)
         FROM members WHERE person = $1",
        &[Param::Text(&person.to_string())],
        |row| membership(row, 0),
    )
}

/// Reads role, suspension and the count of the workspace's own policies.
pub(crate) fn membership(row: &dyn Row, column: usize) -> Result<Membership, Error> {
    Ok(Membership {
        role: role(row, column)?,
        suspended: row.int(column + 1)? != 0,
        guarded: row.int(column + 2)? != 0,
    })
}

/// The Owner who has been here longest, for whoever acts at the server itself.
pub fn first_owner(tx: &mut Read<'_>) -> Result<Option<SignedIn>, Error> {
    tx.first(
        "SELECT person, email FROM members WHERE role = 'Owner' AND suspended = 0
         ORDER BY joined_at_ms, person LIMIT 1",
        &[],
        |row| {
            Ok(SignedIn {
                person: row.text(0)?.parse().map_err(Error::ours)?,
                email: row.sealed(1, EMAIL)?,
            })
        },
    )
}

/// Makes the first Owner of a new workspace.
pub fn found(tx: &mut Write<'_>, founder: &Founder) -> Result<Change, Error> {
    let owner = insert(tx, founder.person, &founder.email, Role::Owner)?;
    Ok(Change::created("Member", &owner.person, &owner))
}

pub(crate) fn load(tx: &mut Read<'_>, person: &str) -> Result<Option<Member>, Error> {
    tx.first(
        "SELECT person, email, role, suspended, joined_at_ms FROM members WHERE person = $1",
        &[Param::Text(person)],
        read,
    )
}

/// The member that the road has already found, once more.
pub(super) fn get(tx: &mut Read<'_>, person: &str) -> Result<Member, Error> {
    load(tx, person)?.ok_or_else(Error::not_found)
}

/// Every member: addresses are sealed in the store, so they are put in order here.
pub(crate) fn all(tx: &mut Read<'_>) -> Result<Vec<Member>, Error> {
    let mut members = tx.all(
        "SELECT person, email, role, suspended, joined_at_ms FROM members",
        &[],
        read,
    )?;
    members.sort_by_cached_key(|member| (member.email.to_lowercase(), member.person.clone()));
    Ok(members)
}

/// By person, whether they have a second factor; who is not known is left out.
pub(crate) fn second_factors(tx: &mut Read<'_>) -> Result<HashMap<String, bool>, Error> {
    let known = tx.all(
        "SELECT person, second_factor FROM members WHERE second_factor IS NOT NULL",
        &[],
        |row| Ok((row.text(0)?.to_owned(), row.int(1)? != 0)),
    )?;
    Ok(known.into_iter().collect())
}

fn count(tx: &mut Read<'_>) -> Result<i64, Error> {
    let count = tx.first("SELECT count(*) FROM members", &[], |row| row.int(0))?;
    Ok(count.unwrap_or(0))
}

/// Makes a person a member who is none yet.
pub(crate) fn join(
    tx: &mut Write<'_>,
    person: PersonId,
    email: &str,
    role: Role,
) -> Result<Member, Error> {
    if member(tx, person)?.is_some() {
        return Err(Error::fault(
            "email",
            "This person is already a member. Change the role instead.",
        ));
    }
    if count(tx)? >= MEMBERS_MAX {
        return Err(Error::conflict(format!(
            "A workspace has at most {MEMBERS_MAX} members."
        )));
    }
    insert(tx, person, email, role)
}

/// Takes a member out, with their API tokens. What they did stays.
pub(super) fn take_out(tx: &mut Write<'_>, actor: &Caller, member: &Member) -> Result<(), Error> {
    keep_an_owner(tx, member)?;
    revoke_all_of(tx, &member.person)?;
    known_devices::remove_all_of(tx, &member.person)?;
    member_alerts::remove_all_of(tx, &member.person)?;
    tx.run(
        "DELETE FROM members WHERE person = $1",
        &[Param::Text(&member.person)],
    )?;
    tell_instance(tx, &member.person, false)?;
    let news = News {
        kind: "member",
        subject: &member.email,
        old: member.role.name(),
        new: "",
    };
    publish(tx, actor, &news)
}

fn insert(tx: &mut Write<'_>, person: PersonId, email: &str, role: Role) -> Result<Member, Error> {
    let now = tx.now().as_millisecond();
    let id = person.to_string();
    tx.run(
        "INSERT INTO members (person, email, role, suspended, joined_at_ms)
         VALUES ($1, $2, $3, 0, $4)",
        &[
            Param::Text(&id),
            Param::Sealed {
                column: EMAIL,
                text: email,
            },
            Param::Text(role.name()),
            now.into(),
        ],
    )?;
    tell_instance(tx, &id, true)?;
    Ok(Member {
        person: id,
        email: email.to_owned(),
        role,
        suspended: false,
        joined_at: instant(now),
    })
}

/// Refuses to take away the last Owner who can act.
pub(super) fn keep_an_owner(tx: &mut Read<'_>, member: &Member) -> Result<(), Error> {
    if member.role != Role::Owner || member.suspended {
        return Ok(());
    }
    let others = tx.first(
        "SELECT count(*) FROM members WHERE role = 'Owner' AND suspended = 0 AND person <> $1",
        &[Param::Text(&member.person)],
        |row| row.int(0),
    )?;
    if others.unwrap_or(0) == 0 {
        return Err(Error::conflict(format!(
            "{} is the last Owner here. Make somebody else an Owner first.",
            member.email
        )));
    }
    Ok(())
}

/// Tells the instance whose switcher shows this workspace.
pub(super) fn tell_instance(tx: &mut Write<'_>, person: &str, member: bool) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Told<'a> {
        workspace: String,
        person: &'a str,
        member: bool,
    }
    let Some(workspace) = tx.workspace() else {
        return Err(Error::ours("members are kept in a workspace"));
    };
    let told = Told {
        workspace: workspace.to_string(),
        person,
        member,
    };
    let payload = serde_json::to_string(&told).map_err(Error::ours)?;
    tx.post_to_outbox("team.membership", &payload)
}

fn role(row: &dyn Row, column: usize) -> Result<Role, Error> {
    let text = row.text(column)?;
    text.parse()
        .map_err(|()| Error::ours(format!("the store has a role {text}")))
}

fn read(row: &dyn Row) -> Result<Member, Error> {
    Ok(Member {
        person: row.text(0)?.to_owned(),
        email: row.sealed(1, EMAIL)?,
        role: role(row, 2)?,
        suspended: row.int(3)? != 0,
        joined_at: instant(row.int(4)?),
    })
}
