//! Imports on the page: a file is chosen, looked at, and then brought in.

use daybook_kernel::page::{After, Undo};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::form::Weight;
use daybook_ui::{
    Act, Column, Field, Html, Row, Table, Tone, button, count, date, definition_list, hidden,
    instant, lede, section, status, table,
};
use maud::html;

use super::import_journal::ImportJournal;
use super::list_imports::{ImportList, ListImports, ListedImport};
use super::preview_import::{ImportPreview, PreviewImport};

/// A larger file is not carried through the page a second time; it is chosen again.
const CARRIED_MAX: usize = 2 * 1024 * 1024;

pub(crate) fn imports(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let list = visit.ask(ListImports {})?;
    let may = visit.may("books.import_journal");
    let body = if let Some(preview) = previewed(request, visit)? {
        html! {
            (preview)
            p { a href=(request.link("books/imports")) { "Choose another journal" } }
        }
    } else {
        html! {
            @if may { (section("bring", "Bring a journal", choose(request))) }
            @if list.assigned_only {
                (lede("An import is about all the books, so imports are listed for those who see all of them. The entries that came with one stand under Books, as far as they are assigned to you."))
            } @else if list.imports.is_empty() {
                (lede("A journal brings its accounts with it. For example: choose main.journal together with the files that it includes. What has come in stands here, and can be undone."))
            } @else {
                (section("imports", "Imports", table(&import_table(&list))))
                @if visit.may("books.undo_import") && list.imports.iter().any(|one| one.undone_at.is_none()) {
                    (section("undo", "Undo an import", undo(request, &list)))
                }
            }
        }
    };
    Ok(PageView {
        title: "Imports".into(),
        body: body.into_string(),
        primary: None,
        refresh: false,
    })
}

fn choose(request: &PageRequest) -> Html {
    let offer = bring(request, "Reading the journal").with_files();
    let fields = html! {
        (offer.field("files", Field::file("files", "Journal", ".journal,.hledger,.ledger,.beancount,.bean,.j,.txt")
            .hint("hledger, ledger or beancount. Nothing is kept before you have seen what would come.")))
        (hidden("preview", "true"))
    };
    offer.form("Show what would come", &fields)
}

/// The form that brings a journal, with what is said meanwhile and afterwards.
fn bring<'a>(request: &'a PageRequest, meanwhile: &str) -> Act<'a> {
    let said = "New entries: {entries}. Accounts opened: {accounts_opened}. Entries already here: {skipped}.";
    let back = Undo::by(
        "books.undo_import",
        &[("import", "{import}")],
        "Import {import} is undone. Entries reversed: {reversed}.",
    );
    let after = After::says(said)
        .meanwhile(meanwhile)
        .undone_by(back.asking("reason"));
    Act::new(request, "books.import_journal")
        .then("books/imports")
        .after(after)
}

/// The preview, when the form came back for no other reason than that.
fn previewed(request: &PageRequest, visit: &mut Visit<'_>) -> Result<Option<Html>, Error> {
    let Some(draft) = request.draft_of("books.import_journal") else {
        return Ok(None);
    };
    if !draft.faults.iter().all(|fault| fault.field == "preview") {
        return Ok(None);
    }
    let Ok(input) = serde_json::from_value::<ImportJournal>(draft.input.clone()) else {
        return Ok(None);
    };
    let preview = visit.ask(PreviewImport {
        files: input.files.clone(),
        main: input.main.clone(),
    })?;
    let entries = counted(preview.entries, "entry", "entries");
    let offer = bring(request, &format!("Importing {entries}"));
    let carried = input
        .files
        .iter()
        .map(|file| file.text.len())
        .sum::<usize>()
        <= CARRIED_MAX;
    let shown = html! {
        (found(&preview))
        @if carried {
            form method="post" action=(offer.action()) enctype="multipart/form-data" {
                (hidden("csrf", &request.csrf))
                (offer.carried())
                @for (at, file) in input.files.iter().enumerate() {
                    (hidden(&format!("files[{at}].name"), &file.name))
                    (hidden(&format!("files[{at}].text"), &file.text))
                }
                @if let Some(main) = &input.main { (hidden("main", main)) }
                div.buttons { (button(&format!("Import {entries}"), Weight::Primary)) }
            }
        } @else {
            form method="post" action=(offer.action()) enctype="multipart/form-data" {
                (hidden("csrf", &request.csrf))
                (offer.carried())
                (offer.field("files", Field::file("files", "The same journal again", "")))
                div.buttons { (button("Import", Weight::Primary)) }
            }
        }
    };
    Ok(Some(section("preview", "What would come", shown)))
}

fn found(preview: &ImportPreview) -> Html {
    let day =
        |text: &Option<String>| html! { @if let Some(text) = text { (date(text)) } @else { "–" } };
    let notes = |title: &str, all: &[super::preview_import::ImportNote]| {
        html! {
            @if !all.is_empty() {
                details {
                    summary { (all.len()) " " (title) }
                    ul { @for one in all { li { code { (one.place) } " " (one.message) } } }
                }
            }
        }
    };
    let rows = preview.sample.iter().map(|entry| {
        Row::new(vec![
            date(&entry.date),
            html! { (entry.description) },
            html! { (entry.lines) },
            html! { code { (entry.place) } },
        ])
    });
    let sample = Table {
        caption: "The first entries".into(),
        columns: vec![
            Column::short("Date"),
            Column::text("Description"),
            Column::amount("Lines"),
            Column::short("Place").spare(),
        ],
        rows: rows.collect(),
    };
    html! {
        (definition_list(&[
            ("Entries", html! { (count(preview.entries)) }),
            ("Already here", html! { (count(preview.skipped)) }),
            ("First day", day(&preview.from)),
            ("Last day", day(&preview.to)),
            ("Currencies", html! { (preview.currencies.join(", ")) ", kept in " (preview.base_currency) }),
            ("Accounts to open", html! { (count(preview.accounts_to_open.len())) }),
        ]))
        (to_open(preview))
        @if !preview.sample.is_empty() { (table(&sample)) }
        @if preview.entries == 0 {
            p { "Every entry of this journal is already in the books: importing it again brings nothing." }
        }
        (notes("things to look at", &preview.warnings))
        (notes("things without effect on the books", &preview.ignored))
    }
}

/// “1 entry”, “2 entries”.
fn counted(number: impl ToString, one: &str, many: &str) -> String {
    let number = count(number);
    let word = if number == "1" { one } else { many };
    format!("{number} {word}")
}

fn to_open(preview: &ImportPreview) -> Html {
    let accounts = &preview.accounts_to_open;
    html! {
        @if !accounts.is_empty() {
            details {
                summary { (counted(accounts.len(), "account", "accounts")) " would be opened" }
                ul {
                    @for one in accounts {
                        li { (one.code) " " (one.name) ", " span.muted { (one.kind.name()) } }
                    }
                }
            }
        }
    }
}

fn import_table(list: &ImportList) -> Table {
    let row = |one: &ListedImport| {
        let state = match &one.undone_at {
            Some(_) => status(Tone::Wrong, "Undone"),
            None => status(Tone::Good, "In the books"),
        };
        Row::new(vec![
            html! { (one.import) },
            instant(&one.at),
            html! { (one.file) },
            html! { (count(one.entries)) },
            html! { (count(one.skipped)) },
            state,
        ])
    };
    Table {
        caption: "Imports".into(),
        columns: vec![
            Column::short("Import"),
            Column::short("When").spare(),
            Column::text("File"),
            Column::amount("Entries"),
            Column::amount("Already here").spare(),
            Column::short("State"),
        ],
        rows: list.imports.iter().map(row).collect(),
    }
}

fn undo(request: &PageRequest, list: &ImportList) -> Html {
    let undone = After::says("Import {import} is undone. Entries reversed: {reversed}.");
    let offer = Act::new(request, "books.undo_import")
        .then("books/imports")
        .after(undone.meanwhile("Reversing the entries of an import"));
    let open = list.imports.iter().filter(|one| one.undone_at.is_none());
    let named = request.get("import").unwrap_or_default();
    let choices = open.map(|one| {
        daybook_ui::Choice::new(
            one.import.to_string(),
            format!("Import {}: {}", one.import, one.file),
        )
    });
    let fields = html! {
        (offer.field("import", Field::select("import", "Import", choices.collect()).value(named)))
        (offer.field("reason", Field::text("reason", "Why").required().length_max(500)))
    };
    html! {
        p.muted { "Every entry of the import is reversed in one step. The same file can then be imported again." }
        (offer.plain_form("Undo import", &fields))
    }
}
