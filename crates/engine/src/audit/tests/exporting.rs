//! The log as a file in an outsider's hands.

use super::tampering::EDITED;
use super::*;

#[test]
fn an_export_is_verified_without_key_or_database() {
    let mut story = Story::with(300);
    let text = story.exported();
    let early = story.signed_at(40);
    let key = crate::keys::CheckpointKey::from_vkey(&story.signer.key().to_vkey()).unwrap();
    assert!(
        verify_export(&mut text.as_bytes(), &key, &[])
            .unwrap()
            .is_whole()
    );
    let lines: Vec<&str> = text.lines().collect();
    let said = |lines: &[&str]| story.verify_text(&(lines.join("\n") + "\n")).to_string();
    let doubt =
        " Nothing signed vouches for the records from 1 on, so an earlier one may be bad too.";

    let edited = lines[9].replace("Rent", "Cake");
    let mut changed = lines.clone();
    changed[9] = &edited;
    assert_eq!(said(&changed), format!("Record 10 {EDITED}"));
    changed = lines.clone();
    changed.remove(9);
    assert_eq!(said(&changed), format!("Record 10 is missing.{doubt}"));
    changed = lines.clone();
    changed.swap(9, 20);
    assert_eq!(
        said(&changed),
        format!("Record 10 is out of order: what stands there was logged as record 21.{doubt}")
    );
    let huge = lines[9].replace("\"seq\":10,", &format!("\"seq\":{},", i64::MAX));
    changed = lines.clone();
    changed[9] = &huge;
    assert_eq!(said(&changed), format!("Record 10 is missing.{doubt}"));
    changed = lines.clone();
    changed.insert(10, lines[9]);
    assert_eq!(
        said(&changed),
        "Record 11 is out of order: what stands there was logged as record 10."
    );
    changed = lines.clone();
    changed[9] = "what is this";
    assert_eq!(said(&changed), format!("Record 10 {EDITED}{doubt}"));
    changed = lines.clone();
    changed.drain(290..300);
    assert!(
        said(&changed)
            .starts_with("Record 291 is missing and all after it: the log was truncated.")
    );
    assert!(said(&lines[..300]).starts_with("At or after record 1, the log has a head"));
    // A checkpoint of a shorter log, put last, vouches for nothing that it is
    // not the end of.
    changed = lines[..50].to_vec();
    changed.push(&early);
    assert_eq!(
        said(&changed),
        format!("Record 41 was added outside Daybook: no checkpoint covers it.{doubt}")
    );
    assert_eq!(story.verify_text("").records, 0);
}

/// By itself an export of an older state is good, and it is not for whoever kept
/// a later checkpoint.
#[test]
fn an_export_is_held_against_the_key_and_what_was_kept() {
    let mut story = Story::with(300);
    let text = story.exported();
    let key = story.signer.key().clone();
    let stranger = Story::new();
    let foreign = verify_export(&mut text.as_bytes(), stranger.signer.key(), &[]).unwrap();
    assert!(
        foreign.to_string().contains("key did not sign"),
        "{foreign}"
    );

    story.batch(10);
    let kept: Vec<Checkpoint> = story.witness.checkpoints().cloned().collect();
    let old = verify_export(&mut text.as_bytes(), &key, &kept).unwrap();
    assert!(
        old.to_string()
            .contains("Its witness has seen 310 records."),
        "{old}"
    );
    let new = story.exported();
    assert!(
        verify_export(&mut new.as_bytes(), &key, &kept)
            .unwrap()
            .is_whole()
    );
}
