//! A form as it was sent: its own fields apart from the operation's, how it waits
//! for a factor, and where it goes on to.

use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header;
use daybook_kernel::Error;
use daybook_kernel::page::After;
use daybook_ui::address;
use serde_json::Value;

use super::frame;
use super::proof::Waiting;
use crate::forms::{self, FIELDS_MAX, Field, FieldValue};

/// The form's own fields, which are no input of the operation.
pub struct Form {
    pub csrf: String,
    /// The page that the form stands on, drawn again when there are faults.
    pub page: String,
    /// Where to go on success; `{field}` is taken from the answer.
    pub next: String,
    /// Rows of the journal grid that are wanted, from its button without script.
    pub rows: Option<usize>,
    /// What the page says around the deed.
    pub after: After,
    pub asked: AskedFor,
    /// The input that waited for a factor, as JSON; the fields show the factor then.
    pub carried: Option<String>,
    pub input: Vec<Field>,
}

/// Where a form stood.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum AskedFor {
    /// On the page of its operation.
    Deed,
    /// In the notice of a deed, to take it back.
    Undo,
}

pub async fn read(request: Request, limit: usize) -> Result<Form, Error> {
    let media = request.headers().get(header::CONTENT_TYPE);
    let is_multipart = media
        .and_then(|media| media.to_str().ok())
        .is_some_and(|media| media.starts_with("multipart/form-data"));
    let fields = if is_multipart {
        let parts = Multipart::from_request(request, &())
            .await
            .map_err(|error| {
                Error::fault("form", format!("The form could not be read: {error}."))
            })?;
        forms::multipart(parts).await?
    } else {
        let too_large = |_| Error::fault("form", "The form is too large. Split it.");
        let bytes = axum::body::to_bytes(request.into_body(), limit)
            .await
            .map_err(too_large)?;
        forms::texts(forms::pairs(&String::from_utf8_lossy(&bytes)))
    };
    Ok(sort(fields))
}

fn sort(fields: Vec<Field>) -> Form {
    let mut form = Form {
        csrf: String::new(),
        page: String::new(),
        next: String::new(),
        rows: None,
        after: After::default(),
        asked: AskedFor::Deed,
        carried: None,
        input: Vec::new(),
    };
    for field in fields {
        match (field.name.as_str(), field.value) {
            ("csrf", FieldValue::Text(text)) => form.csrf = text,
            ("page", FieldValue::Text(text)) => form.page = text,
            ("next", FieldValue::Text(text)) => form.next = text,
            (After::FIELD, FieldValue::Text(text)) => {
                form.after = serde_json::from_str(&text).unwrap_or_default();
            }
            ("undoing", FieldValue::Text(_)) => form.asked = AskedFor::Undo,
            ("carried", FieldValue::Text(text)) => form.carried = Some(text),
            ("add_rows", FieldValue::Text(text)) => {
                let sent = form
                    .input
                    .iter()
                    .filter_map(|field| line_number(&field.name))
                    .max();
                let more = text.parse().unwrap_or(0).min(FIELDS_MAX);
                form.rows = Some(sent.map_or(0, |last| last + 1) + more);
            }
            (_, value) => form.input.push(Field {
                name: field.name,
                value,
            }),
        }
    }
    form
}

/// 3 of `lines[3].account`.
fn line_number(field: &str) -> Option<usize> {
    field
        .strip_prefix("lines[")?
        .split(']')
        .next()?
        .parse()
        .ok()
}

/// Longer inputs, with files in them, are not carried through a page: the form's
/// own page is opened again once the factor was shown.
const CARRIED_BYTES_MAX: usize = 256 << 10;

/// The form once more, as it waits for a factor.
pub fn waiting(form: &Form, input: &Value, (workspace, name): (Option<&str>, &str)) -> Waiting {
    let carried = input.to_string();
    if carried.len() > CARRIED_BYTES_MAX {
        return Waiting {
            action: "/step-up".to_owned(),
            fields: vec![("next", form.page.clone())],
        };
    }
    let base = workspace.map_or_else(String::new, |workspace| format!("/w/{workspace}"));
    let mut fields = vec![
        ("page", form.page.clone()),
        ("next", form.next.clone()),
        (After::FIELD, form.after.to_field()),
        ("carried", carried),
    ];
    if form.asked == AskedFor::Undo {
        fields.push(("undoing", "yes".to_owned()));
    }
    Waiting {
        action: format!("{base}/do/{name}"),
        fields,
    }
}

/// Only to an address of our own; `//elsewhere` is another site's.
pub fn next(next: &str, page: &str, done: &str, answer: &Value) -> String {
    let is_own = |address: &str| {
        address.starts_with('/')
            && !address.starts_with("//")
            && !address.contains(['\\', '\r', '\n'])
    };
    let address = if is_own(next) {
        frame::fill(next, answer, address::encoded)
    } else {
        String::new()
    };
    let address = match address.as_str() {
        "" if is_own(page) => page.to_owned(),
        "" => "/".to_owned(),
        _ => address,
    };
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}done={done}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_goes_on_only_to_our_own_addresses() {
        let answer = json!({"number": 7, "code": "a b"});
        for (wanted, expected) in [
            ("/w/a/books/entries/{number}", "/w/a/books/entries/7?done=x"),
            ("/w/a?code={code}", "/w/a?code=a%20b&done=x"),
            ("//evil.example", "/w/a/page?done=x"),
            ("https://evil.example", "/w/a/page?done=x"),
            ("", "/w/a/page?done=x"),
        ] {
            assert_eq!(
                next(wanted, "/w/a/page", "x", &answer),
                expected,
                "{wanted}"
            );
        }
    }
}
