//! An Owner hears of trouble at a member's account, looks at it and notes that.

use daybook_kernel::Role;
use daybook_testkit::until;
use jiff::SignedDuration;
use serde_json::json;

use crate::scene::{company, looks_well, signed_in};

#[test]
fn an_owner_sees_an_alert_about_a_member_and_notes_that() {
    let instance = company();
    let viewer = instance.colleague(Role::Viewer);
    for _ in 0..12 {
        let wrong = json!({"email": viewer, "password": "not the right password"});
        let answer = instance.anonymous().call("identity.sign_in", wrong);
        assert!(answer.status >= 400, "{}", answer.text());
        instance.clock.advance(SignedDuration::from_mins(30));
    }
    until("the workspace is told", || {
        let count = instance.owner().ok("team.count_member_alerts", json!({}));
        count["unseen"] == 1
    });
    let browser = signed_in(&instance);
    browser.open("/w/acme/team/members");
    browser.says("An alert about a member waits to be seen.");
    looks_well(&browser);
    browser.link("Look at it").click();
    browser.titled("Security");
    browser.says("Passwords are tried");
    browser.says(&viewer);
    looks_well(&browser);
    browser.find("#alerts form .button").click();
    browser.says("Noted that it was seen.");
    browser.says("Nothing is wrong with an account here");
    browser.link("Show those that were seen").click();
    browser.says("Passwords are tried");
    looks_well(&browser);
}
