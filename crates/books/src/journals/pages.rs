//! The journals on the page: each with its entries, and how one is opened, renamed or closed.

use daybook_kernel::page::{After, Undo, literally};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::address::encoded;
use daybook_ui::{
    Act, Choice, Column, Field, Html, Row, Table, Tone, definition_list, hidden, lede, section,
    status, table,
};
use maud::html;

use super::list_journals::{JournalList, ListJournals, ListedJournal, With};
use super::model::{CODE_LENGTH_MAX, GENERAL_CODE, JournalKind, NAME_LENGTH_MAX, normal};
use crate::drawing::{downloads, link};

pub(crate) fn journals(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let list = visit.ask(ListJournals {
        with: Some(With::Counts),
    })?;
    let may_keep = visit.may("books.open_journal");
    let unused = list
        .journals
        .iter()
        .all(|one| one.code == GENERAL_CODE || one.entries.is_none_or(|count| count == 0));
    let body = html! {
        (lede("An entry stands in one journal, and in the general one unless it says otherwise. Numbers run through all of them without a gap."))
        @if unused {
            p.muted { "All entries stand in the general journal so far. For example: post what was sold in SAL, and read the sales alone in the report Journal." }
        }
        (table(&journal_table(request, &list)))
        (downloads(request, "books.list_journals", &[("with", "counts")]))
        @if may_keep { (section("open", "Open a journal", open(request))) }
    };
    let primary = ("Open journal".to_owned(), "#open".to_owned(), 'n');
    Ok(PageView {
        title: "Journals".into(),
        body: body.into_string(),
        primary: may_keep.then_some(primary),
        refresh: false,
    })
}

fn journal_table(request: &PageRequest, list: &JournalList) -> Table {
    let row = |one: &ListedJournal| {
        let name = html! {
            (one.code) " " (one.name)
            @if one.closed { " " (status(Tone::Neutral, "Closed")) }
        };
        let count = one.entries.unwrap_or_default();
        Row::new(vec![
            name,
            html! { (one.kind.heading()) },
            html! { (count) },
        ])
        .opens(request.link(&format!("books/journals/{}", encoded(&one.code))))
    };
    Table {
        caption: "Journals".into(),
        columns: vec![
            Column::head("Journal"),
            Column::text("Gathers").spare(),
            Column::amount("Entries"),
        ],
        rows: list.journals.iter().map(row).collect(),
    }
}

fn open(request: &PageRequest) -> Html {
    let back = Undo::by(
        "books.close_journal",
        &[("journal", "{code}")],
        "Journal {code} is closed.",
    );
    let offer = Act::new(request, "books.open_journal")
        .then("books/journals")
        .after(After::says("Journal {code} {name} is open.").undone_by(back));
    let kinds = JournalKind::ALL.map(|kind| Choice::new(kind.name(), kind.heading()));
    let fields = html! {
        (offer.field("code", Field::text("code", "Code").required().length_max(length(CODE_LENGTH_MAX)).hint("Letters and digits, such as BNK2.")))
        (offer.field("name", Field::text("name", "Name").required().length_max(length(NAME_LENGTH_MAX))))
        (offer.field("kind", Field::select("kind", "Gathers", kinds.to_vec())))
    };
    offer.form("Open journal", &fields)
}

/// One journal: what stands in it, its name and its state.
pub(crate) fn journal(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let code = normal(request.get("code").unwrap_or_default());
    let list = visit.ask(ListJournals {
        with: Some(With::Counts),
    })?;
    let found = list.journals.iter().find(|one| one.code == code);
    let one = found.ok_or_else(Error::not_found)?;
    let of_it = [("journal", one.code.as_str())];
    let count = one.entries.unwrap_or_default();
    let state = if one.closed {
        status(Tone::Neutral, "Closed")
    } else {
        status(Tone::Good, "Open")
    };
    let pairs = [
        ("Gathers", html! { (one.kind.heading()) }),
        (
            "Entries",
            html! { a href=(link(request, "books/entries", &of_it)) { (count) } },
        ),
        (
            "Report",
            html! { a href=(link(request, "books/reports/journal", &of_it)) { "Entries with their lines" } },
        ),
        ("State", state),
    ];
    let body = html! {
        (definition_list(&pairs))
        @if visit.may("books.rename_journal") { (section("rename", "Rename", rename(request, one))) }
        @if visit.may("books.close_journal") && one.code != GENERAL_CODE {
            (section("state", if one.closed { "Reopen" } else { "Close" }, turn(request, one)))
        }
    };
    Ok(PageView {
        title: format!("Journal {} {}", one.code, one.name),
        body: body.into_string(),
        primary: None,
        refresh: false,
    })
}

fn rename(request: &PageRequest, one: &ListedJournal) -> Html {
    let code = &one.code;
    let back = Undo::by(
        "books.rename_journal",
        &[("journal", code), ("name", &literally(&one.name))],
        format!("Journal {code} is named {{name}} again."),
    );
    let renamed = After::says(format!("Journal {code} is named {{name}} now.")).undone_by(back);
    let offer = Act::new(request, "books.rename_journal")
        .then("books/journals/{code}")
        .after(renamed);
    let name = Field::text("name", "New name").required();
    let name = name.length_max(length(NAME_LENGTH_MAX)).value(&one.name);
    let fields = html! { (hidden("journal", &one.code)) (offer.field("name", name)) };
    offer.plain_form("Rename journal", &fields)
}

fn turn(request: &PageRequest, one: &ListedJournal) -> Html {
    let says = |state: &str| format!("Journal {} is {state}.", one.code);
    let (operation, back, label, about) = if one.closed {
        let about = "It takes entries again.";
        let back = ("books.close_journal", says("closed again"));
        ("books.reopen_journal", back, "Reopen journal", about)
    } else {
        let about = "Its entries stay, and it takes no new ones, not even reversals.";
        let back = ("books.reopen_journal", says("open again"));
        ("books.close_journal", back, "Close journal", about)
    };
    let said = says(if one.closed { "open again" } else { "closed" });
    let back = Undo::by(back.0, &[("journal", &one.code)], back.1);
    let offer = Act::new(request, operation)
        .then("books/journals/{code}")
        .after(After::says(said).undone_by(back));
    html! {
        p.muted { (about) }
        (offer.plain_form(label, &hidden("journal", &one.code)))
    }
}

fn choices<'a>(journals: impl Iterator<Item = &'a ListedJournal>) -> Vec<Choice> {
    journals
        .map(|one| Choice::new(&one.code, format!("{} {}", one.code, one.name)))
        .collect()
}

/// The journals that an entry may go to, for a select; nothing where there is no choice.
pub(crate) fn open_choices(list: &JournalList) -> Vec<Choice> {
    let open = choices(list.journals.iter().filter(|one| !one.closed));
    if open.len() > 1 { open } else { Vec::new() }
}

/// The filter of a list by journal.
pub(crate) fn filter(list: &JournalList, chosen: Option<&str>) -> Field {
    let mut all = vec![Choice::new("", "All")];
    all.extend(choices(list.journals.iter()));
    Field::select("journal", "Journal", all).value(chosen.unwrap_or_default().to_uppercase())
}

fn length(characters: usize) -> u32 {
    u32::try_from(characters).unwrap_or(u32::MAX)
}
