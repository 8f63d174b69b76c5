//! Input made at random from the schemas, and with no regard for them, never
//! breaks the server: whatever comes, it answers, and with no fault of its own;
//! and what breaks its schema is never accepted.

use daybook_kernel::Exposure;
use daybook_testkit::{Dice, On, for_both_stores};
use serde_json::{Value, json};

use crate::scene::with_books;
use crate::schema::follows;

/// For each operation.
const TRIES: usize = 100;
const TRIES_ON_POSTGRES: usize = 40;
/// Over all of them, on one store.
const CASES_MIN: usize = 10_000;

#[test]
fn input_made_at_random_never_breaks_the_server() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        let over_http = owner.token(&["*"]);
        let dice = Dice::fresh();
        let tries = if on == On::Embedded {
            TRIES
        } else {
            TRIES_ON_POSTGRES
        };
        let (mut cases, mut invalid) = (0, 0);
        for operation in instance.engine().registry().operations() {
            let name = operation.spec.name;
            // Each hash of a password costs a tenth of a second.
            let tries = match name {
                "identity.change_password" | "identity.sign_in" => tries / 40,
                _ => tries,
            };
            // What is done at the server alone may name files of the server.
            let is_local = operation.spec.exposure == Exposure::Local;
            let schema = (operation.input)().to_value();
            let example = (operation.example)();
            for _ in 0..tries {
                let input = match dice.below(3) {
                    0 => bent(&dice, &example),
                    _ => made(&dice, &schema, &schema, &example, 0),
                };
                let by_local = is_local || dice.below(2) == 0;
                let caller = if by_local { &owner } else { &over_http };
                let answer = caller.call(name, input.clone());
                assert!(answer.status < 500, "{name} {input}: {}", answer.text());
                cases += 1;
                // A query string is a form: what is not in it cannot be wrong.
                let arrives = by_local || operation.is_command();
                if arrives && !follows(&schema, &schema, &input) {
                    invalid += 1;
                    let said = format!("{name} takes {input}: {}", answer.text());
                    assert_ne!(answer.status, 200, "{said}");
                }
            }
        }
        let enough = on == On::Postgres || cases >= CASES_MIN;
        assert!(enough && invalid > cases / 4, "{invalid} of {cases}");
        // It is all there still, and whole.
        let checked = owner.call("books.check_balances", json!({}));
        assert_eq!(
            (checked.status, checked.json()["good"].clone()),
            (200, json!(true)),
            "{}",
            checked.text()
        );
        assert!(instance.log_is_whole(Some("acme")));
    });
}

#[test]
fn bytes_that_are_no_input_never_break_the_server() {
    let instance = with_books(On::Embedded);
    let token = instance.owner().token(&["*"]);
    let dice = Dice::fresh();
    for operation in instance
        .engine()
        .registry()
        .operations()
        .filter(|it| it.in_workspace())
    {
        for _ in 0..20 {
            let (mut request, is_command) = token.request(operation.spec.name, &json!({}));
            let length = dice.below(40);
            let bytes: Vec<u8> = (0..length).map(|_| dice.next().to_le_bytes()[0]).collect();
            if is_command {
                request.body.clone_from(&bytes);
            } else {
                let odd: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
                request.path = format!("{}?{odd}={odd}&number={odd}", request.path);
            }
            let answer = token.send(request);
            assert!(
                answer.status < 500,
                "{} {bytes:?}: {}",
                operation.spec.name,
                answer.text()
            );
        }
    }
}

/// The example with one thing wrong in it.
fn bent(dice: &Dice, example: &Value) -> Value {
    match example {
        Value::Object(fields) if !fields.is_empty() && dice.below(4) > 0 => {
            let mut fields = fields.clone();
            let names: Vec<String> = fields.keys().cloned().collect();
            let name = dice.pick(&names);
            match dice.below(6) {
                0 => {
                    fields.remove(name);
                }
                1 => {
                    fields.insert(format!("{name}s"), json!("x"));
                }
                _ => fields[name] = bent(dice, &fields[name]),
            }
            Value::Object(fields)
        }
        Value::Array(items) if !items.is_empty() && dice.below(4) > 0 => {
            let mut items = items.clone();
            let at = dice.below(items.len());
            items[at] = bent(dice, &items[at]);
            Value::Array(items)
        }
        // A list of what the fields hold, in their order.
        Value::Object(fields) if dice.below(2) == 0 => fields.values().cloned().collect(),
        Value::String(text) if dice.below(2) == 0 => json!({ text: null }),
        other if dice.below(2) == 0 => json!([other]),
        _ => odd(dice),
    }
}

/// A value that more or less follows the schema.
fn made(dice: &Dice, schema: &Value, whole: &Value, example: &Value, depth: usize) -> Value {
    if dice.below(20) == 0 || depth > 4 {
        return odd(dice);
    }
    if let Some(name) = schema["$ref"].as_str() {
        return made(
            dice,
            &whole["$defs"][name.trim_start_matches("#/$defs/")],
            whole,
            example,
            depth + 1,
        );
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[choice].as_array() {
            return made(dice, dice.pick(choices), whole, example, depth + 1);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return dice.pick(values).clone();
    }
    if !schema["const"].is_null() {
        return schema["const"].clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => dice.pick(kinds).as_str().unwrap_or_default(),
        one => one.as_str().unwrap_or_default(),
    };
    match kind {
        "object" => object(dice, schema, whole, example, depth),
        "array" => {
            let item = example
                .as_array()
                .and_then(|it| it.first())
                .unwrap_or(&Value::Null);
            (0..dice.below(4))
                .map(|_| made(dice, &schema["items"], whole, item, depth + 1))
                .collect()
        }
        "string" if !example.is_null() && dice.below(2) == 0 => example.clone(),
        "string" => json!(text(dice)),
        "integer" | "number" => json!(*dice.pick(&[0, 1, 2, -1, 200, i64::MAX, i64::MIN, 100_000])),
        "boolean" => json!(dice.below(2) == 0),
        _ => Value::Null,
    }
}

fn object(dice: &Dice, schema: &Value, whole: &Value, example: &Value, depth: usize) -> Value {
    let mut made_object = json!({});
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let is_required = schema["required"]
            .as_array()
            .is_some_and(|it| it.contains(&json!(name)));
        if dice.below(10) < if is_required { 9 } else { 5 } {
            made_object[name] = made(dice, field, whole, &example[name], depth + 1);
        }
    }
    made_object
}

fn text(dice: &Dice) -> String {
    let texts = [
        "",
        "\u{0}",
        " ",
        "1000",
        "4000",
        "EUR",
        "JPY",
        "XAU",
        "12.50",
        "-0.01",
        "1e9",
        "99999999999999999999",
        "0.0000001",
        "2026-02-29",
        "2024-02-29",
        "9999-12-31",
        "-9999-01-01",
        "0000-00-00",
        "owner@example.com",
        "*",
        "books.*",
        "a:b:c",
        "Assets:Bank",
        "'; DROP TABLE entries; --",
        "%00",
        "\u{202e}\u{200b}",
        "𝒳𝓎𝓏",
        "\r\n",
        "<script>",
        "../../etc",
        "{{7*7}}",
        "\"",
        "=1+1",
        "00000000000000000000000000000000",
        "NaN",
        "∞",
        "٣",
        "1,5",
        "1'000.00",
        "0x10",
    ];
    match dice.below(30) {
        0 => "x".repeat(dice.below(20_000)),
        1 => "é".repeat(dice.below(600)),
        _ => (*dice.pick(&texts)).to_owned(),
    }
}

fn odd(dice: &Dice) -> Value {
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!([]),
        json!({}),
        json!([[]]),
        json!("x"),
        json!({"a": {"b": []}}),
        deep,
    ];
    dice.pick(&odd).clone()
}
