//! Signing in by the word of an identity provider (OpenID Connect): its account
//! is linked with one here, by the provider's own address and its id of the
//! account, and never because two addresses look alike. Who signs in, and from
//! where, is asked of the provider with `openid email profile` and no more.
//!
//! A browser is sent there with a state, a nonce and a PKCE challenge that are
//! kept here, bound to that browser, good once and for ten minutes. What comes
//! back is judged before anything is opened: whose answer it is, for whom, by
//! what signature, how old, and to which question.

mod finish_oidc;
mod flows;
mod links;
mod list_oidc_links;
mod pages;
mod protocol;
mod registering;
mod start;
mod start_oidc;
mod start_oidc_account;
mod start_oidc_link;
mod unlink_oidc;

use daybook_kernel::{Feature, Migration, Operation, Page, Scope};

pub(crate) use list_oidc_links::{ListOidcLinks, OidcLinks};

pub const FEATURE: Feature = Feature {
    name: "oidc",
    scope: Scope::Instance,
    operations: &[
        Operation::command::<start_oidc::StartOidc>(),
        Operation::command::<finish_oidc::FinishOidc>(),
        Operation::command::<start_oidc_link::StartOidcLink>(),
        Operation::command::<start_oidc_account::StartOidcAccount>(),
        Operation::command::<unlink_oidc::UnlinkOidc>(),
        Operation::query::<list_oidc_links::ListOidcLinks>(),
    ],
    pages: &[Page {
        path: "security/providers",
        rail: None,
        needs: "identity.list_oidc_links",
        render: pages::providers,
    }],
    migrations: &[
        Migration {
            number: 1,
            sql: include_str!("0001_oidc.sql"),
        },
        Migration {
            number: 2,
            sql: include_str!("0002_invited.sql"),
        },
    ],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};

/// More than any page's address has.
const NEXT_CHARACTERS_MAX: usize = 2_000;
const PROVIDER_CHARACTERS_MAX: usize = 32;
