//! What an agent's own title and log say of it, by the rules of its file. Pure: it is handed titles and lines. Must not know
//! where rules, titles and lines come from.

use super::usage::{UsageReader, UsageRule};
use super::{Signal, Source};
use crate::base::text::safe_line;
use crate::wire::State;
use crate::wire::facts::Usage;
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

/// A notification that tells a state.
#[derive(Debug, Clone)]
pub struct NoticeRule {
    /// What its text must match.
    pub pattern: Regex,
    /// The state it tells.
    pub state: State,
    /// `permission`, `question` or `auth` of a waiting one.
    pub kind: Option<String>,
}

impl PartialEq for NoticeRule {
    fn eq(&self, other: &NoticeRule) -> bool {
        (self.pattern.as_str(), self.state, &self.kind) == (other.pattern.as_str(), other.state, &other.kind)
    }
}

impl Eq for NoticeRule {}

/// A line at the end of a screen that tells a state.
#[derive(Debug, Clone)]
pub struct PromptRule {
    /// What the line must match.
    pub pattern: Regex,
    /// The state it tells.
    pub state: State,
    /// `permission`, `question` or `auth` of a waiting one.
    pub kind: Option<String>,
}

impl PartialEq for PromptRule {
    fn eq(&self, other: &PromptRule) -> bool {
        (self.pattern.as_str(), self.state, &self.kind) == (other.pattern.as_str(), other.state, &other.kind)
    }
}

impl Eq for PromptRule {}

/// What the last line of a screen says, by the first rule that matches it.
pub fn prompt_signal(rules: &[PromptRule], line: &str, at_ms: u64) -> Option<Signal> {
    let rule = rules.iter().find(|r| r.pattern.is_match(line))?;
    let waits = rule.state == State::Waiting;
    let (text, kind) = if waits { (Some(safe_line(line.trim(), 300)), rule.kind.clone()) } else { (None, None) };
    Some(Signal { source: Source::Screen, state: rule.state, text, kind, at_ms })
}

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
    /// A tool failed; the agent goes on.
    ToolFails,
    /// A sub-agent begins, or is over.
    Child {
        /// It begins.
        begins: bool,
    },
    /// The whole list of things to do stands at the text's place, which may lead into JSON that is itself a text.
    Todos,
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
#[derive(Debug, Clone, PartialEq)]
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
    /// A tool failed; the agent goes on.
    ToolFailed(String),
    /// A sub-agent, by its id.
    Child {
        /// Its id.
        id: String,
        /// What it is called.
        title: Option<String>,
        /// It begins; else it is over.
        begins: bool,
    },
    /// Tokens, cost, limits.
    Used(Box<Usage>),
    /// The list of things to do, as the agent keeps it.
    Todos(Value),
}

/// Reads a log line by line and remembers which prompts are open.
#[derive(Debug, Default)]
pub struct LogReader {
    rules: Vec<LogRule>,
    usage_rules: Vec<UsageRule>,
    usage: UsageReader,
    open: Vec<(String, Heard)>,
}

impl LogReader {
    /// A reader that has seen nothing.
    pub fn new(rules: Vec<LogRule>) -> LogReader {
        LogReader { rules, ..LogReader::default() }
    }

    /// The same, reading what was used, too.
    pub fn with_usage(self, usage_rules: Vec<UsageRule>) -> LogReader {
        LogReader { usage_rules, ..self }
    }

    /// Takes one line, read at `now_ms` (milliseconds since the Unix epoch); tells what it changed.
    pub fn line(&mut self, line: &str, now_ms: u64) -> Vec<Heard> {
        let mut heard = Vec::new();
        // Most lines are of no interest and long; they are not parsed.
        let known = self.rules.iter().map(|r| &r.event).chain(self.usage_rules.iter().map(|r| &r.event));
        if !known.into_iter().any(|e| line.contains(e)) {
            return heard;
        }
        let Ok(event) = serde_json::from_str::<Value>(line) else { return heard };
        let Some(kind) = event.get("type").and_then(Value::as_str) else { return heard };
        let at = |place: &str| event.pointer(place).and_then(Value::as_str);
        let is = |place: &str, want: &str| {
            event.pointer(place).is_some_and(|v| v.as_str() == Some(want) || (!v.is_string() && serde_json::to_string(v).is_ok_and(|t| t == want)))
        };
        let fits = |r: &&LogRule| r.event == kind && r.only.as_ref().is_none_or(|(place, text)| is(place, text));
        let said = |r: &LogRule| r.text.iter().find_map(|p| at(p)).map(|t| safe_line(t, 300)).unwrap_or_default();
        // An event may fail and close a prompt at once.
        let fails = |r: &LogRule| matches!(r.act, LogAct::Fails | LogAct::ToolFails);
        if let Some(rule) = self.rules.iter().filter(|r| r.act == LogAct::Todos).find(fits)
            && let Some(list) = rule.text.iter().find_map(|p| within(&event, p)).filter(Value::is_array)
        {
            heard.push(Heard::Todos(list));
        }
        if let Some(rule) = self.rules.iter().filter(|r| fails(r)).find(fits) {
            heard.push(if rule.act == LogAct::Fails { Heard::Failed(said(rule)) } else { Heard::ToolFailed(said(rule)) });
        }
        let child = |r: &LogRule| matches!(r.act, LogAct::Child { .. });
        if let Some(rule) = self.rules.iter().filter(|r| child(r)).find(fits)
            && let Some(id) = rule.id.as_deref().and_then(at)
        {
            let title = Some(said(rule)).filter(|t| !t.is_empty());
            heard.push(Heard::Child { id: safe_line(id, 120), title, begins: rule.act == LogAct::Child { begins: true } });
        }
        let prompt = |r: &LogRule| matches!(r.act, LogAct::Opens(_) | LogAct::Closes);
        if let Some(rule) = self.rules.iter().filter(|r| prompt(r)).find(fits) {
            let id = rule.id.as_deref().map(|place| at(place).unwrap_or_default().to_owned());
            let text = said(rule);
            let before = self.open.len();
            match &rule.act {
                LogAct::Opens(kind) => {
                    if self.open.len() >= OPEN {
                        self.open.remove(0);
                    }
                    self.open.push((id.unwrap_or_default(), Heard::Waits { kind: kind.clone(), text }));
                }
                _ => self.open.retain(|(open, _)| id.as_ref().is_some_and(|id| id != open)),
            }
            if matches!(rule.act, LogAct::Opens(_)) || self.open.len() != before {
                heard.push(self.open.last().map_or(Heard::Answered, |(_, waits)| waits.clone()));
            }
        }
        heard.extend(self.usage.event(&self.usage_rules, kind, &event, now_ms).map(|u| Heard::Used(Box::new(u))));
        heard
    }
}

/// The value at a place; where a text stands on the way, it is read as JSON.
fn within(event: &Value, place: &str) -> Option<Value> {
    let mut at = event.clone();
    for part in place.split('/').skip(1) {
        if let Value::String(text) = &at {
            at = serde_json::from_str(text).ok()?;
        }
        at = at.pointer_mut(&format!("/{part}"))?.take();
    }
    Some(at)
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

    #[test]
    fn the_last_line_of_a_screen_tells_a_state() {
        let rule = |p: &str, state, kind: Option<&str>| PromptRule { pattern: Regex::new(p).unwrap(), state, kind: kind.map(Into::into) };
        let rules = [rule(r"\(Y\)es/\(N\)o.*: ?$", State::Waiting, Some("permission")), rule("^[a-z]*> *$", State::Idle, None)];
        let said = prompt_signal(&rules, "Create new file? (Y)es/(N)o [Yes]: ", 1).unwrap();
        assert_eq!((said.source, said.state, said.text.as_deref()), (Source::Screen, State::Waiting, Some("Create new file? (Y)es/(N)o [Yes]:")));
        assert_eq!(prompt_signal(&rules, "diff> ", 1).map(|s| s.state), Some(State::Idle));
        assert_eq!(prompt_signal(&rules, "diff> do it", 1), None, "who writes has not sent it");
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

    fn one(r: &mut LogReader, line: &str) -> Option<Heard> {
        let mut heard = r.line(line, 1);
        assert!(heard.len() < 2, "{heard:?}");
        heard.pop()
    }

    #[test]
    fn tools_that_fail_and_sub_agents_are_told_beside_the_prompts() {
        let rule = |event: &str, only: Option<(&str, &str)>, act, id: &str| LogRule {
            event: event.into(),
            only: only.map(|(p, t)| (p.into(), t.into())),
            act,
            id: (!id.is_empty()).then(|| id.into()),
            text: vec!["/data/name".into()],
        };
        let mut r = LogReader::new(vec![
            rule("begin", None, LogAct::Child { begins: true }, "/agentId"),
            rule("over", None, LogAct::Child { begins: false }, "/agentId"),
            rule("end", Some(("/data/success", "false")), LogAct::ToolFails, ""),
            rule("end", None, LogAct::Closes, "/data/call"),
        ]);
        let child = |title: Option<&str>, begins| Some(Heard::Child { id: "7".into(), title: title.map(Into::into), begins });
        assert_eq!(one(&mut r, r#"{"type":"begin","agentId":"7","data":{"name":"Helper"}}"#), child(Some("Helper"), true));
        assert_eq!(one(&mut r, r#"{"type":"over","agentId":"7"}"#), child(None, false));
        assert_eq!(one(&mut r, r#"{"type":"end","data":{"call":"1","success":false,"name":"grep"}}"#), Some(Heard::ToolFailed("grep".into())));
        assert_eq!(one(&mut r, r#"{"type":"end","data":{"call":"1","success":true}}"#), None);
    }

    #[test]
    fn a_list_of_things_to_do_may_stand_in_a_text() {
        let rule = LogRule {
            event: "item".into(),
            only: Some(("/payload/name".into(), "update_plan".into())),
            act: LogAct::Todos,
            id: None,
            text: vec!["/payload/arguments/plan".into()],
        };
        let mut r = LogReader::new(vec![rule]);
        let line = r#"{"type":"item","payload":{"name":"update_plan","arguments":"{\"plan\": [{\"step\": \"Read\", \"status\": \"completed\"}]}"}}"#;
        let Some(Heard::Todos(list)) = one(&mut r, line) else { panic!("a list") };
        assert_eq!(list.pointer("/0/step").and_then(Value::as_str), Some("Read"));
        for bad in [
            r#"{"type":"item","payload":{"name":"update_plan","arguments":"{\"plan\": 1}"}}"#,
            &line.replace("[{", "{"),
            &line.replace("update_plan", "other"),
        ] {
            assert_eq!(one(&mut r, bad), None, "{bad}");
        }
    }

    #[test]
    fn prompts_open_and_close_by_their_ids() {
        let mut r = reader();
        let waits = |kind: &str, text: &str| Some(Heard::Waits { kind: kind.into(), text: text.into() });
        assert_eq!(one(&mut r, r#"{"type":"start","data":{"tool":"bash","call":"1"}}"#), None);
        assert_eq!(one(&mut r, r#"{"type":"asked","data":{"id":"a","command":"rm\u001b x"}}"#), waits("permission", &safe_line("rm\u{1b} x", 300)));
        assert_eq!(one(&mut r, r#"{"type":"start","data":{"tool":"ask","call":"2","message":"which?"}}"#), waits("question", "which?"));
        // Another tool that ends answers nothing.
        assert_eq!(one(&mut r, r#"{"type":"end","data":{"call":"1"}}"#), None);
        assert_eq!(one(&mut r, r#"{"type":"end","data":{"call":"2"}}"#), waits("permission", &safe_line("rm\u{1b} x", 300)));
        assert_eq!(one(&mut r, r#"{"type":"answered","data":{"id":"a"}}"#), Some(Heard::Answered));
        assert_eq!(one(&mut r, r#"{"type":"answered","data":{"id":"a"}}"#), None);
    }

    #[test]
    fn an_abort_closes_all_and_errors_are_told() {
        let mut r = reader();
        one(&mut r, r#"{"type":"asked","data":{"id":"a"}}"#);
        one(&mut r, r#"{"type":"asked","data":{"id":"b"}}"#);
        assert_eq!(one(&mut r, r#"{"type":"abort"}"#), Some(Heard::Answered));
        assert_eq!(one(&mut r, r#"{"type":"error","data":{"message":"401"}}"#), Some(Heard::Failed("401".into())));
        assert_eq!(one(&mut r, "no JSON, but asked"), None);
    }
}
