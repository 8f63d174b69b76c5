//! A real browser: headless Chromium with a profile of its own, driven through
//! ChromeDriver. WebDriver is JSON over HTTP, so [`Request`] speaks it.
//!
//! Nothing here sleeps: whoever looks for an element waits for it, with a limit.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Request;

/// How long a story waits for what it looks for.
const PATIENCE_MS: u32 = 15_000;
/// By this name WebDriver's answers refer to an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Nothing outside of this machine is asked for, and no background work disturbs.
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-features=Translate,OptimizationHints",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/// Keys that have no character, as WebDriver names them.
pub mod key {
    pub const ENTER: char = '\u{e007}';
    pub const TAB: char = '\u{e004}';
    pub const ESCAPE: char = '\u{e00c}';
    pub const CONTROL: char = '\u{e009}';
    pub const DOWN: char = '\u{e015}';
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    Screen,
    Print,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    A4,
    Letter,
}

pub struct Browser {
    /// Held until the story is over.
    _processes: Processes,
    driver: SocketAddr,
    session: String,
    /// Where the instance is served: `http://127.0.0.1:4000`.
    origin: String,
    axe: String,
}

/// An element of the page that is open.
pub struct Element<'b> {
    browser: &'b Browser,
    id: String,
}

/// What must not outlive the story, even one that panics.
struct Processes {
    driver: Child,
    chromium: Option<u64>,
    /// Held, since ChromeDriver may still write into it.
    _said: BufReader<ChildStdout>,
    profile: TempDir,
}

impl Browser {
    /// A browser for what is served at this address.
    pub fn start(site: SocketAddr) -> Self {
        let (mut processes, driver) = Processes::start();
        let profile = processes.profile.path().join("profile");
        let flags: Vec<String> = FLAGS
            .iter()
            .map(|flag| (*flag).to_owned())
            .chain([format!("--user-data-dir={}", profile.display())])
            .collect();
        let wanted = json!({
            "browserName": "chrome",
            "timeouts": {"implicit": PATIENCE_MS, "pageLoad": 60_000, "script": 60_000},
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": part("DAYBOOK_TEST_CHROMIUM"), "args": flags},
        });
        let opened = ask(
            driver,
            "POST",
            "/session",
            &json!({"capabilities": {"alwaysMatch": wanted}}),
        );
        let opened = opened.unwrap_or_else(|error| panic!("no browser: {error}"));
        processes.chromium = opened["capabilities"]["goog:processID"].as_u64();
        let axe = part("DAYBOOK_TEST_AXE");
        Self {
            _processes: processes,
            driver,
            session: opened["sessionId"].as_str().expect("a session").to_owned(),
            origin: format!("http://{site}"),
            axe: std::fs::read_to_string(axe).expect("axe-core"),
        }
    }

    #[track_caller]
    fn ask(&self, method: &str, path: &str, input: &Value) -> Value {
        let path = format!("/session/{}{path}", self.session);
        match ask(self.driver, method, &path, input) {
            Ok(value) => value,
            Err(error) => panic!("{method} {path} {}: {error}", shortened(&input.to_string())),
        }
    }

    /// A command of the Chrome DevTools Protocol.
    #[track_caller]
    pub fn devtools(&self, command: &str, parameters: Value) -> Value {
        let input = json!({"cmd": command, "params": parameters});
        self.ask("POST", "/goog/cdp/execute", &input)
    }

    /// Opens a path of the instance; answers with the status.
    #[track_caller]
    pub fn open(&self, path: &str) -> u16 {
        let url = format!("{}{path}", self.origin);
        self.ask("POST", "/url", &json!({"url": url}));
        self.status()
    }

    #[track_caller]
    pub fn back(&self) {
        self.ask("POST", "/back", &json!({}));
    }

    #[track_caller]
    pub fn reload(&self) {
        self.ask("POST", "/refresh", &json!({}));
    }

    /// The address after the origin, with its query.
    #[track_caller]
    pub fn path(&self) -> String {
        let url = self.ask("GET", "/url", &Value::Null);
        let url = url.as_str().expect("an address");
        url.strip_prefix(&self.origin).unwrap_or(url).to_owned()
    }

    /// The status with which the open document was answered.
    #[track_caller]
    pub fn status(&self) -> u16 {
        let status = self.navigation("responseStatus");
        u16::try_from(status).expect("a status")
    }

    /// The length of the open document's HTML in bytes.
    #[track_caller]
    pub fn html_bytes(&self) -> u64 {
        self.navigation("decodedBodySize")
    }

    #[track_caller]
    fn navigation(&self, field: &str) -> u64 {
        let script = "return performance.getEntriesByType('navigation')[0][arguments[0]]";
        let value = self.execute(script, &[json!(field)]);
        value.as_u64().unwrap_or_else(|| panic!("{field}: {value}"))
    }

    /// Runs a function's body in the page.
    #[track_caller]
    pub fn execute(&self, body: &str, arguments: &[Value]) -> Value {
        let input = json!({"script": body, "args": arguments});
        self.ask("POST", "/execute/sync", &input)
    }

    /// The page's size in CSS pixels, a phone's among them.
    #[track_caller]
    pub fn size(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size);
    }

    /// What the reader's system prefers, and for what the page is drawn.
    #[track_caller]
    pub fn media(&self, medium: Medium, theme: Theme) {
        let medium = match medium {
            Medium::Screen => "screen",
            Medium::Print => "print",
        };
        let theme = match theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let features = json!([{"name": "prefers-color-scheme", "value": theme}]);
        let media = json!({"media": medium, "features": features});
        self.devtools("Emulation.setEmulatedMedia", media);
    }

    #[track_caller]
    pub fn theme(&self, theme: Theme) {
        self.media(Medium::Screen, theme);
    }

    /// Whether pages opened from now on run their script.
    #[track_caller]
    pub fn scripts(&self, scripts: Scripts) {
        let off = json!({"value": scripts == Scripts::Off});
        self.devtools("Emulation.setScriptExecutionDisabled", off);
    }

    /// Signs in through the form of the page that is open or, elsewhere, of `/sign-in`.
    #[track_caller]
    pub fn sign_in(&self, email: &str, password: &str) {
        let is_there = "return !!document.querySelector('input[name=password]')";
        if self.execute(is_there, &[]) != true {
            self.open("/sign-in");
        }
        self.find("input[name=email]").fill(email);
        self.find("input[name=password]").fill(password);
        self.find("form button[type=submit], form .button.primary")
            .click();
    }

    /// The cookies as the browser keeps them.
    #[track_caller]
    pub fn cookies(&self) -> Value {
        self.ask("GET", "/cookie", &Value::Null)
    }

    /// The first element that this selector finds, as soon as it is there.
    #[track_caller]
    pub fn find(&self, selector: &str) -> Element<'_> {
        self.locate("css selector", selector)
    }

    /// The first element that this XPath finds, as soon as it is there.
    #[track_caller]
    pub fn find_path(&self, path: &str) -> Element<'_> {
        self.locate("xpath", path)
    }

    /// The link of this text, as soon as it is there.
    #[track_caller]
    pub fn link(&self, text: &str) -> Element<'_> {
        self.locate("link text", text)
    }

    /// Waits until the page's title is this.
    #[track_caller]
    pub fn titled(&self, title: &str) {
        self.find_path(&format!("//main//h1[normalize-space()='{title}']"));
    }

    /// Waits until the page holds this text.
    #[track_caller]
    pub fn says(&self, text: &str) {
        self.find_path(&format!("//body[contains(normalize-space(), \"{text}\")]"));
    }

    #[track_caller]
    fn locate(&self, using: &str, value: &str) -> Element<'_> {
        let path = format!("/session/{}/element", self.session);
        let wanted = json!({"using": using, "value": value});
        let found = ask(self.driver, "POST", &path, &wanted).unwrap_or_else(|error| {
            let shown = "return document.body ? document.body.innerText : ''";
            let shown = self.execute(shown, &[]);
            let shown = shown.as_str().unwrap_or_default().to_owned();
            panic!("{value} is not at {}: {error}\n{shown}", self.path())
        });
        Element {
            browser: self,
            id: found[ELEMENT].as_str().expect("an element").to_owned(),
        }
    }

    /// The element that has the focus.
    #[track_caller]
    pub fn focused(&self) -> Element<'_> {
        let found = self.ask("GET", "/element/active", &Value::Null);
        Element {
            browser: self,
            id: found[ELEMENT].as_str().expect("an element").to_owned(),
        }
    }

    /// Types at the keyboard, wherever the focus is.
    #[track_caller]
    pub fn keys(&self, keys: &str) {
        let strokes = keys.chars().flat_map(|key| [down(key), up(key)]);
        self.strokes(strokes.collect());
    }

    /// Presses a key while holding Control.
    #[track_caller]
    pub fn control(&self, key: char) {
        let strokes = [down(key::CONTROL), down(key), up(key), up(key::CONTROL)];
        self.strokes(strokes.to_vec());
    }

    #[track_caller]
    fn strokes(&self, strokes: Vec<Value>) {
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": strokes});
        self.ask("POST", "/actions", &json!({"actions": [keyboard]}));
    }

    /// What the console and the content policy complained of since the last
    /// time; that a document of ours was refused, as a story wants it, is none.
    #[track_caller]
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.ask("POST", "/se/log", &json!({"type": "browser"}));
        let entries = entries.as_array().cloned().unwrap_or_default();
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        entries
            .iter()
            .filter(|entry| ["SEVERE", "WARNING"].contains(&text(entry, "level").as_str()))
            .map(|entry| format!("{}: {}", text(entry, "source"), text(entry, "message")))
            .filter(|said| !(said.starts_with("network: ") && self.is_refused_document(said)))
            .collect()
    }

    fn is_refused_document(&self, said: &str) -> bool {
        let address = said.trim_start_matches("network: ");
        let path = address.strip_prefix(&self.origin).unwrap_or(address);
        said.contains("responded with a status of 4")
            && (path.starts_with("/w/") || path.starts_with("/sign-"))
    }

    #[track_caller]
    pub fn has_no_complaints(&self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "at {}: {complaints:#?}", self.path());
    }

    /// By how many pixels the document is wider than the window.
    #[track_caller]
    pub fn overflow(&self) -> i64 {
        let script = "return document.documentElement.scrollWidth - innerWidth";
        self.execute(script, &[]).as_i64().expect("pixels")
    }

    /// The serious and critical findings of axe-core, each with its elements.
    /// It runs in a world of its own beside the page, which no policy binds.
    #[track_caller]
    pub fn axe(&self) -> Vec<String> {
        let frames = self.devtools("Page.getFrameTree", json!({}));
        let frame = &frames["frameTree"]["frame"]["id"];
        let world = json!({"frameId": frame, "worldName": "axe"});
        let world = self.devtools("Page.createIsolatedWorld", world);
        let evaluate = |expression: &str| {
            let input = json!({
                "contextId": world["executionContextId"],
                "expression": expression,
                "awaitPromise": true,
                "returnByValue": true,
            });
            let answer = self.devtools("Runtime.evaluate", input);
            assert!(answer["exceptionDetails"].is_null(), "axe-core: {answer}");
            answer["result"]["value"].clone()
        };
        if evaluate("typeof axe") == "undefined" {
            evaluate(&format!("{};0", self.axe));
        }
        let found = evaluate(AXE);
        let found = found.as_array().expect("findings").iter();
        found
            .map(|finding| finding.as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The open page as it would be printed.
    #[track_caller]
    pub fn print(&self, paper: Paper) -> Vec<u8> {
        let (width, height) = match paper {
            Paper::A4 => (21.0, 29.7),
            Paper::Letter => (21.59, 27.94),
        };
        let page = json!({"page": {"width": width, "height": height}});
        let printed = self.ask("POST", "/print", &page);
        from_base64(printed.as_str().expect("a document"))
    }

    /// What the window shows, as PNG: for whoever looks into a failing story.
    #[track_caller]
    pub fn screenshot(&self) -> Vec<u8> {
        let shown = self.ask("GET", "/screenshot", &Value::Null);
        from_base64(shown.as_str().expect("an image"))
    }
}

/// Each finding in a line: its rule, how grave, and the elements.
const AXE: &str = "axe.run(document, {resultTypes: ['violations']}).then((result) => \
    result.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => \
    `${one.id} (${one.impact}): ` + one.nodes.slice(0, 5).map((node) => \
    node.target.join(' ') + ' ' + node.any.concat(node.all, node.none).map((check) => check.message).join(' ')).join(' | ')))";

impl Element<'_> {
    #[track_caller]
    fn ask(&self, method: &str, path: &str, input: &Value) -> Value {
        let path = format!("/element/{}{path}", self.id);
        self.browser.ask(method, &path, input)
    }

    #[track_caller]
    pub fn click(&self) {
        self.ask("POST", "/click", &json!({}));
    }

    /// Types after what is there already; into a file field, the file's path.
    #[track_caller]
    pub fn type_in(&self, text: &str) {
        self.ask("POST", "/value", &json!({"text": text}));
    }

    /// Types in place of what is there.
    #[track_caller]
    pub fn fill(&self, text: &str) {
        self.ask("POST", "/clear", &json!({}));
        self.type_in(text);
    }

    #[track_caller]
    pub fn text(&self) -> String {
        let text = self.ask("GET", "/text", &Value::Null);
        text.as_str().unwrap_or_default().to_owned()
    }

    /// A property as the page has it now, such as what is typed.
    #[track_caller]
    pub fn property(&self, name: &str) -> String {
        match self.ask("GET", &format!("/property/{name}"), &Value::Null) {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        }
    }

    #[track_caller]
    pub fn is_shown(&self) -> bool {
        self.ask("GET", "/displayed", &Value::Null) == true
    }

    #[track_caller]
    pub fn style(&self, name: &str) -> String {
        let style = self.ask("GET", &format!("/css/{name}"), &Value::Null);
        style.as_str().unwrap_or_default().to_owned()
    }
}

impl Processes {
    fn start() -> (Self, SocketAddr) {
        let profile = tempfile::Builder::new()
            .prefix("daybook-browser-")
            .tempdir()
            .expect("a folder");
        let mut driver = Command::new(part("DAYBOOK_TEST_CHROMEDRIVER"))
            // Any free port, which it then says.
            .arg("--port=0")
            .env("HOME", profile.path())
            .env("TMPDIR", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("ChromeDriver");
        let mut said = BufReader::new(driver.stdout.take().expect("its output"));
        let port = port(&mut said);
        let processes = Self {
            driver,
            chromium: None,
            _said: said,
            profile,
        };
        let port = port.expect("ChromeDriver says its port");
        (processes, SocketAddr::from(([127, 0, 0, 1], port)))
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        let group = format!("-{}", self.driver.id());
        let chromium = self.chromium.map(|pid| pid.to_string());
        // Whatever has ended already is no matter.
        let _ = Command::new("kill")
            .args(["-KILL", "--"])
            .args(chromium)
            .arg(group)
            .stderr(Stdio::null())
            .status();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The port of the line "ChromeDriver was started successfully on port 9515."
fn port(said: &mut BufReader<ChildStdout>) -> Option<u16> {
    for line in said.by_ref().lines().map_while(Result::ok) {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse().ok();
        }
    }
    None
}

/// One command; what WebDriver says went wrong is the error.
fn ask(driver: SocketAddr, method: &str, path: &str, input: &Value) -> Result<Value, String> {
    let request = Request::new(method, path);
    let request = match input {
        Value::Null => request,
        input => request.json(input.to_string().as_bytes()),
    };
    let response = request.send(driver);
    let mut body: Value = serde_json::from_slice(&response.body)
        .map_err(|error| format!("{} {error}", response.status))?;
    let value = body["value"].take();
    match &value["error"] {
        Value::String(error) if response.status != 200 => {
            let message = value["message"].as_str().unwrap_or_default();
            Err(format!("{error}: {message}"))
        }
        _ => Ok(value),
    }
}

fn down(key: char) -> Value {
    json!({"type": "keyDown", "value": key})
}

fn up(key: char) -> Value {
    json!({"type": "keyUp", "value": key})
}

/// A part that `scripts/parts test` found.
#[expect(
    clippy::disallowed_methods,
    reason = "where the tests' parts are is said by the environment"
)]
fn part(name: &str) -> PathBuf {
    let part = std::env::var_os(name).map(PathBuf::from);
    let part = part.unwrap_or_else(|| panic!("{name} is not set: run scripts/parts test"));
    assert!(Path::new(&part).exists(), "{name}: no {}", part.display());
    part
}

fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}

fn from_base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for six in text.bytes().filter_map(value) {
        held = held << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    bytes
}
