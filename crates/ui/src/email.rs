//! An e-mail address, which breaks behind its `@` where it does not fit.

use maud::html;

use crate::Html;

pub fn email(address: &str) -> Html {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    html! { (local) @if !domain.is_empty() { "@" wbr; (domain) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_breaks_behind_its_at_sign_and_is_escaped() {
        assert_eq!(
            email("ada@example.com").into_string(),
            "ada@<wbr>example.com"
        );
        assert_eq!(email("<b>@x.org").into_string(), "&lt;b&gt;@<wbr>x.org");
        assert_eq!(email("local").into_string(), "local");
    }
}
