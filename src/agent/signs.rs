//! The parts of an agent file that say how the agent shows its state: `[[titles]]` and `[log]`. Must not know who applies them.

use super::reader::Reader;
use super::spec::AgentSpec;
use crate::base::text::safe_line;
use crate::config::nearest;
use crate::evidence::{LogAct, LogRule, NoticeRule, Order, PromptRule, Source, TitleRule, UsageRule};
use crate::wire::State;
use regex::RegexBuilder;
use toml::Spanned;
use toml::de::DeValue;

/// Memory a pattern may take once compiled, in bytes.
const PATTERN: usize = 256 * 1024;
const TITLE_KEYS: &[&str] = &["match", "state"];
const NOTICE_KEYS: &[&str] = &["match", "state", "kind"];
const EVIDENCE_KEYS: &[&str] = &["order", "bell", "text"];
const USAGE_KEYS: &[&str] = &["event", "where", "model", "input", "output", "context", "window", "cost", "limits", "adds"];
const LOG_KEYS: &[&str] = &["file", "open", "rules", "usage"];
const RULE_KEYS: &[&str] = &["event", "where", "opens", "closes", "fails", "tool_fails", "child", "todos", "id", "text"];

impl Reader<'_> {
    /// The texts of a table, by key; nothing when one is no text or unknown.
    fn words<'v>(&mut self, value: &'v Spanned<DeValue<'_>>, known: &[&str]) -> Option<Vec<(&'v str, &'v str)>> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, "a table");
            return None;
        };
        let mut out = Vec::new();
        for (key, value) in table {
            if !known.contains(&key.get_ref().as_ref()) {
                self.unknown(key.span(), key.get_ref(), known);
                return None;
            }
            let Some(text) = value.get_ref().as_str() else {
                self.wrong_type(value, "a text");
                return None;
            };
            out.push((key.get_ref().as_ref(), text));
        }
        Some(out)
    }

    /// `[[titles]]`: `match` (a regular expression) and `state`.
    pub(super) fn titles(&mut self, value: &Spanned<DeValue<'_>>, into: &mut Vec<TitleRule>) {
        let Some(list) = value.get_ref().as_array() else { return self.wrong_type(value, "a list of tables") };
        let mut out = Vec::new();
        for item in list.iter() {
            let Some(words) = self.words(item, TITLE_KEYS) else { return };
            let get = |k: &str| words.iter().find(|w| w.0 == k).map(|w| w.1);
            let state = match get("state") {
                Some("working") => State::Working,
                Some("waiting") => State::Waiting,
                Some("idle") => State::Idle,
                _ => return self.report(item.span(), "a title's `state` is working, waiting or idle".into(), None),
            };
            match get("match").map(|p| RegexBuilder::new(p).size_limit(PATTERN).build()) {
                Some(Ok(pattern)) => out.push(TitleRule { pattern, state }),
                _ => return self.report(item.span(), "a title needs `match`, a regular expression".into(), None),
            }
        }
        *into = out;
    }

    /// `[[notices]]`: `match`, `state` and, of a waiting one, `kind`.
    pub(super) fn notices(&mut self, value: &Spanned<DeValue<'_>>, into: &mut Vec<NoticeRule>) {
        let Some(list) = value.get_ref().as_array() else { return self.wrong_type(value, "a list of tables") };
        let mut out = Vec::new();
        for item in list.iter() {
            let Some(words) = self.words(item, NOTICE_KEYS) else { return };
            let get = |k: &str| words.iter().find(|w| w.0 == k).map(|w| w.1);
            let state = match get("state") {
                Some("waiting") => State::Waiting,
                Some("idle") => State::Idle,
                _ => return self.report(item.span(), "a notification's `state` is waiting or idle".into(), None),
            };
            match get("match").map(|p| RegexBuilder::new(p).size_limit(PATTERN).build()) {
                Some(Ok(pattern)) => out.push(NoticeRule { pattern, state, kind: get("kind").map(str::to_owned) }),
                _ => return self.report(item.span(), "a notification needs `match`, a regular expression".into(), None),
            }
        }
        *into = out;
    }

    /// `[[prompts]]`: `match`, `state` and, of a waiting one, `kind`.
    pub(super) fn prompts(&mut self, value: &Spanned<DeValue<'_>>, into: &mut Vec<PromptRule>) {
        let mut rules = Vec::new();
        self.notices(value, &mut rules);
        *into = rules.into_iter().map(|r| PromptRule { pattern: r.pattern, state: r.state, kind: r.kind }).collect();
    }

    /// `[evidence]`: `order` of its sources, what its `bell` means, whether its `text` is read.
    pub(super) fn evidence(&mut self, value: &Spanned<DeValue<'_>>, spec: &mut AgentSpec) {
        let Some(table) = value.get_ref().as_table() else { return self.wrong_type(value, "a table") };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "order" => {
                    let movable: Vec<&str> = Source::ALL.iter().filter(|s| s.movable()).map(|s| s.word()).collect();
                    let list = self.texts(value).unwrap_or_default();
                    match list.iter().find(|w| !movable.contains(&w.as_str())) {
                        Some(bad) => {
                            let hint = nearest(bad, movable.iter().copied()).map(|n| format!("did you mean `{n}`?"));
                            self.report(value.span(), format!("`{}` is no source that can be moved", safe_line(bad, 40)), hint);
                        }
                        None => spec.order = Order::new(list.iter().filter_map(|w| Source::parse(w))),
                    }
                }
                "bell" => match value.get_ref().as_str() {
                    Some("idle") => spec.bell = Some(State::Idle),
                    Some("waiting") => spec.bell = Some(State::Waiting),
                    Some("") => spec.bell = None,
                    _ => self.report(value.span(), "a `bell` means idle or waiting".into(), None),
                },
                "text" => match value.get_ref().as_bool() {
                    Some(on) => spec.text = on,
                    None => self.wrong_type(value, "true or false"),
                },
                other => self.unknown(key.span(), other, EVIDENCE_KEYS),
            }
        }
    }

    /// `[[log.usage]]`: the `event` and where its figures stand.
    fn usage_rules(&mut self, value: &Spanned<DeValue<'_>>, into: &mut Vec<UsageRule>) {
        let Some(list) = value.get_ref().as_array() else { return self.wrong_type(value, "a list of tables") };
        let mut out = Vec::new();
        for item in list.iter() {
            let Some(words) = self.words(item, USAGE_KEYS) else { return };
            let get = |k: &str| words.iter().find(|w| w.0 == k).map(|w| w.1.to_owned());
            let places = |k: &str| get(k).unwrap_or_default().split_whitespace().map(str::to_owned).collect();
            let Some(event) = get("event").filter(|e| !e.is_empty()) else {
                return self.report(item.span(), "a rule needs `event`, the event's type".into(), None);
            };
            out.push(UsageRule {
                event,
                only: get("where").and_then(|w| w.split_once('=').map(|(p, t)| (p.to_owned(), t.to_owned()))),
                model: get("model"),
                input: places("input"),
                output: places("output"),
                context: places("context"),
                window: get("window"),
                cost: get("cost"),
                limits: places("limits"),
                adds: get("adds").is_some_and(|a| a == "yes"),
            });
        }
        *into = out;
    }

    /// `[log]`: `file`, `[[log.rules]]` and `[[log.usage]]`.
    pub(super) fn log(&mut self, value: &Spanned<DeValue<'_>>, spec: &mut AgentSpec) {
        let Some(table) = value.get_ref().as_table() else { return self.wrong_type(value, "a table") };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "file" => self.log_file(value, spec),
                "open" => match value.get_ref().as_str().map(|p| (p, RegexBuilder::new(p).size_limit(PATTERN).build())) {
                    Some((p, Ok(_))) => spec.log_open = Some(p.to_owned()).filter(|p| !p.is_empty()),
                    _ => self.report(value.span(), "`open` is a regular expression".into(), None),
                },
                "rules" => self.log_rules(value, &mut spec.log_rules),
                "usage" => self.usage_rules(value, &mut spec.usage_rules),
                other => self.unknown(key.span(), other, LOG_KEYS),
            }
        }
    }

    fn log_file(&mut self, value: &Spanned<DeValue<'_>>, spec: &mut AgentSpec) {
        match value.get_ref().as_str() {
            Some("") => spec.log_file = None,
            Some(path) if path.starts_with("~/") || path.starts_with('/') => spec.log_file = Some(path.to_owned()),
            _ => self.report(value.span(), "a log is a path that begins with / or ~/".into(), None),
        }
    }

    fn log_rules(&mut self, value: &Spanned<DeValue<'_>>, into: &mut Vec<LogRule>) {
        let Some(list) = value.get_ref().as_array() else { return self.wrong_type(value, "a list of tables") };
        let mut out = Vec::new();
        for item in list.iter() {
            let Some(words) = self.words(item, RULE_KEYS) else { return };
            let get = |k: &str| words.iter().find(|w| w.0 == k).map(|w| w.1.to_owned());
            let Some(event) = get("event").filter(|e| !e.is_empty()) else {
                return self.report(item.span(), "a rule needs `event`, the event's type".into(), None);
            };
            let acts = ["opens", "closes", "fails", "tool_fails", "child", "todos"].map(|k| get(k).map(|v| (k, v)));
            let mut acts = acts.into_iter().flatten();
            let (act, text) = match (acts.next(), acts.next()) {
                (Some(("opens", kind)), None) => (LogAct::Opens(kind), get("text")),
                (Some(("closes", _)), None) => (LogAct::Closes, None),
                (Some(("fails", text)), None) => (LogAct::Fails, Some(text)),
                (Some(("tool_fails", text)), None) => (LogAct::ToolFails, Some(text)),
                (Some(("todos", place)), None) => (LogAct::Todos, Some(place)),
                (Some(("child", word)), None) if word == "begins" || word == "ends" => (LogAct::Child { begins: word == "begins" }, get("text")),
                _ => {
                    let what = "a rule has one of `opens`, `closes`, `fails`, `tool_fails`, `todos` and `child` (begins or ends)";
                    return self.report(item.span(), what.into(), None);
                }
            };
            let id = get("id").or_else(|| get("closes").filter(|p| p.starts_with('/')));
            let only = match get("where").map(|w| w.split_once('=').map(|(p, t)| (p.to_owned(), t.to_owned()))) {
                Some(None) => return self.report(item.span(), "`where` is /place=text".into(), None),
                other => other.flatten(),
            };
            let text = text.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
            out.push(LogRule { event, only, act, id, text });
        }
        *into = out;
    }
}

#[cfg(test)]
mod tests {
    use crate::agent::read::overlay;
    use crate::agent::spec::AgentSpec;
    use crate::evidence::LogAct;

    #[test]
    fn signs_are_read_and_bad_ones_are_told_with_their_place() {
        let text = "[[titles]]\nmatch = '^busy'\nstate = \"working\"\n[log]\nfile = \"~/x/{conversation}\"\n[[log.rules]]\nevent = \"ask\"\nopens = \"question\"\n\
                    where = \"/tool=ask\"\nid = \"/id\"\ntext = \"/a /b\"\n[[log.rules]]\nevent = \"end\"\ncloses = \"/id\"\n";
        let (spec, found) = overlay(AgentSpec::named("x"), "x.toml", text);
        assert_eq!(found, []);
        assert!(spec.titles.first().is_some_and(|t| t.pattern.is_match("busy here")));
        let [ask, end] = spec.log_rules.as_slice() else { panic!("{:?}", spec.log_rules) };
        assert_eq!((ask.only.clone(), ask.text.len()), (Some(("/tool".into(), "ask".into())), 2));
        assert_eq!((&end.act, end.id.as_deref()), (&LogAct::Closes, Some("/id")));
        for (bad, line) in [
            ("[[titles]]\nmatch = '('\nstate = \"idle\"", 1),
            ("[[titles]]\nmatch = 'a'\nstate = \"done\"", 1),
            ("[log]\nfile = \"relative\"", 2),
            ("[log]\n[[log.rules]]\nevent = \"a\"", 2),
            ("[log]\n[[log.rules]]\nevent = \"a\"\nopen = \"x\"", 4),
        ] {
            let (_, found) = overlay(AgentSpec::named("x"), "x.toml", bad);
            assert_eq!(found.iter().map(|d| d.line).collect::<Vec<_>>(), [line], "{bad}: {found:?}");
        }
    }
}
