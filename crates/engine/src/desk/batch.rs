//! What the commands of a batch leave until its commit, and what is done after.

use std::collections::{BTreeMap, HashMap};

use daybook_kernel::transaction::{Addition, Pending, TallyKey};
use daybook_kernel::{Connection, Error, Tally};

/// By the name of the tally, whose order is that of the writing.
pub type Sums = BTreeMap<&'static str, (&'static Tally, HashMap<TallyKey, [i64; 2]>)>;

/// What a batch gathers until its commit.
#[derive(Default)]
pub struct Gathered {
    pub sums: Sums,
    pub left: Left,
}

/// What the commands of a batch leave to be done after its commit.
#[derive(Clone, Copy, Default)]
pub struct Left {
    pub outbox: bool,
    pub is_urgent: bool,
    pub lives_changed: bool,
}

impl Gathered {
    pub fn take(&mut self, pending: Pending) {
        self.left.outbox |= pending.outbox;
        self.left.is_urgent |= pending.is_urgent;
        self.left.lives_changed |= pending.lives_changed;
        for (tally, key, [amount, base]) in pending.tallies {
            let (_, sums) = self
                .sums
                .entry(tally.name)
                .or_insert_with(|| (tally, HashMap::new()));
            let sum = sums.entry(key).or_default();
            // Limits on amounts keep a batch far below the range.
            sum[0] = sum[0].saturating_add(amount);
            sum[1] = sum[1].saturating_add(base);
        }
    }
}

/// Writes the kept sums, each key once, in the order of the keys.
pub fn settle(store: &mut dyn Connection, sums: Sums) -> Result<(), Error> {
    for (_, (tally, sums)) in sums {
        let mut moved: Vec<Addition> = sums.into_iter().collect();
        moved.sort_unstable_by_key(|(key, _)| *key);
        (tally.settle)(store, &moved)?;
    }
    Ok(())
}
