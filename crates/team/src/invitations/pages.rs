//! Invitations on the page of members: who has not come yet, and the form that
//! invites the next.

use daybook_kernel::page::{After, literally};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, Role};
use daybook_ui::{
    Act, Choice, Column, Field, Html, Row, Table, Tone, Weight, instant, section, status, table,
};
use maud::html;

use super::list_invitations::ListInvitations;
use super::model::Invitation;
use crate::members::may_give;

const BACK: &str = "team/members";

/// Empty for whoever invites nobody.
pub(crate) fn invitations(request: &PageRequest, visit: &mut Visit<'_>) -> Result<Html, Error> {
    if !visit.may("team.list_invitations") {
        return Ok(html! {});
    }
    let waiting = visit.ask(ListInvitations {})?.invitations;
    let role = visit.role();
    Ok(html! {
        (section("invitations", "Invitations", html! {
            @if waiting.is_empty() {
                p.muted { "Nobody is invited at the moment. Whoever you invite gets a message with a link that is good for three days, and becomes a member by opening it." }
            } @else {
                (list(request, role, &waiting))
            }
            (invite(request, role))
        }))
    })
}

fn list(request: &PageRequest, own: Option<Role>, waiting: &[Invitation]) -> Html {
    let act = |operation, said: String| {
        let act = Act::new(request, operation).then(BACK);
        act.after(After::says(said))
    };
    let rows = waiting.iter().map(|it| {
        let may = own.is_some_and(|own| may_give(own, it.role));
        let again = act(
            "team.resend_invitation",
            format!("The invitation is sent to {} again.", literally(&it.email)),
        );
        let revoke = act(
            "team.revoke_invitation",
            format!("The invitation of {} is revoked.", literally(&it.email)),
        );
        Row::new(vec![
            daybook_ui::email(&it.email),
            html! { (it.role) },
            standing(it),
            instant(&it.expires_at),
            html! { (it.inviter) },
            html! {
                @if may {
                    div.buttons {
                        (again.button("Send again", Weight::Plain, "invitation", &it.id))
                        (revoke.button("Revoke", Weight::Danger, "invitation", &it.id))
                    }
                }
            },
        ])
    });
    table(&Table {
        caption: "Invitations".to_owned(),
        columns: vec![
            Column::head("E-mail"),
            Column::short("Role"),
            Column::short("State"),
            Column::short("Good until"),
            Column::text("Invited by").spare(),
            Column::short("Change"),
        ],
        rows: rows.collect(),
    })
}

fn standing(invitation: &Invitation) -> Html {
    if invitation.expired {
        status(Tone::Neutral, "Too old")
    } else {
        status(Tone::Waiting, "Waiting")
    }
}

fn invite(request: &PageRequest, own: Option<Role>) -> Html {
    let act = Act::new(request, "team.invite_member")
        .then(BACK)
        .after(After::says("{email} is invited as {role}."));
    let email = Field::email("email", "E-mail")
        .required()
        .hint("Only whoever reads mail at this address can accept.");
    let role = Field::select("role", "Role", choices(own)).value(Role::Member.name());
    act.form(
        "Invite",
        &html! { (act.field("email", email)) (act.field("role", role)) },
    )
}

/// The roles that somebody of this role may give, each with what it may do.
fn choices(giver: Option<Role>) -> Vec<Choice> {
    Role::ALL
        .into_iter()
        .filter(|given| giver.is_some_and(|giver| may_give(giver, *given)))
        .map(|role| Choice::new(role.name(), format!("{role}: {}", role.meaning())))
        .collect()
}
