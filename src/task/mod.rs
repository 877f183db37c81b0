//! A task's text: what it is called, and what an agent is told. Pure. Must not know any agent's flags.

mod brief;
mod slug;

pub use brief::brief;
pub use slug::{name_of, slug_of};
