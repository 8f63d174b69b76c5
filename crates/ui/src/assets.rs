//! The one stylesheet and the one script, named by what they contain so that browsers may keep
//! them for ever.

use std::fmt::Write as _;
use std::sync::LazyLock;

/// The stylesheet of every page.
pub fn stylesheet() -> &'static str {
    include_str!("../assets/daybook.css")
}

/// The script of every page; each page also works without it.
pub fn script() -> &'static str {
    static SERVED: LazyLock<String> = LazyLock::new(|| without_margins(SCRIPT_SOURCE));
    &SERVED
}

const SCRIPT_SOURCE: &str = include_str!("../assets/daybook.js");

/// Drops indentation and whole lines of comment, a fifth of the script, which the reader of the
/// source needs and the browser does not. Lines stay lines, so that errors can still be placed.
fn without_margins(source: &str) -> String {
    let comment =
        |line: &str| line.starts_with("// ") || (line.starts_with("/**") && line.ends_with("*/"));
    let kept = source.lines().map(str::trim_start);
    kept.filter(|line| !line.is_empty() && !comment(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Where the stylesheet is served: the address changes whenever the content does.
pub fn stylesheet_href() -> &'static str {
    static HREF: LazyLock<String> =
        LazyLock::new(|| format!("/assets/daybook-{}.css", content_hash(stylesheet())));
    &HREF
}

/// Where the script is served.
pub fn script_href() -> &'static str {
    static HREF: LazyLock<String> =
        LazyLock::new(|| format!("/assets/daybook-{}.js", content_hash(script())));
    &HREF
}

/// FNV-1a, 64 bits, in hexadecimal. It tells versions of our own files apart and guards nothing.
pub fn content_hash(content: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in content.bytes() {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(0x0100_0000_01b3);
    }
    let mut hex = String::with_capacity(16);
    // Writing to a string cannot fail.
    let _ = write!(hex, "{hash:016x}");
    hex
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn hash_is_fnv_1a() {
        assert_eq!(content_hash(""), "cbf29ce484222325");
        assert_eq!(content_hash("a"), "af63dc4c8601ec8c");
    }

    #[test]
    fn both_files_stay_small() {
        assert!(stylesheet().len() < 30_000, "{}", stylesheet().len());
        // Passkeys cannot be asked for without script, and took the last kibibyte and a half.
        assert!(script().len() < 27 * 1024, "{}", script().len());
    }

    #[test]
    fn no_text_of_the_script_spans_lines() {
        // Trimming a line is safe only while no template or comment runs over its end.
        for line in SCRIPT_SOURCE
            .lines()
            .filter(|line| !line.trim_start().starts_with("// "))
        {
            assert!(line.matches('`').count().is_multiple_of(2), "{line}");
            let open = line
                .rsplit_once("/*")
                .is_some_and(|(_, rest)| !rest.contains("*/"));
            assert!(!open, "{line}");
        }
    }

    #[test]
    fn script_builds_nothing_from_text() {
        for banned in [
            "eval(",
            "new Function",
            "innerHTML",
            "outerHTML",
            "document.write",
        ] {
            assert!(!script().contains(banned), "{banned}");
        }
    }

    /// The two drawings of one token, light first, from `--name: light-dark(#rrggbb, #rrggbb);`.
    fn token(name: &str) -> [[f64; 3]; 2] {
        let start = format!("--{name}: light-dark(");
        let rest = stylesheet()
            .split(&start)
            .nth(1)
            .unwrap_or_else(|| panic!("no token {name}"));
        let inner = rest.split(')').next().unwrap();
        let mut drawings = inner.split(',').map(|text| {
            let hex = text.trim().trim_start_matches('#');
            let channel = |at: usize| {
                let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
                if value <= 0.040_45 {
                    value / 12.92
                } else {
                    ((value + 0.055) / 1.055).powf(2.4)
                }
            };
            [channel(0), channel(2), channel(4)]
        });
        [drawings.next().unwrap(), drawings.next().unwrap()]
    }

    /// WCAG 2 contrast of two tokens, the worse of light and dark.
    fn contrast(ink: &str, ground: &str) -> f64 {
        let luminance = |c: [f64; 3]| 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
        let (ink, ground) = (token(ink), token(ground));
        (0..2)
            .map(|theme| {
                let (a, b) = (luminance(ink[theme]), luminance(ground[theme]));
                (a.max(b) + 0.05) / (a.min(b) + 0.05)
            })
            .fold(f64::MAX, f64::min)
    }

    #[test]
    fn figures_have_seven_to_one() {
        for ink in ["ink", "green", "red"] {
            for ground in ["paper", "sheet"] {
                let ratio = contrast(ink, ground);
                assert!(ratio >= 7.0, "{ink} on {ground}: {ratio:.2}");
            }
        }
        for ground in ["well", "hover"] {
            assert!(contrast("ink", ground) >= 7.0, "ink on {ground}");
            let ratio = contrast("red", ground);
            assert!(ratio >= 6.0, "red on {ground}: {ratio:.2}");
        }
    }

    #[test]
    fn text_has_four_and_a_half_to_one() {
        let pairs = [
            ("muted", "paper"),
            ("muted", "well"),
            ("muted", "sheet"),
            ("muted", "hover"),
            ("green", "green-wash"),
            ("red", "red-wash"),
            ("amber", "amber-wash"),
            ("amber", "paper"),
            ("ink", "amber-wash"),
            ("ink", "red-wash"),
            ("ink", "green-wash"),
            ("on-green", "green"),
            ("on-green", "green-deep"),
            ("green", "well"),
            ("on-demo", "demo"),
        ];
        for (ink, ground) in pairs {
            let ratio = contrast(ink, ground);
            assert!(ratio >= 4.5, "{ink} on {ground}: {ratio:.2}");
        }
        for index in 0..8 {
            let ratio = contrast("on-badge", &format!("badge-{index}"));
            assert!(ratio >= 4.5, "badge {index}: {ratio:.2}");
        }
    }

    #[test]
    fn edges_of_controls_can_be_seen() {
        for ground in ["paper", "sheet"] {
            assert!(contrast("edge", ground) >= 3.0, "edge on {ground}");
        }
    }
}
