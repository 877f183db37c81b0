//! A task's text: what it is called, and what an agent is told. Pure. Must not know any agent's flags.

mod brief;
mod delegation;
mod redact;
mod slug;
mod turn;

pub use brief::brief;
pub use delegation::{Delegation, FileRef, INLINE, Workspace, handed};
pub use redact::{REDACTED, redact};
pub use slug::{name_of, slug_of};
pub use turn::{Turn, Who, cut, newest};
