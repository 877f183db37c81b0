//! What an agent's hook tells, as a signal of its rank: below the agent's log, above escape sequences. Must not know any agent's
//! events or how a hook reaches the server.
//!
//! Who reads hooks maps an event of its agent to a [`HookSays`] and hands on what comes out of [`hook_signal`]: a signal as
//! `model::Command::Signal`, nothing as `ForgetSignal` with [`Source::Hook`]. An error goes as `Command::Failure`, a sub-agent as
//! `Command::Child`. Events of a sub-agent say nothing of the session: they must not come here.

use super::{Signal, Source};
use crate::wire::State;

/// What a hook says of the session's own turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookSays {
    /// A turn began, or a tool runs.
    Works,
    /// The user is needed.
    Waits {
        /// `permission`, `question` or `auth`.
        kind: String,
        /// What is asked.
        text: String,
    },
    /// The turn is over.
    TurnOver,
    /// What was said before no longer holds, and nothing is known in its place: a prompt was answered, the conversation ended.
    Nothing,
}

/// The signal, or nothing when what the hooks said is to be forgotten. `at_ms` is the time of the event, milliseconds since the
/// Unix epoch.
pub fn hook_signal(says: HookSays, at_ms: u64) -> Option<Signal> {
    let (state, kind, text) = match says {
        HookSays::Works => (State::Working, None, None),
        HookSays::Waits { kind, text } => (State::Waiting, Some(kind), Some(crate::base::text::safe_line(&text, 300))),
        HookSays::TurnOver => (State::Idle, None, None),
        HookSays::Nothing => return None,
    };
    Some(Signal { source: Source::Hook, state, text, kind, at_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_speak_with_their_own_rank() {
        let s = hook_signal(HookSays::Waits { kind: "permission".into(), text: "run\u{1b}[31m ls".into() }, 7).unwrap();
        assert_eq!((s.source, s.state, s.kind.as_deref(), s.at_ms), (Source::Hook, State::Waiting, Some("permission"), 7));
        assert!(!s.text.unwrap().contains('\u{1b}'));
        assert_eq!(hook_signal(HookSays::Nothing, 7), None);
        assert!(Source::Log < Source::Hook && Source::Hook < Source::Osc);
    }
}
