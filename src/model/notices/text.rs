//! The words of notifications: the article's blocks, and a short form for channels of one line. A line whose figure is not
//! known is left out; nothing is guessed. Must not know when or where they are told.

use crate::base::SessionId;
use crate::base::text::safe_line;
use crate::model::Record;
use crate::wire::facts::{ErrorReport, Phase};
use crate::wire::message::Level;
use crate::wire::{NoticeKind, Session, State};

/// Columns of a title.
pub const TITLE: usize = 120;
/// Columns of a text or of a line of the long form.
pub const LINE: usize = 200;

/// Something worth a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Session it is about.
    pub session: SessionId,
    /// Its number.
    pub number: u32,
    /// Its name, made safe.
    pub name: String,
    /// What it is.
    pub kind: NoticeKind,
    /// One line.
    pub title: String,
    /// One more, may be empty.
    pub text: String,
    /// The long form.
    pub lines: Vec<String>,
}

/// What a task changed, measured when it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Files that are new since the base.
    pub created: usize,
    /// Files that were there and differ.
    pub modified: usize,
    /// Commits since the base.
    pub commits: usize,
}

/// `2 hours 15 minutes`: a duration as the article writes it.
pub fn duration(seconds: u64) -> String {
    let part = |n: u64, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
    let two = |a: String, n: u64, word: &str| if n == 0 { a } else { format!("{a} {}", part(n, word)) };
    match seconds {
        0..60 => part(seconds, "second"),
        60..3600 => part(seconds / 60, "minute"),
        3600..86_400 => two(part(seconds / 3600, "hour"), seconds % 3600 / 60, "minute"),
        _ => two(part(seconds / 86_400, "day"), seconds % 86_400 / 3600, "hour"),
    }
}

fn safe(text: &str) -> String {
    safe_line(text, LINE)
}

fn news(s: &Session, kind: NoticeKind, title: &str, text: &str, lines: Vec<String>) -> News {
    News { session: s.id.clone(), number: s.number, name: safe_line(&s.name, 40), kind, title: safe_line(title, TITLE), text: safe(text), lines }
}

fn named(s: &Session, what: &str) -> String {
    format!("#{} {} {what}", s.number, safe_line(&s.name, 40))
}

fn task(s: &Session) -> Option<String> {
    let t = safe_line(&s.task, LINE - 6);
    (!t.is_empty()).then(|| format!("Task: {t}"))
}

fn labelled(label: &str, text: &str) -> Option<String> {
    let t = safe_line(text, LINE);
    (!t.is_empty()).then(|| safe_line(&format!("{label}: {t}"), LINE))
}

/// What a session waits for: the exact question. None when it does not wait.
pub fn waiting(r: &Record) -> Option<News> {
    let s = &r.facts;
    let w = s.waiting_for.as_ref().filter(|_| s.state == State::Waiting)?;
    let (label, action) = match w.kind.as_str() {
        "permission" => ("Approval", Some("Action Required: Approve or deny")),
        "auth" => ("Login", Some("Action Required: Log in")),
        "question" => ("Question", Some("Action Required: Answer the question")),
        _ => ("Question", None),
    };
    let mut lines = vec!["⚠️ Background Agent Needs Attention".to_owned(), String::new()];
    lines.extend([task(s), labelled(label, &w.text), action.map(str::to_owned)].into_iter().flatten());
    lines.push("Session: Waiting until answered".into());
    Some(news(s, NoticeKind::Waiting, &named(s, "needs you"), &w.text, lines))
}

/// A quarter of a long task is done.
pub fn quarter(r: &Record, percent: u8) -> News {
    let s = &r.facts;
    let far = how_far(s).unwrap_or_default();
    let mut lines = vec!["🎉 Background Agent Update".to_owned()];
    lines.extend(task(s));
    if !far.is_empty() {
        lines.push(format!("📊 Progress: {far}"));
    }
    let current = s.progress.as_ref().and_then(|p| p.current.clone()).unwrap_or_default();
    lines.extend(labelled("Current", &current));
    news(s, NoticeKind::Milestone, &named(s, &format!("is {percent}% done")), &far, lines)
}

/// What the model found worth telling, with what is known of it. `before` is the phase it was in, when it is in another now.
pub fn told(r: &Record, level: Level, title: &str, text: &str, before: Option<&Phase>, figures: Option<Figures>) -> News {
    let s = &r.facts;
    match level {
        Level::Error => failed(r, title, text),
        Level::Success => done(r, title, figures),
        Level::Info if s.state == State::Idle => turn_over(r, title, figures),
        Level::Info => milestone(s, title, text, before),
        Level::Attention => {
            let mut lines = vec!["⚠️ Background Agent Needs Attention".to_owned(), String::new()];
            lines.extend([task(s), labelled("Issue", text)].into_iter().flatten());
            lines.push(format!("Session: {}", capital(s.state.word())));
            news(s, NoticeKind::Waiting, title, text, lines)
        }
    }
}

fn failed(r: &Record, title: &str, text: &str) -> News {
    let s = &r.facts;
    let newest = ErrorReport::default();
    let e = s.errors.last().filter(|e| title.ends_with(&e.title)).unwrap_or(&newest);
    // What mended itself needs nobody.
    let mended = e.status.as_deref().is_some_and(|t| t.trim().to_lowercase().starts_with("resolved"));
    let kind = if mended { NoticeKind::Milestone } else { NoticeKind::Failed };
    let head = if mended { "🎉 Background Agent Update" } else { "⚠️ Background Agent Needs Attention" };
    let mut lines = vec![head.to_owned(), String::new()];
    let what = if e.title.is_empty() { title } else { e.title.as_str() };
    let issue = match e.issue.as_deref().filter(|i| !i.is_empty()) {
        Some(i) => format!("{what}: {i}"),
        None => what.to_owned(),
    };
    let field = |label: &str, t: &Option<String>| t.as_deref().and_then(|t| labelled(label, t));
    lines.extend([task(s), labelled("Issue", &issue), field("Context", &e.context)].into_iter().flatten());
    match (mended, &e.suggestion) {
        (false, Some(_)) => lines.extend(field("Action Required", &e.suggestion)),
        _ => lines.extend(field("Action", &e.action)),
    }
    lines.extend(field("Status", &e.status));
    lines.push(match s.state {
        State::Paused => "Session: Paused until resolved".into(),
        state => format!("Session: {}", capital(state.word())),
    });
    if !mended {
        // What can be chosen in the errors panel; of what has ended nothing can be fixed or cancelled.
        let choices = if s.state.ended() { "[View Details]" } else { "[Fix Now] [View Details] [Cancel Task]" };
        lines.extend([String::new(), choices.to_owned()]);
    }
    news(s, kind, title, text, lines)
}

fn done(r: &Record, title: &str, figures: Option<Figures>) -> News {
    let s = &r.facts;
    let lasted = (s.ended_ms > s.started_ms).then(|| duration((s.ended_ms - s.started_ms) / 1000));
    let mut lines = vec!["✅ Background Task Completed Successfully!".to_owned(), String::new()];
    lines.extend([task(s), lasted.as_deref().map(|d| format!("Duration: {d}"))].into_iter().flatten());
    let mut short: Vec<String> = lasted.into_iter().collect();
    result(s, figures, &mut lines, &mut short);
    news(s, NoticeKind::Done, title, &short.join("; "), lines)
}

/// An interactive agent's turn is over. A guess from silence alone is a smaller thing than its own word.
fn turn_over(r: &Record, title: &str, figures: Option<Figures>) -> News {
    let s = &r.facts;
    let guessed = r.ledger.verdict().is_none_or(|v| v.signal.source == crate::evidence::Source::Silence);
    let kind = if guessed { NoticeKind::Milestone } else { NoticeKind::Done };
    let mut lines = vec!["🎉 Background Agent Update".to_owned()];
    lines.extend(task(s));
    lines.push("✅ Turn Complete: ready for a follow-up".into());
    let mut short = Vec::new();
    result(s, figures, &mut lines, &mut short);
    news(s, kind, title, &short.join("; "), lines)
}

/// Files, tests, commits and the branch, as far as measured or reported.
fn result(s: &Session, figures: Option<Figures>, lines: &mut Vec<String>, short: &mut Vec<String>) {
    if let Some(f) = figures {
        let files = [("Created", f.created), ("Modified", f.modified)];
        let files: Vec<_> = files.into_iter().filter(|(_, n)| *n > 0).collect();
        lines.extend(files.iter().map(|(what, n)| format!("Files {what}: {n}")));
        let words: Vec<String> = files.iter().map(|(what, n)| format!("{n} {}", what.to_lowercase())).collect();
        if !words.is_empty() {
            short.push(format!("files: {}", words.join(", ")));
        }
    }
    let tests = s.progress.iter().flat_map(|p| &p.items).find(|i| i.name.starts_with("Tests") && i.total > 0);
    if let Some(t) = tests {
        lines.push(safe(&format!("{}: {}/{}", t.name, t.done, t.total)));
    }
    let Some(f) = figures.filter(|f| f.commits > 0 || f.created + f.modified > 0) else { return };
    let Some(branch) = s.branch.as_deref().map(|b| safe_line(b, 120)).filter(|b| !b.is_empty()) else { return };
    if f.commits > 0 {
        lines.push(format!("Commits: {} ({branch} branch)", f.commits));
        short.push(format!("commits: {} ({branch})", f.commits));
    }
    if let Some(place) = s.worktree.as_deref() {
        // The branch is checked out there already.
        lines.extend(labelled("Worktree", place));
    }
    lines.extend([String::new(), safe(&format!("Ready for review: git checkout {branch}"))]);
}

fn milestone(s: &Session, title: &str, text: &str, before: Option<&Phase>) -> News {
    let mut lines = vec!["🎉 Background Agent Update".to_owned()];
    lines.extend(task(s));
    let phase = s.phase.as_ref().filter(|p| title.to_lowercase().contains(&format!("phase {}", p.number)));
    match phase {
        Some(now) => {
            let complete = title.to_lowercase().contains(&format!("phase {} complete", now.number));
            if let Some(b) = before.filter(|b| b.number < now.number && !complete) {
                lines.push(safe(&format!("✅ Phase {} Complete: {}", b.number, b.text)));
            }
            let (mark, word) = if complete { ("✅", "Complete") } else { ("⏳", "Starting") };
            lines.push(safe(&format!("{mark} Phase {} {word}: {}", now.number, now.text)));
        }
        None => lines.extend([safe(title), safe(text)].into_iter().filter(|l| !l.is_empty())),
    }
    let far = how_far(s);
    if let Some(far) = &far {
        lines.push(format!("📊 Progress: {far}"));
    }
    let text = if text.is_empty() { far.as_deref().unwrap_or_default() } else { text };
    news(s, NoticeKind::Milestone, title, text, lines)
}

/// What the program in a session asked to be told.
pub fn message(r: &Record, title: &str, body: &str) -> News {
    let s = &r.facts;
    let text = match (title.trim(), body.trim()) {
        ("", b) => b.to_owned(),
        (t, "") => t.to_owned(),
        (t, b) => format!("{t}: {b}"),
    };
    let lines = task(s).into_iter().chain(labelled("Message", &text)).collect();
    news(s, NoticeKind::Message, &named(s, "says"), &text, lines)
}

/// `35% complete, ETA 25 minutes`.
fn how_far(s: &Session) -> Option<String> {
    let p = s.progress.as_ref()?;
    let percent = p.percent.filter(|p| p.is_finite()).map(|p| format!("{p:.0}% complete"))?;
    Some(match p.eta_seconds {
        Some(eta) => format!("{percent}, ETA {}", duration(eta)),
        None => percent,
    })
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
