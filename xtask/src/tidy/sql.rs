//! SQL in domain code stays inside its workspace: it is written out whole, in the slice's `sql.rs`, in
//! a numbered migration, or as the argument of the call that runs it; it is never put together from
//! pieces; and it names no other schema, role or database. The store has already chosen whose
//! tables the transaction sees, so a statement that stays unqualified cannot reach a neighbour.

use super::is_domain;
use crate::{
    File, Finding, Tree,
    rust_source::{RustSource, is_test_path, whole_words},
};

/// Words that leave the workspace or change who one is, with what is wrong about them.
const ESCAPES: [(&str, &str); 14] = [
    ("ATTACH", "opens another database"),
    ("DETACH", "lets go of a database"),
    ("PRAGMA", "is the store's to say"),
    ("SEARCH_PATH", "chooses another schema"),
    ("SET ROLE", "becomes another role"),
    ("SET LOCAL", "is the store's to say"),
    ("SET SESSION", "becomes another role"),
    ("CREATE SCHEMA", "makes another schema"),
    ("GRANT", "gives rights to another role"),
    ("SECURITY DEFINER", "runs as another role"),
    ("PG_CATALOG", "looks at all schemas"),
    ("INFORMATION_SCHEMA", "looks at all schemas"),
    ("SQLITE_MASTER", "exists in one store only"),
    ("DBLINK", "opens another database"),
];

/// After these words comes a table, whose name has no dot: a dot would name its schema.
const BEFORE_TABLE: [&str; 7] = [
    "FROM",
    "JOIN",
    "INTO",
    "UPDATE",
    "TABLE",
    "REFERENCES",
    "EXISTS",
];

/// The calls of a transaction that take a statement, and the condition of a guard. Each takes a text that lives as long as the
/// program, so what a caller typed cannot be part of it.
/// A constant is as fixed as a text in `sql.rs`.
const DOORS: [&str; 6] = [
    ".run(",
    ".each(",
    ".all(",
    ".first(",
    "refuse_if:",
    ": &str =",
];

/// Calls that put a text together; a statement may not be their argument.
const BUILDERS: [&str; 6] = [
    "format!(",
    "concat!(",
    "write!(",
    "writeln!(",
    ".push_str(",
    "format_args!(",
];

/// A table as it is kept, whoever asks; and where what a Member sees of each is said.
const WHOLE: &str = "whole__";
const SIGHTS: &str = "crates/books/src/assignments/sql.rs";

/// Statements that define or set: a verb, then what it is done to.
const DEFINES: [&str; 6] = ["CREATE", "DROP", "ALTER", "ATTACH", "SET", "GRANT"];
const DEFINED: [&str; 13] = [
    "TABLE",
    "INDEX",
    "VIEW",
    "UNIQUE",
    "TRIGGER",
    "SCHEMA",
    "ROLE",
    "DATABASE",
    "LOCAL",
    "SESSION",
    "SEARCH_PATH",
    "ALL",
    "SELECT",
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.files
        .iter()
        .filter(|file| is_domain(&file.path) && !is_test_path(&file.path))
        .flat_map(file)
        .collect()
}

pub fn file(file: &File) -> Vec<Finding> {
    match file.path.rsplit_once('.') {
        Some((_, "rs")) => rust(file),
        Some((_, "sql")) => {
            let text = without_comments(&file.text);
            statement(&text)
                .into_iter()
                .map(|what| Finding::whole(&file.path, what))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn rust(file: &File) -> Vec<Finding> {
    let source = RustSource::scan(file);
    let mut findings = Vec::new();
    for literal in source
        .literals
        .iter()
        .filter(|literal| source.is_production(literal.at))
    {
        if !is_sql(&literal.text) {
            continue;
        }
        let mut add = |what: String| findings.push(Finding::new(&file.path, literal.line, what));
        let before = source.code[..literal.at].trim_end();
        if let Some(builder) = BUILDERS.iter().find(|builder| before.ends_with(*builder)) {
            add(format!(
                "SQL is built with {}: write it out and bind what varies",
                builder.trim_matches(['.', '('])
            ));
        } else if before.ends_with('+') {
            add("SQL is put together with +: write it out and bind what varies".to_owned());
        } else if !in_sql_file(&file.path) && !DOORS.iter().any(|door| before.ends_with(door)) {
            add(
                "SQL stands neither in sql.rs nor where the store takes it: move it there"
                    .to_owned(),
            );
        }
        for what in statement(&literal.text) {
            add(what);
        }
        if literal.text.contains(WHOLE) && file.path != SIGHTS {
            add(format!(
                "SQL names a table with {WHOLE}, past what the caller sees: leave it out"
            ));
        }
    }
    findings
}

fn in_sql_file(path: &str) -> bool {
    path.ends_with("/sql.rs") || path.contains("/sql/")
}

/// Whether a literal is a statement or the beginning of one: its verb in capitals or in small letters,
/// since a rule that whispering escapes is none. A sentence for people begins with one capital.
fn is_sql(text: &str) -> bool {
    let text = without_comments(text);
    if !whole_words(&text, "SELECT").is_empty() && !whole_words(&text, "FROM").is_empty() {
        return true;
    }
    let verb: String = text
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphabetic())
        .collect();
    if verb != verb.to_uppercase() && verb != verb.to_lowercase() {
        return false;
    }
    let text = text.to_uppercase();
    let words: Vec<&str> = text
        .split(|c: char| !(c.is_alphanumeric() || "_.*$".contains(c)))
        .filter(|word| !word.is_empty())
        .collect();
    let has = |word: &str| words.contains(&word);
    match words.as_slice() {
        ["SELECT", first, ..] => {
            has("FROM") || first.starts_with(['$', '*']) || first.parse::<i64>().is_ok()
        }
        ["INSERT" | "REPLACE", "INTO", _, ..] | ["DELETE", "FROM", _, ..] => true,
        ["UPDATE", _, ..] => has("SET"),
        ["WITH", ..] => has("AS") && has("SELECT"),
        [verb, noun, ..] => DEFINES.contains(verb) && DEFINED.contains(noun),
        _ => false,
    }
}

/// What is wrong with a text of SQL.
pub fn statement(sql: &str) -> Vec<String> {
    let sql = without_comments(sql).to_uppercase();
    let words: Vec<&str> = sql
        .split(|c: char| c.is_whitespace() || "(),;='".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let line = format!(" {} ", words.join(" "));
    let mut faults: Vec<String> = ESCAPES
        .iter()
        // "UPDATE members SET role = …" sets a column.
        .filter(|(escape, _)| !(line.starts_with(" UPDATE ") && *escape == "SET ROLE"))
        .filter(|(escape, _)| {
            line.contains(&format!(" {escape} ")) || (escape.contains('_') && line.contains(escape))
        })
        .map(|(escape, why)| format!("SQL says {escape}, which {why}"))
        .collect();
    for pair in words.windows(2) {
        let table = pair[1].trim_matches('"');
        if BEFORE_TABLE.contains(&pair[0]) && table.contains('.') {
            faults.push(format!(
                "SQL names {} with its schema: leave the schema to the store",
                table.to_lowercase()
            ));
        }
    }
    if sql.contains('{') {
        faults.push("SQL has a place for a piece of text: bind what varies".to_owned());
    }
    faults
}

fn without_comments(sql: &str) -> String {
    sql.lines()
        .map(|line| line.split("--").next().unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::{file, statement};
    use crate::File;

    fn found(path: &str, text: &str) -> usize {
        file(&File {
            path: path.to_owned(),
            text: text.to_owned(),
        })
        .len()
    }

    #[test]
    fn a_statement_that_leaves_the_workspace_is_found() {
        for (sql, faults) in [
            (
                "SELECT a.code FROM accounts a JOIN lines l ON l.account_id = a.id WHERE a.code = $1",
                0,
            ),
            ("SELECT 1 FROM ws_b.accounts", 1),
            ("select 1 from \"ws_b\".accounts", 1),
            ("INSERT INTO main.accounts (id) VALUES ($1)", 1),
            ("UPDATE other.accounts SET name = $1", 1),
            (
                "INSERT INTO a (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = excluded.id",
                0,
            ),
            (
                "CREATE TABLE lines (entry_id BIGINT REFERENCES other.entries)",
                1,
            ),
            ("ATTACH DATABASE 'b.db' AS b", 1),
            ("SET search_path TO ws_b", 1),
            ("SET ROLE ws_b", 1),
            ("UPDATE members SET role = $2 WHERE person = $1", 0),
            ("SELECT 1 FROM information_schema.tables", 2),
            ("SELECT name FROM {table}", 1),
            ("-- not an ATTACH\nSELECT 1 FROM accounts", 0),
        ] {
            assert_eq!(statement(sql).len(), faults, "{sql}: {:?}", statement(sql));
        }
    }

    #[test]
    fn sql_outside_its_place_or_built_from_pieces_is_found() {
        let slice = "crates/books/src/accounts/sql.rs";
        let page = "crates/books/src/accounts/pages.rs";
        for (path, text, faults) in [
            (slice, "const A: &str = \"SELECT id FROM accounts\";", 0),
            (
                slice,
                "fn a() { format!(\"SELECT id FROM accounts WHERE id = {id}\"); }",
                2,
            ),
            (
                slice,
                "fn a() { concat!(\"SELECT id FROM accounts \", \"WHERE\"); }",
                1,
            ),
            (
                slice,
                "fn a() { sql.push_str(\"SELECT id FROM accounts\"); }",
                1,
            ),
            (
                page,
                "fn a() { let a = \"select id from accounts\"; tx.run(a); }",
                1,
            ),
            (
                page,
                "fn a() { tx.run(\"SELECT id FROM accounts\", &[]); tx.all(sql::ALL); }",
                0,
            ),
            (
                page,
                "Guard { refuse_if: \"EXISTS (SELECT 1 FROM entries)\" }",
                0,
            ),
            (
                page,
                "Guard { refuse_if: \"EXISTS (SELECT 1 FROM other.entries)\" }",
                1,
            ),
            (page, "fn a() { p(\"you select a row from the list\"); }", 0),
            (
                page,
                "fn a() { p(\"Select the account from the list\"); }",
                0,
            ),
            (
                page,
                "fn a() { p(\"Update your address\"); p(\"Delete this line\"); }",
                0,
            ),
            (
                page,
                "#[cfg(test)]\nmod tests { fn a() { b(\"SELECT id FROM x.accounts\"); } }",
                0,
            ),
        ] {
            assert_eq!(
                found(path, text),
                faults,
                "{text}: {:?}",
                file(&File {
                    path: path.to_owned(),
                    text: text.to_owned()
                })
            );
        }
    }

    #[test]
    fn a_table_as_it_is_kept_is_named_in_one_place() {
        let text = "const A: &str = \"SELECT id FROM whole__accounts\";";
        assert_eq!(found("crates/books/src/accounts/sql.rs", text), 1);
        assert_eq!(found(super::SIGHTS, text), 0);
    }

    #[test]
    fn a_migration_that_leaves_the_workspace_is_found() {
        let path = "crates/books/src/accounts/0001_accounts.sql";
        assert_eq!(
            found(path, "CREATE TABLE accounts (id BIGINT PRIMARY KEY);"),
            0
        );
        assert_eq!(
            found(
                path,
                "CREATE TABLE shared.accounts (id BIGINT PRIMARY KEY);"
            ),
            1
        );
        assert_eq!(found("crates/engine/src/0001_shared.sql", "PRAGMA x;"), 1);
    }
}
