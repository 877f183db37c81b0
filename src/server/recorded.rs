//! Which sessions are recorded, by the settings. Must not know how.

/// What is recorded (`[recording]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Anything at all.
    pub enabled: bool,
    /// Agents.
    pub agents: bool,
    /// Shells.
    pub shells: bool,
    /// Plain commands.
    pub commands: bool,
    /// Names of agents and kinds that are not.
    pub except: Vec<String>,
    /// Most bytes of one session.
    pub max_bytes: u64,
    /// Days a recording stays.
    pub days: u64,
}

impl Default for Recording {
    fn default() -> Recording {
        Recording { enabled: true, agents: true, shells: false, commands: false, except: Vec::new(), max_bytes: 64 << 20, days: 14 }
    }
}

/// What a session is, for who decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// An agent.
    Agent,
    /// A shell or another program with turns.
    Shell,
    /// A command line.
    Command,
}

impl Recording {
    /// Whether a session of this sort is.
    pub(super) fn wants(&self, sort: Sort, agent: &str, kind: crate::wire::Kind) -> bool {
        let on = match sort {
            Sort::Agent => self.agents,
            Sort::Shell => self.shells,
            Sort::Command => self.commands,
        };
        self.enabled && on && !kind.watches() && !self.except.iter().any(|e| e == agent || e == kind.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Kind;

    #[test]
    fn agents_are_recorded_and_can_be_left_out() {
        let r = Recording::default();
        assert!(r.wants(Sort::Agent, "codex", Kind::Primary));
        assert!(!r.wants(Sort::Shell, "shell", Kind::Primary) && !r.wants(Sort::Command, "command", Kind::Primary));
        assert!(!r.wants(Sort::Agent, "codex", Kind::Debug));
        let except = |e: &str| Recording { except: vec![e.into()], ..Recording::default() };
        assert!(!except("codex").wants(Sort::Agent, "codex", Kind::Primary) && except("codex").wants(Sort::Agent, "claude", Kind::Primary));
        assert!(!except("isolated").wants(Sort::Agent, "codex", Kind::Isolated));
        assert!(!Recording { enabled: false, ..Recording::default() }.wants(Sort::Agent, "codex", Kind::Primary));
    }
}
