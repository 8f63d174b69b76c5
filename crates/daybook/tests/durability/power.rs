//! The power goes: what was not synced is lost, wholly or sector by sector.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use daybook_testkit::Dice;
use daybook_testkit::lossy_disk::{Loss, LossyDisk};
use tempfile::TempDir;

use crate::asked;
use crate::ledger::{Ledger, WORKSPACES, blank, copy_beside};

const SCHEDULES: u64 = 60;
/// Blackouts of one schedule, each on what the one before has left.
const BLACKOUTS: usize = 2;
/// Changes of the disk after which the power goes: a batch takes ten or so.
const CHANGES_MAX: usize = 600;
/// By then the log has been carried into the database file: a page of it is two
/// changes, and it is carried over after 4,000 pages.
const CARRIED_OVER: usize = 8_500;
/// Notes of this many words fill the write-ahead log until it is carried into the
/// database file, within some hundred entries.
const LONG_NOTE: usize = 1_200;

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// What was sent to a workspace, and what of it was acknowledged.
#[derive(Clone, Default)]
struct Sent {
    acknowledged: Arc<Mutex<BTreeSet<u64>>>,
    all: BTreeSet<u64>,
}

#[test]
fn what_was_acknowledged_outlives_a_loss_of_power() {
    let first = asked("DAYBOOK_TEST_SEED", Dice::fresh().seed());
    let next = AtomicU64::new(0);
    let schedules = asked("DAYBOOK_POWER_SCHEDULES", SCHEDULES);
    // Two at once, as each waits for its own disk most of the time.
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= schedules {
                        return;
                    }
                    let seed = first.wrapping_add(number);
                    eprintln!("DAYBOOK_TEST_SEED={seed} DAYBOOK_POWER_SCHEDULES=1");
                    // Some write so much that the log is carried over.
                    schedule(&Dice::seeded(seed), seed % 20 == 7);
                }
            });
        }
    });
}

/// Making an instance is a promise as well: whoever was told that there is a
/// workspace finds it.
#[test]
fn what_was_made_outlives_a_loss_of_power() {
    let first = asked("DAYBOOK_TEST_SEED", Dice::fresh().seed());
    for number in 0..12 {
        let seed = first.wrapping_add(number);
        eprintln!("DAYBOOK_TEST_SEED={seed}");
        let dice = Dice::seeded(seed);
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::set_permissions(&data, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let disk = LossyDisk::below(&data).unwrap();
        disk.cut_after(1 + dice.below(900) as u64, || {});
        let mut made = Vec::new();
        let ledger = Ledger::open(&data).unwrap();
        ledger
            .set_up(&mut |what| {
                if !disk.is_cut() {
                    made.push(what);
                }
            })
            .unwrap();
        let image = disk.cut();
        let left = folder.path().join("left");
        copy_beside(&data, &left);
        image.restore(&left, loss(&dice), &dice).unwrap();
        // The witness may not have reached the disk at all.
        let _ = fs::remove_dir_all(left.join("witness"));
        let ledger = Ledger::open(&left).unwrap();
        for slug in WORKSPACES.into_iter().filter(|slug| made.contains(slug)) {
            ledger.check(slug, &BTreeSet::new(), &BTreeSet::new());
        }
        assert!(
            ledger
                .engine
                .desk(None)
                .unwrap()
                .verify()
                .unwrap()
                .is_whole()
        );
    }
}

fn schedule(dice: &Dice, long: bool) {
    let mut sent: BTreeMap<&str, Sent> = WORKSPACES
        .into_iter()
        .map(|slug| (slug, Sent::default()))
        .collect();
    let mut folder = blank();
    for _ in 0..BLACKOUTS {
        folder = blackout(folder, dice, long, &mut sent);
    }
}

/// Posts until the power goes; answers with the folder that is left, after it was
/// looked through.
fn blackout(folder: TempDir, dice: &Dice, long: bool, sent: &mut BTreeMap<&str, Sent>) -> TempDir {
    let data = folder.path().join("data");
    let disk = LossyDisk::below(&data).unwrap();
    let early = files_of(&data.join("witness"));
    let late: Arc<Mutex<Option<Files>>> = Arc::default();
    let (noted, witness) = (Arc::clone(&late), data.join("witness"));
    let changes = if long {
        CARRIED_OVER + dice.below(CARRIED_OVER)
    } else {
        1 + dice.below(CHANGES_MAX)
    };
    disk.cut_after(changes as u64, move || {
        *noted.lock().unwrap() = Some(files_of(&witness));
    });
    let mut ledger = Some(Ledger::open(&data).unwrap());
    while !disk.is_cut() {
        let open = ledger.get_or_insert_with(|| Ledger::open(&data).unwrap());
        post_some(
            open,
            &disk,
            dice,
            if long { LONG_NOTE } else { dice.below(40) },
            sent,
        );
        // Closing carries the log into the database file; the power may go then.
        if !long && dice.below(12) == 0 {
            ledger = None;
        }
    }
    let image = disk.cut();
    let left = tempfile::tempdir().unwrap();
    let data_left = left.path().join("data");
    copy_beside(&data, &data_left);
    image.restore(&data_left, loss(dice), dice).unwrap();
    let late = late.lock().unwrap().take().unwrap();
    lose_witness(&data_left.join("witness"), &early, &late, dice);
    drop(ledger);

    let after = Ledger::open(&data_left).unwrap();
    for (slug, sent) in sent.iter_mut() {
        let acknowledged = sent.acknowledged.lock().unwrap().clone();
        let found = after.check(slug, &acknowledged, &sent.all);
        // What is there now has been shown, and must stay.
        *sent.acknowledged.lock().unwrap() = found;
    }
    after.verify();
    after.close(&data_left);
    left
}

/// A burst of entries, which may share a commit.
fn post_some(
    ledger: &Ledger,
    disk: &LossyDisk,
    dice: &Dice,
    size: usize,
    sent: &mut BTreeMap<&str, Sent>,
) {
    let mut answers = Vec::new();
    for _ in 0..=dice.below(8) {
        let slug = *dice.pick(&WORKSPACES);
        let sent = sent.get_mut(slug).unwrap();
        let number = sent.all.last().map_or(0, |last| last + 1);
        sent.all.insert(number);
        let (acknowledged, disk) = (Arc::clone(&sent.acknowledged), disk.clone());
        answers.push(ledger.post(slug, number, size, move || {
            // Answered before the power went: a promise.
            if !disk.is_cut() {
                acknowledged.lock().unwrap().insert(number);
            }
        }));
    }
    for answer in answers {
        assert_eq!(
            answer.recv(),
            Ok(true),
            "the disk is well until the power goes"
        );
    }
}

fn loss(dice: &Dice) -> Loss {
    *dice.pick(&[Loss::Unsynced, Loss::Torn, Loss::Torn, Loss::Nothing])
}

/// The witness is not synced: each of its sectors is as it was, as it is now, or
/// as it was when the power last went.
fn lose_witness(folder: &Path, early: &Files, late: &Files, dice: &Dice) {
    const SECTOR: usize = 512;
    let _ = fs::remove_dir_all(folder);
    if dice.below(8) == 0 {
        return;
    }
    fs::create_dir(folder).unwrap();
    let torn = dice.below(2) == 0;
    for (name, bytes) in late {
        let mut bytes = bytes.clone();
        let before = early.get(name).cloned().unwrap_or_default();
        for (index, sector) in bytes.chunks_mut(SECTOR).enumerate() {
            if torn && dice.below(2) == 0 {
                let at = index * SECTOR;
                let old = before.get(at..at + sector.len());
                sector.copy_from_slice(old.unwrap_or(&[0; SECTOR][..sector.len()]));
            }
        }
        fs::write(folder.join(name), bytes).unwrap();
    }
}

fn files_of(folder: &Path) -> Files {
    let Ok(entries) = fs::read_dir(folder) else {
        return Files::new();
    };
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.unwrap();
        (
            PathBuf::from(entry.file_name()),
            fs::read(entry.path()).unwrap(),
        )
    };
    entries.map(file).collect()
}
