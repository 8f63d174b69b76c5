//! Passkeys: a key pair on a person's device, which shows both that the device
//! is there and that its owner unlocked it (WebAuthn, level 3). One is enough to
//! sign in; a password is not asked for then.

mod add_passkey;
mod ceremony;
mod challenges;
mod judging;
mod pages;
mod remove_passkey;
mod rename_passkey;
mod sign_in_with_passkey;
mod sql;
mod start_passkey;
mod start_passkey_proof;
mod start_passkey_sign_in;

use daybook_kernel::{Faults, Feature, Migration, Operation, Page, Scope};
use schemars::JsonSchema;
use serde::Serialize;

use crate::secret::Secret;

pub(crate) use challenges::Asked;
pub(crate) use judging::{Verdict, judge, unknown};
pub(crate) use sql::{PasskeyRow, list};

/// What a browser is asked, and the id under which the answer is looked for.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Challenge {
    /// Sent back with the answer. It is good once, for five minutes.
    pub challenge: String,
    /// The options as WebAuthn's JSON, for `parseCreationOptionsFromJSON` or
    /// `parseRequestOptionsFromJSON`.
    pub options: serde_json::Value,
}

pub const FEATURE: Feature = Feature {
    name: "passkeys",
    scope: Scope::Instance,
    operations: &[
        Operation::command::<start_passkey::StartPasskey>(),
        Operation::command::<add_passkey::AddPasskey>(),
        Operation::command::<rename_passkey::RenamePasskey>(),
        Operation::command::<remove_passkey::RemovePasskey>(),
        Operation::command::<start_passkey_sign_in::StartPasskeySignIn>(),
        Operation::command::<sign_in_with_passkey::SignInWithPasskey>(),
        Operation::command::<start_passkey_proof::StartPasskeyProof>(),
    ],
    pages: &[Page {
        path: "security/passkeys",
        rail: None,
        needs: "identity.start_passkey",
        render: pages::passkeys,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_passkeys.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};

const NAME_CHARACTERS_MAX: usize = 60;
/// An answer has about a thousand; attestations of some devices have more.
const ANSWER_CHARACTERS_MAX: usize = 20_000;

fn check_name(faults: &mut Faults, name: &str) {
    faults.text("name", name, NAME_CHARACTERS_MAX);
}

fn check_answer(faults: &mut Faults, challenge: &str, answer: &Secret) {
    faults.text("challenge", challenge, 32);
    if answer.length() > ANSWER_CHARACTERS_MAX {
        faults.add("passkey", "This is longer than any passkey's answer.");
    }
}
