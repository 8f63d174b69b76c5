//! Invitations: who may make one, who can accept it, and what is asked of
//! whoever comes by it.

use daybook_kernel::Role;
use daybook_testkit::{
    Answer, Caller, Cluster, Instance, On, PASSWORD, Request, for_both_stores, until,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::factors::token_of;
use crate::scene::{instance, last_record, records};

const GRACE: &str = "grace@example.com";
const GOOD: &str = "seven quiet herons by the mill";

fn invite(by: &Caller<'_>, email: &str, role: Role) -> Value {
    by.ok("team.invite_member", json!({"email": email, "role": role}))
}

/// Makes an account by an invitation's link; answers with its first session.
fn registered<'i>(instance: &'i Instance, link: &str) -> Caller<'i> {
    let input = json!({"token": link, "password": GOOD});
    let answer = instance.anonymous().call("identity.register", input);
    instance.cookie(&token_of(&answer), "acme")
}

fn members(instance: &Instance) -> Vec<String> {
    let listed = instance.owner().ok("team.list_members", json!({}));
    let listed = listed["members"].as_array().unwrap().iter();
    listed
        .map(|it| {
            format!(
                "{} {}",
                it["email"].as_str().unwrap(),
                it["role"].as_str().unwrap()
            )
        })
        .collect()
}

#[test]
fn an_invitation_makes_an_account_and_a_member() {
    for_both_stores(|on| {
        let instance = instance(on);
        invite(&instance.member(Role::Owner), GRACE, Role::Manager);
        let link = instance.link(GRACE, 1);
        let shown = instance
            .anonymous()
            .ok("identity.show_invitation", json!({"token": link}));
        assert_eq!(
            (
                &shown["workspace"],
                &shown["role"],
                &shown["email"],
                &shown["has_account"]
            ),
            (
                &json!("acme"),
                &json!("Manager"),
                &json!(GRACE),
                &json!(false)
            )
        );
        let grace = registered(&instance, &link);
        // An account is no membership yet: the workspace is not there for her.
        grace.refused("team.show_roles", json!({}), 404);
        let before = records(&instance, Some("acme"));
        let joined = grace.ok("team.accept_invitation", json!({}));
        assert_eq!(
            (&joined["email"], &joined["role"]),
            (&json!(GRACE), &json!("Manager"))
        );
        assert_eq!(records(&instance, Some("acme")), before + 1);
        let record = last_record(&instance);
        assert_eq!(record["operation"], "team.accept_invitation");
        assert_eq!(record["actor_email"], GRACE);
        assert!(
            record["after"].to_string().contains("owner@example.com"),
            "{record}"
        );
        grace.ok("team.show_roles", json!({}));
        until("the switcher shows acme", || {
            let own = grace.ok("identity.list_workspaces", json!({}));
            own["workspaces"][0]["slug"] == "acme"
        });
        assert_eq!(
            members(&instance),
            ["grace@example.com Manager", "owner@example.com Owner"]
        );
        // It is used up, with its link.
        let left = instance.owner().ok("team.list_invitations", json!({}));
        assert_eq!(left["invitations"], json!([]));
        grace.refused("team.accept_invitation", json!({}), 403);
        let again = json!({"token": link, "password": GOOD});
        instance
            .anonymous()
            .refused("identity.register", again, 403);
    });
}

#[test]
fn an_invitation_is_accepted_by_the_invited_address_alone() {
    for_both_stores(|on| {
        let instance = instance(on);
        invite(&instance.owner(), "  Grace@Example.com ", Role::Viewer);
        instance.make_person("mallory@example.com");
        let mallory = instance.sign_in("mallory@example.com", "acme");
        let unknown = mallory
            .at("nosuch")
            .refused("team.accept_invitation", json!({}), 404);
        let foreign = mallory.refused("team.accept_invitation", json!({}), 404);
        assert_eq!(foreign, unknown);
        // Whoever is invited may accept, and know nothing else of the workspace.
        instance.make_person(GRACE);
        let grace = instance.sign_in(GRACE, "acme");
        for operation in instance.engine().registry().operations() {
            let name = operation.spec.name;
            if operation.in_workspace() && name != "team.accept_invitation" {
                grace.refused(name, (operation.example)(), 404);
            }
        }
        instance
            .anonymous()
            .refused("team.accept_invitation", json!({}), 401);
        assert_eq!(members(&instance).len(), 1);
        grace.ok("team.accept_invitation", json!({}));
        assert_eq!(members(&instance)[0], "grace@example.com Viewer");
    });
}

#[test]
fn the_inviters_right_is_judged_again_when_it_is_accepted() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = instance.owner();
        instance.make_person(GRACE);
        let grace = instance.sign_in(GRACE, "acme");
        let admin = instance.colleague(Role::Admin);
        let listed = owner.ok("team.list_members", json!({}));
        let listed = listed["members"].as_array().unwrap();
        let person = &listed
            .iter()
            .find(|it| it["email"] == admin.as_str())
            .unwrap()["person"];
        let invitation = invite(&instance.sign_in(&admin, "acme"), GRACE, Role::Admin);
        let refused = |how: &str| {
            let said = grace.refused("team.accept_invitation", json!({}), 403);
            assert!(said.contains("may not invite you"), "{how}: {said}");
            assert_eq!(last_record(&instance)["outcome"], "refused");
        };
        owner.ok(
            "team.change_role",
            json!({"person": person, "role": "Manager"}),
        );
        refused("a manager");
        owner.ok(
            "team.change_role",
            json!({"person": person, "role": "Admin"}),
        );
        owner.ok("team.suspend_member", json!({"person": person}));
        refused("suspended");
        owner.ok("team.remove_member", json!({"person": person}));
        refused("gone");
        assert_eq!(members(&instance).len(), 1);
        // Whoever sends it again stands for it from then on.
        owner.ok(
            "team.resend_invitation",
            json!({"invitation": invitation["id"]}),
        );
        grace.ok("team.accept_invitation", json!({}));
    });
}

#[test]
fn nobody_invites_above_themselves() {
    for_both_stores(|on| {
        let instance = instance(on);
        let admin = instance.member(Role::Admin);
        let owners = json!({"email": GRACE, "role": "Owner"});
        let said = admin.refused("team.invite_member", owners.clone(), 403);
        assert!(said.contains("Only an Owner"), "{said}");
        for role in [Role::Manager, Role::Member, Role::Viewer, Role::Auditor] {
            let input = json!({"email": GRACE, "role": "Viewer"});
            instance
                .member(role)
                .refused("team.invite_member", input, 403);
        }
        let owner = instance.member(Role::Owner);
        let made = owner.ok("team.invite_member", owners);
        // What an Owner offered, an Admin neither sends again nor takes back.
        let id = json!({"invitation": made["id"]});
        admin.refused("team.resend_invitation", id.clone(), 403);
        admin.refused("team.revoke_invitation", id, 403);
        // An old session shows itself again before it invites.
        instance.clock.advance(SignedDuration::from_mins(11));
        let input = json!({"email": "hedy@example.com", "role": "Viewer"});
        let said = owner.refused("team.invite_member", input, 403);
        assert!(said.contains("step_up_required"), "{said}");
    });
}

#[test]
fn an_invitation_ends_by_time_by_revoking_and_by_the_next_letter() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = instance.owner();
        let show = |link: &str| {
            let input = json!({"token": link});
            instance
                .anonymous()
                .call("identity.show_invitation", input)
                .status
        };
        let made = invite(&owner, GRACE, Role::Viewer);
        let first = instance.link(GRACE, 1);
        instance.clock.advance(SignedDuration::from_secs(1));
        owner.ok("team.resend_invitation", json!({"invitation": made["id"]}));
        let second = instance.link(GRACE, 2);
        assert_eq!((show(&first), show(&second)), (403, 200));
        instance.make_person(GRACE);
        let grace = instance.sign_in(GRACE, "acme");
        // Three days, and not a second more.
        instance
            .clock
            .advance(SignedDuration::from_secs(72 * 3600 - 1));
        assert_eq!(show(&second), 200);
        instance.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(show(&second), 403);
        grace.refused("team.accept_invitation", json!({}), 404);
        let listed = owner.ok("team.list_invitations", json!({}));
        assert_eq!(listed["invitations"][0]["expired"], true);
        // Another one, which is taken back.
        let made = invite(&owner, GRACE, Role::Viewer);
        let third = instance.link(GRACE, 3);
        let twice = json!({"email": "GRACE@example.com", "role": "Viewer"});
        owner.refused("team.invite_member", twice, 422);
        owner.ok("team.revoke_invitation", json!({"invitation": made["id"]}));
        grace.refused("team.accept_invitation", json!({}), 404);
        until("the link is over", || show(&third) == 403);
    });
}

#[test]
fn of_fifty_who_accept_at_once_one_joins() {
    for_both_stores(|on| {
        let instance = instance(on);
        invite(&instance.owner(), GRACE, Role::Viewer);
        let link = instance.link(GRACE, 1);
        let at_once = |ask: &(dyn Fn() -> u16 + Sync)| -> usize {
            std::thread::scope(|scope| {
                let tries: Vec<_> = (0..50).map(|_| scope.spawn(ask)).collect();
                let statuses: Vec<u16> = tries.into_iter().map(|it| it.join().unwrap()).collect();
                assert!(!statuses.contains(&500), "{statuses:?}");
                statuses.iter().filter(|status| **status == 200).count()
            })
        };
        let input = json!({"token": link, "password": GOOD});
        let made = at_once(&|| {
            let visitor = instance.anonymous();
            visitor.call("identity.register", input.clone()).status
        });
        assert_eq!(made, 1);
        let answer = instance.anonymous().call(
            "identity.sign_in",
            json!({"email": GRACE, "password": GOOD}),
        );
        let grace = instance.cookie(&token_of(&answer), "acme");
        let joined = at_once(&|| grace.call("team.accept_invitation", json!({})).status);
        assert_eq!(joined, 1);
        assert_eq!(members(&instance).len(), 2);
    });
}

#[test]
fn registration_takes_a_password_and_at_most_a_name() {
    for_both_stores(|on| {
        let instance = instance(on);
        invite(&instance.owner(), GRACE, Role::Viewer);
        let link = instance.link(GRACE, 1);
        let visitor = instance.anonymous();
        let with = |field: &str, value: &str| {
            let mut input = json!({"token": link, "password": GOOD});
            input[field] = json!(value);
            input
        };
        for (field, value) in [
            ("phone", "+49 30 1234"),
            ("company", "Hopper Ltd"),
            ("email", "other@example.com"),
            ("birthday", "1906-12-09"),
        ] {
            let said = visitor.refused("identity.register", with(field, value), 422);
            assert!(said.contains(field), "{said}");
        }
        let schema = instance
            .engine()
            .registry()
            .operation("identity.register")
            .unwrap();
        let schema = (schema.input)().to_value();
        let mut fields: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        fields.sort();
        assert_eq!(fields, ["name", "password", "token"]);
        // No name is needed, and nothing else is kept of a person.
        registered(&instance, &link);
        let opened = instance.engine().desk(None).unwrap();
        let names = opened.database.read(|store| {
            let mut names = Vec::new();
            store.each("SELECT email, name FROM people", &[], &mut |row| {
                names.push((
                    row.sealed(0, "people.email")?,
                    row.sealed(1, "people.name")?,
                ));
                Ok(())
            })?;
            Ok(names)
        });
        let mut names = names.unwrap();
        names.sort();
        assert_eq!(
            names,
            [GRACE, "owner@example.com"].map(|it| (it.to_owned(), String::new()))
        );
        assert_eq!(columns(&instance, "people"), PERSON);
    });
}

/// All that is kept of a person: an address, a name if they like, and what
/// Daybook itself notes. A column more is a question more than was promised.
const PERSON: [&str; 9] = [
    "created_at_ms",
    "email",
    "email_index",
    "factors_frozen_until_ms",
    "id",
    "name",
    "password_sealed",
    "reminder_dismissed_until_ms",
    "verified_at_ms",
];

fn columns(instance: &Instance, table: &str) -> Vec<String> {
    let mut columns: Vec<String> = match instance.database() {
        None => {
            let file = instance.embedded(None);
            let sql = format!("SELECT name FROM pragma_table_info('{table}')");
            let mut found = file.prepare(&sql).unwrap();
            let rows = found.query_map([], |row| row.get(0)).unwrap();
            rows.map(Result::unwrap).collect()
        }
        Some(database) => {
            let sql = "SELECT column_name::TEXT FROM information_schema.columns
                WHERE table_schema = 'daybook_instance' AND table_name = $1";
            let mut client = Cluster::shared().client(database);
            let rows = client.query(sql, &[&table]).unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
    };
    columns.sort();
    columns
}

#[test]
fn an_address_that_nobody_verified_opens_no_session() {
    for_both_stores(|on| {
        let instance = instance(on);
        let viewer = instance.member(Role::Viewer);
        viewer.ok("team.show_roles", json!({}));
        instance
            .tamper(None, "UPDATE people SET verified_at_ms = 0")
            .unwrap();
        viewer.refused("team.show_roles", json!({}), 401);
        let email = instance.colleague(Role::Viewer);
        let answer = instance.anonymous().call(
            "identity.sign_in",
            json!({"email": email, "password": PASSWORD}),
        );
        if let Some(token) = answer.session() {
            let again = instance.cookie(&token, "acme");
            again.refused("team.show_roles", json!({}), 401);
        }
    });
}

/// A browser without script: it keeps cookies and sends forms.
struct Visitor<'i> {
    instance: &'i Instance,
    cookies: Vec<(String, String)>,
}

impl Visitor<'_> {
    fn send(&mut self, method: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        let mut request = Request::new(method, path)
            .header("cookie", &cookies.join("; "))
            .header("sec-fetch-site", "same-origin");
        if method == "POST" {
            let token = self
                .cookies
                .iter()
                .find(|(name, _)| name == "__Host-daybook-csrf");
            let mut fields = vec![format!("csrf={}", token.map_or("", |(_, value)| value))];
            fields.extend(
                form.iter()
                    .map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))),
            );
            request = request.header("content-type", "application/x-www-form-urlencoded");
            request.body = fields.join("&").into_bytes();
        }
        let answer: Answer = request.send(self.instance.address()).into();
        for (name, value) in &answer.headers {
            if name.eq_ignore_ascii_case("set-cookie") {
                let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.retain(|(known, _)| known != name);
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }
}

#[test]
fn the_page_of_an_invitation_works_without_script() {
    let instance = instance(On::Embedded);
    invite(&instance.owner(), GRACE, Role::Member);
    let link = instance.link(GRACE, 1);
    let path = format!("/invitation/{link}");
    let mut browser = Visitor {
        instance: &instance,
        cookies: Vec::new(),
    };
    // Whatever looks into mail may open it as often as it likes.
    for _ in 0..3 {
        let page = browser.send("GET", &path, &[]);
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(
            page.text().contains("Make the account and join"),
            "{}",
            page.text()
        );
    }
    let short = browser.send("POST", &path, &[("password", "short")]);
    assert_eq!(short.status, 422, "{}", short.text());
    let joined = browser.send("POST", &path, &[("password", GOOD), ("name", "Grace")]);
    assert_eq!(
        (joined.status, joined.header("location")),
        (303, Some("/w/acme/")),
        "{}",
        joined.text()
    );
    assert_eq!(browser.send("GET", "/w/acme/team/members", &[]).status, 200);
    assert_eq!(members(&instance)[0], "grace@example.com Member");
    until("the invitation is over", || {
        let over = browser.send("GET", &path, &[]);
        over.text().contains("This invitation is over")
    });
    // A form from elsewhere is not one of ours.
    let mut stranger = Visitor {
        instance: &instance,
        cookies: Vec::new(),
    };
    assert_eq!(
        stranger.send("POST", &path, &[("password", GOOD)]).status,
        403
    );
}

#[test]
fn the_page_of_an_invitation_tells_whoever_is_signed_in_as_another() {
    let instance = instance(On::Embedded);
    invite(&instance.owner(), GRACE, Role::Member);
    let link = instance.link(GRACE, 1);
    instance.make_person("mallory@example.com");
    let mallory = instance.sign_in("mallory@example.com", "acme");
    let page = mallory.send(Request::new("GET", &format!("/invitation/{link}")));
    assert!(
        page.text().contains("You are signed in as"),
        "{}",
        page.text()
    );
    assert!(!page.text().contains("Make the account"), "{}", page.text());
    // Somebody with an account signs in, and comes back to join.
    instance.make_person(GRACE);
    let page = instance
        .anonymous()
        .send(Request::new("GET", &format!("/invitation/{link}")));
    assert!(page.text().contains("Sign in to join"), "{}", page.text());
    let grace = instance.sign_in(GRACE, "acme");
    let page = grace.send(Request::new("GET", &format!("/invitation/{link}")));
    assert!(page.text().contains(">Join<"), "{}", page.text());
}
