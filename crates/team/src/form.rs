//! Forms that do an operation: where they post, what they carry, and what comes
//! back with them when something is to be mended.

use daybook_kernel::PageRequest;
use daybook_kernel::page::{After, Draft};
use daybook_ui::{Fault, Field, Form, Html, Weight, button, fault_summary, hidden};
use maud::html;
use serde_json::Value;

/// Where an operation acts.
#[derive(Clone, Copy)]
enum Place {
    Workspace,
    Instance,
}

/// One operation, as the forms of a page offer it.
pub(crate) struct Act<'a> {
    request: &'a PageRequest,
    operation: &'static str,
    place: Place,
    /// Where it goes on success; without one the answer itself is shown.
    next: Option<String>,
    after: Option<After>,
}

impl<'a> Act<'a> {
    pub(crate) fn new(request: &'a PageRequest, operation: &'static str) -> Self {
        Self {
            request,
            operation,
            place: Place::Workspace,
            next: None,
            after: None,
        }
    }

    /// What the page says once it is done, and what takes it back.
    pub(crate) fn after(mut self, after: After) -> Self {
        self.after = Some(after);
        self
    }

    pub(crate) fn on_instance(request: &'a PageRequest, operation: &'static str) -> Self {
        Self {
            place: Place::Instance,
            ..Self::new(request, operation)
        }
    }

    pub(crate) fn then(mut self, path: &str) -> Self {
        self.next = Some(self.request.link(path));
        self
    }

    /// Leads out of the workspace, such as when one has left it.
    pub(crate) fn to(mut self, address: &str) -> Self {
        self.next = Some(address.to_owned());
        self
    }

    fn draft(&self) -> Option<&Draft> {
        self.request.draft_of(self.operation)
    }

    fn action(&self) -> String {
        // What is done to oneself is done on the instance, not in a workspace.
        let base = match self.place {
            Place::Workspace => self.request.base.as_str(),
            Place::Instance => "",
        };
        format!("{base}/do/{}", self.operation)
    }

    fn carried(&self) -> Html {
        html! {
            (hidden("page", &self.request.here))
            @if let Some(next) = &self.next { (hidden("next", next)) }
            @if let Some(after) = &self.after { (hidden(After::FIELD, &after.to_field())) }
        }
    }

    pub(crate) fn faults(&self) -> Vec<Fault> {
        let faults = self.draft().map(|draft| draft.faults.iter());
        faults
            .into_iter()
            .flatten()
            .map(|fault| Fault::new(fault.field.clone(), fault.message.clone()))
            .collect()
    }

    /// A field with what was typed before and what is wrong with it.
    pub(crate) fn field(&self, name: &str, field: Field) -> Field {
        let field = match self.typed(name) {
            Some(typed) => field.value(typed),
            None => field,
        };
        field.fault_of(&self.faults())
    }

    fn typed(&self, name: &str) -> Option<String> {
        let pointer = format!("/{}", name.replace('[', "/").replace(']', ""));
        match self.draft()?.input.pointer(&pointer)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(crate) fn form(&self, submit: &str, fields: &Html) -> Html {
        let frame = Form {
            action: self.action(),
            csrf: self.request.csrf.clone(),
            submit: submit.to_owned(),
            faults: self.faults(),
            ..Form::default()
        };
        daybook_ui::form(&frame, html! { (self.carried()) (fields) })
    }

    /// A form of one button, about the thing whose id it carries.
    pub(crate) fn button(&self, label: &str, weight: Weight, field: &str, id: &str) -> Html {
        let about_this = self.typed(field).is_none_or(|typed| typed == id);
        html! {
            @if about_this { (fault_summary(&self.faults())) }
            form.inline method="post" action=(self.action()) {
                (hidden("csrf", &self.request.csrf))
                (self.carried())
                @if !field.is_empty() { (hidden(field, id)) }
                (button(label, weight))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use daybook_kernel::Faults;
    use serde_json::json;

    fn request() -> PageRequest {
        PageRequest {
            base: "/w/lovelace".to_owned(),
            here: "/w/lovelace/team/members".to_owned(),
            csrf: "c".to_owned(),
            draft: Some(Draft {
                operation: "team.create_api_token".to_owned(),
                input: json!({ "name": "<Nightly>", "scopes": ["books"], "expires_in_days": 90 }),
                faults: Faults::one("scopes[0]", "Write an operation."),
            }),
            ..PageRequest::default()
        }
    }

    #[test]
    fn a_form_that_comes_back_keeps_what_was_typed_beside_what_is_wrong() {
        let request = request();
        let act = Act::new(&request, "team.create_api_token");
        assert_eq!(act.typed("scopes[0]").as_deref(), Some("books"));
        assert_eq!(act.typed("expires_in_days").as_deref(), Some("90"));
        let field = act.field("scopes[0]", Field::text("scopes[0]", "Scope"));
        let drawn = act.form("Make", &html! { (field) }).into_string();
        assert!(
            drawn.contains("action=\"/w/lovelace/do/team.create_api_token\""),
            "{drawn}"
        );
        assert!(drawn.contains("value=\"books\"") && drawn.contains("Write an operation."));
        assert!(!drawn.contains("name=\"next\""));
    }

    #[test]
    fn a_draft_of_another_operation_is_not_shown() {
        let request = request();
        let act = Act::new(&request, "team.add_member").then("team/members");
        let drawn = Act::on_instance(&request, "identity.revoke_sessions")
            .button("Sign out", Weight::Danger, "", "")
            .into_string();
        assert!(
            drawn.contains("action=\"/do/identity.revoke_sessions\""),
            "{drawn}"
        );
        assert!(act.faults().is_empty() && act.typed("name").is_none());
        let drawn = act.form("Add", &html! {}).into_string();
        assert!(
            drawn.contains("name=\"next\" value=\"/w/lovelace/team/members\""),
            "{drawn}"
        );
    }
}
