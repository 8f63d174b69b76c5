//! Where one is signed in, with the way to end each session and all of them.

use daybook_kernel::page::After;
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{
    Act, Column, Html, Row, Table, Tone, Weight, instant, lede, section, status, table,
};
use maud::html;
use serde_json::Value;

use crate::sessions::ListSessions;

pub(super) fn sessions(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let answer = visit.ask(ListSessions {})?;
    let answer = serde_json::to_value(&answer).map_err(Error::ours)?;
    let none = Vec::new();
    let sessions = answer["sessions"].as_array().unwrap_or(&none);
    let all = Act::new(request, "identity.revoke_sessions")
        .after(After::says("You are signed out everywhere."));
    let body = html! {
        (lede("Each browser in which you are signed in. What you end here is out at its next click."))
        (list(request, sessions))
        (section("all", "Sign out everywhere", html! {
            p { "Ends every session, this one too. Do this if you do not know one of them, then change your password." }
            (all.then("sessions").button("Sign out everywhere", Weight::Danger, "", ""))
        }))
    };
    Ok(PageView {
        title: "Where you are signed in".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

fn list(request: &PageRequest, sessions: &[Value]) -> Html {
    let end = Act::new(request, "identity.revoke_session")
        .then("sessions")
        .after(After::says("The session is ended."));
    let rows = sessions.iter().map(|session| {
        let text = |name: &str| session[name].as_str().unwrap_or_default();
        let id = text("id");
        Row::new(vec![
            html! { (text("device")) },
            html! { (text("address")) },
            instant(text("last_used_at")),
            instant(text("created_at")),
            html! {
                @if session["is_this_one"] == true { (status(Tone::Good, "This one")) }
                @else { (end.button("End", Weight::Danger, "id", id)) }
            },
        ])
    });
    table(&Table {
        caption: "Sessions".to_owned(),
        columns: vec![
            Column::head("Browser"),
            Column::short("From").spare(),
            Column::short("Last used"),
            Column::short("Signed in").spare(),
            Column::short("End"),
        ],
        rows: rows.collect(),
    })
}
