//! A real browser: headless Chromium with a profile of its own, driven through
//! ChromeDriver by WebDriver, which is JSON over HTTP.
//!
//! Nothing here sleeps: whoever looks for an element waits for it, with a limit.

mod element;
mod processes;
mod wire;

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::Authority;
pub use element::Element;
use processes::{Processes, part};
use wire::ask;

/// How long a story waits for what it looks for.
const PATIENCE_MS: u32 = 15_000;
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
    /// Where the instance is served: `https://127.0.0.1:4000`.
    origin: String,
    axe: String,
}

impl Browser {
    /// A browser for what is served at this address.
    pub fn start(site: SocketAddr) -> Self {
        let (processes, driver) = Processes::start();
        let beside = Authority::shared().here().key_hash();
        let flags = processes.flags(&[crate::tls::key_hash(site), beside]);
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
        let axe = part("DAYBOOK_TEST_AXE");
        Self {
            _processes: processes,
            driver,
            session: opened["sessionId"].as_str().expect("a session").to_owned(),
            origin: format!("https://{site}"),
            axe: std::fs::read_to_string(axe).expect("axe-core"),
        }
    }

    /// The same, which opens the instance by the name of this machine: passkeys
    /// are for sites with a name.
    #[must_use]
    pub fn by_name(mut self) -> Self {
        self.origin = self.origin.replace("127.0.0.1", "localhost");
        self
    }

    /// Plugs in a device with room for passkeys, whose owner always agrees.
    #[track_caller]
    pub fn authenticator(&self) {
        let device = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserConsenting": true,
            "isUserVerified": true,
        });
        self.ask("POST", "/webauthn/authenticator", &device);
    }

    #[track_caller]
    fn ask(&self, method: &str, path: &str, input: &Value) -> Value {
        let path = format!("/session/{}{path}", self.session);
        match ask(self.driver, method, &path, input) {
            Ok(value) => value,
            Err(error) => panic!("{method} {path} {}: {error}", wire::shortened(input)),
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
            panic!(
                "{value} is not at {}: {error}\n{:#?}\n{shown}",
                self.path(),
                self.complaints()
            )
        });
        Element::of(self, &found)
    }

    /// The element that has the focus.
    #[track_caller]
    pub fn focused(&self) -> Element<'_> {
        let found = self.ask("GET", "/element/active", &Value::Null);
        Element::of(self, &found)
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
            && ["/w/", "/account/", "/sign-", "/step-up", "/invitation/"]
                .iter()
                .any(|own| path.starts_with(own))
    }

    #[track_caller]
    pub fn has_no_complaints(&self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "at {}: {complaints:#?}", self.path());
    }

    /// By how much the document is wider than the window, and what sticks out.
    #[track_caller]
    pub fn overflow(&self) -> Option<String> {
        let found = self.execute(OVERFLOW, &[]);
        found.as_str().map(str::to_owned)
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
        wire::from_base64(printed.as_str().expect("a document"))
    }

    /// What the window shows, as PNG: for whoever looks into a failing story.
    #[track_caller]
    pub fn screenshot(&self) -> Vec<u8> {
        let shown = self.ask("GET", "/screenshot", &Value::Null);
        wire::from_base64(shown.as_str().expect("an image"))
    }
}

/// The innermost elements that stick out and that no region around them scrolls.
const OVERFLOW: &str = "\
    const wide = document.documentElement.scrollWidth - innerWidth; if (wide <= 0) return null;
    const scrolls = (one) => one && one !== document.body && one !== document.documentElement
        && (getComputedStyle(one).overflowX !== 'visible' || scrolls(one.parentElement));
    const out = [...document.body.querySelectorAll('*')].filter((one) =>
        one.getBoundingClientRect().right > innerWidth && !scrolls(one.parentElement));
    const named = (one) => one.localName + [...one.classList].map((name) => '.' + name).join('');
    return `${wide} pixels too wide: ` + out.slice(-4).map(named).join(', ');";

/// Each finding in a line: its rule, how grave, and the elements.
const AXE: &str = "axe.run(document, {resultTypes: ['violations']}).then((result) => \
    result.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => \
    `${one.id} (${one.impact}): ` + one.nodes.slice(0, 5).map((node) => \
    node.target.join(' ') + ' ' + node.any.concat(node.all, node.none).map((check) => check.message).join(' ')).join(' | ')))";

fn down(key: char) -> Value {
    json!({"type": "keyDown", "value": key})
}

fn up(key: char) -> Value {
    json!({"type": "keyUp", "value": key})
}
