//! Every operation, replayed with foreign ids in every slot, by everybody: each
//! role, somebody suspended, somebody half signed in, and each kind of secret
//! in place of each other kind. Made from the registry, so that an operation is
//! covered the day it is written.

use daybook_kernel::{Exposure, Role};
use daybook_testkit::{Answer, Caller, Instance, On, for_both_stores};
use serde_json::{Value, json};

use crate::scene::{entry, open_books, with_books};

/// `acme`, and `globex` beside it with things of its own.
fn two_workspaces(on: On) -> Instance {
    let instance = with_books(on);
    instance.make_person("neighbour@example.com");
    instance.make_workspace("globex", "neighbour@example.com");
    let other = instance.local_as("neighbour@example.com", "globex");
    open_books(&other);
    let posted = entry("2026-03-01", "Foreign", "1000", "4000", "1.00");
    other.ok("books.post_entry", posted);
    let policy = json!({"name": "p", "roles": ["Viewer"], "rule": {"kind": "second_factor"}});
    other.ok("team.set_policy", policy);
    other.token(&["*"]);
    instance
}

/// The ids of `globex`, each beside one of the same shape that is nobody's.
fn foreign_ids(instance: &Instance) -> Vec<(String, String)> {
    let other = instance.local_as("neighbour@example.com", "globex");
    let mut ids: Vec<String> = [
        "team.list_members",
        "team.list_api_tokens",
        "team.list_policies",
    ]
    .iter()
    .flat_map(|operation| hex_words(&other.ok(operation, json!({})).to_string()))
    .collect();
    // One of each shape: a person, a token, a policy.
    ids.sort_by_key(|id| (id.len(), id.clone()));
    ids.dedup_by_key(|id| id.len());
    assert!(ids.len() >= 3, "{ids:?}");
    ids.into_iter()
        .map(|id| {
            let nobody = id.chars().map(next_of_its_kind).collect();
            (id, nobody)
        })
        .collect()
}

/// Another digit for a digit, another letter for a letter.
fn next_of_its_kind(digit: char) -> char {
    match digit {
        '9' => '0',
        'f' => 'a',
        other => char::from_u32(u32::from(other) + 1).unwrap(),
    }
}

fn hex_words(text: &str) -> Vec<String> {
    text.split('"')
        .filter(|word| word.len() >= 8 && word.bytes().all(|it| it.is_ascii_hexdigit()))
        .map(str::to_owned)
        .collect()
}

/// What people may call things as they like: an id in there would make a thing
/// of that name, which is then found by it.
const FREE_TEXTS: [&str; 8] = [
    "name",
    "description",
    "reason",
    "note",
    "reference",
    "code",
    "text",
    "tags",
];

/// The input with this text in each slot that holds a text, one after another.
fn with_in_each_slot(input: &Value, text: &str) -> Vec<Value> {
    match input {
        Value::String(_) => vec![json!(text)],
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(at, item)| {
                with_in_each_slot(item, text).into_iter().map(move |it| {
                    let mut items = items.clone();
                    items[at] = it;
                    Value::Array(items)
                })
            })
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !FREE_TEXTS.contains(&name.as_str()))
            .flat_map(|(name, field)| {
                with_in_each_slot(field, text).into_iter().map(move |it| {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), it);
                    Value::Object(fields)
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What was said, with the id that was asked for taken out of it: codes are told
/// in capitals.
fn said(answer: &Answer, id: &str) -> (u16, String) {
    (
        answer.status,
        answer.text().to_lowercase().replace(id, "ID"),
    )
}

#[test]
fn a_foreign_id_is_answered_like_one_that_is_nobodys() {
    for_both_stores(|on| {
        let instance = two_workspaces(on);
        let ids = foreign_ids(&instance);
        let callers: Vec<(Role, Caller<'_>)> = Role::ALL
            .into_iter()
            .map(|role| (role, instance.member(role)))
            .collect();
        let mut asked = 0;
        for operation in instance
            .engine()
            .registry()
            .operations()
            .filter(|it| it.in_workspace() && it.spec.exposure != Exposure::Local)
        {
            let name = operation.spec.name;
            let example = (operation.example)();
            for (foreign, nobody) in &ids {
                let slots = with_in_each_slot(&example, foreign)
                    .into_iter()
                    .zip(with_in_each_slot(&example, nobody));
                for (foreign_input, nobody_input) in slots {
                    for (role, caller) in &callers {
                        let there = caller.call(name, foreign_input.clone());
                        let nowhere = caller.call(name, nobody_input.clone());
                        asked += 1;
                        // Both succeed where the slot is a free text.
                        if there.status == 200 && nowhere.status == 200 {
                            continue;
                        }
                        assert_eq!(
                            said(&there, foreign),
                            said(&nowhere, nobody),
                            "{role} {name} {foreign_input}"
                        );
                        assert_ne!(there.status, 500, "{role} {name} {foreign_input}");
                    }
                }
            }
        }
        assert!(asked > 500, "{asked}");
    });
}

#[test]
fn another_workspace_is_answered_like_none() {
    for_both_stores(|on| {
        let instance = two_workspaces(on);
        let token = instance.member_by_token(Role::Owner);
        for operation in instance
            .engine()
            .registry()
            .operations()
            .filter(|it| it.in_workspace())
        {
            let name = operation.spec.name;
            let input = (operation.example)();
            for role in Role::ALL {
                let caller = instance.member(role);
                let there = caller.at("globex").call(name, input.clone());
                let nowhere = caller.at("nosuch").call(name, input.clone());
                assert_eq!(there.text(), nowhere.text(), "{role} {name}");
                assert_eq!(there.status, 404, "{role} {name}");
            }
            let there = token.at("globex").call(name, input.clone());
            let nowhere = token.at("nosuch").call(name, input.clone());
            assert_eq!(there.text(), nowhere.text(), "token {name}");
            assert_eq!(there.status, 401, "token {name}");
        }
    });
}

#[test]
fn a_secret_of_one_kind_is_none_of_another() {
    for_both_stores(|on| {
        let instance = two_workspaces(on);
        let session = instance.member(Role::Owner).secret().to_owned();
        let token = instance.member_by_token(Role::Owner).secret().to_owned();
        let flipped = |secret: &str| {
            let last = if secret.ends_with('0') { '1' } else { '0' };
            format!("{}{last}", &secret[..secret.len() - 1])
        };
        for operation in instance
            .engine()
            .registry()
            .operations()
            .filter(|it| it.spec.exposure != Exposure::Public)
        {
            let name = operation.spec.name;
            let input = (operation.example)();
            for (what, caller) in [
                ("a session as a token", instance.bearer(&session, "acme")),
                ("a token as a session", instance.cookie(&token, "acme")),
                (
                    "a session but for a bit",
                    instance.cookie(&flipped(&session), "acme"),
                ),
                (
                    "a token but for a bit",
                    instance.bearer(&flipped(&token), "acme"),
                ),
                (
                    "a token and more",
                    instance.bearer(&format!("{token}0"), "acme"),
                ),
                (
                    "half a token",
                    instance.bearer(&token[..token.len() / 2], "acme"),
                ),
            ] {
                let answer = caller.call(name, input.clone());
                assert_eq!(answer.status, 401, "{what} {name}: {}", answer.text());
            }
        }
    });
}

#[test]
fn somebody_suspended_does_nothing_by_any_way() {
    for_both_stores(|on| {
        let instance = two_workspaces(on);
        let owner = instance.owner();
        let admin = instance.member(Role::Admin);
        let machine = instance.member_by_token(Role::Admin);
        let members = owner.ok("team.list_members", json!({}));
        let person = members["members"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["email"] == "admin@example.com")
            .unwrap()["person"]
            .clone();
        owner.ok("team.suspend_member", json!({"person": person}));
        for operation in instance
            .engine()
            .registry()
            .operations()
            .filter(|it| it.in_workspace() && it.spec.exposure != Exposure::Local)
        {
            let name = operation.spec.name;
            for (what, caller) in [("session", &admin), ("token", &machine)] {
                let answer = caller.call(name, (operation.example)());
                assert_eq!(answer.status, 403, "{what} {name}: {}", answer.text());
            }
        }
    });
}
