//! Advisories that do not touch us, each for a reason and until a day.

/// As this build has them.
pub const PUT_OFF: &str = include_str!("../../../supply-chain/ignored.toml");

#[derive(Debug, Default)]
pub struct PutOff {
    pub entries: Vec<Entry>,
}

#[derive(Debug)]
pub struct Entry {
    pub id: String,
    pub reason: String,
    /// The last day, as `YYYY-MM-DD`.
    pub expires_on: String,
}

/// What was put off when this program was built.
pub fn put_off() -> Result<PutOff, String> {
    PutOff::parse(PUT_OFF)
}

impl PutOff {
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: toml::Table = text.parse().map_err(|error| format!("{error}"))?;
        let entries = table.get("advisory").and_then(toml::Value::as_array);
        let entries = entries.into_iter().flatten().map(Entry::read);
        Ok(Self {
            entries: entries.collect::<Result<_, String>>()?,
        })
    }

    /// Whether somebody decided that this advisory can wait, today (`YYYY-MM-DD`) still.
    pub fn covers(&self, id: &str, today: &str) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.id == id && today <= entry.expires_on.as_str())
    }
}

impl Entry {
    fn read(value: &toml::Value) -> Result<Self, String> {
        let field = |name: &str| {
            let text = value.get(name).and_then(toml::Value::as_str);
            let text = text.map(str::trim).filter(|text| !text.is_empty());
            text.map(str::to_owned)
                .ok_or_else(|| format!("an entry has no {name}"))
        };
        Ok(Self {
            id: field("id")?,
            reason: field("reason")?,
            expires_on: field("expires_on")?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_entry_without_its_reason_or_its_end_is_refused() {
        let id = "[[advisory]]\nid = \"RUSTSEC-2026-0001\"\n";
        for (text, good) in [
            (
                format!("{id}reason = \"not called\"\nexpires_on = \"2027-01-01\"\n"),
                true,
            ),
            (format!("{id}expires_on = \"2027-01-01\"\n"), false),
            (format!("{id}reason = \"not called\"\n"), false),
            (
                format!("{id}reason = \" \"\nexpires_on = \"2027-01-01\"\n"),
                false,
            ),
            (String::new(), true),
            ("[[advisory".to_owned(), false),
        ] {
            assert_eq!(PutOff::parse(&text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn an_advisory_waits_until_its_day_and_no_longer() {
        let entry = "[[advisory]]\nid = \"RUSTSEC-2026-0001\"\nreason = \"not called\"\nexpires_on = \"2027-01-01\"\n";
        let put_off = PutOff::parse(entry).unwrap();
        for (id, today, covered) in [
            ("RUSTSEC-2026-0001", "2026-12-31", true),
            ("RUSTSEC-2026-0001", "2027-01-01", true),
            ("RUSTSEC-2026-0001", "2027-01-02", false),
            ("RUSTSEC-2026-0002", "2026-12-31", false),
        ] {
            assert_eq!(put_off.covers(id, today), covered, "{id} {today}");
        }
    }
}
