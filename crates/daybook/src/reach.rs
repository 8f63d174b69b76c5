//! Reaching an instance from the command line: through the socket of a running
//! server, else by opening the store here, under the lock of the data folder.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use daybook_engine::keys::{SystemClock, SystemEntropy};
use daybook_engine::{Doors, Engine};
use daybook_server::{App, LocalAnswer, LocalRequest, PROGRESS, answer_local};
use serde_json::Value;

use crate::failure::{Failure, succeeded};
use crate::features::{DIRECTORY, FEATURES, SITE};
use crate::outside;
use crate::settings::{self, Settings};

/// One process at a time has the data folder open. Held until dropped.
pub struct FolderLock {
    file: File,
}

impl FolderLock {
    /// Leaves a line for whoever looks at who has the folder.
    pub fn note(&self, line: &str) -> std::io::Result<()> {
        self.file.set_len(0)?;
        (&self.file).write_all(line.as_bytes())
    }
}

pub enum Reach {
    Server(PathBuf),
    Here { app: Arc<App>, _lock: FolderLock },
}

/// What somebody at the command line asks for.
pub struct Ask<'a> {
    pub operation: &'a str,
    pub workspace: Option<&'a str>,
    pub person: Option<&'a str>,
    pub input: Value,
    pub format: &'a str,
}

impl Reach {
    pub fn open(data: &Path, settings: &Settings) -> Result<Self, Failure> {
        match lock(data)? {
            Some(lock) => {
                let app = App::new(engine(data, settings)?, SITE);
                Ok(Self::Here { app, _lock: lock })
            }
            None => Ok(Self::Server(data.join(SOCKET))),
        }
    }

    /// The same, with the settings of the folder itself.
    pub fn of_folder(data: &Path) -> Result<Self, Failure> {
        must_exist(data)?;
        Self::open(data, &settings::read(data, &[])?)
    }

    pub fn ask(&self, ask: Ask<'_>) -> Result<Value, Failure> {
        let request = LocalRequest {
            operation: ask.operation.to_owned(),
            workspace: ask.workspace.map(str::to_owned),
            r#as: ask.person.map(str::to_owned),
            input: ask.input,
            format: ask.format.to_owned(),
        };
        let answer = match self {
            Self::Server(socket) => over_socket(socket, &request)?,
            Self::Here { app, .. } => {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                runtime.block_on(answer_local(app, request))
            }
        };
        succeeded(answer)
    }
}

impl Reach {
    /// Asks, and tells meanwhile how far the operation has come: done and total.
    pub fn ask_watched(
        &self,
        ask: Ask<'_>,
        mut watch: impl FnMut(u64, u64),
    ) -> Result<Value, Failure> {
        let (operation, workspace, person) = (ask.operation, ask.workspace, ask.person);
        std::thread::scope(|scope| {
            let (sender, ended) = std::sync::mpsc::channel();
            scope.spawn(move || {
                // The one who waits is below, and waits for this.
                let _ = sender.send(self.ask(ask));
            });
            loop {
                match ended.recv_timeout(WATCH_EVERY) {
                    Ok(answer) => return answer,
                    Err(RecvTimeoutError::Disconnected) => {
                        return Err(Failure::ours("the work ended without an answer"));
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                }
                let progress = Ask {
                    operation: PROGRESS,
                    workspace,
                    person,
                    input: Value::Null,
                    format: "json",
                };
                // Whoever cannot be told how far it is still waits for the end.
                let seen = self.ask(progress).unwrap_or_default();
                let mut seen = seen.as_array().into_iter().flatten().rev();
                let own = seen.find(|work| work["operation"] == operation);
                if let Some((done, total)) =
                    own.and_then(|it| Some((it["done"].as_u64()?, it["total"].as_u64()?)))
                {
                    watch(done, total);
                }
            }
        })
    }
}

/// Between two looks at how far an operation has come.
const WATCH_EVERY: Duration = Duration::from_millis(250);

pub const SOCKET: &str = "daybook.sock";
pub const LOCK: &str = "daybook.lock";

/// Where an instance is reached whose settings do not say.
const SITE_ORIGIN: &str = "https://localhost:8443";

pub fn engine(data: &Path, settings: &Settings) -> Result<Engine, Failure> {
    let database = settings.database.as_deref();
    let database = database.map(|address| outside::database(data, settings, address));
    let engine = daybook_engine::Settings {
        data: data.to_owned(),
        database: database.transpose()?,
        site: settings
            .origin
            .clone()
            .unwrap_or_else(|| SITE_ORIGIN.to_owned()),
        password_scheme: settings.password.scheme,
        allowances: settings.limits.allowances(),
        open_workspaces_max: settings.workspaces.open_max,
        bytes_max: settings.workspaces.bytes_max,
    };
    let doors = Doors {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        outside: Arc::new(outside::egress(data, settings)?),
    };
    Ok(Engine::open(engine, &FEATURES, DIRECTORY, doors)?)
}

/// The lock of the folder, or nothing if a server has it.
pub fn lock(data: &Path) -> Result<Option<FolderLock>, Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data);
    made.map_err(|error| Failure::usage(format!("{}: {error}", data.display())))?;
    let path = data.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(FolderLock { file })),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

pub fn must_exist(data: &Path) -> Result<(), Failure> {
    if data.join("root.key").exists() {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "There is no instance in {}. Make one with: daybook init --data {} --owner EMAIL --workspace NAME",
        data.display(),
        data.display()
    )))
}

fn over_socket(socket: &Path, request: &LocalRequest) -> Result<LocalAnswer, Failure> {
    let mut stream = UnixStream::connect(socket).map_err(|error| {
        Failure::ours(format!(
            "Another process has the data folder open and does not answer at {}: {error}",
            socket.display()
        ))
    })?;
    let mut line = serde_json::to_vec(request).map_err(daybook_kernel::Error::ours)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    serde_json::from_str(&answer)
        .map_err(|error| Failure::ours(format!("the server's answer: {error}")))
}
