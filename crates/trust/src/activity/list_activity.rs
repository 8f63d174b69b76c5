//! The log from its newest record back, narrowed by who, what and when.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Param, Permit, Query, Rate, Read, Scope, Spec, StepUp,
    Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::filter::{self, End};
use super::model::{Activity, Outcome, read, seen_by};

/// A page that is still read; more comes with the cursor.
const LIMIT_MAX: i64 = 200;
const LIMIT_DEFAULT: i64 = 50;
const FILTER_CHARACTERS_MAX: usize = 254;

#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ListActivity {
    /// Who did it: an e-mail address, or the id of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What was done: an operation (`books.post_entry`) or a domain (`books.*`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Whether it was allowed or refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// From this day (UTC) or instant on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Through this day (UTC), or before this instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The kind of thing it was done to, such as `Member`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_kind: Option<String>,
    /// The id of the thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_id: Option<String>,
    /// Where the answer before this one ended, as its `next` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many records at most, up to 200; 50 if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ActivityList {
    /// The newest first.
    pub(super) records: Vec<Activity>,
    /// The cursor of the records before these, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

impl Query for ListActivity {
    const SPEC: Spec = Spec {
        name: "trust.list_activity",
        summary: "List what was done here, by whom and with what outcome.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = ActivityList;

    fn example() -> Self {
        Self {
            operation: Some("books.*".to_owned()),
            from: Some("2026-01-01".to_owned()),
            limit: Some(LIMIT_DEFAULT),
            ..Self::default()
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        for (field, value) in [
            ("actor", &self.actor),
            ("operation", &self.operation),
            ("target_kind", &self.target_kind),
            ("target_id", &self.target_id),
        ] {
            faults.length(
                field,
                value.as_deref().unwrap_or_default(),
                FILTER_CHARACTERS_MAX,
            );
        }
        for (field, value, end) in [("from", &self.from, End::From), ("to", &self.to, End::To)] {
            if value
                .as_deref()
                .is_some_and(|text| filter::instant_ms(text, end).is_none())
            {
                faults.add(field, "This is no date. Write it as 2026-01-31.");
            }
        }
        if self
            .cursor
            .as_deref()
            .is_some_and(|text| text.parse::<i64>().is_err())
        {
            faults.add(
                "cursor",
                "This is no cursor. Take it from the answer before, or leave it out.",
            );
        }
        if self
            .limit
            .is_some_and(|limit| !(1..=LIMIT_MAX).contains(&limit))
        {
            faults.add("limit", format!("Choose 1 to {LIMIT_MAX}."));
        }
    }

    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<ActivityList, Error> {
        let own = seen_by(permit.caller())?;
        let actor = match self.actor.as_deref() {
            Some(email) if email.contains('@') => match tx.find_person(email)? {
                Some(person) => Some(person.to_string()),
                None => {
                    return Ok(ActivityList {
                        records: Vec::new(),
                        next: None,
                    });
                }
            },
            other => other.map(ToOwned::to_owned),
        };
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        let mut records = self.select(tx, own.as_deref(), actor.as_deref(), limit + 1)?;
        let more = i64::try_from(records.len()).is_ok_and(|count| count > limit);
        if more {
            records.pop();
        }
        let next = records
            .last()
            .filter(|_| more)
            .map(|last| last.seq.to_string());
        Ok(ActivityList { records, next })
    }

    fn table(output: &ActivityList) -> Option<Table> {
        let mut table = Table::new(&[
            ("seq", true),
            ("at", false),
            ("actor", false),
            ("role", false),
            ("operation", false),
            ("target", false),
            ("id", false),
            ("outcome", false),
            ("reason", false),
            ("request", false),
        ]);
        table.rows = output.records.iter().map(cells).collect();
        Some(table)
    }
}

impl ListActivity {
    fn select(
        &self,
        tx: &mut Read<'_>,
        own: Option<&str>,
        actor: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Activity>, Error> {
        let before = self
            .cursor
            .as_deref()
            .and_then(|text| text.parse::<i64>().ok());
        let from = self
            .from
            .as_deref()
            .and_then(|text| filter::instant_ms(text, End::From));
        let to = self
            .to
            .as_deref()
            .and_then(|text| filter::instant_ms(text, End::To));
        let (whole, start) = self
            .operation
            .as_deref()
            .map(filter::operation)
            .unwrap_or_default();
        tx.all(
            "SELECT seq, at_ms, operation, outcome, actor, target_kind, target_id, content
             FROM audit_records
             WHERE (CAST($1 AS BIGINT) IS NULL OR seq < $1)
               AND (CAST($2 AS TEXT) IS NULL OR actor = $2)
               AND (CAST($3 AS TEXT) IS NULL OR actor = $3)
               AND (CAST($4 AS TEXT) IS NULL OR operation = $4)
               AND (CAST($5 AS TEXT) IS NULL OR substr(operation, 1, length($5)) = $5)
               AND (CAST($6 AS TEXT) IS NULL OR outcome = $6)
               AND (CAST($7 AS BIGINT) IS NULL OR at_ms >= $7)
               AND (CAST($8 AS BIGINT) IS NULL OR at_ms < $8)
               AND (CAST($9 AS TEXT) IS NULL OR target_kind = $9)
               AND (CAST($10 AS TEXT) IS NULL OR target_id = $10)
             ORDER BY seq DESC LIMIT $11",
            &[
                before.into(),
                own.into(),
                actor.into(),
                whole.into(),
                start.as_deref().into(),
                self.outcome.map(Outcome::word).into(),
                from.into(),
                to.into(),
                self.target_kind.as_deref().into(),
                self.target_id.as_deref().into(),
                Param::Int(limit),
            ],
            |row| Ok(read(row)?.0),
        )
    }
}

fn cells(record: &Activity) -> Vec<String> {
    let actor = if record.actor_email.is_empty() {
        &record.actor_kind
    } else {
        &record.actor_email
    };
    vec![
        record.seq.to_string(),
        record.at.clone(),
        actor.clone(),
        record.actor_role.clone(),
        record.operation.clone(),
        record.target_kind.clone(),
        record.target_id.clone(),
        record.outcome.word().to_owned(),
        record.reason.clone(),
        record.request.clone(),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn each_bad_filter_is_named() {
        let asked: ListActivity = serde_json::from_value(serde_json::json!({
            "from": "soon", "to": "2026-13-01", "cursor": "x", "limit": 201, "actor": "a".repeat(300)
        }))
        .unwrap();
        let mut faults = Faults::default();
        asked.check(&mut faults);
        let mut fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["actor", "cursor", "from", "limit", "to"]);
        let mut faults = Faults::default();
        ListActivity::example().check(&mut faults);
        assert!(faults.is_empty());
    }
}
