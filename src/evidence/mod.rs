//! Signals in, one state with source, age and confidence out. Pure; must not know drawing, sockets or processes.
//!
//! Every source keeps its newest signal. The newest signal of the highest authority that is still live wins; what contradicts
//! it stays in the ledger and can be shown.

pub mod hook;
mod ledger;
mod osc;
mod rules;
mod source;

pub use hook::{HookSays, hook_signal};
pub use ledger::{Claim, Ledger, Past, Signal, Verdict};
pub use osc::{parse_program_status, program_error, progress_signal};
pub use rules::{Heard, LogAct, LogReader, LogRule, TitleRule, title_signal};
pub use source::{Order, Source};
