//! Settings: this workspace, one's own password, where one is signed in.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{Field, Html, Weight, button_link, definition_list, hidden, section};
use maud::html;

use crate::form::Act;
use crate::members::{Roles, ShowRoles};

pub(super) fn settings(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let roles = visit.ask(ShowRoles {})?;
    let body = html! {
        (section("workspace", "This workspace", workspace(request, visit, &roles)))
        (section("look", "How it looks", look(request)))
        (section("password", "Your password", password(request, visit.who().email.as_str())))
        (section("sessions", "Where you are signed in", sessions(request)))
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
            @if visit.may("team.list_policies") {
                (button_link("Policies", &request.link("team/policies"), Weight::Plain))
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

fn password(request: &PageRequest, email: &str) -> Html {
    let act = Act::on_instance(request, "identity.change_password").then("settings");
    let current = Field::password("current", "Password now")
        .autocomplete("current-password")
        .length_max(128)
        .required();
    let new = Field::password("new", "New password")
        .autocomplete("new-password")
        .hint("12 to 128 characters. A few words that you alone would put together are good.")
        .length_max(128)
        .required();
    let fields = html! {
        // Unseen: by it the browser knows whose password it keeps.
        input.unseen id="username" type="text" value=(email) autocomplete="username"
            aria-hidden="true" tabindex="-1" readonly;
        (act.field("current", current)) (act.field("new", new))
    };
    html! {
        (act.form("Change password", &fields))
        p.muted { "Everywhere else you are signed out." }
    }
}

fn sessions(request: &PageRequest) -> Html {
    html! {
        p { "On a device that you no longer have, end the session: it stops on its next request." }
        (Act::on_instance(request, "identity.revoke_sessions")
            .button("Sign out everywhere", Weight::Danger, "", ""))
    }
}
