//! A small company, posted through the public door, and a browser before it.

use daybook::features::{DIRECTORY, FEATURES, SITE};
use daybook_testkit::browser::{Browser, Scripts, Theme};
use daybook_testkit::{Caller, Instance, On, Options, PASSWORD, Product};
use serde_json::json;

pub const OWNER: &str = "owner@example.com";

const ACCOUNTS: [(&str, &str, &str); 7] = [
    ("1000", "Cash", "asset"),
    ("1200", "Bank", "asset"),
    ("1210", "Dollar account", "asset"),
    ("2000", "Owed to suppliers", "liability"),
    ("3000", "Capital", "equity"),
    ("4000", "Sales", "income"),
    ("6000", "Costs", "expense"),
];

/// What an import brings, in hledger's words.
pub const JOURNAL: &str = "\
2026-02-03 Paper and ink
    Expenses:Office    42.10 EUR
    Assets:Petty cash

2026-02-17 Stamps
    Expenses:Office    9.50 EUR
    Assets:Petty cash
";

/// The company `acme`: accounts, thirty entries in two currencies, an import,
/// a reversal, a locked month.
pub fn company() -> Instance {
    let product = Product {
        features: &FEATURES,
        directory: DIRECTORY,
        site: SITE,
    };
    let instance = Instance::start(product, Options::on(On::Embedded));
    keep_books(&instance.owner());
    instance
}

fn keep_books(owner: &Caller<'_>) {
    owner.ok("books.set_base_currency", json!({"currency": "EUR"}));
    for (code, name, kind) in ACCOUNTS {
        let account = json!({"code": code, "name": name, "kind": kind});
        owner.ok("books.open_account", account);
    }
    post(owner, "2026-01-02", "Paid in", "1200", "3000", "20000.00");
    for turn in 0..14 {
        let (month, day) = (1 + turn % 5, 5 + turn);
        let date = format!("2026-0{month}-{day:02}");
        let amount = format!("{}.{:02}", 1200 + 37 * turn, 7 * turn);
        post(owner, &date, "Invoice paid", "1200", "4000", &amount);
        let amount = format!("{}.{:02}", 310 + 11 * turn, 3 * turn);
        post(owner, &date, "Rent and light", "6000", "1200", &amount);
    }
    let dollars = |account: &str, amount: &str| json!({"account": account, "amount": amount, "currency": "USD", "rate": "0.92"});
    owner.ok(
        "books.post_entry",
        json!({
            "date": "2026-04-20",
            "description": "Sale to a customer overseas",
            "reference": "2026-17",
            "lines": [dollars("1210", "1500.00"), dollars("4000", "-1500.00")],
        }),
    );
    owner.ok(
        "books.reverse_entry",
        json!({"entry": 3, "reason": "Paid twice"}),
    );
    owner.ok(
        "books.import_journal",
        json!({"files": [{"name": "office.journal", "text": JOURNAL}]}),
    );
    owner.ok(
        "books.lock_period",
        json!({"through": "2026-01-31", "reason": "Filed"}),
    );
}

fn post(owner: &Caller<'_>, date: &str, what: &str, debit: &str, credit: &str, amount: &str) {
    let lines = json!([
        {"account": debit, "debit": amount},
        {"account": credit, "credit": amount},
    ]);
    let entry = json!({"date": date, "description": what, "lines": lines});
    owner.ok("books.post_entry", entry);
}

/// A browser in which the Owner is signed in and at home.
pub fn signed_in(instance: &Instance) -> Browser {
    let browser = Browser::start(instance.address());
    browser.size(1440, 900);
    browser.open("/w/acme");
    browser.sign_in(OWNER, PASSWORD);
    browser.find("body.shell");
    browser
}

/// The page that is open is accessible and keeps to the window, wide and on a
/// phone, in both themes.
pub fn looks_well(browser: &Browser) {
    for (width, height) in [(1440, 900), (390, 844)] {
        browser.size(width, height);
        browser.reload();
        for theme in [Theme::Light, Theme::Dark] {
            browser.theme(theme);
            assert_eq!(browser.axe(), Vec::<String>::new());
            assert_eq!(browser.overflow(), None);
        }
    }
    browser.theme(Theme::Light);
    browser.size(1440, 900);
}

/// The same for a browser that runs no scripts otherwise: looking needs them.
pub fn looks_well_scriptless(browser: &Browser) {
    browser.scripts(Scripts::On);
    looks_well(browser);
    browser.scripts(Scripts::Off);
    browser.reload();
}

/// How many entries the books hold.
pub fn entries(instance: &Instance) -> i64 {
    instance.peek(Some("acme"), "SELECT count(*) FROM entries")
}
