//! The page of members: who works here, and, beside the list, the one whose
//! role is to be changed.

use daybook_kernel::page::{After, Undo, literally};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView, Role};
use daybook_ui::{
    Act, Choice, Column, Field, Html, Row, Table, Tone, Weight, button_link, definition_list,
    hidden, instant, lede, section, side_panel, split, status, table,
};
use maud::html;

use super::list_members::ListMembers;
use super::model::{Member, may_give};
use super::show_roles::ShowRoles;
use crate::invitations;
use crate::member_alerts::CountMemberAlerts;

/// What else says who may do what: what it needs, its name and its page.
const BESIDE: [(&str, &str, &str); 6] = [
    ("team.list_member_alerts", "Security", "team/security"),
    ("books.list_assignments", "Assignments", "books/assignments"),
    ("team.list_policies", "Policies", "team/policies"),
    (
        "team.list_access_changes",
        "Changes of access",
        "team/access-changes",
    ),
    ("team.create_api_token", "API tokens", "team/tokens"),
    ("team.list_known_devices", "Devices", "team/devices"),
];

pub(super) fn members(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let members = visit.ask(ListMembers {})?.members;
    let roles = visit.ask(ShowRoles {})?.roles;
    let chosen = request
        .get("person")
        .and_then(|id| members.iter().find(|it| it.person == id));
    let unseen = if visit.may("team.count_member_alerts") {
        visit.ask(CountMemberAlerts {})?.unseen
    } else {
        0
    };
    let list = list(request, &members);
    let invitations = invitations::invitations(request, visit)?;
    let body = html! {
        (lede("A member can do what the role allows, and nothing in another workspace."))
        @if unseen > 0 { (trouble(request, unseen)) }
        @match chosen {
            Some(member) => (split(list, one(request, visit, member))),
            None => (list),
        }
        // One form at a time: both have a field for the role.
        @if chosen.is_none() { (invitations) }
        (section("roles", "Roles", html! {
            dl.definitions {
                @for it in &roles { div { dt { (it.role) } dd { (it.meaning) "." } } }
            }
        }))
        div.buttons {
            @for (needs, label, path) in BESIDE {
                @if visit.may(needs) { (button_link(label, &request.link(path), Weight::Plain)) }
            }
        }
        @if chosen.is_none() && visit.may("team.leave_workspace") {
            (section("leave", "Leave this workspace", leave(request)))
        }
    };
    let primary = visit.may("team.invite_member").then(|| {
        (
            "Invite somebody".to_owned(),
            request.link("team/members#invitations"),
            'n',
        )
    });
    Ok(PageView {
        title: "Members".to_owned(),
        body: body.into_string(),
        primary,
        ..PageView::default()
    })
}

fn list(request: &PageRequest, members: &[Member]) -> Html {
    let rows = members.iter().map(|member| {
        let cells = vec![
            daybook_ui::email(&member.email),
            html! { (member.role) },
            standing(member),
            instant(&member.joined_at),
        ];
        Row::new(cells).opens(request.link(&format!("team/members?person={}", member.person)))
    });
    table(&Table {
        caption: "Members".to_owned(),
        columns: vec![
            Column::head("E-mail"),
            Column::short("Role"),
            Column::short("State"),
            Column::short("Joined").spare(),
        ],
        rows: rows.collect(),
    })
}

/// That something may be wrong with an account, and where it is told.
fn trouble(request: &PageRequest, unseen: i64) -> Html {
    let says = match unseen {
        1 => "An alert about a member waits to be seen.".to_owned(),
        count => format!("{count} alerts about members wait to be seen."),
    };
    html! {
        p {
            (status(Tone::Wrong, "Alert")) " " (says) " "
            a href=(request.link("team/security")) { "Look at it" }
        }
    }
}

fn standing(member: &Member) -> Html {
    if member.suspended {
        status(Tone::Wrong, "Suspended")
    } else {
        status(Tone::Good, "Active")
    }
}

/// One member, with what whoever looks may do about them.
fn one(request: &PageRequest, visit: &Visit<'_>, member: &Member) -> Html {
    let own = visit.role();
    let may = |operation| {
        visit.may(operation) && (member.role != Role::Owner || own == Some(Role::Owner))
    };
    let act = |operation| {
        let act = Act::new(request, operation).then("team/members");
        act.after(after(operation, member))
    };
    side_panel(
        &member.email,
        html! {
            (definition_list(&[
                ("Role", html! { (member.role) }),
                ("State", standing(member)),
                ("Joined", instant(&member.joined_at)),
            ]))
            @if visit.may("books.list_assignments") { (assigned(request, member)) }
            @if may("team.change_role") {
                (change_role(&act("team.change_role"), own, member))
            }
            @if member.suspended && may("team.reinstate_member") {
                (with_reason(&act("team.reinstate_member"), "Reinstate", member))
            }
            @if !member.suspended && may("team.suspend_member") {
                (with_reason(&act("team.suspend_member"), "Suspend", member))
            }
            @if may("team.remove_member") {
                (with_reason(&act("team.remove_member"), "Remove", member))
            }
            @if member.role != Role::Owner && may("team.transfer_ownership") {
                (with_reason(&act("team.transfer_ownership"), "Make Owner in your place", member))
            }
            div.buttons {
                (button_link("Close", &request.link("team/members"), Weight::Quiet))
            }
        },
    )
}

/// A Member sees what is assigned to them; the books say what that is.
fn assigned(request: &PageRequest, member: &Member) -> Html {
    let path = format!("books/assignments?person={}", member.person);
    let text = if member.role.sees_assigned_only() {
        "A Member sees the accounts assigned to them and nothing else of the books. With another role they see all, and what is assigned is kept."
    } else {
        "This role sees all the books. What is assigned to them is kept, and counts once they are Member."
    };
    html! {
        p.muted { (text) }
        div.buttons { (button_link("Assigned accounts", &request.link(&path), Weight::Plain)) }
    }
}

/// What is said of a member once it is done, and what takes it back.
fn after(operation: &str, member: &Member) -> After {
    let email = literally(&member.email);
    let back = |operation: &str, role: &str, said: &str| {
        let said = format!("{email} {said}.");
        Undo::by(
            operation,
            &[("person", &member.person), ("role", role)],
            said,
        )
    };
    let says = |said: &str| After::says(format!("{email} {said}."));
    match operation {
        "team.change_role" => {
            let role = member.role.name();
            let said = format!("is {role} again");
            says("is {role} now").undone_by(back("team.change_role", role, &said))
        }
        "team.suspend_member" => {
            says("is suspended").undone_by(back("team.reinstate_member", "", "is reinstated"))
        }
        "team.transfer_ownership" => says("is Owner now, and you are Admin"),
        "team.reinstate_member" => {
            says("is reinstated").undone_by(back("team.suspend_member", "", "is suspended again"))
        }
        _ => says("is no member any more"),
    }
}

/// A deed that is done to a member, behind its name: the reason goes to the log.
fn with_reason(act: &Act<'_>, label: &str, member: &Member) -> Html {
    html! {
        details open[!act.faults().is_empty()] {
            summary { (label) }
            (act.form(label, &html! {
                (hidden("person", &member.person))
                (act.field("reason", reason()))
            }))
        }
    }
}

fn reason() -> Field {
    Field::text("reason", "Reason")
        .length_max(500)
        .hint("For the log; leave it empty if it goes without saying.")
}

fn leave(request: &PageRequest) -> Html {
    let act = Act::new(request, "team.leave_workspace").to("/?switch");
    html! {
        p { "You lose what your role allows here, at once. What you posted stays." }
        (act.button("Leave", Weight::Danger, "", ""))
    }
}

fn change_role(act: &Act<'_>, own: Option<Role>, member: &Member) -> Html {
    let role = Field::select("role", "Role", choices(own)).value(member.role.name());
    act.form(
        "Change role",
        &html! {
            (hidden("person", &member.person))
            (act.field("role", role))
            (act.field("reason", reason()))
        },
    )
}

/// The roles that somebody of this role may give.
fn choices(giver: Option<Role>) -> Vec<Choice> {
    Role::ALL
        .into_iter()
        .filter(|given| giver.is_some_and(|giver| may_give(giver, *given)))
        .map(|role| Choice::new(role.name(), role.name()))
        .collect()
}
