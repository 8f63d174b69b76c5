//! The chart of accounts on the page.

use daybook_kernel::page::{After, Undo};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::address::encoded;
use daybook_ui::{
    Act, Choice, Column, Field, Html, Row, Table, Tone, empty_state, lede, section, status, table,
};
use maud::html;

use super::list_accounts::{AccountList, ListAccounts, ListedAccount};
use super::model::Kind;
use super::templates::Template;
use crate::drawing::{downloads, unassigned};
use crate::wording::{balances, together};

pub(crate) fn chart(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let list = visit.ask(ListAccounts {})?;
    let body = html! {
        @if list.accounts.is_empty() && list.assigned_only {
            (unassigned())
        } @else if list.accounts.is_empty() {
            (empty_state(
                "The chart of accounts stands here: where money is, comes from and goes to.",
                "For example: 1200 Bank, an asset.",
                "Open an account",
                "#open",
            ))
            @if visit.may("books.apply_chart_template") {
                (section("template", "Begin with a ready-made chart", template(request)))
            }
        } @else {
            (lede("Balances stand on the side where their account grows: what is owed and earned is shown positive."))
            (table(&chart_table(request, &list)))
            (downloads(request, "books.list_accounts", &[]))
        }
        @if visit.may("books.open_account") {
            (section("open", "Open an account", open(request, &list)))
        }
    };
    let primary = ("Open account".to_owned(), "#open".to_owned(), 'n');
    Ok(PageView {
        title: "Accounts".into(),
        body: body.into_string(),
        primary: visit.may("books.open_account").then_some(primary),
        refresh: false,
    })
}

fn chart_table(request: &PageRequest, list: &AccountList) -> Table {
    let mut rows = Vec::new();
    for kind in Kind::ALL {
        let of_kind: Vec<&ListedAccount> = list
            .accounts
            .iter()
            .filter(|one| one.kind == kind)
            .collect();
        // A root of the same name is heading enough.
        let headed = of_kind
            .first()
            .is_some_and(|one| one.depth == 0 && one.name == kind.heading());
        if !of_kind.is_empty() && !headed {
            rows.push(Row::group(kind.heading()));
        }
        rows.extend(
            of_kind
                .into_iter()
                .map(|account| account_row(request, list, account)),
        );
    }
    Table {
        caption: "Chart of accounts".into(),
        columns: vec![Column::head("Account"), Column::amount("Balance")],
        rows,
    }
}

/// An account with its balance; one that others stand under shows what they hold together.
fn account_row(request: &PageRequest, list: &AccountList, account: &ListedAccount) -> Row {
    let last = account.name.rsplit(':').next().unwrap_or(&account.name);
    let prefix = format!("{}:", account.name);
    let below = |one: &&ListedAccount| one.name.starts_with(&prefix);
    let parent = list.accounts.iter().any(|one| below(&one));
    let shown = if parent {
        let whole = |one: &&ListedAccount| one.code == account.code || below(one);
        let all = list.accounts.iter().filter(whole);
        together(all.flat_map(|one| &one.balances))
    } else {
        account.balances.clone()
    };
    let name = html! {
        (account.code) " "
        @if parent { strong { (last) } } @else { (last) }
        @if account.closed { " " (status(Tone::Neutral, "Closed")) }
    };
    let balance = html! {
        @if parent { strong { (balances(account.kind, &shown)) } }
        @else { (balances(account.kind, &shown)) }
    };
    Row::new(vec![name, balance])
        .opens(request.link(&format!("books/accounts/{}", encoded(&account.code))))
        .depth(account.depth)
}

fn open(request: &PageRequest, list: &AccountList) -> Html {
    let back = Undo::by(
        "books.close_account",
        &[("account", "{code}")],
        "Account {code} is closed.",
    );
    let offer = Act::new(request, "books.open_account")
        .then("books/accounts/{code}")
        .after(After::says("Account {code} {name} is open.").undone_by(back));
    let mut kinds = vec![Choice::new("", "As the account above")];
    kinds.extend(Kind::ALL.map(|kind| Choice::new(kind.name(), kind.heading())));
    let mut above = vec![Choice::new("", "None")];
    above.extend(
        list.accounts
            .iter()
            .map(|one| Choice::new(&one.code, format!("{} {}", one.code, one.name))),
    );
    let fields = html! {
        (offer.field("code", Field::text("code", "Code").required().length_max(40)))
        (offer.field("name", Field::text("name", "Name").required().length_max(200)))
        (offer.field("kind", Field::select("kind", "Kind", kinds)))
        (offer.field("parent", Field::select("parent", "Under", above)))
    };
    offer.form("Open account", &fields)
}

fn template(request: &PageRequest) -> Html {
    let offer = Act::new(request, "books.apply_chart_template")
        .then("books/accounts")
        .after(After::says("The accounts of the chart are open."));
    let choices = Template::ALL
        .map(|one| Choice::new(one.name(), one.label()))
        .to_vec();
    offer.form(
        "Open these accounts",
        &html! { (offer.field("template", Field::select("template", "Chart", choices))) },
    )
}
