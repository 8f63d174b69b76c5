//! The page on which recovery codes are made and, once, shown.

use std::fmt::Write as _;

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{Act, Html, Weight, lede};
use maud::html;

use crate::factors::security::show_security::{Security, ShowSecurity};

pub(super) fn codes(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let security = visit.ask(ShowSecurity {})?;
    let make = Act::new(request, "identity.make_recovery_codes");
    let made: Vec<&str> = make
        .answer()
        .and_then(|answer| answer["codes"].as_array())
        .into_iter()
        .flatten()
        .filter_map(|code| code.as_str())
        .collect();
    let body = html! {
        (lede("Each code lets you in once, in place of the app or the passkey. Keep them where your phone is not."))
        @if made.is_empty() { (standing(&security, &make)) } @else { (shown(&security.email, &made)) }
    };
    Ok(PageView {
        title: "Recovery codes".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

fn standing(security: &Security, make: &Act<'_>) -> Html {
    let left = security.recovery_codes_left;
    html! {
        @if !security.has_second_factor() {
            p { "Recovery codes stand in for an authenticator app or a passkey. Set one of them up first." }
            p { a href="/account/security" { "Back to the checklist" } }
        } @else if left == 0 {
            p { "You have none." }
            (make.button("Make ten codes", Weight::Primary, "", ""))
        } @else {
            p { (left) " of 10 are left." }
            p.muted { "New codes end the ones that are left." }
            (make.button("Make ten new codes", Weight::Plain, "", ""))
        }
    }
}

fn shown(email: &str, codes: &[&str]) -> Html {
    html! {
        p.strong { "Write them down, print this page or keep the file. They are not shown again." }
        ol.codes { @for code in codes { li { code { (code) } } } }
        p {
            a.button.plain href=(file(email, codes)) download="daybook-recovery-codes.txt" {
                "Keep as a text file"
            }
        }
        p { a href="/account/security" { "They are safe: back to the checklist" } }
    }
}

/// The same as a file inside the page itself: no address that could be asked for
/// again holds them.
fn file(email: &str, codes: &[&str]) -> String {
    let mut text = format!("Daybook recovery codes of {email}\nEach is good once.\n\n");
    for code in codes {
        text.push_str(code);
        text.push('\n');
    }
    let mut address = "data:text/plain;charset=utf-8,".to_owned();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}
