//! Kinds and priorities of sessions as clap sees them. Must not know how anything is done.

use crate::wire::facts::{Kind, Priority};
use clap::ValueEnum;

/// Kinds, for clap.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum KindArg {
    /// In the project's own checkout.
    Primary,
    /// In a worktree of its own.
    Isolated,
    /// Watches another session's progress and log.
    Monitor,
    /// Analyses another session.
    Debug,
}

impl From<KindArg> for Kind {
    fn from(k: KindArg) -> Kind {
        match k {
            KindArg::Primary => Kind::Primary,
            KindArg::Isolated => Kind::Isolated,
            KindArg::Monitor => Kind::Monitor,
            KindArg::Debug => Kind::Debug,
        }
    }
}

/// Priorities, for clap.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PriorityArg {
    /// First.
    High,
    /// As it comes.
    Medium,
    /// Last.
    Low,
}

impl From<PriorityArg> for Priority {
    fn from(p: PriorityArg) -> Priority {
        match p {
            PriorityArg::High => Priority::High,
            PriorityArg::Medium => Priority::Medium,
            PriorityArg::Low => Priority::Low,
        }
    }
}
