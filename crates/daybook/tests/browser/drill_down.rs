//! Any figure opens to what it is made of, down to the record of who did it.

use crate::scene::{company, signed_in};

#[test]
fn a_figure_leads_to_its_entry_and_to_its_audit_record() {
    let instance = company();
    let browser = signed_in(&instance);
    browser.link("Reports").click();
    browser.link("Trial balance").click();
    let row = "//tr[contains(normalize-space(), '1210 Dollar account')]";
    browser
        .find_path(&format!("{row}//td//a[contains(., '380.00')]"))
        .click();
    browser.titled("1210 Dollar account");
    browser
        .find_path("//tr[contains(., 'Sale to a customer overseas')]//a")
        .click();
    browser.find_path("//dl[contains(., 'Sale to a customer overseas')]");
    browser
        .find_path("//a[starts-with(., 'Audit record')]")
        .click();
    browser.find_path("//h1[contains(., 'Record')]");
    browser.says("What changed");
    browser.says("owner@example.com");
    browser.has_no_complaints();
}
