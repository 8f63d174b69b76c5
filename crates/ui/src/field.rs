//! One row of a form: a label, a control, a hint and a fault, tied together so that any reader hears
//! all four.

use crate::Html;
use crate::form::{Fault, fault_named};
use crate::icons::{Icon, icon};
use maud::{Render, html};

/// One option of a select.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

#[derive(Clone, Debug)]
enum Control {
    Input {
        kind: &'static str,
        mode: Option<&'static str>,
    },
    Amount {
        currency: String,
    },
    Area {
        rows: u8,
    },
    Select(Vec<Choice>),
    Checkbox,
    File {
        accept: String,
    },
}

/// One row of a form. Built by the kind of its control, then told what it needs:
/// `Field::amount("total", "Total", "EUR").value(typed).fault(fault)`.
#[derive(Clone, Debug)]
pub struct Field {
    name: String,
    label: String,
    control: Control,
    value: String,
    hint: Option<String>,
    fault: Option<String>,
    placeholder: Option<String>,
    autocomplete: Option<String>,
    length_max: Option<u32>,
    required: bool,
    focused: bool,
}

impl Field {
    fn new(name: impl Into<String>, label: impl Into<String>, control: Control) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            control,
            value: String::new(),
            hint: None,
            fault: None,
            placeholder: None,
            autocomplete: None,
            length_max: None,
            required: false,
            focused: false,
        }
    }

    fn input(name: impl Into<String>, label: impl Into<String>, kind: &'static str) -> Self {
        Self::new(name, label, Control::Input { kind, mode: None })
    }

    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "text")
    }

    pub fn email(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "email")
    }

    pub fn search(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "search")
    }

    /// A secret. Its value is never sent back to the page. A new one is told to the browser by
    /// `.autocomplete("new-password")`.
    pub fn password(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "password").autocomplete("current-password")
    }

    /// A one-time code of digits.
    pub fn code(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(
            name,
            label,
            Control::Input {
                kind: "text",
                mode: Some("numeric"),
            },
        )
        .autocomplete("one-time-code")
    }

    /// A civil date. The browser's own picker without script; with it, words such as `t` and `-1`.
    pub fn date(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "date")
    }

    /// An amount with its currency beside it; the script computes what is typed, `1200/1.19`.
    pub fn amount(
        name: impl Into<String>,
        label: impl Into<String>,
        currency: impl Into<String>,
    ) -> Self {
        Self::new(
            name,
            label,
            Control::Amount {
                currency: currency.into(),
            },
        )
    }

    pub fn area(name: impl Into<String>, label: impl Into<String>, rows: u8) -> Self {
        Self::new(name, label, Control::Area { rows })
    }

    pub fn select(name: impl Into<String>, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Control::Select(choices))
    }

    /// A box that sends `on` when ticked; it is drawn ticked when its value is `on`.
    pub fn checkbox(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Control::Checkbox)
    }

    /// A file; `accept` as in HTML, such as `.csv,.xml`.
    pub fn file(
        name: impl Into<String>,
        label: impl Into<String>,
        accept: impl Into<String>,
    ) -> Self {
        Self::new(
            name,
            label,
            Control::File {
                accept: accept.into(),
            },
        )
    }

    /// What was typed before, kept when the form comes back.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn fault(mut self, fault: impl Into<String>) -> Self {
        self.fault = Some(fault.into());
        self
    }

    /// Takes the fault that names this field, if there is one.
    #[must_use]
    pub fn fault_of(mut self, faults: &[Fault]) -> Self {
        self.fault = fault_named(faults, &self.name).map(ToOwned::to_owned);
        self
    }

    #[must_use]
    pub fn placeholder(mut self, text: impl Into<String>) -> Self {
        self.placeholder = Some(text.into());
        self
    }

    #[must_use]
    pub fn autocomplete(mut self, kind: impl Into<String>) -> Self {
        self.autocomplete = Some(kind.into());
        self
    }

    /// The longest text accepted, in characters.
    #[must_use]
    pub fn length_max(mut self, characters: u32) -> Self {
        self.length_max = Some(characters);
        self
    }

    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Puts the cursor here when the page opens; at most one field of a page.
    #[must_use]
    pub fn focused(mut self) -> Self {
        self.focused = true;
        self
    }

    fn described_by(&self, id: &str) -> Option<String> {
        match (&self.hint, &self.fault) {
            (None, None) => None,
            (Some(_), None) => Some(format!("{id}-hint")),
            (None, Some(_)) => Some(format!("{id}-fault")),
            (Some(_), Some(_)) => Some(format!("{id}-fault {id}-hint")),
        }
    }

    fn control(&self, id: &str) -> Html {
        let described = self.described_by(id);
        let invalid = self.fault.as_ref().map(|_| "true");
        match &self.control {
            Control::Input { kind, mode } => {
                let value = if *kind == "password" {
                    ""
                } else {
                    self.value.as_str()
                };
                html! {
                    input id=(id) name=(self.name) type=(kind) value=(value) inputmode=[*mode]
                        placeholder=[self.placeholder.as_ref()] maxlength=[self.length_max]
                        autocomplete=[self.autocomplete.as_ref()] required[self.required]
                        autofocus[self.focused] data-date[*kind == "date"]
                        aria-describedby=[described] aria-invalid=[invalid];
                }
            }
            Control::Amount { currency } => html! {
                span.amount {
                    input id=(id) name=(self.name) value=(self.value) inputmode="decimal"
                        autocomplete="off" data-amount required[self.required]
                        autofocus[self.focused] placeholder=[self.placeholder.as_ref()]
                        aria-describedby=[described] aria-invalid=[invalid];
                    @if !currency.is_empty() { span.unit { (currency) } }
                }
            },
            Control::Area { rows } => html! {
                textarea id=(id) name=(self.name) rows=(rows) maxlength=[self.length_max]
                    placeholder=[self.placeholder.as_ref()] required[self.required]
                    autofocus[self.focused] aria-describedby=[described]
                    aria-invalid=[invalid] { (self.value) }
            },
            Control::Select(choices) => html! {
                select id=(id) name=(self.name) required[self.required]
                    aria-describedby=[described] aria-invalid=[invalid] {
                    @for choice in choices {
                        option value=(choice.value) selected[choice.value == self.value] {
                            (choice.label)
                        }
                    }
                }
            },
            Control::Checkbox => html! {
                input id=(id) name=(self.name) type="checkbox" value="on"
                    checked[self.value == "on"] required[self.required]
                    aria-describedby=[described] aria-invalid=[invalid];
            },
            Control::File { accept } => html! {
                input id=(id) name=(self.name) type="file" accept=(accept)
                    required[self.required] aria-describedby=[described] aria-invalid=[invalid];
            },
        }
    }
}

impl Render for Field {
    fn render(&self) -> Html {
        let id = field_id(&self.name);
        let ticked = matches!(self.control, Control::Checkbox);
        html! {
            div.field.tick[ticked].faulty[self.fault.is_some()] {
                @if ticked { (self.control(&id)) }
                label for=(id) {
                    (self.label)
                    @if self.required { span.needed aria-hidden="true" { " *" } }
                }
                @if !ticked { (self.control(&id)) }
                @if let Some(fault) = &self.fault { (fault_text(&id, fault)) }
                @if let Some(hint) = &self.hint { p.hint id={ (id) "-hint" } { (hint) } }
            }
        }
    }
}

fn fault_text(id: &str, fault: &str) -> Html {
    html! { p.fault id={ (id) "-fault" } { (icon(Icon::Wrong)) (fault) } }
}

/// The id of a field's control, so that a fault can link to it: `lines[0].debit` becomes
/// `f-lines-0--debit`.
pub fn field_id(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '-'
        }
    };
    format!("f-{}", name.chars().map(plain).collect::<String>())
}
