//! Commands that share a transaction share nothing else: one that the store
//! refuses, even late, is undone alone, and the log knows nothing of it.

use daybook_testkit::{Instance, for_both_stores};
use serde_json::json;

use crate::scene::{entry, records, with_books};

const PEOPLE: usize = 8;
const ENTRIES: usize = 12;

/// A rule that no check of Daybook's own foresees: no line of 6.66. The line is
/// put off on its way to the store, so the refusal comes after the command ended.
fn refuse_late(instance: &Instance) {
    let sql = if instance.database().is_none() {
        "CREATE TRIGGER late BEFORE INSERT ON lines WHEN NEW.amount = 666
         BEGIN SELECT RAISE(ABORT, 'late'); END"
    } else {
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF NEW.amount = 666 THEN RAISE EXCEPTION 'late'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER late BEFORE INSERT ON lines FOR EACH ROW EXECUTE FUNCTION late()"
    };
    instance.tamper(Some("acme"), sql).expect("a trigger");
}

#[test]
fn a_command_that_the_store_refuses_late_is_undone_alone() {
    for_both_stores(|on| {
        let instance = with_books(on);
        refuse_late(&instance);
        let before = records(&instance, Some("acme"));
        std::thread::scope(|scope| {
            for _ in 0..PEOPLE {
                scope.spawn(|| {
                    let owner = instance.owner();
                    for number in 0..ENTRIES {
                        let (amount, status) = match number % 3 {
                            0 => ("6.66", 500),
                            _ => ("1.00", 200),
                        };
                        let posted = entry("2026-03-01", "Among others", "1000", "4000", amount);
                        let answer = owner.call("books.post_entry", posted);
                        assert_eq!(answer.status, status, "{}", answer.text());
                    }
                });
            }
        });
        let kept = i64::try_from(PEOPLE * ENTRIES / 3 * 2).expect("a small number");
        let count = |sql| instance.peek(Some("acme"), sql);
        assert_eq!(count("SELECT count(*) FROM entries"), kept);
        assert_eq!(count("SELECT max(number) FROM entries"), kept);
        assert_eq!(count("SELECT count(*) FROM lines"), kept * 2);
        assert_eq!(records(&instance, Some("acme")), before + kept);
        let desk = instance.engine().desk(Some("acme")).expect("a workspace");
        let verdict = desk.verify().expect("a verdict");
        assert!(verdict.is_whole(), "{verdict:?}");
        let checked = instance.owner().ok("books.check_balances", json!({}));
        assert_eq!(checked["good"], true, "{checked}");
    });
}
