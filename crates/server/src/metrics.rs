//! Metrics for Prometheus, on a loopback listener of their own, by TLS as everything: how often each
//! operation ran, how it ended and how long it took. No label names a person, a
//! workspace or an address.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use daybook_kernel::Error;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::headers;
use crate::listen::{Gate, serve_router};
use crate::site::App;

/// Upper bounds of the histogram, in seconds.
const BUCKETS_S: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0, 10.0];

/// One operation under way.
pub struct Watch {
    operation: &'static str,
    started: Instant,
}

impl Watch {
    #[expect(
        clippy::disallowed_methods,
        reason = "this measures; no decision hangs on it"
    )]
    pub fn start(operation: &'static str) -> Self {
        Self {
            operation,
            started: Instant::now(),
        }
    }

    pub fn stop(self, error: Option<&Error>) {
        let outcome = match error {
            None => "done",
            Some(Error::Faults(_)) => "faults",
            Some(Error::Refused(_)) => "refused",
            Some(Error::Ours(_) | Error::Damaged(_)) => "failed",
        };
        let labels = [("operation", self.operation), ("outcome", outcome)];
        metrics::counter!("daybook_operations_total", &labels).increment(1);
        let took = self.started.elapsed().as_secs_f64();
        metrics::histogram!("daybook_operation_seconds", "operation" => self.operation)
            .record(took);
    }
}

struct Scrape {
    app: Arc<App>,
    handle: PrometheusHandle,
}

/// Serves `/metrics` until `stop` turns true.
pub async fn serve_metrics(
    app: Arc<App>,
    address: SocketAddr,
    gate: Gate,
    stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let handle = PrometheusBuilder::new()
        .set_buckets(&BUCKETS_S)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(std::io::Error::other)?;
    let scrape = Arc::new(Scrape { app, handle });
    let router = Router::new()
        .route("/metrics", get(text))
        .layer(axum::middleware::from_fn(headers::add))
        .with_state(scrape);
    let listener = TcpListener::bind(address).await?;
    serve_router(router, listener, gate, stop).await
}

async fn text(State(scrape): State<Arc<Scrape>>) -> String {
    let open = f64::from(u32::try_from(scrape.app.engine.open_count()).unwrap_or(u32::MAX));
    metrics::gauge!("daybook_open_workspaces").set(open);
    scrape.handle.run_upkeep();
    scrape.handle.render()
}
