//! Somebody changes the past.

use super::attacker::{edit, recompute_head, recompute_leaves, recompute_tiles};
use super::*;

/// Changes a log of 600 records (two full tiles and a part) and checks what is
/// said.
fn check(tamper: impl FnOnce(&mut Story), expected: &str) {
    let mut story = Story::with(600);
    tamper(&mut story);
    let verdict = story.verdict();
    assert_eq!(verdict.to_string(), expected);
    assert!(!verdict.is_whole());
}

pub(super) const EDITED: &str = "was edited: it is not what its hashes say.";

#[test]
fn an_edited_record_is_named_whatever_was_edited() {
    for seq in [1, 256, 257, 513, 600] {
        for change in [
            "content = replace(content, 'Rent', 'Cake')",
            "actor = NULL",
            "actor = 'bob'",
            "at_ms = at_ms + 1",
            "operation = 'books.other'",
            "outcome = 'refused'",
            "target_kind = 'Person'",
            "target_id = '77777'",
            "target_id = NULL",
            "content_hash = x'00'",
            "leaf = x'00'",
            "leaf = zeroblob(32)",
            "salt = NULL",
            "salt = zeroblob(16)",
            "content = NULL",
            "content = 5",
            "operation = x'00'",
        ] {
            let sql = format!("UPDATE audit_records SET {change} WHERE seq = {seq}");
            check(
                |story| story.store.tamper(&sql),
                &format!("Record {seq} {EDITED}"),
            );
        }
    }
}

#[test]
fn the_first_of_several_is_named() {
    check(
        |story| {
            story.store.tamper(
                "UPDATE audit_records SET actor = 'bob' WHERE seq IN (300, 40, 599);
                 DELETE FROM audit_records WHERE seq = 200;",
            );
        },
        &format!("Record 40 {EDITED}"),
    );
}

#[test]
fn a_deleted_record_is_missing() {
    for seq in [1, 256, 257, 300, 555] {
        let sql = format!("DELETE FROM audit_records WHERE seq = {seq}");
        let doubt = match seq {
            // Of the last part no tile vouches for the leaves of those before it.
            555 => {
                " Nothing signed vouches for the records from 1 on, so an earlier one may be bad too."
            }
            _ => "",
        };
        check(
            |story| story.store.tamper(&sql),
            &format!("Record {seq} is missing.{doubt}"),
        );
    }
}

#[test]
fn a_whole_stretch_that_was_deleted_is_missing_from_its_first() {
    check(
        |story| {
            story
                .store
                .tamper("DELETE FROM audit_records WHERE seq BETWEEN 100 AND 530");
        },
        "Record 100 is missing. Nothing signed vouches for the records from 1 on, so an earlier one may be bad too.",
    );
}

#[test]
fn reordered_records_are_named() {
    let swap = "UPDATE audit_records SET seq = -1 WHERE seq = 30;
        UPDATE audit_records SET seq = 30 WHERE seq = 50;
        UPDATE audit_records SET seq = 50 WHERE seq = -1;";
    check(
        |story| story.store.tamper(swap),
        "Record 30 is out of order: what stands there was logged as record 50.",
    );
    check(
        |story| {
            story.store.tamper(swap);
            recompute_leaves(&story.store, &[30, 50]);
        },
        "Record 30 is out of order: what stands there was logged as record 50.",
    );
}

#[test]
fn a_truncated_log_is_found_without_a_witness() {
    let mut story = Story::with(600);
    story
        .store
        .tamper("DELETE FROM audit_records WHERE seq > 580");
    assert_eq!(
        story.verdict_without_witness().to_string(),
        "Record 581 is missing and all after it: the log was truncated. Its checkpoint signs 600 records. Nothing signed vouches for the records from 1 on, so an earlier one may be bad too."
    );
    assert!(
        Log::load(&mut story.store, story.signer.key()).is_err(),
        "nobody writes on over a hole"
    );
}

#[test]
fn a_database_put_back_to_an_older_state_is_found_by_the_witness() {
    let mut story = Story::with(570);
    let backup = story.store.copy(&story.folder.path().join("backup"));
    story.batch(30);
    story.store = backup;
    assert!(
        story.verdict_without_witness().is_whole(),
        "an old state agrees with itself"
    );
    let expected = "Record 571 is missing and all after it: the log was rolled back or truncated. \
        Its witness has seen 600 records.";
    assert_eq!(story.verdict().to_string(), expected);

    // At the next opening it shows, and what grows anew does not cover it up.
    story.log = Log::load(&mut story.store, story.signer.key()).unwrap();
    let finding = story.witness.compare(&mut story.store).unwrap().unwrap();
    assert_eq!(finding.to_string(), expected);
    story.batch(100);
    assert_eq!(
        story.verdict().to_string(),
        "At or after record 571, the log was rewritten: its hashes agree among themselves, but not \
         with what was signed."
    );
    story.witness.accept().unwrap();
    story.batch(10);
    assert!(story.verdict().is_whole());
    assert!(
        story
            .folder
            .path()
            .join("witness/instance.until-600")
            .exists()
    );
}

#[test]
fn added_records_are_found() {
    let copy = |seq: i64| {
        format!(
            "INSERT INTO audit_records SELECT {seq}, at_ms, operation, outcome, actor, target_kind,
             target_id, leaf, content_hash, salt, content FROM audit_records WHERE seq = 600"
        )
    };
    let added = "was added outside Daybook: no checkpoint covers it.";
    check(
        |story| {
            story.store.tamper(&copy(601));
            recompute_leaves(&story.store, &[601]);
        },
        &format!("Record 601 {added}"),
    );
    check(
        |story| story.store.tamper(&copy(0)),
        &format!("Record 0 {added}"),
    );
    check(
        |story| story.store.tamper(&copy(1 << 60)),
        "Record 601 is missing.",
    );
}

#[test]
fn recomputed_leaves_are_named_by_the_tiles() {
    for seq in [1, 256, 400] {
        check(
            |story| {
                story.store.tamper(&edit(seq));
                recompute_leaves(&story.store, &[seq]);
            },
            &format!("Record {seq} {EDITED}"),
        );
    }
}

#[test]
fn where_everything_was_recomputed_the_signature_tells_from_where_on() {
    let rewritten =
        "the log was rewritten: its hashes agree among themselves, but not with what was signed.";
    for (seq, from) in [(3, 1), (400, 1), (580, 1), (595, 591)] {
        check(
            |story| {
                story.store.tamper(&edit(seq));
                recompute_leaves(&story.store, &[seq]);
                recompute_tiles(&mut story.store);
                recompute_head(&mut story.store);
            },
            &format!("At or after record {from}, {rewritten}"),
        );
    }
}

/// Else the next batch would sign the forgery.
#[test]
fn nobody_writes_on_over_a_forged_past() {
    for recompute_all in [false, true] {
        let mut story = Story::with(600);
        story.store.tamper(&edit(580));
        recompute_leaves(&story.store, &[580]);
        if recompute_all {
            recompute_head(&mut story.store);
        }
        assert!(Log::load(&mut story.store, story.signer.key()).is_err());
    }
    for sql in [
        "DELETE FROM audit_head",
        "UPDATE audit_head SET checkpoint = ''",
    ] {
        let mut story = Story::with(20);
        story.store.tamper(sql);
        assert!(
            Log::load(&mut story.store, story.signer.key()).is_err(),
            "{sql}"
        );
    }
    // An old record that was edited is no reason to stop: what was signed of it
    // stays signed, and it stays found.
    let mut story = Story::with(600);
    story.store.tamper(&edit(3));
    story.log = Log::load(&mut story.store, story.signer.key()).unwrap();
    story.batch(300);
    assert_eq!(story.verdict().to_string(), format!("Record 3 {EDITED}"));
}

#[test]
fn a_tile_that_disagrees_is_named_though_nothing_is_signed() {
    let mut story = Story::with(600);
    story.store.tamper(&edit(300));
    recompute_leaves(&story.store, &[300]);
    story.store.tamper("DELETE FROM audit_head");
    let said = story.verdict_without_witness().to_string();
    assert!(said.starts_with("Record 300 was edited"), "{said}");
}

#[test]
fn a_forged_checkpoint_is_no_checkpoint() {
    let head =
        "a head that this log's key did not sign so. Nothing signed vouches for what follows.";
    for sql in [
        "DELETE FROM audit_head",
        "UPDATE audit_head SET checkpoint = replace(checkpoint, '600', '601')",
        "UPDATE audit_head SET checkpoint = ''",
        "UPDATE audit_head SET size = 599",
        "UPDATE audit_head SET frontier = zeroblob(128)",
    ] {
        check(
            |story| story.store.tamper(sql),
            &format!("The log has {head}"),
        );
    }
    let mut story = Story::with(600);
    story.store.tamper("DELETE FROM audit_head");
    assert_eq!(
        story.verdict_without_witness().to_string(),
        format!("At or after record 1, the log has {head}")
    );
    let other = Story::with(600);
    let note = super::super::log::read_head(&mut { other.store })
        .unwrap()
        .unwrap()
        .note;
    story = Story::with(600);
    story
        .store
        .0
        .execute("UPDATE audit_head SET checkpoint = ?1", [note])
        .unwrap();
    assert_eq!(story.verdict().to_string(), format!("The log has {head}"));
}

#[test]
fn damaged_tiles_are_told_from_damaged_records() {
    for sql in [
        "UPDATE audit_tiles SET hashes = zeroblob(8192) WHERE level = 0 AND position = 1",
        "UPDATE audit_tiles SET hashes = zeroblob(64) WHERE level = 1",
        "DELETE FROM audit_tiles WHERE level = 0 AND position = 0",
        "DELETE FROM audit_tiles WHERE level = 1",
        "UPDATE audit_tiles SET hashes = x'00'",
    ] {
        check(
            |story| story.store.tamper(sql),
            "The log has damaged tiles; the records themselves are whole. Proofs cannot be made from them.",
        );
    }
}
