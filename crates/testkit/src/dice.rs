//! Randomness from a seed, which is printed when a test fails: with
//! `DAYBOOK_TEST_SEED` set to it, the same test meets the same numbers.

use std::sync::Mutex;

use daybook_engine::keys::SystemEntropy;
use daybook_kernel::{Entropy, Error};

pub struct Dice {
    seed: u64,
    state: Mutex<u64>,
}

impl Dice {
    /// From the seed that is asked for, or a fresh one.
    pub fn fresh() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "a test that is run again with its seed"
        )]
        let asked = std::env::var("DAYBOOK_TEST_SEED").ok();
        let seed = asked.map_or_else(
            || {
                let mut bytes = [0; 8];
                SystemEntropy.fill(&mut bytes).expect("randomness");
                u64::from_le_bytes(bytes)
            },
            |text| text.trim().parse().expect("DAYBOOK_TEST_SEED is a number"),
        );
        Self::seeded(seed)
    }

    pub const fn seeded(seed: u64) -> Self {
        Self {
            seed,
            state: Mutex::new(seed),
        }
    }

    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// `SplitMix64`: each state once, and no two seeds alike.
    pub fn next(&self) -> u64 {
        let mut state = self.state.lock().expect("dice");
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub fn below(&self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).expect("a bound");
        usize::try_from(self.next() % bound).expect("a number below a bound")
    }

    pub fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl Drop for Dice {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("DAYBOOK_TEST_SEED={}", self.seed);
        }
    }
}
