//! Each policy matters: whichever is taken away or weakened, something that a
//! test asks comes out differently.

use daybook_engine::authorize::{CedarAuthorizer, PolicyText, permissions_text, policy_texts};
use daybook_kernel::caller::CallerKind;
use daybook_kernel::grant::Guest;
use daybook_kernel::operation::{Resource, Target};
use daybook_kernel::ports::{Decision, Question};
use daybook_kernel::road::Registry;
use daybook_kernel::{Authorizer, Caller, GrantScope, PersonId, Role, Standing, WorkspaceId};

use crate::scene::product;

const HERE: WorkspaceId = WorkspaceId::from_bytes([1; 16]);
const THERE: WorkspaceId = WorkspaceId::from_bytes([2; 16]);
const ME: PersonId = PersonId::from_bytes([3; 16]);

/// What is done to one member, judged by that member's role.
const ON_MEMBERS: [&str; 5] = [
    "team.change_role",
    "team.suspend_member",
    "team.reinstate_member",
    "team.remove_member",
    "team.transfer_ownership",
];

#[test]
fn every_weakened_policy_is_noticed() {
    let registry = Registry::new(product().features);
    let texts = policy_texts(&registry).unwrap();
    let whole = observed(&registry, &texts);
    let mut survivors = Vec::new();
    let mut tried = 0;
    for (index, policy) in texts.iter().enumerate() {
        let mut weaker = texts.clone();
        weaker.remove(index);
        let mut mutants = vec![("taken away".to_owned(), weaker)];
        for (how, text) in weakened(&policy.text) {
            let mut weaker = texts.clone();
            weaker[index].text = text;
            mutants.push((how, weaker));
        }
        for (how, mutant) in mutants {
            tried += 1;
            if observed(&registry, &mutant) == whole {
                survivors.push(format!("{} {how}", policy.id));
            }
        }
    }
    assert!(tried > texts.len(), "{tried}");
    assert_eq!(
        survivors,
        Vec::<String>::new(),
        "weakened, and nobody noticed"
    );
}

/// A permit for the next role down, and a rule without its condition.
fn weakened(text: &str) -> Vec<(String, String)> {
    let mut weaker = Vec::new();
    for (role, next) in [
        ("Owner", "Admin"),
        ("Admin", "Manager"),
        ("Manager", "Member"),
        ("Member", "Viewer"),
    ] {
        let head = format!("principal in Role::\"{role}\",");
        if text.contains(&head) {
            let text = text.replace(&head, &format!("principal in Role::\"{next}\","));
            weaker.push((format!("opened to {next}"), text));
        }
    }
    for word in ["when {", "unless {"] {
        if let Some(at) = text.find(word) {
            weaker.push((
                format!("without its {word}"),
                format!("{};", text[..at].trim_end()),
            ));
        }
    }
    weaker
}

/// All that these policies say, as text; what they fail to say is different too.
fn observed(registry: &Registry, texts: &[PolicyText]) -> String {
    let Ok(authorizer) = CedarAuthorizer::from_policies(registry, texts) else {
        return "the policies are refused".to_owned();
    };
    let mut said = permissions_text(registry, &authorizer);
    let on_the_instance = at_the_server(registry, &authorizer);
    let stale = at_moments(registry, &authorizer);
    let asked = dedicated(&authorizer).into_iter();
    for (what, decision) in asked.chain(on_the_instance).chain(stale) {
        said.push_str(&format!("{what}: {decision:?}\n"));
    }
    said
}

fn asked_here(
    authorizer: &CedarAuthorizer,
    what: &str,
    caller: &Caller,
    operation: &'static str,
    resource: &Resource,
) -> (String, Decision) {
    let question = Question {
        caller,
        operation,
        resource,
        fresh: true,
        workspace: Some(HERE),
        standing: Standing::Active,
    };
    (format!("{what} {operation}"), authorizer.decide(&question))
}

/// What the table of roles cannot show: neighbours, suspension, scopes, and
/// what is one's own.
fn dedicated(authorizer: &CedarAuthorizer) -> Vec<(String, Decision)> {
    let mut decisions = Vec::new();
    let mut ask = |what: &str, caller: &Caller, operation: &'static str, resource: &Resource| {
        decisions.push(asked_here(authorizer, what, caller, operation, resource));
    };
    let mut suspended = person(Role::Owner);
    suspended.suspended = true;
    let mut narrow = person(Role::Owner);
    narrow.kind = CallerKind::Token { id: "t".to_owned() };
    narrow.scopes = Some(vec!["team.*".to_owned()]);
    ask(
        "a neighbour",
        &person(Role::Owner),
        "books.post_entry",
        &workspace(THERE),
    );
    ask(
        "at home",
        &person(Role::Owner),
        "books.post_entry",
        &workspace(HERE),
    );
    ask(
        "suspended",
        &suspended,
        "books.post_entry",
        &workspace(HERE),
    );
    ask(
        "out of scope",
        &narrow,
        "books.post_entry",
        &workspace(HERE),
    );
    let mut invited = person(Role::Viewer);
    (invited.kind, invited.role) = (CallerKind::Invited, None);
    for operation in ["team.accept_invitation", "team.list_members"] {
        ask("invited", &invited, operation, &workspace(HERE));
        ask("invited next door", &invited, operation, &workspace(THERE));
        ask(
            "a member",
            &person(Role::Owner),
            operation,
            &workspace(HERE),
        );
    }
    decisions.extend(on_records(authorizer));
    decisions.extend(of_guests(authorizer));
    decisions
}

/// What somebody may who comes by a grant, and by one that has ended.
fn of_guests(authorizer: &CedarAuthorizer) -> Vec<(String, Decision)> {
    let mut decisions = Vec::new();
    for (ended, expired) in [(false, false), (true, false), (false, true)] {
        let mut caller = person(Role::Owner);
        caller.role = None;
        caller.scopes = Some(vec!["books.*".to_owned()]);
        caller.kind = CallerKind::Guest(Guest {
            grant: "g".to_owned(),
            practice: "Curie".to_owned(),
            scope: GrantScope::BooksRead,
            ended,
            expired,
            expires_at_ms: 0,
            at_the_server: false,
        });
        let what = format!("a guest, ended {ended}, expired {expired}");
        for (place, workspace) in [("here", workspace(HERE)), ("next door", workspace(THERE))] {
            for operation in ["books.trial_balance", "books.post_entry"] {
                let what = format!("{what}, {place}");
                let asked = asked_here(authorizer, &what, &caller, operation, &workspace);
                decisions.push(asked);
            }
        }
    }
    decisions
}

/// What each role may do with what is its own and with what is another's.
fn on_records(authorizer: &CedarAuthorizer) -> Vec<(String, Decision)> {
    let mut decisions = Vec::new();
    let mut ask = |what: &str, caller: &Caller, operation: &'static str, resource: &Resource| {
        decisions.push(asked_here(authorizer, what, caller, operation, resource));
    };
    for role in Role::ALL {
        let caller = person(role);
        for (whose, owner) in [
            ("one's own", ME.to_string()),
            ("another's", "ff".repeat(16)),
        ] {
            let token = record("ApiToken", "owner", owner, authorizer);
            ask(
                &format!("{role} {whose} token"),
                &caller,
                "team.revoke_api_token",
                &token,
            );
            let of = match whose {
                "one's own" => ME.to_string(),
                _ => "ff".repeat(16),
            };
            let device = record("KnownDevice", "person", of, authorizer);
            ask(
                &format!("{role} {whose} device"),
                &caller,
                "team.remove_known_device",
                &device,
            );
        }
        for (whose, made_by) in [
            ("one's own", ME.to_string()),
            ("another's", "ff".repeat(16)),
        ] {
            let template = record("EntryTemplate", "made_by", made_by, authorizer);
            ask(
                &format!("{role} {whose} template"),
                &caller,
                "books.remove_entry_template",
                &template,
            );
        }
        for member in Role::ALL {
            let resource = record("Member", "role", member.name().to_owned(), authorizer);
            let invitation = record("Invitation", "role", member.name().to_owned(), authorizer);
            for operation in ["team.resend_invitation", "team.revoke_invitation"] {
                ask(
                    &format!("{role} to {member}"),
                    &caller,
                    operation,
                    &invitation,
                );
            }
            for operation in ON_MEMBERS {
                ask(
                    &format!("{role} to {member}"),
                    &caller,
                    operation,
                    &resource,
                );
            }
        }
    }
    decisions
}

/// What an Owner may whose last factor is too long ago, and in a workspace that
/// is closed in one way or another.
fn at_moments(registry: &Registry, authorizer: &CedarAuthorizer) -> Vec<(String, Decision)> {
    let caller = person(Role::Owner);
    let resource = workspace(HERE);
    let moments = [
        ("without a fresh factor", false, Standing::Active),
        ("frozen", true, Standing::Frozen),
        ("deleted", true, Standing::Deleted { gone_at_ms: 0 }),
        ("locked", true, Standing::Locked),
    ];
    let whole = registry
        .operations()
        .filter(|it| it.in_workspace() && (it.target)() == Target::Whole);
    let asked = whole.flat_map(|it| moments.map(|moment| (it.spec.name, moment)));
    let asked = asked.map(|(operation, (what, fresh, standing))| {
        let question = Question {
            caller: &caller,
            operation,
            resource: &resource,
            fresh,
            workspace: Some(HERE),
            standing,
        };
        (format!("{what} {operation}"), authorizer.decide(&question))
    });
    asked.collect()
}

/// What somebody may on the instance who acts as a person at its command line,
/// and who owes the second factor.
fn at_the_server(registry: &Registry, authorizer: &CedarAuthorizer) -> Vec<(String, Decision)> {
    let resource = Resource {
        kind: "Instance",
        id: "daybook".to_owned(),
        attributes: Vec::new(),
    };
    let mut asked = Vec::new();
    for (how, kind) in [
        ("at the server", CallerKind::Local),
        ("halfway in", CallerKind::Halfway),
    ] {
        let caller = Caller {
            kind,
            person: Some(ME),
            ..Caller::visitor()
        };
        for operation in registry.operations().filter(|it| !it.in_workspace()) {
            let question = Question {
                caller: &caller,
                operation: operation.spec.name,
                resource: &resource,
                fresh: true,
                workspace: None,
                standing: Standing::Active,
            };
            let what = format!("{how} {}", operation.spec.name);
            asked.push((what, authorizer.decide(&question)));
        }
    }
    asked
}

fn person(role: Role) -> Caller {
    Caller {
        kind: CallerKind::Person,
        person: Some(ME),
        role: Some(role),
        ..Caller::visitor()
    }
}

fn workspace(id: WorkspaceId) -> Resource {
    Resource {
        kind: "Workspace",
        id: id.to_string(),
        attributes: Vec::new(),
    }
}

/// A record of which one attribute matters; the others are empty.
fn record(kind: &'static str, attribute: &str, value: String, _: &CedarAuthorizer) -> Resource {
    let registry = Registry::new(product().features);
    let names = registry
        .resource(kind)
        .map_or(&[] as &[&str], |it| it.attributes);
    let attributes = names
        .iter()
        .map(|name| {
            (
                *name,
                if *name == attribute {
                    value.clone()
                } else {
                    String::new()
                },
            )
        })
        .collect();
    Resource {
        kind,
        id: "one".to_owned(),
        attributes,
    }
}
