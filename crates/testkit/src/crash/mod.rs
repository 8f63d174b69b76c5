//! The kill loop: the real server is killed in the middle of its work, started
//! again, and asked whether everything that it had acknowledged is there.
//!
//! A kill takes the process and leaves the machine: what was written is there,
//! synced or not. What a machine loses is [`crate::lossy_disk`]'s to find.

mod books;
mod load;
mod server;
mod wire;

use std::path::PathBuf;
use std::time::Duration;

use crate::Dice;

use books::Books;
use server::Instance;

/// What is told of a loop that held, and why one did not.
pub type Told<T> = Result<T, String>;

/// Clients that post at once, in each workspace.
const CLIENTS: usize = 3;
/// Longer than it takes until clients have posted something, shorter than it
/// takes to bore them.
const LIFE_MS_MAX: usize = 450;

/// The program, and how long to torment it.
pub struct KillLoop {
    pub binary: PathBuf,
    pub rounds: usize,
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Toll {
    pub rounds: usize,
    /// Entries whose acknowledgement a client had read.
    pub acknowledged: usize,
    /// Entries that were found after all the kills.
    pub found: usize,
    /// Entries that were found though nobody had read an acknowledgement.
    pub unacknowledged: usize,
}

impl KillLoop {
    /// Runs all rounds on one instance; `say` hears of each.
    pub fn run(&self, say: &dyn Fn(&str)) -> Told<Toll> {
        let dice = Dice::seeded(self.seed);
        say(&format!("seed {}, {} rounds", self.seed, self.rounds));
        let instance = Instance::make(&self.binary)?;
        let mut server = instance.serve()?;
        let mut both = ["First books", "Second books"]
            .map(|name| Books::make(&instance, name))
            .into_iter()
            .collect::<Told<Vec<Books>>>()?;
        for round in 0..self.rounds {
            let lifetime = Duration::from_millis(dice.below(LIFE_MS_MAX) as u64);
            let posted = load::until_the_end(&mut server, &both, round, CLIENTS, lifetime)?;
            // Every other time the command line is the first to open what is left.
            if round % 2 == 0 {
                instance.verify()?;
            }
            server = instance.serve()?;
            if round % 2 == 1 {
                instance.verify()?;
            }
            for (books, posted) in both.iter_mut().zip(posted) {
                let told = books.take_stock(&server, round, &posted);
                let told = told.map_err(|why| format!("round {round}, {}: {why}", books.slug))?;
                say(&format!(
                    "round {round}, {lifetime:?}, {}: {told}",
                    books.slug
                ));
            }
        }
        let mut toll = Toll {
            rounds: self.rounds,
            ..Toll::default()
        };
        for books in &both {
            books.read_all(&server)?;
            books.add_to(&mut toll);
        }
        server.kill()?;
        instance.verify()?;
        Ok(toll)
    }
}
