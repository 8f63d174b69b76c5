//! Pages: a slice's page is found by its path, drawn inside one reading
//! transaction, and framed by the shell with the rail of what the reader may do.

mod act;
mod demanded;
mod door;
mod download;
mod files;
mod form;
mod frame;
mod links;
mod notices;
mod proof;
mod providers;
mod reset;
mod welcome;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use daybook_engine::Reader;
use daybook_kernel::page::Draft;
use daybook_kernel::{Error, Page, PageRequest, Refusal, RequestId, Scope};

pub use act::{act, act_on_instance};
pub use door::{front, sign_in, sign_in_form, sign_out, with_cookie};
pub use download::download;
pub use files::{asset, bill_of_materials, gallery, healthy, openapi, ready, theme};
pub use links::{invitation, invitation_sent};
pub use notices::Notices;
pub use proof::{second_factor, second_factor_form, step_up_form, step_up_sent};
pub use providers::{back, leave};
pub use reset::{reset, reset_link, reset_link_sent, reset_sent};
pub use work::{Works, under_way};

use crate::site::App;
use crate::{answer, cookies, forms};
use frame::Frame;

/// A page that is asked for: in which workspace, or of a person's own account;
/// which one, with what.
pub struct Asked {
    pub workspace: Option<String>,
    pub path: String,
    pub query: String,
    pub draft: Option<Draft>,
}

pub async fn home(
    state: State<Arc<App>>,
    Path(workspace): Path<String>,
    request: Request,
) -> Response {
    page(state, Path((workspace, String::new())), request).await
}

pub async fn page(
    State(app): State<Arc<App>>,
    Path((workspace, path)): Path<(String, String)>,
    request: Request,
) -> Response {
    answer_page(app, Some(workspace), path, request).await
}

/// A page of a person's own account.
pub async fn account(State(app): State<Arc<App>>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches("/account");
    let path = path.trim_matches('/').to_owned();
    answer_page(app, None, path, request).await
}

async fn answer_page(
    app: Arc<App>,
    workspace: Option<String>,
    path: String,
    request: Request,
) -> Response {
    let is_read = matches!(request.method().as_str(), "GET" | "HEAD");
    let frame = Frame::of(&app, &request);
    let query = request.uri().query().unwrap_or_default().to_owned();
    let asked = Asked {
        workspace,
        path,
        query,
        draft: None,
    };
    let (id, drawn) = draw(&app, &frame, asked).await;
    match drawn {
        Ok(_) if !is_read => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        Ok(html) => frame::html(StatusCode::OK, html),
        Err(error) => proof::refused(&app, &frame, &error, id).await,
    }
}

/// Where the pages of a person's own account stand.
const ACCOUNT: &str = "/account";

/// Draws a page as a whole document.
pub async fn draw(
    app: &Arc<App>,
    frame: &Frame,
    asked: Asked,
) -> (RequestId, Result<String, Error>) {
    match app.engine.new_request() {
        Ok(id) => (id, draw_as(app, frame, asked, id).await),
        Err(error) => (RequestId::from_bytes([0; 16]), Err(error)),
    }
}

async fn draw_as(
    app: &Arc<App>,
    frame: &Frame,
    asked: Asked,
    id: RequestId,
) -> Result<String, Error> {
    let scope = match asked.workspace {
        Some(_) => Scope::Workspace,
        None => Scope::Instance,
    };
    let found = find(app, scope, &asked.path);
    let app_inside = Arc::clone(app);
    let frame_inside = frame.clone();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let reader = Reader {
        workspace: asked.workspace.clone(),
        credential: frame.credential(),
        origin: Arc::clone(&frame.origin),
        request: id,
    };
    app.engine.visit(
        reader,
        move |entry, visit| {
            let (page, parts) = found.ok_or_else(Error::not_found)?;
            let request = page_request(&app_inside, &frame_inside, asked, entry, parts);
            visit.enter(page.needs)?;
            daybook_ui::reading_as(frame_inside.locale, || {
                let view = match &frame_inside.working {
                    Some(work) => work.view(),
                    None => (page.render)(&request, visit)?,
                };
                Ok(frame_inside.shell(&app_inside, entry, visit, page, view))
            })
        },
        move |result| {
            // A reader that went away needs no page.
            let _ = sender.send(result);
        },
    );
    receiver
        .await
        .map_err(|_| Error::ours("the page ended without an answer"))?
}

/// The page of a path, and the parts that its pattern names.
fn find(app: &App, scope: Scope, path: &str) -> Option<(&'static Page, BTreeMap<String, String>)> {
    let path = path.trim_matches('/');
    // A literal path wins over a pattern: `entries/new` over `entries/{number}`.
    let mut pages: Vec<&'static Page> = app.engine.registry().pages_of(scope).collect();
    pages.sort_by_key(|page| page.path.contains('{'));
    pages
        .into_iter()
        .find_map(|page| matched(page.path, path).map(|parts| (page, parts)))
}

fn matched(pattern: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let mut parts = BTreeMap::new();
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(parts),
            (Some(name), Some(value)) if name.starts_with('{') && !value.is_empty() => {
                let name = name.trim_matches(['{', '}']);
                parts.insert(name.to_owned(), value.to_owned());
            }
            (Some(literal), Some(value)) if literal == value => {}
            _ => return None,
        }
    }
}

fn page_request(
    app: &App,
    frame: &Frame,
    asked: Asked,
    entry: Option<&daybook_kernel::road::WorkspaceEntry>,
    parts: BTreeMap<String, String>,
) -> PageRequest {
    let base = entry.map_or_else(|| ACCOUNT.to_owned(), |entry| format!("/w/{}", entry.slug));
    let here = format!("{base}/{}?{}", asked.path.trim_matches('/'), asked.query);
    let here = notices::without_done(&here);
    let mut values: BTreeMap<String, String> = forms::pairs(&asked.query).into_iter().collect();
    values.extend(parts);
    let zone = jiff::tz::TimeZone::UTC;
    PageRequest {
        values,
        base,
        here,
        csrf: frame.csrf.clone().unwrap_or_default(),
        today: app.engine.now().to_zoned(zone).date(),
        draft: asked.draft,
    }
}

/// Any address that no route has.
pub async fn nowhere(State(app): State<Arc<App>>, request: Request) -> Response {
    let frame = Frame::of(&app, &request);
    let id = app
        .engine
        .new_request()
        .unwrap_or(RequestId::from_bytes([0; 16]));
    let error = match signed_in(&app, request.headers()).await {
        Ok(_) => Error::not_found(),
        Err(error) => error,
    };
    frame.problem(&error, id)
}

/// The person of this browser's session.
pub async fn signed_in(
    app: &Arc<App>,
    headers: &axum::http::HeaderMap,
) -> Result<daybook_kernel::road::LiveSession, Error> {
    let unknown = || Error::Refused(Refusal::Unauthenticated);
    let token = cookies::session_token(headers).ok_or_else(unknown)?;
    session_of(app, token).await
}

/// The session of this token.
pub async fn session_of(
    app: &Arc<App>,
    token: zeroize::Zeroizing<String>,
) -> Result<daybook_kernel::road::LiveSession, Error> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    app.engine.session(token, move |result| {
        // Whoever asked may have gone.
        let _ = sender.send(result);
    });
    let found = receiver
        .await
        .map_err(|_| Error::ours("the session was not looked up"))??;
    found.ok_or(Error::Refused(Refusal::Unauthenticated))
}

/// What a failed page says of itself beside its text.
pub fn marked(response: Response, error: &Error, id: RequestId) -> Response {
    answer::note(error, id);
    answer::mark(response, error, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_the_parts_of_a_path() {
        assert_eq!(
            matched("books/entries", "books/entries"),
            Some(BTreeMap::new())
        );
        let parts = matched("books/entries/{number}", "books/entries/12").unwrap_or_default();
        assert_eq!(parts.get("number").map(String::as_str), Some("12"));
        for other in [
            "books",
            "books/entries/",
            "books/entries/1/2",
            "books/entriesx",
        ] {
            assert_eq!(matched("books/entries/{number}", other), None, "{other}");
        }
    }
}
