//! The parts of an agent file that say how the agent shows its state: `[[titles]]` and `[log]`. Must not know who applies them.

use super::read::Reader;
use super::spec::AgentSpec;
use crate::evidence::{LogAct, LogRule, TitleRule};
use crate::wire::State;
use regex::RegexBuilder;
use toml::Spanned;
use toml::de::DeValue;

/// Memory a pattern may take once compiled, in bytes.
const PATTERN: usize = 256 * 1024;
const TITLE_KEYS: &[&str] = &["match", "state"];
const LOG_KEYS: &[&str] = &["file", "rules"];
const RULE_KEYS: &[&str] = &["event", "where", "opens", "closes", "fails", "id", "text"];

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

    /// `[log]`: `file` and `[[log.rules]]`.
    pub(super) fn log(&mut self, value: &Spanned<DeValue<'_>>, spec: &mut AgentSpec) {
        let Some(table) = value.get_ref().as_table() else { return self.wrong_type(value, "a table") };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "file" => self.log_file(value, spec),
                "rules" => self.log_rules(value, &mut spec.log_rules),
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
            let (act, text) = match (get("opens"), get("closes"), get("fails")) {
                (Some(kind), None, None) => (LogAct::Opens(kind), get("text")),
                (None, Some(_), None) => (LogAct::Closes, None),
                (None, None, Some(text)) => (LogAct::Fails, Some(text)),
                _ => return self.report(item.span(), "a rule has one of `opens`, `closes` and `fails`".into(), None),
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
