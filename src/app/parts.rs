//! Facts that come in several messages, because one has not room for them: put together before anybody looks. Must not know what
//! they say.

use crate::wire::ServerMsg;

/// What has come of facts that are not complete.
#[derive(Debug, Clone, Default)]
pub struct Parts(Option<ServerMsg>);

impl Parts {
    /// Takes a message; all of it when it was the last part, or no part at all.
    pub fn join(&mut self, message: ServerMsg) -> Option<ServerMsg> {
        let ServerMsg::Facts { rev, full, sessions, removed, timeline, agents, view, more } = message else { return Some(message) };
        let whole = match self.0.take() {
            Some(ServerMsg::Facts { full: begun, sessions: mut s, removed: mut r, timeline: mut t, agents: a, view: v, .. }) => {
                s.extend(sessions);
                r.extend(removed);
                t.extend(timeline);
                let (agents, view) = (a.or(agents), v.or(view));
                ServerMsg::Facts { rev, full: begun, sessions: s, removed: r, timeline: t, agents, view, more }
            }
            _ => ServerMsg::Facts { rev, full, sessions, removed, timeline, agents, view, more },
        };
        if more {
            self.0 = Some(whole);
            return None;
        }
        Some(whole)
    }

    /// The connection ended: what is missing never comes.
    pub fn clear(&mut self) {
        self.0 = None;
    }
}
