//! A journal is chosen, looked at, brought in and taken back.

use crate::scene::{company, entries, signed_in};

const JOURNAL: &str = "\
2026-03-09 Flowers
    Expenses:Rooms    25.00 EUR
    Assets:Petty cash

2026-03-10 Flowers again
    Expenses:Rooms    35.00 EUR
    Assets:Petty cash
";

#[test]
fn a_journal_is_previewed_imported_and_undone() {
    let instance = company();
    let before = entries(&instance);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rooms.journal");
    std::fs::write(&file, JOURNAL).unwrap();
    let browser = signed_in(&instance);
    browser.open("/w/acme/books/imports");
    browser
        .find("#bring input[type=file]")
        .type_in(file.to_str().unwrap());
    browser.find("#bring .button.primary").click();
    browser.find("#preview");
    browser.says("Flowers again");
    assert_eq!(entries(&instance), before, "a preview posts nothing");

    browser.find("#preview .button.primary").click();
    browser.find_path("//section[@id='imports']//tr[contains(., 'rooms.journal')]");
    assert_eq!(entries(&instance), before + 2);

    let choice = "//select[@name='import']/option[contains(., 'rooms.journal')]";
    browser.find_path(choice).click();
    browser.find("#undo [name=reason]").fill("The wrong year");
    browser.find("#undo .button").click();
    browser.find_path("//tr[contains(., 'rooms.journal')][contains(., 'Undone')]");
    assert_eq!(entries(&instance), before + 4);
    browser.has_no_complaints();
}
