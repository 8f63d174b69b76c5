//! Settings: this workspace, how it looks here, and the way to one's own account.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{Html, Weight, button_link, definition_list, hidden, section};
use maud::html;

use crate::life;
use crate::members::{Roles, ShowRoles};

pub(super) fn settings(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let roles = visit.ask(ShowRoles {})?;
    let life = life::of_settings(request, visit)?;
    let body = html! {
        (section("workspace", "This workspace", workspace(request, visit, &roles)))
        @if let Some(life) = life { (life) }
        (section("look", "How it looks", look(request)))
        (section("account", "Your account", own_account()))
    };
    Ok(PageView {
        title: "Settings".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

fn workspace(request: &PageRequest, visit: &Visit<'_>, roles: &Roles) -> Html {
    let who = visit.who();
    let own = roles.roles.iter().find(|it| Some(it.role) == who.role);
    html! {
        (definition_list(&[
            ("Address", html! { code { (request.base) } }),
            ("You", html! { (who.email) }),
            ("Your role", html! { @if let Some(own) = own { (own.role) ": " (own.meaning) "." } }),
        ]))
        div.buttons {
            @if visit.may("team.list_members") {
                (button_link("Members", &request.link("team/members"), Weight::Plain))
            }
            @if visit.may("team.list_member_alerts") {
                (button_link("Security", &request.link("team/security"), Weight::Plain))
            }
            @if visit.may("team.list_policies") {
                (button_link("Policies", &request.link("team/policies"), Weight::Plain))
            }
            @if visit.may("team.list_grants") {
                (button_link("Grants", &request.link("team/grants"), Weight::Plain))
            }
            @if visit.may("team.list_access_changes") {
                (button_link("Changes of access", &request.link("team/access-changes"), Weight::Plain))
            }
            @if visit.may("team.list_api_tokens") {
                (button_link("API tokens", &request.link("team/tokens"), Weight::Plain))
            }
        }
    }
}

/// A matter of this browser alone, so it is kept in a cookie of it.
fn look(request: &PageRequest) -> Html {
    let choices = [
        ("auto", "As the system"),
        ("light", "Light"),
        ("dark", "Dark"),
    ];
    html! {
        form.form method="post" action="/theme" {
            (hidden("csrf", &request.csrf))
            div.row {
                @for (value, label) in choices {
                    button.button.plain type="submit" name="theme" value=(value) { (label) }
                }
            }
        }
    }
}

/// What is one's own is the same in every workspace, and has pages of its own.
fn own_account() -> Html {
    html! {
        p { "Your password, your second factor and your sessions are the same in every workspace." }
        div.buttons {
            (button_link("Security", "/account/security", Weight::Plain))
            (button_link("Where you are signed in", "/account/sessions", Weight::Plain))
        }
    }
}
