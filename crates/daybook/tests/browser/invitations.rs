//! Somebody is invited on the page of members, gets the letter, and joins from
//! it; and somebody who forgot their password comes back in.

use daybook_testkit::browser::{Browser, Scripts, Theme};
use daybook_testkit::{Opening, Relayed, link_in, until};

use crate::scene::{OWNER, company, signed_in};

const GRACE: &str = "grace@example.com";
const GOOD: &str = "seven quiet herons by the mill";

#[test]
fn somebody_is_invited_and_joins_from_the_letter() {
    let instance = company();
    let relay = Relayed::start(Opening::Wrapped);
    let browser = signed_in(&instance);
    browser.open("/w/acme/team/members");
    browser.says("Nobody is invited at the moment");
    browser.find("#invitations [name=email]").fill(GRACE);
    browser.find("#invitations .button.primary").click();
    browser.says("grace@example.com is invited");
    browser.says("Waiting");
    assert_eq!(browser.axe(), Vec::<String>::new());

    instance.letters_to(GRACE, 1);
    relay.mailer().carry_due(instance.engine()).unwrap();
    let link = link_in(&relay.mails()[0].text);
    for scripts in [Scripts::On, Scripts::Off] {
        let guest = Browser::start(instance.address());
        guest.size(390, 844);
        guest.scripts(scripts);
        guest.open(&format!("/invitation/{link}"));
        guest.titled("Invitation");
        guest.says("owner@example.com invites");
        assert_eq!(guest.overflow(), None);
        if scripts == Scripts::On {
            for theme in [Theme::Light, Theme::Dark] {
                guest.theme(theme);
                assert_eq!(guest.axe(), Vec::<String>::new());
            }
            guest.has_no_complaints();
            continue;
        }
        guest.find("[name=password]").fill("short");
        guest.find(".button.primary").click();
        guest.find(".fault-summary");
        guest.find("[name=password]").fill(GOOD);
        guest.find(".button.primary").click();
        guest.find("body.shell");
        assert_eq!(guest.path(), "/w/acme/");
        until("the invitation is over", || {
            guest.open(&format!("/invitation/{link}")) == 403
        });
        guest.titled("This invitation is over");
    }
    browser.open("/w/acme/team/members");
    browser.says(GRACE);
    browser.says("Nobody is invited at the moment");
}

#[test]
fn a_forgotten_password_is_given_anew() {
    let instance = company();
    let browser = Browser::start(instance.address());
    browser.size(1440, 900);
    browser.open("/sign-in");
    browser.link("Forgot your password?").click();
    browser.titled("A new password");
    browser.find("[name=email]").fill(OWNER);
    browser.find(".button.primary").click();
    browser.titled("Look into your mail");
    let link = instance.link(OWNER, 1);
    browser.open(&format!("/reset/{link}"));
    assert_eq!(browser.axe(), Vec::<String>::new());
    browser.find("[name=new_password]").fill(GOOD);
    browser.find(".button.primary").click();
    browser.titled("Your password is changed");
    browser.link("Sign in").click();
    browser.sign_in(OWNER, GOOD);
    browser.find("body.shell");
    browser.has_no_complaints();
}
