//! What the pages of the books share: links that keep the filters, and figures that open what
//! they are made of.

use daybook_kernel::PageRequest;
use daybook_ui::form::Weight;
use daybook_ui::{Html, button_link};
use maud::html;

/// A link within the workspace with values behind it; empty ones are left out.
pub(crate) fn link(request: &PageRequest, path: &str, values: &[(&str, &str)]) -> String {
    let mut address = request.link(path);
    let mut separator = '?';
    for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(separator);
        address.push_str(name);
        address.push('=');
        encode(value, &mut address);
        separator = '&';
    }
    address
}

/// A part of a path.
pub(crate) fn part(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    encode(text, &mut encoded);
    encoded
}

fn encode(text: &str, into: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(DIGITS[usize::from(byte >> 4)]));
            into.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// The account's register between two days.
pub(crate) fn register(request: &PageRequest, code: &str, from: &str, to: &str) -> String {
    link(
        request,
        &format!("books/accounts/{}", part(code)),
        &[("from", from), ("to", to)],
    )
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
