//! Starts of a language model's work. Daybook has no such operation yet, so one
//! is made here and added to the product: the limit is the class's, not its own.

use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Feature, Operation, Permit, Rate,
    Role, Scope, Spec, StepUp, Target, Write,
};
use daybook_testkit::{Answer, Caller, Instance, On, Options, Product, for_both_stores};
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::scene::product;
use crate::step_up::send;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StartDraft {
    about: String,
}

#[derive(Serialize, JsonSchema)]
struct Draft {
    about: String,
}

impl Command for StartDraft {
    const SPEC: Spec = Spec {
        name: "drafts.start_draft",
        summary: "Starts a draft.",
        scope: Scope::Workspace,
        rate: Rate::Generation,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Draft;

    fn example() -> Self {
        Self {
            about: "A reminder".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("about", &self.about, 100);
    }

    fn apply(self, _: &mut Write<'_>, _: Permit<Self>) -> Result<Done<Draft>, Error> {
        let draft = Draft { about: self.about };
        let change = Change::created("Draft", "one", &draft);
        Ok(Done::new(draft, change))
    }
}

const DRAFTS: Feature = Feature {
    name: "drafts",
    scope: Scope::Workspace,
    operations: &[Operation::command::<StartDraft>()],
    pages: &[],
    migrations: &[],
    guards: &[],
    resources: &[],
    policy: r#"
@id("drafts.start")
permit (
    principal in Role::"Member",
    action == Action::"drafts.start_draft",
    resource
);
"#,
    deliveries: &[],
};

static WITH_DRAFTS: LazyLock<Vec<Feature>> = LazyLock::new(|| {
    let mut features = product().features.to_vec();
    features.push(DRAFTS);
    features
});

fn instance(on: On) -> Instance {
    let product = Product {
        features: &WITH_DRAFTS,
        ..product()
    };
    let mut options = Options::on(on);
    let five = NonZeroU32::new(5).unwrap();
    options.allowances.generations_per_five_minutes = five;
    Instance::start(product, options)
}

fn start(caller: &Caller<'_>) -> Answer {
    caller.call("drafts.start_draft", json!({"about": "A reminder"}))
}

#[test]
fn five_starts_in_five_minutes_whatever_a_person_shows() {
    for_both_stores(|on| {
        let instance = instance(on);
        let session = instance.member(Role::Member);
        let tokens = [session.token(&["drafts.*"]), session.token(&["*"])];
        for caller in [&session, &tokens[0], &tokens[1]] {
            assert_eq!(start(caller).status, 200);
        }
        let form = |caller: &Caller<'_>| {
            let fields = [("page", "/w/acme"), ("about", "A form")];
            send(&instance, caller, "/w/acme/do/drafts.start_draft", &fields).status
        };
        assert_eq!((form(&session), form(&session)), (303, 303));
        // The sixth waits by every way, and says how long.
        for caller in [&session, &tokens[0], &tokens[1]] {
            let answer = start(caller);
            assert_eq!(answer.status, 429);
            let told = |name: &str| answer.header(name).unwrap_or_default().to_owned();
            assert_eq!(told("ratelimit-policy"), "\"generation\";q=5;w=300");
            let wait: u32 = told("retry-after").parse().unwrap();
            assert!((295..=301).contains(&wait), "{wait}");
        }
        assert_eq!(form(&session), 429);
        // Reading goes on, and so do others.
        session.ok("books.list_accounts", json!({}));
        assert_eq!(start(&instance.member(Role::Manager)).status, 200);
        instance.clock.advance(SignedDuration::from_secs(299));
        assert_eq!(start(&tokens[0]).status, 429);
        instance.clock.advance(SignedDuration::from_secs(2));
        assert_eq!(start(&tokens[0]).status, 200);
    });
}

#[test]
fn what_was_not_accepted_was_no_start() {
    for_both_stores(|on| {
        let instance = instance(on);
        let member = instance.member(Role::Member);
        let viewer = instance.member(Role::Viewer);
        for _ in 0..8 {
            member.refused("drafts.start_draft", json!({"about": ""}), 422);
            member.refused("drafts.start_draft", json!({"abuot": "x"}), 422);
            assert_eq!(start(&viewer).status, 403);
        }
        for _ in 0..5 {
            assert_eq!(start(&member).status, 200);
        }
        assert_eq!(start(&member).status, 429);
    });
}

#[test]
fn of_fifty_starts_at_once_five_are_accepted() {
    for_both_stores(|on| {
        let instance = instance(on);
        let member = instance.member(Role::Member);
        let token = member.token(&["*"]);
        let accepted = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for turn in 0..50 {
                let caller = if turn % 2 == 0 { &member } else { &token };
                let accepted = &accepted;
                scope.spawn(move || {
                    let status = start(caller).status;
                    assert!([200, 429].contains(&status), "{status}");
                    if status == 200 {
                        accepted.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(accepted.load(Ordering::SeqCst), 5);
    });
}
