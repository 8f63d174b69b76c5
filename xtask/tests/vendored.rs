//! Dependencies are what the lock file says they are: a build from a vendored set refuses one changed
//! byte and one missing checksum. It runs the real cargo, on a program with one small dependency.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use xtask::supply_chain::lock;

/// Small, without dependencies of its own, and in our lock file already: nothing is fetched for it.
const DEPENDENCY: &str = "itoa";

struct Program(PathBuf);

impl Program {
    /// A program and its dependency, vendored from cargo's local cache.
    fn vendored(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(folder.join("src")).unwrap();
        let stanza = our_stanza();
        let version = stanza
            .lines()
            .find_map(|line| line.strip_prefix("version = "))
            .unwrap()
            .to_owned();
        let program = Self(folder);
        program.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"program\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
                 [dependencies]\n{DEPENDENCY} = {version}\n"
            ),
        );
        program.write(
            "src/main.rs",
            "fn main() { assert_eq!(itoa::Buffer::new().format(7), \"7\"); }\n",
        );
        let head = "version = 4\n\n";
        let own = format!(
            "\n[[package]]\nname = \"program\"\nversion = \"0.1.0\"\ndependencies = [\n \"{DEPENDENCY}\",\n]\n"
        );
        program.write("Cargo.lock", &format!("{head}{stanza}{own}"));
        let output = program.cargo(&[
            "vendor",
            "--locked",
            "--offline",
            "--versioned-dirs",
            "vendor",
        ]);
        assert!(output.status.success(), "{}", said(&output));
        fs::create_dir_all(program.0.join(".cargo")).unwrap();
        program.write(
            ".cargo/config.toml",
            &String::from_utf8(output.stdout).unwrap(),
        );
        program
    }

    fn build(&self) -> Output {
        self.cargo(&["build", "--locked", "--offline"])
    }

    fn cargo(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", self.0.join("target"))
            .env_remove("RUSTFLAGS")
            .output()
            .unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.0.join(path), text).unwrap();
    }

    fn vendored_source(&self) -> PathBuf {
        let folder = fs::read_dir(self.0.join("vendor"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        folder.path().join("src").join("lib.rs")
    }
}

/// The dependency's entry in our own lock file, with its checksum.
fn our_stanza() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let name = format!("name = \"{DEPENDENCY}\"\n");
    let stanza = lock
        .split("\n\n")
        .find(|stanza| stanza.contains(&name))
        .expect("the dependency is in our lock file");
    assert!(stanza.contains("checksum = "));
    format!("{}\n", stanza.trim_end())
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_untouched_vendored_dependency_builds() {
    let output = Program::vendored("vendored-untouched").build();
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn one_changed_byte_in_a_vendored_dependency_fails_the_build() {
    let program = Program::vendored("vendored-changed");
    let path = program.vendored_source();
    let mut source = fs::read(&path).unwrap();
    // In a comment: it is the checksum that must refuse it, not the compiler.
    assert!(
        source.starts_with(b"//"),
        "the source begins with a comment"
    );
    source[3] ^= 1;
    fs::write(&path, source).unwrap();
    let output = program.build();
    assert!(!output.status.success(), "a changed dependency was built");
    assert!(
        said(&output).contains("checksum"),
        "refused for another reason: {}",
        said(&output)
    );
}

#[test]
fn a_removed_checksum_fails_the_build() {
    let program = Program::vendored("vendored-unsealed");
    let path = program.0.join("Cargo.lock");
    let text = fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("checksum"))
        .collect();
    let without = kept.join(
        "
",
    );
    assert_ne!(text, without);
    fs::write(&path, &without).unwrap();
    let output = program.build();
    assert!(
        !output.status.success(),
        "a dependency without a checksum was built"
    );
    // Cargo would have to write the checksum in again, which `--locked` forbids.
    assert!(
        said(&output).contains("cannot update the lock file"),
        "refused for another reason: {}",
        said(&output)
    );
    // Our own rule sees it as well, before anything is built.
    assert_eq!(lock::check(&lock::parse(&without).unwrap()).len(), 1);
}
