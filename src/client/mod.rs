//! Terminal guard, input, socket, frames. Must not know the model.

pub mod caps;
pub mod guard;
pub mod input;
pub mod modes;
pub mod probe;
pub mod screen;
