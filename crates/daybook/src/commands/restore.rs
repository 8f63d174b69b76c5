//! `daybook restore`: by the server, if one is running, so that all the others go
//! on; else here.

use daybook::restoring;
use serde_json::json;

use super::journal::spinner;
use super::{print, tell};
use crate::cli::{Members, Restore};
use crate::failure::Failure;
use crate::reach::{Ask, Reach};

pub fn run(args: &Restore) -> Result<(), Failure> {
    let folder = std::path::absolute(&args.folder)?;
    let reach = Reach::of_folder(&args.data)?;
    let shown = spinner();
    shown.set_message(format!("Restoring {}", args.workspace));
    let members = match args.members {
        Members::Now => restoring::Members::Now,
        Members::Exported => restoring::Members::Exported,
    };
    let answer = reach.ask(Ask {
        operation: restoring::CHORE,
        workspace: None,
        person: None,
        input: json!(restoring::Restore {
            workspace: args.workspace.clone(),
            folder,
            members,
        }),
        format: "json",
    })?;
    shown.finish_and_clear();
    tell(&format!(
        "The reports are the same as in the export. What was there before is kept, locked, as {}. \
         API tokens, known devices, invitations and grants are to be made anew.",
        answer["kept_as"].as_str().unwrap_or_default()
    ));
    print(&answer.to_string())
}
