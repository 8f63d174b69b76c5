//! The JSON API: `POST /api/v1/{workspace}/{operation}` for commands, `GET` for
//! queries. A token, or a session from one of our own pages.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use daybook_engine::{Call, Credential, Reader};
use daybook_kernel::operation::{Given, Operation, Table, Wanted};
use daybook_kernel::{Error, Exposure, Origin, Rate, Refusal, RequestId};
use zeroize::Zeroizing;

use crate::answer::{self, json_answer, problem};
use crate::edge::Edge;
use crate::site::App;
use crate::{cookies, csrf, forms, pages};

/// The body of an everyday command.
pub const BODY_MAX: usize = 1 << 20;
/// The body of an import: about half a million entries.
pub const BODY_HEAVY_MAX: usize = 64 << 20;

pub async fn in_workspace(
    state: State<Arc<App>>,
    Path((workspace, operation)): Path<(String, String)>,
    request: Request,
) -> Response {
    answer(state, Some(workspace), operation, request).await
}

pub async fn in_instance(
    state: State<Arc<App>>,
    Path(operation): Path<String>,
    request: Request,
) -> Response {
    answer(state, None, operation, request).await
}

/// How far the long commands of a workspace have come.
pub async fn progress(
    State(app): State<Arc<App>>,
    Path(workspace): Path<String>,
    request: Request,
) -> Response {
    let id = match app.engine.new_request() {
        Ok(id) => id,
        Err(error) => return problem(&error, RequestId::from_bytes([0; 16])),
    };
    let reader = Reader {
        workspace: Some(workspace),
        credential: credential(request.headers()),
        origin: origin(&request),
        request: id,
    };
    match crate::progress::of_workspace(&app, reader).await {
        Ok(seen) => json_answer(StatusCode::OK, seen.to_string().into_bytes()),
        Err(error) => problem(&error, id),
    }
}

/// Any other address below `/api`.
pub async fn nowhere(State(app): State<Arc<App>>, request: Request) -> Response {
    let credential = credential(request.headers());
    let (id, error) = match app.engine.new_request() {
        Ok(id) => {
            let known = known(&app, credential, origin(&request), None).await;
            (id, known.err().unwrap_or_else(Error::not_found))
        }
        Err(error) => (RequestId::from_bytes([0; 16]), error),
    };
    problem(&error, id)
}

async fn answer(
    State(app): State<Arc<App>>,
    workspace: Option<String>,
    operation: String,
    request: Request,
) -> Response {
    let id = match app.engine.new_request() {
        Ok(id) => id,
        Err(error) => return problem(&error, RequestId::from_bytes([0; 16])),
    };
    match go(&app, workspace, &operation, request, id).await {
        Ok(mut response) => {
            if let Ok(value) = id.to_string().parse() {
                response.headers_mut().insert("x-request-id", value);
            }
            response
        }
        Err(Stopped::Problem(error)) => problem(&error, id),
        Err(Stopped::Other(response)) => *response,
    }
}

enum Stopped {
    Problem(Error),
    /// What is no error of the road: a wrong method, a body too large.
    Other(Box<Response>),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Problem(error)
    }
}

async fn go(
    app: &Arc<App>,
    workspace: Option<String>,
    name: &str,
    request: Request,
    id: RequestId,
) -> Result<Response, Stopped> {
    let credential = credential(request.headers());
    let method = request.method().clone();
    let operation = app
        .engine
        .registry()
        .operation(name)
        .filter(|operation| operation.in_workspace() == workspace.is_some());
    let fits = |operation: &Operation| match method {
        Method::GET | Method::HEAD => !operation.is_command(),
        Method::POST => operation.is_command(),
        _ => false,
    };
    let Some(operation) = operation.filter(|operation| fits(operation)) else {
        // Who may not be here learns nothing of which addresses there are.
        known(app, credential, origin(&request), workspace).await?;
        let status = if operation.is_some() {
            StatusCode::METHOD_NOT_ALLOWED
        } else {
            StatusCode::NOT_FOUND
        };
        return Err(Stopped::Other(Box::new(plain(status))));
    };
    if matches!(credential, Credential::Nobody) && operation.spec.exposure != Exposure::Public {
        return Err(Error::Refused(Refusal::Unauthenticated).into());
    }
    let origin = origin(&request);
    let (input, format) = if operation.is_command() {
        (
            body(app, operation, &credential, request).await?,
            Format::Json,
        )
    } else {
        query_input(app, operation, request.uri().query().unwrap_or_default())?
    };
    let wanted = match format {
        Format::Json => Wanted::Json,
        Format::Csv | Format::Text => Wanted::Table,
    };
    let call = Call {
        workspace,
        operation,
        input,
        credential,
        origin,
        request: id,
    };
    Ok(match app.run(call, wanted).await? {
        Given::Json(json) => {
            let (json, session) = cookies::take_session(operation, json)?;
            let response = json_answer(StatusCode::OK, json);
            match session {
                Some(token) => pages::with_cookie(response, &cookies::set_session(&token)),
                None => response,
            }
        }
        Given::Table(table) if format == Format::Csv => csv(&table),
        Given::Table(table) => text(&table),
        Given::File(file) => answer::file(file),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
    Text,
}

fn query_input(app: &App, operation: &Operation, query: &str) -> Result<(Vec<u8>, Format), Error> {
    let mut format = Format::Json;
    let mut pairs = forms::pairs(query);
    pairs.retain(|(name, value)| {
        if name == "format" && matches!(value.as_str(), "json" | "csv" | "text") {
            format = match value.as_str() {
                "csv" => Format::Csv,
                "text" => Format::Text,
                _ => Format::Json,
            };
            return false;
        }
        true
    });
    let schema = app
        .schemas
        .get(operation.spec.name)
        .unwrap_or(&serde_json::Value::Null);
    let input = forms::input(forms::texts(pairs), schema);
    Ok((serde_json::to_vec(&input).map_err(Error::ours)?, format))
}

async fn body(
    app: &App,
    operation: &Operation,
    credential: &Credential,
    request: Request,
) -> Result<Vec<u8>, Stopped> {
    let headers = request.headers();
    // A page's script proves that it is ours as a form does.
    if matches!(credential, Credential::Session(_)) {
        // Whether there is a session at all comes first, where one is needed.
        if operation.spec.exposure != Exposure::Public {
            known(
                app,
                cookies::page_credential(headers),
                origin(&request),
                None,
            )
            .await?;
        }
        let sent = headers
            .get(csrf::HEADER)
            .and_then(|value| value.to_str().ok());
        if !csrf::is_own_form(&app.engine, headers, sent.unwrap_or_default()) {
            let why = "The request does not come from one of Daybook's own pages.";
            return Err(Error::Refused(Refusal::Forbidden(why.to_owned())).into());
        }
    }
    // Where nothing is shown, the browser's word is what there is.
    if matches!(credential, Credential::Nobody) && csrf::is_foreign(headers) {
        let why = "The request was sent from another site.";
        return Err(Error::Refused(Refusal::Forbidden(why.to_owned())).into());
    }
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let is_json = media
        .and_then(|media| media.split(';').next())
        .is_some_and(|media| media.trim() == "application/json");
    if !is_json {
        return Err(Stopped::Other(Box::new(plain(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ))));
    }
    let limit = if operation.spec.rate == Rate::Heavy {
        BODY_HEAVY_MAX
    } else {
        BODY_MAX
    };
    let bytes = to_bytes(request.into_body(), limit)
        .await
        .map_err(|_| Stopped::Other(Box::new(plain(StatusCode::PAYLOAD_TOO_LARGE))))?;
    Ok(bytes.into())
}

/// The bearer token, else the session, else nobody.
fn credential(headers: &HeaderMap) -> Credential {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .map(|value| value.strip_prefix("Bearer ").unwrap_or_default());
    match bearer {
        Some(token) => Credential::Token(Zeroizing::new(token.trim().to_owned())),
        None => cookies::page_credential(headers),
    }
}

/// Whether the credential is good at all, for answers that no operation gives.
async fn known(
    app: &App,
    credential: Credential,
    origin: Arc<Origin>,
    workspace: Option<String>,
) -> Result<(), Error> {
    let unknown = || Error::Refused(Refusal::Unauthenticated);
    if matches!(credential, Credential::Nobody) {
        return Err(unknown());
    }
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let reader = Reader {
        workspace,
        credential,
        origin,
        request: app.engine.new_request()?,
    };
    app.engine.check(reader, move |result| {
        // Whoever asked may have gone.
        let _ = sender.send(result);
    });
    receiver
        .await
        .map_err(|_| Error::ours("the check ended without an answer"))?
}

/// What a client calls itself is cut here: it is shown to people.
const AGENT_CHARACTERS_MAX: usize = 200;

/// Where a request comes from: the peer, or whom a proxy of ours speaks for.
pub fn origin(request: &Request) -> Arc<Origin> {
    let address = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or_else(
            || "unknown".to_owned(),
            |ConnectInfo(peer)| {
                let edge = request.extensions().get::<Arc<Edge>>();
                let seen = |edge: &Arc<Edge>| edge.client(peer.ip(), request.headers());
                edge.map_or_else(|| peer.ip().to_canonical(), seen)
                    .to_string()
            },
        );
    let agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    Arc::new(Origin {
        device: crate::csrf::device(request),
        address,
        agent: agent.chars().take(AGENT_CHARACTERS_MAX).collect(),
    })
}

pub fn plain(status: StatusCode) -> Response {
    let words = status.canonical_reason().unwrap_or("Problem");
    let body = serde_json::json!({
        "type": "about:blank", "title": words, "status": status.as_u16(), "detail": explain(status),
    });
    let headers = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, headers, Body::from(body.to_string())).into_response()
}

fn explain(status: StatusCode) -> &'static str {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => "Commands are sent by POST, queries by GET.",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "Send JSON, with Content-Type: application/json.",
        StatusCode::PAYLOAD_TOO_LARGE => "The body is too large. Split it.",
        _ => "There is nothing here that you can see.",
    }
}

fn csv(table: &Table) -> Response {
    let body = table.csv();
    ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], body).into_response()
}

fn text(table: &Table) -> Response {
    let body = table.text();
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
}
