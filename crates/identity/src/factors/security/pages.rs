//! The checklist of how an account is guarded, and the page of the password.

use daybook_kernel::page::After;
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{
    Act, Check, Column, Field, Html, Row, Table, Tone, Weight, checklist as list, instant, lede,
    section, table,
};
use maud::html;

use super::show_security::{Security, ShowSecurity};
use crate::oidc::{ListOidcLinks, OidcLinks};

/// Fewer than this, and it is time for new ones.
const CODES_FEW: i64 = 4;

pub(super) fn checklist(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let security = visit.ask(ShowSecurity {})?;
    let linked = visit.ask(ListOidcLinks {})?;
    let mut checks = vec![address(request, &security)];
    checks.extend(self::checks(request, &security));
    checks.extend(linked_accounts(request, &linked));
    let body = html! {
        (lede(next_step(&security)))
        @if let Some(until) = &security.frozen_until {
            p { "Your password was reset without a second factor. What guards the account can be changed again from " (instant(until)) "." }
        }
        @if !security.notices.is_empty() { (notices(request, &security)) }
        (list(&checks))
        @if !security.has_second_factor() && !security.reminder_dismissed {
            (put_off(request))
        }
    };
    Ok(PageView {
        title: "Security".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

/// The one thing to do next, as the page's first sentence.
fn next_step(security: &Security) -> &'static str {
    if !security.has_second_factor() && !security.has_password {
        "An account elsewhere alone opens yours. Add a passkey or an authenticator app next."
    } else if !security.has_second_factor() {
        "A password alone guards your account. Add a passkey or an authenticator app next."
    } else if security.recovery_codes_left == 0 {
        "You have a second factor and no recovery codes. Make them next, for the day on which a device is lost."
    } else if security.recovery_codes_left < CODES_FEW {
        "Few recovery codes are left. Make new ones next."
    } else {
        "Your account is well guarded. There is nothing to do."
    }
}

fn address(request: &PageRequest, security: &Security) -> Check {
    Check {
        tone: Tone::Good,
        name: "E-mail address".to_owned(),
        standing: format!("{}.", security.email),
        action: Some(("Change".to_owned(), request.link("security/email"))),
    }
}

/// The first password is set by a letter, as a forgotten one is.
fn password_stands(request: &PageRequest, security: &Security) -> Check {
    let (standing, label, place) = if security.has_password {
        let standing = format!("For {}.", security.email);
        (standing, "Change", request.link("security/password"))
    } else {
        let standing = "None. What is linked signs you in.".to_owned();
        (standing, "Set one", "/reset".to_owned())
    };
    Check {
        tone: if security.has_password {
            Tone::Good
        } else {
            Tone::Neutral
        },
        name: "Password".to_owned(),
        standing,
        action: Some((label.to_owned(), place)),
    }
}

fn checks(request: &PageRequest, security: &Security) -> Vec<Check> {
    let link = |path: &str| request.link(path);
    let check = |tone: Tone, name: &str, standing: String, label: &str, path: &str| Check {
        tone,
        name: name.to_owned(),
        standing,
        action: Some((label.to_owned(), link(path))),
    };
    let has_passkey = !security.passkeys.is_empty();
    let has_app = security.app_since.is_some();
    // One second factor is enough; the other is then one way among others.
    let of = |there: bool| match (there, security.has_second_factor()) {
        (true, _) => Tone::Good,
        (false, true) => Tone::Neutral,
        (false, false) => Tone::Waiting,
    };
    let codes = if security.recovery_codes_left >= CODES_FEW {
        Tone::Good
    } else {
        Tone::Waiting
    };
    vec![
        password_stands(request, security),
        check(
            of(has_passkey),
            "Passkeys",
            passkeys_stand(security),
            if has_passkey { "Manage" } else { "Add one" },
            "security/passkeys",
        ),
        check(
            of(has_app),
            "Authenticator app",
            app_stands(security),
            if has_app { "Manage" } else { "Set up" },
            "security/app",
        ),
        check(
            codes,
            "Recovery codes",
            codes_stand(security),
            if security.recovery_codes_left == 0 {
                "Make"
            } else {
                "Make new ones"
            },
            "security/recovery-codes",
        ),
        check(
            Tone::Good,
            "Where you are signed in",
            match security.sessions {
                1 => "In this browser alone.".to_owned(),
                sessions => format!("In {sessions} browsers, this one among them."),
            },
            "Look",
            "sessions",
        ),
    ]
}

/// Only where a provider is set up, or was.
fn linked_accounts(request: &PageRequest, linked: &OidcLinks) -> Option<Check> {
    if linked.providers.is_empty() && linked.links.is_empty() {
        return None;
    }
    let standing = match linked.links.as_slice() {
        [] => "None. An account elsewhere could sign you in.".to_owned(),
        [one] => format!("{} signs you in.", one.account),
        several => format!("{} of them sign you in.", several.len()),
    };
    Some(Check {
        tone: if linked.links.is_empty() {
            Tone::Neutral
        } else {
            Tone::Good
        },
        name: "Linked accounts".to_owned(),
        standing,
        action: Some(("Manage".to_owned(), request.link("security/providers"))),
    })
}

fn passkeys_stand(security: &Security) -> String {
    match security.passkeys.as_slice() {
        [] => "None. A passkey signs you in by itself and cannot be phished.".to_owned(),
        [one] => format!("“{}”.", one.name),
        several => format!("{} of them.", several.len()),
    }
}

fn app_stands(security: &Security) -> String {
    match &security.app_since {
        Some(_) => "Set up. Signing in by password asks for its code.".to_owned(),
        None => "Not set up. It shows a code every half minute, without any network.".to_owned(),
    }
}

fn codes_stand(security: &Security) -> String {
    match security.recovery_codes_left {
        0 if security.has_second_factor() => {
            "None. Without them, a lost device locks you out.".to_owned()
        }
        0 => "None; they come with a passkey or an app.".to_owned(),
        left => format!("{left} of 10 left."),
    }
}

fn notices(request: &PageRequest, security: &Security) -> Html {
    let rows = security.notices.iter().map(|notice| {
        Row::new(vec![
            html! { (notice.sentence) },
            instant(&notice.at),
            html! { (notice.address) },
        ])
    });
    let told = table(&Table {
        caption: "What happened to your account".to_owned(),
        columns: vec![
            Column::text("What happened"),
            Column::short("When"),
            Column::short("From").spare(),
        ],
        rows: rows.collect(),
    });
    let forget = Act::new(request, "identity.forget_notices").then("security");
    section(
        "notices",
        "You should know",
        html! {
            (told)
            (forget.button("I have seen this", Weight::Plain, "", ""))
        },
    )
}

fn put_off(request: &PageRequest) -> Html {
    let put_off = Act::new(request, "identity.dismiss_reminder")
        .then("security")
        .after(After::says("You will be reminded in 30 days."));
    html! {
        p.muted { "You are reminded at each sign-in, until a second factor is set up." }
        (put_off.button("Not for 30 days", Weight::Quiet, "", ""))
    }
}

pub(super) fn password(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let act = Act::new(request, "identity.change_password")
        .then("security")
        .after(After::says(
            "Your password is changed, and every other session ended.",
        ));
    let field = |name: &str, field: Field| act.field(name, field).value("");
    let fields = html! {
        // Unseen: by it the browser knows whose password it keeps.
        input.unseen id="username" type="text" value=(visit.who().email) autocomplete="username"
            aria-hidden="true" tabindex="-1" readonly;
        (field("current", Field::password("current", "Password now").required().focused()))
        (field("new", Field::password("new", "New password")
            .autocomplete("new-password")
            .required()
            .hint("At least 12 characters. A few words that you alone would put together are good.")))
    };
    let body = html! {
        (lede("Every other session ends with the old password."))
        (act.form("Change it", &fields))
    };
    Ok(PageView {
        title: "Change your password".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}
