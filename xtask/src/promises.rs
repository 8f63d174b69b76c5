//! The catalogue of promises: one file a row in `promises/`. This checks its form, that no row was
//! lost, and that a row which says that tests keep it names tests that exist.

use crate::{
    File, Finding, Tree, date,
    rust_source::{RustSource, whole_words},
};

pub const FOLDER: &str = "promises/";

/// Each family of rows and how many it has; a promise that was made is not taken back in silence.
const FAMILIES: [(&str, usize); 29] = [
    ("AUTH", 6),
    ("SESS", 7),
    ("MFA", 3),
    ("RBAC", 12),
    ("TENANT", 7),
    ("CRYPT", 13),
    ("CLASS", 2),
    ("PRIV", 7),
    ("RETAIN", 7),
    ("BACKUP", 7),
    ("AUDIT", 15),
    ("MON", 8),
    ("INC", 5),
    ("API", 9),
    ("NET", 9),
    ("OFFICE", 3),
    ("SDLC", 13),
    ("VULN", 10),
    ("VENDOR", 6),
    ("STAFF", 5),
    ("DEVICE", 4),
    ("BILL", 3),
    ("BANK", 3),
    ("AI", 3),
    ("AVAIL", 5),
    ("TRUST", 6),
    ("GOV", 2),
    ("COMPL", 5),
    ("PHYS", 1),
];

const CLASSES: [&str; 4] = ["P", "H", "G", "I"];
const KEYS: [&str; 6] = ["row", "statement", "figure", "seeds", "class", "check"];
/// A pass is evidence for a while: no check may claim to hold for longer than this.
const AGE_DAYS_MAX: i64 = 31;

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = missing(tree);
    let tests = tests_of(tree);
    for file in rows_of(tree) {
        let faults = match file.text.parse::<toml::Table>() {
            Ok(table) => row(&file.path, &table, &tests),
            Err(error) => vec![error.to_string()],
        };
        findings.extend(
            faults
                .into_iter()
                .map(|fault| Finding::whole(&file.path, fault)),
        );
    }
    findings
}

fn rows_of(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.with_extension("toml")
        .filter(|file| file.path.starts_with(FOLDER))
}

fn missing(tree: &Tree) -> Vec<Finding> {
    let rows = FAMILIES.iter().flat_map(|(family, count)| {
        (1..=*count).map(move |n| format!("{FOLDER}{family}-{n:02}.toml"))
    });
    let rows: Vec<String> = rows.collect();
    let gone = rows.iter().filter(|path| tree.file(path).is_none());
    let gone = gone.map(|path| Finding::whole(path, "this row of the catalogue has no file"));
    let strange = rows_of(tree).filter(|file| !rows.contains(&file.path));
    gone.chain(strange.map(|file| Finding::whole(&file.path, "the catalogue has no such row")))
        .collect()
}

/// Names of all functions under `#[test]`, whatever runs them.
pub fn tests_of(tree: &Tree) -> Vec<String> {
    let mut names = Vec::new();
    for file in tree.with_extension("rs") {
        let source = RustSource::scan(file);
        let plain = source.code.match_indices("#[test]");
        for (at, attribute) in plain.chain(source.code.match_indices("#[tokio::test")) {
            let item = &source.code[at + attribute.len()..];
            if let Some(found) = whole_words(item, "fn").first() {
                names.push(
                    item[found + 2..]
                        .trim_start()
                        .chars()
                        .take_while(|c| c.is_alphanumeric() || *c == '_')
                        .collect(),
                );
            }
        }
    }
    names
}

fn row(path: &str, table: &toml::Table, tests: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    let text = |key: &str| {
        table
            .get(key)
            .and_then(toml::Value::as_str)
            .unwrap_or_default()
            .trim()
    };
    if path != format!("{FOLDER}{}.toml", text("row")) {
        faults.push(format!("says that it is the row {:?}", text("row")));
    }
    if text("statement").split_whitespace().count() < 4 || !text("statement").ends_with('.') {
        faults.push("the statement is not a sentence".to_owned());
    }
    if table.contains_key("figure") && text("figure").is_empty() {
        faults.push("the figure is empty".to_owned());
    }
    if !text("class")
        .split('+')
        .all(|class| CLASSES.contains(&class))
    {
        faults.push(format!(
            "the class {:?} is not of P, H, G, I",
            text("class")
        ));
    }
    if table
        .get("seeds")
        .and_then(toml::Value::as_array)
        .is_none_or(Vec::is_empty)
    {
        faults.push("names no seed".to_owned());
    }
    faults.extend(
        table
            .keys()
            .filter(|key| !KEYS.contains(&key.as_str()))
            .map(|key| format!("nobody reads {key}")),
    );
    match table.get("check").and_then(toml::Value::as_table) {
        Some(check) => faults.extend(how(check, tests)),
        None => faults.push("says nothing about its check".to_owned()),
    }
    faults
}

fn how(check: &toml::Table, tests: &[String]) -> Vec<String> {
    let text = |key: &str| {
        check
            .get(key)
            .and_then(toml::Value::as_str)
            .unwrap_or_default()
    };
    let mut faults = match text("kind") {
        "later" => {
            return if check.len() == 1 {
                Vec::new()
            } else {
                vec!["a later row has no check yet".to_owned()]
            };
        }
        "test" => named(check, tests),
        "probe" if text("name").is_empty() => vec!["the probe has no name".to_owned()],
        "evidence" if !date::is_date(text("expires")) => {
            vec!["the evidence expires on no date".to_owned()]
        }
        "probe" | "evidence" => Vec::new(),
        kind => vec![format!(
            "the kind {kind:?} is not one of test, probe, evidence, later"
        )],
    };
    let age = check.get("max_age_days").and_then(toml::Value::as_integer);
    if text("kind") != "evidence" && !age.is_some_and(|days| (1..=AGE_DAYS_MAX).contains(&days)) {
        faults.push(format!("max_age_days is not from 1 to {AGE_DAYS_MAX}"));
    }
    faults
}

fn named(check: &toml::Table, tests: &[String]) -> Vec<String> {
    let names = check
        .get("names")
        .and_then(toml::Value::as_array)
        .map_or(&[] as &[toml::Value], Vec::as_slice);
    if names.is_empty() {
        return vec!["names no test".to_owned()];
    }
    let fault = |name: &toml::Value| {
        let name = name.as_str().unwrap_or_default();
        // Test names are looked for by their last part: one that occurs twice would prove either.
        match tests.iter().filter(|test| *test == name).count() {
            1 => None,
            0 => Some(format!("no test is called {name:?}")),
            count => Some(format!(
                "{count} tests are called {name:?}; give this one a name of its own"
            )),
        }
    };
    names.iter().filter_map(fault).collect()
}

#[cfg(test)]
mod tests {
    use super::{missing, row, tests_of};
    use crate::Tree;

    const GOOD: &str = "row = \"AUTH-01\"\nstatement = \"Who asks is known first.\"\nseeds = [\"003\"]\nclass = \"P+G\"\n";

    fn faults(text: &str) -> usize {
        let tests = [
            "anonymous_is_refused".to_owned(),
            "twice".to_owned(),
            "twice".to_owned(),
        ];
        row("promises/AUTH-01.toml", &text.parse().unwrap(), &tests).len()
    }

    #[test]
    fn a_row_that_claims_without_a_check_is_found() {
        for (check, expected) in [
            ("kind = \"later\"", 0),
            (
                "kind = \"test\"\nmax_age_days = 7\nnames = [\"anonymous_is_refused\"]",
                0,
            ),
            ("kind = \"test\"\nmax_age_days = 7\nnames = [\"gone\"]", 1),
            ("kind = \"test\"\nmax_age_days = 7\nnames = [\"twice\"]", 1),
            ("kind = \"test\"\nmax_age_days = 7\nnames = []", 1),
            ("kind = \"test\"\nnames = [\"anonymous_is_refused\"]", 1),
            (
                "kind = \"test\"\nmax_age_days = 365\nnames = [\"anonymous_is_refused\"]",
                1,
            ),
            ("kind = \"probe\"\nmax_age_days = 1\nname = \"headers\"", 0),
            ("kind = \"probe\"\nmax_age_days = 1", 1),
            ("kind = \"evidence\"\nexpires = \"2027-01-31\"", 0),
            ("kind = \"evidence\"\nexpires = \"never\"", 1),
            ("kind = \"trust us\"\nmax_age_days = 1", 1),
            ("kind = \"later\"\nnames = [\"anonymous_is_refused\"]", 1),
        ] {
            assert_eq!(
                faults(&format!("{GOOD}[check]\n{check}")),
                expected,
                "{check}"
            );
        }
    }

    #[test]
    fn a_row_of_bad_form_is_found() {
        let later = "[check]\nkind = \"later\"";
        for (text, expected) in [
            (GOOD.replace("AUTH-01", "AUTH-02"), 1),
            (GOOD.replace("P+G", "P, G"), 1),
            (GOOD.replace("Who asks is known first.", "soon"), 1),
            (GOOD.replace("[\"003\"]", "[]"), 1),
            (format!("{GOOD}figure = \"\"\n"), 1),
            (format!("{GOOD}notes = \"x\"\n"), 1),
        ] {
            assert_eq!(faults(&format!("{text}{later}")), expected, "{text}");
        }
        assert_eq!(faults(GOOD), 1);
    }

    #[test]
    fn a_row_that_was_lost_or_made_up_is_found() {
        let all = missing(&Tree::default()).len();
        assert_eq!(all, 186);
        assert_eq!(
            missing(&Tree::of(&[("promises/AUTH-01.toml", "")])).len(),
            all - 1
        );
        assert_eq!(
            missing(&Tree::of(&[("promises/AUTH-99.toml", "")])).len(),
            all + 1
        );
    }

    #[test]
    fn tests_are_found_by_name() {
        let code = "#[test]\n#[should_panic]\nfn one() {}\nfn two() {}\n// #[test]\nfn three() {}\n#[test]\nfn four() {}\n#[tokio::test(x = 1)]\nasync fn five() {}";
        assert_eq!(
            tests_of(&Tree::of(&[("crates/books/tests/a.rs", code)])),
            ["one", "four", "five"]
        );
    }
}
