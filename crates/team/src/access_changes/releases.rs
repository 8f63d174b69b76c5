//! What Daybook changed in its own rules, written by whoever changes them: a
//! test holds the newest entry against `crates/daybook/permissions.txt`, so the
//! table cannot change without a line here.

use schemars::JsonSchema;
use serde::Serialize;

#[derive(Clone, Copy, Serialize, JsonSchema)]
pub struct Release {
    /// The day of the change.
    pub on: &'static str,
    /// SHA-256 of the table of permissions as it is since.
    pub table: &'static str,
    /// What changed for people, as a sentence.
    pub change: &'static str,
}

/// The newest first.
pub const RELEASES: &[Release] = &[
    Release {
        on: "2026-11-21",
        table: "f9b7799129a04ed9ed6061681b9b16ae85e261a1ccb70e31a63300ad78ef8cbc",
        change: "Owners and Admins are told of trouble at the accounts of members: passwords or second factors that are tried, a passkey that may be copied, factors that were taken off. Whoever looks at it, at who has a second factor, at one record of the log or takes the journal away leaves a record.",
    },
    Release {
        on: "2026-11-21",
        table: "a6e8971291e664b124f6763a8cbc8e1a5d660012a69e29a9d7e3ef69c8fed648",
        change: "Whoever holds the data folder takes a workspace back to what an export of it holds. No right that a role had is widened.",
    },
    Release {
        on: "2026-11-21",
        table: "585f4b22d14fe09bc63a9bf8cded880bd4db416879c43221dd94dbb6197c116b",
        change: "Whoever is invited makes their account with an identity provider too, if it vouches for the invited address. No right that a role had is widened.",
    },
    Release {
        on: "2026-11-21",
        table: "bf9cf3ab6a2fab10e800f165395b421d1dadac01da12b0221047569c5ff654be",
        change: "Owners freeze their workspace, delete it, and take either back; Owners and Admins see what is stored. Whoever holds the data folder locks a workspace, lifts that, sets how much it may store, and lists what was erased. No right that a role had is widened.",
    },
    Release {
        on: "2026-11-21",
        table: "c01de04a7fd48098907fa4e0b5694ef0c6f7b0844e341de32d1099168a7ae0e3",
        change: "Members see the accounts that are assigned to them, and nothing else of the books; until now they saw all. Owners, Admins and Managers assign accounts. What is assigned is listed for every role, and for a Member their own.",
    },
    Release {
        on: "2026-11-21",
        table: "fb13e9cfb3b7168bdcbcfdf197435ecab14584c9cc37457a9eb810581ded9e88",
        change: "People move their account to another e-mail address. Whoever holds the data folder takes lost second factors off an account; the person is told.",
    },
    Release {
        on: "2026-11-21",
        table: "6088df0f3a9434079bffddb6c95ccba543dacaedd9ae097418830aa3014a2151",
        change: "Grants between workspaces are added: an Owner offers one, an Owner of the practice accepts it, and whoever works in the practice then reads the books there, by the operations that the table lists. Owners and Admins end it. No right that a role had is widened.",
    },
    Release {
        on: "2026-11-21",
        table: "dab62dd6789f7403120e5ab1e9c1476c11a0b13799ce4fd069e5bd1147215698",
        change: "Members bring devices along, Owners and Admins let them in, and a policy can ask for one; it bars API tokens too.",
    },
    Release {
        on: "2026-11-21",
        table: "a6a7e14c7c9f12f6179d51448d12249072bcc23b442dd44f61f7458a80efd3ee",
        change: "Whoever holds the server lists the secrets that it works with, by name and age. No right that a role had is widened.",
    },
    Release {
        on: "2026-11-21",
        table: "88f59eb554615347f9173b9957818da13c395efad067727b585efea0ecaa5c70",
        change: "Owners and Admins see which members have a second factor, and not which one. A page that asks nothing is closed by a workspace's own policies too.",
    },
    Release {
        on: "2026-11-21",
        table: "f5bd4531fc81900a9a892994a7acbd0c84ad25beac33a7bbe5ddd8f23c9d9405",
        change: "Whoever holds the data folder can list alerts about sign-ins and note that they were seen. No right that a role had is widened.",
    },
    Release {
        on: "2026-11-21",
        table: "3f26397d7ac66b6abb12f9d9ad953ec3c424ce4ba8dc65c662afe0402cb9c17f",
        change: "Whoever holds the server records scans for known vulnerabilities and lists their cases. No right in a workspace changes.",
    },
    Release {
        on: "2026-11-21",
        table: "ec32cd84a39cc2ec87081a17b77f6dc677971fc0f61b51fb704349daa1918431",
        change: "Policies of a workspace's own, the published list of changes, journals, entry templates and the operations of one's own account are added. No right that a role had is widened.",
    },
];
