//! `daybook serve`: the server, until it is told to stop.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use daybook_server::{App, Site};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::tell;
use crate::cli::Serve;
use crate::failure::Failure;
use crate::features::SITE;
use crate::reach::{self, SOCKET, engine, must_exist};
use crate::settings::{self, Settings};

const LISTEN: &str = "127.0.0.1:8443";

pub fn run(args: Serve) -> Result<(), Failure> {
    must_exist(&args.data)?;
    let mut settings = settings::read(&args.data, &args.set)?;
    settings.database = args.database.or(settings.database);
    settings.listen = args.listen.or(settings.listen);
    write_logs();
    serve(&args.data, &settings, SITE, |address| {
        tell(&format!("Daybook is at http://{address}/"));
    })
}

/// Serves the folder; `ready` is told the address once it answers.
pub fn serve(
    data: &Path,
    settings: &Settings,
    site: Site,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Failure> {
    let Some(_lock) = reach::lock(data)? else {
        return Err(Failure::refused(format!(
            "Another process has {} open. Stop it first.",
            data.display()
        )));
    };
    let address = listen_address(settings.listen.as_deref().unwrap_or(LISTEN))?;
    let app = App::new(engine(data, settings)?, site);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| Failure::usage(format!("{address}: {error}")))?;
        let (stop, stopped) = watch::channel(false);
        let socket = data.join(SOCKET);
        let local = daybook_server::serve_local(Arc::clone(&app), &socket, stopped.clone());
        let metrics = metrics_address(settings)?;
        ready(listener.local_addr()?);
        let told = tokio::spawn(wait_for_the_end(stop));
        let metrics = serve_metrics(Arc::clone(&app), metrics, stopped.clone());
        let pages = daybook_server::serve(Arc::clone(&app), listener, stopped);
        tokio::try_join!(pages, local, metrics)?;
        told.abort();
        Ok(())
    })
}

async fn serve_metrics(
    app: Arc<App>,
    address: Option<SocketAddr>,
    stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    match address {
        Some(address) => daybook_server::serve_metrics(app, address, stop).await,
        None => Ok(()),
    }
}

/// Figures of the instance are for whoever is on this machine.
fn metrics_address(settings: &Settings) -> Result<Option<SocketAddr>, Failure> {
    settings
        .metrics
        .listen
        .as_deref()
        .map(listen_address)
        .transpose()
}

/// Until TLS is served here, only whoever is on this machine may connect: a
/// password must not cross a network in the clear.
fn listen_address(text: &str) -> Result<SocketAddr, Failure> {
    let address: SocketAddr = text.parse().map_err(|_| {
        Failure::usage(format!(
            "--listen {text}: write an address and a port, such as {LISTEN}"
        ))
    })?;
    if !address.ip().is_loopback() {
        return Err(Failure::refused(format!(
            "--listen {text} can be reached from other machines, and this version serves no TLS. \
             Listen on 127.0.0.1 and put a TLS proxy on this machine before it."
        )));
    }
    Ok(address)
}

async fn wait_for_the_end(stop: watch::Sender<bool>) {
    let interrupted = tokio::signal::ctrl_c();
    let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    match terminated {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupted.await;
        }
    }
    // Nobody listens any more if the server has ended by itself.
    let _ = stop.send(true);
}

/// Structured JSON on standard error; `DAYBOOK_LOG` chooses the level.
pub fn write_logs() {
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_env_var("DAYBOOK_LOG")
        .with_default_directive(tracing::Level::INFO.into())
        .from_env_lossy();
    // A second start in one process keeps the first logger.
    let _ = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
