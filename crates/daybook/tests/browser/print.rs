//! Reports on paper: the figures without what only a screen needs.

use daybook_testkit::browser::{Medium, Paper, Theme};

use crate::scene::{company, signed_in};

const REPORTS: [&str; 5] = [
    "trial-balance",
    "profit-and-loss",
    "balance-sheet",
    "general-ledger",
    "journal",
];

#[test]
fn reports_print_on_a4_and_letter_without_the_rail() {
    let instance = company();
    let browser = signed_in(&instance);
    for report in REPORTS {
        browser.media(Medium::Screen, Theme::Dark);
        browser.open(&format!("/w/acme/books/reports/{report}"));
        for (paper, box_of_a_page) in [(Paper::A4, "595"), (Paper::Letter, "612")] {
            let printed = browser.print(paper);
            assert!(printed.starts_with(b"%PDF-"), "{report} on {paper:?}");
            assert!(
                printed.len() > 10_000,
                "{report} on {paper:?}: {} bytes",
                printed.len()
            );
            let text = String::from_utf8_lossy(&printed);
            let boxed = format!("/MediaBox [0 0 {box_of_a_page}");
            assert!(text.contains(&boxed), "{report} is not on {paper:?}");
        }
        // Dark readers print on white paper all the same.
        browser.media(Medium::Print, Theme::Dark);
        for unseen in [".rail", ".phone-bar", ".skip"] {
            assert_eq!(
                browser.find(unseen).style("display"),
                "none",
                "{report}: {unseen}"
            );
        }
        let ink = browser.find("main h1").style("color");
        assert!(is_dark(&ink), "{report}: ink is {ink}");
        assert!(browser.find("main table, main .empty").is_shown());
    }
    browser.media(Medium::Screen, Theme::Light);
    browser.has_no_complaints();
}

/// Whether "rgba(20, 30, 40, 1)" is nearer to black.
fn is_dark(colour: &str) -> bool {
    let numbers = colour.split(|at: char| !at.is_ascii_digit());
    let parts: Vec<u32> = numbers
        .filter_map(|number| number.parse().ok())
        .take(3)
        .collect();
    parts.len() == 3 && parts.iter().sum::<u32>() < 3 * 110
}
