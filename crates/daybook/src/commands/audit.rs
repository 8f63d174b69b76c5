//! `daybook audit verify`: whether every log is whole, or which record is the
//! first bad one. Offline on an export, with no key at all.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use daybook_engine::audit::{Verdict, verify_export};
use daybook_engine::keys::CheckpointKey;

use super::{print, tell};
use crate::cli::Verify;
use crate::failure::Failure;
use crate::reach::{self, engine, must_exist};
use crate::settings;

pub fn verify(args: Verify) -> Result<(), Failure> {
    if let Some(folder) = &args.export {
        return verify_folder(folder);
    }
    let data = args
        .data
        .ok_or_else(|| Failure::usage("Say which instance: --data DIR"))?;
    must_exist(&data)?;
    let settings = settings::read(&data, &[])?;
    // A running server writes on; the log is read from a snapshot beside it.
    let lock = reach::lock(&data)?;
    if lock.is_none() {
        tell("A server is running; the log is verified as of now.");
    }
    let engine = engine(&data, &settings)?;
    let mut bad = false;
    if args.workspace.is_none() {
        bad |= !tell_verdict("the instance", &engine.desk(None)?.verify()?)?;
    }
    for workspace in engine.workspaces()? {
        let wanted = args.workspace.as_deref();
        if wanted
            .is_none_or(|wanted| wanted == workspace.slug || wanted == workspace.id.to_string())
        {
            let verdict = engine.desk(Some(&workspace.slug))?.verify()?;
            bad |= !tell_verdict(&workspace.slug, &verdict)?;
        }
    }
    for remains in engine.remains()? {
        let name = remains.id.to_string();
        if args.workspace.as_ref().is_none_or(|wanted| *wanted == name) {
            let verdict = engine.verify_remains(&remains)?;
            bad |= !tell_verdict(&format!("{name}, erased"), &verdict)?;
        }
    }
    drop(lock);
    if bad {
        Err(Failure::refused("The audit log is not whole."))
    } else {
        Ok(())
    }
}

fn verify_folder(folder: &Path) -> Result<(), Failure> {
    let open = |name: &str| {
        let path = folder.join(name);
        File::open(&path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
    };
    let key = std::io::read_to_string(open("audit.vkey")?)?;
    let key = CheckpointKey::from_vkey(key.trim())
        .ok_or_else(|| Failure::faults("audit.vkey is not a verifier key of a signed note."))?;
    let verdict = verify_export(&mut BufReader::new(open("audit.jsonl")?), &key, &[])?;
    if tell_verdict("the export", &verdict)? {
        return Ok(());
    }
    Err(Failure::refused("The audit log is not whole."))
}

/// Prints the verdict; whether it is good.
fn tell_verdict(name: &str, verdict: &Verdict) -> Result<bool, Failure> {
    print(&format!("{name}: {verdict}"))?;
    Ok(verdict.is_whole())
}
