//! Listening: HTTP/1.1 over TLS on a TCP address, and the local door on a socket.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Extension;
use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{any, get, post};
use daybook_kernel::Rate;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::server::TlsStream;
use tower::ServiceExt as _;

use crate::answer::problem_answer;
use crate::edge::Edge;
use crate::site::App;
use crate::tls::Tls;
use crate::{api, cors, csrf, headers, hosts, local, pages, upkeep};

/// Whoever has not sent the head of a request by then is let go.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// The same for the handshake before it.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// From the head of a request to its answer, body included.
const REQUEST_MAX: Duration = Duration::from_mins(1);
/// Imports and exports.
const REQUEST_HEAVY_MAX: Duration = Duration::from_mins(10);
/// Connections at once; more wait in the system's queue.
const CONNECTIONS_MAX: usize = 4_096;
/// Of one address: an office behind one is many, but not all.
const CONNECTIONS_OF_ONE_MAX: usize = 1_024;
/// How long open requests may take to end when the server is going down.
const GOODBYE_MAX: Duration = Duration::from_secs(20);

pub fn router(app: &Arc<App>, edge: &Arc<Edge>) -> Router {
    Router::new()
        .route("/healthz", get(pages::healthy))
        .route("/readyz", get(pages::ready))
        .route("/api/openapi.json", get(pages::openapi))
        .route("/sbom.json", get(pages::bill_of_materials))
        .route("/api/v1/{workspace}/progress", get(api::progress))
        .route("/api/v1/{workspace}/{operation}", any(api::in_workspace))
        .route("/api/v1/{operation}", any(api::in_instance))
        .route("/api/{*rest}", any(api::nowhere))
        .route("/assets/{file}", get(pages::asset))
        .route("/sign-in", get(pages::sign_in_form).post(pages::sign_in))
        .route(
            "/sign-in/second-factor",
            get(pages::second_factor_form).post(pages::second_factor),
        )
        .route("/sign-in/with/{provider}", post(pages::leave))
        .route("/sign-in/with/{provider}/back", get(pages::back))
        .route(
            "/step-up",
            get(pages::step_up_form).post(pages::step_up_sent),
        )
        .route("/sign-out", post(pages::sign_out))
        .route(
            "/invitation/{token}",
            get(pages::invitation).post(pages::invitation_sent),
        )
        .route("/reset", get(pages::reset).post(pages::reset_sent))
        .route(
            "/reset/{token}",
            get(pages::reset_link).post(pages::reset_link_sent),
        )
        .route("/theme", post(pages::theme))
        .route("/w/{workspace}/do/{operation}", post(pages::act))
        .route("/do/{operation}", post(pages::act_on_instance))
        .route("/w/{workspace}/under-way/{work}", get(pages::under_way))
        .route("/w/{workspace}/download/{operation}", get(pages::download))
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
        .layer(middleware::from_fn_with_state(app.clone(), csrf::keep))
        .layer(middleware::from_fn_with_state(app.clone(), upkeep::keep))
        .layer(middleware::from_fn_with_state(app.clone(), limit_time))
        .layer(middleware::from_fn_with_state(edge.clone(), cors::answer))
        .layer(middleware::from_fn_with_state(edge.clone(), hosts::check))
        .layer(Extension(edge.clone()))
        .layer(middleware::from_fn(headers::add))
        .with_state(Arc::clone(app))
}

/// What stands before an instance's routes.
#[derive(Clone)]
pub struct Gate {
    pub tls: Tls,
    pub edge: Arc<Edge>,
}

/// Serves until `stop` turns true, then lets open requests end.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    gate: Gate,
    stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let router = router(&app, &gate.edge);
    let tls = gate.tls.clone();
    let renewing = tokio::spawn(async move { tls.keep_fresh().await });
    let served = serve_router(router, listener, gate, stop).await;
    renewing.abort();
    served
}

/// Serves any routes behind the same kind of listener: TLS 1.3, HTTP/1.1, and a
/// limit on everything that a peer can hold open.
pub async fn serve_router(
    router: Router,
    listener: TcpListener,
    gate: Gate,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let crowd = Arc::new(Crowd::default());
    let acceptor = gate.tls.acceptor();
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
        // A proxy of ours brings everybody.
        let is_many = gate.edge.is_proxy(peer.ip().to_canonical());
        let Some(seat) = crowd.enter(peer.ip(), is_many) else {
            continue;
        };
        // Small answers leave at once.
        let _ = stream.set_nodelay(true);
        let service = service(router.clone(), peer);
        let (acceptor, stop) = (acceptor.clone(), stop.clone());
        tokio::spawn(async move {
            // Whoever speaks no TLS 1.3 goes without an answer.
            let shaken = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await;
            if let Ok(Ok(stream)) = shaken {
                converse(stream, service, stop).await;
            }
            drop((seat, place));
        });
    }
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    // Whoever is still there after this is cut off.
    let _ = tokio::time::timeout(GOODBYE_MAX, places.acquire_many(all)).await;
    Ok(())
}

async fn converse(stream: TlsStream<TcpStream>, service: Service, mut stop: watch::Receiver<bool>) {
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
}

type Service = tower::util::BoxCloneSyncService<
    hyper::Request<hyper::body::Incoming>,
    axum::response::Response,
    std::convert::Infallible,
>;

fn service(router: Router, peer: SocketAddr) -> Service {
    let service = router.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    Service::new(service)
}

/// Who has how many connections open: one address cannot take all places.
#[derive(Default)]
struct Crowd(Mutex<HashMap<IpAddr, usize>>);

/// One connection's part; given back when dropped.
struct Seat {
    crowd: Arc<Crowd>,
    address: IpAddr,
}

impl Crowd {
    fn enter(self: &Arc<Self>, address: IpAddr, is_many: bool) -> Option<Seat> {
        let address = network(address);
        let mut open = crate::lock(&self.0);
        let own = open.entry(address).or_default();
        if *own >= CONNECTIONS_OF_ONE_MAX && !is_many {
            return None;
        }
        *own += 1;
        drop(open);
        let crowd = Arc::clone(self);
        Some(Seat { crowd, address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = crate::lock(&self.crowd.0);
        if let Some(own) = open.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// A house on IPv6 has a /64, and with it any number of addresses.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let bits = u128::from(v6) & !u128::from(u64::MAX);
            IpAddr::from(bits.to_be_bytes())
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// A request that takes too long is let go, whether its body trickles in or its
/// work does not end.
async fn limit_time(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default();
    let operation = app.engine.registry().operation(name);
    let is_heavy = operation.is_some_and(|it| it.spec.rate == Rate::Heavy);
    let limit = if is_heavy {
        REQUEST_HEAVY_MAX
    } else {
        REQUEST_MAX
    };
    if let Ok(response) = tokio::time::timeout(limit, next.run(request)).await {
        return response;
    }
    let why = "The request took too long. What was sent may not have been done: look first.";
    let mut response = problem_answer(StatusCode::REQUEST_TIMEOUT, why);
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_places() {
        let crowd = Arc::new(Crowd::default());
        let address: IpAddr = [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into();
        let neighbour: IpAddr = [0x2001, 0xdb8, 0, 0, 9, 9, 9, 9].into();
        let mut seats: Vec<_> = (0..CONNECTIONS_OF_ONE_MAX)
            .filter_map(|_| crowd.enter(address, false))
            .collect();
        assert_eq!(seats.len(), CONNECTIONS_OF_ONE_MAX);
        assert!(crowd.enter(neighbour, false).is_none());
        assert!(crowd.enter([192, 0, 2, 1].into(), false).is_some());
        assert!(crowd.enter(address, true).is_some());
        seats.pop();
        assert!(crowd.enter(address, false).is_some());
    }
}
