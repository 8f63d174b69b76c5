//! The one listener that speaks in the clear, where it is switched on: it sends
//! browsers to the configured https address. It reads no body, sets no cookie
//! and does nothing else.

use std::convert::Infallible;
use std::sync::Arc;

use axum::http::header::{CONNECTION, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::headers;
use crate::listen::HEAD_TIMEOUT;

/// Such connections last for one answer of a few bytes.
const CONNECTIONS_MAX: usize = 256;
/// A path longer than any of ours.
const PATH_MAX: usize = 2_048;

/// Sends everybody to `origin`, such as `https://books.example`, until `stop`
/// turns true.
pub async fn serve_redirect(
    listener: TcpListener,
    origin: String,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let origin: Arc<str> = origin.into();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            break;
        };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(HEAD_TIMEOUT / 100).await;
                    continue;
                }
            },
            _ = stop.changed() => break,
        };
        let origin = Arc::clone(&origin);
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request: hyper::Request<_>| {
                let answer = elsewhere(&origin, &request);
                async { Ok::<_, Infallible>(answer) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            // Whoever asked may have gone, or asked nothing that is HTTP.
            let _ = tokio::time::timeout(HEAD_TIMEOUT * 2, connection).await;
            drop(place);
        });
    }
    Ok(())
}

fn elsewhere(origin: &str, request: &hyper::Request<hyper::body::Incoming>) -> Response {
    let path = request.uri().path_and_query().map_or("/", |it| it.as_str());
    let path = if path.starts_with('/') && path.len() <= PATH_MAX {
        path
    } else {
        "/"
    };
    let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
    let headers = response.headers_mut();
    headers::put(headers);
    // A header's value holds no line end, so a path cannot add one.
    let location = HeaderValue::from_str(&format!("{origin}{path}"));
    if let Ok(location) = location.or_else(|_| HeaderValue::from_str(origin)) {
        headers.insert(LOCATION, location);
    }
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
