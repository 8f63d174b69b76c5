//! The pieces every Daybook page is made of: typed functions, strings in, markup out.
//!
//! Nothing here knows a domain, a clock or a database, so a page can be drawn and tested without
//! any of them. Maud escapes each interpolated string; no piece writes an inline style or script,
//! because the content security policy of the server refuses both.

pub mod act;
pub mod address;
pub mod assets;
pub mod chart;
pub mod checklist;
pub mod date;
pub mod diff;
pub mod email;
pub mod field;
pub mod form;
pub mod gallery;
pub mod icons;
pub mod journal;
pub mod layout;
pub mod locale;
pub mod money;
pub mod page;
pub mod passkey;
pub mod qr;
pub mod status;
pub mod table;

/// Markup that has been escaped; the only thing a page may be made of.
pub type Html = maud::Markup;

pub use act::Act;
pub use assets::{content_hash, script, script_href, stylesheet, stylesheet_href};
pub use chart::{Columns, Line, Series, sparkline};
pub use checklist::{Check, checklist};
pub use date::{date, day, instant};
pub use diff::diff;
pub use email::email;
pub use field::{Choice, Field, field_id};
pub use form::{
    Encoding, Fault, Form, Weight, button, button_link, fault_summary, form, hidden, post_button,
};
pub use gallery::gallery;
pub use icons::{Icon, icon};
pub use journal::{AccountChoice, Grid, GridLine, journal_grid};
pub use layout::{
    Assets, Bare, Notice, PrimaryAction, RailItem, Shell, Theme, Who, WorkspaceBadge, bare, shell,
};
pub use locale::{Locale, reading_as};
pub use money::{count, figure, money, money_or_dash};
pub use page::{
    Headline, Tab, UndoForm, definition_list, dialog, dialog_button, empty_state, filters,
    headlines, keys_help, lede, pager, progress, section, side_panel, split, tabs, undo,
};
pub use passkey::{PasskeyDeed, passkey_button};
pub use qr::qr_code;
pub use status::{Tone, status};
pub use table::{Column, Direction, Row, RowKind, Table, table};

#[cfg(test)]
pub(crate) mod audit;
