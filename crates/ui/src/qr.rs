//! A text as a picture that a camera reads (ISO/IEC 18004), drawn as SVG by the server: what it
//! holds is a secret, and no other program sees it on the way.

use std::fmt::Write as _;

use crate::Html;
use maud::html;
use qrcodegen::{QrCode, QrCodeEcc};

/// White modules around the code, by the standard.
const MARGIN: i32 = 4;

/// The picture of this text. It is black on white in the dark too: a camera takes nothing else for
/// sure. A text too long for any code gives none.
pub fn qr_code(text: &str, label: &str) -> Html {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else {
        return html! {};
    };
    let side = code.size() + 2 * MARGIN;
    html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } width="208" height="208" role="img"
            aria-label=(label) shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path fill="#000" d=(path(&code)) {}
        }
    }
}

/// The dark modules, one stroke for each run of a row.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size())
                .take_while(|at| code.get_module(*at, y))
                .count();
            let run = i32::try_from(run).unwrap_or(0);
            if run > 0 {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + MARGIN, y + MARGIN);
            }
            x += run + 1;
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_a_margin() {
        let drawn =
            qr_code("otpauth://totp/Daybook:ada?secret=GEZDGNBV", "For your app").into_string();
        // The top edges of the two upper finders, seven modules wide each.
        assert!(drawn.contains("M4 4h7v1h-7z"), "{drawn}");
        assert!(drawn.contains("aria-label=\"For your app\""), "{drawn}");
        assert!(!drawn.contains("style="), "{drawn}");
    }

    #[test]
    fn a_text_too_long_for_any_code_gives_none() {
        assert!(qr_code(&"x".repeat(5_000), "").into_string().is_empty());
    }

    #[test]
    fn escapes() {
        crate::audit::escapes(&qr_code("x", crate::audit::HOSTILE).into_string());
    }
}
