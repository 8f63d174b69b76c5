//! The Cedar schema, made from the registry: one action an operation, one
//! entity type a kind of record. A guest, who comes by a grant, is an entity type
//! apart: no guest can stand in a role.

use std::fmt::Write as _;

use daybook_kernel::StepUp;
use daybook_kernel::operation::{Operation, Target};
use daybook_kernel::road::Registry;

/// Whether an operation is in a group.
pub type Member = fn(&Operation) -> bool;

/// The groups of actions that the base policies speak of.
pub const GROUPS: [(&str, Member); 4] = [
    ("workspace", Operation::in_workspace),
    ("step_up", |it| it.spec.step_up == StepUp::Fresh),
    ("stops_while_frozen", Operation::stops_while_frozen),
    ("stops_while_deleted", Operation::stops_while_deleted),
];

/// What is true of the moment, whoever asks.
const CONTEXT: &str = "in_scope: Bool, fresh: Bool, frozen: Bool, deleted: Bool, locked: Bool";

pub fn text(registry: &Registry) -> String {
    let mut text = String::from(
        "entity Role;\nentity Workspace;\nentity Instance;\n\
         entity Caller in [Role] = { home?: Workspace, suspended: Bool, person: String };\n\
         entity Grant;\n\
         entity Guest in [Grant] = { home: Workspace, suspended: Bool, person: String, live: Bool };\n",
    );
    for kind in registry.resources() {
        let attributes: Vec<String> = kind
            .attributes
            .iter()
            .map(|name| format!("{name}: String"))
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "entity {} in [Workspace] = {{ {} }};",
            kind.name,
            attributes.join(", ")
        );
    }
    for (name, _) in GROUPS {
        let _ = writeln!(text, "action \"{name}\";");
    }
    for operation in registry.operations() {
        let resource = match (operation.target)() {
            Target::Record { kind, .. } => kind,
            _ if operation.in_workspace() => "Workspace",
            _ => "Instance",
        };
        let groups: Vec<String> = GROUPS
            .iter()
            .filter(|(_, holds)| holds(operation))
            .map(|(name, _)| format!("\"{name}\""))
            .collect();
        let group = if groups.is_empty() {
            String::new()
        } else {
            format!(" in [{}]", groups.join(", "))
        };
        // Guests are asked about everything in a workspace, so that what they
        // may not can be proved, too.
        let principals = if operation.in_workspace() {
            "Caller, Guest"
        } else {
            "Caller"
        };
        let _ = writeln!(
            text,
            "action \"{}\"{group} appliesTo {{ principal: [{principals}], resource: [{resource}], \
             context: {{ {CONTEXT} }} }};",
            operation.spec.name
        );
    }
    text
}
