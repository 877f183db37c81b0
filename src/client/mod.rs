//! Layer 6: the full-screen client. Terminal guard, input, socket, frames; carries what happens to `app` and carries out what
//! it wants. Must not know the model.

pub mod able;
pub mod caps;
mod clip_task;
pub mod clipboard;
mod effects;
mod event;
mod face;
pub mod guard;
pub mod input;
mod inspect;
mod link;
mod mail;
pub mod modes;
pub mod notify;
pub mod opening;
mod options;
mod outer;
mod pen;
pub mod probe;
mod proof;
mod roll;
mod run;
pub mod screen;
mod shell;
mod tty;
mod watch;
pub mod width;

pub use inspect::{inspect_keys, inspect_keys_on};
pub use modes::reset_sequences;
pub use options::{ClientError, ClientExit, ClientOptions, Reconnect};
pub use run::{run, run_on};
pub use tty::reset;
