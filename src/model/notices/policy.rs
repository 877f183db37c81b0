//! When a notification is told, and how many become one. Pure: the time is an argument, what to do comes out. Must not know
//! channels, sockets or settings.
//!
//! - One of each kind stands for a session; what comes within [`WINDOW`] is counted into it and shown in its place.
//! - Outside of the app (terminal, desktop, command) one is told at once; what comes within [`WINDOW`] of it, of whatever
//!   session, waits for the end of that time and is told as one line. A session that needs the user never waits behind news.
//! - What a program asks for (OSC 9, 99, 777, BEL) is told [`HOURLY`] times an hour at most, and is only counted beyond that.
//! - The same question is told once. It is taken back when its session no longer waits.

use super::text::{LINE, News, TITLE};
use crate::base::SessionId;
use crate::base::text::{safe_line, width};
use crate::wire::{NoticeKind, Notification};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Within so long several become one, milliseconds.
pub const WINDOW: u64 = 5_000;
/// Shortest time between two changes of what stands, milliseconds.
pub const STEP: u64 = 1_000;
/// How long the outside waits for the words of a question that has none yet, milliseconds.
pub const WORDS: u64 = 600;
/// Notifications a program may ask for in an hour.
pub const HOURLY: usize = 20;
const HOUR: u64 = 3_600_000;
/// Sessions that need the user within one window before their toasts become one.
const TOASTS: usize = 3;
/// Notifications that stand at most; the oldest is forgotten.
const OPEN: usize = 512;
/// Sessions remembered before old ones are looked through.
const SESSIONS: usize = 2048;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Tell it.
    Tell {
        /// What.
        notification: Notification,
        /// It stands already: only what can change it in its place does.
        again: bool,
        /// Over the panes.
        toast: bool,
        /// Outside of the app.
        outside: bool,
    },
    /// It no longer holds.
    Gone(u64),
}

/// A full-screen client, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    /// Its number.
    pub id: u64,
    /// Its terminal has the focus; none when that terminal never told.
    pub focus: Option<bool>,
    /// When it was last used, by the monotonic clock.
    pub active_ms: u64,
    /// It only looks.
    pub read_only: bool,
}

impl Viewer {
    /// A terminal that tells no focus is looked at as long as somebody used it lately.
    const LATELY: u64 = 30_000;

    /// Whether a person is before it.
    pub fn is_looked_at(&self, now_ms: u64) -> bool {
        self.focus.unwrap_or(now_ms.saturating_sub(self.active_ms) < Viewer::LATELY && self.active_ms > 0)
    }
}

/// The one client whose terminal tells it: the one with the focus, else the one used last.
pub fn teller(viewers: &[Viewer]) -> Option<u64> {
    viewers.iter().max_by_key(|v| (!v.read_only, v.focus == Some(true), v.active_ms)).map(|v| v.id)
}

/// What was told of one session.
#[derive(Debug, Clone, Default)]
struct Told {
    /// When its program's own were told.
    messages: VecDeque<u64>,
    /// So many of those were left out since.
    more: u64,
    /// The last toast of each kind.
    last: [Option<u64>; 5],
    /// The last question, when it was taken back, and whether the outside had heard of it.
    question: Option<(String, u64, bool)>,
}

impl Told {
    fn only_counts(&self, now: u64) -> bool {
        let soon = self.messages.back().is_some_and(|t| now < t + WINDOW);
        soon || self.messages.iter().filter(|t| now.saturating_sub(**t) < HOUR).count() >= HOURLY
    }
}

/// One that stands.
#[derive(Debug, Clone)]
struct Open {
    news: Option<News>,
    notification: Notification,
    /// Its text without what is counted.
    text: String,
    /// When it was told, or when it began to wait for that.
    at: u64,
    /// When it was last shown.
    shown_at: u64,
    /// Somebody was told.
    told: bool,
    /// The outside was told these words.
    heard: bool,
    /// What is shown is older than what is known.
    changed: bool,
    /// When it is to be told outside.
    owed: Option<u64>,
    /// Its toast was left to the one line for all.
    withheld: bool,
    /// Sessions in it, when it is that line.
    members: Vec<(SessionId, NoticeKind, String)>,
}

impl Open {
    fn stands(&self, now: u64) -> bool {
        now < self.at + WINDOW
    }

    fn current(&self) -> Notification {
        let mut n = self.notification.clone();
        n.text = with_more(&self.text, n.count.saturating_sub(1));
        n
    }
}

/// Decides.
#[derive(Debug, Clone)]
pub struct Policy {
    next: u64,
    told: HashMap<SessionId, Told>,
    open: BTreeMap<u64, Open>,
    /// When the outside was told last: of who needs the user, of the rest.
    outside: [Option<u64>; 2],
    /// The lines for several sessions that stand.
    lines: [Option<u64>; 2],
}

fn needs_user(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::Waiting | NoticeKind::Failed)
}

fn class(kind: NoticeKind) -> usize {
    usize::from(!needs_user(kind))
}

/// A text with how many more there were.
fn with_more(text: &str, more: u64) -> String {
    if more == 0 {
        return text.to_owned();
    }
    let mut digits = String::new();
    let plain = more.to_string();
    for (i, c) in plain.chars().enumerate() {
        if i > 0 && (plain.len() - i).is_multiple_of(3) {
            digits.push(',');
        }
        digits.push(c);
    }
    let tail = if text.is_empty() { format!("and {digits} more") } else { format!(" (and {digits} more)") };
    format!("{}{tail}", safe_line(text, LINE.saturating_sub(width(&tail))))
}

impl Policy {
    /// Numbers its notifications from `first` on.
    pub fn new(first: u64) -> Policy {
        Policy { next: first, told: HashMap::new(), open: BTreeMap::new(), outside: [None; 2], lines: [None; 2] }
    }

    /// Something is worth telling. `looked_at`: a person has that session before the eyes.
    pub fn ask(&mut self, news: News, looked_at: bool, now: u64) -> Vec<Act> {
        self.many(news, 1, looked_at, now)
    }

    /// The same, `count` times at once.
    pub fn many(&mut self, news: News, count: u64, looked_at: bool, now: u64) -> Vec<Act> {
        if count == 0 {
            return Vec::new();
        }
        self.tidy(now);
        let open = self.open.iter().find(|(_, o)| o.news.as_ref().is_some_and(|n| n.session == news.session && n.kind == news.kind)).map(|(i, _)| *i);
        match news.kind {
            NoticeKind::Message => self.message(news, count, open, looked_at, now),
            NoticeKind::Waiting => self.question(news, open, looked_at, now),
            _ => match open.and_then(|i| self.open.get_mut(&i)).filter(|o| o.stands(now)) {
                Some(o) => {
                    o.notification.count += count;
                    o.changed = true;
                    if o.text != news.text || o.notification.title != news.title {
                        let due = o.at + WINDOW;
                        replace(o, news);
                        o.owed = o.owed.or((!looked_at).then_some(due));
                    }
                    Vec::new()
                }
                None => self.tell(news, count, looked_at, now),
            },
        }
    }

    /// More of the program's own that nobody read one by one.
    pub fn more_messages(&mut self, session: &SessionId, count: u64) {
        let open = self.open.values_mut().find(|o| o.news.as_ref().is_some_and(|n| n.session == *session && n.kind == NoticeKind::Message));
        match (open, self.told.get_mut(session)) {
            (Some(o), _) => {
                o.notification.count += count;
                o.changed = true;
            }
            (None, Some(t)) => t.more += count,
            (None, None) => {}
        }
    }

    /// Whether another one of the program's own would only be counted, whatever its words.
    pub fn only_counts(&self, session: &SessionId, now: u64) -> bool {
        self.told.get(session).is_some_and(|t| t.only_counts(now))
    }

    fn message(&mut self, news: News, count: u64, open: Option<u64>, looked_at: bool, now: u64) -> Vec<Act> {
        let told = self.told.entry(news.session.clone()).or_default();
        while told.messages.front().is_some_and(|t| now.saturating_sub(*t) >= HOUR) {
            told.messages.pop_front();
        }
        if told.only_counts(now) {
            match open.and_then(|i| self.open.get_mut(&i)) {
                Some(o) => {
                    o.notification.count += count;
                    o.changed = true;
                }
                None => told.more += count,
            }
            return Vec::new();
        }
        told.messages.push_back(now);
        let count = count + std::mem::take(&mut told.more);
        if let Some(i) = open {
            self.open.remove(&i);
        }
        self.tell(news, count, looked_at, now)
    }

    fn question(&mut self, news: News, open: Option<u64>, looked_at: bool, now: u64) -> Vec<Act> {
        let Some((id, o)) = open.and_then(|i| self.open.get_mut(&i).map(|o| (i, o))) else {
            let told = self.told.entry(news.session.clone()).or_default();
            let before = told.question.as_ref().filter(|(q, at, _)| *q == news.text && now < at + WINDOW);
            let (same, heard) = (before.is_some(), before.is_some_and(|(_, _, heard)| *heard));
            let soon = told.last.first().copied().flatten().is_some_and(|t| now < t + STEP);
            if !same && !soon {
                return self.tell(news, 1, looked_at, now);
            }
            // It flickers: it is shown when it stands, and the outside hears of it when it has not.
            let mut o = self.opened(news, 1, now);
            (o.changed, o.told, o.heard) = (true, same, heard);
            o.owed = (!heard && !looked_at).then_some(now + WINDOW);
            self.put(o);
            return Vec::new();
        };
        if o.text == news.text {
            return Vec::new();
        }
        if o.text.is_empty() {
            // Only now is it known what it asks.
            let due = now.max(o.at + WINDOW);
            replace(o, news);
            o.changed = true;
            o.owed = o.owed.or((!looked_at).then_some(due));
            return self.show(id, now);
        }
        if o.stands(now) {
            let due = o.at + WINDOW;
            replace(o, news);
            o.notification.count += 1;
            o.changed = true;
            o.owed = o.owed.or((!looked_at).then_some(due));
            return Vec::new();
        }
        replace(o, news);
        (o.notification.count, o.at, o.changed) = (1, now, false);
        self.out(id, looked_at, now)
    }

    /// Shows what stands in its place, when it was not shown a moment ago.
    fn show(&mut self, id: u64, now: u64) -> Vec<Act> {
        let Some(o) = self.open.get_mut(&id).filter(|o| o.changed && now >= o.shown_at + STEP.min(WORDS)) else { return Vec::new() };
        (o.changed, o.shown_at) = (false, now);
        let again = std::mem::replace(&mut o.told, true);
        vec![Act::Tell { notification: o.current(), again, toast: !o.withheld, outside: false }]
    }

    fn opened(&mut self, news: News, count: u64, now: u64) -> Open {
        let id = self.next;
        self.next += 1;
        let notification = Notification {
            id,
            kind: news.kind,
            session: Some(news.session.clone()),
            title: safe_line(&news.title, TITLE),
            text: String::new(),
            lines: news.lines.clone(),
            count,
        };
        Open {
            text: safe_line(&news.text, LINE),
            news: Some(news),
            notification,
            at: now,
            shown_at: now,
            told: false,
            heard: false,
            changed: false,
            owed: None,
            withheld: false,
            members: Vec::new(),
        }
    }

    fn put(&mut self, o: Open) -> u64 {
        let id = o.notification.id;
        self.open.insert(id, o);
        if self.open.len() > OPEN {
            self.open.pop_first();
        }
        id
    }

    fn tell(&mut self, news: News, count: u64, looked_at: bool, now: u64) -> Vec<Act> {
        let o = self.opened(news, count, now);
        let id = self.put(o);
        self.out(id, looked_at, now)
    }

    /// Tells one: over the panes at once, outside when its turn is.
    fn out(&mut self, id: u64, looked_at: bool, now: u64) -> Vec<Act> {
        let Some(o) = self.open.get(&id) else { return Vec::new() };
        let kind = o.notification.kind;
        let last = self.outside.get_mut(class(kind));
        let busy = last.as_ref().and_then(|l| **l).map(|t| t + WINDOW).filter(|due| now < *due);
        let wordless = kind == NoticeKind::Waiting && o.text.is_empty();
        let owed = match busy {
            _ if looked_at => None,
            Some(due) => Some(due),
            None if wordless => Some(now + WORDS),
            None => None,
        };
        let outside = !looked_at && owed.is_none();
        if outside && let Some(last) = last {
            *last = Some(now);
        }
        let recent = |o: &&Open| needs_user(o.notification.kind) && o.members.is_empty() && o.stands(now) && o.told && !o.withheld;
        let withheld = busy.is_some() && owed.is_some() && needs_user(kind) && self.open.values().filter(recent).count() >= TOASTS;
        let Some(o) = self.open.get_mut(&id) else { return Vec::new() };
        (o.owed, o.withheld, o.told, o.heard, o.shown_at) = (owed, withheld, !withheld, outside, now);
        if let Some(n) = &o.news {
            let told = self.told.entry(n.session.clone()).or_default();
            if let Some(last) = told.last.get_mut(kind as usize) {
                *last = Some(now);
            }
        }
        if withheld {
            return Vec::new();
        }
        vec![Act::Tell { notification: o.current(), again: false, toast: true, outside }]
    }

    /// What the clock brings. `looked_at`: a person has that session before the eyes.
    pub fn due(&mut self, looked_at: &dyn Fn(&SessionId) -> bool, now: u64) -> Vec<Act> {
        let mut acts = Vec::new();
        let changed: Vec<u64> = self.open.iter().filter(|(_, o)| o.changed && now >= o.shown_at + STEP).map(|(i, _)| *i).collect();
        for id in changed {
            acts.extend(self.show(id, now));
        }
        for class in [0, 1] {
            self.end_of_window(class, looked_at, now, &mut acts);
        }
        self.tidy(now);
        acts
    }

    fn end_of_window(&mut self, which: usize, looked_at: &dyn Fn(&SessionId) -> bool, now: u64, acts: &mut Vec<Act>) {
        let mut owed = Vec::new();
        for (id, o) in self.open.iter_mut().filter(|(_, o)| class(o.notification.kind) == which && o.owed.is_some_and(|t| t <= now)) {
            if o.news.as_ref().is_some_and(|n| looked_at(&n.session)) {
                o.owed = None;
                // Only the outside is spared.
                if std::mem::take(&mut o.withheld) {
                    o.told = true;
                    acts.push(Act::Tell { notification: o.current(), again: false, toast: true, outside: false });
                }
            } else {
                owed.push(*id);
            }
        }
        // A window that another one has opened meanwhile ends later.
        let Some(last) = self.outside.get_mut(which) else { return };
        if let Some(due) = last.map(|t| t + WINDOW).filter(|due| now < *due) {
            for id in &owed {
                if let Some(o) = self.open.get_mut(id) {
                    o.owed = Some(due);
                }
            }
            return;
        }
        match owed.as_slice() {
            [] => {}
            [one] => {
                *last = Some(now);
                let Some(o) = self.open.get_mut(one) else { return };
                let toast = std::mem::take(&mut o.withheld) || o.changed;
                (o.owed, o.told, o.heard, o.changed, o.shown_at) = (None, true, true, false, now);
                acts.push(Act::Tell { notification: o.current(), again: false, toast, outside: true });
            }
            _ => {
                *last = Some(now);
                acts.extend(self.one_line(which, &owed, now));
            }
        }
    }

    /// Several sessions in one line: those whose turn it is, and all others that still need the user.
    fn one_line(&mut self, which: usize, owed: &[u64], now: u64) -> Option<Act> {
        let mut members = Vec::new();
        let mut withheld = false;
        for (id, o) in &mut self.open {
            let Some(n) = &o.news else { continue };
            let mine = owed.contains(id);
            if mine || (which == 0 && n.kind == NoticeKind::Waiting && o.owed.is_none()) {
                members.push((n.session.clone(), n.kind, format!("#{} {}", n.number, n.name)));
            }
            if mine {
                o.owed = None;
                withheld |= std::mem::take(&mut o.withheld);
                (o.told, o.heard) = (true, true);
            }
        }
        let old = self.lines.get(which).copied().flatten().filter(|i| self.open.contains_key(i));
        let id = old.unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        });
        let kind = members.iter().map(|m| m.1).min()?;
        let mut o = Open {
            news: None,
            notification: Notification { id, kind, session: None, title: String::new(), text: String::new(), lines: Vec::new(), count: 1 },
            text: String::new(),
            at: now,
            shown_at: now,
            told: true,
            heard: true,
            changed: false,
            owed: None,
            withheld: false,
            members,
        };
        say_members(&mut o);
        let notification = o.current();
        self.put(o);
        if let Some(line) = self.lines.get_mut(which) {
            *line = Some(id);
        }
        Some(Act::Tell { notification, again: false, toast: withheld, outside: true })
    }

    /// Takes back what no longer holds. `waits` says of a session whether it still needs the user.
    pub fn settle(&mut self, waits: &dyn Fn(&SessionId) -> bool, now: u64) -> Vec<Act> {
        let mut acts = Vec::new();
        let gone: Vec<u64> = self
            .open
            .iter()
            .filter(|(_, o)| o.notification.kind == NoticeKind::Waiting && o.news.as_ref().is_some_and(|n| !waits(&n.session)))
            .map(|(i, _)| *i)
            .collect();
        for id in gone {
            let Some(o) = self.open.remove(&id) else { continue };
            if let Some(n) = o.news {
                self.told.entry(n.session).or_default().question = Some((o.text, now, o.heard));
            }
            if o.told {
                acts.push(Act::Gone(id));
            }
        }
        let mut empty = Vec::new();
        for (id, o) in self.open.iter_mut().filter(|(_, o)| !o.members.is_empty() && o.notification.kind == NoticeKind::Waiting) {
            let before = o.members.len();
            o.members.retain(|(s, k, _)| *k != NoticeKind::Waiting || waits(s));
            if !o.members.iter().any(|m| m.1 == NoticeKind::Waiting) {
                empty.push(*id);
            } else if o.members.len() != before {
                say_members(o);
                o.changed = true;
            }
        }
        for id in empty {
            self.open.remove(&id);
            acts.push(Act::Gone(id));
        }
        acts
    }

    /// Whether anything stands that [`Policy::settle`] could take back.
    pub fn has_questions(&self) -> bool {
        self.open.values().any(|o| o.notification.kind == NoticeKind::Waiting)
    }

    /// When [`Policy::due`] has something to do, by the clock of its other calls; never while nothing is pending.
    pub fn next_wake(&self) -> Option<u64> {
        self.open.values().flat_map(|o| [o.changed.then_some(o.shown_at + STEP), o.owed]).flatten().min()
    }

    /// Forgets what is over.
    fn tidy(&mut self, now: u64) {
        self.open.retain(|_, o| {
            let waits = o.notification.kind == NoticeKind::Waiting;
            waits || o.changed || o.owed.is_some() || o.stands(now)
        });
        if self.told.len() > SESSIONS {
            self.told.retain(|_, t| t.messages.back().is_some_and(|m| now.saturating_sub(*m) < HOUR));
        }
    }
}

fn replace(o: &mut Open, news: News) {
    o.text = safe_line(&news.text, LINE);
    o.notification.title = safe_line(&news.title, TITLE);
    o.notification.lines.clone_from(&news.lines);
    o.heard = false;
    o.news = Some(news);
}

/// Words for several sessions.
fn say_members(o: &mut Open) {
    let count = |kind: NoticeKind| o.members.iter().filter(|m| m.1 == kind).count();
    let mut parts = Vec::new();
    let mut part = |kind, one: &str, many: &str| {
        let n = count(kind);
        let words = if n == 1 { one } else { many };
        if n > 0 {
            parts.push(if parts.is_empty() {
                format!("{n} {} {words}", if n == 1 { "session" } else { "sessions" })
            } else {
                format!("{n} {words}")
            });
        }
    };
    part(NoticeKind::Waiting, "needs you", "need you");
    part(NoticeKind::Failed, "failed", "failed");
    part(NoticeKind::Done, "is done", "are done");
    part(NoticeKind::Milestone, "got on", "got on");
    part(NoticeKind::Message, "has a message", "have a message");
    o.notification.title = safe_line(&parts.join(", "), TITLE);
    let names: Vec<&str> = o.members.iter().map(|m| m.2.as_str()).collect();
    o.text = safe_line(&names.join(", "), LINE);
    o.notification.lines = o.members.iter().take(16).map(|m| m.2.clone()).collect();
}
