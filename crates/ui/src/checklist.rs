//! A list of what is in order and what is still to do, each with the one thing that mends it.

use crate::Html;
use crate::icons::icon;
use crate::status::Tone;
use maud::html;

/// One line of a checklist.
#[derive(Clone, Debug, Default)]
pub struct Check {
    /// Good is in order, waiting is to do, neutral is one way among others.
    pub tone: Tone,
    /// The thing: "Authenticator app".
    pub name: String,
    /// How it stands, and why that matters, as a sentence or two.
    pub standing: String,
    /// Label and address of what may be done about it.
    pub action: Option<(String, String)>,
}

pub fn checklist(all: &[Check]) -> Html {
    html! {
        ul.checklist {
            @for check in all {
                @let (word, class) = match check.tone {
                    Tone::Good => ("In order: ", "good-mark"),
                    Tone::Neutral => ("Not used: ", "muted"),
                    Tone::Waiting | Tone::Wrong => ("To do: ", "open-mark"),
                };
                li {
                    span class=(class) { (icon(check.tone.icon())) }
                    span.strong { span.unseen { (word) } (check.name) }
                    span.muted { (check.standing) }
                    @if let Some((label, href)) = &check.action {
                        a.button.plain href=(href) { (label) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_do_is_said_in_words_too() {
        let x = crate::audit::HOSTILE;
        let check = Check {
            tone: Tone::Waiting,
            name: x.to_owned(),
            standing: x.to_owned(),
            action: Some((x.to_owned(), x.to_owned())),
        };
        let drawn = checklist(&[check]).into_string();
        assert!(drawn.contains("To do: "), "{drawn}");
        crate::audit::escapes(&drawn);
    }
}
