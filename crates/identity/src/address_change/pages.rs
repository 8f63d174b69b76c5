//! The page of one's e-mail address: a new one is asked for, and its code typed.

use daybook_kernel::page::After;
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{Act, Field, lede, section};
use maud::html;

pub(super) fn email(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let ask = Act::new(request, "identity.request_email_change")
        .then("security/email?sent=yes")
        .after(After::says(
            "A message with a code is on its way to the new address.",
        ));
    let confirm = Act::new(request, "identity.confirm_email_change")
        .then("security")
        .after(After::says(
            "Your account has another address, and every other session ended.",
        ));
    let new = Field::email("new_email", "New address").required();
    let code = Field::code("code", "Code")
        .required()
        .hint("Eight digits, good for 10 minutes.");
    let is_sent = request.get("sent").is_some() || !confirm.faults().is_empty();
    let body = html! {
        (lede("You sign in with this address, and what concerns your account is sent there. The old one is told of the change, and can take the account back for three days."))
        p { "Now: " strong { (visit.who().email) } }
        @if is_sent {
            (section("code", "Type the code that was sent", confirm.form("Move my account", &html! {
                (confirm.field("code", code).value(""))
            })))
        }
        (section("new", if is_sent { "Or ask for another code" } else { "Another address" }, ask.form("Send a code there", &html! {
            (ask.field("new_email", new))
        })))
    };
    Ok(PageView {
        title: "Your e-mail address".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}
