//! One function a group of pieces.

use super::sample::{balance_line, months_chart, sample_grid, statement};
use crate::field::{Choice, Field};
use crate::form::{Fault, Form, Weight, button, button_link, form, post_button};
use crate::icons::{Icon, icon};
use crate::page::{self, Headline, Tab};
use crate::{
    Html, Tone, date, day, definition_list, diff, figure, instant, journal_grid, money,
    money_or_dash, section, sparkline, split, status, table,
};
use maud::html;

pub fn all() -> Html {
    html! {
        (section("figures", "Figures, dates, states", figures()))
        (section("headlines", "Headlines", headlines()))
        (section("tables", "Table", html! {
            p.lede { "Amounts on the decimal, the currency once, a double rule under a total." }
            (table(&statement()))
            (page::pager(None, Some("#after"), "1–50 of 1 204"))
        }))
        (section("forms", "Form", forms()))
        (section("journal", "Journal grid", journal_grid(&sample_grid())))
        (section("charts", "Charts", html! {
            p.lede { "One question each. The title says the finding; the table stands behind it." }
            (split(months_chart().html(), balance_line().html()))
            p { "Debtors over a year " (sparkline("Debtors rose, then fell by half", &series())) }
        }))
        (section("navigation", "Filters, tabs, dialog, progress", navigation()))
        (section("empty", "Empty state", page::empty_state(
            "Invoices you send stand here, newest first, with what is still open.",
            "For example: 2026-0041, Brandt Interiors, 1 190.00 EUR, due 30 Nov.",
            "Write the first invoice",
            "#new",
        )))
        (section("change", "Change", diff(
            "{\n  \"name\": \"Brandt\",\n  \"terms_days\": 14,\n  \"vat_id\": null\n}",
            "{\n  \"name\": \"Brandt Interiors\",\n  \"terms_days\": 30,\n  \"vat_id\": null\n}",
        )))
        (section("keys", "Keys", page::keys_help(&[
            ("Ctrl K", "Find, go, do"),
            ("?", "The keys of this page"),
            ("g h", "Home"),
            ("j", "Next row"),
            ("k", "Row before"),
            ("/", "Filter"),
        ])))
        (section("icons", "Icons", icons()))
    }
}

fn series() -> Vec<String> {
    ["3", "4", "6", "5", "8", "9", "12", "11", "9", "7", "6", "5"]
        .map(ToOwned::to_owned)
        .into()
}

fn figures() -> Html {
    definition_list(&[
        ("Amount", money("1234567.89")),
        ("Negative", money("-1234.50")),
        ("Nought in a sparse column", money_or_dash("0.00")),
        ("What opens", figure("#figure", "9876.54")),
        (
            "Date",
            html! { (date("2026-11-14")) ", " (day("2026-11-14")) },
        ),
        ("Instant", instant("2026-11-14T09:26:53Z")),
        (
            "State",
            html! {
                (status(Tone::Good, "Posted")) " " (status(Tone::Waiting, "Waiting for approval")) " "
                (status(Tone::Wrong, "Overdue")) " " (status(Tone::Neutral, "Draft"))
            },
        ),
    ])
}

fn headlines() -> Html {
    let one = |label: &str, decimal: &str, note: Html| Headline {
        label: label.into(),
        decimal: decimal.into(),
        currency: "EUR".into(),
        href: "#headline".into(),
        note,
    };
    page::headlines(&[
        one(
            "In the bank",
            "48210.77",
            html! { "as of " (day("2026-11-14")) },
        ),
        one("Owed to us", "12480.00", status(Tone::Wrong, "3 overdue")),
        one(
            "We owe",
            "-6115.20",
            html! { "next on " (day("2026-11-28")) },
        ),
        one("Tax to pay", "2310.44", status(Tone::Waiting, "due 10 Dec")),
    ])
}

fn forms() -> Html {
    let kinds = vec![Choice::new("b", "Business"), Choice::new("p", "Person")];
    let faults = vec![Fault::new(
        "email",
        "“ana@” has no part after the @. Give a full address.",
    )];
    let frame = Form {
        action: "/ui".into(),
        csrf: "example".into(),
        submit: "Save client".into(),
        cancel: Some("#forms".into()),
        draft: Some("client".into()),
        faults: faults.clone(),
        ..Form::default()
    };
    html! {
        (form(&frame, html! {
            (Field::text("name", "Name").value("Brandt Interiors").required())
            (Field::email("email", "Email").value("ana@").fault_of(&faults)
                .hint("Invoices and reminders go here."))
            (Field::select("kind", "Kind", kinds).value("b"))
            (Field::date("since", "Client since").value("2026-02-01"))
            (Field::amount("limit", "Credit limit", "EUR").value("5000.00")
                .hint("Sums compute: 1200/1.19"))
            (Field::area("remark", "Remark", 3))
            (Field::file("contract", "Contract", ".pdf"))
            (Field::checkbox("remind", "Remind when overdue").value("on"))
        }))
        div.row {
            (button("Save", Weight::Plain)) " "
            (button_link("Open", "#forms", Weight::Quiet)) " "
            (post_button("Void invoice", "/ui", "example", Weight::Danger))
        }
    }
}

fn navigation() -> Html {
    let tab = |label: &str, current| Tab {
        label: label.into(),
        href: "#navigation".into(),
        current,
    };
    let states = vec![Choice::new("", "Any"), Choice::new("open", "Open")];
    html! {
        (page::filters("/ui", html! {
            (Field::search("q", "Text").placeholder("Number, client, amount"))
            (Field::select("state", "State", states))
            (Field::date("from", "From").value("2026-01-01"))
        }))
        (page::tabs("Faces of an entry", &[
            tab("Lines", true), tab("Document", false), tab("History", false),
        ]))
        (page::progress("import", "Reading bank file", 340, Some(1200), "/ui"))
        (page::dialog_button("void", "Void…"))
        (page::dialog("void", "Void invoice 2026-0041?", html! {
            p { "A credit note for 1 190.00 EUR is written on today's date." }
            (post_button("Void invoice", "/ui", "example", Weight::Danger))
        }))
    }
}

fn icons() -> Html {
    let all = [
        (Icon::Home, "Home"),
        (Icon::Books, "Books"),
        (Icon::Bank, "Bank"),
        (Icon::Sales, "Sales"),
        (Icon::Purchases, "Purchases"),
        (Icon::Clients, "Clients"),
        (Icon::Bookings, "Bookings"),
        (Icon::Reports, "Reports"),
        (Icon::Inbox, "Inbox"),
        (Icon::Trust, "Trust"),
        (Icon::Settings, "Settings"),
        (Icon::Document, "Document"),
        (Icon::Search, "Find"),
        (Icon::Plus, "New"),
        (Icon::Check, "Good"),
        (Icon::Wrong, "Wrong"),
        (Icon::Waiting, "Waiting"),
        (Icon::Lock, "Locked"),
        (Icon::Leave, "Sign out"),
    ];
    html! { ul.icons { @for (drawn, word) in all { li { (icon(drawn)) (word) } } } }
}
