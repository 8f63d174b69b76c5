//! The Cedar schema, made from the registry: one action an operation, one
//! entity type a kind of record. A guest, who comes by a grant, is an entity type
//! apart: no guest can stand in a role.

use std::fmt::Write as _;

use daybook_kernel::StepUp;
use daybook_kernel::operation::Target;
use daybook_kernel::road::Registry;

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
    text.push_str("action \"workspace\";\naction \"step_up\";\n");
    for operation in registry.operations() {
        let resource = match (operation.target)() {
            Target::Record { kind, .. } => kind,
            _ if operation.in_workspace() => "Workspace",
            _ => "Instance",
        };
        let groups: Vec<&str> = [
            (operation.in_workspace(), "\"workspace\""),
            (operation.spec.step_up == StepUp::Fresh, "\"step_up\""),
        ]
        .into_iter()
        .filter_map(|(applies, name)| applies.then_some(name))
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
             context: {{ in_scope: Bool, fresh: Bool }} }};",
            operation.spec.name
        );
    }
    text
}
