//! Dice that roll the same every time, so that the demo is the same company
//! on every machine.

pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A whole number from `low` through `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low).saturating_add(1);
        let rolled = i64::try_from(self.roll() % span).unwrap_or_default();
        low.saturating_add(rolled)
    }

    pub fn choose<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let at = self.roll() % u64::try_from(from.len()).ok()?.max(1);
        from.get(usize::try_from(at).ok()?)
    }

    /// An amount between two, in whole tens of cents: nobody invoices 4,318.27.
    pub fn amount(&mut self, low: i64, high: i64) -> i64 {
        self.between(low / 10, high / 10) * 10
    }

    /// The steps of SplitMix64: even enough for prices and days.
    const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
