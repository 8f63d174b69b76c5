//! Known vulnerabilities of what this program is made of. The server looks once a
//! day, with data of that day, and records here what it found: a case is opened
//! for each package with an advisory, and closed when a scan finds it no more.

mod list_vulnerability_cases;
mod record_advisory_scan;

use daybook_kernel::{Feature, Migration, Operation, Scope};

pub const FEATURE: Feature = Feature {
    name: "advisories",
    scope: Scope::Instance,
    operations: &[
        Operation::command::<record_advisory_scan::RecordAdvisoryScan>(),
        Operation::query::<list_vulnerability_cases::ListVulnerabilityCases>(),
    ],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_advisories.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
