//! The command line. Must not know drawing.

pub mod args;
mod conn;
mod error;
mod print;
