//! The house rules on the tree as it is. Each rule's own tests show that it can fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use xtask::{Finding, Tree, finding::listed, promises, supply_chain::metadata, tidy};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn none(rule: fn(&Tree) -> Vec<Finding>) {
    let tree = Tree::read(root()).unwrap();
    assert!(tree.files.len() > 100, "the tree was not read");
    let findings = rule(&tree);
    assert!(findings.is_empty(), "\n{}\n", listed(&findings));
}

#[test]
fn functions_and_files_are_small() {
    none(tidy::lengths::check);
}

#[test]
fn documents_name_what_exists() {
    none(tidy::documents::paths);
}

#[test]
fn every_crate_is_on_the_map() {
    none(tidy::documents::map);
}

#[test]
fn every_dependency_says_what_it_is_for() {
    none(tidy::dependencies::check);
}

#[test]
fn production_code_asks_and_does_not_panic() {
    none(tidy::production::check);
}

#[test]
fn domain_sql_stays_in_its_workspace() {
    none(tidy::sql::check);
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    none(tidy::words::check);
}

#[test]
fn the_catalogue_of_promises_is_whole_and_its_tests_exist() {
    none(promises::check);
}

#[test]
fn dependencies_point_one_way() {
    let findings = tidy::arrows::check(&metadata(root(), &["--no-deps", "--offline"]).unwrap());
    assert!(findings.is_empty(), "\n{}\n", listed(&findings));
}

#[test]
fn no_build_knows_tls_1_2() {
    let findings = tidy::features::check(root()).unwrap();
    assert!(findings.is_empty(), "\n{}\n", listed(&findings));
}
