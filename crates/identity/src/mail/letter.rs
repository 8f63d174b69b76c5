//! What a letter says, as text and as HTML: plain sentences and at most one
//! link. There is no picture and no address of anybody else in it, so that
//! reading it tells nobody.

use maud::{DOCTYPE, html};

/// A letter before it is queued.
pub(crate) struct Draft<'a> {
    pub to: &'a str,
    pub subject: &'a str,
    /// One paragraph each.
    pub paragraphs: &'a [String],
    /// What the reader can do: its words, and the path below the instance's origin.
    pub link: Option<(&'a str, &'a str)>,
    /// From then on it says nothing that still holds, so it is not sent any more.
    pub until_ms: i64,
}

/// A subject is one line, whatever a workspace calls itself.
pub(super) fn subject(draft: &Draft<'_>) -> String {
    draft
        .subject
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

pub(super) fn text(draft: &Draft<'_>, site: &str) -> String {
    let said = draft.paragraphs.join("\n\n");
    let link = draft
        .link
        .map(|(words, path)| format!("\n\n{words}:\n{site}{path}"));
    let link = link.unwrap_or_default();
    format!("{said}{link}\n\n-- \nDaybook at {site}\n")
}

pub(super) fn html(draft: &Draft<'_>, site: &str) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (subject(draft)) }
            }
            body {
                @for paragraph in draft.paragraphs { p { (paragraph) } }
                @if let Some((words, path)) = draft.link {
                    p { a href={ (site) (path) } { (words) } }
                    p { "If the link does not open, copy this address: " (site) (path) }
                }
                hr;
                p { "Daybook at " (site) }
            }
        }
    }
    .into_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_letter_says_the_same_in_text_and_html_and_loads_nothing() {
        let paragraphs = ["Ada invites you to “<Sons> & Co”.".to_owned()];
        let draft = Draft {
            to: "grace@example.com",
            subject: "An\r\nBcc: everybody",
            paragraphs: &paragraphs,
            link: Some(("Open the invitation", "/invitation/abc")),
            until_ms: 0,
        };
        let site = "https://books.example.com";
        assert_eq!(
            text(&draft, site),
            "Ada invites you to “<Sons> & Co”.\n\nOpen the invitation:\n\
             https://books.example.com/invitation/abc\n\n-- \nDaybook at https://books.example.com\n"
        );
        let html = html(&draft, site);
        assert!(html.contains("“&lt;Sons&gt; &amp; Co”"), "{html}");
        assert!(
            html.contains("href=\"https://books.example.com/invitation/abc\""),
            "{html}"
        );
        for loading in ["<img", "<link", "<script", "style=", "src="] {
            assert!(!html.contains(loading), "{html}");
        }
        assert_eq!(subject(&draft), "An  Bcc: everybody");
    }
}
