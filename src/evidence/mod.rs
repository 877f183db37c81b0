//! Signals in, one state with source, age and confidence out. Pure; must not know drawing, sockets or processes.
//!
//! Every source keeps its newest signal. The newest signal of the highest authority that is still live wins; what contradicts
//! it stays in the ledger and can be shown.

pub mod hook;
mod ledger;
mod limit;
mod osc;
mod progress;
mod rules;
mod source;
pub mod status;
pub mod text;
mod usage;

pub use hook::{HookSays, hook_signal};
pub use ledger::{Claim, Ledger, Past, START, Signal, Verdict};
pub use limit::{is_limit, limit_ends};
pub use osc::{mark_signal, notice_signal, progress_signal, progress_word};
pub use progress::{ProgressLedger, Step};
pub use rules::{Heard, LogAct, LogReader, LogRule, NoticeRule, PromptRule, TitleRule, prompt_signal, title_signal};
pub use source::{Order, Source};
pub use usage::{UsageReader, UsageRule};
