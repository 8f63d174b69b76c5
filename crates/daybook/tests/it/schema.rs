//! Whether a value follows a JSON schema: as much of the standard as the schemas of our
//! operations use. A word that is not judged here fails the story that meets it.

use serde_json::Value;

/// What is told to people and changes nothing of what is valid.
const TALK: [&str; 7] = [
    "$schema",
    "title",
    "description",
    "default",
    "format",
    "$defs",
    "writeOnly",
];

/// Whether the value is valid.
pub fn follows(schema: &Value, whole: &Value, value: &Value) -> bool {
    let words = match schema {
        Value::Bool(all) => return *all,
        Value::Object(words) => words,
        other => panic!("{other} is no schema"),
    };
    words
        .iter()
        .filter(|(word, _)| !TALK.contains(&word.as_str()))
        .all(|(word, said)| keeps(word, said, schema, whole, value))
}

fn keeps(word: &str, said: &Value, schema: &Value, whole: &Value, value: &Value) -> bool {
    let several = || said.as_array().unwrap().iter();
    let follows = |schema: &Value| follows(schema, whole, value);
    match word {
        "$ref" => {
            let name = said.as_str().unwrap().trim_start_matches("#/$defs/");
            follows(&whole["$defs"][name])
        }
        "anyOf" => several().any(follows),
        "oneOf" => several().filter(|it| follows(it)).count() == 1,
        "allOf" => several().all(follows),
        "enum" => several().any(|it| it == value),
        "const" => said == value,
        "type" => match said {
            Value::Array(kinds) => kinds.iter().any(|kind| is(kind, value)),
            kind => is(kind, value),
        },
        "minimum" => value.as_f64().is_none_or(|it| it >= said.as_f64().unwrap()),
        "maximum" => value.as_f64().is_none_or(|it| it <= said.as_f64().unwrap()),
        "required" => value
            .as_object()
            .is_none_or(|fields| several().all(|it| fields.contains_key(it.as_str().unwrap()))),
        "properties" => value.as_object().is_none_or(|fields| {
            let kept = |(name, field): (&String, &Value)| {
                said.get(name)
                    .is_none_or(|schema| self::follows(schema, whole, field))
            };
            fields.iter().all(kept)
        }),
        "additionalProperties" => value.as_object().is_none_or(|fields| {
            let rest = |(name, _): &(&String, &Value)| schema["properties"].get(name).is_none();
            let kept = |(_, field): (&String, &Value)| self::follows(said, whole, field);
            fields.iter().filter(rest).all(kept)
        }),
        "items" => value
            .as_array()
            .is_none_or(|items| items.iter().all(|item| self::follows(said, whole, item))),
        other => panic!("nobody judges {other} of {schema}"),
    }
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("nobody judges the type {other}"),
    }
}

#[test]
fn a_schema_is_judged_as_the_standard_says() {
    let schema = serde_json::json!({
        "$defs": {"Kind": {"oneOf": [{"const": "a"}, {"enum": ["b", "c"]}]}},
        "type": "object",
        "required": ["kind"],
        "additionalProperties": false,
        "properties": {
            "kind": {"$ref": "#/$defs/Kind"},
            "count": {"type": ["integer", "null"], "minimum": 0},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    });
    for (text, is_valid) in [
        (r#"{"kind":"a"}"#, true),
        (r#"{"kind":"c","count":null,"tags":["x"]}"#, true),
        (r#"{"kind":"d"}"#, false),
        (r#"{"count":1}"#, false),
        (r#"{"kind":"a","count":-1}"#, false),
        (r#"{"kind":"a","count":1.5}"#, false),
        (r#"{"kind":"a","tags":[1]}"#, false),
        (r#"{"kind":"a","more":1}"#, false),
        ("[\"a\"]", false),
        ("null", false),
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(follows(&schema, &schema, &value), is_valid, "{text}");
    }
}
