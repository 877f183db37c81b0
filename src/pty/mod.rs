//! Agents in terminals that outlive the server: holders, leases, process trees.
//!
//! The server calls [`launch`] for a new session and [`attach`] for one whose holder lives, and gets a [`Leased`] terminal:
//! it reads the [`Master`] into the shared [`Ring`], stores snapshots there, and asks the holder for everything else over
//! [`Control`]. The holder and the exec step run in processes of their own (`copilot-tui holder`, `copilot-tui exec-step`).
//! [`tree`] looks at processes, `signal` signals only the one that is meant. Must not know the model.

mod backlog;
mod control;
mod endpoint;
mod exec_step;
mod holder;
mod lease;
mod link;
mod master;
pub mod paths;
pub mod proto;
pub mod ring;
pub mod shm;
mod signal;
pub mod snapshot;
pub mod spec;
mod sweep;
mod sys;
pub mod tree;

pub use control::{Control, Event};
pub use endpoint::Endpoint;
pub use exec_step::exec_step_main;
pub use holder::holder_main;
pub use lease::{AttachError, LaunchError, Leased, attach, control, launch};
pub use link::ControlError;
pub use master::Master;
pub use paths::{HolderDirs, list_holders};
pub use proto::{Status, TreeReply};
pub use ring::{Gap, ReadOutcome, Ring};
pub use spec::{ExitStatus, LaunchFailure, LaunchSpec, SESSION_VAR, StopPlan, StopReport, Survivor};
pub use sweep::{holder_processes, kill_tree_by_session, revive_socket, sessions_in_environments};
pub use sys::{lean_heap, peer, trim_heap};
pub use tree::Ident;
