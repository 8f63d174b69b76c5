//! The scanner is what the rules stand on, so its traps are written down here.

use super::{RustSource, is_test_path, whole_words};
use crate::tree::File;

fn scan(text: &str) -> RustSource {
    RustSource::scan(&File {
        path: "crates/books/src/lib.rs".to_owned(),
        text: text.to_owned(),
    })
}

#[test]
fn prose_is_not_code() {
    for text in [
        "// unwrap()",
        "/* unwrap() /* nested */ unwrap() */",
        "let a = \"unwrap() \\\" unwrap()\";",
        "let a = r#\"unwrap() \" unwrap()\"#;",
        "let a = b\"unwrap()\";",
        "let a = br##\"unwrap()\"# unwrap()\"##;",
        "/// unwrap()\n//! unwrap()",
    ] {
        let source = scan(text);
        assert_eq!(source.code.len(), text.len(), "{text}");
        assert!(
            source.production_uses("unwrap").is_empty(),
            "{text}: {}",
            source.code
        );
    }
}

#[test]
fn code_after_a_literal_is_seen() {
    for text in [
        "let a = '\"'; b.unwrap()",
        "let a = '\\''; b.unwrap()",
        "let a = '\\\\'; b.unwrap()",
        "fn a<'a>(b: &'a str) { b.unwrap() } // '",
        "let a = \"\\\\\"; b.unwrap()",
        "let a = r\"\\\"; b.unwrap()",
        "let a = \"é\"; b.unwrap()",
        "macro!(tr\"x\"); b.unwrap()",
    ] {
        assert_eq!(scan(text).production_uses("unwrap").len(), 1, "{text}");
    }
}

#[test]
fn literals_are_collected_with_their_lines() {
    let source = scan("fn a() {\n    b(\"one\");\n    c(r#\"two \"quoted\"\"#);\n}\n");
    let seen: Vec<_> = source
        .literals
        .iter()
        .map(|literal| (literal.line, literal.text.as_str()))
        .collect();
    assert_eq!(seen, [(2, "one"), (3, "two \"quoted\"")]);
}

#[test]
fn test_modules_are_not_production() {
    let source = scan(
        "fn a() {}\n#[cfg(test)]\n#[allow(x[y])]\nmod tests {\n    fn b() { c.unwrap() }\n}\nfn d() {}\n",
    );
    assert!(source.production_uses("unwrap").is_empty());
    let names: Vec<_> = source
        .functions()
        .into_iter()
        .map(|found| (found.name, found.in_test))
        .collect();
    assert_eq!(
        names,
        [
            ("a".to_owned(), false),
            ("b".to_owned(), true),
            ("d".to_owned(), false)
        ]
    );
    assert_eq!(source.production_lines(), 2);
}

#[test]
fn functions_are_measured_from_fn_to_the_closing_brace() {
    let source = scan("trait T {\n    fn a();\n    fn b(c: [u8; 2]) {\n        d();\n    }\n}\n");
    let seen: Vec<_> = source
        .functions()
        .into_iter()
        .map(|found| (found.name, found.line, found.lines))
        .collect();
    assert_eq!(seen, [("b".to_owned(), 3, 3)]);
}

#[test]
fn words_are_whole() {
    assert_eq!(whole_words("expected expect expect_used", "expect"), [9]);
    assert_eq!(whole_words("a.expect(b)", ".expect("), [1]);
}

#[test]
fn test_files_are_known_by_their_place() {
    for (path, is_test) in [
        ("crates/books/tests/import.rs", true),
        ("crates/books/src/invoices/tests.rs", true),
        ("crates/testkit/src/lib.rs", true),
        ("crates/books/src/invoices/mod.rs", false),
    ] {
        assert_eq!(is_test_path(path), is_test, "{path}");
    }
}
