//! An instance at work: an engine in a folder of its own and the real server
//! before it, with one workspace, `acme`, and its Owner.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use daybook_engine::limits::Allowances;
use daybook_engine::store::Server;
use daybook_engine::{Doors, Engine, Settings};
use daybook_kernel::ports::{Nobody, Outside};
use daybook_kernel::road::Directory;
use daybook_kernel::{Clock as _, Feature, PasswordScheme, Role};
use daybook_server::{
    App, Certificate, Edge, EdgeSettings, Egress, EgressSettings, Gate, Site, Tls,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::caller::Proof;
use crate::{Caller, Cluster, Dice, FakeClock, On};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";
const OWNER: &str = "owner@example.com";
/// The origin that links in mail stand on, whatever port a story is served at.
pub const SITE_ORIGIN: &str = "https://books.example.com";

/// What is under test: the binary's one list and its wiring.
#[derive(Clone, Copy)]
pub struct Product {
    pub features: &'static [Feature],
    pub directory: Directory,
    pub site: Site,
}

/// What the instance takes for its own origin.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// [`SITE_ORIGIN`], wherever it is served.
    Elsewhere,
    /// `localhost` at its port: browsers show passkeys to sites with a name alone.
    Here,
}

#[derive(Clone, Copy)]
pub struct Options {
    pub on: On,
    /// So many that no story meets them, unless it is about them.
    pub allowances: Allowances,
    pub open_workspaces_max: usize,
    pub bytes_max: Option<i64>,
    pub password_scheme: PasswordScheme,
    pub reached: Reached,
}

pub struct Instance {
    product: Product,
    options: Options,
    folder: TempDir,
    database: Option<String>,
    pub clock: Arc<FakeClock>,
    pub dice: Arc<Dice>,
    outside: Arc<dyn Outside>,
    running: Option<Running>,
    /// Sessions by address: a sign-in costs a tenth of a second.
    sessions: Mutex<HashMap<String, String>>,
}

struct Running {
    app: Arc<App>,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    runtime: Runtime,
}

impl Options {
    pub fn on(on: On) -> Self {
        let plenty = NonZeroU32::new(1_000_000).expect("a number");
        Self {
            on,
            allowances: Allowances {
                requests_per_second: plenty,
                guesses_per_minute: plenty,
                heavy_per_minute: plenty,
                generations_per_five_minutes: plenty,
            },
            open_workspaces_max: 64,
            bytes_max: None,
            password_scheme: PasswordScheme::Argon2id,
            reached: Reached::Elsewhere,
        }
    }
}

impl Instance {
    /// With the workspace `acme` and its Owner.
    pub fn start(product: Product, options: Options) -> Self {
        let instance = Self::empty(product, options);
        instance.make_person(OWNER);
        instance.make_workspace("acme", OWNER);
        instance
    }

    /// With nobody in it.
    pub fn empty(product: Product, options: Options) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("daybook-")
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir()
            .expect("a folder");
        let database = (options.on == On::Postgres).then(|| Cluster::shared().make_database());
        let mut instance = Self {
            product,
            options,
            folder,
            database,
            clock: Arc::new(FakeClock::at("2026-06-15T09:00:00Z")),
            dice: Arc::new(Dice::fresh()),
            outside: Arc::new(Nobody),
            running: None,
            sessions: Mutex::default(),
        };
        instance.running = Some(instance.run());
        instance
    }

    /// Serves anew with this way to the outside.
    pub fn reach_out(&mut self, settings: EgressSettings) {
        let egress = Egress::new(settings, self.clock.clone());
        self.outside = Arc::new(egress.expect("settings"));
        self.restart();
    }

    fn run(&self) -> Running {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut settings = self.settings();
        if self.options.reached == Reached::Here {
            settings.site = format!("https://localhost:{}", address.port());
        }
        let doors = self.doors();
        let engine = Engine::open(
            settings,
            self.product.features,
            self.product.directory,
            doors,
        );
        let app = App::new(engine.expect("an engine"), self.product.site);
        let (stop, stopped) = watch::channel(false);
        let gate = self.gate(&EdgeSettings::default(), address);
        runtime.spawn(daybook_server::serve(
            Arc::clone(&app),
            listener,
            gate,
            stopped,
        ));
        Running {
            app,
            address,
            stop,
            runtime,
        }
    }

    /// What stands before the routes: TLS with this folder's local certificate,
    /// judged by the story's clock, and these settings of the edge.
    fn gate(&self, settings: &EdgeSettings, address: SocketAddr) -> Gate {
        let clock = Arc::clone(&self.clock);
        let now = Arc::new(move || clock.now());
        let local = Certificate::Local { names: Vec::new() };
        let tls = Tls::open(self.folder.path().join("tls"), local, now).expect("a certificate");
        let edge = Edge::new(settings, &tls.names(), address.port()).expect("settings");
        crate::tls::trust(address, self.folder.path(), Some(Arc::clone(&self.clock)));
        Gate {
            tls,
            edge: Arc::new(edge),
        }
    }

    /// One more door to the same instance, with other settings of the edge.
    pub fn serve_also(&self, settings: &EdgeSettings) -> SocketAddr {
        let running = self.running();
        let listener = TcpListener::bind("127.0.0.1:0");
        let listener = running.runtime.block_on(listener).expect("a port");
        let address = listener.local_addr().expect("an address");
        let app = Arc::clone(&running.app);
        let gate = self.gate(settings, address);
        let stopped = running.stop.subscribe();
        running
            .runtime
            .spawn(daybook_server::serve(app, listener, gate, stopped));
        address
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            data: self.folder.path().to_owned(),
            database: self.database.as_ref().map(|name| {
                let by_socket = || Err("a socket needs no trust".to_owned());
                Server::new(&Cluster::shared().url(name), by_socket).expect("an address")
            }),
            site: SITE_ORIGIN.to_owned(),
            password_scheme: self.options.password_scheme,
            allowances: self.options.allowances,
            open_workspaces_max: self.options.open_workspaces_max,
            bytes_max: self.options.bytes_max,
        }
    }

    pub(crate) fn doors(&self) -> Doors {
        Doors {
            clock: self.clock.clone(),
            entropy: self.dice.clone(),
            outside: self.outside.clone(),
        }
    }

    pub(crate) const fn product(&self) -> Product {
        self.product
    }

    /// Stops the server and lets every file go; what follows runs without it.
    pub fn stop(&mut self) {
        if let Some(Running {
            app, stop, runtime, ..
        }) = self.running.take()
        {
            // Nobody listens if the server has ended by itself.
            let _ = stop.send(true);
            runtime.shutdown_timeout(Duration::from_secs(5));
            drop(app);
        }
    }

    /// What the next restart goes by.
    pub fn options_mut(&mut self) -> &mut Options {
        &mut self.options
    }

    /// The same folder and database, served anew.
    pub fn restart(&mut self) {
        self.stop();
        self.running = Some(self.run());
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("a running instance")
    }

    pub fn app(&self) -> &Arc<App> {
        &self.running().app
    }

    pub fn engine(&self) -> &Engine {
        &self.running().app.engine
    }

    /// Whether the log of a workspace, or of the instance, is what its witness saw.
    pub fn log_is_whole(&self, workspace: Option<&str>) -> bool {
        let desk = self.engine().desk(workspace).expect("a database");
        desk.verify().expect("a verdict").is_whole()
    }

    pub fn runtime(&self) -> &Runtime {
        &self.running().runtime
    }

    pub fn address(&self) -> SocketAddr {
        self.running().address
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The name of the PostgreSQL database, where that is the store.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// A person who can sign in with [`PASSWORD`]; answers with their id.
    pub fn make_person(&self, email: &str) -> String {
        let input = json!({"email": email, "password": PASSWORD});
        let made = self.operator().ok("identity.create_person", input);
        made["id"].as_str().expect("an id").to_owned()
    }

    /// A workspace of this person, founded; answers with what was made.
    pub fn make_workspace(&self, slug: &str, founder: &str) -> Value {
        let founder = self.caller(Proof::Local(Some(founder.to_owned())), slug);
        let made = founder.ok(
            "identity.create_workspace",
            json!({"name": slug, "slug": slug}),
        );
        founder.ok("team.list_members", json!({}));
        made
    }

    /// The Owner of `acme`, by the local door: for setting a scene cheaply.
    pub fn owner(&self) -> Caller<'_> {
        self.local("acme")
    }

    /// The first Owner of a workspace, by the local door.
    pub fn local(&self, workspace: &str) -> Caller<'_> {
        self.caller(Proof::Local(Some(OWNER.to_owned())), workspace)
    }

    /// Whoever holds the data folder, as nobody in particular.
    pub fn operator(&self) -> Caller<'_> {
        self.caller(Proof::Local(None), "acme")
    }

    /// Somebody by address, by the local door.
    pub fn local_as(&self, email: &str, workspace: &str) -> Caller<'_> {
        self.caller(Proof::Local(Some(email.to_owned())), workspace)
    }

    pub fn anonymous(&self) -> Caller<'_> {
        self.caller(Proof::Nobody, "acme")
    }

    /// A member of `acme` with this role, made at the first call: signed in
    /// over HTTP.
    pub fn member(&self, role: Role) -> Caller<'_> {
        self.sign_in(&self.colleague(role), "acme")
    }

    /// The same person with an API token that may do all that they may.
    pub fn member_by_token(&self, role: Role) -> Caller<'_> {
        let email = self.colleague(role);
        self.local_as(&email, "acme").token(&["*"])
    }

    /// The address of the member of this role.
    pub fn colleague(&self, role: Role) -> String {
        if role == Role::Owner {
            return OWNER.to_owned();
        }
        let email = format!("{}@example.com", role.name().to_lowercase());
        let members = self.owner().ok("team.list_members", json!({}));
        let known = members["members"].as_array().expect("members");
        if !known.iter().any(|member| member["email"] == email.as_str()) {
            // Whoever has left has an account still.
            let input = json!({"email": email, "password": PASSWORD});
            let made = self.operator().call("identity.create_person", input);
            assert!(matches!(made.status, 200 | 422), "{}", made.text());
            self.owner()
                .ok("team.add_member", json!({"email": email, "role": role}));
        }
        email
    }

    /// Somebody signed in over HTTP, once an instance.
    pub fn sign_in(&self, email: &str, workspace: &str) -> Caller<'_> {
        let kept = self.sessions.lock().expect("sessions").get(email).cloned();
        match kept {
            Some(token) => self.caller(Proof::Session(token), workspace),
            None => self.sign_in_anew(email, workspace),
        }
    }

    /// Somebody signed in over HTTP once more, on another device.
    pub fn sign_in_anew(&self, email: &str, workspace: &str) -> Caller<'_> {
        let input = json!({"email": email, "password": PASSWORD});
        let opened = self.anonymous().call("identity.sign_in", input);
        assert_eq!(opened.status, 200, "{}", opened.text());
        let token = opened.session().expect("a session");
        let mut sessions = self.sessions.lock().expect("sessions");
        sessions.insert(email.to_owned(), token.clone());
        drop(sessions);
        self.caller(Proof::Session(token), workspace)
    }

    /// A caller who shows this as a bearer token, whatever it is.
    pub fn bearer(&self, token: &str, workspace: &str) -> Caller<'_> {
        self.caller(Proof::Token(token.to_owned()), workspace)
    }

    /// A caller who shows this as the session's cookie, whatever it is.
    pub fn cookie(&self, token: &str, workspace: &str) -> Caller<'_> {
        self.caller(Proof::Session(token.to_owned()), workspace)
    }

    fn caller(&self, proof: Proof, workspace: &str) -> Caller<'_> {
        Caller::new(self, proof, workspace)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.stop();
    }
}
