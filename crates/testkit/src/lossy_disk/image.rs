//! What the platter holds when the power has gone, and what can be read of it.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::model::{Change, Inode, Kept, apply, put};
use crate::Dice;

/// What a disk writes as one piece.
const SECTOR: u64 = 512;

/// What becomes of that which was written and not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It is gone.
    Unsynced,
    /// Some sectors of it are there, by the dice; some names too.
    Torn,
    /// It is there: the process died, not the machine.
    Nothing,
}

/// The disk at the moment the power went.
#[derive(Clone, Default)]
pub struct Image {
    pub(super) folder: PathBuf,
    pub(super) files: HashMap<Inode, Kept>,
    pub(super) names: HashMap<PathBuf, Inode>,
    pub(super) durable_names: HashMap<PathBuf, Inode>,
}

impl Image {
    /// Lays the files that are left into another folder, at the same places.
    pub fn restore(&self, to: &Path, loss: Loss, dice: &Dice) -> io::Result<()> {
        let mut names: Vec<_> = self.names_left(loss, dice).into_iter().collect();
        // In one order, so that the same dice make the same disk.
        names.sort();
        for (path, inode) in names {
            let Ok(inside) = path.strip_prefix(&self.folder) else {
                continue;
            };
            let target = to.join(inside);
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder)?;
            }
            let bytes = self
                .files
                .get(&inode)
                .map_or_else(Vec::new, |kept| left_of(kept, loss, dice));
            fs::write(target, bytes)?;
        }
        Ok(())
    }

    fn names_left(&self, loss: Loss, dice: &Dice) -> HashMap<PathBuf, Inode> {
        match loss {
            Loss::Unsynced => self.durable_names.clone(),
            Loss::Nothing => self.names.clone(),
            Loss::Torn => {
                let mut names = self.durable_names.clone();
                let mut paths: Vec<_> = self.names.keys().chain(names.keys()).cloned().collect();
                paths.sort();
                paths.dedup();
                for path in paths {
                    if coin(dice) {
                        match self.names.get(&path) {
                            Some(inode) => names.insert(path, *inode),
                            None => names.remove(&path),
                        };
                    }
                }
                names
            }
        }
    }
}

fn left_of(kept: &Kept, loss: Loss, dice: &Dice) -> Vec<u8> {
    let mut bytes = kept.durable.clone();
    match loss {
        Loss::Unsynced => {}
        Loss::Nothing => kept
            .pending
            .iter()
            .for_each(|change| apply(&mut bytes, change)),
        Loss::Torn => kept
            .pending
            .iter()
            .for_each(|change| tear(&mut bytes, change, dice)),
    }
    bytes
}

/// Some sectors of a write are there, others are as they were.
fn tear(bytes: &mut Vec<u8>, change: &Change, dice: &Dice) {
    let Change::Write { at, bytes: written } = change else {
        if coin(dice) {
            apply(bytes, change);
        }
        return;
    };
    let (mut at, mut rest) = (*at, &written[..]);
    while !rest.is_empty() {
        let room = usize::try_from(SECTOR - at % SECTOR).unwrap_or(usize::MAX);
        let (sector, after) = rest.split_at(room.min(rest.len()));
        if coin(dice) {
            put(bytes, at, sector);
        }
        at += sector.len() as u64;
        rest = after;
    }
}

fn coin(dice: &Dice) -> bool {
    dice.below(2) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Kept {
        Kept {
            durable: vec![1; 1024],
            pending: vec![
                Change::Write {
                    at: 500,
                    bytes: vec![2; 1000],
                },
                Change::Truncate(1400),
            ],
        }
    }

    #[test]
    fn unsynced_changes_are_lost_or_there() {
        let dice = Dice::seeded(1);
        assert_eq!(left_of(&kept(), Loss::Unsynced, &dice), vec![1; 1024]);
        let whole = left_of(&kept(), Loss::Nothing, &dice);
        assert_eq!(whole.len(), 1400);
        assert_eq!((whole[499], whole[500], whole[1399]), (1, 2, 2));
    }

    #[test]
    fn a_torn_write_is_torn_at_sectors() {
        let mut seen = std::collections::HashSet::new();
        for seed in 0..64 {
            let torn = left_of(&kept(), Loss::Torn, &Dice::seeded(seed));
            // The pieces are 500..512, 512..1024 and 1024..1500.
            assert_eq!(torn[500], torn[511]);
            assert_eq!(torn[512], torn[1023]);
            seen.insert((torn[511], torn[512], torn.len()));
        }
        assert!(seen.len() > 6, "{seen:?}");
    }
}
