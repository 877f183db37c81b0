//! Short notices over the panes: few, counted when they repeat, gone by themselves. Must not know where they stand.

use crate::base::{Now, SessionId};
use crate::wire::message::Level;

/// Most toasts at once; the oldest goes.
pub const MOST: usize = 4;

/// A toast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Its number.
    pub id: u64,
    /// How loud.
    pub level: Level,
    /// Session it is about.
    pub session: Option<SessionId>,
    /// One line, made safe.
    pub title: String,
    /// More, made safe.
    pub text: String,
    /// How often it came.
    pub count: u32,
    until: u64,
}

/// The toasts, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Toasts {
    all: Vec<Toast>,
    next: u64,
}

impl Toasts {
    /// All of them, oldest first.
    pub fn all(&self) -> &[Toast] {
        &self.all
    }

    /// Adds one; the same title about the same session only counts up.
    pub fn push(&mut self, level: Level, session: Option<SessionId>, title: &str, text: &str, seconds: u64, now: Now) {
        let (title, text) = (crate::base::text::safe_line(title, 120), crate::base::text::safe_line(text, 240));
        let times = if matches!(level, Level::Attention | Level::Error) { 2 } else { 1 };
        let until = now.mono_ms + seconds.clamp(1, 3600) * times * 1000;
        if let Some(i) = self.all.iter().position(|t| t.title == title && t.session == session) {
            let mut old = self.all.remove(i);
            old.count += 1;
            old.until = until;
            old.text = text;
            self.all.push(old);
            return;
        }
        self.next += 1;
        self.all.push(Toast { id: self.next, level, session, title, text, count: 1, until });
        if self.all.len() > MOST {
            self.all.remove(0);
        }
    }

    /// Takes one away.
    pub fn dismiss(&mut self, id: u64) -> Option<Toast> {
        let i = self.all.iter().position(|t| t.id == id)?;
        Some(self.all.remove(i))
    }

    /// Takes away what has been long enough in sight.
    pub fn expire(&mut self, now: Now) {
        self.all.retain(|t| t.until > now.mono_ms);
    }

    /// When the next one goes, by the monotonic clock.
    pub fn next_wake(&self) -> Option<u64> {
        self.all.iter().map(|t| t.until).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toasts_are_few_and_count() {
        let mut t = Toasts::default();
        let at = |ms| Now { mono_ms: ms, wall_ms: 0 };
        for i in 0..9 {
            t.push(Level::Info, None, &format!("notice {}", i % 6), "", 5, at(i));
        }
        assert_eq!(t.all().len(), MOST);
        t.push(Level::Info, None, "notice 2", "", 5, at(50));
        assert_eq!(t.all().last().map(|t| t.count), Some(2));
        t.expire(at(5049));
        assert_eq!(t.all().len(), 1);
        t.expire(at(5050));
        assert!(t.all().is_empty() && t.next_wake().is_none());
    }
}
