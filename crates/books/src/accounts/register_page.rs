//! The register of an account on the page.

use daybook_kernel::page::{After, Undo, literally};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::address::encoded;
use daybook_ui::money::is_zero;
use daybook_ui::{
    Act, Choice, Column, Field, Html, Row, Table, Tone, date, definition_list, figure, filters,
    hidden, money, pager, section, status, table,
};
use maud::{Render as _, html};

use crate::assignments::pages as assignments;
use crate::drawing::{downloads, link};
use crate::entries::account_register::{AccountRegister, Order, Register, RegisterLine};
use crate::wording::{balances, normal};

pub(crate) fn register(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let text = |name: &str| request.get(name).map(str::to_owned);
    let wanted = AccountRegister {
        account: text("code").unwrap_or_default(),
        from: text("from"),
        to: text("to"),
        cursor: text("cursor"),
        order: order(request),
    };
    let found = visit.ask(wanted).map_err(|error| match error {
        // The account is part of the address here, so an unknown one is an unknown page.
        Error::Faults(faults) if faults.iter().any(|fault| fault.field == "account") => {
            Error::not_found()
        }
        other => other,
    })?;
    let path = format!("books/accounts/{}", encoded(&found.account));
    let value = |name: &str| request.get(name).unwrap_or_default().to_owned();
    let orders = vec![
        Choice::new("", "Newest first"),
        Choice::new("oldest", "Oldest first"),
    ];
    let fields = html! {
        (Field::date("from", "From").value(value("from")).render())
        (Field::date("to", "To").value(value("to")).render())
        (Field::select("order", "Order", orders).value(value("order")).render())
    };
    let mut download = vec![("account", found.account.as_str())];
    let kept = ["from", "to", "order"].map(|name| (name, request.get(name).unwrap_or_default()));
    download.extend(&kept[..2]);
    let start = request.get("cursor").map(|_| link(request, &path, &kept));
    let next = found.next.as_deref().map(|cursor| {
        let onward = [kept[0], kept[1], kept[2], ("cursor", cursor)];
        link(request, &path, &onward)
    });
    let assigned = assignments::of_account(request, visit, &found.account)?;
    let body = html! {
        (standing(&found, order(request)))
        (filters(&request.link(&path), fields))
        @if found.lines.is_empty() {
            @if kept[..2].iter().all(|(_, value)| value.is_empty()) {
                p {
                    "Nothing is posted to this account yet. What is will stand here, line by line, with the balance after it. "
                    a href=(request.link("books/entries/new")) { "Post an entry" } "."
                }
            } @else {
                p { "No line in this span. Widen the dates to see more." }
            }
        } @else {
            (table(&register_table(request, &found)))
            (pager(start.as_deref(), next.as_deref(), &format!("{} lines", found.lines.len())))
            (downloads(request, "books.account_register", &download))
        }
        (assigned)
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

fn order(request: &PageRequest) -> Order {
    match request.get("order") {
        Some("oldest") => Order::Oldest,
        _ => Order::Newest,
    }
}

/// What stands on the account, positive on the side where its kind grows.
fn standing(found: &Register, order: Order) -> Html {
    let mut pairs = Vec::new();
    let opened = found.opening.iter().any(|one| !is_zero(&one.balance));
    if opened {
        let word = match order {
            Order::Oldest => "Brought forward",
            Order::Newest => "Before these lines",
        };
        pairs.push((word, balances(found.kind, &found.opening)));
    }
    pairs.push(("Balance", balances(found.kind, &found.closing)));
    if found.closed {
        pairs.push(("State", status(Tone::Neutral, "Closed")));
    }
    definition_list(&pairs)
}

/// The lines of an account as the general ledger shows them.
pub(crate) fn ledger_account(request: &PageRequest, found: &Register, continued: bool) -> Html {
    html! {
        @if !continued { (standing(found, Order::Oldest)) }
        (table(&register_table(request, found)))
    }
}

fn register_table(request: &PageRequest, found: &Register) -> Table {
    let several = found.closing.len() > 1;
    let referenced = found.lines.iter().any(|line| !line.reference.is_empty());
    let row = |line: &RegisterLine| {
        let href = request.link(&format!("books/entries/{}", line.entry));
        let unit = html! { @if several { " " span.unit { (line.currency) } } };
        let mut cells = vec![date(&line.date), html! { (line.entry) }];
        if referenced {
            cells.push(html! { (line.reference) });
        }
        cells.extend([
            html! { (line.description) @if !line.note.is_empty() { " " span.muted { (line.note) } } },
            other_side(line),
            html! { (figure(&href, &normal(found.kind, &line.amount))) (unit) },
            html! { (money(&normal(found.kind, &line.balance))) (unit) },
        ]);
        Row::new(cells).beside(href)
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
    let mut columns = vec![Column::short("Date"), Column::short("Entry").spare()];
    if referenced {
        columns.push(Column::short("Reference").spare());
    }
    columns.extend([
        Column::text("Description"),
        Column::text("Other side").spare(),
        amount("Amount"),
        amount("Balance"),
    ]);
    Table {
        caption: format!("Register of {}", found.name),
        columns,
        rows: found.lines.iter().map(row).collect(),
    }
}

/// “Sales and 2 more”: the first account on the other side and how many there are besides.
fn other_side(line: &RegisterLine) -> Html {
    let name = line.first_other.as_deref().unwrap_or("–");
    let last = name.rsplit(':').next().unwrap_or(name);
    html! {
        span title=(name) { (last) }
        @if line.others > 1 { span.muted { " and " (line.others - 1) " more" } }
    }
}

fn keeping(request: &PageRequest, visit: &Visit<'_>, found: &Register) -> Html {
    let path = format!("books/accounts/{}", encoded(&found.account));
    let account = hidden("account", &found.account);
    let code = &*literally(&found.account);
    let leaf = found.name.rsplit(':').next().unwrap_or(&found.name);
    let back = Undo::by(
        "books.rename_account",
        &[("account", code), ("name", &literally(leaf))],
        format!("Account {code} is named {{name}} again."),
    );
    let renamed = After::says(format!("Account {code} is named {{name}} now.")).undone_by(back);
    let rename = Act::new(request, "books.rename_account")
        .then(&path)
        .after(renamed);
    let name = rename.field("name", Field::text("name", "Name").value(leaf).required());
    let says = |state: &str| format!("Account {code} is {state}.");
    let (deed, word, after) = if found.closed {
        let back = Undo::by(
            "books.close_account",
            &[("account", code)],
            says("closed again"),
        );
        let after = After::says(says("open again")).undone_by(back);
        ("books.reopen_account", "Reopen account", after)
    } else {
        let back = Undo::by(
            "books.reopen_account",
            &[("account", code)],
            says("open again"),
        );
        let after = After::says(says("closed")).undone_by(back);
        ("books.close_account", "Close account", after)
    };
    let turn = Act::new(request, deed).then(&path).after(after);
    html! {
        @if visit.may("books.rename_account") {
            (section("keep", "This account", html! {
                (rename.plain_form("Rename", &html! { (account) (name) }))
                (turn.plain_form(word, &account))
            }))
        }
    }
}
