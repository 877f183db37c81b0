//! Holders, leases, process trees. Must not know the model.

mod backlog;
pub mod paths;
pub mod proto;
pub mod ring;
pub mod shm;
pub mod snapshot;
pub mod spec;
mod sys;
