//! A fresh factor before what is grave.

use daybook_kernel::operation::{Operation, Target};
use daybook_kernel::road::Registry;
use daybook_kernel::{Exposure, Role, StepUp};
use daybook_testkit::{Answer, Caller, Instance, On, PASSWORD, Request, for_both_stores, until};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::factors::{by_password, going_on, set_up_app, token_of};
use crate::known_devices::bring;
use crate::scene::{entry, instance, last_record, product, with_books};

const OWNER: &str = "owner@example.com";

fn is_asked_for(answer: &Answer) -> bool {
    let is = answer.status == 403 && answer.json()["code"] == "step_up_required";
    assert!(
        is || !answer.text().contains("step_up_required"),
        "{}",
        answer.text()
    );
    is
}

/// An input that aims at something that is there.
fn aimed(instance: &Instance, operation: &Operation) -> Value {
    let example = (operation.example)();
    let Target::Record { kind, id } = (operation.target)() else {
        return example;
    };
    let owner = instance.owner();
    let first = |query: &str, list: &str, field: &str, wanted: (&str, &str)| {
        let listed = owner.ok(query, json!({}));
        let found = listed[list].as_array().unwrap().iter();
        let found = found.clone().find(|it| it[wanted.0] == wanted.1);
        found.unwrap_or_else(|| panic!("{query} lists no {wanted:?}"))[field]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let own = match kind {
        "Member" => {
            let viewer = ("email", "viewer@example.com");
            first("team.list_members", "members", "person", viewer)
        }
        "Invitation" => {
            let invited = ("email", "grace@example.com");
            first("team.list_invitations", "invitations", "id", invited)
        }
        "KnownDevice" => {
            let laptop = ("name", "Laptop a");
            first("team.list_known_devices", "devices", "id", laptop)
        }
        "AccessPolicy" => {
            let office = ("name", "Office");
            first("team.list_policies", "policies", "id", office)
        }
        "ReceivedGrant" => {
            let company = ("other_name", "globex");
            first("team.list_grants", "received", "grant", company)
        }
        other => panic!("{}: make a {other} in this scene", operation.spec.name),
    };
    let text = example
        .to_string()
        .replace(&format!("\"{id}\""), &format!("\"{own}\""));
    serde_json::from_str(&text).unwrap()
}

/// Books, and one of each thing that something grave may aim at.
fn with_one_of_each(on: On) -> Instance {
    let instance = with_books(on);
    instance.member(Role::Viewer);
    let owner = instance.owner();
    let invited = json!({"email": "grace@example.com", "role": "Viewer"});
    owner.ok("team.invite_member", invited);
    let office = json!({"name": "Office", "roles": ["Auditor"],
        "rule": {"kind": "addresses", "networks": ["10.0.0.0/8"]}});
    owner.ok("team.set_policy", office);
    bring(&instance.member(Role::Viewer), 'a');
    be_offered_a_grant(&instance);
    instance
}

/// Another company's Owner offers `acme` to read there.
fn be_offered_a_grant(instance: &Instance) {
    instance.make_person("neighbour@example.com");
    instance.make_workspace("globex", "neighbour@example.com");
    let listed = || instance.owner().ok("team.list_grants", json!({}));
    let at = instance.engine().now() + SignedDuration::from_hours(240);
    let day = at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    let terms = json!({"practice": listed()["code"], "scope": "books.read",
        "purpose": "Audit", "until": day});
    let neighbour = instance.local_as("neighbour@example.com", "globex");
    neighbour.ok("team.offer_grant", terms);
    until("the offer arrives", || listed()["received"][0].is_object());
}

#[test]
fn every_grave_operation_asks_for_a_fresh_factor() {
    for_both_stores(|on| {
        let instance = with_one_of_each(on);
        let grave: Vec<(&str, Value)> = instance
            .engine()
            .registry()
            .operations()
            .filter(|it| it.spec.step_up == StepUp::Fresh && it.spec.exposure != Exposure::Local)
            .map(|it| (it.spec.name, aimed(&instance, it)))
            .collect();
        assert!(grave.len() > 15, "{grave:?}");
        let owner = by_password(&instance, OWNER);
        let stale = |caller: &Caller<'_>| {
            for (name, input) in &grave {
                let answer = caller.call(name, input.clone());
                assert!(
                    is_asked_for(&answer),
                    "{name}: {} {}",
                    answer.status,
                    answer.text()
                );
            }
        };
        instance.clock.advance(SignedDuration::from_mins(11));
        stale(&owner);
        let fresh = going_on(
            &instance,
            &owner,
            "identity.step_up",
            json!({"password": PASSWORD}),
        );
        owner.refused("books.journal", json!({}), 401);
        let asked = fresh.call(
            "team.create_api_token",
            json!({"name": "Nightly", "scopes": ["*"]}),
        );
        assert_eq!(asked.status, 200, "{}", asked.text());
        instance.clock.advance(SignedDuration::from_mins(11));
        stale(&fresh);
    });
}

/// What an operation is about, where that is grave; by the words of its name.
const GRAVE: [(&str, &[&str]); 6] = [
    ("an export", &["export"]),
    ("a deletion", &["delete", "remove", "erase", "destroy"]),
    (
        "roles and members",
        &[
            "role",
            "member",
            "ownership",
            "workspace",
            "invitation",
            "device",
        ],
    ),
    (
        "tokens and keys",
        &["token", "key", "keys", "rotate", "webhook"],
    ),
    (
        "factors and ways in",
        &["totp", "passkey", "oidc", "recovery", "password", "email"],
    ),
    ("grants and policies", &["grant", "policy", "access"]),
];

/// What sounds grave and asks for nothing, each with its reason.
const NOT_GRAVE: &[(&str, &str)] = &[
    (
        "team.acknowledge_member_alert",
        "notes that an alert was seen; nobody may more or less by it",
    ),
    (
        "team.accept_invitation",
        "has no rights to lose yet; the invitation was made behind a factor",
    ),
    (
        "team.revoke_api_token",
        "takes away, and must be quick when a token has leaked",
    ),
    (
        "team.register_known_device",
        "opens nothing until it is let in behind a factor",
    ),
    (
        "team.revoke_grant",
        "takes away, and must be quick when a practice is not trusted any more",
    ),
    ("team.return_grant", "gives back what one may do elsewhere"),
    (
        "books.remove_entry_template",
        "a template is a draft; no record goes with it",
    ),
    (
        "identity.create_workspace",
        "makes something new, and touches nothing that is",
    ),
    ("identity.change_password", "asks for the password itself"),
    (
        "identity.confirm_email_change",
        "ends what request_email_change began behind a factor",
    ),
    (
        "identity.reset_password",
        "shows the secret of a mail instead",
    ),
    (
        "identity.confirm_totp",
        "ends what start_totp began behind a factor",
    ),
    (
        "identity.add_passkey",
        "ends what start_passkey began behind a factor",
    ),
    ("identity.rename_passkey", "a name opens nothing"),
    ("identity.sign_in_with_passkey", "is a factor"),
    ("identity.start_passkey_sign_in", "is a factor"),
    ("identity.start_passkey_proof", "is a factor"),
    ("identity.start_oidc", "nobody is signed in yet"),
    ("identity.start_oidc_account", "the account is not made yet"),
    (
        "identity.finish_oidc",
        "ends what was begun, behind a factor where it is a link",
    ),
];

/// Reading is not grave, but for what takes everything away at once.
fn sounds_grave(operation: &Operation) -> Option<&'static str> {
    let (_, verb) = operation.spec.name.split_once('.').unwrap();
    let words: Vec<&str> = verb.split('_').collect();
    let about = GRAVE
        .iter()
        .find(|(_, some)| words.iter().any(|it| some.contains(it)));
    let (about, _) = about?;
    (operation.is_command() || *about == "an export").then_some(about)
}

#[test]
fn what_sounds_grave_is_tagged_or_says_why_not() {
    let registry = Registry::new(product().features);
    let mut kinds: Vec<&str> = Vec::new();
    for operation in registry.operations() {
        let (name, spec) = (operation.spec.name, &operation.spec);
        let excused = NOT_GRAVE
            .iter()
            .any(|(it, why)| *it == name && !why.is_empty());
        let Some(about) = sounds_grave(operation).filter(|_| spec.exposure != Exposure::Local)
        else {
            assert!(!excused, "{name} needs no excuse");
            continue;
        };
        let tagged = spec.step_up == StepUp::Fresh;
        assert!(
            tagged != excused,
            "{name} is about {about}: tag it, or say above why not"
        );
        if tagged {
            kinds.push(about);
        }
    }
    for (about, _) in GRAVE {
        assert!(kinds.contains(&about), "nothing about {about} is tagged");
    }
    for (name, _) in NOT_GRAVE {
        assert!(
            registry.operation(name).is_some(),
            "{name} is no operation any more"
        );
    }
}

#[test]
fn a_download_waits_for_the_factor_and_keeps_what_it_was_asked_for() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let sale = entry("2026-03-01", "Sale", "1000", "4000", "12.50");
        instance.owner().ok("books.post_entry", sale);
        let owner = by_password(&instance, OWNER);
        instance.clock.advance(SignedDuration::from_mins(11));
        let path = "/w/acme/download/books.export_journal?format=beancount";
        let asked = owner.send(Request::new("GET", path));
        assert_eq!(asked.status, 403, "{}", asked.text());
        assert!(
            asked.text().contains("Confirm that it is you"),
            "{}",
            asked.text()
        );
        assert_eq!(hidden(&asked.text(), "next"), path);
        let fields = [("next", path), ("password", PASSWORD)];
        let shown = send(&instance, &owner, "/step-up", &fields);
        assert_eq!(shown.status, 200, "{}", shown.text());
        assert_eq!(shown.header("refresh").unwrap(), format!("0;url={path}"));
        assert!(shown.text().contains(path), "{}", shown.text());

        let fresh = instance.cookie(&token_of(&shown), "acme");
        let file = fresh.send(Request::new("GET", path));
        assert_eq!(file.status, 200, "{}", file.text());
        let attached = file.header("content-disposition").unwrap();
        assert_eq!(attached, "attachment; filename=\"books.beancount\"");
        assert!(
            file.text().contains("2026-03-01 * \"Sale\""),
            "{}",
            file.text()
        );
        let noted = last_record(&instance);
        assert_eq!(noted["operation"], "books.export_journal", "{noted}");
        assert_eq!(noted["outcome"], "allowed", "{noted}");

        let rows = fresh.send(Request::new("GET", "/w/acme/download/books.journal"));
        assert!(rows.text().contains("Sale"), "{}", rows.text());
        let command = fresh.send(Request::new("GET", "/w/acme/download/books.post_entry"));
        assert_eq!(command.status, 404);
    });
}

#[test]
fn rows_are_taken_away_behind_a_factor_and_read_without_one() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let token = instance.owner().token(&["*"]);
        let owner = by_password(&instance, OWNER);
        instance.clock.advance(SignedDuration::from_mins(11));
        owner.ok("books.list_accounts", json!({}));
        for format in ["csv", "text"] {
            let input = json!({"format": format});
            assert!(is_asked_for(
                &owner.call("books.list_accounts", input.clone())
            ));
            let refused = last_record(&instance);
            assert_eq!(refused["operation"], "books.list_accounts", "{refused}");
            assert_eq!(
                refused["reason"], "a file asks for a fresh factor",
                "{refused}"
            );
            let rows = token.call("books.list_accounts", input);
            assert!(rows.text().contains("Bank"), "{}", rows.text());
        }
        // A token shows no factor, so the whole of the books is not for it.
        let whole = json!({"format": "hledger"});
        let said = token.refused("books.export_journal", whole.clone(), 403);
        assert!(!said.contains("step_up_required"), "{said}");
        instance.owner().ok("books.export_journal", whole);
    });
}

#[test]
fn the_factor_that_is_asked_for_is_the_best_one_there_is() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = by_password(&instance, OWNER);
        owner.refused(
            "identity.step_up",
            json!({"password": "not the password"}),
            403,
        );
        let (_, owner) = set_up_app(&instance, &owner);
        let said = owner.refused("identity.step_up", json!({"password": PASSWORD}), 422);
        assert!(said.contains("second factor"), "{said}");
        let codes = owner.ok("identity.make_recovery_codes", json!({}));
        going_on(
            &instance,
            &owner,
            "identity.step_up",
            json!({"code": codes["codes"][0]}),
        );
    });
}

/// A form as a browser sends it.
pub fn send(
    instance: &Instance,
    caller: &Caller<'_>,
    path: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let csrf = caller.form_token(caller.secret());
    let mut pairs = vec![("csrf", csrf.as_str())];
    pairs.extend(fields);
    let body: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    let mut request = Request::new("POST", path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", &format!("https://{}", instance.address()));
    request.body = body.join("&").into_bytes();
    caller.send(request)
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// The hidden field of a page, as the browser would send it.
pub fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page
        .split(&start)
        .nth(1)
        .unwrap_or_else(|| panic!("no {name} in {page}"));
    let value = rest.split('"').next().unwrap();
    value
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[test]
fn a_form_waits_for_the_factor_and_loses_nothing() {
    for_both_stores(|on| {
        let instance = instance(on);
        instance.member(Role::Viewer);
        let owner = by_password(&instance, OWNER);
        instance.clock.advance(SignedDuration::from_mins(11));
        let path = "/w/acme/do/team.create_api_token";
        let typed = [
            ("page", "/w/acme/team/tokens"),
            ("name", "Night & <day> \"job\""),
            ("scopes[0]", "books.*"),
            ("expires_in_days", "30"),
        ];
        let asked = send(&instance, &owner, path, &typed);
        assert_eq!(asked.status, 403, "{}", asked.text());
        let page = asked.text();
        assert!(page.contains("Confirm that it is you"), "{page}");
        let carried = hidden(&page, "carried");
        let again = |password: &str| {
            let fields = [
                ("page", "/w/acme/team/tokens"),
                ("carried", carried.as_str()),
                ("password", password),
            ];
            send(&instance, &owner, path, &fields)
        };
        // A wrong factor asks again, with everything still there.
        let wrong = again("not the password");
        assert_eq!(wrong.status, 403);
        assert_eq!(hidden(&wrong.text(), "carried"), carried);
        let done = again(PASSWORD);
        assert_eq!(done.status, 200, "{}", done.text());
        assert!(done.text().contains("Your new token"), "{}", done.text());
        // The browser goes on under the new token.
        let renewed = instance.cookie(&token_of(&done), "acme");
        let tokens = renewed.ok("team.list_api_tokens", json!({}));
        assert_eq!(tokens["tokens"][0]["name"], "Night & <day> \"job\"");
        owner.refused("team.list_api_tokens", json!({}), 401);
    });
}

#[test]
fn a_token_cannot_step_up() {
    let instance = instance(On::Embedded);
    let token = instance.owner().token(&["*"]);
    token.refused("identity.step_up", json!({"password": PASSWORD}), 401);
}
