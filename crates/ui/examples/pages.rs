//! Writes the page of pieces and three sample pages into a folder, to be looked at in a browser:
//! `cargo run -p daybook-ui --example pages -- FOLDER`.

use std::path::PathBuf;
use std::{env, fs, io};

use daybook_ui::{Html, gallery};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "pages".to_owned()));
    fs::create_dir_all(folder.join("assets"))?;
    let pages = [
        ("faulty", faulty_journal()),
        ("ui", gallery()),
        ("home", gallery::sample_home()),
        ("report", gallery::sample_report()),
        ("journal", gallery::sample_journal()),
        ("sign-in", sign_in()),
    ];
    for (name, page) in pages {
        fs::write(folder.join(format!("{name}.html")), page.into_string())?;
    }
    fs::write(folder.join("assets/daybook.css"), daybook_ui::stylesheet())?;
    fs::write(folder.join("assets/daybook.js"), daybook_ui::script())
}

fn sign_in() -> Html {
    daybook_ui::bare(&daybook_ui::Bare {
        title: "Sign in".into(),
        content: daybook_ui::form(
            &daybook_ui::Form {
                submit: "Sign in".into(),
                ..Default::default()
            },
            maud::html! {
                (daybook_ui::Field::email("email", "Email").autocomplete("username").required())
                (daybook_ui::Field::password("password", "Password").required())
            },
        ),
        ..Default::default()
    })
}

/// An entry that came back with a fault, in two currencies.
fn faulty_journal() -> Html {
    let line = |account: &str, debit: &str, currency: &str| daybook_ui::GridLine {
        account: account.into(),
        debit: debit.into(),
        currency: currency.into(),
        ..Default::default()
    };
    daybook_ui::shell(&daybook_ui::Shell {
        title: "New journal entry".into(),
        content: daybook_ui::journal_grid(&daybook_ui::Grid {
            action: "/journal".into(),
            rows: vec![
                line("1200 Bank", "12,x", "EUR"),
                line("1210 Dollar account", "40.00", "USD"),
                line("", "", ""),
            ],
            currency: "EUR".into(),
            currencies: vec!["EUR".into(), "USD".into()],
            faults: vec![daybook_ui::Fault::new(
                "lines[0].debit",
                "Line 1: 12,x is no amount.",
            )],
            template_action: Some("/templates".into()),
            ..Default::default()
        }),
        ..gallery::sample_shell(1)
    })
}
