//! Forms: the same commands as everywhere, sent by a page. Faults bring the
//! page back with what was typed; success goes on to where the form says.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use daybook_engine::{Call, Credential};
use daybook_kernel::operation::{Given, Operation, Wanted};
use daybook_kernel::page::Draft;
use daybook_kernel::{DataClass, Demand, Error, Faults, PersonId, Rate, Refusal, RequestId};
use serde_json::Value;
use zeroize::Zeroizing;

use super::form::{self, AskedFor, Form, next, waiting};
use super::frame::{self, Frame};
use super::proof::{self, Shown, Waiting};
use super::work::{self, Work};
use super::{Asked, door, draw};
use crate::api::{BODY_HEAVY_MAX, BODY_MAX, origin};
use crate::cookies;
use crate::forms::{self, Field, FieldValue};
use crate::site::App;

pub async fn act(
    State(app): State<Arc<App>>,
    Path((workspace, operation)): Path<(String, String)>,
    request: Request,
) -> Response {
    run(app, Some(workspace), operation, request).await
}

pub async fn act_on_instance(
    State(app): State<Arc<App>>,
    Path(operation): Path<String>,
    request: Request,
) -> Response {
    run(app, None, operation, request).await
}

async fn run(
    app: Arc<App>,
    workspace: Option<String>,
    operation: String,
    request: Request,
) -> Response {
    let mut frame = Frame::of(&app, &request);
    let id = app
        .engine
        .new_request()
        .unwrap_or(RequestId::from_bytes([0; 16]));
    let mut renewed = None;
    let place = (workspace.as_deref(), operation.as_str());
    let ended = attempt(&app, &frame, place, request, &mut renewed, id).await;
    let Some(token) = renewed else {
        return conclude(&app, &frame, &ended, id).await;
    };
    frame = frame.renewed(&app, &token);
    let response = conclude(&app, &frame, &ended, id).await;
    if response.headers().contains_key(header::SET_COOKIE) {
        return response;
    }
    door::with_cookie(response, &cookies::set_session(&token))
}

/// What the browser gets at the end of a form.
pub async fn conclude(
    app: &Arc<App>,
    frame: &Frame,
    ended: &Result<Went, Failed>,
    id: RequestId,
) -> Response {
    match ended {
        Ok(Went::To {
            next,
            session: None,
        }) => frame::see(next),
        Ok(Went::To {
            next,
            session: Some(token),
        }) => door::with_cookie(frame::see(next), &cookies::set_session(token)),
        Ok(Went::Shown { page, draft }) => {
            draw_at(app, frame, page, Some(draft.clone()), StatusCode::OK, id).await
        }
        Err(Failed::Stopped(error)) => proof::refused(app, frame, error, id).await,
        Err(Failed::FactorDue { waiting, problem }) => {
            proof::factor_asked(app, frame, waiting, problem.as_ref(), id).await
        }
        Err(Failed::Faults { page, draft, asked }) => {
            let mut frame = frame.clone();
            if *asked == AskedFor::Undo {
                // Its form may stand on no page: the notice says what is wrong.
                frame.wrong = Some(door::words(&Error::Faults(draft.faults.clone())));
            }
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            draw_at(app, &frame, page, Some((**draft).clone()), status, id).await
        }
    }
}

/// How a form that succeeded goes on.
pub enum Went {
    /// To another page, perhaps with a new session.
    To {
        next: String,
        session: Option<Zeroizing<String>>,
    },
    /// A secret that is shown this once is drawn in place: in an address it
    /// would stay in histories and logs.
    Shown { page: String, draft: Draft },
}

pub enum Failed {
    Stopped(Error),
    /// It is sent once more with a fresh factor; the problem is with the one shown.
    FactorDue {
        waiting: Waiting,
        problem: Option<Error>,
    },
    Faults {
        page: String,
        draft: Box<Draft>,
        asked: AskedFor,
    },
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Stopped(error)
    }
}

async fn attempt(
    app: &Arc<App>,
    frame: &Frame,
    (workspace, name): (Option<&str>, &str),
    request: Request,
    renewed: &mut Option<Zeroizing<String>>,
    id: RequestId,
) -> Result<Went, Failed> {
    let person = super::signed_in(app, request.headers()).await?.who.person;
    let operation = app.operation(name)?;
    if !operation.is_command() || operation.in_workspace() != workspace.is_some() {
        return Err(Error::not_found().into());
    }
    let origin = origin(&request);
    let headers = request.headers().clone();
    let heavy = operation.spec.rate == Rate::Heavy;
    let mut form = form::read(request, if heavy { BODY_HEAVY_MAX } else { BODY_MAX }).await?;
    if !cookies::is_own_form(&app.engine, &headers, &form.csrf) {
        let why = "This form is not from your present session. Open the page again.";
        return Err(Error::Refused(Refusal::Forbidden(why.to_owned())).into());
    }
    let schema = app.schemas.get(name).unwrap_or(&Value::Null);
    let fields = std::mem::take(&mut form.input);
    let (mut input, credential) = if form.carried.is_some() {
        let proved = prove(app, frame, &form, fields, (workspace, name), id).await?;
        let token = renewed.insert(proved.token);
        (proved.input, Credential::Session(token.clone()))
    } else {
        (forms::input(fields, schema), frame.credential())
    };
    if let Some(rows) = form.rows {
        let (path, _) = form.page.split_once('?').unwrap_or((&form.page, ""));
        let page = format!("{path}?rows={rows}");
        let faults = Faults::default();
        let draft = Draft {
            operation: name.to_owned(),
            input,
            faults,
        };
        return Ok(Went::Shown { page, draft });
    }
    // What was typed comes back as it was typed, whatever it is read as.
    let typed = forms::holds_decimals(schema).then(|| input.clone());
    forms::read_decimals(&mut input, schema, frame::locale(&headers));
    let call = Call {
        workspace: workspace.map(str::to_owned),
        operation,
        input: serde_json::to_vec(&input).map_err(Error::ours)?,
        credential,
        origin,
        request: id,
    };
    let deed = Deed {
        app: Arc::clone(app),
        person,
        form,
        typed: typed.unwrap_or(input),
    };
    match workspace {
        Some(workspace) if heavy => {
            let whose = (workspace.to_owned(), person);
            let (page, after) = (deed.form.page.clone(), deed.form.after.clone());
            let work = Work::new(id, whose, page, after, app.engine.now());
            work::begin(app, work, deed.run(call)).await
        }
        _ => deed.run(call).await,
    }
}

/// A form that waited, with the factor that it waited for.
struct Proved {
    token: Zeroizing<String>,
    input: Value,
}

/// Shows the factor that came with a form that waited for one.
async fn prove(
    app: &Arc<App>,
    frame: &Frame,
    form: &Form,
    fields: Vec<Field>,
    place: (Option<&str>, &str),
    id: RequestId,
) -> Result<Proved, Failed> {
    let texts = fields.into_iter().filter_map(|field| match field.value {
        FieldValue::Text(text) => Some((field.name, text)),
        FieldValue::File { .. } => None,
    });
    let texts: Vec<(String, String)> = texts.collect();
    let carried = form.carried.as_deref().unwrap_or_default();
    let input: Value = serde_json::from_str(carried)
        .map_err(|_| Error::fault("form", "The form could not be read. Open its page again."))?;
    let shown = Shown::among(&texts).unwrap_or_default();
    match proof::step_up(app, frame, &shown, id).await {
        Ok(token) => Ok(Proved { token, input }),
        Err(problem) => Err(Failed::FactorDue {
            waiting: waiting(form, &input, place),
            problem: Some(problem),
        }),
    }
}

/// A form on its way through the operation.
struct Deed {
    app: Arc<App>,
    person: PersonId,
    form: Form,
    typed: Value,
}

impl Deed {
    async fn run(self, call: Call) -> Result<Went, Failed> {
        let (operation, workspace, id) = (call.operation, call.workspace.clone(), call.request);
        match self.app.run(call, Wanted::Json).await {
            Ok(Given::Json(json)) => {
                let answer: Value = serde_json::from_slice(&json).map_err(Error::ours)?;
                let told = (id, self.app.engine.now());
                let done = self.app.notices.keep(
                    Some(self.person),
                    workspace.as_deref(),
                    &self.form.after,
                    &answer,
                    told,
                );
                Ok(went(&self.app, operation, self.form, answer, &done))
            }
            Ok(Given::Table(_) | Given::File(_)) => {
                Err(Error::ours("a file came where JSON was asked for").into())
            }
            Err(Error::Refused(
                due @ (Refusal::StepUpRequired | Refusal::Demanded(Demand::Proof, _)),
            )) => {
                let place = (workspace.as_deref(), operation.spec.name);
                // A policy of the workspace's own says why it asks.
                let why = (due != Refusal::StepUpRequired).then_some(Error::Refused(due));
                Err(Failed::FactorDue {
                    waiting: waiting(&self.form, &self.typed, place),
                    problem: why,
                })
            }
            Err(error) => Err(failed(error, self.form, operation.spec.name, self.typed)),
        }
    }
}

fn went(app: &App, operation: &Operation, form: Form, answer: Value, done: &str) -> Went {
    let name = operation.spec.name;
    if operation.opens_session || name == app.site.change_password {
        let token = answer["token"]
            .as_str()
            .map(|token| Zeroizing::new(token.to_owned()));
        return Went::To {
            next: next(&form.next, &form.page, done, &Value::Null),
            session: token,
        };
    }
    if operation.spec.data == DataClass::Restricted && form.next.is_empty() {
        let faults = Faults::default();
        let draft = Draft {
            operation: name.to_owned(),
            input: answer,
            faults,
        };
        return Went::Shown {
            page: form.page,
            draft,
        };
    }
    Went::To {
        next: next(&form.next, &form.page, done, &answer),
        session: None,
    }
}

/// Faults, and refusals that the reader can do something about, go back to the
/// page with what was typed.
fn failed(error: Error, form: Form, operation: &str, input: Value) -> Failed {
    let faults = match error {
        Error::Faults(faults) => faults,
        Error::Refused(Refusal::Conflict(why) | Refusal::Full(why)) => Faults::one("", why),
        other => return Failed::Stopped(other),
    };
    Failed::Faults {
        page: form.page,
        asked: form.asked,
        draft: Box::new(Draft {
            operation: operation.to_owned(),
            input,
            faults,
        }),
    }
}

/// Draws the page of this address, perhaps with what was typed into it.
pub async fn draw_at(
    app: &Arc<App>,
    frame: &Frame,
    page: &str,
    draft: Option<Draft>,
    status: StatusCode,
    id: RequestId,
) -> Response {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let place = match (path.strip_prefix("/w/"), path.strip_prefix("/account/")) {
        (Some(rest), _) => {
            let (workspace, path) = rest.split_once('/').unwrap_or((rest, ""));
            Some((Some(workspace.to_owned()), path))
        }
        (None, Some(path)) => Some((None, path)),
        (None, None) => None,
    };
    let Some((workspace, path)) = place else {
        let faults = draft.map(|draft| draft.faults).unwrap_or_default();
        return frame.problem(&Error::Faults(faults), id);
    };
    let asked = Asked {
        workspace,
        path: path.to_owned(),
        query: query.to_owned(),
        draft,
    };
    match draw(app, frame, asked).await {
        (_, Ok(html)) => frame::html(status, html),
        (id, Err(error)) => proof::refused(app, frame, &error, id).await,
    }
}
