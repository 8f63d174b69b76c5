//! Addresses with a filter in them.

use std::fmt::Write as _;

use daybook_kernel::PageRequest;

/// What the page of activity is narrowed by.
pub(super) const FILTERS: &[&str] = &[
    "actor",
    "operation",
    "outcome",
    "from",
    "to",
    "target_kind",
    "target_id",
];

/// The filter at hand as the query of an address, with more at its end.
pub(super) fn query(request: &PageRequest, more: &[(&str, &str)]) -> String {
    let kept = FILTERS
        .iter()
        .filter_map(|name| Some((*name, request.get(name)?)));
    let mut query = String::new();
    for (name, value) in kept.chain(more.iter().copied()) {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(name);
        query.push('=');
        push_encoded(&mut query, value);
    }
    query
}

fn push_encoded(query: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            query.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(query, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_filter_goes_along_and_cannot_break_out() {
        let mut request = PageRequest::default();
        request
            .values
            .insert("operation".to_owned(), "books.*&x=1".to_owned());
        request
            .values
            .insert("unknown".to_owned(), "left out".to_owned());
        assert_eq!(
            query(&request, &[("cursor", "12")]),
            "?operation=books.%2A%26x%3D1&cursor=12"
        );
        assert_eq!(query(&PageRequest::default(), &[]), "");
    }
}
