//! Addresses with a filter in them.

use daybook_kernel::PageRequest;
use daybook_ui::address;

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
    address::query(kept.chain(more.iter().copied()))
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
