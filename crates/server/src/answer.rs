//! Errors on their way out: a problem document (RFC 9457) for programs, a page
//! for people. The request's id is in a header, so that a hidden thing and a
//! missing one answer with the same bytes.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use daybook_kernel::operation::File;
use daybook_kernel::{Demand, Error, Refusal, RequestId};
use serde_json::{Value, json};

/// A problem, as the API answers it.
pub fn problem(error: &Error, request: RequestId) -> Response {
    note(error, request);
    let status = status(error);
    let mut response = json_answer(status, problem_json(error).to_string().into_bytes());
    let media = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    mark(response, error, request)
}

/// The same as a value: the local socket and the command line show it too.
pub fn problem_json(error: &Error) -> Value {
    let status = status(error);
    let mut problem = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Problem"),
        "status": status.as_u16(),
    });
    match error {
        Error::Faults(faults) => {
            problem["detail"] = "The input has faults. Mend them and send it again.".into();
            problem["faults"] = faults.iter().map(|fault| json!(fault)).collect();
        }
        other => problem["detail"] = other.to_string().into(),
    }
    // For programs, which mend these themselves.
    match error {
        Error::Refused(Refusal::StepUpRequired | Refusal::Demanded(Demand::Proof, _)) => {
            problem["code"] = "step_up_required".into();
        }
        Error::Refused(Refusal::SecondFactorDue) => {
            problem["code"] = "second_factor_required".into();
        }
        Error::Refused(Refusal::Demanded(Demand::SecondFactor, _)) => {
            problem["code"] = "policy_second_factor".into();
        }
        Error::Refused(Refusal::Demanded(Demand::Device, _)) => {
            problem["code"] = "policy_device".into();
        }
        _ => {}
    }
    problem
}

pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::Faults(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Refused(refusal) => match refusal {
            Refusal::Unauthenticated | Refusal::SecondFactorDue => StatusCode::UNAUTHORIZED,
            Refusal::Forbidden(_)
            | Refusal::RoleLacking(..)
            | Refusal::Demanded(..)
            | Refusal::StepUpRequired => StatusCode::FORBIDDEN,
            Refusal::NotFound => StatusCode::NOT_FOUND,
            Refusal::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Refusal::Conflict(_) => StatusCode::CONFLICT,
            Refusal::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
            Refusal::Busy { .. } | Refusal::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        },
        Error::Ours(_) => StatusCode::INTERNAL_SERVER_ERROR,
        Error::Damaged(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A problem that no operation's error stands for.
pub fn problem_answer(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Problem");
    let body = json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail,
    });
    let headers = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, headers, Body::from(body.to_string())).into_response()
}

/// A file to be taken away.
pub fn file(file: File) -> Response {
    let attached = format!("attachment; filename=\"{}\"", file.name);
    let headers = [
        (header::CONTENT_TYPE, file.media.to_owned()),
        (header::CONTENT_DISPOSITION, attached),
    ];
    (headers, Body::from(file.text)).into_response()
}

pub fn json_answer(status: StatusCode, json: Vec<u8>) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        Body::from(json),
    )
        .into_response()
}

/// Adds what an answer says beside its body.
pub fn mark(mut response: Response, error: &Error, request: RequestId) -> Response {
    let headers = response.headers_mut();
    if let Error::Refused(
        Refusal::TooMany {
            retry_after_seconds,
        }
        | Refusal::Busy {
            retry_after_seconds,
        },
    ) = error
    {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_seconds));
    }
    if matches!(error, Error::Refused(Refusal::Unauthenticated)) {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Ok(value) = HeaderValue::from_str(&request.to_string()) {
        headers.insert("x-request-id", value);
    }
    response
}

/// Our own faults are logged here, once, with their whole cause.
pub fn note(error: &Error, request: RequestId) {
    if let Error::Ours(cause) | Error::Damaged(cause) = error {
        tracing::error!(request = %request, cause, "a request failed on our side");
    }
}
