//! The log in its ordinary life: batches, rollbacks, restarts, erasure.

use super::*;

#[test]
fn a_log_in_order_is_whole_at_every_size() {
    let mut story = Story::new();
    assert_eq!(
        story.verdict().to_string(),
        "The log is empty. No witness was asked: a log cut back to an older state would look the same."
    );
    for count in [1, 9, 245, 1, 1, 300, 700] {
        story.batch(count);
        let verdict = story.verdict();
        assert!(verdict.is_whole(), "{verdict}");
        assert_eq!(verdict.records, story.log.size());
    }
    assert_eq!(
        story.verdict().to_string(),
        "All 1257 records are whole and in order. The witness agrees up to record 1257."
    );
    assert_eq!(
        story.log.seal(&mut story.store, &story.signer).unwrap(),
        None
    );
}

#[test]
fn a_log_taken_up_after_a_restart_goes_on_where_it_stood() {
    let mut story = Story::with(250);
    for _ in 0..30 {
        story.log = Log::load(&mut story.store, story.signer.key()).unwrap();
        story.witness = Witness::open(story.folder.path(), "instance", story.signer.key()).unwrap();
        assert_eq!(story.witness.compare(&mut story.store).unwrap(), None);
        story.batch(23);
    }
    let verdict = story.verdict();
    assert!(verdict.is_whole(), "{verdict}");
}

#[test]
fn a_record_whose_savepoint_failed_is_taken_back_alone() {
    let mut story = Story::with(250);
    for _ in 0..3 {
        story.append(3);
        story.store.savepoint().unwrap();
        story.append(1);
        story.store.roll_back_to_savepoint().unwrap();
        story.store.release().unwrap();
        story.log.take_back();
        story.batch(4);
    }
    let verdict = story.verdict();
    assert!(verdict.is_whole(), "{verdict}");
    assert_eq!(verdict.records, 271);
}

#[test]
fn a_log_that_another_process_wrote_on_is_taken_up_anew() {
    let mut story = Story::with(30);
    let mut other = Log::load(&mut story.store, story.signer.key()).unwrap();
    for _ in 0..3 {
        story.batch(9);
        other
            .catch_up(&mut story.store, story.signer.key())
            .unwrap();
        assert_eq!(other.size(), story.log.size());
        std::mem::swap(&mut other, &mut story.log);
    }
    let verdict = story.verdict();
    assert!(verdict.is_whole(), "{verdict}");
}

#[test]
fn a_batch_that_was_rolled_back_leaves_no_trace() {
    let mut story = Story::with(250);
    for sealed in [false, true, true] {
        story.store.tamper("BEGIN");
        story.append(600);
        if sealed {
            story.log.seal(&mut story.store, &story.signer).unwrap();
        }
        story.store.tamper("ROLLBACK");
        story.log.discard();
        assert_eq!(story.log.size(), 250);
    }
    story.batch(600);
    let verdict = story.verdict();
    assert!(verdict.is_whole() && verdict.records == 850, "{verdict}");
}

#[test]
fn a_sealed_batch_takes_no_record_until_it_is_settled() {
    let mut story = Story::new();
    story.append(1);
    story.log.seal(&mut story.store, &story.signer).unwrap();
    assert!(
        story
            .log
            .append(&mut story.store, &record(2), &SystemEntropy)
            .is_err()
    );
    story.log.settle();
    story.append(1);
}

#[test]
fn a_record_whose_content_was_erased_still_verifies() {
    let mut story = Story::with(300);
    for seq in [3, 290] {
        assert!(erase(&mut story.store, seq).unwrap());
        assert!(!erase(&mut story.store, seq).unwrap());
    }
    let verdict = story.verdict();
    assert!(verdict.is_whole() && verdict.erased == 2, "{verdict}");
    let text = story.exported();
    assert_eq!(text.matches("Rent").count(), 298);
    let verdict = story.verify_text(&text);
    assert!(verdict.is_whole() && verdict.erased == 2, "{verdict}");
}

#[test]
fn the_content_is_the_whole_record() {
    let mut story = Story::with(1);
    let content = |store: &TestStore| -> String {
        store
            .0
            .query_row("SELECT content FROM audit_records", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(
        content(&story.store),
        "{\"request\":\"09090909090909090909090909090909\",\"actor_kind\":\"person\",\
         \"actor_email\":\"ada@example.org\",\"token\":null,\"actor_role\":\"Member\",\
         \"address\":\"203.0.113.9\",\"agent\":\"A browser\",\"target_id\":\"1\",\"required_roles\":[],\"reason\":\"\",\"before\":null,\
         \"after\":{\"number\":1,\"text\":\"Rent\"}}"
    );
    let mut broken = record(2);
    broken.after = Some("{".to_owned());
    assert!(
        story
            .log
            .append(&mut story.store, &broken, &SystemEntropy)
            .is_err()
    );
    assert_eq!(story.log.size(), 1);
}

#[test]
fn the_store_itself_keeps_records_but_for_their_content() {
    let mut story = Story::with(2);
    story.append_at(3, retention::KEPT_MS);
    for guard in GUARDS {
        let event = format!("{:?}", guard.on);
        story.store.tamper(&format!(
            "CREATE TRIGGER {} BEFORE {event} ON {} WHEN {} BEGIN SELECT RAISE(ABORT, 'kept'); END",
            guard.name, guard.table, guard.refuse_if
        ));
    }
    assert!(erase(&mut story.store, 1).unwrap());
    // The second is a millisecond too young.
    assert!(erase(&mut story.store, 2).is_err());
    for sql in [
        "DELETE FROM audit_records WHERE seq = 1",
        "UPDATE audit_records SET operation = 'x' WHERE seq = 1",
        "UPDATE audit_records SET actor = NULL, salt = NULL, content = NULL, target_id = NULL",
        "UPDATE audit_records SET content = 'x' WHERE seq = 2",
    ] {
        assert!(story.store.0.execute_batch(sql).is_err(), "{sql}");
    }
}

#[test]
fn a_torn_slot_of_the_witness_is_passed_over() {
    use std::os::unix::fs::FileExt;
    let mut story = Story::with(30);
    let path = story.folder.path().join("witness/instance");
    let open =
        |story: &Story| Witness::open(story.folder.path(), "instance", story.signer.key()).unwrap();
    let sizes = |witness: &Witness| {
        let mut sizes: Vec<u64> = witness.checkpoints().map(Checkpoint::size).collect();
        sizes.sort_unstable();
        sizes
    };
    assert_eq!(sizes(&open(&story)), [20, 30]);
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.write_all_at(b"torn", 20).unwrap();
    story.witness = open(&story);
    assert_eq!(
        sizes(&story.witness),
        [20],
        "the third batch was in the first slot"
    );
    assert!(story.verdict().is_whole());
    story.batch(5);
    assert_eq!(sizes(&open(&story)), [20, 35]);
    file.set_len(1_500).unwrap();
    assert!(open(&story).latest().is_some());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this measures")]
fn appending_is_cheap_beside_the_insert() {
    use daybook_kernel::{Param, Row};
    struct Nowhere;
    impl Connection for Nowhere {
        fn each(
            &mut self,
            _: &'static str,
            _: &[Param<'_>],
            _: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
        ) -> Result<(), Error> {
            Ok(())
        }
        fn run(&mut self, _: &'static str, _: &[Param<'_>]) -> Result<u64, Error> {
            Ok(1)
        }
        fn savepoint(&mut self) -> Result<(), Error> {
            Ok(())
        }
        fn release(&mut self) -> Result<(), Error> {
            Ok(())
        }
        fn roll_back_to_savepoint(&mut self) -> Result<(), Error> {
            Ok(())
        }
    }
    let story = Story::new();
    let mut log = Log::load(&mut Nowhere, story.signer.key()).unwrap();
    let record = record(1);
    let began = std::time::Instant::now();
    for _ in 0..20_000 {
        log.append(&mut Nowhere, &record, &SystemEntropy).unwrap();
    }
    let each = began.elapsed().as_nanos() / 20_000;
    let began = std::time::Instant::now();
    let checkpoint = Checkpoint::sign(log.size(), [0; 32], &story.signer);
    println!("append {each} ns, sign {} ns", began.elapsed().as_nanos());
    assert!(checkpoint.size() == 20_000 && each < 500_000, "{each} ns");
}
