//! The shape of an input: where its schema takes fields by their names, where a
//! list, and where one value. serde's derived reading is more generous than the
//! schema that it publishes: it takes a list for a struct, field after field, and
//! `{"Owner": null}` for `"Owner"`. What the schema does not say is not taken, as
//! whoever judges input before us goes by the schema.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// No schema of ours is deeper; one that refers to itself ends here.
const DEPTH_MAX: usize = 16;

/// A schema without any of these words takes everything.
const SAYING: [&str; 7] = ["type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"];

#[derive(Default)]
pub(crate) struct Shape {
    fields: Option<BTreeMap<String, Self>>,
    item: Option<Box<Self>>,
    /// A text, a number, a truth value or null.
    one: bool,
    /// The schema does not say.
    any: bool,
}

impl Shape {
    pub fn of(schema: &Value) -> Self {
        let mut shape = Self::default();
        shape.widen(schema, schema, 0);
        shape
    }

    /// What of this input does not have the shape, if it is JSON at all.
    pub fn check(&self, input: &[u8]) -> Result<(), serde_json::Error> {
        let part = Part {
            name: "input",
            shape: self,
        };
        part.deserialize(&mut serde_json::Deserializer::from_slice(input))
    }

    fn widen(&mut self, schema: &Value, whole: &Value, depth: usize) {
        if depth > DEPTH_MAX {
            self.any = true;
            return;
        }
        let choices = ["anyOf", "oneOf", "allOf"].map(|word| schema[word].as_array());
        for choice in choices.into_iter().flatten().flatten() {
            self.widen(choice, whole, depth + 1);
        }
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.trim_start_matches("#/$defs/");
            self.widen(&whole["$defs"][name], whole, depth + 1);
        }
        let kinds = match &schema["type"] {
            Value::Array(kinds) => kinds.as_slice(),
            one => std::slice::from_ref(one),
        };
        for kind in kinds.iter().filter_map(Value::as_str) {
            self.take(kind, schema, whole, depth);
        }
        self.one |= schema.get("enum").is_some() || schema.get("const").is_some();
        self.any |= SAYING.iter().all(|word| schema.get(word).is_none());
    }

    fn take(&mut self, kind: &str, schema: &Value, whole: &Value, depth: usize) {
        match kind {
            "object" => {
                let fields = self.fields.get_or_insert_default();
                for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                    let shape = fields.entry(name.clone()).or_default();
                    shape.widen(field, whole, depth + 1);
                }
            }
            "array" => {
                let item = self.item.get_or_insert_default();
                item.widen(&schema["items"], whole, depth + 1);
            }
            _ => self.one = true,
        }
    }
}

/// A part of the input, by the name of its field.
struct Part<'a> {
    name: &'a str,
    shape: &'a Shape,
}

impl Part<'_> {
    fn one<E: serde::de::Error>(&self) -> Result<(), E> {
        if self.shape.one || self.shape.any {
            return Ok(());
        }
        Err(self.wrong("one value"))
    }

    fn wrong<E: serde::de::Error>(&self, sent: &str) -> E {
        let takes = match self.shape {
            Shape {
                fields: Some(_), ..
            } => "fields by their names",
            Shape { item: Some(_), .. } => "a list",
            _ => "one value",
        };
        E::custom(format!("`{}` takes {takes}, not {sent}", self.name))
    }
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.shape.fields.is_none() && !self.shape.any {
            return Err(self.wrong("fields"));
        }
        while let Some(name) = map.next_key::<String>()? {
            let shape = self.shape.fields.as_ref().and_then(|it| it.get(&name));
            match shape {
                Some(shape) => map.next_value_seed(Part { name: &name, shape })?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        match &self.shape.item {
            Some(shape) => {
                let name = self.name;
                while list.next_element_seed(Part { name, shape })?.is_some() {}
            }
            None if self.shape.any => while list.next_element::<IgnoredAny>()?.is_some() {},
            None => return Err(self.wrong("a list")),
        }
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.one()
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        self.one()
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        self.one()
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.one()
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        self.one()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.one()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_has_the_shape_that_its_schema_says() {
        let schema = serde_json::json!({
            "$defs": {
                "Line": {"type": "object", "properties": {"account": {"type": "string"}}},
                "Rule": {"oneOf": [
                    {"type": "object", "properties": {"kind": {"const": "hours"}}},
                    {"type": "object", "properties": {"kind": {"const": "networks"},
                        "from": {"type": "array", "items": {"type": "string"}}}},
                ]},
            },
            "type": "object",
            "properties": {
                "kind": {"enum": ["asset", "income"]},
                "note": {"type": ["string", "null"]},
                "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
                "rule": {"anyOf": [{"$ref": "#/$defs/Rule"}, {"type": "null"}]},
                "before": true,
            },
        });
        let shape = Shape::of(&schema);
        for (input, wrong) in [
            (r#"{"kind":"asset","note":null,"lines":[]}"#, None),
            (r#"{"lines":[{"account":"1000"}],"rule":null}"#, None),
            (r#"{"rule":{"kind":"networks","from":["x"]}}"#, None),
            (r#"{"before":[{"a":[1]}]}"#, None),
            ("[]", Some("input")),
            (r#"{"kind":{"asset":null}}"#, Some("kind")),
            (r#"{"lines":[["1000"]]}"#, Some("lines")),
            (r#"{"lines":{"account":"1000"}}"#, Some("lines")),
            (r#"{"rule":["hours"]}"#, Some("rule")),
            (r#"{"rule":{"kind":"networks","from":"x"}}"#, Some("from")),
            (r#"{"note":["x"]}"#, Some("note")),
            (r#"{"lines":3}"#, Some("lines")),
        ] {
            let found = shape.check(input.as_bytes()).err();
            let found = found.map(|error| error.to_string());
            let named = found
                .as_deref()
                .and_then(|it| it.split('`').nth(1))
                .map(str::to_owned);
            assert_eq!(named.as_deref(), wrong, "{input}: {found:?}");
        }
    }
}
