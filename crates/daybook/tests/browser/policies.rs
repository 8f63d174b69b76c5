//! A policy is written, mended, looked at, set and taken back.

use daybook_testkit::PASSWORD;
use daybook_testkit::browser::{Scripts, Theme};
use jiff::SignedDuration;

use crate::scene::{company, looks_well, signed_in};

#[test]
fn a_policy_is_mended_previewed_set_and_taken_back() {
    let instance = company();
    let browser = signed_in(&instance);
    browser.open("/w/acme/team/members");
    browser.link("Policies").click();
    browser.titled("Policies");
    browser.link("Only at certain hours").click();
    browser.find("main [name=name]").fill("At work");
    browser.find("main [name=from]").fill("09:00");
    browser.find("main .buttons .button.primary").click();

    // Nobody was named: what was written is still there, and says so.
    browser.find(".fault-summary");
    browser.says("Name at least one role");
    for (field, typed) in [("name", "At work"), ("from", "09:00")] {
        let found = browser.find(&format!("main [name={field}]"));
        assert_eq!(found.property("value"), typed);
    }
    for theme in [Theme::Light, Theme::Dark] {
        browser.theme(theme);
        assert_eq!(browser.axe(), Vec::<String>::new());
    }
    browser.find("main [name=role_Viewer]").click();
    browser.find("main .buttons .button.primary").click();
    browser.find("#preview");
    browser.says("No member has such a role today");
    browser.find("#preview .button.primary").click();
    browser.says("Policy At work holds.");
    browser.keys("u");
    browser.says("The policy is removed again.");
    browser.says("No policy holds here");
    browser.has_no_complaints();
}

#[test]
fn after_a_break_a_factor_is_asked_for_on_the_spot() {
    let instance = company();
    let browser = signed_in(&instance);
    browser.open("/w/acme/team/policies?kind=session#new");
    looks_well(&browser);
    browser.find("main [name=name]").fill("At the desk");
    browser.find("main [name=hours]").fill("");
    browser.find("main [name=idle_minutes]").fill("15");
    browser.find("main [name=role_Owner]").click();
    browser.find("main .buttons .button.primary").click();
    browser.says("Only without a break of more than 15 minutes");
    browser.find("#preview .button.primary").click();
    browser.says("Policy At the desk holds.");
    instance.clock.advance(SignedDuration::from_mins(17));
    browser.open("/w/acme/books/accounts");
    browser.titled("Confirm that it is you");
    browser.says("The policy “At the desk” of this workspace");
    looks_well(&browser);
    browser.find("[name=password]").fill(PASSWORD);
    browser.find(".button.primary").click();
    browser.titled("Accounts");
    browser.has_no_complaints();
}

#[test]
fn ones_own_account_leads_back_to_the_books() {
    let instance = company();
    let browser = signed_in(&instance);
    for scripts in [Scripts::On, Scripts::Off] {
        browser.scripts(scripts);
        browser.open("/account/sessions");
        browser.link("Your workspaces").click();
        browser.titled("Home");
        assert_eq!(browser.path(), "/w/acme/");
    }
    browser.has_no_complaints();
}
