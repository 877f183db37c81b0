//! Mission control for background coding agents, in a terminal. `ARCHITECTURE.md` beside this file is the map.
//!
//! Modules stand in layers; imports go to a smaller layer, or inside layers 2 and 3 to a row above
//! (`tests/architecture.rs` holds this).

// Layer 0, and the part of layer 1 that is a package of its own
pub use copilot_tui_term::{base, term};
// Layer 1
pub mod command;
pub mod layout;
pub mod wire;
// Layer 2
pub mod config;
pub mod evidence;
pub mod model;
pub mod task;
// Layer 3
pub mod agent;
pub mod git;
pub mod ipc;
pub mod past;
pub mod pty;
pub mod store;
// Layer 4
pub mod app;
pub mod server;
// Layer 5
pub mod ui;
// Layer 6
pub mod client;
// Layer 7
pub mod cli;
pub mod demo;
