//! What the types forbid does not compile: a command without a permit, a
//! success without its change. Each snippet is given to the compiler beside one
//! that must pass, so that none fails for another reason.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What the snippets stand on.
const HEAD: &str =
    "#![allow(unused, dead_code)]\nextern crate daybook_kernel;\nuse daybook_kernel::*;\n";

/// Compiles: the very same words, used as they are meant.
const RIGHT: &str = r#"
fn apply<C: Command>(command: C, tx: &mut Write<'_>, permit: Permit<C>) -> Result<Done<C::Output>, Error> {
    command.apply(tx, permit)
}
fn done() -> Done<i64> { Done::new(1, Change::created("Thing", 1, &1)) }
fn write(tx: &mut Write<'_>) { let _ = tx.run("DELETE FROM x WHERE id = $1", &[1_i64.into()]); }
fn read(tx: &mut Read<'_>) { let _ = tx.first("SELECT 1", &[], |row| row.int(0)); }
fn here(tx: &Read<'_>) -> Option<WorkspaceId> { tx.workspace() }
"#;

/// What each snippet tries, the snippet, and what the compiler says of it.
const WRONG: [(&str, &str, &str); 11] = [
    (
        "applies without a permit",
        "fn f<C: Command>(c: C, tx: &mut Write<'_>) { let _ = c.apply(tx); }",
        "E0061",
    ),
    (
        "applies with another operation's permit",
        "fn f<A: Command, B: Command>(b: B, tx: &mut Write<'_>, permit: Permit<A>) { let _ = b.apply(tx, permit); }",
        "E0308",
    ),
    (
        "makes a permit",
        "fn f<C: Command>(who: &Caller, request: RequestId) -> Permit<C> { Permit::new(who, request) }",
        "E0624",
    ),
    (
        "builds a permit by its fields",
        "fn f<C: Command>(caller: Caller, request: RequestId) -> Permit<C> { Permit { caller, request, operation: std::marker::PhantomData } }",
        "E0451",
    ),
    (
        "uses a permit twice",
        "fn f<C: Command>(a: C, b: C, tx: &mut Write<'_>, permit: Permit<C>) { let _ = a.apply(tx, permit); let _ = b.apply(tx, permit); }",
        "E0382",
    ),
    (
        "is done without a change",
        "fn f() -> Done<i64> { Done::new(1) }",
        "E0061",
    ),
    (
        "builds a success by its fields",
        "fn f(change: Change) -> Done<i64> { Done { output: 1, change } }",
        "E0451",
    ),
    (
        "writes while reading",
        "fn f(tx: &mut Read<'_>) { let _ = tx.run(\"DELETE FROM x\", &[]); }",
        "E0599",
    ),
    (
        "puts SQL together",
        "fn f(tx: &mut Write<'_>, table: &str) { let _ = tx.run(&format!(\"DELETE FROM {table}\"), &[]); }",
        "E0716",
    ),
    (
        "takes a person for a workspace",
        "fn f(person: PersonId) -> WorkspaceId { person }",
        "E0308",
    ),
    (
        "declares half an operation",
        "const S: Spec = Spec { name: \"a.b\", summary: \"\", ..Default::default() };",
        "E0277",
    ),
];

#[test]
fn what_must_not_compile_does_not() {
    let folder = tempfile::tempdir().unwrap();
    if let Err(said) = compiles(folder.path(), RIGHT) {
        panic!("what is right does not compile:\n{said}");
    }
    for (what, snippet, code) in WRONG {
        match compiles(folder.path(), snippet) {
            Ok(()) => panic!("{what}: this compiles:\n{snippet}"),
            Err(said) => assert!(
                said.contains(&format!("error[{code}]")),
                "{what}: not {code}, but\n{said}"
            ),
        }
    }
}

/// Checks a snippet with the compiler that built this test, against the kernel
/// that this test is linked with.
fn compiles(folder: &Path, snippet: &str) -> Result<(), String> {
    let source = folder.join("snippet.rs");
    std::fs::write(&source, format!("{HEAD}{snippet}")).unwrap();
    let libraries = libraries();
    let done = Command::new(Path::new(env!("CARGO")).with_file_name("rustc"))
        .args([
            "--edition=2024",
            "--crate-type=lib",
            "--emit=metadata",
            "--out-dir",
        ])
        .arg(folder)
        .arg("-L")
        .arg(format!("dependency={}", libraries.display()))
        .arg("--extern")
        .arg(format!("daybook_kernel={}", kernel(&libraries).display()))
        .arg(&source)
        .output()
        .unwrap();
    if done.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&done.stderr).into_owned())
}

/// The folder of this test's program, where cargo keeps what it is linked with.
fn libraries() -> PathBuf {
    std::env::current_exe()
        .unwrap()
        .parent()
        .unwrap()
        .to_owned()
}

/// The newest build of the kernel: cargo leaves older ones lying beside it.
fn kernel(libraries: &Path) -> PathBuf {
    let found = std::fs::read_dir(libraries)
        .unwrap()
        .map(|file| file.unwrap().path());
    let ours = found.filter(|path| {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        name.starts_with("libdaybook_kernel-") && path.extension().is_some_and(|it| it == "rlib")
    });
    ours.max_by_key(|path| path.metadata().and_then(|it| it.modified()).unwrap())
        .expect("the kernel is built")
}
