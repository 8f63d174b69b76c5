//! The disk is in trouble: a sync fails, or there is no room. Nothing is
//! acknowledged that is not kept, and when the trouble is over work goes on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use daybook_testkit::Dice;
use daybook_testkit::lossy_disk::{Fault, Kind, Loss, LossyDisk};
use serde_json::json;

use crate::asked;
use crate::ledger::{Ledger, WORKSPACES, blank, copy_beside};

const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn a_commit_that_fails_is_answered_and_the_next_one_holds() {
    for fault in [Fault::Sync(Kind::Log), Fault::Full(Kind::Log)] {
        let folder = blank();
        let data = folder.path().join("data");
        let disk = LossyDisk::below(&data).unwrap();
        let ledger = Ledger::open(&data).unwrap();
        let slug = WORKSPACES[0];
        let post = |number| ledger.post(slug, number, 1, || {}).recv_timeout(PATIENCE);
        assert_eq!(post(0), Ok(true), "{fault:?}");

        disk.fail(fault, 0, 1);
        assert_eq!(
            post(1),
            Ok(false),
            "{fault:?}: a commit that failed is answered with an error"
        );
        assert_eq!(disk.failed(), 1, "{fault:?}");
        // Every other caller of the same batch hears of it too.
        disk.fail(fault, 0, 1);
        let batch: Vec<_> = (2..10)
            .map(|number| ledger.post(slug, number, 1, || {}))
            .collect();
        let answered: Vec<bool> = batch
            .into_iter()
            .map(|answer| answer.recv_timeout(PATIENCE).expect("an answer"))
            .collect();
        assert!(answered.contains(&false), "{fault:?}: {answered:?}");

        disk.heal();
        assert_eq!(post(10), Ok(true), "{fault:?}: the desk is usable");
        let opened = ledger.ask(
            Some(slug),
            "books.open_account",
            &json!({"code": "9000", "name": "Other", "kind": "asset"}),
        );
        assert!(opened.is_ok(), "{fault:?}: {opened:?}");
        let mut held: BTreeSet<u64> = [0, 10].into();
        let batch = (2..10).zip(answered).filter(|(_, held)| *held);
        held.extend(batch.map(|(number, _)| number));
        let found = ledger.check(slug, &held, &held);
        assert_eq!(found, held, "{fault:?}: what failed is not there");
        ledger.verify();
    }
}

#[test]
fn nothing_is_acknowledged_that_a_failing_disk_does_not_keep() {
    const KINDS: [Kind; 3] = [Kind::Log, Kind::Database, Kind::Journal];
    // A log that was written on after a failed sync was cut there by the power loss.
    const FOUND: [u64; 1] = [12_091_272_259_165_360_091];
    let first = asked("DAYBOOK_TEST_SEED", Dice::fresh().seed());
    for seed in FOUND
        .into_iter()
        .chain((0..20).map(|number| first.wrapping_add(number)))
    {
        eprintln!("DAYBOOK_TEST_SEED={seed}");
        let dice = Dice::seeded(seed);
        let folder = blank();
        let data = folder.path().join("data");
        let disk = LossyDisk::below(&data).unwrap();
        let mut ledger = Some(Ledger::open(&data).unwrap());
        let slug = WORKSPACES[0];
        let acknowledged: Arc<Mutex<BTreeSet<u64>>> = Arc::default();
        let mut sent = BTreeSet::new();
        for _ in 0..=dice.below(6) {
            let kind = *dice.pick(&KINDS);
            let fault = *dice.pick(&[Fault::Sync(kind), Fault::Full(kind)]);
            disk.fail(fault, dice.below(20) as u64, 1 + dice.below(4) as u64);
            for _ in 0..dice.below(12) {
                let number = sent.len() as u64;
                sent.insert(number);
                // An engine that refuses to open on a bad disk acknowledges nothing.
                if ledger.is_none() {
                    ledger = Ledger::open(&data).ok();
                }
                let Some(open) = &ledger else {
                    continue;
                };
                let noted = Arc::clone(&acknowledged);
                let note = move || {
                    noted.lock().unwrap().insert(number);
                };
                let _ = open
                    .post(slug, number, dice.below(60), note)
                    .recv_timeout(PATIENCE);
            }
            if dice.below(3) == 0 {
                ledger = None;
            }
        }
        let image = disk.cut();
        let left = folder.path().join("left");
        copy_beside(&data, &left);
        let loss = *dice.pick(&[Loss::Unsynced, Loss::Torn, Loss::Nothing]);
        image.restore(&left, loss, &dice).unwrap();
        drop(ledger);
        let after = Ledger::open(&left).unwrap();
        after.check(slug, &acknowledged.lock().unwrap(), &sent);
        after.verify();
    }
}
