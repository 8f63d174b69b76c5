//! The page of members: who works here, and, beside the list, the one whose
//! role is to be changed.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView, Role};
use daybook_ui::{
    Choice, Column, Field, Html, Row, Table, Tone, Weight, button_link, definition_list, hidden,
    instant, lede, section, side_panel, split, status, table,
};
use maud::html;

use super::list_members::ListMembers;
use super::model::{Member, may_give};
use super::show_roles::ShowRoles;
use crate::form::Act;

pub(super) fn members(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let members = visit.ask(ListMembers {})?.members;
    let roles = visit.ask(ShowRoles {})?.roles;
    let chosen = request
        .get("person")
        .and_then(|id| members.iter().find(|it| it.person == id));
    let list = list(request, &members);
    let body = html! {
        (lede("A member can do what the role allows, and nothing in another workspace."))
        @match chosen {
            Some(member) => (split(list, one(request, visit, member))),
            None => (list),
        }
        // One form at a time: both have a field for the role.
        @if chosen.is_none() && visit.may("team.add_member") {
            (section("add", "Add a member", add(request, visit)))
        }
        (section("roles", "Roles", html! {
            dl.definitions {
                @for it in &roles { div { dt { (it.role) } dd { (it.meaning) "." } } }
            }
        }))
        @if visit.may("team.create_api_token") {
            p { (button_link("API tokens", &request.link("team/tokens"), Weight::Plain)) }
        }
    };
    let primary = visit.may("team.add_member").then(|| {
        (
            "Add a member".to_owned(),
            request.link("team/members#add"),
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
        Row::new(vec![
            html! { (member.email) },
            html! { (member.role) },
            standing(member),
            instant(&member.joined_at),
        ])
        .opens(request.link(&format!("team/members?person={}", member.person)))
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
    let act = |operation| Act::new(request, operation).then("team/members");
    side_panel(
        &member.email,
        html! {
            (definition_list(&[
                ("Role", html! { (member.role) }),
                ("State", standing(member)),
                ("Joined", instant(&member.joined_at)),
            ]))
            @if may("team.change_role") {
                (change_role(&act("team.change_role"), own, member))
            }
            div.buttons {
                @if member.suspended && may("team.reinstate_member") {
                    (act("team.reinstate_member")
                        .button("Reinstate", Weight::Plain, "person", &member.person))
                }
                @if !member.suspended && may("team.suspend_member") {
                    (act("team.suspend_member")
                        .button("Suspend", Weight::Plain, "person", &member.person))
                }
                @if may("team.remove_member") {
                    (act("team.remove_member")
                        .button("Remove", Weight::Danger, "person", &member.person))
                }
                (button_link("Close", &request.link("team/members"), Weight::Quiet))
            }
        },
    )
}

fn change_role(act: &Act<'_>, own: Option<Role>, member: &Member) -> Html {
    let role = Field::select("role", "Role", choices(own)).value(member.role.name());
    act.form(
        "Change role",
        &html! { (hidden("person", &member.person)) (act.field("role", role)) },
    )
}

fn add(request: &PageRequest, visit: &Visit<'_>) -> Html {
    let act = Act::new(request, "team.add_member").then("team/members");
    let email = Field::email("email", "E-mail")
        .required()
        .hint("The address with which the person signs in to this Daybook.");
    let role = Field::select("role", "Role", choices(visit.role())).value(Role::Member.name());
    act.form(
        "Add member",
        &html! { (act.field("email", email)) (act.field("role", role)) },
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
