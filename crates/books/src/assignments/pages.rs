//! Assignments on the page: who has what, and on an account's page who has it.

use daybook_kernel::page::{After, Undo, literally};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::address::encoded;
use daybook_ui::{
    Act, Choice, Column, Field, Html, Row, Table, Tone, Weight, button, email, hidden, instant,
    lede, section, status, table,
};
use maud::html;

use super::list_assignments::{AssignedAccount, AssignedMember, AssignmentList, ListAssignments};
use crate::accounts::list_accounts::ListAccounts;
use crate::drawing::{downloads, unassigned};
use crate::wording::leaf;

const PATH: &str = "books/assignments";

pub(super) fn assignments(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let person = request.get("person").map(str::to_owned);
    let list = visit.ask(ListAssignments {
        person: person.clone(),
        account: None,
    })?;
    let may_keep = visit.may("books.assign_account");
    let nothing = list.members.iter().all(|one| one.accounts.is_empty());
    let giving = if may_keep {
        let everybody = visit.ask(ListAssignments::default())?;
        Some(assign(request, visit, &everybody, person.as_deref())?)
    } else {
        None
    };
    let body = html! {
        @if list.assigned_only && nothing {
            (unassigned())
        } @else {
            (lede("A Member sees the accounts assigned to them, with what stands below each, and nothing else of the books. The other roles see all: what is assigned to them is kept, and counts once they are Member."))
            @if list.members.is_empty() {
                p { "Nobody here is Member, so there is nothing to assign yet." }
            } @else {
                (table(&member_table(request, &list, may_keep)))
                (downloads(request, "books.list_assignments", &[]))
            }
            @if person.is_some() { p { a href=(request.link(PATH)) { "All members" } } }
        }
        @if let Some(giving) = giving { (section("assign", "Assign an account", giving)) }
    };
    let primary = ("Assign account".to_owned(), "#assign".to_owned(), 'n');
    Ok(PageView {
        title: "Assignments".into(),
        body: body.into_string(),
        primary: may_keep.then_some(primary),
        refresh: false,
    })
}

fn member_table(request: &PageRequest, list: &AssignmentList, may_keep: bool) -> Table {
    let mut rows = Vec::new();
    for member in &list.members {
        let state = if !member.in_effect {
            html! { (member.role) ", sees all" }
        } else if member.accounts.is_empty() {
            status(Tone::Waiting, "Nothing assigned, sees nothing")
        } else {
            html! { (member.role) }
        };
        rows.push(Row {
            cells: vec![html! { (email(&member.email)) " · " (state) }],
            ..Row::group("")
        });
        rows.extend(member.accounts.iter().map(|one| {
            let href = request.link(&format!("books/accounts/{}", encoded(&one.code)));
            let back = html! { @if may_keep { (taking_back(request, PATH, member, one)) } };
            Row::new(vec![
                html! { a href=(href) { (leaf(&one.code, &one.name)) } },
                instant(&one.assigned_at),
                back,
            ])
            .depth(1)
        }));
    }
    Table {
        caption: "Assignments".into(),
        columns: vec![
            Column::head("Account"),
            Column::short("Since").spare(),
            Column::short(if may_keep { "Take back" } else { "" }),
        ],
        rows,
    }
}

fn assign(
    request: &PageRequest,
    visit: &mut Visit<'_>,
    list: &AssignmentList,
    person: Option<&str>,
) -> Result<Html, Error> {
    let offer = giving(request, PATH);
    let accounts = visit.ask(ListAccounts {})?.accounts.into_iter();
    let accounts: Vec<Choice> = accounts
        .map(|one| Choice::new(&one.code, format!("{} {}", one.code, one.name)))
        .collect();
    let members = choices(list);
    Ok(html! {
        @if members.is_empty() {
            p { "Invite somebody as Member first, or give a member that role. " a href=(request.link("team/members")) { "See the members" } "." }
        } @else if accounts.is_empty() {
            p { "There are no accounts yet. " a href=(request.link("books/accounts")) { "Begin with a chart" } "." }
        } @else {
            (offer.form("Assign account", &html! {
                (offer.field("person", Field::select("person", "Member", members).value(person.unwrap_or_default())))
                (offer.field("account", Field::select("account", "Account", accounts).hint("What stands below it comes with it.")))
            }))
        }
    })
}

/// Those to whom an account can be given with an effect.
fn choices(list: &AssignmentList) -> Vec<Choice> {
    let members = list.members.iter().filter(|one| one.in_effect);
    members
        .map(|one| Choice::new(&one.person, &one.email))
        .collect()
}

fn giving<'a>(request: &'a PageRequest, path: &str) -> Act<'a> {
    let back = Undo::by(
        "books.unassign_account",
        &[("person", "{person}"), ("account", "{account}")],
        "Account {account} is taken back from {email}.",
    );
    Act::new(request, "books.assign_account")
        .then(path)
        .after(After::says("Account {account} is assigned to {email}.").undone_by(back))
}

fn taking_back(
    request: &PageRequest,
    path: &str,
    member: &AssignedMember,
    account: &AssignedAccount,
) -> Html {
    let back = Undo::by(
        "books.assign_account",
        &[
            ("person", &literally(&member.person)),
            ("account", &literally(&account.code)),
        ],
        "Account {account} is assigned to {email} again.",
    );
    let after = After::says("Account {account} is taken back from {email}.").undone_by(back);
    let offer = Act::new(request, "books.unassign_account")
        .then(path)
        .after(after);
    let label = format!("Take {} back from {}", account.code, member.email);
    html! {
        form.inline method="post" action=(offer.action()) {
            (hidden("csrf", &request.csrf)) (offer.carried())
            (hidden("person", &member.person)) (hidden("account", &account.code))
            button.button.quiet type="submit" aria-label=(label) { "Take back" }
        }
    }
}

/// Who has an account, on its own page.
pub(crate) fn of_account(
    request: &PageRequest,
    visit: &mut Visit<'_>,
    code: &str,
) -> Result<Html, Error> {
    if !visit.may("books.assign_account") {
        return Ok(Html::default());
    }
    let list = visit.ask(ListAssignments {
        person: None,
        account: Some(code.to_owned()),
    })?;
    let everybody = visit.ask(ListAssignments::default())?;
    let path = format!("books/accounts/{}", encoded(code));
    let offer = giving(request, &path);
    let has_it = |choice: &Choice| {
        let own = list.members.iter().find(|one| one.person == choice.value);
        own.is_some_and(|one| one.accounts.iter().any(|account| account.code == code))
    };
    let mut members = choices(&everybody);
    members.retain(|choice| !has_it(choice));
    if members.is_empty() && list.members.is_empty() {
        return Ok(Html::default());
    }
    let shown = html! {
        @if list.members.is_empty() {
            p.muted { "No Member sees this account." }
        } @else {
            ul.plain {
                @for member in &list.members {
                    @for account in &member.accounts {
                        li {
                            (member.email)
                            @if account.code != code { span.muted { " by " (account.code) " above it" } }
                            @if !member.in_effect { span.muted { ", " (member.role) ", sees all" } }
                            @if account.code == code { " " (taking_back(request, &path, member, account)) }
                        }
                    }
                }
            }
        }
        @if !members.is_empty() {
            form.form method="post" action=(offer.action()) {
                (hidden("csrf", &request.csrf)) (offer.carried()) (hidden("account", code))
                (offer.field("person", Field::select("person", "Member", members)))
                div.buttons { (button("Assign", Weight::Plain)) }
            }
        }
    };
    Ok(section("assigned", "Assigned to", shown))
}
