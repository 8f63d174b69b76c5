//! The page of pieces: each piece once, as it looks, with the sentence that says what it is for.

mod pieces;
mod sample;

use crate::icons::Icon;
use crate::layout::{Notice, PrimaryAction, RailItem, Shell, Who, WorkspaceBadge, shell};
use crate::status::{Tone, status};
use crate::{Html, lede};
use maud::html;

pub use sample::{sample_home, sample_journal, sample_report};

/// The page served at `/ui`.
pub fn gallery() -> Html {
    shell(&Shell {
        title: "Pieces".into(),
        notice: Some(Notice {
            kind: Tone::Good,
            text: "Entry 2026-0113 is posted.".into(),
            action: Some(crate::page::undo(&crate::page::UndoForm {
                action: "/ui".to_owned(),
                csrf: "example".to_owned(),
                ..Default::default()
            })),
        }),
        primary: Some(PrimaryAction {
            label: "New entry".into(),
            href: "#journal".into(),
            key: Some('n'),
        }),
        content: html! {
            (lede("What every page is made of. A page that needs something else makes a piece of it \
                first and shows it here."))
            (pieces::all())
        },
        ..sample_shell(usize::MAX)
    })
}

/// The frame around a sample page; `current` is the place of the rail that is open.
pub fn sample_shell(current: usize) -> Shell {
    let places = [
        ("Home", Icon::Home, 'h', 0),
        ("Books", Icon::Books, 'j', 0),
        ("Bank", Icon::Bank, 'b', 4),
        ("Sales", Icon::Sales, 's', 0),
        ("Purchases", Icon::Purchases, 'p', 0),
        ("Clients", Icon::Clients, 'c', 0),
        ("Bookings", Icon::Bookings, 'k', 0),
        ("Reports", Icon::Reports, 'r', 0),
        ("Inbox", Icon::Inbox, 'i', 2),
        ("Trust", Icon::Trust, 't', 0),
        ("Settings", Icon::Settings, 'e', 0),
    ];
    let rail = places
        .into_iter()
        .enumerate()
        .map(|(at, (label, icon, key, waiting))| RailItem {
            label: label.into(),
            href: format!("#{}", label.to_lowercase()),
            key: Some(key),
            icon,
            current: at == current,
            waiting,
        });
    Shell {
        description: "Sample page of Daybook.".into(),
        workspace: Some(WorkspaceBadge {
            name: "Linden Joinery GmbH".into(),
            slug: "linden".into(),
            colour: 4,
            switch_href: "#workspaces".into(),
        }),
        rail: rail.collect(),
        who: Some(Who {
            email: "ana@linden.example".into(),
            role: "Accountant".into(),
            href: "#me".into(),
            sign_out_action: "/sign-out".into(),
        }),
        csrf: Some("example".into()),
        find_href: Some("/find".into()),
        standing: vec![
            status(Tone::Good, "Bank as of 14 Nov"),
            status(Tone::Waiting, "Reconciled to 31 Oct"),
            status(Tone::Good, "Log verified"),
        ],
        demo: true,
        ..Shell::default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::audit;

    #[test]
    fn keeps_the_policy_and_the_size() {
        let html = gallery().into_string();
        audit::keeps_policy(&html);
        assert!(html.len() < 100_000, "{}", html.len());
    }

    #[test]
    fn every_id_is_used_once() {
        let html = gallery().into_string();
        let mut ids: Vec<&str> = html
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn every_described_id_exists() {
        let html = gallery().into_string();
        for attribute in ["aria-describedby=\"", "aria-labelledby=\"", " for=\""] {
            for named in html
                .split(attribute)
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                for id in named.split(' ') {
                    assert!(html.contains(&format!("id=\"{id}\"")), "{attribute}{id}");
                }
            }
        }
    }
}
