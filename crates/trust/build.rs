//! Compiles the catalogue of promises in: each file of `promises/` becomes one
//! value of `catalogue::Promise`, so that no program reads the files again.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = Path::new("../../promises");
    let mut paths: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|it| it == "toml"));
    paths.sort();
    let mut code = String::from("&[\n");
    for path in paths {
        let row: toml::Table = fs::read_to_string(&path)?
            .parse()
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
        promise(&mut code, &row);
    }
    code.push_str("]\n");
    #[expect(
        clippy::disallowed_methods,
        reason = "a build script is told by its environment where to write"
    )]
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?;
    fs::write(Path::new(&out).join("promises.rs"), code)?;
    let mut told = io::stdout();
    io::Write::write_all(&mut told, b"cargo::rerun-if-changed=../../promises\n")
}

/// One row as a value; `{:?}` of a text is a literal of the language.
fn promise(code: &mut String, row: &toml::Table) {
    let text = |table: &toml::Table, name: &str| {
        let value = table.get(name).and_then(toml::Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let texts = |table: &toml::Table, name: &str| {
        let values = table.get(name).and_then(toml::Value::as_array);
        let values = values.into_iter().flatten().filter_map(toml::Value::as_str);
        format!("&{:?}", values.collect::<Vec<_>>())
    };
    let empty = toml::Table::new();
    let check = row
        .get("check")
        .and_then(toml::Value::as_table)
        .unwrap_or(&empty);
    let days = check
        .get("max_age_days")
        .and_then(toml::Value::as_integer)
        .unwrap_or_default();
    let check = match text(check, "kind").as_str() {
        "test" => format!(
            "Check::Test {{ names: {}, max_age_days: {days} }}",
            texts(check, "names")
        ),
        "probe" => format!(
            "Check::Probe {{ name: {:?}, max_age_days: {days} }}",
            text(check, "name")
        ),
        "evidence" => format!(
            "Check::Evidence {{ expires: {:?} }}",
            text(check, "expires")
        ),
        _ => "Check::Later".to_owned(),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        code,
        "Promise {{ row: {:?}, statement: {:?}, figure: {:?}, seeds: {}, check: {check} }},",
        text(row, "row"),
        text(row, "statement"),
        text(row, "figure"),
        texts(row, "seeds"),
    );
}
