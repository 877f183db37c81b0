//! Short notices over the panes: few, counted when they repeat, gone by themselves. Must not know where they stand.

use crate::base::{Now, SessionId};
use crate::wire::message::Level;
use crate::wire::{NoticeKind, Notification};

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
    /// The notification it shows, by its number.
    told: Option<u64>,
    until: u64,
}

/// The toasts, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Toasts {
    all: Vec<Toast>,
    next: u64,
    /// The notification whose toast was taken away last.
    dismissed: Option<u64>,
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
        self.add(Toast { id: self.next, level, session, title, text, count: 1, told: None, until });
    }

    fn add(&mut self, toast: Toast) {
        self.all.push(toast);
        if self.all.len() > MOST {
            self.all.remove(0);
        }
    }

    /// Shows a notification; one with the same number is replaced in its place. `again`: one that a person has taken away
    /// already stays away.
    pub fn tell(&mut self, n: &Notification, again: bool, seconds: u64, now: Now) {
        let level = match n.kind {
            NoticeKind::Waiting => Level::Attention,
            NoticeKind::Failed => Level::Error,
            NoticeKind::Done => Level::Success,
            NoticeKind::Milestone | NoticeKind::Message => Level::Info,
        };
        let times = if matches!(level, Level::Attention | Level::Error) { 2 } else { 1 };
        let until = now.mono_ms + seconds.clamp(1, 3600) * times * 1000;
        let (title, text) = (crate::base::text::safe_line(&n.title, 120), crate::base::text::safe_line(&n.text, 240));
        let old = self.all.iter_mut().find(|t| t.told == Some(n.id));
        match old {
            Some(t) => (t.level, t.title, t.text, t.until) = (level, title, text, until),
            None if again && self.dismissed == Some(n.id) => {}
            None => {
                self.next += 1;
                self.add(Toast { id: self.next, level, session: n.session.clone(), title, text, count: 1, told: Some(n.id), until });
            }
        }
    }

    /// A notification no longer holds.
    pub fn take_back(&mut self, told: u64) {
        self.all.retain(|t| t.told != Some(told));
    }

    /// Takes one away.
    pub fn dismiss(&mut self, id: u64) -> Option<Toast> {
        let i = self.all.iter().position(|t| t.id == id)?;
        let toast = self.all.remove(i);
        self.dismissed = toast.told.or(self.dismissed);
        Some(toast)
    }

    /// Takes away what something newer stands for.
    pub fn outdated(&mut self, is: impl Fn(&Toast) -> bool) {
        self.all.retain(|t| !is(t));
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

    #[test]
    fn a_notification_changes_in_its_place_and_goes_when_it_is_taken_back() {
        let mut t = Toasts::default();
        let now = Now::default();
        let n = |id, text: &str| Notification {
            id,
            kind: NoticeKind::Waiting,
            session: None,
            title: "3 sessions need you".into(),
            text: text.into(),
            lines: Vec::new(),
            count: 1,
        };
        t.tell(&n(7, "a"), false, 5, now);
        t.tell(&n(8, "other"), false, 5, now);
        t.tell(&n(7, "b"), true, 5, now);
        assert_eq!(t.all().iter().map(|t| t.text.as_str()).collect::<Vec<_>>(), ["b", "other"]);
        t.take_back(8);
        let id = t.all()[0].id;
        t.dismiss(id);
        t.tell(&n(7, "c"), true, 5, now);
        assert!(t.all().is_empty(), "what was clicked away does not come back by itself");
        t.tell(&n(7, "d"), false, 5, now);
        assert_eq!(t.all().len(), 1);
    }
}
