//! The process is killed. `cargo xtask crash --rounds 200` does it for longer.

use std::path::PathBuf;

use daybook_testkit::Dice;
use daybook_testkit::crash::KillLoop;

use crate::asked;

#[test]
fn what_was_acknowledged_outlives_a_kill_of_the_server() {
    let rounds = asked("DAYBOOK_CRASH_ROUNDS", 8);
    let torment = KillLoop {
        binary: PathBuf::from(env!("CARGO_BIN_EXE_daybook")),
        rounds: usize::try_from(rounds).unwrap(),
        seed: asked("DAYBOOK_TEST_SEED", Dice::fresh().seed()),
    };
    let toll = torment.run(&|line| eprintln!("{line}")).unwrap();
    eprintln!("{toll:?}");
    // Rounds in which nobody posted anything would prove nothing.
    assert!(toll.acknowledged > toll.rounds, "{toll:?}");
}
