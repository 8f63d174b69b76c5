//! What production code may not say: it neither panics, nor reads the clock or the dice behind a
//! caller's back, nor holds a road that only tests take. Clippy says some of this too; a rule over
//! the text also sees an `allow` that nobody argued for, and code that the lints do not reach.

use super::{arrows::DRIVERS, is_domain};
use crate::{
    File, Finding, Tree,
    rust_source::{RustSource, test_items},
};

struct Ban {
    words: &'static str,
    instead: &'static str,
    /// Where it is allowed: the doors through which the rest of the code asks, and the wiring.
    allowed: &'static [&'static str],
}

const NOWHERE: &[&str] = &[];
const CLOCK: &[&str] = &[
    "crates/engine/src/keys/clock.rs",
    "crates/daybook/src/",
    "xtask/",
];
const ENTROPY: &[&str] = &[
    "crates/engine/src/keys/entropy.rs",
    "crates/daybook/src/",
    "xtask/",
];
/// Statements made of the store's own catalogue, each made once however much is carried.
const CARRIED: &[&str] = &["crates/engine/src/carry/"];
/// These, and the program's own statements behind the program's own conditions.
const LEAKED: &[&str] = &["crates/engine/src/carry/", "crates/kernel/src/sight.rs"];
/// Where the work itself needs what its caller does not see, and tells nothing of it.
const SEEING_ALL: &[&str] = &["crates/books/src/entries/post_entry.rs"];
const WIRING: &[&str] = &["crates/daybook/src/", "bench/", "xtask/"];

const BANS: [Ban; 21] = [
    Ban {
        words: ".unwrap()",
        instead: "answer with an error",
        allowed: NOWHERE,
    },
    Ban {
        words: ".unwrap_err()",
        instead: "answer with an error",
        allowed: NOWHERE,
    },
    Ban {
        words: ".expect(",
        instead: "answer with an error",
        allowed: NOWHERE,
    },
    Ban {
        words: "panic!",
        instead: "answer with an error",
        allowed: NOWHERE,
    },
    Ban {
        words: "todo!",
        instead: "finish it, or leave it out",
        allowed: NOWHERE,
    },
    Ban {
        words: "unimplemented!",
        instead: "finish it, or leave it out",
        allowed: NOWHERE,
    },
    Ban {
        words: "dbg!",
        instead: "use tracing",
        allowed: NOWHERE,
    },
    Ban {
        words: "unsafe",
        instead: "use what the types allow",
        allowed: NOWHERE,
    },
    // The store takes texts that live as long as the program; a leaked one could hold what a caller typed.
    Ban {
        words: ".seeing_all(",
        instead: "ask as the caller, or argue for the place in this list",
        allowed: SEEING_ALL,
    },
    Ban {
        words: ".leak()",
        instead: "write the text out, or keep its owner",
        allowed: NOWHERE,
    },
    Ban {
        words: "Box::leak",
        instead: "write the text out, or keep its owner",
        allowed: LEAKED,
    },
    Ban {
        words: "Vec::leak",
        instead: "keep its owner",
        allowed: CARRIED,
    },
    Ban {
        words: "cfg!(test)",
        instead: "give the test a fake behind the same door",
        allowed: NOWHERE,
    },
    Ban {
        words: "cfg(not(test))",
        instead: "give the test a fake behind the same door",
        allowed: NOWHERE,
    },
    Ban {
        words: "SystemTime::now",
        instead: "ask the Clock",
        allowed: CLOCK,
    },
    Ban {
        words: "Timestamp::now",
        instead: "ask the Clock",
        allowed: CLOCK,
    },
    Ban {
        words: "Zoned::now",
        instead: "ask the Clock",
        allowed: CLOCK,
    },
    Ban {
        words: "Instant::now",
        instead: "ask the Clock, or measure in the engine and the server",
        allowed: MEASURED,
    },
    Ban {
        words: "rand::",
        instead: "ask the Entropy",
        allowed: ENTROPY,
    },
    Ban {
        words: "getrandom::",
        instead: "ask the Entropy",
        allowed: ENTROPY,
    },
    Ban {
        words: "env::var",
        instead: "read settings in the configuration",
        allowed: WIRING,
    },
];

const MEASURED: &[&str] = &[
    "crates/engine/",
    "crates/server/",
    "crates/daybook/src/",
    "bench/",
    "xtask/",
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.with_extension("rs").flat_map(file).collect()
}

pub fn file(file: &File) -> Vec<Finding> {
    let source = RustSource::scan(file);
    let mut findings = banned(file, &source);
    findings.extend(test_roads(file, &source));
    findings.extend(ignored(file, &source));
    if is_domain(&file.path) {
        findings.extend(drivers(file, &source));
    }
    findings
}

fn banned(file: &File, source: &RustSource) -> Vec<Finding> {
    let mut findings = Vec::new();
    for ban in BANS
        .iter()
        .filter(|ban| !ban.allowed.iter().any(|place| file.path.starts_with(place)))
    {
        for at in source.production_uses(ban.words) {
            let what = format!("production code says {}: {}", ban.words, ban.instead);
            findings.push(Finding::new(&file.path, source.line_of(at), what));
        }
    }
    findings
}

/// `#[cfg(test)]` stands on modules of tests alone; on anything else it makes the tested program
/// another one than the program that is shipped.
fn test_roads(file: &File, source: &RustSource) -> Vec<Finding> {
    test_items(&source.code)
        .into_iter()
        .filter(|(at, item)| source.is_production(*at) && !item.starts_with("mod "))
        .map(|(at, item)| {
            let item = item.lines().next().unwrap_or_default();
            Finding::new(
                &file.path,
                source.line_of(at),
                format!("only tests have this: {item}"),
            )
        })
        .collect()
}

/// In tests as well: a test that is not run is a promise that is not kept.
fn ignored(file: &File, source: &RustSource) -> Vec<Finding> {
    source
        .code
        .match_indices("#[ignore")
        .map(|(at, _)| Finding::new(&file.path, source.line_of(at), "run this test or delete it"))
        .collect()
}

fn drivers(file: &File, source: &RustSource) -> Vec<Finding> {
    let mut findings = Vec::new();
    for driver in DRIVERS {
        let path = format!("{}::", driver.replace('-', "_"));
        for at in source.production_uses(&path) {
            findings.push(Finding::new(
                &file.path,
                source.line_of(at),
                format!("a domain does not know {driver}"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::file;
    use crate::File;

    fn found(path: &str, text: &str) -> usize {
        file(&File {
            path: path.to_owned(),
            text: text.to_owned(),
        })
        .len()
    }

    #[test]
    fn what_production_code_may_not_say_is_found() {
        let path = "crates/books/src/post.rs";
        for (text, faults) in [
            ("fn a() { b.unwrap(); }", 1),
            ("fn a() { b.expect(\"c\"); }", 1),
            ("fn a() { b.unwrap_or(c); b.expect_end(); }", 0),
            ("fn a() { todo!() }", 1),
            ("fn a() { panic!(\"b\") }", 1),
            ("fn a() { jiff::Timestamp::now(); }", 1),
            ("fn a() { std::time::SystemTime::now(); }", 1),
            ("fn a() { rand::random(); }", 1),
            ("fn a() { operand::new(); }", 0),
            ("fn a() { std::env::var(\"HOME\"); }", 1),
            ("fn a() { b(format!(\"{c}\").leak()); Box::leak(d); }", 2),
            ("fn a() { tx.seeing_all(|tx| b(tx)); }", 1),
            ("unsafe fn a() {}", 1),
            ("#![forbid(unsafe_code)]", 0),
            ("// unwrap() and todo!()\nfn a() { b(\"panic!\"); }", 0),
            ("#[cfg(test)]\nmod tests { fn a() { b.unwrap(); } }", 0),
            ("#[cfg(test)]\nfn only_for_tests() {}", 1),
            ("#[cfg(test)]\n#[derive(Debug)]\npub struct Fake;", 1),
            ("#[cfg(test)]\nmod tests;", 0),
            ("fn a() { if cfg!(test) {} }", 1),
            (
                "#[cfg(test)]\nmod tests {\n#[test]\n#[ignore = \"slow\"]\nfn a() {}\n}",
                1,
            ),
            ("use rusqlite::Connection;", 1),
            ("use cedar_policy::Policy;", 1),
        ] {
            assert_eq!(found(path, text), faults, "{text}");
        }
    }

    #[test]
    fn the_doors_are_allowed_what_the_rest_is_not() {
        for (path, text, faults) in [
            (
                "crates/engine/src/keys/clock.rs",
                "fn a() { jiff::Timestamp::now(); }",
                0,
            ),
            (
                "crates/engine/src/store.rs",
                "fn a() { jiff::Timestamp::now(); }",
                1,
            ),
            (
                "crates/engine/src/keys/entropy.rs",
                "fn a() { getrandom::fill(b); }",
                0,
            ),
            (
                "crates/engine/src/keys/vault.rs",
                "fn a() { aws_lc_rs::rand::fill(b); }",
                1,
            ),
            ("crates/engine/src/store.rs", "use rusqlite::Connection;", 0),
            ("crates/books/tests/import.rs", "fn a() { b.unwrap(); }", 0),
            ("crates/testkit/src/lib.rs", "fn a() { b.unwrap(); }", 0),
            ("crates/books/tests/import.rs", "#[ignore]\nfn a() {}", 1),
        ] {
            assert_eq!(found(path, text), faults, "{path}: {text}");
        }
    }
}
