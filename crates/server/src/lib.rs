//! The HTTP edge: routes made from the registry, pages, the JSON API, headers,
//! cookies and form tokens. It adapts; only operations act.

mod answer;
mod api;
mod cookies;
mod cors;
mod csrf;
mod edge;
mod egress;
mod forms;
mod headers;
mod hosts;
mod listen;
mod local;
mod mailer;
mod metrics;
mod openapi;
mod pages;
mod progress;
mod redirect;
mod site;
mod tls;
mod upkeep;

pub use crate::metrics::serve_metrics;
pub use csrf::form_token;
pub use edge::{Edge, EdgeSettings, host_of};
pub use egress::{Egress, EgressSettings};
pub use listen::{Gate, serve, serve_local, serve_router};
pub use local::{LocalAnswer, LocalRequest, answer as answer_local};
pub use mailer::{Mailer, Relay, serve_mail};
pub use openapi::document as openapi_document;
pub use progress::PROGRESS;
pub use redirect::serve_redirect;
pub use site::{App, Chore, Site};
pub use tls::{
    AUTHORITY_FILE, Acme, Certificate, Now, Tls, TlsError, provider, trusting, trusting_the_machine,
};

/// A lock whose holder panicked still guards data that is whole: each change is one step.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
