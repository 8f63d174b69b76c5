//! A forgotten password, and the links that let somebody in.

use daybook_kernel::{Clock as _, Role};
use daybook_testkit::{Caller, Instance, PASSWORD, Request, SITE_ORIGIN, for_both_stores, totp};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::factors::{by_password, going_on, set_up_app, token_of};
use crate::scene::instance;

const OWNER: &str = "owner@example.com";
const NEW: &str = "a pony stapled nothing right";

fn asked(instance: &Instance, letters: usize) -> String {
    instance
        .anonymous()
        .ok("identity.request_reset", json!({"email": OWNER}));
    instance.link(OWNER, letters)
}

fn with(token: &str) -> Value {
    json!({"token": token, "new_password": NEW})
}

#[test]
fn a_reset_ends_every_session_and_its_link_works_once() {
    for_both_stores(|on| {
        let instance = instance(on);
        let visitor = instance.anonymous();
        let sign_in = |password: &str| {
            visitor.call(
                "identity.sign_in",
                json!({"email": OWNER, "password": password}),
            )
        };
        let sessions: Vec<_> = (0..3)
            .map(|_| instance.cookie(&sign_in(PASSWORD).session().unwrap(), "acme"))
            .collect();
        let link = asked(&instance, 1);
        // Looking at it, as a mail scanner does, changes nothing.
        for method in ["GET", "HEAD", "GET"] {
            let request = Request::new(method, &format!("/reset/{link}"));
            assert_eq!(request.send(instance.address()).status, 200);
        }
        for session in &sessions {
            session.ok("team.show_roles", json!({}));
        }
        instance.clock.advance(SignedDuration::from_secs(1));
        let done = visitor.ok("identity.reset_password", with(&link));
        assert_eq!(done["sessions_ended"], 3, "{done}");
        for session in &sessions {
            session.refused("team.show_roles", json!({}), 401);
        }
        let told = instance.letter(OWNER, 2);
        assert!(told.contains("was changed by a link"), "{told}");
        assert_ne!(sign_in(PASSWORD).status, 200);
        assert_eq!(sign_in(NEW).status, 200);
        let again = visitor.refused("identity.reset_password", with(&link), 403);
        assert!(again.contains("not good any more"), "{again}");
    });
}

#[test]
fn a_reset_keeps_the_second_factor_and_without_one_freezes_factors_for_a_day() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (secret, _) = set_up_app(&instance, &by_password(&instance, OWNER));
        let link = asked(&instance, 1);
        instance
            .anonymous()
            .ok("identity.reset_password", with(&link));
        let input = json!({"email": OWNER, "password": NEW});
        let answer = instance.anonymous().call("identity.sign_in", input);
        let halfway = instance.cookie(&token_of(&answer), "acme");
        let said = halfway.refused("team.show_roles", json!({}), 401);
        assert!(said.contains("second_factor_required"), "{said}");
        instance.clock.advance(SignedDuration::from_mins(1));
        let code = json!({"code": totp(&secret, instance.clock.now())});
        let shown = going_on(&instance, &halfway, "identity.prove_second_factor", code);
        shown.ok("team.show_roles", json!({}));

        // Somebody without a second factor: a mailbox alone must not add one.
        let viewer = instance.colleague(Role::Viewer);
        instance
            .anonymous()
            .ok("identity.request_reset", json!({"email": viewer}));
        let link = instance.link(&viewer, 1);
        instance
            .anonymous()
            .ok("identity.reset_password", with(&link));
        let input = json!({"email": viewer, "password": NEW});
        let begun = instance.anonymous().call("identity.sign_in", input.clone());
        let begun = instance.cookie(&token_of(&begun), "acme");
        let said = begun.refused("identity.start_totp", json!({}), 409);
        assert!(said.contains("reset without a second factor"), "{said}");
        instance.clock.advance(SignedDuration::from_hours(25));
        let later = instance.anonymous().call("identity.sign_in", input);
        let later = instance.cookie(&token_of(&later), "acme");
        later.ok("identity.start_totp", json!({}));
    });
}

#[test]
fn asking_for_a_reset_says_nothing_of_who_has_an_account() {
    for_both_stores(|on| {
        let instance = instance(on);
        let ask = |email: &str| {
            let mut answer = instance
                .anonymous()
                .call("identity.request_reset", json!({"email": email}));
            answer
                .headers
                .retain(|(name, _)| name != "x-request-id" && name != "date");
            (answer.status, answer.text(), answer.headers)
        };
        let unknown = ask("nobody@example.com");
        let known = ask("  OWNER@Example.COM ");
        assert_eq!(unknown, known);
        // The wishes are looked into in their order: the one for nobody has been.
        instance.letters_to(OWNER, 1);
        assert_eq!(instance.letters().len(), 1);
        // Neither does the log of the instance name the address.
        let letter = instance.letter(OWNER, 1);
        assert!(
            letter.contains(&format!("{SITE_ORIGIN}/reset/")),
            "{letter}"
        );
        // And nobody's mailbox is filled.
        for _ in 0..8 {
            ask(OWNER);
        }
        ask("nobody@example.com");
        instance.make_person("last@example.com");
        ask("last@example.com");
        instance.letters_to("last@example.com", 1);
        assert_eq!(instance.letters_to(OWNER, 3).len(), 3);
    });
}

#[test]
fn a_reset_link_is_good_for_half_an_hour() {
    for_both_stores(|on| {
        let instance = instance(on);
        let link = asked(&instance, 1);
        instance.clock.advance(SignedDuration::from_secs(30 * 60));
        instance
            .anonymous()
            .refused("identity.reset_password", with(&link), 403);
        // The letter is not sent any more either.
        assert!(instance.engine().take_letter().unwrap().is_none());
        let link = asked(&instance, 2);
        instance
            .clock
            .advance(SignedDuration::from_secs(30 * 60 - 1));
        instance
            .anonymous()
            .ok("identity.reset_password", with(&link));
    });
}

#[test]
fn of_fifty_who_use_a_link_at_once_one_wins() {
    for_both_stores(|on| {
        let instance = instance(on);
        let link = asked(&instance, 1);
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..50)
                .map(|_| {
                    scope.spawn(|| {
                        let visitor = instance.anonymous();
                        visitor.call("identity.reset_password", with(&link)).status
                    })
                })
                .collect();
            tries.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let won = statuses.iter().filter(|status| **status == 200).count();
        assert_eq!(won, 1, "{statuses:?}");
        assert!(
            statuses
                .iter()
                .all(|status| matches!(status, 200 | 403 | 503)),
            "{statuses:?}"
        );
    });
}

#[test]
fn each_kind_of_token_opens_its_own_door_alone() {
    for_both_stores(|on| {
        let instance = instance(on);
        instance.make_person("neighbour@example.com");
        instance.make_workspace("globex", "neighbour@example.com");
        let owner = instance.member(Role::Owner);
        let api = instance.owner().token(&["*"]);
        owner.ok(
            "team.invite_member",
            json!({"email": "grace@example.com", "role": "Viewer"}),
        );
        let invitation = instance.link("grace@example.com", 1);
        let reset = asked(&instance, 1);
        let kinds = [
            ("session", owner.secret().to_owned()),
            ("api", api.secret().to_owned()),
            ("csrf", owner.form_token(owner.secret())),
            ("invitation", invitation.clone()),
            ("reset", reset.clone()),
        ];
        let visitor = instance.anonymous();
        let register = |token: &str| {
            let input = json!({"token": token, "password": NEW});
            visitor.call("identity.register", input).status
        };
        let reset_with = |token: &str| visitor.call("identity.reset_password", with(token)).status;
        for (kind, token) in &kinds {
            let wrong = flipped(token);
            for (door, own) in [("session", "session"), ("api", "api")] {
                let caller = |token: &str| match door {
                    "session" => instance.cookie(token, "acme"),
                    _ => instance.bearer(token, "acme"),
                };
                let opened = |token: &str| caller(token).call("team.show_roles", json!({})).status;
                assert_eq!(opened(&wrong), 401, "{kind} with a bit flipped at {door}");
                assert_eq!(opened(token) == 200, *kind == own, "{kind} at {door}");
                let elsewhere = caller(token).at("globex");
                let there = elsewhere.call("team.show_roles", json!({})).status;
                assert!(
                    matches!(there, 401 | 404),
                    "{kind} at {door} next door: {there}"
                );
            }
            for bad in [
                &wrong,
                &token.to_uppercase(),
                &token[..token.len() - 1].to_owned(),
            ] {
                assert!(matches!(register(bad), 403 | 422), "{kind}");
                assert!(matches!(reset_with(bad), 403 | 422), "{kind}");
            }
            if *kind != "invitation" {
                assert!(
                    matches!(register(token), 403 | 422),
                    "{kind} as an invitation"
                );
            }
            if *kind != "reset" {
                assert!(matches!(reset_with(token), 403 | 422), "{kind} as a reset");
            }
        }
        neither_opens_a_form_nor_ends_a_sign_in(&instance, &owner, &kinds);
        // Each at its own door, once.
        assert_eq!(register(&invitation), 200);
        assert_eq!(register(&invitation), 403);
        assert_eq!(reset_with(&reset), 200);
        assert_eq!(reset_with(&reset), 403);
        owner.refused("team.show_roles", json!({}), 401);
    });
}

/// The doors that are opened by a form's token, and by a provider's answer.
fn neither_opens_a_form_nor_ends_a_sign_in(
    instance: &Instance,
    owner: &Caller<'_>,
    kinds: &[(&str, String)],
) {
    let own = owner.form_token(owner.secret());
    let by_form = |token: &str| {
        let cookies = format!(
            "__Host-daybook={}; __Host-daybook-csrf={token}",
            owner.secret()
        );
        let request = Request::new("POST", "/api/v1/identity.dismiss_reminder")
            .json(b"{}")
            .header("cookie", &cookies)
            .header("sec-fetch-site", "same-origin")
            .header("x-daybook-csrf", token);
        request.send(instance.address()).status
    };
    let come_back = |token: &str| {
        let input = json!({"provider": "one", "state": token, "browser": token, "code": token});
        instance
            .anonymous()
            .call("identity.finish_oidc", input)
            .status
    };
    for (kind, token) in kinds {
        if *kind != "csrf" {
            assert_eq!(by_form(token), 403, "{kind} as a form's token");
        }
        assert_eq!(by_form(&flipped(token)), 403, "{kind} with a bit flipped");
        assert_eq!(come_back(token), 403, "{kind} as a provider's state");
    }
    assert_eq!(by_form(&own), 200);
}

fn flipped(token: &str) -> String {
    let last = if token.ends_with('0') { "1" } else { "0" };
    format!("{}{last}", &token[..token.len() - 1])
}
