//! The machine's randomness, behind the kernel's door.

use daybook_kernel::{Entropy, Error};

/// The generator of aws-lc, seeded by the operating system: a fill costs no
/// system call, which the sealing of every field would otherwise pay.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the Entropy that everybody else is handed"
    )]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error> {
        aws_lc_rs::rand::fill(bytes)
            .map_err(|_| Error::ours("the system gave no randomness; nothing was made without it"))
    }
}
