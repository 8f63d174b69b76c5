//! Licences of what we ship: each package must be usable under a licence of our list.

use serde_json::Value;

use super::LOCK;
use crate::Finding;

pub const ALLOWED: &str = "supply-chain/licences.toml";

#[derive(Debug, Default)]
pub struct Allowed {
    licences: Vec<String>,
}

impl Allowed {
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: toml::Table = text
            .parse()
            .map_err(|error| format!("{ALLOWED}: {error}"))?;
        let list = table
            .get("allowed")
            .and_then(toml::Value::as_array)
            .cloned()
            .unwrap_or_default();
        let licences: Vec<String> = list
            .iter()
            .filter_map(toml::Value::as_str)
            .map(str::to_owned)
            .collect();
        if licences.is_empty() {
            Err(format!("{ALLOWED}: allows nothing"))
        } else {
            Ok(Self { licences })
        }
    }

    /// Whether an SPDX expression can be met with the list: one side of an OR, both sides of an AND.
    pub fn meets(&self, expression: &str) -> bool {
        let spaced = expression
            .replace('(', " ( ")
            .replace(')', " ) ")
            .replace('/', " OR ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut rest = words.as_slice();
        let met = self.any(&mut rest);
        met == Some(true) && rest.is_empty()
    }

    fn any(&self, rest: &mut &[&str]) -> Option<bool> {
        let mut met = self.every(rest)?;
        while rest.first() == Some(&"OR") {
            *rest = &rest[1..];
            met |= self.every(rest)?;
        }
        Some(met)
    }

    fn every(&self, rest: &mut &[&str]) -> Option<bool> {
        let mut met = self.one(rest)?;
        while rest.first() == Some(&"AND") {
            *rest = &rest[1..];
            met &= self.one(rest)?;
        }
        Some(met)
    }

    fn one(&self, rest: &mut &[&str]) -> Option<bool> {
        let (first, tail) = rest.split_first()?;
        *rest = tail;
        if *first == "(" {
            let met = self.any(rest)?;
            let (close, tail) = rest.split_first()?;
            *rest = tail;
            return (*close == ")").then_some(met);
        }
        // An exception only widens what its licence allows, but it is listed with it: no surprises.
        let mut name = (*first).to_owned();
        if let ["WITH", exception, tail @ ..] = *rest {
            name = format!("{name} WITH {exception}");
            *rest = tail;
        }
        Some(self.licences.contains(&name))
    }
}

/// The findings in the answer of `cargo metadata`.
pub fn check(metadata: &Value, allowed: &Allowed) -> Vec<Finding> {
    let packages = metadata["packages"]
        .as_array()
        .map_or(&[] as &[Value], Vec::as_slice);
    if packages.is_empty() {
        return vec![Finding::whole(LOCK, "cargo names no package")];
    }
    packages
        .iter()
        .filter(|package| {
            !package["license"]
                .as_str()
                .is_some_and(|licence| allowed.meets(licence))
        })
        .map(|package| {
            let (name, licence) = (
                package["name"].as_str().unwrap_or_default(),
                &package["license"],
            );
            Finding::whole(
                LOCK,
                format!("{name} has the licence {licence}, which {ALLOWED} does not allow"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Allowed, check};

    #[test]
    fn an_expression_is_met_by_one_way_through_it() {
        let allowed = Allowed::parse(
            "allowed = [\"MIT\", \"Apache-2.0\", \"Apache-2.0 WITH LLVM-exception\"]",
        )
        .unwrap();
        for (expression, met) in [
            ("MIT", true),
            ("MIT OR GPL-3.0", true),
            ("MIT/GPL-3.0", true),
            ("GPL-3.0", false),
            ("MIT AND GPL-3.0", false),
            ("(MIT OR GPL-3.0) AND Apache-2.0", true),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH LLVM-exception", false),
            ("MIT OR", false),
            ("(MIT", false),
            ("MIT)", false),
            ("", false),
        ] {
            assert_eq!(allowed.meets(expression), met, "{expression}");
        }
    }

    #[test]
    fn a_package_without_a_licence_is_found() {
        let allowed = Allowed::parse("allowed = [\"MIT\"]").unwrap();
        let metadata = json!({ "packages": [
            { "name": "good", "license": "MIT" },
            { "name": "bad", "license": "GPL-3.0" },
            { "name": "silent", "license": null },
        ] });
        assert_eq!(check(&metadata, &allowed).len(), 2);
        assert_eq!(check(&json!({}), &allowed).len(), 1);
        assert!(Allowed::parse("allowed = []").is_err());
    }
}
