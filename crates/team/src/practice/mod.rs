//! The practice: the companies that granted this workspace to read their books,
//! and how each stands. What a company's books say is asked of the company at
//! the moment of looking, by its grant, and both logs tell of it.

mod list_companies;
mod pages;
mod visit_company;

use daybook_kernel::page::RailPlace;
use daybook_kernel::{Feature, Operation, Page, Scope};

use crate::grants::RECEIVED;

/// The operation that every use of a grant is, in the practice.
pub const VISIT: (&str, &str) = ("team.visit_company", RECEIVED);

pub const FEATURE: Feature = Feature {
    name: "practice",
    scope: Scope::Workspace,
    operations: &[
        Operation::query::<list_companies::ListCompanies>(),
        Operation::query::<visit_company::VisitCompany>(),
    ],
    pages: &[Page {
        path: "practice",
        rail: Some(RailPlace {
            label: "Practice",
            key: 'p',
            icon: "document",
            order: 70,
        }),
        needs: "team.list_companies",
        render: pages::practice,
    }],
    migrations: &[],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
