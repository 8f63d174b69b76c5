//! Our own packages against checksums, sources, licences and advisories, and proof that a package
//! with a known advisory is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use daybook_supply_chain::PutOff;
use xtask::{
    date,
    finding::listed,
    supply_chain::{
        self, advisories,
        archives::{self, Kept},
        lock,
    },
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A folder of its own for each test: they unpack the same archive at the same time.
fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn lock_with(name: &str, version: &str) -> rustsec::Lockfile {
    lock_of(name, version, &"ab".repeat(32))
}

fn lock_of(name: &str, version: &str, checksum: &str) -> rustsec::Lockfile {
    let source = format!(
        "registry+https://github.com/rust-lang/{}.{}-index",
        "crates", "io"
    );
    lock::parse(&format!(
        "version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\nchecksum = \"{checksum}\"\n"
    ))
    .unwrap()
}

fn ignoring(id: &str, expires_on: &str) -> PutOff {
    let entry = format!(
        "[[advisory]]\nid = \"{id}\"\nreason = \"only a test\"\nexpires_on = \"{expires_on}\"\n"
    );
    PutOff::parse(&entry).unwrap()
}

#[test]
fn our_packages_have_checksums_allowed_licences_and_no_advisory() {
    let report = supply_chain::check(root(), &date::today()).unwrap();
    assert!(report.packages > 100, "the lock file was not read");
    assert!(report.advisories > 900, "the advisories were not read");
    assert!(
        report.findings.is_empty(),
        "\n{}\n",
        listed(&report.findings)
    );
}

#[test]
fn a_package_with_a_known_advisory_is_refused() {
    let data = advisories::open(root()).unwrap();
    for (name, version, refused_for) in [
        // A vulnerability: the certificate's host name was not checked.
        ("tokio-postgres", "0.7.10", Some("RUSTSEC-2026-0178")),
        ("time", "0.1.42", Some("RUSTSEC-2020-0071")),
        ("time", "0.3.99", None),
        // Unsound, though nobody has shown an attack.
        ("atty", "0.2.14", Some("RUSTSEC-2021-0145")),
        // No longer maintained: told, not refused.
        ("badge", "0.3.0", None),
    ] {
        let findings = advisories::check(
            &data,
            &lock_with(name, version),
            &PutOff::default(),
            "2026-11-21",
        );
        let refused = |id| listed(&findings).contains(id);
        match refused_for {
            Some(id) => assert!(
                refused(id),
                "{name} {version} was let through: {findings:?}"
            ),
            None => assert!(findings.is_empty(), "{name} {version}: {findings:?}"),
        }
    }
    assert_eq!(
        advisories::warnings(&data, &lock_with("badge", "0.3.0")).len(),
        1
    );
}

#[test]
fn an_advisory_is_put_off_for_a_reason_and_a_while() {
    let data = advisories::open(root()).unwrap();
    let lock = lock_with("rsa", "0.9.6");
    let faults = |id: &str, expires_on: &str| {
        advisories::check(&data, &lock, &ignoring(id, expires_on), "2026-11-21").len()
    };
    assert_eq!(
        advisories::check(&data, &lock, &PutOff::default(), "2026-11-21").len(),
        1
    );
    assert_eq!(faults("RUSTSEC-2023-0071", "2027-05-01"), 0);
    assert_eq!(
        faults("RUSTSEC-2023-0071", "2026-11-20"),
        1,
        "it has expired"
    );
    assert_eq!(
        faults("RUSTSEC-2023-0071", "2036-01-01"),
        1,
        "it never expires"
    );
    assert_eq!(
        faults("RUSTSEC-2020-0071", "2027-05-01"),
        2,
        "it touches nothing, and hides nothing"
    );
}

#[test]
fn the_date_of_the_advisory_data_is_known() {
    let data = advisories::open(root()).unwrap();
    assert!(date::is_date(data.newest()), "{}", data.newest());
    assert!(
        data.newest() >= "2026-08-20",
        "older data replaced newer: {}",
        data.newest()
    );
    let about = fs::read_to_string(root().join(advisories::ABOUT)).unwrap();
    let about: toml::Table = about.parse().unwrap();
    assert_eq!(
        about["newest_advisory"].as_str(),
        Some(data.newest()),
        "{}",
        advisories::ABOUT
    );
    assert!(
        data.newest() <= date::today().as_str(),
        "the data is from the future: {}",
        data.newest()
    );
}

#[test]
fn a_package_that_was_changed_after_it_was_fetched_is_refused() {
    let folder = scratch("changed");
    let _ = fs::remove_dir_all(&folder);
    let unpacked_in = folder.join("src");
    fs::create_dir_all(unpacked_in.join("small-1.0.0")).unwrap();
    fs::write(
        unpacked_in.join("small-1.0.0").join("lib.rs"),
        "// as it was fetched",
    )
    .unwrap();
    let archive = folder.join("small-1.0.0.crate");
    let tar = Command::new("tar")
        .arg("-czf")
        .arg(&archive)
        .arg("-C")
        .arg(&unpacked_in)
        .arg("small-1.0.0")
        .status();
    assert!(tar.unwrap().success());
    let sum = Command::new("sha256sum")
        .arg(&archive)
        .output()
        .unwrap()
        .stdout;
    let sum = String::from_utf8(sum).unwrap()[..64].to_owned();
    let kept = [Kept {
        name: "small-1.0.0".to_owned(),
        archive,
        unpacked_in: unpacked_in.clone(),
    }];
    let faults = |checksum: &str| {
        archives::check(&kept, &lock_of("small", "1.0.0", checksum))
            .unwrap()
            .len()
    };

    assert_eq!(faults(&sum), 0);
    assert_eq!(faults(&"ab".repeat(32)), 1, "the archive is another one");
    fs::write(
        unpacked_in.join("small-1.0.0").join("lib.rs"),
        "// as it was changed",
    )
    .unwrap();
    assert_eq!(faults(&sum), 1, "one word was changed");
    fs::remove_file(unpacked_in.join("small-1.0.0").join("lib.rs")).unwrap();
    assert_eq!(faults(&sum), 1, "a file is gone");
}
