//! Agent files: TOML to [`AgentSpec`], a bad value at a time. What is wrong is reported with file, line and column; the rest
//! stands. Must not know the file system.

use super::reader::Reader;
use super::spec::{AgentSpec, Delivery};
use super::template::PLACEHOLDERS;
use crate::base::text::safe_line;
use crate::config::{Diagnostic, Source, nearest};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Lays what `text` says over `base`.
pub(super) fn overlay(base: AgentSpec, file: &str, text: &str) -> (AgentSpec, Vec<Diagnostic>) {
    let mut reader = Reader { source: Source::new(file, text) };
    let table = reader.source.parse();
    // What a parser recovers from a broken line may not be what was meant: an agent is started from whole files only.
    if !reader.source.diagnostics.is_empty() {
        return (base, reader.source.diagnostics);
    }
    let mut spec = base;
    reader.agent(&table, &mut spec);
    (spec, reader.source.diagnostics)
}

const KEYS: &[&str] = &[
    "title",
    "program",
    "version",
    "install",
    "interactive",
    "task_delivery",
    "interrupt",
    "quit",
    "trust",
    "launch",
    "env",
    "titles",
    "notices",
    "prompts",
    "evidence",
    "log",
    "bridge",
    "dialogs",
    "box",
    "mcp",
];

impl Reader<'_> {
    fn agent(&mut self, table: &DeTable<'_>, spec: &mut AgentSpec) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "title" => self.set_text(value, &mut spec.title),
                "install" => self.set_text(value, &mut spec.install),
                "trust" => {
                    let mut text = String::new();
                    self.set_text(value, &mut text);
                    spec.trust = (!text.is_empty()).then_some(text);
                }
                "program" => match self.texts(value) {
                    Some(list) if list.iter().any(|p| p.trim().is_empty()) || list.is_empty() => {
                        self.report(value.span(), "an agent needs a program".into(), None);
                    }
                    Some(list) => spec.program = list,
                    None => {}
                },
                "version" => {
                    if let Some(list) = self.texts(value) {
                        spec.version = list;
                    }
                }
                "interactive" => match value.get_ref().as_bool() {
                    Some(b) => spec.interactive = b,
                    None => self.wrong_type(value, "true or false"),
                },
                "task_delivery" => self.delivery(value, spec),
                "interrupt" => self.presses(value, &mut spec.interrupt),
                "quit" => self.presses(value, &mut spec.quit),
                "launch" => self.launch(value, spec),
                "env" => self.env(value, spec),
                "titles" => self.titles(value, &mut spec.titles),
                "notices" => self.notices(value, &mut spec.notices),
                "prompts" => self.prompts(value, &mut spec.prompts),
                "evidence" => self.evidence(value, spec),
                "log" => self.log(value, spec),
                "bridge" => self.bridge(value, spec),
                "dialogs" => self.dialogs(value, &mut spec.dialogs),
                "box" => self.input_box(value, &mut spec.input_box),
                "mcp" => self.mcp(value, &mut spec.mcp),
                other => self.unknown(key.span(), other, KEYS),
            }
        }
    }

    fn delivery(&mut self, value: &Spanned<DeValue<'_>>, spec: &mut AgentSpec) {
        match value.get_ref().as_str() {
            Some("argument") => spec.delivery = Delivery::Argument,
            Some("type") => spec.delivery = Delivery::Type,
            Some("none") => spec.delivery = Delivery::None,
            Some(other) => {
                let hint = nearest(other, ["argument", "type", "none"].into_iter()).map(|n| format!("did you mean `{n}`?"));
                self.report(value.span(), format!("`{}` is not a way to hand over a task", safe_line(other, 40)), hint);
            }
            None => self.wrong_type(value, "\"argument\", \"type\" or \"none\""),
        }
    }

    fn launch(&mut self, value: &Spanned<DeValue<'_>>, spec: &mut AgentSpec) {
        let Some(table) = value.get_ref().as_table() else { return self.wrong_type(value, "a table") };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if !["with_task", "without_task", "resume", "resume_with_task"].contains(&name) {
                self.unknown(key.span(), name, &["with_task", "without_task", "resume", "resume_with_task"]);
                continue;
            }
            let Some(list) = self.texts(value) else { continue };
            if !self.placeholders(value, &list) {
                continue;
            }
            match name {
                "with_task" => spec.launch.with_task = Some(list),
                "without_task" => spec.launch.without_task = list,
                "resume" => spec.launch.resume = Some(list),
                _ => spec.launch.resume_with_task = Some(list),
            }
        }
    }

    /// Reports words in braces that are no placeholders but are close to one: `{promt}` would reach the agent as it stands.
    fn placeholders(&mut self, value: &Spanned<DeValue<'_>>, list: &[String]) -> bool {
        let before = self.source.diagnostics.len();
        for argument in list {
            for word in argument.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word) {
                let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                if plain && !PLACEHOLDERS.contains(&word) {
                    let hint = nearest(word, PLACEHOLDERS.iter().copied()).map(|n| format!("did you mean `{{{n}}}`?"));
                    self.report(value.span(), format!("unknown placeholder `{{{word}}}`"), hint);
                }
            }
            if argument.contains("{extra}") && argument != "{extra}" {
                self.report(value.span(), "`{extra}` must be an argument of its own".into(), None);
            }
        }
        self.source.diagnostics.len() == before
    }

    fn env(&mut self, value: &Spanned<DeValue<'_>>, spec: &mut AgentSpec) {
        let Some(table) = value.get_ref().as_table() else { return self.wrong_type(value, "a table") };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "set" => {
                    let Some(vars) = value.get_ref().as_table() else {
                        self.wrong_type(value, "a table of texts");
                        continue;
                    };
                    for (name, value) in vars {
                        let mut text = String::new();
                        let before = self.source.diagnostics.len();
                        self.variable(name.span(), name.get_ref());
                        self.set_text(value, &mut text);
                        if self.source.diagnostics.len() == before {
                            spec.env_set.retain(|(n, _)| n != name.get_ref());
                            spec.env_set.push((name.get_ref().to_string(), text));
                        }
                    }
                }
                "unset" => {
                    for name in self.texts(value).unwrap_or_default() {
                        self.variable(value.span(), &name);
                        spec.env_set.retain(|(n, _)| *n != name);
                        spec.env_unset.push(name);
                    }
                }
                other => self.unknown(key.span(), other, &["set", "unset"]),
            }
        }
    }

    fn variable(&mut self, span: Range<usize>, name: &str) {
        if name.is_empty() || name.contains(['=', '\0']) {
            self.report(span, format!("`{}` is not a variable's name", safe_line(name, 40)), None);
        } else if name.starts_with("COPILOT_TUI_") {
            self.report(span, format!("`{}` is set by copilot-tui itself", safe_line(name, 40)), None);
        }
    }
}
