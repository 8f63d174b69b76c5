//! `daybook do`: any operation of the registry from the command line.

use std::io::Read as _;

use daybook_kernel::road::Registry;
use serde_json::Value;

use super::print;
use crate::cli::Do;
use crate::failure::Failure;
use crate::features::FEATURES;
use crate::reach::{Ask, Reach};

pub fn run(args: Do) -> Result<(), Failure> {
    if args.list {
        return list();
    }
    let name = args.operation.as_deref().unwrap_or_default();
    let registry = Registry::new(&FEATURES);
    let Some(operation) = registry.operation(name) else {
        return Err(Failure::usage(format!(
            "There is no operation {name}. `daybook do --list` names them."
        )));
    };
    if args.explain {
        let input = (operation.input)().to_value();
        let explained = serde_json::json!({
            "operation": name, "summary": operation.spec.summary,
            "example": (operation.example)(), "input": input,
        });
        return print(&format!("{explained:#}"));
    }
    let data = args
        .data
        .ok_or_else(|| Failure::usage("Say which instance: --data DIR"))?;
    if operation.in_workspace() && args.workspace.is_none() {
        return Err(Failure::usage(
            "This is done inside a workspace: --workspace NAME",
        ));
    }
    let input = read_input(&args.input)?;
    let answer = Reach::of_folder(&data)?.ask(Ask {
        operation: name,
        workspace: args.workspace.as_deref(),
        person: args.person.as_deref(),
        input,
        format: args.format.name(),
    })?;
    match answer {
        Value::String(text) => print(&text),
        other => print(&other.to_string()),
    }
}

fn read_input(input: &str) -> Result<Value, Failure> {
    let text = if input == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        text
    } else {
        input.to_owned()
    };
    serde_json::from_str(&text)
        .map_err(|error| Failure::faults(format!("--input is not JSON: {error}")))
}

fn list() -> Result<(), Failure> {
    let registry = Registry::new(&FEATURES);
    let width = registry
        .operations()
        .map(|it| it.spec.name.len())
        .max()
        .unwrap_or_default();
    let lines: Vec<String> = registry
        .operations()
        .map(|it| format!("{:width$}  {}", it.spec.name, it.spec.summary))
        .collect();
    print(&lines.join("\n"))
}
