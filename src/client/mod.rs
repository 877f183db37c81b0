//! Terminal guard, input, socket, frames. Must not know the model.

pub mod input;
