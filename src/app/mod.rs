//! Layer 4: the client's pure state. Everything that happens comes in as an [`Input`] with the time; everything to be done
//! goes out as an [`Effect`]. Must not know sockets, terminals, threads or how anything is drawn.

mod hit;
mod io;

pub use hit::{Hit, PaneId};
pub use io::{Caps, Effect, Input};
