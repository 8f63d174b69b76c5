//! An invitation that is accepted with an account of an identity provider: by
//! whom the provider vouches for, and never over somebody's account.

use daybook_kernel::Role;
use daybook_testkit::{Answer, IdentityProvider, Instance, Request, for_both_stores};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::factors::by_password;
use crate::oidc::{
    LINKS, Sent, come_back, go_there_and_back, goes_on_to, link, refused, set, with_one,
};
use crate::scene::last_record;

const GRACE: &str = "grace@example.com";
const GOOD: &str = "seven quiet herons by the mill";
const PEOPLE: &str = "SELECT count(*) FROM people";

/// The provider's account of somebody with this address.
fn account(subject: &str, email: &str) -> Value {
    json!({"account": subject, "claims": {"email": email, "email_verified": true}, "lie": ""})
}

/// Invites her; what stands at the end of her link.
fn invite(instance: &Instance) -> String {
    let input = json!({"email": GRACE, "role": Role::Viewer});
    instance.owner().ok("team.invite_member", input);
    instance.link(GRACE, 1)
}

/// Presses the provider's button on the page of the invitation.
fn press(instance: &Instance, token: &str) -> Answer {
    let visitor = instance.anonymous();
    let page = visitor.send(Request::new("GET", &format!("/invitation/{token}")));
    let csrf = set(&page, "__Host-daybook-csrf").expect("a form's cookie");
    let mut form = Request::new("POST", "/sign-in/with/one");
    form.body = format!("csrf={csrf}&deed=register&token={token}").into_bytes();
    let form = form
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", &format!("__Host-daybook-csrf={csrf}"))
        .header("sec-fetch-site", "same-origin");
    visitor.send(form)
}

fn leave(instance: &Instance, token: &str) -> Sent {
    let answer = press(instance, token);
    assert_eq!(answer.status, 200, "{}", answer.text());
    Sent {
        address: goes_on_to(&answer),
        browser: set(&answer, "__Host-daybook-oidc").expect("the browser's cookie"),
    }
}

fn come(instance: &Instance, provider: &IdentityProvider, token: &str) -> Answer {
    let sent = leave(instance, token);
    come_back(instance, &provider.visit(&sent.address), &sent.browser)
}

/// Refused when the browser is back: nobody is made, and the link is still good.
#[track_caller]
fn refused_on_return(instance: &Instance, provider: &IdentityProvider, token: &str) -> String {
    let sent = leave(instance, token);
    let back = provider.visit(&sent.address);
    let before = instance.peek(None, PEOPLE);
    let said = refused(instance, || come_back(instance, &back, &sent.browser));
    assert_eq!(instance.peek(None, PEOPLE), before);
    let good = json!({"token": token});
    instance.anonymous().ok("identity.show_invitation", good);
    said
}

#[test]
fn somebody_invited_makes_an_account_by_a_provider() {
    for_both_stores(|on| {
        let (instance, provider) = with_one(on);
        let token = invite(&instance);
        let page = Request::new("GET", &format!("/invitation/{token}"));
        let page = instance.anonymous().send(page).text();
        assert!(page.contains("Make it with Provider one"), "{page}");
        provider.control(&account("grace-1", "Grace@Example.com"));
        let came = come(&instance, &provider, &token);
        assert_eq!(came.status, 200, "{}", came.text());
        assert!(goes_on_to(&came).starts_with(&format!("/invitation/{token}")));
        let grace = instance.cookie(&came.session().expect("a session"), "acme");

        let made = "SELECT count(*) FROM audit_records WHERE operation = 'identity.finish_oidc'
            AND outcome = 'allowed' AND seq = (SELECT max(seq) FROM audit_records)";
        assert_eq!(instance.peek(None, made), 1);
        assert_eq!(instance.peek(None, LINKS), 1);
        // An account is no membership yet; the page that she is at offers it.
        grace.refused("team.show_roles", json!({}), 404);
        let page = grace.send(Request::new("GET", &format!("/invitation/{token}")));
        assert!(page.text().contains("Join"), "{}", page.text());
        let joined = grace.ok("team.accept_invitation", json!({}));
        assert_eq!(
            (&joined["email"], &joined["role"]),
            (&json!(GRACE), &json!("Viewer"))
        );
        assert_eq!(last_record(&instance)["actor_email"], GRACE);

        // It is used up, both ways.
        let again = json!({"token": token, "password": GOOD});
        instance
            .anonymous()
            .refused("identity.register", again, 403);
        assert_eq!(press(&instance, &token).status, 403);
        // The same account opens it from now on.
        let back = go_there_and_back(&instance, &provider, None);
        let back = instance.cookie(&back.session().expect("a session"), "acme");
        back.ok("team.show_roles", json!({}));
    });
}

#[test]
fn only_the_invited_address_verified_by_the_provider_makes_an_account() {
    for_both_stores(|on| {
        let (instance, provider) = with_one(on);
        let token = invite(&instance);
        let claims = |claims: Value| json!({"account": "grace-1", "claims": claims, "lie": ""});
        for (claims, why) in [
            (
                claims(json!({"email": GRACE, "email_verified": false})),
                "not verified",
            ),
            (claims(json!({"email": GRACE})), "is for grace@example.com"),
            (
                claims(json!({"email_verified": true})),
                "is for grace@example.com",
            ),
            (
                account("grace-1", "mallory@example.com"),
                "is for grace@example.com",
            ),
            (
                account("grace-1", "grace@example.com.evil.example"),
                "is for grace@example.com",
            ),
        ] {
            provider.control(&claims);
            let said = refused_on_return(&instance, &provider, &token);
            assert!(said.contains(why), "{claims}: {said}");
        }
        let mut lie = account("grace-1", GRACE);
        lie["lie"] = json!("claims");
        provider.control(&lie);
        refused_on_return(&instance, &provider, &token);
        // Nobody was let in, and the way with a password is open still.
        let input = json!({"token": token, "password": GOOD});
        instance.anonymous().ok("identity.register", input);
    });
}

#[test]
fn an_invitation_and_a_provider_take_over_nobodys_account() {
    for_both_stores(|on| {
        let (instance, provider) = with_one(on);
        provider.control(&account("grace-1", GRACE));
        let token = invite(&instance);
        // She makes her account by password while another browser is away.
        let sent = leave(&instance, &token);
        let back = provider.visit(&sent.address);
        instance.make_person(GRACE);
        let said = refused(&instance, || come_back(&instance, &back, &sent.browser));
        assert!(
            said.contains("There is an account with this address"),
            "{said}"
        );
        // From then on nobody is sent away for it.
        let page = press(&instance, &token);
        assert_eq!(page.status, 403);
        assert!(
            page.text().contains("There is an account"),
            "{}",
            page.text()
        );
        let shown = Request::new("GET", &format!("/invitation/{token}"));
        let shown = instance.anonymous().send(shown).text();
        assert!(!shown.contains("Make it with"), "{shown}");
        // Nor is the account opened by its address: she signs in, and links.
        assert_eq!(go_there_and_back(&instance, &provider, None).status, 403);
        assert_eq!(instance.peek(None, LINKS), 0);
        let grace = link(&instance, &provider, &by_password(&instance, GRACE));
        grace.ok("team.accept_invitation", json!({}));
    });
}

#[test]
fn what_opens_one_account_makes_no_other() {
    for_both_stores(|on| {
        let (instance, provider) = with_one(on);
        link(
            &instance,
            &provider,
            &by_password(&instance, "owner@example.com"),
        );
        let token = invite(&instance);
        provider.control(&account("ada-1", GRACE));
        let said = refused_on_return(&instance, &provider, &token);
        assert!(said.contains("somebody else"), "{said}");
        assert_eq!(instance.peek(None, LINKS), 1);
        // A link that was never made sends nobody away.
        let made_up = "0".repeat(64);
        let input = json!({"provider": "one", "token": made_up});
        let visitor = instance.anonymous();
        visitor.refused("identity.start_oidc_account", input, 403);
    });
}

#[test]
fn an_account_without_a_password_shuts_no_door_behind_itself() {
    for_both_stores(|on| {
        let (instance, provider) = with_one(on);
        let token = invite(&instance);
        provider.control(&account("grace-1", GRACE));
        let came = come(&instance, &provider, &token);
        let grace = instance.cookie(&came.session().expect("a session"), "acme");
        // No password opens it, the empty one neither.
        for password in [GOOD, "", "            "] {
            let input = json!({"email": GRACE, "password": password});
            let tried = instance.anonymous().call("identity.sign_in", input);
            assert!(
                tried.status >= 400 && tried.session().is_none(),
                "{}",
                tried.text()
            );
        }
        let factors = grace.ok("identity.show_factors", json!({}));
        assert_eq!(
            (&factors["password"], &factors["provider"]),
            (&json!(false), &json!(true))
        );
        let linked = grace.ok("identity.list_oidc_links", json!({}));
        let unlink = json!({"id": linked["links"][0]["id"]});
        let said = grace.refused("identity.unlink_oidc", unlink.clone(), 403);
        assert!(said.contains("Nothing else opens your account"), "{said}");

        // What is grave sends her to the provider once more, and no password is asked.
        instance.clock.advance(SignedDuration::from_mins(11));
        let page = grace.send(Request::new("GET", "/step-up?next=/account/security"));
        assert!(
            page.text().contains("Continue with Provider one"),
            "{}",
            page.text()
        );
        assert!(
            !page.text().contains("type=\"password\""),
            "{}",
            page.text()
        );
        let anew = go_there_and_back(&instance, &provider, None);
        let grace = instance.cookie(&anew.session().expect("a session"), "acme");
        grace.refused("identity.unlink_oidc", unlink.clone(), 403);

        // The letter for a forgotten password sets the first.
        let visitor = instance.anonymous();
        visitor.ok("identity.request_reset", json!({"email": GRACE}));
        let token = instance.link(GRACE, 2);
        visitor.ok(
            "identity.reset_password",
            json!({"token": token, "new_password": GOOD}),
        );
        // What guards an account rests for a day after that.
        instance.clock.advance(SignedDuration::from_hours(25));
        let input = json!({"email": GRACE, "password": GOOD});
        let signed_in = visitor.call("identity.sign_in", input);
        let grace = instance.cookie(&signed_in.session().expect("a session"), "acme");
        grace.ok("identity.unlink_oidc", unlink);
    });
}
