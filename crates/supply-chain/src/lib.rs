//! What Daybook is made of, and which known advisories touch it. The build is
//! judged by it before it is a program, and the program judges itself by it while
//! it runs, against newer data: both by the same rules.

mod advisories;
mod bill;
mod put_off;

pub use advisories::{Data, Defect};
pub use bill::{bill_of_materials, digest, parts};
pub use put_off::{Entry, PUT_OFF, PutOff, put_off};
pub use rustsec::Lockfile;
