//! Few icons, drawn on a grid of sixteen in one stroke width, and never without a word beside them.

use crate::Html;
use maud::html;

/// What an icon stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Icon {
    #[default]
    Home,
    Books,
    Bank,
    Sales,
    Purchases,
    Clients,
    Bookings,
    Reports,
    Inbox,
    Trust,
    Activity,
    Settings,
    People,
    Document,
    Search,
    Menu,
    Close,
    Plus,
    Check,
    Wrong,
    Waiting,
    Neutral,
    Lock,
    Previous,
    Next,
    Leave,
}

impl Icon {
    /// The icon of a name in lower case; an open book for what has none.
    pub fn parse(name: &str) -> Self {
        match name {
            "home" => Self::Home,
            "bank" => Self::Bank,
            "clients" => Self::Clients,
            "reports" => Self::Reports,
            "inbox" => Self::Inbox,
            "lock" => Self::Lock,
            "trust" => Self::Trust,
            "activity" => Self::Activity,
            "settings" => Self::Settings,
            "people" | "members" => Self::People,
            "document" | "accounts" => Self::Document,
            _ => Self::Books,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Home => "M2.5 7.5 8 3l5.5 4.5M4 6.5V13h8V6.5M6.75 13V9.5h2.5V13",
            Self::Books => {
                "M3 3.5h3.5A1.5 1.5 0 0 1 8 5v8a1.5 1.5 0 0 0-1.5-1.25H3zM13 3.5H9.5A1.5 1.5 0 0 0 8 5v8a1.5 1.5 0 0 1 1.5-1.25H13z"
            }
            Self::Bank => "M2.5 6.5 8 3l5.5 3.5zM4 7v4.5M6.75 7v4.5M9.25 7v4.5M12 7v4.5M2.5 13h11",
            Self::Sales => "M3.5 2.5h9V13.5L10.25 12 8 13.5 5.75 12 3.5 13.5zM6 5.5h4M6 8.5h4",
            Self::Purchases => "M2 3h1.75l1.5 7.5h6.5L13.5 5H4.25M6 13.25h.01M11 13.25h.01",
            Self::Clients | Self::People => {
                "M8 7.75a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM3 13.5c.5-2.5 2.5-3.75 5-3.75s4.5 1.25 5 3.75"
            }
            Self::Bookings => "M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.5V5M10.5 2.5V5",
            Self::Reports => "M2.5 13.5h11M4.5 11V8M8 11V3.5M11.5 11V6",
            Self::Inbox => "M2.5 9 4.5 3.5h7L13.5 9v4h-11zM2.5 9H6a2 2 0 0 0 4 0h3.5",
            Self::Trust => {
                "M8 2.5 13 4.25V8c0 3-2 4.75-5 5.75C5 12.75 3 11 3 8V4.25zM5.75 8l1.5 1.5L10.25 6.5"
            }
            // A clock that runs back: what was done, and when.
            Self::Activity => "M2.75 8.5A5.25 5.25 0 1 0 4.25 4.5M2.75 2.75V5.5H5.5M8 5.25V8l2 1.5",
            Self::Settings => {
                "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3v3M6 10v3M2.5 8h3M8.5 8h5M7 6.5v3"
            }
            Self::Document => "M4 2.5h5L12.5 6v7.5H4zM9 2.5V6h3.5",
            Self::Search => "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5 13.5 13.5",
            Self::Menu => "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Check => "M3 8.5 6.5 12 13 4.5",
            Self::Wrong => "M8 2.5 14 13H2zM8 6.5v3M8 11.25h.01",
            Self::Waiting => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.75V8l2.25 1.5",
            Self::Neutral => "M8 13A5 5 0 1 0 8 3a5 5 0 0 0 0 10z",
            Self::Lock => "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
            Self::Previous => "M10 3.5 5.5 8l4.5 4.5",
            Self::Next => "M6 3.5 10.5 8 6 12.5",
            Self::Leave => "M9.5 3H3v10h6.5M6.5 8H13.5M11 5.5 13.5 8 11 10.5",
        }
    }
}

/// Draws an icon at the size of the text beside it; hidden from readers, who have the word.
pub fn icon(icon: Icon) -> Html {
    html! {
        svg.icon viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none"
            stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" {
            path d=(icon.path()) {}
        }
    }
}
