//! Assignments in the store, and what a Member sees of each table of the books.

use daybook_kernel::{Caller, Error, Param, Read, Role, Shows, Sight, Write};

/// From the assignments everything follows: the accounts, their lines, the entries that have one
/// of them. A test holds this list against the tables that the migrations make.
pub const SIGHTS: &[Sight] = &[
    part("assignments", "*", "person = CAST($person AS TEXT)"),
    part(
        "accounts",
        "*",
        "id IN (WITH RECURSIVE assigned (id) AS ( \
           SELECT s.account FROM whole__assignments s WHERE s.person = CAST($person AS TEXT) \
           UNION SELECT b.id FROM whole__accounts b JOIN assigned u ON b.parent = u.id) \
         SELECT id FROM assigned)",
    ),
    part("lines", "*", "account IN (SELECT id FROM accounts)"),
    // An import is shown to nobody in part, so no entry leads to one.
    part(
        "entries",
        "number, date, description, reference, note, posted_at_ms, reverses, \
         CAST(NULL AS BIGINT) AS import, journal",
        "EXISTS (SELECT 1 FROM lines WHERE entry = number)",
    ),
    part(
        "entry_tags",
        "*",
        "EXISTS (SELECT 1 FROM lines l WHERE l.entry = whole__entry_tags.entry)",
    ),
    part(
        "account_balances",
        "*",
        "account IN (SELECT id FROM accounts)",
    ),
    part(
        "running_balances",
        "*",
        "account IN (SELECT id FROM accounts)",
    ),
    part(
        "entry_template_lines",
        "*",
        "account IN (SELECT id FROM accounts)",
    ),
    part(
        "entry_templates",
        "*",
        "EXISTS (SELECT 1 FROM entry_template_lines WHERE template = id)",
    ),
    // How many entries came with a file, and its name, are about all of them.
    part("imports", "*", "1 = 0"),
    part("imported_entries", "*", "1 = 0"),
    // The next number tells how many entries there are.
    part(
        "books_settings",
        "id, base_currency, base_scale, (SELECT count(*) FROM entries) + 1 AS next_entry",
        "1 = 1",
    ),
    // That access changed is published to everybody; which account it is about is not.
    part(
        "access_changes",
        "id, at_ms, actor, kind, subject, \
         CASE WHEN account IS NULL OR account IN (SELECT id FROM accounts) THEN old END AS old, \
         CASE WHEN account IS NULL OR account IN (SELECT id FROM accounts) THEN new END AS new",
        "1 = 1",
    ),
    Sight {
        table: "journals",
        shows: Shows::Everything("an entry is posted to one; they are settings"),
    },
    Sight {
        table: "commodities",
        shows: Shows::Everything("an amount read at another scale would be another amount"),
    },
    Sight {
        table: "period_lock",
        shows: Shows::Everything("whoever posts must know what is locked"),
    },
];

const fn part(table: &'static str, columns: &'static str, rows: &'static str) -> Sight {
    Sight {
        table,
        shows: Shows::Part { columns, rows },
    }
}

const ALL: &str = "SELECT person, account, assigned_at_ms FROM assignments \
     WHERE CAST($1 AS TEXT) IS NULL OR person = $1";

const INSERT: &str = "INSERT INTO assignments (person, account, assigned_at_ms) \
     VALUES ($1, $2, $3) ON CONFLICT (person, account) DO NOTHING";

const COUNT: &str = "SELECT count(*) FROM assignments WHERE person = $1";

const REMOVE: &str = "DELETE FROM assignments WHERE person = $1 AND account = $2";

// Members and the published list are the team's tables, whose names and columns are settled: an
// assignment refers to the one and is told in the other.
const MEMBERS: &str = "SELECT person, email, role FROM members";

const PUBLISH: &str = "INSERT INTO access_changes \
     (at_ms, actor, kind, subject, old, new, account) \
     VALUES ($1, $2, 'assignment', $3, $4, $5, $6)";

#[derive(Debug)]
pub(super) struct Member {
    pub person: String,
    pub email: String,
    pub role: Role,
}

/// All members, by address.
pub(super) fn members(tx: &mut Read<'_>) -> Result<Vec<Member>, Error> {
    let mut members = tx.all(MEMBERS, &[], |row| {
        let role = row.text(2)?;
        Ok(Member {
            person: row.text(0)?.to_owned(),
            email: row.sealed(1, "members.email")?,
            role: role
                .parse()
                .map_err(|()| Error::ours(format!("the store has a role {role}")))?,
        })
    })?;
    members.sort_by_cached_key(|one| (one.email.to_lowercase(), one.person.clone()));
    Ok(members)
}

/// Publishes a change to every member; which account it is, to those who see it.
pub(super) fn publish(
    tx: &mut Write<'_>,
    actor: &Caller,
    subject: &str,
    (old, new): (&str, &str),
    account: i64,
) -> Result<(), Error> {
    let sealed = |column, text| Param::Sealed { column, text };
    let who = if actor.email.is_empty() {
        actor.kind_name()
    } else {
        &actor.email
    };
    let now = tx.now().as_millisecond();
    let params = [
        now.into(),
        sealed("access_changes.actor", who),
        sealed("access_changes.subject", subject),
        sealed("access_changes.old", old),
        sealed("access_changes.new", new),
        account.into(),
    ];
    tx.run(PUBLISH, &params)?;
    Ok(())
}

#[derive(Debug)]
pub(super) struct Kept {
    pub person: String,
    pub account: i64,
    pub at_ms: i64,
}

/// The assignments of one person, or of all.
pub(super) fn all(tx: &mut Read<'_>, person: Option<&str>) -> Result<Vec<Kept>, Error> {
    tx.all(ALL, &[person.into()], |row| {
        Ok(Kept {
            person: row.text(0)?.to_owned(),
            account: row.int(1)?,
            at_ms: row.int(2)?,
        })
    })
}

pub(super) fn count(tx: &mut Read<'_>, person: &str) -> Result<i64, Error> {
    let count = tx.first(COUNT, &[person.into()], |row| row.int(0))?;
    Ok(count.unwrap_or_default())
}

/// Whether it was not assigned already.
pub(super) fn insert(tx: &mut Write<'_>, person: &str, account: i64) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let touched = tx.run(INSERT, &[person.into(), account.into(), now.into()])?;
    Ok(touched == 1)
}

/// Whether it was assigned.
pub(super) fn remove(tx: &mut Write<'_>, person: &str, account: i64) -> Result<bool, Error> {
    let touched = tx.run(REMOVE, &[person.into(), account.into()])?;
    Ok(touched == 1)
}
