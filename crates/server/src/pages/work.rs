//! Work that takes longer than a person looks at a still page: it goes on by itself, and an address
//! of its own shows how far it has come and leads on to its end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use daybook_kernel::page::After;
use daybook_kernel::{Error, PageView, PersonId, RequestId};
use daybook_ui::progress;
use jiff::{SignedDuration, Timestamp};
use maud::html;

use super::act::{self, Failed, Went};
use super::frame::Frame;
use crate::site::App;

/// What is done by then needs no page of its own.
const QUICK: Duration = Duration::from_millis(200);
/// How long the end of a work is kept for whoever comes back to its address.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(30);
/// Works at once and ended; each may hold a file that was typed or sent. The oldest that has ended
/// is let go first.
const WORKS_MAX: usize = 64;

#[derive(Default)]
pub struct Works(Mutex<HashMap<String, Arc<Work>>>);

/// One command that a form has begun.
pub struct Work {
    pub request: RequestId,
    pub workspace: String,
    pub person: PersonId,
    /// The page of the form, which shows what is wrong if something is.
    pub page: String,
    pub after: After,
    pub begun_at: Timestamp,
    ended: OnceLock<Result<Went, Failed>>,
}

/// What a page shows of it.
#[derive(Clone)]
pub struct Shown {
    title: String,
    done: u64,
    total: Option<u64>,
    here: String,
    /// The page of the form.
    page: String,
}

impl Works {
    fn keep(&self, work: Arc<Work>) {
        let mut all = crate::lock(&self.0);
        let long_ago = work.begun_at - KEPT_FOR;
        all.retain(|_, it| it.ended.get().is_none() || it.begun_at > long_ago);
        if all.len() >= WORKS_MAX {
            let ended = all.iter().filter(|(_, it)| it.ended.get().is_some());
            let oldest = ended.min_by_key(|(_, it)| it.begun_at);
            if let Some(name) = oldest.map(|(name, _)| name.clone()) {
                all.remove(&name);
            }
        }
        all.insert(work.request.to_string(), work);
    }

    fn of(&self, name: &str) -> Option<Arc<Work>> {
        crate::lock(&self.0).get(name).cloned()
    }
}

impl Work {
    pub fn new(
        request: RequestId,
        (workspace, person): (String, PersonId),
        page: String,
        after: After,
        begun_at: Timestamp,
    ) -> Self {
        Self {
            request,
            workspace,
            person,
            page,
            after,
            begun_at,
            ended: OnceLock::new(),
        }
    }

    fn address(&self) -> String {
        format!("/w/{}/under-way/{}", self.workspace, self.request)
    }

    fn shown(&self, app: &App) -> Shown {
        let board = app.engine.progress().of(self.request);
        let known = board.filter(|it| it.total > 0);
        Shown {
            title: if self.after.meanwhile.is_empty() {
                "Working".to_owned()
            } else {
                self.after.meanwhile.clone()
            },
            done: known.map_or(0, |it| it.done),
            // All done and not ended is being written: there is no saying how long.
            total: known
                .map(|it| it.total)
                .filter(|total| known.is_some_and(|it| it.done < *total)),
            here: self.address(),
            page: self.page.clone(),
        }
    }
}

/// Lets the work go on by itself and waits for its end as long as that is quick.
pub async fn begin(
    app: &Arc<App>,
    work: Work,
    deed: impl Future<Output = Result<Went, Failed>> + Send + 'static,
) -> Result<Went, Failed> {
    let mut task = tokio::spawn(deed);
    if let Ok(ended) = tokio::time::timeout(QUICK, &mut task).await {
        return ended.unwrap_or_else(|error| Err(Error::ours(error).into()));
    }
    let work = Arc::new(work);
    app.works.keep(Arc::clone(&work));
    let next = work.address();
    tokio::spawn(async move {
        let ended = task.await;
        // It is set here alone, and once.
        let _ = work
            .ended
            .set(ended.unwrap_or_else(|error| Err(Error::ours(error).into())));
    });
    Ok(Went::To {
        next,
        session: None,
    })
}

/// How far a work has come, or on to where it led.
pub async fn under_way(
    State(app): State<Arc<App>>,
    Path((workspace, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    let mut frame = Frame::of(&app, &request);
    let id = match app.engine.new_request() {
        Ok(id) => id,
        Err(error) => return frame.problem(&error, RequestId::from_bytes([0; 16])),
    };
    let person = match super::signed_in(&app, request.headers()).await {
        Ok(live) => live.who.person,
        Err(error) => return frame.problem(&error, id),
    };
    let own = |work: &Arc<Work>| work.person == person && work.workspace == workspace;
    let Some(work) = app.works.of(&name).filter(own) else {
        return frame.problem(&Error::not_found(), id);
    };
    if let Some(ended) = work.ended.get() {
        return act::conclude(&app, &frame, ended, work.request).await;
    }
    frame.working = Some(work.shown(&app));
    act::draw_at(&app, &frame, &work.page, None, StatusCode::OK, id).await
}

impl Shown {
    pub fn view(&self) -> PageView {
        let label = match (self.total, self.done) {
            (None, 0) => "Reading",
            (None, _) => "Writing",
            _ => "Done so far",
        };
        let body = html! {
            (progress("work", label, self.done, self.total, &self.here))
            p { "This page follows it. You can leave: it goes on, and coming back or loading this page again does not start it anew." }
            p { a href=(self.page) { "Back to where it was begun" } }
        };
        PageView {
            title: self.title.clone(),
            body: body.into_string(),
            refresh: true,
            ..PageView::default()
        }
    }
}
