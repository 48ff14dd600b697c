//! Randomness that can be repeated.

use std::hash::{BuildHasher, RandomState};

/// Numbers from a seed, by the generator `SplitMix64`. A test prints the seed when it fails.
#[derive(Debug, Clone)]
pub struct Random {
    /// What the numbers were made from.
    pub seed: u64,
    state: u64,
}

impl Random {
    /// Numbers that are different in every run. To repeat a run, put its seed in the variable
    /// `SUBLEDGER_TEST_SEED`.
    #[must_use]
    pub fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a seed is given to a run of the tests")]
        let given = std::env::var("SUBLEDGER_TEST_SEED").ok();
        let seed = given.map_or_else(
            || RandomState::new().hash_one("seed"),
            |seed| seed.parse().expect("SUBLEDGER_TEST_SEED is a number"),
        );
        Self::from_seed(seed)
    }

    /// The numbers of this seed.
    #[must_use]
    pub const fn from_seed(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

impl Default for Random {
    fn default() -> Self {
        Self::new()
    }
}
