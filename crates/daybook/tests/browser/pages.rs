//! Every page of the registry, at the sizes and in the drawings that it is
//! made for.

use daybook::features::FEATURES;
use daybook_kernel::Scope;
use daybook_testkit::browser::{Browser, Theme};

use crate::scene::{company, signed_in};

const SIZES: [(u32, u32); 3] = [(1440, 900), (1024, 768), (390, 844)];
/// A page is sent before it is read: more than this waits on a phone.
const HTML_BYTES_MAX: u64 = 100_000;

#[test]
fn every_page_is_sound_at_every_size_in_light_and_dark() {
    let instance = company();
    let browser = signed_in(&instance);
    let mut findings: Vec<String> = Vec::new();
    for path in paths() {
        for (width, height) in SIZES {
            browser.size(width, height);
            let status = browser.open(&path);
            let mut found = wrong(&browser, status);
            for theme in [Theme::Light, Theme::Dark] {
                browser.theme(theme);
                found.extend(browser.axe().iter().map(|one| format!("{theme:?} {one}")));
                found.extend(browser.complaints());
            }
            findings.extend(found.iter().map(|one| format!("{path} at {width}: {one}")));
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

fn wrong(browser: &Browser, status: u16) -> Vec<String> {
    let mut found = browser.complaints();
    if status != 200 {
        found.push(format!("status {status}"));
    }
    let bytes = browser.html_bytes();
    if bytes > HTML_BYTES_MAX {
        found.push(format!("{bytes} bytes of HTML"));
    }
    found.extend(browser.overflow());
    found
}

/// The addresses of all pages, with their parts filled, and the front door's.
fn paths() -> Vec<String> {
    let pages = FEATURES.iter().flat_map(|feature| {
        let base = match feature.scope {
            Scope::Workspace => "/w/acme",
            Scope::Instance => "/account",
        };
        feature.pages.iter().map(move |page| (base, page))
    });
    let within = pages.map(|(base, page)| {
        let path = page
            .path
            .replace("journals/{code}", "journals/SAL")
            .replace("{number}", "31")
            .replace("{code}", "1200")
            .replace("{seq}", "9");
        assert!(!path.contains('{'), "what stands in {path}?");
        format!("{base}/{path}").trim_end_matches('/').to_owned()
    });
    within
        .chain([
            "/?switch".to_owned(),
            "/sign-in".to_owned(),
            "/step-up".to_owned(),
            "/reset".to_owned(),
            "/reset/0123456789abcdef".to_owned(),
        ])
        .collect()
}
