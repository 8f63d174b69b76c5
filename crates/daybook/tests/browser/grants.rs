//! A company's Owner grants a practice to read; the practice's Owner accepts, and
//! reads the trial balance there.

use daybook_testkit::browser::{Browser, Scripts};
use daybook_testkit::{Instance, PASSWORD, until};

use crate::scene::{company, looks_well, signed_in};

const PARTNER: &str = "partner@example.com";

/// The practice's browser, at this page of the practice.
fn at_the_practice(instance: &Instance, page: &str) -> Browser {
    let browser = Browser::start(instance.address());
    browser.size(1440, 900);
    browser.open(&format!("/w/curie/{page}"));
    browser.sign_in(PARTNER, PASSWORD);
    browser.find("body.shell");
    browser
}

#[test]
fn a_grant_leads_from_the_offer_to_the_trial_balance() {
    let instance = company();
    instance.make_person(PARTNER);
    instance.make_workspace("curie", PARTNER);

    // An empty practice teaches where its code is.
    let practice = at_the_practice(&instance, "practice");
    practice.titled("Practice");
    looks_well(&practice);
    practice.link("Find your practice code").click();
    practice.titled("Grants");
    let code = practice.find("#received code").text();
    assert_eq!(code.len(), 32, "{code}");

    let owner = signed_in(&instance);
    offers(&instance, &owner, &code);

    // Accepted without a script, as it must be possible.
    practice.scripts(Scripts::Off);
    until("the offer is there", || {
        practice.open("/w/curie/team/grants");
        practice.find("#received").text().contains("acme")
    });
    practice.find("#received form .button.plain").click();
    practice.says("The grant of acme is accepted");
    practice.says("In force");
    practice.scripts(Scripts::On);
    reads(&practice);

    // Both sides can see who looked at what.
    owner.open("/w/acme/trust/activity?operation=books.trial_balance");
    owner.says(PARTNER);
    practice.open("/w/curie/trust/activity?operation=team.visit_company");
    practice.says("Visited company");

    owner.open("/w/acme/team/grants");
    owner.find("#given form .button.danger").click();
    owner.says("The grant is ended");
    looks_well(&owner);
    let report = "/w/curie~acme/books/reports/trial-balance";
    assert_eq!(practice.open(report), 403);
    practice.says("This grant has ended");
    owner.has_no_complaints();
}

fn offers(instance: &Instance, owner: &Browser, code: &str) {
    owner.open("/w/acme/settings");
    owner.link("Grants").click();
    owner.titled("Grants");
    owner.says("Nobody else reads here");
    looks_well(owner);
    let fill = |code: &str| {
        owner.find("#offer [name=practice]").fill(code);
        owner
            .find("#offer [name=purpose]")
            .fill("Annual accounts 2026");
        owner.find("#offer [name=until]").fill(&last_day(instance));
        owner.find("#offer .button.primary").click();
    };
    fill("not a code");
    owner.find(".fault-summary");
    owner.says("This is no practice code");
    fill(code);
    owner.says("The grant is offered");
    owner.says("Annual accounts 2026");
    looks_well(owner);
}

fn reads(practice: &Browser) {
    practice.open("/w/curie/practice");
    practice.says("acme");
    looks_well(practice);
    practice.link("acme").click();
    practice.titled("Home");
    assert_eq!(practice.path(), "/w/curie~acme/");
    practice.says("You read here for curie");
    looks_well(practice);
    practice.link("Reports").click();
    practice.open("/w/curie~acme/books/reports/trial-balance");
    practice.says("Trial balance");
    practice.says("Sales");
    looks_well(practice);
    practice.link("All companies").click();
    practice.titled("Practice");
}

/// Some weeks from the day that the instance's clock stands at.
fn last_day(instance: &Instance) -> String {
    let at = instance.engine().now() + jiff::SignedDuration::from_hours(24 * 20);
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}
