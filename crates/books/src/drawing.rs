//! What the pages of the books share: links that keep the filters, and figures that open what
//! they are made of.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, Role};
use daybook_ui::form::Weight;
use daybook_ui::{Html, address, button_link};
use maud::html;

use crate::accounts::list_accounts::ListAccounts;

/// A link within the workspace with values behind it; empty ones are left out.
pub(crate) fn link(request: &PageRequest, path: &str, values: &[(&str, &str)]) -> String {
    let given = values
        .iter()
        .copied()
        .filter(|(_, value)| !value.is_empty());
    format!("{}{}", request.link(path), address::query(given))
}

/// The account's register between two days.
pub(crate) fn register(request: &PageRequest, code: &str, from: &str, to: &str) -> String {
    link(
        request,
        &format!("books/accounts/{}", address::encoded(code)),
        &[("from", from), ("to", to)],
    )
}

/// Whether whoever looks sees only what is assigned to them, and that is nothing.
pub(crate) fn is_unassigned(visit: &mut Visit<'_>) -> Result<bool, Error> {
    if !visit.role().is_some_and(Role::sees_assigned_only) {
        return Ok(false);
    }
    Ok(visit.ask(ListAccounts {})?.accounts.is_empty())
}

/// For a Member who is assigned nothing: what belongs here, and who can give it.
pub(crate) fn unassigned() -> Html {
    html! {
        div.empty {
            p.strong { "No account is assigned to you yet, so there is nothing of these books to see." }
            p.example { "Ask an Owner, Admin or Manager to assign you accounts. What you are given, with what stands below it, is here at once." }
        }
    }
}

/// The answer of a query as a file.
pub(crate) fn downloads(request: &PageRequest, operation: &str, values: &[(&str, &str)]) -> Html {
    let address = link(request, &format!("download/{operation}"), values);
    html! {
        p.muted { "Take this along: " (button_link("CSV", &address, Weight::Quiet)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_carry_what_was_filtered_and_nothing_else() {
        let request = PageRequest {
            base: "/w/acme".into(),
            ..PageRequest::default()
        };
        assert_eq!(
            link(&request, "books/entries", &[("text", "a & b"), ("tag", "")]),
            "/w/acme/books/entries?text=a%20%26%20b"
        );
        let html = downloads(&request, "books.journal", &[]).into_string();
        assert!(html.contains("/w/acme/download/books.journal"), "{html}");
    }
}
