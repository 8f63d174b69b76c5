//! The log as a file for outsiders: JSON Lines, a record each, and the signed
//! checkpoint last. It is verified without database or secret; the public key
//! must come by another way than the file.

use std::io::{self, BufRead, Read, Write};

use daybook_kernel::{Connection, Error};
use serde::{Deserialize, Serialize};

use crate::keys::CheckpointKey;

use super::checkpoint::Checkpoint;
use super::examine::{Claims, Examiner, Line, Tile};
use super::log::{last_seq, read_head};
use super::verdict::Verdict;
use super::verify::each_record;

/// Records in one reading from the store.
const PAGE: i64 = 256;

/// A longer line is no record: what comes in at the road is far smaller.
const LINE_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Last {
    checkpoint: String,
}

/// Writes the whole log; answers how many records it wrote.
pub fn export(store: &mut dyn Connection, out: &mut dyn Write) -> Result<u64, Error> {
    let last = last_seq(store)?;
    let (mut from, mut written) = (0, 0);
    while from < last {
        let mut outcome = Ok(());
        each_record(store, from, from.saturating_add(PAGE), &mut |seq, line| {
            if outcome.is_ok() {
                outcome = line
                    .map_err(|unreadable| cannot_export(seq, &unreadable.why))
                    .and_then(|line| write_line(out, &line));
                written += 1;
            }
        })?;
        outcome?;
        from = from.saturating_add(PAGE);
    }
    if let Some(head) = read_head(store)? {
        write_line(
            out,
            &Last {
                checkpoint: head.note,
            },
        )?;
    }
    out.flush().map_err(|error| unwritten(&error))?;
    Ok(written)
}

fn write_line(out: &mut dyn Write, line: &impl Serialize) -> Result<(), Error> {
    let mut text = serde_json::to_string(line).map_err(Error::ours)?;
    text.push('\n');
    out.write_all(text.as_bytes())
        .map_err(|error| unwritten(&error))
}

fn cannot_export(seq: i64, error: &Error) -> Error {
    Error::ours(format!(
        "audit record {seq} cannot be read, so the log cannot be exported; verify it ({error:?})"
    ))
}

fn unwritten(error: &io::Error) -> Error {
    Error::ours(format!("the audit log could not be written out: {error}"))
}

/// Verifies an export against the public key, and against earlier checkpoints
/// that the reader kept: the log must extend each of them.
pub fn verify_export(
    reader: &mut dyn BufRead,
    key: &CheckpointKey,
    earlier: &[Checkpoint],
) -> Result<Verdict, Error> {
    let mut examiner = Examiner::new(earlier.iter());
    let mut lines = Lines {
        reader,
        ended: false,
    };
    let mut signed = None;
    let mut head_agrees = true;
    while let Some(text) = lines.next()? {
        if let Ok(last) = serde_json::from_slice::<Last>(&text) {
            signed = Checkpoint::read(&last.checkpoint, key);
            head_agrees = signed.is_some();
            if let Some(checkpoint) = &signed {
                examiner.hold_against(checkpoint);
            }
            continue;
        }
        // What stands after the checkpoint is not covered by it.
        head_agrees = false;
        match serde_json::from_slice::<Line>(&text) {
            Ok(line) => examiner.take(&line, Tile::NONE),
            Err(_) => examiner.take_unreadable(examiner.next(), None, Tile::NONE),
        }
    }
    let witnessed = earlier.iter().map(Checkpoint::size).max();
    Ok(examiner.finish(&Claims {
        signed: signed.as_ref(),
        head_agrees,
        witnessed,
    }))
}

struct Lines<'r> {
    reader: &'r mut dyn BufRead,
    ended: bool,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let mut line = Vec::new();
        if self.ended {
            return Ok(None);
        }
        (&mut *self.reader)
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line)
            .map_err(|error| Error::ours(format!("the export could not be read: {error}")))?;
        self.ended = line.last() != Some(&b'\n');
        Ok((!line.is_empty()).then_some(line))
    }
}
