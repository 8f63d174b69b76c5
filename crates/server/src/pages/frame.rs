//! The frame around every page: the shell with its rail, and the pages that
//! tell what went wrong.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use daybook_engine::Credential;
use daybook_kernel::grant::Guest;
use daybook_kernel::road::{Visit, WorkspaceEntry};
use daybook_kernel::{Error, Origin, Page, PageView, Refusal, RequestId, Scope};
use daybook_ui::{
    Bare, Icon, Locale, Notice, PrimaryAction, RailItem, Shell, Theme, Tone, Who, WorkspaceBadge,
};
use maud::{PreEscaped, html};
use zeroize::Zeroizing;

use super::work::Shown;
use crate::api::origin;
use crate::site::{App, Site};
use crate::{answer, cookies};

/// What the browser brought that every page needs.
#[derive(Clone)]
pub struct Frame {
    pub theme: Theme,
    pub csrf: Option<String>,
    /// The address that was asked for, to come back to after signing in.
    pub here: String,
    pub origin: Arc<Origin>,
    /// The operations that the edge itself calls.
    pub site: Site,
    /// Identity providers by which people may sign in: names in addresses, and for people.
    pub providers: Vec<(String, String)>,
    session: Option<Zeroizing<String>>,
    /// How its numbers and dates are written.
    pub locale: &'static Locale,
    /// A work that the page follows in place of its own content.
    pub working: Option<Shown>,
    /// What went wrong with what a notice offered.
    pub wrong: Option<String>,
    /// The name of the notice of the form before.
    done: Option<String>,
}

/// How numbers and dates are written for whoever sends these headers.
pub fn locale(headers: &HeaderMap) -> &'static Locale {
    let accepted = headers.get(header::ACCEPT_LANGUAGE);
    Locale::accepted(accepted.and_then(|it| it.to_str().ok()).unwrap_or_default())
}

fn providers(app: &App) -> Vec<(String, String)> {
    let set_up = app.engine.providers().iter();
    set_up.map(|it| (it.id.clone(), it.name.clone())).collect()
}

impl Frame {
    pub fn of(app: &App, request: &Request) -> Self {
        let (headers, uri) = (request.headers(), request.uri());
        let session = cookies::session_token(headers);
        let token = request.extensions().get::<crate::csrf::FormToken>();
        let csrf = token.map(|token| token.0.clone());
        let theme = cookies::cookie(headers, "daybook-theme")
            .map(Theme::parse)
            .unwrap_or_default();
        let here = uri
            .path_and_query()
            .map_or("/", |it| it.as_str())
            .to_owned();
        let done = crate::forms::pairs(uri.query().unwrap_or_default())
            .into_iter()
            .find(|(name, _)| name == "done")
            .map(|(_, name)| name);
        Self {
            theme,
            csrf,
            here,
            origin: origin(request),
            site: app.site,
            providers: providers(app),
            session,
            locale: locale(headers),
            working: None,
            wrong: None,
            done,
        }
    }

    /// The same browser once its session has a new token.
    pub fn renewed(mut self, app: &App, token: &Zeroizing<String>) -> Self {
        self.csrf = Some(cookies::form_token(&app.engine, token));
        self.session = Some(token.clone());
        self
    }

    /// The same browser, to be led to this address by its next form.
    pub fn leading_to(&self, here: &str) -> Self {
        Self {
            here: here.to_owned(),
            ..self.clone()
        }
    }

    pub fn credential(&self) -> Credential {
        self.session
            .clone()
            .map_or(Credential::Nobody, Credential::Session)
    }

    /// The document of a slice's page.
    pub fn shell(
        &self,
        app: &App,
        entry: Option<&WorkspaceEntry>,
        visit: &Visit<'_>,
        page: &Page,
        view: PageView,
    ) -> String {
        let guest = visit.who().guest();
        let role = match (visit.role(), guest) {
            (Some(role), _) => role.name().to_owned(),
            (None, Some(guest)) => format!("Guest, {}", guest.scope),
            (None, None) => String::new(),
        };
        let shell = Shell {
            title: view.title,
            theme: self.theme,
            workspace: entry.map(|entry| WorkspaceBadge {
                name: entry.name.clone(),
                slug: entry.slug.clone(),
                colour: entry.colour,
                switch_href: "/?switch".to_owned(),
            }),
            rail: rail(app, visit, page, entry),
            who: Some(Who {
                email: visit.who().email.clone(),
                role,
                href: "/account/security".to_owned(),
                sign_out_action: "/sign-out".to_owned(),
            }),
            notice: self.notice(app, visit),
            primary: view.primary.map(|(label, href, key)| PrimaryAction {
                label,
                href,
                key: Some(key),
            }),
            csrf: self.csrf.clone(),
            demo: app.site.demo,
            refresh_s: view.refresh.then_some(2),
            content: html! {
                @if let Some(guest) = guest { (visiting(guest, entry)) }
                @if visit.shows_part() {
                    p.muted { "You see what is assigned to you, and nothing else." }
                }
                (PreEscaped(view.body))
            },
            ..Shell::default()
        };
        daybook_ui::shell(&shell).into_string()
    }

    fn notice(&self, app: &App, visit: &Visit<'_>) -> Option<Notice> {
        if let Some(wrong) = &self.wrong {
            return Some(Notice {
                kind: Tone::Wrong,
                text: wrong.clone(),
                action: None,
            });
        }
        let name = self.done.as_deref()?;
        app.notices.of(name, self, visit, app.engine.now())
    }

    /// A page without rail.
    pub fn bare(&self, title: &str, content: maud::Markup) -> String {
        let page = Bare {
            title: title.to_owned(),
            theme: self.theme,
            content,
            ..Bare::default()
        };
        daybook_ui::bare(&page).into_string()
    }

    /// What went wrong, as a page. Whoever is not signed in gets the way in.
    pub fn problem(&self, error: &Error, id: RequestId) -> Response {
        let status = answer::status(error);
        let page = match error {
            Error::Refused(Refusal::Unauthenticated) => super::door::sign_in_page(self, None),
            other => self.bare(title(other), explain(other, id)),
        };
        super::marked(html(status, page), error, id)
    }
}

/// By which right a guest reads here, and the way back to where they come from.
fn visiting(guest: &Guest, entry: Option<&WorkspaceEntry>) -> maud::Markup {
    let practice = entry.and_then(|entry| entry.slug.split_once('~'));
    html! {
        p.muted {
            "You read here for " (guest.practice) ", by its grant. "
            @if let Some((practice, _)) = practice {
                a href={ "/w/" (practice) "/practice" } { "All companies" }
            }
        }
    }
}

fn title(error: &Error) -> &'static str {
    match error {
        Error::Faults(_) => "This cannot be shown as asked",
        Error::Refused(Refusal::NotFound) => "Not found",
        Error::Refused(Refusal::TooMany { .. }) => "Too many requests",
        Error::Refused(Refusal::Conflict(_)) => "Not in this state of the books",
        Error::Refused(Refusal::Full(_)) => "No more room",
        Error::Refused(Refusal::Busy { .. } | Refusal::Unavailable(_)) => "Busy",
        Error::Refused(Refusal::StepUpRequired) => "Confirm that it is you",
        Error::Refused(_) => "Not allowed",
        Error::Ours(_) => "Something failed on our side",
        Error::Damaged(_) => "This workspace cannot be opened",
    }
}

fn explain(error: &Error, id: RequestId) -> maud::Markup {
    html! {
        @match error {
            Error::Faults(faults) => {
                ul { @for fault in faults.iter() { li { (fault.field) ": " (fault.message) } } }
            }
            Error::Ours(_) => {
                p { "Nothing was changed. Try again; if it stays, tell your operator the reference " code { (id) } "." }
            }
            other => p { (other) },
        }
        p { a href="/" { "Go to your workspaces" } }
    }
}

/// The rail: the places that this reader may open.
fn rail(
    app: &App,
    visit: &Visit<'_>,
    page: &Page,
    entry: Option<&WorkspaceEntry>,
) -> Vec<RailItem> {
    let (scope, base) = match entry {
        Some(entry) => (Scope::Workspace, format!("/w/{}", entry.slug)),
        None => (Scope::Instance, "/account".to_owned()),
    };
    let mut places: Vec<_> = app
        .engine
        .registry()
        .pages_of(scope)
        .filter_map(|it| it.rail.map(|place| (it, place)))
        .filter(|(it, _)| visit.may(it.needs))
        .collect();
    places.sort_by_key(|(_, place)| place.order);
    let nearest = places
        .iter()
        .map(|(it, _)| it.path)
        .filter(|path| page.path == *path || page.path.starts_with(&format!("{path}/")))
        .max_by_key(|path| path.len());
    // A page of no place of its own stands under the first of its part: Journals under Books.
    let part = |path: &'static str| path.split('/').next().unwrap_or_default();
    let first = || {
        places
            .iter()
            .map(|(it, _)| it.path)
            .find(|path| part(path) == part(page.path))
    };
    let nearest = nearest.or_else(first);
    let back = RailItem {
        label: "Your workspaces".to_owned(),
        href: "/".to_owned(),
        key: Some('h'),
        icon: Icon::parse("home"),
        current: false,
        waiting: 0,
    };
    let places = places.iter().map(|(it, place)| RailItem {
        label: place.label.to_owned(),
        href: format!("{base}/{}", it.path),
        key: Some(place.key),
        icon: Icon::parse(place.icon),
        current: nearest == Some(it.path),
        waiting: 0,
    });
    // One's own account is no workspace: it leads back to them.
    entry
        .is_none()
        .then_some(back)
        .into_iter()
        .chain(places)
        .collect()
}

pub fn html(status: StatusCode, page: String) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        page,
    )
        .into_response()
}

/// A redirect after a form, to a place of our own.
pub fn see(address: &str) -> Response {
    (
        StatusCode::SEE_OTHER,
        [(header::LOCATION, address.to_owned())],
    )
        .into_response()
}

/// Fills `{field}` of a text from the answer of the command, whose texts are
/// written so. `{{` is a brace.
pub fn fill(text: &str, answer: &serde_json::Value, text_of: fn(&str) -> String) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        if let Some(literal) = after.strip_prefix('{') {
            filled.push('{');
            rest = literal;
            continue;
        }
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        match &answer[name] {
            serde_json::Value::String(text) => filled.push_str(&text_of(text)),
            serde_json::Value::Null => {}
            other => filled.push_str(&other.to_string()),
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}
