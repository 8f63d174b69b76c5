//! Forms: what surrounds the fields, the buttons below them and the faults on top.

use crate::Html;
use crate::field::field_id;
use crate::icons::{Icon, icon};
use maud::html;

/// Something a person can mend: which field, and a sentence that says how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// The name of the field, as in the form; empty when the fault is of the whole.
    pub field: String,
    pub text: String,
}

impl Fault {
    pub fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            text: text.into(),
        }
    }
}

pub(crate) fn fault_named<'a>(faults: &'a [Fault], name: &str) -> Option<&'a str> {
    faults
        .iter()
        .find(|fault| fault.field == name)
        .map(|fault| fault.text.as_str())
}

/// What is wrong, at the top of the form, each sentence a link to its field. Empty without faults.
pub fn fault_summary(faults: &[Fault]) -> Html {
    html! {
        @if !faults.is_empty() {
            div.fault-summary role="alert" tabindex="-1" {
                p.strong {
                    (icon(Icon::Wrong))
                    @if faults.len() == 1 { "One thing to mend" }
                    @else { (faults.len()) " things to mend" }
                }
                ul {
                    @for fault in faults {
                        li {
                            @if fault.field.is_empty() { (fault.text) }
                            @else { a href={ "#" (field_id(&fault.field)) } { (fault.text) } }
                        }
                    }
                }
            }
        }
    }
}

/// What surrounds the fields of a form.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub action: String,
    pub csrf: String,
    /// The word on the button that sends it; none draws no buttons, for fields that bring their own.
    pub submit: String,
    /// Where leaving without saving goes.
    pub cancel: Option<String>,
    /// The key under which the script keeps what is typed, per workspace; none keeps nothing.
    pub draft: Option<String>,
    /// Whether it carries files.
    pub encoding: Encoding,
    pub faults: Vec<Fault>,
}

/// How a form is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    #[default]
    Fields,
    Files,
}

/// A form that posts: faults on top, then its fields, then its buttons.
pub fn form(frame: &Form, fields: Html) -> Html {
    let encoding = (frame.encoding == Encoding::Files).then_some("multipart/form-data");
    html! {
        form.form method="post" action=(frame.action) enctype=[encoding]
            data-draft=[frame.draft.as_ref()] {
            (hidden("csrf", &frame.csrf))
            (fault_summary(&frame.faults))
            (fields)
            @if !frame.submit.is_empty() {
                div.buttons {
                    (button(&frame.submit, Weight::Primary))
                    @if let Some(href) = &frame.cancel { a.button.quiet href=(href) { "Cancel" } }
                }
            }
        }
    }
}

/// A value the form carries unseen.
pub fn hidden(name: &str, value: &str) -> Html {
    html! { input type="hidden" name=(name) value=(value); }
}

/// How loud a button is; a page has one primary at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    Primary,
    #[default]
    Plain,
    Quiet,
    Danger,
}

impl Weight {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Plain => "plain",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

/// A button that sends the form it stands in.
pub fn button(label: &str, weight: Weight) -> Html {
    html! { button class={ "button " (weight.class()) } type="submit" { (label) } }
}

/// A link drawn as a button, for going somewhere rather than changing something.
pub fn button_link(label: &str, href: &str, weight: Weight) -> Html {
    html! { a class={ "button " (weight.class()) } href=(href) { (label) } }
}

/// A form of one button, for acts that need no field: post, reverse, sign out.
pub fn post_button(label: &str, action: &str, csrf: &str, weight: Weight) -> Html {
    html! {
        form.inline method="post" action=(action) {
            (hidden("csrf", csrf))
            (button(label, weight))
        }
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
