//! What sessions were: recordings of what programs drew, and the text of sessions that ended. Files of one session's folder,
//! written by one thread or by workers, read by workers. Must not know clients, states or the server's loop.
//!
//! | file | idea |
//! | --- | --- |
//! | `cast` | lines of asciicast v3 |
//! | `tap` | from the loop to the writer thread: copying bytes, never waiting |
//! | `queue` | what waits in between |
//! | `recorder`, `bell` | the writer thread, and how it is woken |
//! | `tape` | one recording being written: segments, keyframes, gaps |
//! | `index` | text that stood on the screen, with its time |
//! | `film` | a recording being read: where what is, and the screen at any moment |
//! | `archive` | the history of an ended session as text |
//! | `find` | looking for a pattern in all of that |
//! | `plain` | opening files that others may have planted |
//! | `sweep` | bounds over all sessions, oldest first |
//!
//! A recording is a folder `recording` of segments `000001.cast`, `000002.cast` ..., each a whole asciicast v3 file that any
//! player takes, and beside each the text that was on the screen as `000001.txt`. The oldest segment goes when all are more
//! than the limit.

mod archive;
mod bell;
mod cast;
mod film;
mod find;
mod index;
mod plain;
mod queue;
mod recorder;
mod sweep;
mod tap;
mod tape;
#[cfg(test)]
mod tests;

pub use archive::{ARCHIVE, MAX_ARCHIVE, SCREEN, TRIMMED, archive_text, read_archive, write_archive};
pub use film::{Film, IDLE_MS, Mark, Place, Step};
pub use find::{Found, Hit, Scan};
pub use plain::open_plain;
pub use recorder::Recorder;
pub use sweep::{Bounds, sweep};
pub use tap::Tap;
pub use tape::{RECORDING, Start, recorded_to};

/// Lines of one text that are looked at in one piece; a longer line is cut for showing.
pub const SHOWN_CHARS: usize = 200;
