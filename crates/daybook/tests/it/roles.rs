//! What each role may do: the golden table, and the live server held against it.

use daybook::features::FEATURES;
use daybook_engine::authorize::permissions_text;
use daybook_kernel::operation::Operation;
use daybook_kernel::{Exposure, Feature, Role, Scope};
use daybook_testkit::{Answer, Caller, Instance, Options, Product, Request, for_both_stores};
use serde_json::{Value, json};

use crate::scene::{entry, instance, member, product, records, trial_balance, with_books};

const GOLDEN: &str = include_str!("../../permissions.txt");

#[test]
fn every_role_may_what_the_matrix_says() {
    for_both_stores(|on| {
        let instance = instance(on);
        let engine = instance.engine();
        let live = permissions_text(engine.registry(), engine.authorizer());
        bless(&live);
        assert_eq!(
            live, GOLDEN,
            "crates/daybook/permissions.txt is not what the policies say; run this test with DAYBOOK_BLESS=1 and read the difference"
        );
        for role in Role::ALL {
            let member = instance.member(role);
            let at_the_server = instance.local_as(&instance.colleague(role), "acme");
            let mut operations: Vec<&Operation> = engine
                .registry()
                .operations()
                .filter(|it| it.in_workspace())
                .collect();
            // Whoever has left can be asked nothing more.
            operations.sort_by_key(|it| it.spec.name == "team.leave_workspace");
            for operation in operations {
                let is_local = operation.spec.exposure == Exposure::Local;
                let caller = if is_local { &at_the_server } else { &member };
                let answer = caller.call(operation.spec.name, (operation.example)());
                let allowed = marked(operation.spec.name, column(role));
                assert_eq!(
                    !is_refusal(&answer),
                    allowed,
                    "{role} {}: {} {}",
                    operation.spec.name,
                    answer.status,
                    answer.text()
                );
                assert_ne!(answer.status, 500, "{role} {}", operation.spec.name);
            }
        }
        held_against_the_instance(&instance);
    });
}

/// The rows of the table that are about the instance.
fn held_against_the_instance(instance: &Instance) {
    let visitor = instance.anonymous();
    let colleague = instance.colleague(Role::Manager);
    let signed_in = instance.sign_in(&colleague, "acme");
    let operator = instance.operator();
    let mut operations: Vec<&Operation> = instance
        .engine()
        .registry()
        .operations()
        .filter(|it| !it.in_workspace())
        .collect();
    // Whoever ends the session at hand comes in anew for the next.
    let ends_it = ["identity.sign_out", "identity.revoke_sessions"];
    operations.sort_by_key(|it| ends_it.contains(&it.spec.name));
    for operation in operations {
        let name = operation.spec.name;
        let signed_in = if ends_it.contains(&name) {
            instance.sign_in_anew(&colleague, "acme")
        } else {
            signed_in.clone()
        };
        let by = |caller: &Caller<'_>| caller.call(name, (operation.example)());
        let columns = [&visitor, &signed_in, &operator];
        for (index, caller) in columns.into_iter().enumerate() {
            let answer = by(caller);
            assert_eq!(
                !is_refusal(&answer),
                marked(name, index),
                "column {index} {name}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
}

#[test]
fn every_page_opens_to_the_roles_of_the_matrix() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let registry = instance.engine().registry();
        for role in Role::ALL {
            let member = instance.member(role);
            for page in registry.pages_of(Scope::Workspace) {
                let path = format!("/w/acme/{}", page.path.replace(['{', '}'], ""));
                let shown = member.send(Request::new("GET", &path));
                assert_eq!(
                    shown.status != 403,
                    marked(page.needs, column(role)),
                    "{role} {path}: {}",
                    shown.status
                );
            }
        }
        // What else bars somebody bars them from the pages too.
        let viewer = instance.member(Role::Viewer);
        let look = || viewer.send(Request::new("GET", "/w/acme/books/accounts"));
        assert_eq!(look().status, 200);
        let rule =
            json!({"name": "Two factors", "roles": ["Viewer"], "rule": {"kind": "second_factor"}});
        instance.owner().ok("team.set_policy", rule);
        let barred = look();
        assert_eq!(barred.status, 403);
        assert!(
            !barred.text().contains("Owed to suppliers"),
            "{}",
            barred.text()
        );
    });
}

/// Whether the policies refused, as against the work itself.
fn is_refusal(answer: &Answer) -> bool {
    let said = answer.text();
    let by_policy = [
        "This needs the role",
        "Nobody may do this here",
        "own command line",
        "An API token cannot",
    ];
    answer.status == 401
        || (answer.status == 403 && by_policy.iter().any(|words| said.contains(words)))
}

fn column(role: Role) -> usize {
    Role::ALL.iter().position(|it| *it == role).unwrap()
}

/// Whether the golden table has an `x` in this column of this row.
fn marked(operation: &str, column: usize) -> bool {
    let row = GOLDEN
        .lines()
        .find(|line| line.split_whitespace().next() == Some(operation));
    let row = row.unwrap_or_else(|| panic!("permissions.txt has no row {operation}"));
    row.split_whitespace().nth(column + 1) == Some("x")
}

/// Writes the table anew, where somebody asked for that.
fn bless(live: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "a developer asks for the golden file to be written"
    )]
    if std::env::var("DAYBOOK_BLESS").is_ok() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/permissions.txt");
        std::fs::write(path, live).unwrap();
    }
}

#[test]
fn an_action_that_no_policy_names_is_refused_for_the_owner_too() {
    let mut features = FEATURES.clone();
    let periods = features.iter_mut().find(|it| it.name == "periods");
    periods.unwrap().policy = "";
    let features: &'static [Feature] = Box::leak(features.into_boxed_slice());
    for_both_stores(|on| {
        let product = Product {
            features,
            ..product()
        };
        let instance = Instance::start(product, Options::on(on));
        let owner = instance.sign_in("owner@example.com", "acme");
        let token = instance.owner().token(&["*"]);
        let lock = json!({"through": "2026-01-31", "reason": "Filed"});
        for caller in [&owner, &token, &instance.owner()] {
            let before = records(&instance, Some("acme"));
            let said = caller.refused("books.lock_period", lock.clone(), 403);
            assert!(said.contains("Nobody may do this here"), "{said}");
            caller.refused("books.show_lock", json!({}), 403);
            assert_eq!(records(&instance, Some("acme")), before + 2);
        }
        // What its neighbours name is as it was.
        owner.ok("books.list_accounts", json!({}));
    });
}

#[test]
fn viewers_and_auditors_change_nothing() {
    // A token is one's own key to what one may read; it changes nothing of the books.
    // Nor does leaving, or bringing a browser along that somebody else must approve.
    let own = [
        "team.register_known_device",
        "team.create_api_token",
        "team.revoke_api_token",
        "team.leave_workspace",
    ];
    for_both_stores(|on| {
        let instance = with_books(on);
        instance.owner().ok(
            "books.post_entry",
            entry("2026-03-01", "Sale", "1000", "4000", "5.00"),
        );
        let before = everything(&instance);
        for role in [Role::Viewer, Role::Auditor] {
            let reader = instance.member(role);
            for operation in instance.engine().registry().operations() {
                let spec = operation.spec;
                if !operation.is_command() || !operation.in_workspace() || own.contains(&spec.name)
                {
                    continue;
                }
                let said = reader.refused(spec.name, (operation.example)(), 403);
                assert!(
                    said.contains(role.name()) || spec.exposure == Exposure::Local,
                    "{said}"
                );
            }
        }
        let mut after = everything(&instance);
        // The readers joined in between.
        after[0] = before[0].clone();
        assert_eq!(before, after);
    });
}

/// All that a reader of the books could see change.
fn everything(instance: &Instance) -> Vec<Value> {
    let owner = instance.owner();
    vec![
        owner.ok("team.list_members", json!({})),
        owner.ok("books.list_accounts", json!({})),
        owner.ok("books.journal", json!({})),
        owner.ok("books.show_lock", json!({})),
        owner.ok("books.list_currencies", json!({})),
        json!(trial_balance(&owner, None)),
    ]
}

#[test]
fn an_auditor_reads_the_activity_and_a_viewer_does_not() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let auditor = instance.member(Role::Auditor);
        let seen = auditor.ok("trust.list_activity", json!({}));
        let owners = seen["records"].as_array().unwrap().iter();
        assert!(
            owners
                .filter(|it| it["actor_email"] == "owner@example.com")
                .count()
                > 3,
            "{seen}"
        );
        let viewer = instance.member(Role::Viewer);
        viewer.refused("trust.list_activity", json!({}), 403);
        viewer.refused("trust.show_activity", json!({"seq": 1}), 403);
    });
}

#[test]
fn a_member_reads_their_own_activity_alone() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let member = member(&instance);
        member.ok(
            "books.post_entry",
            entry("2026-03-01", "Sale", "1000", "4000", "5.00"),
        );
        let own = records(&instance, Some("acme"));
        let seen = member.ok("trust.list_activity", json!({}));
        let seqs: Vec<i64> = seen["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["seq"].as_i64().unwrap())
            .collect();
        assert_eq!(seqs, [own]);
        member.ok("trust.show_activity", json!({"seq": own}));
        member.refused("trust.show_activity", json!({"seq": own - 1}), 404);
    });
}
