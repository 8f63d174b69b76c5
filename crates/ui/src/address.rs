//! Texts in addresses, where all but the unreserved characters of RFC 3986 are percent-encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text as a part of a path, or as a value of a query.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Values as the query of an address, with its question mark; nothing if there are none.
pub fn query<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = String::new();
    for (name, value) in values {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(name);
        query.push('=');
        query.extend(utf8_percent_encode(value, RESERVED));
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_breaks_out_of_an_address() {
        assert_eq!(encoded("a-b_c.d~e"), "a-b_c.d~e");
        assert_eq!(
            encoded("Übel/?&#+ \"<"),
            "%C3%9Cbel%2F%3F%26%23%2B%20%22%3C"
        );
        assert_eq!(query([]), "");
        let values = [("operation", "books.*&x=1"), ("q", "50 %")];
        assert_eq!(query(values), "?operation=books.%2A%26x%3D1&q=50%20%25");
    }
}
