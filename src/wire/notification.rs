//! A notification as the server tells it and as a command hook reads it. Plain text only. Must not know channels.

use crate::base::SessionId;
use serde::{Deserialize, Serialize};

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeKind {
    /// A session needs the user.
    Waiting,
    /// A session failed, or made an error known.
    Failed,
    /// A session is done, or its turn is over.
    Done,
    /// A part of a task is done.
    Milestone,
    /// What the program in a session asked to be told (OSC 9, 99, 777, BEL).
    Message,
}

impl NoticeKind {
    /// All kinds.
    pub const ALL: [NoticeKind; 5] = [NoticeKind::Waiting, NoticeKind::Failed, NoticeKind::Done, NoticeKind::Milestone, NoticeKind::Message];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            NoticeKind::Waiting => "waiting",
            NoticeKind::Failed => "failed",
            NoticeKind::Done => "done",
            NoticeKind::Milestone => "milestone",
            NoticeKind::Message => "message",
        }
    }
}

/// One notification. All text is made safe by the server: no control characters, bounded lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Its number; one that is told again with the same number replaces the earlier one.
    pub id: u64,
    /// What it is about.
    pub kind: NoticeKind,
    /// Session it is about; none when it is about several.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// One line, at most 120 columns.
    pub title: String,
    /// One more, at most 200 columns; may be empty.
    #[serde(default)]
    pub text: String,
    /// The long form, for channels with room: at most 16 lines of 200 columns.
    #[serde(default)]
    pub lines: Vec<String>,
    /// How many became this one; 1 for one alone.
    #[serde(default)]
    pub count: u64,
}
