//! The API's own description: OpenAPI 3.1, made from the registry.

use daybook_kernel::operation::Operation;
use daybook_kernel::road::Registry;
use daybook_kernel::{Exposure, Scope};
use serde_json::{Map, Value, json};

pub fn document(registry: &Registry) -> Value {
    let mut paths = Map::new();
    for operation in registry
        .operations()
        .filter(|it| it.spec.exposure != Exposure::Local)
    {
        let path = path(operation);
        let method = if operation.is_command() {
            "post"
        } else {
            "get"
        };
        paths.insert(path, json!({ method: describe(operation) }));
    }
    let progress = format!("/api/v1/{{workspace}}/{}", crate::progress::PROGRESS);
    paths.insert(progress, crate::progress::described());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Daybook",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Amounts are decimal strings in the currency's own decimals, debit \
                positive. Dates are ISO 8601 civil dates; instants are UTC. Faults come as \
                RFC 9457 problem documents with status 422.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "security": [{"token": []}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": problem_schema()},
        },
    })
}

fn path(operation: &Operation) -> String {
    match operation.spec.scope {
        Scope::Workspace => format!("/api/v1/{{workspace}}/{}", operation.spec.name),
        Scope::Instance => format!("/api/v1/{}", operation.spec.name),
    }
}

fn describe(operation: &Operation) -> Value {
    let spec = &operation.spec;
    let mut described = json!({
        "operationId": spec.name,
        "summary": spec.summary,
        "tags": [spec.name.split('.').next().unwrap_or_default()],
        "parameters": parameters(operation),
        "responses": responses(operation),
        "x-rate-class": spec.rate,
        "x-data-class": spec.data,
    });
    if operation.is_command() {
        described["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {
                "schema": inline((operation.input)().to_value()),
                "example": (operation.example)(),
            }},
        });
    }
    if spec.exposure == Exposure::Public {
        described["security"] = json!([]);
    }
    described
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let mut parameters = Vec::new();
    if operation.in_workspace() {
        parameters.push(json!({
            "name": "workspace", "in": "path", "required": true,
            "description": "The workspace's name in addresses, or its id.",
            "schema": {"type": "string"},
        }));
    }
    if operation.is_command() {
        return parameters;
    }
    let schema = inline((operation.input)().to_value());
    let required: Vec<&str> = schema["required"]
        .as_array()
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let example = (operation.example)();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        parameters.push(json!({
            "name": name, "in": "query", "required": required.contains(&name.as_str()),
            "schema": property, "example": example.get(name),
        }));
    }
    parameters.push(json!({
        "name": "format", "in": "query", "required": false,
        "description": "JSON, or the rows of a report as CSV or aligned text.",
        "schema": {"type": "string", "enum": ["json", "csv", "text"]},
    }));
    parameters
}

fn responses(operation: &Operation) -> Value {
    let problem = |what: &str| {
        json!({
            "description": what,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        })
    };
    json!({
        "200": {
            "description": "Done.",
            "content": {"application/json": {"schema": inline((operation.output)().to_value())}},
        },
        "401": problem("Nobody is signed in."),
        "403": problem("Not allowed to this caller."),
        "404": problem("Not there, or not to be known of."),
        "409": problem("The state of the books forbids it."),
        "413": problem("The body is too large."),
        "422": problem("The input has faults."),
        "429": problem("Too many requests."),
        "503": problem("The server is busy or going down."),
    })
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "required": ["title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "faults": {"type": "array", "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            }},
        },
    })
}

/// Definitions are put where they are used, so that each operation reads whole.
fn inline(schema: Value) -> Value {
    let definitions = schema["$defs"].clone();
    let mut schema = replace(schema, &definitions, 0);
    if let Some(map) = schema.as_object_mut() {
        map.remove("$defs");
        map.remove("$schema");
    }
    schema
}

fn replace(value: Value, definitions: &Value, depth: u8) -> Value {
    /// Our types do not nest deeper; a type that names itself stops here.
    const DEPTH_MAX: u8 = 12;
    if depth > DEPTH_MAX {
        return json!({});
    }
    match value {
        Value::Object(map) => {
            let name = map.get("$ref").and_then(Value::as_str);
            if let Some(name) = name.and_then(|it| it.strip_prefix("#/$defs/")) {
                return replace(definitions[name].clone(), definitions, depth + 1);
            }
            map.into_iter()
                .map(|(key, it)| (key, replace(it, definitions, depth)))
                .collect()
        }
        Value::Array(items) => items
            .into_iter()
            .map(|item| replace(item, definitions, depth))
            .collect(),
        other => other,
    }
}
