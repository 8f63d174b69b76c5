//! A template is an entry that comes again: its accounts, and what is known of its amounts. It
//! fills the grid and is posted from there, so it is no entry and moves nothing.

pub(crate) mod list_entry_templates;
mod model;
pub(crate) mod pages;
mod remove_entry_template;
mod save_entry_template;
pub(crate) mod show_entry_template;
pub(crate) mod sql;

use daybook_kernel::operation::Operation;
use daybook_kernel::page::Page;
use daybook_kernel::{Feature, Migration, ResourceKind, Scope};

use list_entry_templates::ListEntryTemplates;
use remove_entry_template::RemoveEntryTemplate;
use save_entry_template::SaveEntryTemplate;
use show_entry_template::ShowEntryTemplate;

pub const FEATURE: Feature = Feature {
    name: "entry_templates",
    scope: Scope::Workspace,
    operations: &[
        Operation::command::<SaveEntryTemplate>(),
        Operation::command::<RemoveEntryTemplate>(),
        Operation::query::<ListEntryTemplates>(),
        Operation::query::<ShowEntryTemplate>(),
    ],
    pages: &[Page {
        path: "books/entry-templates",
        rail: None,
        needs: "books.list_entry_templates",
        render: pages::templates,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_entry_templates.sql"),
    }],
    guards: &[],
    resources: &[ResourceKind {
        name: "EntryTemplate",
        attributes: &["made_by"],
        load: |tx, id| {
            let Ok(id) = id.parse() else { return Ok(None) };
            Ok(sql::made_by(tx, id)?.map(|person| vec![person]))
        },
    }],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
