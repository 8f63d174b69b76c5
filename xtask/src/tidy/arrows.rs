//! Who may depend on whom. Domains stand on `kernel` and `ui` alone, the engine and the server name
//! no domain, and only the binary joins them: this is what lets a domain be read, built and tested
//! without the machinery under it.

use serde_json::Value;

use super::DOMAINS;
use crate::Finding;

/// What no domain may name, in a manifest or in code: it reaches the world through the kernel's doors.
pub const DRIVERS: [&str; 8] = [
    "rusqlite",
    "postgres",
    "tokio-postgres",
    "axum",
    "cedar-policy",
    "tokio",
    "hyper",
    "tower",
];

/// The findings in the answer of `cargo metadata --no-deps`.
pub fn check(metadata: &Value) -> Vec<Finding> {
    let packages = metadata["packages"]
        .as_array()
        .map_or(&[] as &[Value], Vec::as_slice);
    if packages.is_empty() {
        return vec![Finding::whole(
            "Cargo.toml",
            "cargo names no package of the workspace",
        )];
    }
    packages.iter().flat_map(package).collect()
}

fn package(package: &Value) -> Vec<Finding> {
    let name = short(package["name"].as_str().unwrap_or_default());
    let manifest = if matches!(name, "xtask" | "bench") {
        format!("{name}/Cargo.toml")
    } else {
        format!("crates/{name}/Cargo.toml")
    };
    let dependencies = package["dependencies"]
        .as_array()
        .map_or(&[] as &[Value], Vec::as_slice);
    let forbidden = |dependency: &Value| {
        let to = dependency["name"].as_str().unwrap_or_default();
        // A test may stand on more: it joins what production code keeps apart.
        let for_tests = dependency["kind"].as_str() == Some("dev");
        let ours = dependency["path"].is_string();
        (!for_tests && !may(name, to, ours))
            .then(|| Finding::whole(&manifest, format!("{name} may not depend on {to}")))
    };
    dependencies.iter().filter_map(forbidden).collect()
}

fn may(from: &str, to: &str, ours: bool) -> bool {
    if !ours {
        return !(is_apart(from) && DRIVERS.contains(&to));
    }
    let to = short(to);
    match from {
        "kernel" | "supply-chain" => false,
        // The build is judged by what the program judges itself by.
        "xtask" => to == "supply-chain",
        // Pages show money, dates and faults, which are the kernel's.
        "ui" | "engine" => to == "kernel",
        "server" => matches!(to, "kernel" | "ui" | "engine"),
        "daybook" => !matches!(to, "testkit" | "bench"),
        // It measures the whole, and joins the parts as the binary does.
        "bench" => true,
        "testkit" => !DOMAINS.contains(&to) && to != "daybook",
        domain if DOMAINS.contains(&domain) => {
            matches!(to, "kernel" | "ui") || DOMAINS.contains(&to)
        }
        // A crate that the rules do not know must be given a place in them first.
        _ => false,
    }
}

fn is_apart(name: &str) -> bool {
    DOMAINS.contains(&name) || matches!(name, "kernel" | "ui")
}

fn short(name: &str) -> &str {
    name.strip_prefix("daybook-").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::check;

    #[test]
    fn a_forbidden_arrow_is_found() {
        for (from, to, kind, ours, faults) in [
            ("daybook-books", "daybook-kernel", None, true, 0),
            ("daybook-books", "daybook-team", None, true, 0),
            ("daybook-books", "daybook-engine", None, true, 1),
            ("daybook-books", "daybook-testkit", None, true, 1),
            ("daybook-books", "daybook-testkit", Some("dev"), true, 0),
            ("daybook-books", "rusqlite", None, false, 1),
            ("daybook-books", "axum", Some("build"), false, 1),
            ("daybook-books", "jiff", None, false, 0),
            ("daybook-engine", "daybook-books", None, true, 1),
            ("daybook-engine", "daybook-server", None, true, 1),
            ("daybook-engine", "rusqlite", None, false, 0),
            ("daybook-server", "daybook-engine", None, true, 0),
            ("daybook-server", "daybook-books", None, true, 1),
            ("daybook-kernel", "daybook-ui", None, true, 1),
            ("daybook-kernel", "postgres", None, false, 1),
            ("daybook-ui", "daybook-engine", None, true, 1),
            ("daybook", "daybook-books", None, true, 0),
            ("daybook", "daybook-testkit", None, true, 1),
            ("daybook", "daybook-bench", None, true, 1),
            ("daybook-bench", "daybook-books", None, true, 0),
            ("daybook-bench", "postgres", None, false, 0),
            ("daybook-stranger", "daybook-kernel", None, true, 1),
            ("xtask", "daybook-kernel", None, true, 1),
        ] {
            let path = ours.then_some("somewhere");
            let metadata = json!({ "packages": [
                { "name": from, "dependencies": [{ "name": to, "kind": kind, "path": path }] }
            ] });
            assert_eq!(check(&metadata).len(), faults, "{from} → {to} ({kind:?})");
        }
    }

    #[test]
    fn no_packages_is_no_pass() {
        assert_eq!(check(&json!({})).len(), 1);
    }
}
