//! Two workspaces side by side: whatever happens to one, the other's answers are
//! right, none is refused, and nothing is lost.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use daybook_engine::{Call, Credential};
use daybook_kernel::operation::Wanted;
use daybook_kernel::{Error, Origin, Refusal, Role};
use daybook_testkit::{Caller, Cluster, Instance, On, PASSWORD, Request, for_both_stores, until};
use serde_json::{Value, json};

use crate::restoring::{damage, export, restored, sell};
use crate::scene::{entry, open_books, trial_balance, with_books};

const NEIGHBOUR: &str = "neighbour@example.com";
const BOOKS: &str = "books.trial_balance";

/// What one caller may ask a second, where a story is about that: enough
/// for all that Globex does at once.
const PER_SECOND: u32 = 4;
/// Together they ask more than a workspace's own limit, which is reckoned for ten.
const CLERKS: usize = 12;

/// Acme with a sale, and Globex next door with none.
fn scene(on: On) -> Instance {
    let instance = with_books(on);
    instance.make_person(NEIGHBOUR);
    instance.make_workspace("globex", NEIGHBOUR);
    open_books(&instance.local_as(NEIGHBOUR, "globex"));
    sell(&instance.local("acme"), "100.00");
    instance
}

/// Globex at work: its Owner at the pages, and a program that posts.
struct Globex {
    session: String,
    token: String,
    /// Entries that were acknowledged, each of 1.00.
    posted: i64,
}

impl Globex {
    fn at(instance: &Instance) -> Self {
        let owner = instance.sign_in(NEIGHBOUR, "globex");
        Self {
            token: owner.token(&["books.*"]).secret().to_owned(),
            session: owner.secret().to_owned(),
            posted: 0,
        }
    }

    /// Posts, asks and looks, and is answered rightly each time.
    fn goes_on(&mut self, instance: &Instance) {
        let program = instance.bearer(&self.token, "globex");
        let owner = instance.cookie(&self.session, "globex");
        self.posted += 1;
        assert_eq!(sell(&program, "1.00")["number"], self.posted);
        let cash = &trial_balance(&owner, None)[0].2;
        assert_eq!(*cash, format!("{}.00", self.posted));
        let page = owner.send(Request::new("GET", "/w/globex/books/entries/1"));
        assert_eq!(page.status, 200, "{}", page.text());
    }

    /// Goes on for as long as `work` takes, and once at least.
    fn goes_on_while<T>(&mut self, instance: &Instance, work: impl FnOnce() -> T) -> T {
        let ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let going_on = scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    self.goes_on(instance);
                }
                self.goes_on(instance);
            });
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            ended.store(true, Ordering::Relaxed);
            going_on.join().unwrap();
            done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// All that was acknowledged is there, and books and log are whole.
    fn lost_nothing(&self, instance: &Instance) {
        let entries = instance.peek(Some("globex"), "SELECT count(*) FROM entries");
        assert_eq!(entries, self.posted);
        let owner = instance.local_as(NEIGHBOUR, "globex");
        let checked = owner.ok("books.check_balances", json!({}));
        assert_eq!(checked["good"], true, "{checked}");
        let desk = instance.engine().desk(Some("globex")).unwrap();
        let verdict = desk.verify().unwrap();
        assert!(verdict.is_whole(), "{verdict}");
    }
}

fn operate(instance: &Instance, operation: &str, input: Value) {
    instance.operator().ok(operation, input);
}

fn sale() -> Value {
    entry("2026-03-01", "Sale", "1000", "4000", "1.00")
}

#[test]
fn a_neighbour_that_is_locked_full_exported_restored_and_deleted_is_not_noticed() {
    for_both_stores(|on| {
        let mut instance = scene(on);
        let mut globex = Globex::at(&instance);
        let owner = instance.member(Role::Owner);
        let yesterday = globex.goes_on_while(&instance, || export(&instance, "acme"));
        sell(&owner, "5.00");
        globex.goes_on_while(&instance, || {
            let lock = json!({"workspace": "acme", "reason": "A token was found in public"});
            operate(&instance, "identity.lock_workspace", lock.clone());
            for _ in 0..10 {
                owner.refused(BOOKS, json!({}), 403);
            }
            operate(&instance, "identity.unlock_workspace", lock);
        });
        globex.goes_on_while(&instance, || {
            let limit = |bytes: Option<i64>| json!({"workspace": "acme", "bytes_max": bytes});
            operate(&instance, "identity.set_storage_limit", limit(Some(1)));
            for _ in 0..10 {
                owner.refused("books.post_entry", sale(), 507);
            }
            operate(&instance, "identity.set_storage_limit", limit(None));
        });
        let path: &Path = yesterday.path();
        globex.goes_on_while(&instance, || restored(&instance, "acme", path, "now"));
        assert_eq!(trial_balance(&owner, None)[0].2, "100.00");
        globex.goes_on_while(&instance, || {
            let address = json!({"address": "acme"});
            owner.ok("team.delete_workspace", address);
            owner.refused(BOOKS, json!({}), 403);
        });
        globex.lost_nothing(&instance);
        instance.restart();
        globex.goes_on(&instance);
        globex.lost_nothing(&instance);
    });
}

#[test]
fn a_neighbour_whose_database_is_damaged_is_not_noticed() {
    for_both_stores(|on| {
        let mut instance = scene(on);
        let mut globex = Globex::at(&instance);
        let owner = instance.member(Role::Owner).secret().to_owned();
        let yesterday = export(&instance, "acme");
        globex.goes_on(&instance);
        damage(&mut instance, "acme");
        globex.goes_on_while(&instance, || {
            let owner = instance.cookie(&owner, "acme");
            for _ in 0..10 {
                owner.refused(BOOKS, json!({}), 503);
                owner.refused("books.post_entry", sale(), 503);
            }
            restored(&instance, "acme", yesterday.path(), "exported");
            assert_eq!(trial_balance(&owner, None)[0].2, "100.00");
        });
        globex.lost_nothing(&instance);
    });
}

/// People of Acme with a session each.
fn clerks(instance: &Instance) -> Vec<String> {
    let owner = instance.local("acme");
    let clerks = (0..CLERKS).map(|number| {
        let email = format!("clerk{number}@example.com");
        let person = json!({"email": email, "password": PASSWORD});
        operate(instance, "identity.create_person", person);
        owner.ok("team.add_member", json!({"email": email, "role": "Viewer"}));
        instance.sign_in(&email, "acme").secret().to_owned()
    });
    clerks.collect()
}

#[test]
fn a_neighbour_at_ten_times_its_limit_uses_up_its_own_alone() {
    for_both_stores(|on| {
        let mut instance = scene(on);
        let mut globex = Globex::at(&instance);
        let clerks = clerks(&instance);
        let limit = NonZeroU32::new(PER_SECOND).unwrap();
        instance.options_mut().allowances.requests_per_second = limit;
        instance.restart();
        // Whoever is not known yet after a start counts for the network they share.
        let known = |caller: Caller<'_>| {
            until("they are known", || {
                caller.call(BOOKS, json!({})).status == 200
            });
        };
        known(instance.bearer(&globex.token, "globex"));
        known(instance.cookie(&globex.session, "globex"));
        for clerk in &clerks {
            known(instance.cookie(clerk, "acme"));
        }
        let instance = &instance;
        let (answers, answered) = mpsc::channel();
        for clerk in &clerks {
            for _ in 0..10 * PER_SECOND {
                ask(instance, clerk, answers.clone());
            }
        }
        drop(answers);
        // No more than its own limit lets through at once.
        globex.goes_on(instance);
        let told: Vec<bool> = answered.iter().collect();
        assert_eq!(told.len(), CLERKS * 10 * PER_SECOND as usize);
        let waits = told
            .iter()
            .filter(|is_told_to_wait| **is_told_to_wait)
            .count();
        assert!(waits > told.len() / 2, "{waits}");
        globex.lost_nothing(instance);
    });
}

/// Asks by the engine's own door and waits for nothing; whether it was told to wait
/// is answered in time.
fn ask(instance: &Instance, session: &str, answers: mpsc::Sender<bool>) {
    let app = instance.app();
    let call = Call {
        workspace: Some("acme".to_owned()),
        operation: app.operation(BOOKS).unwrap(),
        input: b"{}".to_vec(),
        credential: Credential::Session(session.to_owned().into()),
        origin: Arc::new(Origin::local()),
        request: app.engine.new_request().unwrap(),
    };
    app.engine.query(call, Wanted::Json, move |answer| {
        let is_told_to_wait = matches!(answer, Err(Error::Refused(Refusal::TooMany { .. })));
        // The one who counts them waits for all.
        let _ = answers.send(is_told_to_wait);
    });
}

/// Holds the one writer of a workspace's database, as a disk that does not answer
/// would, while `work` is done.
fn while_stuck(instance: &Instance, slug: &str, work: impl FnOnce()) {
    if let Some(database) = instance.database() {
        let schema = instance.schema(Some(slug));
        let mut client = Cluster::shared().client(database);
        let mut held = client.transaction().unwrap();
        let lock = format!("SELECT pg_advisory_xact_lock(hashtext('{schema}'))");
        held.batch_execute(&lock).unwrap();
        work();
        return held.rollback().unwrap();
    }
    let file = instance.embedded(Some(slug));
    file.execute_batch("BEGIN IMMEDIATE").unwrap();
    work();
    file.execute_batch("ROLLBACK").unwrap();
}

#[test]
fn a_neighbour_whose_writer_is_stuck_holds_up_nobody() {
    for_both_stores(|on| {
        let instance = scene(on);
        let mut globex = Globex::at(&instance);
        let owner = instance.local("acme");
        std::thread::scope(|scope| {
            while_stuck(&instance, "acme", || {
                for _ in 0..10 {
                    // Each is answered once the writer is free, or told that it was not.
                    scope.spawn(|| owner.call("books.post_entry", sale()));
                }
                for _ in 0..3 {
                    globex.goes_on(&instance);
                }
            });
        });
        sell(&owner, "1.00");
        globex.lost_nothing(&instance);
    });
}
