//! Templates on the page: the list, the choice above the grid, and saving an entry as one.

use daybook_kernel::page::{After, Undo};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{Act, Column, Field, Html, Row, Table, button_link, empty_state, hidden, table};
use daybook_ui::{Weight, lede};
use maud::html;

use super::list_entry_templates::{ListEntryTemplates, ListedTemplate, TemplateList};
use super::model::NAME_LENGTH_MAX;
use super::show_entry_template::{ShowEntryTemplate, ShownTemplate};
use crate::drawing::{downloads, link};

/// Templates offered above the grid; the others stand on their page.
const OFFERED: usize = 8;

pub(crate) fn templates(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let list = visit.ask(ListEntryTemplates {})?;
    let may_remove_all = visit.may("books.remove_entry_template");
    let body = html! {
        @if list.templates.is_empty() {
            (empty_state(
                "Entries that come again stand here as templates.",
                "For example: rent, the same two accounts each month. Open the entry that you posted last and choose Save as template.",
                "Choose an entry",
                &request.link("books/entries"),
            ))
        } @else {
            (lede("A template fills a new entry. It is posted when you have looked at it."))
            (table(&template_table(request, &list, may_remove_all)))
            (downloads(request, "books.list_entry_templates", &[]))
        }
    };
    Ok(PageView {
        title: "Templates".into(),
        body: body.into_string(),
        primary: None,
        refresh: false,
    })
}

fn template_table(request: &PageRequest, list: &TemplateList, may_remove_all: bool) -> Table {
    let row = |one: &ListedTemplate| {
        let remove = html! {
            @if one.yours || may_remove_all { (removal(request, one)) }
        };
        let name = html! { a href=(address(request, one.id)) { (one.name) } };
        let about = html! { (one.description) };
        Row::new(vec![name, about, html! { (one.journal) }, remove])
    };
    Table {
        caption: "Templates".into(),
        columns: vec![
            Column::head("Template"),
            Column::text("Description").spare(),
            Column::short("Journal"),
            Column::short("Remove"),
        ],
        rows: list.templates.iter().map(row).collect(),
    }
}

fn removal(request: &PageRequest, one: &ListedTemplate) -> Html {
    let offer = Act::new(request, "books.remove_entry_template")
        .then("books/entry-templates")
        .after(After::says("Template {name} is removed."));
    html! {
        form.inline method="post" action=(offer.action()) {
            (hidden("csrf", &request.csrf)) (offer.carried()) (hidden("id", &one.id.to_string()))
            button.button.quiet type="submit" aria-label={ "Remove " (one.name) } { "Remove" }
        }
    }
}

/// The grid filled by a template.
fn address(request: &PageRequest, id: i64) -> String {
    link(
        request,
        "books/entries/new",
        &[("template", &id.to_string())],
    )
}

/// The template that the address of the grid names, if the form has not come back already.
pub(crate) fn chosen(
    request: &PageRequest,
    visit: &mut Visit<'_>,
) -> Result<Option<ShownTemplate>, Error> {
    let id = request.get("template").and_then(|text| text.parse().ok());
    match id.filter(|_| request.draft.is_none()) {
        Some(id) => visit.ask(ShowEntryTemplate { id }).map(Some),
        None => Ok(None),
    }
}

/// The choice above the grid; nothing before there is a template.
pub(crate) fn choice(request: &PageRequest, visit: &mut Visit<'_>) -> Result<Html, Error> {
    if !visit.may("books.list_entry_templates") {
        return Ok(Html::default());
    }
    let list = visit.ask(ListEntryTemplates {})?.templates;
    Ok(html! {
        @if !list.is_empty() {
            p.muted {
                "Use a template: "
                @for one in list.iter().take(OFFERED) {
                    (button_link(&one.name, &address(request, one.id), Weight::Quiet))
                }
                @if list.len() > OFFERED {
                    (button_link("All templates", &request.link("books/entry-templates"), Weight::Quiet))
                }
            }
        }
    })
}

/// Saves the entry of this page as a template.
pub(crate) fn saving(request: &PageRequest, entry: i64, description: &str) -> Html {
    let back = Undo::by(
        "books.remove_entry_template",
        &[("id", "{id}")],
        "Template {name} is removed again.",
    );
    let offer = Act::new(request, "books.save_entry_template")
        .then("books/entry-templates")
        .after(After::says("Template {name} is saved.").undone_by(back));
    let suggested: String = description.chars().take(NAME_LENGTH_MAX).collect();
    let name = Field::text("name", "Name").required().value(suggested);
    let fields = html! {
        (hidden("entry", &entry.to_string()))
        (offer.field("name", name.length_max(u32::try_from(NAME_LENGTH_MAX).unwrap_or(u32::MAX))))
    };
    html! {
        p.muted { "It fills a new entry with these accounts, amounts and notes." }
        (offer.plain_form("Save as template", &fields))
    }
}
