//! The page on which an authenticator app is set up and removed.

use daybook_kernel::page::After;
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{Act, Field, Html, Weight, instant, lede, qr_code, section};
use maud::html;

use crate::factors::security::show_security::ShowSecurity;

pub(super) fn app(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let security = visit.ask(ShowSecurity {})?;
    let body = if let Some(since) = &security.app_since {
        enrolled(request, since)
    } else {
        html! {
            (lede("An app on your phone shows a new code every half minute. With it, a password alone opens nothing."))
            (setting_up(request))
        }
    };
    Ok(PageView {
        title: "Authenticator app".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

fn enrolled(request: &PageRequest, since: &str) -> Html {
    let remove = Act::new(request, "identity.remove_totp")
        .then("security")
        .after(After::says("The authenticator app is removed."));
    html! {
        p { "An authenticator app is set up since " (instant(since)) "." }
        (section("remove", "Remove it", html! {
            p { "For a new phone: remove the app here, then set it up again. Without an app and without a passkey your password is all that guards the account." }
            (remove.button("Remove the app", Weight::Danger, "", ""))
        }))
    }
}

fn setting_up(request: &PageRequest) -> Html {
    let start = Act::new(request, "identity.start_totp");
    let confirm = Act::new(request, "identity.confirm_totp")
        .then("security/recovery-codes")
        .after(After::says("The authenticator app is set up. Make recovery codes now, for the day on which the phone is lost."));
    let told = start.answer().map(|answer| {
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        (text("uri"), text("secret"))
    });
    html! {
        @if let Some((uri, secret)) = &told {
            (section("read", "1. Let the app read this", picture(uri, secret)))
            (section("code", "2. Type the code it shows", code(&confirm)))
        } @else if !confirm.faults().is_empty() {
            (section("code", "Type the code that the app shows", code(&confirm)))
            (section("again", "Or begin again", start.button("Show a new picture", Weight::Plain, "", "")))
        } @else {
            p { "Any app for time-based codes will do, such as the one that keeps your passwords." }
            (start.button("Set it up", Weight::Primary, "", ""))
        }
    }
}

fn picture(uri: &str, secret: &str) -> Html {
    html! {
        p { "Choose “add account” in the app and point it at the picture." }
        (qr_code(uri, "Picture for the authenticator app; the same secret stands below as text"))
        p { "Without a camera, type this secret: " code { (grouped(secret)) } }
        p.muted { "It is shown this once, and the picture is good for 15 minutes." }
    }
}

fn code(confirm: &Act<'_>) -> Html {
    let field = Field::code("code", "Code")
        .required()
        .focused()
        .hint("Six digits.");
    let field = confirm.field("code", field).value("");
    confirm.form("Set up", &html! { (field) })
}

/// In fours, as people type it; apps drop the gaps.
fn grouped(secret: &str) -> String {
    let characters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = characters
        .chunks(4)
        .map(|four| four.iter().collect())
        .collect();
    groups.join(" ")
}
