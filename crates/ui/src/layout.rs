//! The shape of every page: the rail that says in which company one is, the title, the content.

use crate::Html;
use crate::assets;
use crate::form::hidden;
use crate::icons::{Icon, icon};
use crate::locale::reader;
use crate::status::Tone;
use maud::{DOCTYPE, html};

/// Which drawing the reader chose; `Auto` follows the system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    /// Reads the cookie's value; anything unknown is `Auto`.
    pub fn parse(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// Where the stylesheet and the script are served.
#[derive(Clone, Debug)]
pub struct Assets {
    pub stylesheet: String,
    pub script: String,
}

impl Default for Assets {
    fn default() -> Self {
        Self {
            stylesheet: assets::stylesheet_href().to_owned(),
            script: assets::script_href().to_owned(),
        }
    }
}

/// The company one is in, by name and colour, so that nobody posts in the wrong one.
#[derive(Clone, Debug, Default)]
pub struct WorkspaceBadge {
    pub name: String,
    pub slug: String,
    /// One of eight colours, 0 to 7; taken modulo eight.
    pub colour: u8,
    /// Where one chooses another workspace.
    pub switch_href: String,
}

/// One place of the rail; `key` is the letter after `g`.
#[derive(Clone, Debug, Default)]
pub struct RailItem {
    pub label: String,
    pub href: String,
    pub key: Option<char>,
    pub icon: Icon,
    pub current: bool,
    /// How many things wait there; nought shows nothing.
    pub waiting: u32,
}

/// Who is signed in, and as what.
#[derive(Clone, Debug, Default)]
pub struct Who {
    pub email: String,
    pub role: String,
    /// The person's own page; empty shows the address without a link.
    pub href: String,
    pub sign_out_action: String,
}

/// What has happened or hinders, said once on top of the page.
#[derive(Clone, Debug, Default)]
pub struct Notice {
    pub kind: Tone,
    pub text: String,
    /// What one may do about it, such as `page::undo`.
    pub action: Option<Html>,
}

/// What is done most on this page, top right, the same place always.
#[derive(Clone, Debug, Default)]
pub struct PrimaryAction {
    pub label: String,
    pub href: String,
    /// The key that does it, most often `n`.
    pub key: Option<char>,
}

/// A whole page inside a workspace.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// The page's question or thing; also the document's title.
    pub title: String,
    /// One line for the document's description; empty leaves it out.
    pub description: String,
    pub theme: Theme,
    pub workspace: Option<WorkspaceBadge>,
    pub rail: Vec<RailItem>,
    pub who: Option<Who>,
    pub notice: Option<Notice>,
    pub primary: Option<PrimaryAction>,
    /// What a form of this page must send back; needed for signing out.
    pub csrf: Option<String>,
    pub assets: Assets,
    pub demo: bool,
    /// The address that finds: the palette adds `?q=`, and without script it is a page.
    pub find_href: Option<String>,
    /// Status in small, below the rail: bank as of, reconciled to, log verified.
    pub standing: Vec<Html>,
    /// Seconds after which a reader without script gets the page again, while work is under way.
    pub refresh_s: Option<u32>,
    pub content: Html,
}

/// A full document with rail, title and content.
pub fn shell(page: &Shell) -> Html {
    let workspace = page.workspace.as_ref();
    let title = match workspace {
        Some(workspace) => format!("{} · {}", page.title, workspace.name),
        None => page.title.clone(),
    };
    let slug = workspace.map(|workspace| workspace.slug.as_str());
    html! {
        (DOCTYPE)
        html lang=(reader().document_language()) data-theme=(page.theme.as_str())
            data-decimal=(reader().decimal) data-group=(reader().group)
            data-month-first[reader().is_month_first()] {
            (head(&title, &page.description, &page.assets, page.refresh_s))
            body.shell data-workspace=(slug.unwrap_or_default()) data-find=[page.find_href.as_ref()] {
                a.skip href="#main" { "Skip to content" }
                (phone_bar(page))
                (rail(page))
                div.page {
                    @if page.demo {
                        aside.demo aria-label="Demo" { "Demo. Try anything: nothing here touches your books." }
                    }
                    main id="main" tabindex="-1" {
                        (page_head(page))
                        @if let Some(notice) = &page.notice { (notice_bar(notice)) }
                        (page.content)
                    }
                }
            }
        }
    }
}

fn head(title: &str, description: &str, assets: &Assets, refresh_s: Option<u32>) -> Html {
    html! {
        head {
            meta charset="utf-8";
            title { (title) " · Daybook" }
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            @if !description.is_empty() { meta name="description" content=(description); }
            @if let Some(seconds) = refresh_s {
                noscript { meta http-equiv="refresh" content=(seconds); }
            }
            link rel="icon" href=(FAVICON);
            link rel="stylesheet" href=(assets.stylesheet);
            script src=(assets.script) defer {}
        }
    }
}

/// An open book, drawn as data so that no request asks for it.
const FAVICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%2314523a'/%3E%3Cpath d='M4 3.5v9M7 5.5h5M7 8h5M7 10.5h5' stroke='%23fff' stroke-width='1.2'/%3E%3C/svg%3E";

/// On a phone the rail is a sheet; `:target` opens and closes it without script.
fn phone_bar(page: &Shell) -> Html {
    html! {
        header.phone-bar {
            a.button.quiet href="#rail" data-menu { (icon(Icon::Menu)) "Menu" }
            @if let Some(workspace) = &page.workspace {
                span class={ "stripe b" (workspace.colour % 8) } {}
                span.phone-workspace { (badge(workspace)) (workspace.name) }
            }
        }
    }
}

fn badge(workspace: &WorkspaceBadge) -> Html {
    let initial = workspace.name.chars().next().unwrap_or('·').to_uppercase();
    html! { span class={ "badge b" (workspace.colour % 8) } aria-hidden="true" { (initial) } }
}

fn rail(page: &Shell) -> Html {
    html! {
        nav.rail id="rail" aria-label="Daybook" {
            a.button.quiet.rail-close href="#main" { (icon(Icon::Close)) "Close" }
            @if let Some(workspace) = &page.workspace {
                span class={ "stripe b" (workspace.colour % 8) } {}
                a.workspace href=(workspace.switch_href) title="Switch workspace" {
                    (badge(workspace)) span { (workspace.name) }
                }
            }
            @if let Some(href) = &page.find_href {
                a.find href=(href) data-palette {
                    (icon(Icon::Search)) span { "Find or do" } kbd { "Ctrl K" }
                }
            }
            ul.places { @for item in &page.rail { (place(item)) } }
            div.rail-foot {
                @if !page.standing.is_empty() {
                    ul.standing { @for line in &page.standing { li { (line) } } }
                }
                @if let Some(who) = &page.who { (who_is_here(who, page.csrf.as_deref())) }
            }
        }
    }
}

fn place(item: &RailItem) -> Html {
    let keys = item.key.map(|key| format!("g {key}"));
    html! {
        li {
            a href=(item.href) data-key=[keys] aria-current=[item.current.then_some("page")] {
                (icon(item.icon)) span { (item.label) }
                @if item.waiting > 0 {
                    span.count { (item.waiting) span.unseen { " waiting" } }
                }
            }
        }
    }
}

fn who_is_here(who: &Who, csrf: Option<&str>) -> Html {
    html! {
        div.who {
            p {
                @if who.href.is_empty() { span.email { (who.email) } }
                @else { a.email href=(who.href) { (who.email) } }
                span.muted { (who.role) }
            }
            @if let Some(csrf) = csrf {
                form method="post" action=(who.sign_out_action) {
                    (hidden("csrf", csrf))
                    button.button.quiet type="submit" { (icon(Icon::Leave)) "Sign out" }
                }
            }
        }
    }
}

fn page_head(page: &Shell) -> Html {
    html! {
        header.page-head {
            h1 { (page.title) }
            @if let Some(primary) = &page.primary {
                a.button.primary href=(primary.href) data-key=[primary.key] {
                    (primary.label)
                    @if let Some(key) = primary.key { kbd { (key) } }
                }
            }
        }
    }
}

fn notice_bar(notice: &Notice) -> Html {
    let role = if notice.kind == Tone::Wrong {
        "alert"
    } else {
        "status"
    };
    html! {
        div class={ "notice " (notice.kind.class()) } role=(role) {
            (icon(notice.kind.icon()))
            p { (notice.text) }
            @if let Some(action) = &notice.action { (action) }
        }
    }
}

/// A page without rail: signing in, a public link, an error.
#[derive(Clone, Debug, Default)]
pub struct Bare {
    pub title: String,
    pub theme: Theme,
    pub notice: Option<Notice>,
    pub assets: Assets,
    pub content: Html,
}

/// A full document of one narrow column.
pub fn bare(page: &Bare) -> Html {
    html! {
        (DOCTYPE)
        html lang=(reader().document_language()) data-theme=(page.theme.as_str()) {
            (head(&page.title, "", &page.assets, None))
            body.bare {
                header.mark { "Daybook" }
                main id="main" {
                    h1 { (page.title) }
                    @if let Some(notice) = &page.notice { (notice_bar(notice)) }
                    (page.content)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::audit;

    fn hostile_shell() -> Shell {
        let x = || audit::HOSTILE.to_owned();
        Shell {
            title: x(),
            description: x(),
            workspace: Some(WorkspaceBadge {
                name: x(),
                slug: x(),
                colour: 9,
                switch_href: x(),
            }),
            rail: vec![RailItem {
                label: x(),
                href: x(),
                key: Some('"'),
                ..RailItem::default()
            }],
            who: Some(Who {
                email: x(),
                role: x(),
                href: x(),
                sign_out_action: x(),
            }),
            notice: Some(Notice {
                kind: Tone::Wrong,
                text: x(),
                action: None,
            }),
            primary: Some(PrimaryAction {
                label: x(),
                href: x(),
                key: Some('<'),
            }),
            csrf: Some(x()),
            find_href: Some(x()),
            ..Shell::default()
        }
    }

    #[test]
    fn is_one_document_with_landmarks() {
        let html = shell(&hostile_shell()).into_string();
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\" data-theme=\"auto\""));
        assert_eq!(html.matches("<link rel=\"stylesheet\"").count(), 1);
        assert_eq!(html.matches("<script").count(), 1);
        assert_eq!(html.matches("<main").count(), 1);
        assert_eq!(html.matches("<h1").count(), 1);
        assert!(html.contains("<nav") && html.contains("href=\"#main\""));
    }

    #[test]
    fn sign_out_posts_its_token() {
        let page = Shell {
            who: Some(Who {
                sign_out_action: "/sign-out".into(),
                ..Who::default()
            }),
            csrf: Some("t0k".into()),
            ..Shell::default()
        };
        let html = shell(&page).into_string();
        assert!(
            html.contains(r#"method="post" action="/sign-out""#),
            "{html}"
        );
        assert!(html.contains(r#"name="csrf" value="t0k""#));
    }

    #[test]
    fn colour_stays_within_eight() {
        assert!(shell(&hostile_shell()).into_string().contains("badge b1"));
    }

    #[test]
    fn escapes() {
        audit::escapes(&shell(&hostile_shell()).into_string());
        let page = Bare {
            title: audit::HOSTILE.into(),
            ..Bare::default()
        };
        audit::escapes(&bare(&page).into_string());
    }
}
