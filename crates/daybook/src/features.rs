//! The one list: every feature of Daybook, and who answers the road's questions
//! about people and members.

use std::sync::LazyLock;

use daybook_kernel::Feature;
use daybook_kernel::road::Directory;
use daybook_server::Site;

pub static FEATURES: LazyLock<Vec<Feature>> = LazyLock::new(|| {
    [
        daybook_identity::FEATURES,
        daybook_team::FEATURES,
        daybook_books::FEATURES,
        daybook_trust::FEATURES,
    ]
    .concat()
});

pub const DIRECTORY: Directory = Directory {
    session: daybook_identity::session,
    person: daybook_identity::person,
    workspace: daybook_identity::workspaces::find,
    workspaces: daybook_identity::workspaces::list_all,
    member: daybook_team::member,
    token: daybook_team::token,
    barrier: |_, _, _| Ok(None),
    refresh_session: daybook_identity::refresh_session,
    note_token_use: daybook_team::note_use,
    first_owner: daybook_team::first_owner,
    found: daybook_team::found,
};

pub const SITE: Site = Site {
    sign_in: "identity.sign_in",
    sign_out: "identity.sign_out",
    change_password: "identity.change_password",
    list_workspaces: "identity.list_workspaces",
    create_workspace: "identity.create_workspace",
    demo: false,
};
