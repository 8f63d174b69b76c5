//! Listening: HTTP/1.1 on a TCP address, and the local door on a socket.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit};
use axum::middleware;
use axum::routing::{any, get, post};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;

use crate::site::App;
use crate::{api, headers, local, pages};

/// Whoever has not sent the head of a request by then is let go.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// Connections at once; more wait in the system's queue.
const CONNECTIONS_MAX: usize = 4_096;
/// How long open requests may take to end when the server is going down.
const GOODBYE_MAX: Duration = Duration::from_secs(20);

pub fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(pages::healthy))
        .route("/readyz", get(pages::ready))
        .route("/api/openapi.json", get(pages::openapi))
        .route("/api/v1/{workspace}/{operation}", any(api::in_workspace))
        .route("/api/v1/{operation}", any(api::in_instance))
        .route("/api/{*rest}", any(api::nowhere))
        .route("/assets/{file}", get(pages::asset))
        .route("/sign-in", get(pages::sign_in_form).post(pages::sign_in))
        .route("/sign-out", post(pages::sign_out))
        .route("/theme", post(pages::theme))
        .route("/w/{workspace}/do/{operation}", post(pages::act))
        .route("/do/{operation}", post(pages::act_on_instance))
        .route("/w/{workspace}", any(pages::home))
        .route("/w/{workspace}/", any(pages::home))
        .route("/w/{workspace}/{*path}", any(pages::page))
        .route("/account", any(pages::account))
        .route("/account/", any(pages::account))
        .route("/account/{*path}", any(pages::account))
        .route("/", any(pages::front))
        .route("/ui", get(pages::gallery))
        .fallback(pages::nowhere)
        .layer(DefaultBodyLimit::max(api::BODY_HEAVY_MAX))
        .layer(middleware::from_fn(headers::add))
        .with_state(Arc::clone(app))
}

/// Serves until `stop` turns true, then lets open requests end.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let router = router(&app);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            break;
        };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // Out of descriptors, or the peer left: the next one may be fine.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
            _ = stop.changed() => break,
        };
        // Small answers leave at once.
        let _ = stream.set_nodelay(true);
        let service = service(router.clone(), peer);
        let mut stop = stop.clone();
        tokio::spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
            let mut connection = std::pin::pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => {}
                _ = stop.changed() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = tokio::time::timeout(GOODBYE_MAX, connection).await;
                }
            }
            drop(place);
        });
    }
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    // Whoever is still there after this is cut off.
    let _ = tokio::time::timeout(GOODBYE_MAX, places.acquire_many(all)).await;
    Ok(())
}

fn service(
    router: Router,
    peer: SocketAddr,
) -> tower::util::BoxCloneSyncService<
    hyper::Request<hyper::body::Incoming>,
    axum::response::Response,
    std::convert::Infallible,
> {
    let service = router.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    tower::util::BoxCloneSyncService::new(service)
}

/// Serves the local door until `stop` turns true.
pub async fn serve_local(
    app: Arc<App>,
    path: &Path,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    // The data folder is locked by this process, so a socket left there is dead.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted?.0,
            _ = stop.changed() => break,
        };
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            if let Err(error) = local::converse(app, stream).await {
                tracing::warn!(%error, "a local caller went away");
            }
        });
    }
    std::fs::remove_file(path)
}
