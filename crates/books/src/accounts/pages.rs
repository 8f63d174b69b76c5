//! Accounts on the page: the chart, and the register of one.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{
    Choice, Column, Field, Html, Row, Table, Tone, date, definition_list, empty_state, figure,
    filters, money, pager, section, status, table,
};
use maud::{Render as _, html};

use super::list_accounts::{AccountList, ListAccounts, ListedAccount};
use super::model::Kind;
use super::templates::Template;
use crate::drawing::{Offer, downloads, link, part};
use crate::entries::account_register::{AccountRegister, Register};

pub(crate) fn chart(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let list = visit.ask(ListAccounts {})?;
    let body = html! {
        @if list.accounts.is_empty() {
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
        if of_kind.is_empty() {
            continue;
        }
        rows.push(Row::group(kind.heading()));
        rows.extend(
            of_kind
                .into_iter()
                .map(|account| account_row(request, account)),
        );
    }
    Table {
        caption: "Chart of accounts".into(),
        columns: vec![
            Column::head("Account"),
            Column::short("State"),
            Column::amount("Balance"),
        ],
        rows,
    }
}

fn account_row(request: &PageRequest, account: &ListedAccount) -> Row {
    let leaf = match account.depth {
        0 => account.name.as_str(),
        _ => account.name.rsplit(':').next().unwrap_or(&account.name),
    };
    let balances = html! {
        @for (at, one) in account.balances.iter().enumerate() {
            @if at > 0 { br; }
            (money(&one.balance)) " " span.unit { (one.currency) }
        }
    };
    let state = if account.closed {
        status(Tone::Neutral, "Closed")
    } else {
        html! {}
    };
    Row::new(vec![html! { (account.code) " " (leaf) }, state, balances])
        .opens(request.link(&format!("books/accounts/{}", part(&account.code))))
        .depth(account.depth)
}

fn open(request: &PageRequest, list: &AccountList) -> Html {
    let offer = Offer::new(request, "books.open_account", "books/accounts/{code}");
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
    let offer = Offer::new(request, "books.apply_chart_template", "books/accounts");
    let choices = Template::ALL
        .map(|one| Choice::new(one.name(), one.label()))
        .to_vec();
    offer.form(
        "Open these accounts",
        &offer.field("template", Field::select("template", "Chart", choices)),
    )
}

pub(crate) fn register(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let text = |name: &str| request.get(name).map(str::to_owned);
    let wanted = AccountRegister {
        account: text("code").unwrap_or_default(),
        from: text("from"),
        to: text("to"),
        cursor: text("cursor"),
    };
    let found = visit.ask(wanted).map_err(|error| match error {
        // The account is part of the address here, so an unknown one is an unknown page.
        Error::Faults(faults) if faults.iter().any(|fault| fault.field == "account") => {
            Error::not_found()
        }
        other => other,
    })?;
    let path = format!("books/accounts/{}", part(&found.account));
    let value = |name: &str| request.get(name).unwrap_or_default().to_owned();
    let fields = html! {
        (Field::date("from", "From").value(value("from")).render())
        (Field::date("to", "To").value(value("to")).render())
    };
    let period = [
        ("from", request.get("from").unwrap_or_default()),
        ("to", request.get("to").unwrap_or_default()),
    ];
    let mut onward = period.to_vec();
    let start = request.get("cursor").map(|_| link(request, &path, &period));
    let next = found.next.as_deref().map(|cursor| {
        onward.push(("cursor", cursor));
        link(request, &path, &onward)
    });
    let mut download = period.to_vec();
    download.push(("account", &found.account));
    let body = html! {
        (standing(&found))
        (filters(&request.link(&path), fields))
        @if found.lines.is_empty() {
            p { "No line in this span. Widen the dates to see more." }
        } @else {
            (table(&register_table(request, &found)))
            (pager(start.as_deref(), next.as_deref(), &format!("{} lines", found.lines.len())))
            (downloads(request, "books.account_register", &download))
        }
        (keeping(request, visit, &found))
    };
    let new = (
        "New entry".to_owned(),
        request.link("books/entries/new"),
        'n',
    );
    Ok(PageView {
        title: format!("{} {}", found.account, found.name),
        body: body.into_string(),
        primary: visit.may("books.post_entry").then_some(new),
        refresh: false,
    })
}

fn standing(found: &Register) -> Html {
    let balances = |all: &[super::list_accounts::Balance]| {
        html! {
            @if all.is_empty() { "–" }
            @for one in all { (money(&one.balance)) " " (one.currency) " " }
        }
    };
    let mut pairs = vec![
        ("Kind", html! { (found.kind.name()) }),
        ("Before this page", balances(&found.opening)),
        ("At the end", balances(&found.closing)),
    ];
    if found.closed {
        pairs.push(("State", status(Tone::Neutral, "Closed")));
    }
    definition_list(&pairs)
}

/// The lines of an account as the general ledger shows them.
pub(crate) fn ledger_account(request: &PageRequest, found: &Register) -> Html {
    html! { (standing(found)) (table(&register_table(request, found))) }
}

fn register_table(request: &PageRequest, found: &Register) -> Table {
    let several = found.closing.len() > 1;
    let row = |line: &crate::entries::account_register::RegisterLine| {
        let href = request.link(&format!("books/entries/{}", line.entry));
        let unit = html! { @if several { " " span.unit { (line.currency) } } };
        Row::new(vec![
            date(&line.date),
            html! { (line.entry) },
            html! { (line.description) @if !line.note.is_empty() { " " span.muted { (line.note) } } },
            html! { (line.other.as_deref().unwrap_or("several")) },
            html! { (figure(&href, &line.amount)) (unit) },
            html! { (money(&line.balance)) (unit) },
        ])
        .beside(href.clone())
    };
    let unit = found
        .closing
        .first()
        .filter(|_| !several)
        .map(|one| one.currency.clone());
    let amount = |label: &str| match &unit {
        Some(unit) => Column::amount(label).unit(unit.clone()),
        None => Column::amount(label),
    };
    Table {
        caption: format!("Register of {}", found.name),
        columns: vec![
            Column::short("Date"),
            Column::short("Entry"),
            Column::text("Description"),
            Column::text("Other side"),
            amount("Amount"),
            amount("Balance"),
        ],
        rows: found.lines.iter().map(row).collect(),
    }
}

fn keeping(request: &PageRequest, visit: &Visit<'_>, found: &Register) -> Html {
    let path = format!("books/accounts/{}", part(&found.account));
    let account = daybook_ui::hidden("account", &found.account);
    let rename = Offer::new(request, "books.rename_account", &path);
    let leaf = found.name.rsplit(':').next().unwrap_or(&found.name);
    let name = rename.field("name", Field::text("name", "Name").value(leaf).required());
    let (operation, word) = if found.closed {
        ("books.reopen_account", "Reopen account")
    } else {
        ("books.close_account", "Close account")
    };
    html! {
        @if visit.may("books.rename_account") {
            (section("keep", "This account", html! {
                (rename.form("Rename", &html! { (account) (name) }))
                (Offer::new(request, operation, &path).form(word, &account))
            }))
        }
    }
}
