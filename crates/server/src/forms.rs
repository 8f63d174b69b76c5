//! Forms and query strings as the input of an operation. Every value comes as
//! text; the operation's JSON Schema says what it is meant to be. Fields that
//! were left empty are left out.

use axum::extract::multipart::Multipart;
use daybook_kernel::Error;
use daybook_ui::Locale;
use serde_json::{Map, Value};

/// Fields of one form: more than the longest entry needs.
pub const FIELDS_MAX: usize = 10_000;

/// One field as it was sent.
pub struct Field {
    pub name: String,
    pub value: FieldValue,
}

pub enum FieldValue {
    Text(String),
    File { name: String, text: String },
}

/// The pairs of `a=1&b=2`.
pub fn pairs(encoded: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded.as_bytes())
        .into_owned()
        .take(FIELDS_MAX)
        .collect()
}

pub async fn multipart(mut parts: Multipart) -> Result<Vec<Field>, Error> {
    let unreadable = |error| Error::fault("form", format!("The form could not be read: {error}."));
    let mut fields = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(unreadable)?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| {
            let message = "This file is not UTF-8 text. Save it as UTF-8 and send it again.";
            Error::fault(name.clone(), message)
        })?;
        let value = match file {
            // A file input that was left empty sends a part without a name.
            Some(file) if file.is_empty() => continue,
            Some(file) => FieldValue::File { name: file, text },
            None => FieldValue::Text(text),
        };
        fields.push(Field { name, value });
        if fields.len() > FIELDS_MAX {
            return Err(Error::fault("form", "The form has too many fields."));
        }
    }
    Ok(fields)
}

/// Builds the input. `lines[0].account` is a path into it.
pub fn input(fields: Vec<Field>, schema: &Value) -> Value {
    let mut root = Value::Object(Map::new());
    for field in fields {
        let value = match field.value {
            FieldValue::Text(text) if text.trim().is_empty() => continue,
            FieldValue::Text(text) => Value::String(text),
            FieldValue::File { name, text } => serde_json::json!({ "name": name, "text": text }),
        };
        place(&mut root, &path(&field.name), value);
    }
    let shaped = shape(compact(root), schema, schema);
    if shaped.is_null() {
        Value::Object(Map::new())
    } else {
        shaped
    }
}

pub fn texts(pairs: Vec<(String, String)>) -> Vec<Field> {
    pairs
        .into_iter()
        .map(|(name, value)| Field {
            name,
            value: FieldValue::Text(value),
        })
        .collect()
}

enum Step {
    Key(String),
    Index(usize),
}

fn path(name: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in name.split('.') {
        let (key, indexes) = part
            .split_once('[')
            .map_or((part, ""), |(key, rest)| (key, rest));
        steps.push(Step::Key(key.to_owned()));
        for index in indexes.split(['[', ']']).filter(|text| !text.is_empty()) {
            match index.parse::<usize>() {
                Ok(index) if index < FIELDS_MAX => steps.push(Step::Index(index)),
                _ => steps.push(Step::Key(index.to_owned())),
            }
        }
    }
    steps
}

fn place(at: &mut Value, steps: &[Step], value: Value) {
    let Some((first, rest)) = steps.split_first() else {
        // The same field again makes a list.
        *at = match at.take() {
            Value::Null => value,
            Value::Array(mut items) => {
                items.push(value);
                Value::Array(items)
            }
            once => Value::Array(vec![once, value]),
        };
        return;
    };
    match first {
        Step::Key(key) => {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            if let Value::Object(map) = at {
                place(map.entry(key.clone()).or_insert(Value::Null), rest, value);
            }
        }
        Step::Index(index) => {
            if !at.is_array() {
                *at = Value::Array(Vec::new());
            }
            if let Value::Array(items) = at {
                if items.len() <= *index {
                    items.resize(index + 1, Value::Null);
                }
                place(&mut items[*index], rest, value);
            }
        }
    }
}

/// Rows that were left empty are gaps; they close.
fn compact(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(
            items
                .into_iter()
                .filter(|item| !item.is_null())
                .map(compact)
                .collect(),
        ),
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(key, value)| (key, compact(value)))
                .collect(),
        ),
        other => other,
    }
}

/// Gives texts the types that the schema names. What does not fit stays a text,
/// and the operation says what is wrong with it.
fn shape(value: Value, schema: &Value, root: &Value) -> Value {
    let declared = referred(schema, root);
    let schema = resolve(schema, root);
    match value {
        Value::Object(map) => {
            let schema = variant(declared, &map, root);
            let properties = &schema["properties"];
            let shaped = map.into_iter().map(|(key, value)| {
                let own = properties.get(&key).unwrap_or(&Value::Null);
                let shaped = shape(value, own, root);
                (key, shaped)
            });
            let shaped = Value::Object(shaped.collect());
            if is(schema, "array") {
                Value::Array(vec![shaped])
            } else {
                shaped
            }
        }
        Value::Array(items) => {
            let own = &schema["items"];
            Value::Array(
                items
                    .into_iter()
                    .map(|item| shape(item, own, root))
                    .collect(),
            )
        }
        Value::String(text) if is(schema, "integer") => text
            .trim()
            .parse::<i64>()
            .map_or(Value::String(text), Value::from),
        Value::String(text) if is(schema, "boolean") => match text.as_str() {
            "on" | "true" | "yes" => Value::Bool(true),
            "off" | "false" | "no" => Value::Bool(false),
            _ => Value::String(text),
        },
        Value::String(text) if is(schema, "array") => Value::Array(
            text.split([',', '\n'])
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| shape(Value::String(item.to_owned()), &schema["items"], root))
                .collect(),
        ),
        other => other,
    }
}

/// Whether an input of this schema may hold an amount.
pub fn holds_decimals(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => schema["format"] == DECIMAL || map.values().any(holds_decimals),
        Value::Array(items) => items.iter().any(holds_decimals),
        _ => false,
    }
}

/// The `format` with which a schema marks a text that is a decimal number.
const DECIMAL: &str = "decimal";

/// Turns amounts as a reader types them into plain decimals, where the schema names one. What
/// cannot be read stays, and the operation says what is wrong with it.
pub fn read_decimals(input: &mut Value, schema: &Value, locale: &Locale) {
    if holds_decimals(schema) {
        read_below(input, schema, schema, locale);
    }
}

fn read_below(value: &mut Value, schema: &Value, root: &Value, locale: &Locale) {
    let is_decimal = schema["format"] == DECIMAL;
    let schema = resolve(schema, root);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let own = schema["properties"].get(key).unwrap_or(&Value::Null);
                read_below(value, own, root, locale);
            }
        }
        Value::Array(items) => {
            for item in items {
                read_below(item, &schema["items"], root, locale);
            }
        }
        Value::String(text) if is_decimal || schema["format"] == DECIMAL => {
            if let Some(plain) = locale.read(text) {
                *text = plain;
            }
        }
        _ => {}
    }
}

/// Of several shapes the one whose constants these fields have.
fn variant<'s>(schema: &'s Value, fields: &Map<String, Value>, root: &'s Value) -> &'s Value {
    let options = schema["oneOf"]
        .as_array()
        .or_else(|| schema["anyOf"].as_array());
    let fits = |option: &&Value| {
        let properties = option["properties"].as_object();
        let mut constants = properties
            .into_iter()
            .flatten()
            .filter_map(|(name, own)| Some((name, own.get("const")?)))
            .peekable();
        constants.peek().is_some() && constants.all(|(name, own)| fields.get(name) == Some(own))
    };
    options
        .and_then(|options| options.iter().map(|it| referred(it, root)).find(fits))
        .unwrap_or_else(|| resolve(schema, root))
}

/// What a reference refers to; anything else is itself.
fn referred<'s>(schema: &'s Value, root: &'s Value) -> &'s Value {
    schema["$ref"]
        .as_str()
        .and_then(|it| it.strip_prefix("#/$defs/"))
        .map_or(schema, |name| referred(&root["$defs"][name], root))
}

fn resolve<'s>(schema: &'s Value, root: &'s Value) -> &'s Value {
    let schema = referred(schema, root);
    let options = schema["anyOf"]
        .as_array()
        .or_else(|| schema["oneOf"].as_array());
    let not_null =
        options.and_then(|options| options.iter().find(|option| option["type"] != "null"));
    not_null.map_or(schema, |option| resolve(option, root))
}

fn is(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(own) => own == kind,
        Value::Array(kinds) => kinds.iter().any(|own| own == kind),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_becomes_an_input() {
        let schema = json!({
            "properties": {
                "date": {"type": "string"},
                "count": {"type": ["integer", "null"]},
                "tags": {"type": "array", "items": {"type": "string"}},
                "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
            },
            "$defs": {"Line": {"properties": {"no": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}},
        });
        let fields = texts(pairs(
            "date=2026-01-31&count=3&tags=a%2Cb&lines[0].no=1&lines[0].x=&lines[2].no=z+z&note=",
        ));
        assert_eq!(
            input(fields, &schema),
            json!({"date": "2026-01-31", "count": 3, "tags": ["a", "b"],
                   "lines": [{"no": 1}, {"no": "z z"}]})
        );
    }

    #[test]
    fn amounts_are_read_as_the_reader_writes_them() {
        let schema = json!({
            "properties": {
                "note": {"type": "string"},
                "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
            },
            "$defs": {"Line": {"properties": {"debit": {"type": ["string", "null"], "format": "decimal"}}}},
        });
        let mut input = json!({"note": "1.234,5", "lines": [{"debit": "1.234,5"}, {"debit": "x"}]});
        read_decimals(&mut input, &schema, Locale::accepted("de"));
        let read = json!({"note": "1.234,5", "lines": [{"debit": "1234.5"}, {"debit": "x"}]});
        assert_eq!(input, read);
    }

    #[test]
    fn odd_bytes_do_no_harm() {
        assert_eq!(
            pairs("a=%zz%4&%=1&=&b"),
            vec![
                ("a".into(), "%zz%4".into()),
                ("%".into(), "1".into()),
                (String::new(), String::new()),
                ("b".into(), String::new()),
            ]
        );
    }
}
