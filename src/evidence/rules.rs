//! What an agent's own title and log say of it, by the rules of its file. Pure: it is handed titles and lines. Must not know
//! where rules, titles and lines come from.

use super::{Signal, Source};
use crate::base::text::safe_line;
use crate::wire::State;
use regex::Regex;
use serde_json::Value;

/// Prompts of one log that may stand open at once.
const OPEN: usize = 64;

/// A title that tells a state.
#[derive(Debug, Clone)]
pub struct TitleRule {
    /// What the title must match.
    pub pattern: Regex,
    /// The state it tells.
    pub state: State,
}

impl PartialEq for TitleRule {
    fn eq(&self, other: &TitleRule) -> bool {
        (self.pattern.as_str(), self.state) == (other.pattern.as_str(), other.state)
    }
}

impl Eq for TitleRule {}

/// What a title says, by the first rule that matches it.
pub fn title_signal(rules: &[TitleRule], title: &str, at_ms: u64) -> Option<Signal> {
    let rule = rules.iter().find(|r| r.pattern.is_match(title))?;
    Some(Signal { source: Source::Title, state: rule.state, text: None, kind: None, at_ms })
}

/// What an event of a log does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogAct {
    /// A prompt opens: the user is needed. The kind is `permission` or `question`.
    Opens(String),
    /// The prompt with the same id is answered; all of them when the rule names no id.
    Closes,
    /// Something failed.
    Fails,
}

/// One kind of event in a log of JSON lines. Places in an event are JSON pointers (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRule {
    /// The event's `type`.
    pub event: String,
    /// Place and text that must be there, too.
    pub only: Option<(String, String)>,
    /// What it does.
    pub act: LogAct,
    /// Where the prompt's id stands.
    pub id: Option<String>,
    /// Where the text stands; the first that is there is taken.
    pub text: Vec<String>,
}

/// What a line made known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The user is needed.
    Waits {
        /// `permission` or `question`.
        kind: String,
        /// What is asked.
        text: String,
    },
    /// No prompt is open any more.
    Answered,
    /// Something failed.
    Failed(String),
}

/// Reads a log line by line and remembers which prompts are open.
#[derive(Debug, Default)]
pub struct LogReader {
    rules: Vec<LogRule>,
    open: Vec<(String, Heard)>,
}

impl LogReader {
    /// A reader that has seen nothing.
    pub fn new(rules: Vec<LogRule>) -> LogReader {
        LogReader { rules, open: Vec::new() }
    }

    /// Takes one line; tells what it changed.
    pub fn line(&mut self, line: &str) -> Option<Heard> {
        // Most lines are of no interest and long; they are not parsed.
        if !self.rules.iter().any(|r| line.contains(&r.event)) {
            return None;
        }
        let event: Value = serde_json::from_str(line).ok()?;
        let kind = event.get("type")?.as_str()?;
        let at = |place: &str| event.pointer(place).and_then(Value::as_str);
        let fits = |r: &&LogRule| r.event == kind && r.only.as_ref().is_none_or(|(place, text)| at(place) == Some(text));
        let rule = self.rules.iter().find(fits)?;
        let id = rule.id.as_deref().map(|place| at(place).unwrap_or_default().to_owned());
        let text = rule.text.iter().find_map(|p| at(p)).map(|t| safe_line(t, 300)).unwrap_or_default();
        match &rule.act {
            LogAct::Fails => return Some(Heard::Failed(text)),
            LogAct::Opens(kind) => {
                if self.open.len() >= OPEN {
                    self.open.remove(0);
                }
                self.open.push((id.unwrap_or_default(), Heard::Waits { kind: kind.clone(), text }));
            }
            LogAct::Closes => {
                let before = self.open.len();
                self.open.retain(|(open, _)| id.as_ref().is_some_and(|id| id != open));
                if self.open.len() == before {
                    return None;
                }
            }
        }
        Some(self.open.last().map_or(Heard::Answered, |(_, waits)| waits.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_tell_states() {
        let rule = |p: &str, state| TitleRule { pattern: Regex::new(p).unwrap(), state };
        let rules = [rule("Action Required", State::Waiting), rule("^[\u{2800}-\u{28ff}] ", State::Working)];
        let state = |t| title_signal(&rules, t, 1).map(|s| s.state);
        assert_eq!(state("[ ! ] Action Required | here"), Some(State::Waiting));
        assert_eq!(state("\u{280b} here"), Some(State::Working));
        assert_eq!(state("here"), None);
    }

    fn reader() -> LogReader {
        let rule = |event: &str, act, id: Option<&str>| LogRule {
            event: event.into(),
            only: None,
            act,
            id: id.map(Into::into),
            text: vec!["/data/command".into(), "/data/message".into()],
        };
        let ask = LogRule { only: Some(("/data/tool".into(), "ask".into())), ..rule("start", LogAct::Opens("question".into()), Some("/data/call")) };
        LogReader::new(vec![
            rule("asked", LogAct::Opens("permission".into()), Some("/data/id")),
            rule("answered", LogAct::Closes, Some("/data/id")),
            ask,
            rule("end", LogAct::Closes, Some("/data/call")),
            rule("abort", LogAct::Closes, None),
            rule("error", LogAct::Fails, None),
        ])
    }

    #[test]
    fn prompts_open_and_close_by_their_ids() {
        let mut r = reader();
        let waits = |kind: &str, text: &str| Some(Heard::Waits { kind: kind.into(), text: text.into() });
        assert_eq!(r.line(r#"{"type":"start","data":{"tool":"bash","call":"1"}}"#), None);
        assert_eq!(r.line(r#"{"type":"asked","data":{"id":"a","command":"rm\u001b x"}}"#), waits("permission", &safe_line("rm\u{1b} x", 300)));
        assert_eq!(r.line(r#"{"type":"start","data":{"tool":"ask","call":"2","message":"which?"}}"#), waits("question", "which?"));
        // Another tool that ends answers nothing.
        assert_eq!(r.line(r#"{"type":"end","data":{"call":"1"}}"#), None);
        assert_eq!(r.line(r#"{"type":"end","data":{"call":"2"}}"#), waits("permission", &safe_line("rm\u{1b} x", 300)));
        assert_eq!(r.line(r#"{"type":"answered","data":{"id":"a"}}"#), Some(Heard::Answered));
        assert_eq!(r.line(r#"{"type":"answered","data":{"id":"a"}}"#), None);
    }

    #[test]
    fn an_abort_closes_all_and_errors_are_told() {
        let mut r = reader();
        r.line(r#"{"type":"asked","data":{"id":"a"}}"#);
        r.line(r#"{"type":"asked","data":{"id":"b"}}"#);
        assert_eq!(r.line(r#"{"type":"abort"}"#), Some(Heard::Answered));
        assert_eq!(r.line(r#"{"type":"error","data":{"message":"401"}}"#), Some(Heard::Failed("401".into())));
        assert_eq!(r.line("no JSON, but asked"), None);
    }
}
