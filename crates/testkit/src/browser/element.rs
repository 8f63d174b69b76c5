//! An element of a page, as a person's hand and eye meet it.

use serde_json::{Value, json};

use super::Browser;

/// By this name WebDriver's answers refer to an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// An element of the page that is open.
pub struct Element<'b> {
    browser: &'b Browser,
    id: String,
}

impl<'b> Element<'b> {
    pub(super) fn of(browser: &'b Browser, found: &Value) -> Self {
        let id = found[ELEMENT].as_str().expect("an element").to_owned();
        Self { browser, id }
    }

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
