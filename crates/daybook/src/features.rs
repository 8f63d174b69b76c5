//! The one list: every feature of Daybook, and who answers the road's questions
//! about people and members.

use std::sync::LazyLock;

use daybook_kernel::Feature;
use daybook_kernel::road::Directory;
use daybook_server::{Chore, Site};
use daybook_supply_chain::bill_of_materials;

pub static FEATURES: LazyLock<Vec<Feature>> = LazyLock::new(|| {
    [
        daybook_identity::FEATURES,
        daybook_team::FEATURES,
        daybook_books::FEATURES,
        daybook_trust::FEATURES,
    ]
    .concat()
});

static BILL_OF_MATERIALS: LazyLock<Result<String, String>> =
    LazyLock::new(|| bill_of_materials(env!("CARGO_PKG_VERSION")));

pub const DIRECTORY: Directory = Directory {
    session: daybook_identity::session,
    person: daybook_identity::person,
    workspace: daybook_identity::workspaces::find,
    workspaces: daybook_identity::workspaces::list_all,
    lives: daybook_identity::workspaces::lives,
    ending: daybook_identity::workspaces::ENDING,
    // Whoever has no room left must still be able to shut a door.
    unmetered: &["team."],
    is_listed: daybook_identity::workspaces::is_listed,
    address_key: daybook_identity::normalise,
    post: daybook_identity::mail::POST,
    alerts: daybook_identity::alerts::unseen,
    member: daybook_team::member,
    invited: daybook_team::invited,
    received: daybook_team::grants::received,
    given: daybook_team::grants::given,
    visit_company: daybook_team::practice::VISIT,
    letters: daybook_team::grants::LETTERS,
    token: daybook_team::token,
    barrier: daybook_team::barrier,
    sights: &[
        daybook_books::SIGHTS,
        daybook_team::SIGHTS,
        daybook_trust::SIGHTS,
    ],
    refresh_session: daybook_identity::refresh_session,
    rotate_session: daybook_identity::rotate_session,
    expired: daybook_identity::expired,
    sweep: daybook_identity::sweep,
    note_token_use: daybook_team::note_use,
    first_owner: daybook_team::first_owner,
    found: daybook_team::found,
};

pub const SITE: Site = Site {
    sign_in: "identity.sign_in",
    sign_out: "identity.sign_out",
    start_passkey_sign_in: "identity.start_passkey_sign_in",
    sign_in_with_passkey: "identity.sign_in_with_passkey",
    start_passkey_proof: "identity.start_passkey_proof",
    start_provider: "identity.start_oidc",
    start_provider_link: "identity.start_oidc_link",
    start_provider_account: "identity.start_oidc_account",
    finish_provider: "identity.finish_oidc",
    show_factors: "identity.show_factors",
    prove_second_factor: "identity.prove_second_factor",
    step_up: "identity.step_up",
    change_password: "identity.change_password",
    show_invitation: "identity.show_invitation",
    register: "identity.register",
    accept_invitation: "team.accept_invitation",
    request_reset: "identity.request_reset",
    reset_password: "identity.reset_password",
    list_workspaces: "identity.list_workspaces",
    create_workspace: "identity.create_workspace",
    bill_of_materials: || BILL_OF_MATERIALS.as_deref().map_err(String::as_str),
    demo: false,
    chores: &[Chore {
        name: crate::restoring::CHORE,
        run: crate::restoring::chore,
    }],
};
