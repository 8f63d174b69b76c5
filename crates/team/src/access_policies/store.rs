//! Policies in the store. A rule is kept sealed: it tells where people work.

use daybook_kernel::{Error, Param, Read, Role, Row, Write};

use super::model::{Policy, Rule};
use crate::instant;

const NAME: &str = "access_policies.name";
const RULE: &str = "access_policies.rule";
/// Each is judged on every request; whoever needs more wants another tool.
pub(super) const POLICIES_MAX: usize = 20;

pub(super) fn all(tx: &mut Read<'_>) -> Result<Vec<Policy>, Error> {
    tx.all(
        "SELECT id, name, roles, rule, set_at_ms FROM access_policies ORDER BY set_at_ms, id",
        &[],
        read,
    )
}

pub(super) fn load(tx: &mut Read<'_>, id: &str) -> Result<Option<Policy>, Error> {
    tx.first(
        "SELECT id, name, roles, rule, set_at_ms FROM access_policies WHERE id = $1",
        &[Param::Text(id)],
        read,
    )
}

/// Keeps a policy, in place of one of the same id.
pub(super) fn keep(
    tx: &mut Write<'_>,
    id: &str,
    name: &str,
    roles: &[Role],
    rule: &Rule,
) -> Result<Policy, Error> {
    let now = tx.now().as_millisecond();
    let role_names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    let text = serde_json::to_string(rule).map_err(Error::ours)?;
    tx.run(
        "INSERT INTO access_policies (id, name, roles, rule, set_at_ms)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, roles = excluded.roles,
             rule = excluded.rule, set_at_ms = excluded.set_at_ms",
        &[
            Param::Text(id),
            Param::Sealed {
                column: NAME,
                text: name,
            },
            Param::Text(&role_names.join(" ")),
            Param::Sealed {
                column: RULE,
                text: &text,
            },
            now.into(),
        ],
    )?;
    Ok(Policy {
        id: id.to_owned(),
        name: name.to_owned(),
        roles: roles.to_vec(),
        rule: rule.clone(),
        means: rule.means(),
        set_at: instant(now),
    })
}

pub(super) fn remove(tx: &mut Write<'_>, id: &str) -> Result<(), Error> {
    tx.run(
        "DELETE FROM access_policies WHERE id = $1",
        &[Param::Text(id)],
    )?;
    Ok(())
}

fn read(row: &dyn Row) -> Result<Policy, Error> {
    let rule: Rule = serde_json::from_str(&row.sealed(3, RULE)?).map_err(Error::ours)?;
    let roles = row
        .text(2)?
        .split_whitespace()
        .map(|role| {
            role.parse()
                .map_err(|()| Error::ours(format!("the store has a role {role}")))
        })
        .collect::<Result<_, _>>()?;
    Ok(Policy {
        id: row.text(0)?.to_owned(),
        name: row.sealed(1, NAME)?,
        roles,
        means: rule.means(),
        rule,
        set_at: instant(row.int(4)?),
    })
}
