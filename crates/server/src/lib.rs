//! The HTTP edge: routes made from the registry, pages, the JSON API, headers,
//! cookies and form tokens. It adapts; only operations act.

mod answer;
mod api;
mod cookies;
mod forms;
mod headers;
mod listen;
mod local;
mod metrics;
mod openapi;
mod pages;
mod site;

pub use crate::metrics::serve_metrics;
pub use listen::{serve, serve_local};
pub use local::{LocalAnswer, LocalRequest, answer as answer_local};
pub use openapi::document as openapi_document;
pub use site::{App, Site};
