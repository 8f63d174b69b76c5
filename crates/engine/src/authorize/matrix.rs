//! Roles × operations, asked of the live policies: the golden
//! `permissions.txt`, and the roles that a refusal names.

use std::collections::HashMap;
use std::fmt::Write as _;

use daybook_kernel::caller::CallerKind;
use daybook_kernel::grant::Guest;
use daybook_kernel::operation::{Operation, Resource, Target};
use daybook_kernel::ports::{Decision, Question};
use daybook_kernel::road::Registry;
use daybook_kernel::{
    Authorizer, Caller, Exposure, GrantScope, PersonId, Role, Standing, WorkspaceId,
};

use super::CedarAuthorizer;

/// A workspace and a person that exist nowhere.
const NOWHERE: WorkspaceId = WorkspaceId::from_bytes([0; 16]);
const NOBODY: PersonId = PersonId::from_bytes([0; 16]);

pub fn roles(
    registry: &Registry,
    authorizer: &CedarAuthorizer,
) -> HashMap<&'static str, Vec<Role>> {
    by_operation(registry, |operation| {
        let mut roles = Role::ALL.to_vec();
        roles.retain(|role| may(authorizer, operation, &member(*role)));
        roles
    })
}

pub fn grants(
    registry: &Registry,
    authorizer: &CedarAuthorizer,
) -> HashMap<&'static str, Vec<GrantScope>> {
    by_operation(registry, |operation| {
        let mut scopes = GrantScope::ALL.to_vec();
        scopes.retain(|scope| may(authorizer, operation, &guest(*scope)));
        scopes
    })
}

/// Something of each operation that acts in a workspace.
fn by_operation<T>(registry: &Registry, of: impl Fn(&Operation) -> T) -> HashMap<&'static str, T> {
    registry
        .operations()
        .filter(|operation| operation.in_workspace())
        .map(|operation| (operation.spec.name, of(operation)))
        .collect()
}

/// The table as text: `x` may, `.` may not. A bookkeeper can read it.
pub fn permissions_text(registry: &Registry, authorizer: &CedarAuthorizer) -> String {
    let operations: Vec<&Operation> = registry.operations().collect();
    let width = operations
        .iter()
        .map(|it| it.spec.name.len())
        .max()
        .unwrap_or_default();
    let mut text = String::from("In a workspace, by role\n\n");
    // Writing to a String cannot fail.
    let _ = write!(text, "{:width$}", "operation");
    for role in Role::ALL {
        let _ = write!(text, "  {role}");
    }
    text.push('\n');
    for operation in operations.iter().copied().filter(|it| it.in_workspace()) {
        let _ = write!(text, "{:width$}", operation.spec.name);
        for role in Role::ALL {
            let mark = if may(authorizer, operation, &member(role)) {
                'x'
            } else {
                '.'
            };
            let _ = write!(text, "  {mark:^length$}", length = role.name().len());
        }
        push_trimmed(&mut text);
    }
    text.push_str("\nOn the instance, by how somebody comes\n\n");
    let _ = writeln!(text, "{:width$}  Visitor  Signed in  Operator", "operation");
    for operation in operations.iter().copied().filter(|it| !it.in_workspace()) {
        let marks = [visitor(), signed_in(), operator()].map(|caller| {
            if may_come(authorizer, operation, &caller) {
                'x'
            } else {
                '.'
            }
        });
        let _ = write!(
            text,
            "{:width$}  {:^7}  {:^9}  {:^8}",
            operation.spec.name, marks[0], marks[1], marks[2]
        );
        push_trimmed(&mut text);
    }
    text.push_str("\nIn a workspace, by its invitation alone\n\n");
    for operation in operations.iter().copied().filter(|it| it.in_workspace()) {
        if may(authorizer, operation, &invited()) {
            text.push_str(operation.spec.name);
            text.push('\n');
        }
    }
    for scope in GrantScope::ALL {
        let _ = write!(text, "\nIn a workspace, by its grant of {scope}\n\n");
        for operation in operations.iter().copied().filter(|it| it.in_workspace()) {
            if may(authorizer, operation, &guest(scope)) {
                text.push_str(operation.spec.name);
                text.push('\n');
            }
        }
    }
    text
}

fn push_trimmed(text: &mut String) {
    text.truncate(text.trim_end().len());
    text.push('\n');
}

fn may_come(authorizer: &CedarAuthorizer, operation: &Operation, caller: &Caller) -> bool {
    let barred = match operation.spec.exposure {
        Exposure::Public => false,
        Exposure::Halfway | Exposure::Session | Exposure::SignedIn | Exposure::Invited => {
            caller.kind == CallerKind::Visitor
        }
        Exposure::Local => caller.kind != CallerKind::Local,
    };
    !barred && may(authorizer, operation, caller)
}

fn may(authorizer: &CedarAuthorizer, operation: &Operation, caller: &Caller) -> bool {
    let kind = match (operation.target)() {
        Target::Record { kind, .. } => kind,
        _ if operation.in_workspace() => "Workspace",
        _ => "Instance",
    };
    // A record that is nobody's: what a role may do to its own is more.
    let id = if kind == "Workspace" {
        NOWHERE.to_string()
    } else {
        "any".to_owned()
    };
    let attributes = authorizer_attributes(authorizer, kind);
    let resource = Resource {
        kind,
        id,
        attributes,
    };
    let workspace = operation.in_workspace().then_some(NOWHERE);
    let question = Question {
        caller,
        operation: operation.spec.name,
        resource: &resource,
        // Whether a factor is fresh is the moment's, not the role's.
        fresh: true,
        workspace,
        standing: Standing::Active,
    };
    authorizer.decide(&question) == Decision::Allow
}

fn authorizer_attributes(authorizer: &CedarAuthorizer, kind: &str) -> Vec<(&'static str, String)> {
    let names = authorizer.attributes.get(kind).copied().unwrap_or_default();
    names.iter().map(|name| (*name, String::new())).collect()
}

fn member(role: Role) -> Caller {
    Caller {
        role: Some(role),
        ..signed_in()
    }
}

fn invited() -> Caller {
    Caller {
        kind: CallerKind::Invited,
        ..signed_in()
    }
}

fn guest(scope: GrantScope) -> Caller {
    let guest = Guest {
        grant: String::new(),
        practice: String::new(),
        scope,
        ended: false,
        expired: false,
        expires_at_ms: 0,
        at_the_server: false,
    };
    Caller {
        kind: CallerKind::Guest(guest),
        scopes: Some(vec![scope.domain().to_owned()]),
        ..signed_in()
    }
}

fn signed_in() -> Caller {
    Caller {
        kind: CallerKind::Person,
        person: Some(NOBODY),
        ..Caller::visitor()
    }
}

fn operator() -> Caller {
    Caller {
        kind: CallerKind::Local,
        ..Caller::visitor()
    }
}

fn visitor() -> Caller {
    Caller::visitor()
}
