//! Somebody with full rights in the database forges the log; each way is found.

use std::io::BufReader;

use daybook_engine::audit::{Verdict, export, verify_export};
use daybook_testkit::{Instance, On, for_both_stores};

use crate::scene::{entry, with_books};

/// A log of some records, and its verdict after somebody did `sql` to it.
fn forged(on: On, forge: impl Fn(&Instance)) -> Verdict {
    let instance = with_books(on);
    for day in 1..=6 {
        let date = format!("2026-03-0{day}");
        instance.owner().ok(
            "books.post_entry",
            entry(&date, "Sale", "1000", "4000", "5.00"),
        );
    }
    // Two records of one thing: their contents could stand for each other.
    for name in ["House bank", "Savings bank"] {
        let input = serde_json::json!({"account": "1200", "name": name});
        instance.owner().ok("books.rename_account", input);
    }
    assert!(verdict(&instance).is_whole());
    forge(&instance);
    verdict(&instance)
}

fn verdict(instance: &Instance) -> Verdict {
    instance
        .engine()
        .desk(Some("acme"))
        .unwrap()
        .verify()
        .unwrap()
}

/// Takes the guards away first, as whoever owns the machine can.
fn unguarded(instance: &Instance, sql: &str) {
    let drop = if instance.database().is_some() {
        "ALTER TABLE audit_records DISABLE TRIGGER ALL;"
    } else {
        "DROP TRIGGER guard_audit_records_are_kept; DROP TRIGGER guard_audit_records_only_lose_content;
         DROP TRIGGER guard_audit_content_is_kept_a_year;"
    };
    instance
        .tamper(Some("acme"), &format!("{drop} {sql};"))
        .unwrap();
}

/// What is forged, and how.
const WAYS: [(&str, &str); 21] = [
    (
        "an outcome",
        "UPDATE audit_records SET outcome = 'refused' WHERE seq = 3",
    ),
    (
        "an operation",
        "UPDATE audit_records SET operation = 'books.nothing' WHERE seq = 3",
    ),
    (
        "a time",
        "UPDATE audit_records SET at_ms = at_ms + 1 WHERE seq = 3",
    ),
    (
        "an actor",
        "UPDATE audit_records SET actor = NULL WHERE seq = 3",
    ),
    (
        "a target",
        "UPDATE audit_records SET target_kind = 'Other' WHERE seq = 3",
    ),
    (
        "a target's id",
        "UPDATE audit_records SET target_id = 'other' WHERE seq = 3",
    ),
    (
        "another's content",
        "UPDATE audit_records SET content = (SELECT content FROM audit_records b WHERE b.seq = 4) WHERE seq = 3",
    ),
    (
        "another's content about the same thing",
        "UPDATE audit_records SET content = (SELECT content FROM audit_records b WHERE b.seq = 15) WHERE seq = 14",
    ),
    (
        "another's content, salt and hash",
        "UPDATE audit_records SET content = (SELECT content FROM audit_records b WHERE b.seq = 4), salt = (SELECT salt FROM audit_records b WHERE b.seq = 4), content_hash = (SELECT content_hash FROM audit_records b WHERE b.seq = 4) WHERE seq = 3",
    ),
    (
        "a leaf",
        "UPDATE audit_records SET leaf = (SELECT leaf FROM audit_records b WHERE b.seq = 4) WHERE seq = 3",
    ),
    ("one deleted", "DELETE FROM audit_records WHERE seq = 3"),
    (
        "the first deleted",
        "DELETE FROM audit_records WHERE seq = 1",
    ),
    ("the tail cut", "DELETE FROM audit_records WHERE seq > 8"),
    (
        "all deleted",
        "DELETE FROM audit_records; DELETE FROM audit_head",
    ),
    (
        "two exchanged",
        "UPDATE audit_records SET seq = -3 WHERE seq = 3; UPDATE audit_records SET seq = 3 WHERE seq = 4; UPDATE audit_records SET seq = 4 WHERE seq = -3",
    ),
    (
        "one closed up",
        "DELETE FROM audit_records WHERE seq = 3; UPDATE audit_records SET seq = -(seq - 1) WHERE seq > 3; UPDATE audit_records SET seq = -seq WHERE seq < 0",
    ),
    (
        "one added",
        "INSERT INTO audit_records SELECT 1000, at_ms, operation, outcome, actor, target_kind, target_id, leaf, content_hash, salt, content FROM audit_records WHERE seq = 3",
    ),
    (
        "one copied to the end",
        "INSERT INTO audit_records SELECT (SELECT max(seq) + 1 FROM audit_records), at_ms, operation, outcome, actor, target_kind, target_id, leaf, content_hash, salt, content FROM audit_records WHERE seq = 3",
    ),
    ("the head's size", "UPDATE audit_head SET size = size - 1"),
    ("the head removed", "DELETE FROM audit_head"),
    (
        "the checkpoint",
        "UPDATE audit_head SET checkpoint = replace(checkpoint, '1', '2')",
    ),
];

#[test]
fn every_way_to_forge_the_log_is_noticed() {
    for_both_stores(|on| {
        for (way, sql) in WAYS {
            let found = forged(on, |instance| unguarded(instance, sql));
            assert!(!found.is_whole(), "{way}: {found}");
        }
    });
}

#[test]
fn a_log_that_was_rolled_back_is_noticed() {
    let mut instance = with_books(On::Embedded);
    let databases = instance.folder().join("databases");
    instance.stop();
    let older = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(&databases).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), older.path().join(file.file_name())).unwrap();
    }
    instance.restart();
    instance.owner().ok(
        "books.post_entry",
        entry("2026-03-01", "Sale", "1000", "4000", "5.00"),
    );
    instance.stop();
    for file in std::fs::read_dir(&databases).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    for file in std::fs::read_dir(older.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), databases.join(file.file_name())).unwrap();
    }
    instance.restart();
    let found = verdict(&instance);
    assert!(
        !found.is_whole() && found.to_string().contains("rolled back"),
        "{found}"
    );
}

#[test]
fn the_store_itself_refuses_to_forge_the_log() {
    for_both_stores(|on| {
        let instance = with_books(on);
        for sql in [
            "DELETE FROM audit_records WHERE seq = 3",
            "UPDATE audit_records SET outcome = 'refused' WHERE seq = 3",
            "UPDATE audit_records SET seq = 1000 WHERE seq = 3",
        ] {
            let refused = instance.tamper(Some("acme"), sql).unwrap_err();
            assert!(refused.contains("guard audit_"), "{sql}: {refused}");
        }
        assert!(verdict(&instance).is_whole());
    });
}

#[test]
fn an_export_verifies_offline() {
    for_both_stores(|on| {
        let instance = with_books(on);
        instance.owner().ok(
            "books.post_entry",
            entry("2026-03-01", "Sale", "1000", "4000", "5.00"),
        );
        let desk = instance.engine().desk(Some("acme")).unwrap();
        let mut file = Vec::new();
        let written = desk
            .database
            .read(|store| export(store, &mut file))
            .unwrap();
        assert!(written > 6, "{written}");
        let key = desk.checkpoint_key();
        let verify = |file: &[u8]| verify_export(&mut BufReader::new(file), key, &[]).unwrap();
        assert!(verify(&file).is_whole(), "{}", verify(&file));
        let text = String::from_utf8(file.clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        // A line left out, two exchanged, one edited, the end cut off.
        let without = [&lines[..2], &lines[3..]].concat().join("\n");
        let mut exchanged = lines.clone();
        exchanged.swap(2, 3);
        let edited = text.replacen("allowed", "refused", 1);
        let reworded = text.replacen("owner@example.com", "other@example.com", 1);
        assert_ne!(reworded, text);
        let cut = lines[..lines.len() - 2].join("\n");
        for (how, forged) in [
            ("without", without),
            ("exchanged", exchanged.join("\n")),
            ("edited", edited),
            ("reworded", reworded),
            ("cut", cut),
        ] {
            assert!(!verify(forged.as_bytes()).is_whole(), "{how}");
        }
        // Another log's key vouches for nothing here.
        let other = instance.engine().desk(None).unwrap();
        let found = verify_export(
            &mut BufReader::new(file.as_slice()),
            other.checkpoint_key(),
            &[],
        )
        .unwrap();
        assert!(!found.is_whole());
    });
}
