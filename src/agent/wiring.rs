//! The parts of an agent file that say how the agent is wired and answered: `[bridge]` and `[[dialogs]]`. Must not know who
//! applies them.

use super::bridge::{Anew, HOLD_S, HookAct, HookRule};
use super::dialog::DialogRule;
use super::optional::Optional;
use super::reader::Reader;
use super::spec::AgentSpec;
use crate::base::text::safe_line;
use regex::RegexBuilder;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Memory a pattern may take once compiled, in bytes.
const PATTERN: usize = 512 * 1024;
/// Largest file of a bridge, in bytes, and most of them.
const FILE: usize = 32 * 1024;
const FILES: usize = 16;

const BRIDGE_KEYS: &[&str] = &[
    "arguments",
    "env",
    "files",
    "conversation",
    "own_only",
    "helper",
    "stream",
    "anew",
    "user",
    "rules",
    "todo_db",
    "todo_query",
    "optional",
    "hold_seconds",
];
const ANEW_KEYS: &[&str] = &["path", "event", "key", "value", "absent"];
const OPTIONAL_KEYS: &[&str] = &["arguments", "env", "unless_set", "within", "unless_exists", "unless_argument"];
const RULE_KEYS: &[&str] = &[
    "event",
    "where",
    "does",
    "id",
    "text",
    "tool",
    "file",
    "old",
    "new",
    "everywhere",
    "diff",
    "options",
    "input",
    "allow",
    "deny",
    "post",
    "hides_dialog",
];
const DIALOG_KEYS: &[&str] = &["kind", "screen", "allow", "deny", "numbers", "answered", "patch_in_log", "arrows"];
const DOES: &[&str] = &["works", "over", "permission", "question", "answered", "fails", "begins", "todos", "todos-changed"];

impl Reader<'_> {
    /// `[bridge]`.
    pub(super) fn bridge(&mut self, value: &Spanned<DeValue<'_>>, spec: &mut AgentSpec) {
        let Some(table) = value.get_ref().as_table() else { return self.wrong_type(value, "a table") };
        let b = &mut spec.bridge;
        for (key, value) in table {
            let word = |reader: &mut Self, into: &mut Option<String>| {
                let mut text = String::new();
                reader.set_text(value, &mut text);
                *into = (!text.is_empty()).then_some(text);
            };
            match key.get_ref().as_ref() {
                "arguments" => b.arguments = self.texts(value).unwrap_or_default(),
                "env" => b.env = self.pairs(value),
                "files" => {
                    let files = self.pairs(value);
                    let bad =
                        files.iter().any(|(p, t)| t.len() > FILE || p.is_empty() || p.starts_with('/') || p.split('/').any(|part| part == ".."));
                    if bad || files.len() > FILES {
                        let message = format!("a bridge has at most {FILES} files of {} KiB, by paths below its folder", FILE / 1024);
                        self.report(value.span(), message, None);
                    } else {
                        b.files = files;
                    }
                }
                "conversation" => word(self, &mut b.conversation),
                "helper" => word(self, &mut b.helper),
                "stream" => word(self, &mut b.stream),
                "anew" => {
                    if let Some(list) = self.each(value, Self::anew) {
                        b.anew = list;
                    }
                }
                "user" => self.set_text(value, &mut b.user),
                "todo_db" => word(self, &mut b.todo_db),
                "todo_query" => word(self, &mut b.todo_query),
                "optional" => {
                    if let Some(list) = self.each(value, Self::optional) {
                        b.optional = list;
                    }
                }
                "hold_seconds" => match value.get_ref().as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok()) {
                    Some(s @ 1..) if s.unsigned_abs() <= HOLD_S => b.hold_s = s.unsigned_abs(),
                    _ => self.report(value.span(), format!("a hook is held for 1 to {HOLD_S} seconds"), None),
                },
                "own_only" => match value.get_ref().as_bool() {
                    Some(on) => b.own_only = on,
                    None => self.wrong_type(value, "true or false"),
                },
                "rules" => {
                    if let Some(rules) = self.each(value, Self::hook_rule) {
                        b.rules = rules;
                    }
                }
                other => self.unknown(key.span(), other, BRIDGE_KEYS),
            }
        }
    }

    /// `[[dialogs]]`.
    pub(super) fn dialogs(&mut self, value: &Spanned<DeValue<'_>>, into: &mut Vec<DialogRule>) {
        if let Some(rules) = self.each(value, Self::dialog) {
            *into = rules;
        }
    }

    /// A list of tables; nothing when one of them is wrong.
    fn each<T>(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        read: impl Fn(&mut Self, &Spanned<DeValue<'_>>, &DeTable<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_type(value, "a list of tables");
            return None;
        };
        let mut out = Vec::new();
        for item in list.iter() {
            let Some(table) = item.get_ref().as_table() else {
                self.wrong_type(item, "a table");
                return None;
            };
            out.push(read(self, item, table)?);
        }
        Some(out)
    }

    fn pairs(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(String, String)> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, "a table of texts");
            return Vec::new();
        };
        let mut out = Vec::new();
        for (name, value) in table {
            let mut text = String::new();
            self.set_text(value, &mut text);
            out.push((name.get_ref().to_string(), text));
        }
        out
    }

    /// `[[bridge.anew]]`.
    fn anew(&mut self, item: &Spanned<DeValue<'_>>, table: &DeTable<'_>) -> Option<Anew> {
        let mut out = Anew::default();
        for (key, value) in table {
            let mut text = String::new();
            self.set_text(value, &mut text);
            match key.get_ref().as_ref() {
                "path" => out.path = text,
                "event" => out.event = text,
                "key" => out.key = Some(text),
                "value" => out.value = Some(text),
                "absent" => out.absent = Some(text),
                other => {
                    self.unknown(key.span(), other, ANEW_KEYS);
                    return None;
                }
            }
        }
        if !out.path.starts_with('/') || out.event.is_empty() || out.key.is_some() != out.value.is_some() {
            self.report(item.span(), "what is asked anew has a `path` and an `event`, and both of `key` and `value` or none".into(), None);
            return None;
        }
        Some(out)
    }

    /// `[[bridge.optional]]`.
    fn optional(&mut self, item: &Spanned<DeValue<'_>>, table: &DeTable<'_>) -> Option<Optional> {
        let mut out = Optional::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "arguments" => out.arguments = self.texts(value)?,
                "env" => out.env = self.pairs(value),
                "unless_set" => out.unless_set = self.texts(value)?,
                "within" => out.within = self.texts(value)?,
                "unless_exists" => out.unless_exists = self.texts(value)?,
                "unless_argument" => out.unless_argument = self.texts(value)?,
                other => {
                    self.unknown(key.span(), other, OPTIONAL_KEYS);
                    return None;
                }
            }
        }
        if out.unless_exists.is_empty() && (out.unless_set.is_empty() || out.within.is_empty()) {
            self.report(item.span(), "a part that gives way needs `unless_set` and `within`, or `unless_exists`".into(), None);
            return None;
        }
        Some(out)
    }

    fn hook_rule(&mut self, item: &Spanned<DeValue<'_>>, table: &DeTable<'_>) -> Option<HookRule> {
        let mut words: Vec<(&str, String)> = Vec::new();
        let mut hides_dialog = false;
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if !RULE_KEYS.contains(&name) {
                self.unknown(key.span(), name, RULE_KEYS);
                return None;
            }
            if name == "hides_dialog" {
                hides_dialog = value.get_ref().as_bool().unwrap_or_default();
                continue;
            }
            let mut text = String::new();
            self.set_text(value, &mut text);
            words.push((name, text));
        }
        let get = |k: &str| words.iter().find(|w| w.0 == k).map(|w| w.1.clone()).filter(|w| !w.is_empty());
        let Some(event) = get("event") else {
            self.report(item.span(), "a rule needs `event`, the event's name".into(), None);
            return None;
        };
        let does = get("does").unwrap_or_default();
        let act = match does.as_str() {
            "works" => HookAct::Works,
            "over" => HookAct::Over,
            "permission" | "question" => HookAct::Asks(does),
            "answered" => HookAct::Answered,
            "fails" => HookAct::Fails,
            "begins" => HookAct::Begins,
            "todos" => HookAct::Todos,
            "todos-changed" => HookAct::TodosChanged,
            other => {
                let hint = crate::config::nearest(other, DOES.iter().copied()).map(|n| format!("did you mean `{n}`?"));
                self.report(item.span(), format!("`does` is {}, not `{}`", DOES.join(", "), safe_line(other, 40)), hint);
                return None;
            }
        };
        let only = match get("where").map(|w| w.split_once('=').map(|(p, t)| (p.to_owned(), t.to_owned()))) {
            Some(None) => {
                self.report(item.span(), "`where` is /place=text".into(), None);
                return None;
            }
            other => other.flatten(),
        };
        let places = |k: &str| get(k).unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        Some(HookRule {
            event,
            only,
            act,
            id: get("id"),
            text: places("text"),
            tool: get("tool"),
            file: get("file"),
            old: places("old"),
            new: places("new"),
            everywhere: get("everywhere"),
            diff: places("diff"),
            options: get("options"),
            input: get("input"),
            allow: get("allow"),
            deny: get("deny"),
            post: get("post"),
            hides_dialog,
        })
    }

    fn dialog(&mut self, item: &Spanned<DeValue<'_>>, table: &DeTable<'_>) -> Option<DialogRule> {
        let mut rule = DialogRule {
            kind: "permission".into(),
            screen: regex::Regex::new("$.").ok()?,
            longest: regex::Regex::new("$.").ok()?,
            allow: Vec::new(),
            deny: Vec::new(),
            numbers: false,
            answered: None,
            patch_in_log: false,
            arrows: false,
        };
        let mut pattern = String::new();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "kind" => self.set_text(value, &mut rule.kind),
                "screen" => self.set_text(value, &mut pattern),
                "allow" => self.presses(value, &mut rule.allow),
                "deny" => self.presses(value, &mut rule.deny),
                "numbers" => rule.numbers = value.get_ref().as_bool().unwrap_or_default(),
                "answered" => {
                    let mut line = String::new();
                    self.set_text(value, &mut line);
                    match RegexBuilder::new(&line).size_limit(PATTERN).build() {
                        Ok(line) => rule.answered = Some(line),
                        Err(_) => self.report(item.span(), "`answered` is a regular expression of a line".into(), None),
                    }
                }
                "patch_in_log" => rule.patch_in_log = value.get_ref().as_bool().unwrap_or_default(),
                "arrows" => rule.arrows = value.get_ref().as_bool().unwrap_or_default(),
                other => {
                    self.unknown(key.span(), other, DIALOG_KEYS);
                    return None;
                }
            }
        }
        match RegexBuilder::new(&pattern).size_limit(PATTERN).build() {
            Ok(screen) if screen.capture_names().flatten().any(|n| n == "text") => {
                rule.longest = super::dialog::turned_round(&pattern, PATTERN).ok()?;
                rule.screen = screen;
            }
            _ => {
                self.report(item.span(), "a dialog needs `screen`, a regular expression with a group (?<text>...)".into(), None);
                return None;
            }
        }
        Some(rule)
    }
}

#[cfg(test)]
mod tests {
    use crate::agent::read::overlay;
    use crate::agent::spec::AgentSpec;

    #[test]
    fn bad_wiring_is_told_with_its_place() {
        for (bad, line, says) in [
            ("[bridge]\nargumets = []", 2, "arguments"),
            ("[bridge]\nfiles = { \"../x\" = \"y\" }", 2, "below its folder"),
            ("[bridge]\n[[bridge.rules]]\nevent = \"x\"\ndoes = \"work\"", 2, "works"),
            ("[bridge]\nhold_seconds = 100000", 2, "1 to"),
            ("[bridge]\n[[bridge.anew]]\npath = \"/x\"", 2, "`event`"),
            ("[bridge]\n[[bridge.optional]]\narguments = [\"-x\"]", 2, "gives way"),
            ("[[dialogs]]\nscreen = 'x'", 1, "(?<text>"),
        ] {
            let (_, found) = overlay(AgentSpec::named("x"), "x.toml", bad);
            assert_eq!(found.iter().map(|d| d.line).collect::<Vec<_>>(), [line], "{bad}: {found:?}");
            assert!(found[0].to_string().contains(says), "{}", found[0]);
        }
    }
}
