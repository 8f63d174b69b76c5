//! The machine's clock, behind the kernel's door.

use daybook_kernel::Clock;
use jiff::Timestamp;

pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the Clock that everybody else is handed"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
