//! `daybook serve`: the server, until it is told to stop.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use daybook_server::{App, Gate, Site};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::{advisories, mail, secrets, tell};
use crate::cli::Serve;
use crate::confinement::confine;
use crate::edge;
use crate::failure::Failure;
use crate::features::SITE;
use crate::reach::{self, SOCKET, engine, must_exist};
use crate::settings::{self, Settings};

pub fn run(args: Serve) -> Result<(), Failure> {
    must_exist(&args.data)?;
    let mut settings = settings::read(&args.data, &args.set)?;
    settings.database = args.database.or(settings.database);
    settings.listen = args.listen.or(settings.listen);
    write_logs();
    serve(&args.data, &settings, &SITE, |address| {
        tell(&format!("Daybook is at https://{address}/"));
    })
}

/// Serves the folder; `ready` is told the address once it answers.
pub fn serve(
    data: &Path,
    settings: &Settings,
    site: &Site,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Failure> {
    let Some(lock) = reach::lock(data)? else {
        return Err(Failure::refused(format!(
            "Another process has {} open. Stop it first.",
            data.display()
        )));
    };
    let address = edge::address(
        "--listen",
        settings.listen.as_deref().unwrap_or(edge::LISTEN),
    )?;
    edge::judge(settings, address)?;
    confine(data, &lock)?;
    let metrics = edge::metrics_address(settings)?;
    let app = App::new(engine(data, settings)?, *site);
    let mailer = mail::mailer(data, &settings.mail, app.engine.site())?;
    let advisories = advisories::Daily::new(data, settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| Failure::usage(format!("{address}: {error}")))?;
        let served = listener.local_addr()?;
        let gate = edge::gate(data, settings, served)?;
        let redirect = edge::redirect(settings, served)?;
        let redirect = bind_redirect(redirect).await?;
        secrets::tell(&app, data, settings).await?;
        let (stop, stopped) = watch::channel(false);
        let socket = data.join(SOCKET);
        let local = daybook_server::serve_local(Arc::clone(&app), &socket, stopped.clone());
        ready(served);
        let told = tokio::spawn(wait_for_the_end(stop));
        let metrics = serve_metrics(Arc::clone(&app), metrics, gate.clone(), stopped.clone());
        let mail = daybook_server::serve_mail(Arc::clone(&app), mailer, stopped.clone());
        let redirect = serve_redirect(redirect, stopped.clone());
        let advisories = advisories::each_day(Arc::clone(&app), advisories, stopped.clone());
        let pages = daybook_server::serve(Arc::clone(&app), listener, gate, stopped);
        tokio::try_join!(pages, local, metrics, mail, redirect, advisories)?;
        told.abort();
        Ok(())
    })
}

async fn serve_metrics(
    app: Arc<App>,
    address: Option<SocketAddr>,
    gate: Gate,
    stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    match address {
        Some(address) => daybook_server::serve_metrics(app, address, gate, stop).await,
        None => Ok(()),
    }
}

async fn bind_redirect(
    redirect: Option<(SocketAddr, String)>,
) -> Result<Option<(TcpListener, String)>, Failure> {
    let Some((address, origin)) = redirect else {
        return Ok(None);
    };
    let bound = TcpListener::bind(address).await;
    let listener = bound.map_err(|error| {
        Failure::usage(format!(
            "http.listen {address}: {error}. `http.listen = \"off\"` does without it."
        ))
    })?;
    Ok(Some((listener, origin)))
}

async fn serve_redirect(
    redirect: Option<(TcpListener, String)>,
    stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    match redirect {
        Some((listener, origin)) => daybook_server::serve_redirect(listener, origin, stop).await,
        None => Ok(()),
    }
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
