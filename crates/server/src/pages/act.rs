//! Forms: the same commands as everywhere, sent by a page. Faults bring the
//! page back with what was typed; success goes on to where the form says.

use std::sync::Arc;

use axum::extract::{FromRequest as _, Multipart, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use daybook_engine::Call;
use daybook_kernel::operation::{Given, Operation, Wanted};
use daybook_kernel::page::Draft;
use daybook_kernel::{DataClass, Error, Faults, Rate, Refusal, RequestId};
use serde_json::Value;
use zeroize::Zeroizing;

use super::frame::{self, Frame};
use super::{Asked, door, draw};
use crate::api::{BODY_HEAVY_MAX, BODY_MAX, origin};
use crate::cookies;
use crate::forms::{self, FIELDS_MAX, Field, FieldValue};
use crate::site::App;

/// The form's own fields, which are no input of the operation.
struct Form {
    csrf: String,
    /// The page that the form stands on, drawn again when there are faults.
    page: String,
    /// Where to go on success; `{field}` is taken from the answer.
    next: String,
    /// Rows of the journal grid that are wanted, from its button without script.
    rows: Option<usize>,
    input: Vec<Field>,
}

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
    let frame = Frame::of(&app, &request);
    let id = app
        .engine
        .new_request()
        .unwrap_or(RequestId::from_bytes([0; 16]));
    match attempt(&app, workspace.as_deref(), &operation, request, id).await {
        Ok(Went::To {
            next,
            session: None,
        }) => frame::see(&next),
        Ok(Went::To {
            next,
            session: Some(token),
        }) => door::with_cookie(frame::see(&next), &cookies::set_session(&token)),
        Ok(Went::Shown { page, draft }) => {
            again(&app, &frame, &page, draft, StatusCode::OK, id).await
        }
        Err(Failed::Stopped(error)) => frame.problem(&error, id),
        Err(Failed::Faults { page, draft }) => {
            again(
                &app,
                &frame,
                &page,
                draft,
                StatusCode::UNPROCESSABLE_ENTITY,
                id,
            )
            .await
        }
    }
}

/// How a form that succeeded goes on.
enum Went {
    /// To another page, perhaps with a new session.
    To {
        next: String,
        session: Option<Zeroizing<String>>,
    },
    /// A secret that is shown this once is drawn in place: in an address it
    /// would stay in histories and logs.
    Shown { page: String, draft: Draft },
}

enum Failed {
    Stopped(Error),
    Faults { page: String, draft: Draft },
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Stopped(error)
    }
}

async fn attempt(
    app: &Arc<App>,
    workspace: Option<&str>,
    name: &str,
    request: Request,
    id: RequestId,
) -> Result<Went, Failed> {
    let credential = cookies::page_credential(request.headers());
    super::signed_in(app, request.headers()).await?;
    let operation = app.operation(name)?;
    if !operation.is_command() || operation.in_workspace() != workspace.is_some() {
        return Err(Error::not_found().into());
    }
    let origin = origin(&request);
    let headers = request.headers().clone();
    let heavy = operation.spec.rate == Rate::Heavy;
    let mut form = read(request, if heavy { BODY_HEAVY_MAX } else { BODY_MAX }).await?;
    if !cookies::is_own_form(&app.engine, &headers, &form.csrf) {
        let why = "This form is not from your present session. Open the page again.";
        return Err(Error::Refused(Refusal::Forbidden(why.to_owned())).into());
    }
    let schema = app.schemas.get(name).unwrap_or(&Value::Null);
    let input = forms::input(std::mem::take(&mut form.input), schema);
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
    let call = Call {
        workspace: workspace.map(str::to_owned),
        operation,
        input: serde_json::to_vec(&input).map_err(Error::ours)?,
        credential,
        origin,
        request: id,
    };
    match app.run(call, Wanted::Json).await {
        Ok(Given::Json(json)) => {
            let answer: Value = serde_json::from_slice(&json).map_err(Error::ours)?;
            Ok(went(app, operation, form, answer))
        }
        Ok(Given::Table(_)) => Err(Error::ours("a table came where JSON was asked for").into()),
        Err(error) => Err(failed(error, form.page, name, input)),
    }
}

fn went(app: &App, operation: &Operation, form: Form, answer: Value) -> Went {
    let name = operation.spec.name;
    if name == app.site.change_password {
        let token = answer["token"]
            .as_str()
            .map(|token| Zeroizing::new(token.to_owned()));
        return Went::To {
            next: next(&form.next, &form.page, name, &Value::Null),
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
        next: next(&form.next, &form.page, name, &answer),
        session: None,
    }
}

/// Faults, and refusals that the reader can do something about, go back to the
/// page with what was typed.
fn failed(error: Error, page: String, operation: &str, input: Value) -> Failed {
    let faults = match error {
        Error::Faults(faults) => faults,
        Error::Refused(Refusal::Conflict(why)) => Faults::one("", why),
        other => return Failed::Stopped(other),
    };
    Failed::Faults {
        page,
        draft: Draft {
            operation: operation.to_owned(),
            input,
            faults,
        },
    }
}

async fn again(
    app: &Arc<App>,
    frame: &Frame,
    page: &str,
    draft: Draft,
    status: StatusCode,
    id: RequestId,
) -> Response {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let faults = draft.faults.clone();
    let place = match (path.strip_prefix("/w/"), path.strip_prefix("/account/")) {
        (Some(rest), _) => {
            let (workspace, path) = rest.split_once('/').unwrap_or((rest, ""));
            Some((Some(workspace.to_owned()), path))
        }
        (None, Some(path)) => Some((None, path)),
        (None, None) => None,
    };
    let Some((workspace, path)) = place else {
        return frame.problem(&Error::Faults(faults), id);
    };
    let asked = Asked {
        workspace,
        path: path.to_owned(),
        query: query.to_owned(),
        draft: Some(draft),
    };
    match draw(app, frame, asked).await {
        (_, Ok(html)) => frame::html(status, html),
        (id, Err(error)) => frame.problem(&error, id),
    }
}

/// Only to an address of our own; `//elsewhere` is another site's.
fn next(next: &str, page: &str, operation: &str, answer: &Value) -> String {
    let is_own = |address: &str| {
        address.starts_with('/')
            && !address.starts_with("//")
            && !address.contains(['\\', '\r', '\n'])
    };
    let address = if is_own(next) {
        frame::fill(next, answer)
    } else {
        String::new()
    };
    let address = match address.as_str() {
        "" if is_own(page) => page.to_owned(),
        "" => "/".to_owned(),
        _ => address,
    };
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}done={operation}")
}

async fn read(request: Request, limit: usize) -> Result<Form, Error> {
    let media = request.headers().get(header::CONTENT_TYPE);
    let is_multipart = media
        .and_then(|media| media.to_str().ok())
        .is_some_and(|media| media.starts_with("multipart/form-data"));
    let fields = if is_multipart {
        let parts = Multipart::from_request(request, &())
            .await
            .map_err(|error| {
                Error::fault("form", format!("The form could not be read: {error}."))
            })?;
        forms::multipart(parts).await?
    } else {
        let too_large = |_| Error::fault("form", "The form is too large. Split it.");
        let bytes = axum::body::to_bytes(request.into_body(), limit)
            .await
            .map_err(too_large)?;
        forms::texts(forms::pairs(&String::from_utf8_lossy(&bytes)))
    };
    Ok(sort(fields))
}

fn sort(fields: Vec<Field>) -> Form {
    let mut form = Form {
        csrf: String::new(),
        page: String::new(),
        next: String::new(),
        rows: None,
        input: Vec::new(),
    };
    for field in fields {
        match (field.name.as_str(), field.value) {
            ("csrf", FieldValue::Text(text)) => form.csrf = text,
            ("page", FieldValue::Text(text)) => form.page = text,
            ("next", FieldValue::Text(text)) => form.next = text,
            ("add_rows", FieldValue::Text(text)) => {
                let sent = form
                    .input
                    .iter()
                    .filter_map(|field| line_number(&field.name))
                    .max();
                let more = text.parse().unwrap_or(0).min(FIELDS_MAX);
                form.rows = Some(sent.map_or(0, |last| last + 1) + more);
            }
            (_, value) => form.input.push(Field {
                name: field.name,
                value,
            }),
        }
    }
    form
}

/// 3 of `lines[3].account`.
fn line_number(field: &str) -> Option<usize> {
    field
        .strip_prefix("lines[")?
        .split(']')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_goes_on_only_to_our_own_addresses() {
        let answer = json!({"number": 7, "code": "a b"});
        for (wanted, expected) in [
            ("/w/a/books/entries/{number}", "/w/a/books/entries/7?done=x"),
            ("/w/a?code={code}", "/w/a?code=a%20b&done=x"),
            ("//evil.example", "/w/a/page?done=x"),
            ("https://evil.example", "/w/a/page?done=x"),
            ("", "/w/a/page?done=x"),
        ] {
            assert_eq!(
                next(wanted, "/w/a/page", "x", &answer),
                expected,
                "{wanted}"
            );
        }
    }
}
