//! The button by which a browser is asked for a passkey. It stands in a form, which carries the
//! answer; without script it is not shown, as no browser answers without.

use crate::Html;
use crate::form::{Weight, hidden};
use crate::icons::{Icon, icon};
use maud::html;

/// Whether a passkey is made or shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyDeed {
    Make,
    Show,
}

/// `start` is the operation that asks; its challenge and the browser's answer leave with the form as
/// `challenge` and `passkey`.
pub fn passkey_button(label: &str, deed: PasskeyDeed, start: &str, weight: Weight) -> Html {
    html! {
        (hidden("challenge", ""))
        (hidden("passkey", ""))
        div.buttons.needs-script {
            button class={ "button " (weight.class()) } type="button" data-passkey=(start)
                data-make[deed == PasskeyDeed::Make] { (icon(Icon::Lock)) (label) }
        }
        p.fault hidden role="alert" data-passkey-fault {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_to_ask_and_escapes() {
        let drawn = passkey_button(
            "Add",
            PasskeyDeed::Make,
            "identity.start_passkey",
            Weight::Plain,
        );
        let drawn = drawn.into_string();
        assert!(
            drawn.contains("data-passkey=\"identity.start_passkey\""),
            "{drawn}"
        );
        assert!(drawn.contains("data-make"), "{drawn}");
        let x = crate::audit::HOSTILE;
        crate::audit::escapes(
            &passkey_button(x, PasskeyDeed::Show, x, Weight::Plain).into_string(),
        );
    }
}
