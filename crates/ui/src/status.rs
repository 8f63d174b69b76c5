//! A status in small: an icon and a word, so that colour never says it alone.

use crate::Html;
use crate::icons::{Icon, icon};
use maud::html;

/// How a status or a notice is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do and nothing to praise.
    #[default]
    Neutral,
    /// Proven, balanced, paid.
    Good,
    /// Somebody or something is waited for; the only use of amber.
    Waiting,
    /// Untrue, overdue, refused.
    Wrong,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Good => "good",
            Self::Waiting => "waiting",
            Self::Wrong => "wrong",
        }
    }

    pub(crate) fn icon(self) -> Icon {
        match self {
            Self::Neutral => Icon::Neutral,
            Self::Good => Icon::Check,
            Self::Waiting => Icon::Waiting,
            Self::Wrong => Icon::Wrong,
        }
    }
}

/// A pill of an icon and a word, such as "Posted" or "Overdue".
pub fn status(tone: Tone, word: &str) -> Html {
    html! { span class={ "status " (tone.class()) } { (icon(tone.icon())) (word) } }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::audit;

    #[test]
    fn has_icon_and_word() {
        let html = status(Tone::Wrong, "Overdue").into_string();
        assert!(html.contains("<svg") && html.contains("Overdue") && html.contains("wrong"));
        audit::escapes(&status(Tone::Good, audit::HOSTILE).into_string());
    }
}
