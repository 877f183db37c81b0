//! Which session a person means. Must not know what is done to it.

use super::World;
use crate::base::SessionId;
use crate::base::text::safe_line;
use thiserror::Error;

/// Why a target names no session.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// Nothing matches.
    #[error("no session `{0}`")]
    NotFound(String),
    /// Several match.
    #[error("`{name}` could be {candidates}")]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// `#3 api-auth, #4 api-docs`.
        candidates: String,
    },
}

/// The number in `3`, `#3` or `session-id-3`.
pub fn parse_number(target: &str) -> Option<u32> {
    let t = target.strip_prefix('#').or_else(|| target.strip_prefix("session-id-")).unwrap_or(target);
    t.parse().ok()
}

impl World {
    /// The one session a target names.
    ///
    /// # Errors
    /// When none or several match.
    pub fn find(&self, target: &str) -> Result<SessionId, TargetError> {
        let target = target.trim();
        if let Some(r) = parse_number(target).and_then(|n| self.sessions.get(&n)) {
            return Ok(r.facts.id.clone());
        }
        let live_first = || {
            let (live, ended): (Vec<_>, Vec<_>) = self.sessions.values().partition(|r| !r.facts.state.ended());
            live.into_iter().chain(ended)
        };
        let exact = live_first().find(|r| r.facts.name == target || r.facts.id.as_str() == target);
        if let Some(r) = exact {
            return Ok(r.facts.id.clone());
        }
        if target.is_empty() {
            return Err(TargetError::NotFound(String::new()));
        }
        let matches: Vec<_> =
            self.sessions.values().filter(|r| r.facts.name.starts_with(target) || r.facts.id.as_str().starts_with(target)).collect();
        match matches.as_slice() {
            [one] => Ok(one.facts.id.clone()),
            [] => Err(TargetError::NotFound(safe_line(target, 60))),
            many => {
                let names: Vec<_> = many.iter().take(5).map(|r| format!("#{} {}", r.facts.number, r.facts.name)).collect();
                Err(TargetError::Ambiguous { name: safe_line(target, 60), candidates: names.join(", ") })
            }
        }
    }

    /// The sessions a target names; `all` is every one that runs, monitors and debuggers left out.
    ///
    /// # Errors
    /// When none or several match and the target is not `all`.
    pub fn find_all(&self, target: &str) -> Result<Vec<SessionId>, TargetError> {
        if target == "all" {
            let running = self.sessions.values().filter(|r| !r.facts.state.ended() && !r.facts.kind.watches());
            return Ok(running.map(|r| r.facts.id.clone()).collect());
        }
        Ok(vec![self.find(target)?])
    }

    /// `name`, or `name-2`, `name-3` ... when a session that is not dismissed has it.
    pub fn free_name(&self, name: &str) -> String {
        let base = if name.is_empty() { "session" } else { name };
        // Two words that mean many sessions are no session's name.
        let taken = |n: &str| matches!(n, "all" | "ended") || self.sessions.values().any(|r| r.facts.name == n);
        if !taken(base) {
            return base.to_owned();
        }
        let mut i = 2;
        loop {
            let name = format!("{base}-{i}");
            if !taken(&name) {
                return name;
            }
            i += 1;
        }
    }
}
