//! The smaller pieces between a page's title and its tables.

use crate::Html;
use crate::form::hidden;
use crate::icons::{Icon, icon};
use maud::html;

/// A sentence or two under the title, kept to a readable length of line.
pub fn lede(text: &str) -> Html {
    html! { p.lede { (text) } }
}

/// A part of a page under its own heading; the id lets other pages link to it.
pub fn section(id: &str, title: &str, content: Html) -> Html {
    html! {
        section.section id=(id) aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (title) }
            (content)
        }
    }
}

/// Two things side by side where there is room, one under the other where there is not.
pub fn split(first: Html, second: Html) -> Html {
    html! { div.split { div { (first) } div { (second) } } }
}

/// One answer of a home page: a figure with its name, opening what it is made of.
#[derive(Clone, Debug, Default)]
pub struct Headline {
    pub label: String,
    /// A plain decimal, as `money` takes it.
    pub decimal: String,
    pub currency: String,
    pub href: String,
    /// How true it is: "as of 14 Nov", "3 overdue".
    pub note: Html,
}

/// The few figures a home page answers with.
pub fn headlines(all: &[Headline]) -> Html {
    html! {
        dl.headlines {
            @for one in all {
                div {
                    dt { (one.label) }
                    dd {
                        (crate::figure(&one.href, &one.decimal))
                        span.unit { " " (one.currency) }
                    }
                    @if !one.note.0.is_empty() { dd.note { (one.note) } }
                }
            }
        }
    }
}

/// What an empty page teaches: what belongs here, one example, one button.
pub fn empty_state(belongs: &str, example: &str, label: &str, href: &str) -> Html {
    html! {
        div.empty {
            p.strong { (belongs) }
            p.example { (example) }
            a.button.primary href=(href) { (label) }
        }
    }
}

/// The filters of a register in one line; they live in the address, so that a view can be sent.
pub fn filters(action: &str, fields: Html) -> Html {
    html! {
        form.filters method="get" action=(action) role="search" aria-label="Filter" {
            (fields)
            button.button.plain type="submit" { "Filter" }
        }
    }
}

/// Links to the neighbouring pages of a register; `summary` says what is shown, "1–50 of 1 204".
pub fn pager(previous: Option<&str>, next: Option<&str>, summary: &str) -> Html {
    html! {
        nav.pager aria-label="Pages" {
            span.muted { (summary) }
            @if let Some(href) = previous {
                a.button.quiet rel="prev" href=(href) { (icon(Icon::Previous)) "Previous" }
            }
            @if let Some(href) = next {
                a.button.quiet rel="next" href=(href) { "Next" (icon(Icon::Next)) }
            }
        }
    }
}

/// The button that opens the dialog of that id; the browser does it, without script.
pub fn dialog_button(id: &str, label: &str) -> Html {
    html! { button.button.plain type="button" popovertarget=(id) { (label) } }
}

/// A dialog that floats over the page and leaves by Escape.
pub fn dialog(id: &str, title: &str, content: Html) -> Html {
    html! {
        div.dialog id=(id) popover role="dialog" aria-labelledby={ (id) "-title" } {
            div.dialog-head {
                h2 id={ (id) "-title" } { (title) }
                button.button.quiet type="button" popovertarget=(id)
                    popovertargetaction="hide" { (icon(Icon::Close)) "Close" }
            }
            (content)
        }
    }
}

/// What belongs to the thing on the page but is not it: its document, its history.
pub fn side_panel(title: &str, content: Html) -> Html {
    html! {
        aside.side aria-label=(title) { h2 { (title) } (content) }
    }
}

/// One of several faces of a thing, each with its own address.
#[derive(Clone, Debug, Default)]
pub struct Tab {
    pub label: String,
    pub href: String,
    pub current: bool,
}

/// Links between the faces of one thing.
pub fn tabs(label: &str, all: &[Tab]) -> Html {
    html! {
        nav.tabs aria-label=(label) {
            @for tab in all {
                a href=(tab.href) aria-current=[tab.current.then_some("page")] { (tab.label) }
            }
        }
    }
}

/// Names and what they stand for, such as the head of an entry.
pub fn definition_list(pairs: &[(&str, Html)]) -> Html {
    html! {
        dl.definitions {
            @for (name, value) in pairs { div { dt { (name) } dd { (value) } } }
        }
    }
}

/// Long work under way, `done` of `whole`; a whole that is not known yet is none. The script asks
/// `href` for the page again every two seconds and takes the element of this id from it; without
/// script the page's own refresh does (`Shell::refresh_s`).
pub fn progress(id: &str, label: &str, done: u64, whole: Option<u64>, href: &str) -> Html {
    let finished = whole.is_some_and(|whole| done >= whole);
    let value = whole.map(|_| done);
    html! {
        div.progress id=(id) data-poll=[(!finished).then_some(href)] {
            label for={ (id) "-bar" } { (label) }
            progress id={ (id) "-bar" } value=[value] max=[whole.map(|whole| whole.max(1))] {}
            @if let Some(whole) = whole {
                span.muted { (crate::count(done)) " of " (crate::count(whole)) }
            }
        }
    }
}

/// The keys of a page, each beside what it does: `[("j", "Next row")]`.
pub fn keys_help(keys: &[(&str, &str)]) -> Html {
    html! {
        dl.keys {
            @for (key, does) in keys {
                div { dt { @for part in key.split(' ') { kbd { (part) } " " } } dd { (does) } }
            }
        }
    }
}

/// The form behind a one-step undo, for a notice. Where a reason is asked, the key leads to its
/// field first: the browser sends no form whose required field is empty.
#[derive(Clone, Debug, Default)]
pub struct UndoForm {
    pub action: String,
    pub csrf: String,
    /// What it sends besides.
    pub carried: Vec<(String, String)>,
    /// The field of the reason, where there is one.
    pub reason: Option<String>,
}

/// The form of a notice that takes back what the notice tells of.
pub fn undo(form: &UndoForm) -> Html {
    html! {
        form.inline.undo method="post" action=(form.action) {
            (hidden("csrf", &form.csrf))
            @for (name, value) in &form.carried { (hidden(name, value)) }
            @if let Some(reason) = &form.reason {
                input name=(reason) aria-label="Reason for undoing" placeholder="Reason" required
                    maxlength="200" autocomplete="off";
            }
            button.button.quiet type="submit" data-key="u" { "Undo" kbd { "u" } }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::audit;

    #[test]
    fn polls_only_while_there_is_work() {
        let under_way = progress("import", "Import", 3, Some(9), "/imports/7").into_string();
        assert!(
            under_way.contains(r#"data-poll="/imports/7""#),
            "{under_way}"
        );
        assert!(under_way.contains(r#"value="3" max="9""#));
        let finished = progress("import", "Import", 9, Some(9), "/imports/7").into_string();
        assert!(!finished.contains("data-poll"));
        let unmeasured = progress("import", "Import", 0, None, "/imports/7").into_string();
        assert!(unmeasured.contains("data-poll") && !unmeasured.contains("value="));
    }

    #[test]
    fn pager_shows_only_what_exists() {
        let first = pager(None, Some("?after=x"), "1–50").into_string();
        assert!(first.contains("rel=\"next\"") && !first.contains("rel=\"prev\""));
    }

    #[test]
    fn current_tab_is_said() {
        let all = [Tab {
            label: "Lines".into(),
            href: "/a".into(),
            current: true,
        }];
        assert!(
            tabs("Entry", &all)
                .into_string()
                .contains(r#"aria-current="page""#)
        );
    }

    #[test]
    fn escapes() {
        let x = audit::HOSTILE;
        let all = [
            lede(x),
            section(x, x, html! { (x) }),
            empty_state(x, x, x, x),
            filters(x, html! {}),
            pager(Some(x), Some(x), x),
            dialog(x, x, html! {}),
            dialog_button(x, x),
            side_panel(x, html! {}),
            tabs(
                x,
                &[Tab {
                    label: x.into(),
                    href: x.into(),
                    current: false,
                }],
            ),
            definition_list(&[(x, html! { (x) })]),
            progress(x, x, 0, Some(0), x),
            keys_help(&[(x, x)]),
            undo(&UndoForm {
                action: x.into(),
                csrf: x.into(),
                carried: vec![(x.into(), x.into())],
                reason: Some(x.into()),
            }),
        ];
        for piece in all {
            audit::escapes(&piece.into_string());
        }
    }
}
