//! The options of `config.toml`: their types, ranges and how each is read. Must not know files or who uses them.

use super::diag::{Source, nearest};
use crate::base::Chord;
use crate::wire::NoticeKind;
use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The shipped defaults, which document every option.
pub const DEFAULTS: &str = include_str!("defaults.toml");

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+
        }
        impl $name {
            const WORDS: &'static [(&'static str, $name)] = &[$(($word, $name::$variant)),+];
        }
    };
}

words! {
    /// Where the tree of sessions is.
    TreePlace { /** Beside the panes. */ Docked = "docked", /** Over the panes. */ Overlay = "overlay", /** Nowhere. */ Hidden = "hidden" }
}
words! {
    /// How copied text reaches the clipboard.
    Clipboard { /** The best way found. */ Auto = "auto", /** The outer terminal alone. */ Osc52 = "osc52", /** Not at all. */ Off = "off" }
}
words! {
    /// Where something is told to the person.
    Channel { /** Over the panes. */ Toast = "toast", /** Through the outer terminal. */ Terminal = "terminal", /** On the desktop. */ Desktop = "desktop", /** By the command. */ Command = "command" }
}
words! {
    /// How the outer terminal is asked to tell it.
    NotifyBy { /** What it shows. */ Auto = "auto", /** The bell. */ Bell = "bell", /** OSC 9. */ Osc9 = "osc9", /** OSC 777. */ Osc777 = "osc777", /** OSC 99. */ Osc99 = "osc99", /** Not at all. */ Off = "off" }
}
words! {
    /// What runs the terminals in panes.
    Engine { /** On the vt100 crate. */ Vt100 = "vt100", /** Our own. */ Native = "native" }
}
words! {
    /// How much is logged.
    LogLevel { /** What failed. */ Error = "error", /** What may be wrong. */ Warn = "warn", /** What happens. */ Info = "info", /** How. */ Debug = "debug", /** Everything. */ Trace = "trace" }
}

words! {
    /// What is recorded.
    Recorded { /** Agents. */ Agents = "agents", /** Shells. */ Shells = "shells", /** Plain commands. */ Commands = "commands" }
}

impl LogLevel {
    /// The word for it.
    pub fn word(self) -> &'static str {
        LogLevel::WORDS.iter().find(|(_, l)| *l == self).map_or("info", |(w, _)| w)
    }
}

/// `[ui]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ui {
    /// Where the tree is at the start.
    pub tree: TreePlace,
    /// Columns of the docked tree.
    pub tree_width: u16,
    /// Name of the theme.
    pub theme: String,
    /// Name of the keymap.
    pub keymap: String,
    /// Prefix key in place of the keymap's.
    #[serde(serialize_with = "chord_text")]
    pub prefix: Option<Chord>,
    /// For screen readers: no boxes, no spinner, changes as lines.
    pub screen_reader: bool,
    /// Take the mouse.
    pub mouse: bool,
    /// Milliseconds a lone Esc waits.
    pub esc_timeout_ms: u64,
    /// Seconds a toast stays.
    pub toast_seconds: u64,
    /// How copied text reaches the clipboard.
    pub clipboard: Clipboard,
}

/// `[notifications]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Notifications {
    /// Where it is told that a session needs the user.
    pub waiting: Vec<Channel>,
    /// That one failed, or made an error known.
    pub failed: Vec<Channel>,
    /// That one is done.
    pub done: Vec<Channel>,
    /// That a part of a task is done.
    pub milestone: Vec<Channel>,
    /// What programs in sessions ask to be told.
    pub message: Vec<Channel>,
    /// How the outer terminal is asked.
    pub outer: NotifyBy,
    /// There are desktop notifications.
    pub desktop: bool,
    /// Program and arguments of the command; none when empty.
    pub command: Vec<String>,
}

impl Notifications {
    /// Where a kind is told. What is not switched on or has no command is left out.
    pub fn tells(&self, kind: NoticeKind, channel: Channel) -> bool {
        let channels = match kind {
            NoticeKind::Waiting => &self.waiting,
            NoticeKind::Failed => &self.failed,
            NoticeKind::Done => &self.done,
            NoticeKind::Milestone => &self.milestone,
            NoticeKind::Message => &self.message,
        };
        let there = match channel {
            Channel::Toast => true,
            Channel::Terminal => self.outer != NotifyBy::Off,
            Channel::Desktop => self.desktop,
            Channel::Command => !self.command.is_empty(),
        };
        there && channels.contains(&channel)
    }
}

/// `[limits]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limits {
    /// Agents that work at once; 0 for half of the cores, at least 2.
    pub max_working: u32,
}

impl Limits {
    /// Agents that work at once, on a machine with so many cores.
    pub fn working_at_once(&self, cores: usize) -> usize {
        match self.max_working {
            0 => (cores / 2).max(2),
            n => n as usize,
        }
    }
}

/// `[terminal]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Terminal {
    /// What runs the terminals.
    pub engine: Engine,
    /// Lines of history for each session; a line that is broken into several rows counts once.
    pub history_lines: u32,
}

/// `[recording]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recording {
    /// Record at all.
    pub enabled: bool,
    /// What.
    pub what: Vec<Recorded>,
    /// Names of agents and kinds that are left out.
    pub except: Vec<String>,
    /// Most of one session, in MiB.
    pub max_mib: u32,
    /// Days a recording stays.
    pub days: u32,
}

/// `[agents]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agents {
    /// The agent used when none is named.
    pub default: Option<String>,
    /// The text that agents and commands write is read for progress and errors.
    pub read_text: bool,
    /// Agents get our MCP server.
    pub mcp: bool,
}

/// `[delegation]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delegation {
    /// Going on in the background is offered.
    pub offer: bool,
    /// For tasks that affect so many files.
    pub files: u32,
    /// For tasks of more than so many minutes.
    pub minutes: u32,
}

/// `[escalate]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Escalate {
    /// What hands a task over to the cloud: program and arguments.
    pub command: Vec<String>,
}

/// `[log]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Log {
    /// How much.
    pub level: LogLevel,
    /// Where to.
    pub file: Option<String>,
}

/// `[worktree]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Worktree {
    /// Folder for worktrees.
    pub root: Option<String>,
}

/// All options.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Config {
    /// The screen.
    pub ui: Ui,
    /// Telling the person.
    pub notifications: Notifications,
    /// Limits.
    pub limits: Limits,
    /// Terminals in panes.
    pub terminal: Terminal,
    /// Recordings.
    pub recording: Recording,
    /// Agents.
    pub agents: Agents,
    /// The log.
    pub log: Log,
    /// Worktrees.
    pub worktree: Worktree,
    /// Offers to go on in the background.
    pub delegation: Delegation,
    /// Handing over to the cloud.
    pub escalate: Escalate,
}

fn chord_text<S: serde::Serializer>(chord: &Option<Chord>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&chord.map(|c| c.to_string()).unwrap_or_default())
}

impl Default for Config {
    /// What the shipped defaults say; a test holds this against `defaults.toml`.
    fn default() -> Config {
        let mut config = Config {
            ui: Ui {
                tree: TreePlace::Docked,
                tree_width: 0,
                theme: String::new(),
                keymap: String::new(),
                prefix: None,
                screen_reader: false,
                mouse: false,
                esc_timeout_ms: 0,
                toast_seconds: 0,
                clipboard: Clipboard::Off,
            },
            notifications: Notifications {
                waiting: Vec::new(),
                failed: Vec::new(),
                done: Vec::new(),
                milestone: Vec::new(),
                message: Vec::new(),
                outer: NotifyBy::Off,
                desktop: false,
                command: Vec::new(),
            },
            limits: Limits { max_working: 0 },
            terminal: Terminal { engine: Engine::Vt100, history_lines: 0 },
            recording: Recording { enabled: false, what: Vec::new(), except: Vec::new(), max_mib: 0, days: 0 },
            agents: Agents { default: None, read_text: false, mcp: false },
            log: Log { level: LogLevel::Info, file: None },
            worktree: Worktree { root: None },
            delegation: Delegation { offer: false, files: 0, minutes: 0 },
            escalate: Escalate { command: Vec::new() },
        };
        config.overlay(&mut Source::new("defaults.toml", DEFAULTS));
        config
    }
}

type Value<'a> = &'a DeValue<'a>;
type Set = fn(&mut Config, Value<'_>) -> Result<(), Wrong>;

/// Why a value cannot be taken: what is wrong, and what would be right.
struct Wrong(String, Option<String>);

/// Every option and how it is taken.
const OPTIONS: &[(&str, &str, Set)] = &[
    ("ui", "tree", |c, v| put(&mut c.ui.tree, word(v, TreePlace::WORDS))),
    ("ui", "tree_width", |c, v| put(&mut c.ui.tree_width, number(v, 20, 120).map(|n| n as u16))),
    ("ui", "theme", |c, v| put(&mut c.ui.theme, name(v))),
    ("ui", "keymap", |c, v| put(&mut c.ui.keymap, name(v))),
    ("ui", "prefix", |c, v| put(&mut c.ui.prefix, chord(v))),
    ("ui", "screen_reader", |c, v| put(&mut c.ui.screen_reader, flag(v))),
    ("ui", "mouse", |c, v| put(&mut c.ui.mouse, flag(v))),
    ("ui", "esc_timeout_ms", |c, v| put(&mut c.ui.esc_timeout_ms, number(v, 1, 1000))),
    ("ui", "toast_seconds", |c, v| put(&mut c.ui.toast_seconds, number(v, 1, 60))),
    ("ui", "clipboard", |c, v| put(&mut c.ui.clipboard, word(v, Clipboard::WORDS))),
    ("notifications", "waiting", |c, v| put(&mut c.notifications.waiting, words(v, Channel::WORDS))),
    ("notifications", "failed", |c, v| put(&mut c.notifications.failed, words(v, Channel::WORDS))),
    ("notifications", "done", |c, v| put(&mut c.notifications.done, words(v, Channel::WORDS))),
    ("notifications", "milestone", |c, v| put(&mut c.notifications.milestone, words(v, Channel::WORDS))),
    ("notifications", "message", |c, v| put(&mut c.notifications.message, words(v, Channel::WORDS))),
    ("notifications", "outer", |c, v| put(&mut c.notifications.outer, word(v, NotifyBy::WORDS))),
    ("notifications", "desktop", |c, v| put(&mut c.notifications.desktop, flag(v))),
    ("notifications", "command", |c, v| put(&mut c.notifications.command, argv(v))),
    ("limits", "max_working", |c, v| put(&mut c.limits.max_working, number(v, 0, 10_000).map(|n| n as u32))),
    ("terminal", "engine", |c, v| put(&mut c.terminal.engine, word(v, Engine::WORDS))),
    ("terminal", "history_lines", |c, v| put(&mut c.terminal.history_lines, number(v, 0, 1_000_000).map(|n| n as u32))),
    ("recording", "enabled", |c, v| put(&mut c.recording.enabled, flag(v))),
    ("recording", "what", |c, v| put(&mut c.recording.what, words(v, Recorded::WORDS))),
    ("recording", "except", |c, v| put(&mut c.recording.except, names(v))),
    ("recording", "max_mib", |c, v| put(&mut c.recording.max_mib, number(v, 1, 1024).map(|n| n as u32))),
    ("recording", "days", |c, v| put(&mut c.recording.days, number(v, 1, 3650).map(|n| n as u32))),
    ("agents", "default", |c, v| put(&mut c.agents.default, text_or_none(v))),
    ("agents", "read_text", |c, v| put(&mut c.agents.read_text, flag(v))),
    ("agents", "mcp", |c, v| put(&mut c.agents.mcp, flag(v))),
    ("log", "level", |c, v| put(&mut c.log.level, word(v, LogLevel::WORDS))),
    ("log", "file", |c, v| put(&mut c.log.file, text_or_none(v))),
    ("worktree", "root", |c, v| put(&mut c.worktree.root, text_or_none(v))),
    ("delegation", "offer", |c, v| put(&mut c.delegation.offer, flag(v))),
    ("delegation", "files", |c, v| put(&mut c.delegation.files, number(v, 1, 100_000).map(|n| n as u32))),
    ("delegation", "minutes", |c, v| put(&mut c.delegation.minutes, number(v, 1, 10_000).map(|n| n as u32))),
    ("escalate", "command", |c, v| put(&mut c.escalate.command, texts(v))),
];

fn put<T>(place: &mut T, value: Result<T, Wrong>) -> Result<(), Wrong> {
    *place = value?;
    Ok(())
}

fn type_error(v: Value<'_>, wanted: &str) -> Wrong {
    Wrong(format!("this is {wanted}, not {}", v.type_str()), None)
}

fn flag(v: Value<'_>) -> Result<bool, Wrong> {
    v.as_bool().ok_or_else(|| type_error(v, "true or false"))
}

fn text<'a>(v: Value<'a>) -> Result<&'a str, Wrong> {
    let t = v.as_str().ok_or_else(|| type_error(v, "text"))?;
    if t.chars().any(char::is_control) { Err(Wrong("control characters are not allowed here".to_owned(), None)) } else { Ok(t) }
}

fn text_or_none(v: Value<'_>) -> Result<Option<String>, Wrong> {
    text(v).map(|t| (!t.is_empty()).then(|| t.to_owned()))
}

fn texts(v: Value<'_>) -> Result<Vec<String>, Wrong> {
    v.as_array().ok_or_else(|| type_error(v, "a list of texts"))?.iter().map(|v| text(v.get_ref()).map(str::to_owned)).collect()
}

/// A name that becomes a file name: no way out of its folder.
fn name(v: Value<'_>) -> Result<String, Wrong> {
    let t = text(v)?;
    if t.is_empty() || t.contains(['/', '\\']) || t.starts_with('.') {
        return Err(Wrong("this is a name, without folder and ending".to_owned(), None));
    }
    Ok(t.to_owned())
}

fn chord(v: Value<'_>) -> Result<Option<Chord>, Wrong> {
    match text(v)? {
        "" => Ok(None),
        t => t.parse().map(Some).map_err(|why| Wrong(why, None)),
    }
}

fn number(v: Value<'_>, least: u64, most: u64) -> Result<u64, Wrong> {
    let n = v.as_integer().ok_or_else(|| type_error(v, "a whole number"))?;
    i128::from_str_radix(n.as_str(), n.radix())
        .ok()
        .and_then(|n| u64::try_from(n).ok())
        .filter(|n| (least..=most).contains(n))
        .ok_or_else(|| Wrong(format!("out of range: {least} to {most}"), None))
}

fn word<T: Copy>(v: Value<'_>, words: &[(&'static str, T)]) -> Result<T, Wrong> {
    let t = text(v)?;
    words.iter().find(|(w, _)| *w == t).map(|(_, v)| *v).ok_or_else(|| {
        let all: Vec<_> = words.iter().map(|(w, _)| format!("\"{w}\"")).collect();
        let near = nearest(t, words.iter().map(|(w, _)| *w)).map(|n| format!("did you mean `{n}`?"));
        Wrong(format!("`{}` is none of {}", crate::base::text::safe_line(t, 40), all.join(", ")), near)
    })
}

fn words<T: Copy>(v: Value<'_>, valid: &[(&'static str, T)]) -> Result<Vec<T>, Wrong> {
    v.as_array().ok_or_else(|| type_error(v, "a list"))?.iter().map(|v| word(v.get_ref(), valid)).collect()
}

fn names(v: Value<'_>) -> Result<Vec<String>, Wrong> {
    v.as_array().ok_or_else(|| type_error(v, "a list"))?.iter().map(|v| name(v.get_ref())).collect()
}

/// A program and its arguments, without a shell.
fn argv(v: Value<'_>) -> Result<Vec<String>, Wrong> {
    if v.as_str().is_some() {
        return Err(Wrong("this is a list: the program and each argument by itself".to_owned(), Some("[\"prog\", \"{title}\"]".to_owned())));
    }
    let list = v.as_array().ok_or_else(|| type_error(v, "a list"))?;
    let argv: Vec<String> = list.iter().map(|v| text(v.get_ref()).map(str::to_owned)).collect::<Result<_, _>>()?;
    match argv.first() {
        Some(program) if program.is_empty() => Err(Wrong("the program has no name".to_owned(), None)),
        _ if argv.len() > 64 || argv.iter().any(|a| a.len() > 4096) => Err(Wrong("at most 64 arguments of 4096 bytes".to_owned(), None)),
        _ => Ok(argv),
    }
}

impl Config {
    /// Lays a file over these options.
    pub(super) fn overlay(&mut self, source: &mut Source<'_>) {
        let table = source.parse();
        let mut sections: Vec<_> = table.iter().collect();
        sections.sort_by_key(|(k, _)| k.span().start);
        for (key, value) in sections {
            let section = key.get_ref().as_ref();
            if !OPTIONS.iter().any(|(s, _, _)| *s == section) {
                let names = OPTIONS.iter().map(|(s, _, _)| *s);
                // A common slip: an option at the top of the file.
                match OPTIONS.iter().find(|(_, o, _)| *o == section) {
                    Some((s, o, _)) => source.report(key.span(), format!("`{o}` stands outside its section"), Some(format!("put it under [{s}]"))),
                    None => source.unknown(key.span(), "section", section, names),
                }
                continue;
            }
            match value.get_ref() {
                DeValue::Table(entries) => self.section(source, section, entries),
                _ => source.report(key.span(), format!("`{section}` is a section: write [{section}]"), None),
            }
        }
    }

    fn section(&mut self, source: &mut Source<'_>, section: &str, entries: &DeTable<'_>) {
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_by_key(|(k, _)| k.span().start);
        for (key, value) in entries {
            self.option(source, section, key, value);
        }
    }

    fn option(&mut self, source: &mut Source<'_>, section: &str, key: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>) {
        let option = key.get_ref().as_ref();
        match OPTIONS.iter().find(|(s, o, _)| *s == section && *o == option) {
            Some((_, _, set)) => {
                if let Err(Wrong(message, hint)) = set(self, value.get_ref()) {
                    source.report(value.span(), format!("{section}.{option}: {message}"), hint);
                }
            }
            None => source.unknown(key.span(), "option", option, OPTIONS.iter().filter(|(s, _, _)| *s == section).map(|(_, o, _)| *o)),
        }
    }

    /// Every option, as `section.option`.
    pub fn option_names() -> impl Iterator<Item = String> {
        OPTIONS.iter().map(|(s, o, _)| format!("{s}.{o}"))
    }
}
