//! Keymaps: which keys run which command where, from TOML. Must not know escape sequences or what commands do.
//!
//! A file has a section for each scope of the command table; an entry is a sequence of chords and a command:
//! `"prefix n" = "session.new"`. The word `prefix` stands for the prefix key, `none` unbinds. `inherit` names the keymap it
//! changes a little.

use super::diag::{Diagnostic, Source};
use crate::base::Chord;
use crate::command::{Cmd, Scope};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// The keymap used when none is named.
pub const DEFAULT_KEYMAP: &str = "default";

/// The shipped keymaps: name and text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("default", include_str!("../../keymaps/default.toml")),
    ("vscode", include_str!("../../keymaps/vscode.toml")),
    ("tmux", include_str!("../../keymaps/tmux.toml")),
    ("vim", include_str!("../../keymaps/vim.toml")),
    ("emacs", include_str!("../../keymaps/emacs.toml")),
];

/// Most chords in a sequence.
const LONGEST: usize = 6;

/// What a sequence of chords means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// It runs this.
    Run(Cmd),
    /// It begins longer ones.
    More(Vec<Next>),
    /// Nothing.
    None,
}

/// A key that may come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The key.
    pub chord: Chord,
    /// What it runs; `None` when it begins a longer sequence.
    pub cmd: Option<Cmd>,
}

/// A binding, for help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where it applies.
    pub scope: Scope,
    /// The chords, one after another.
    pub chords: Vec<Chord>,
    /// What they run.
    pub cmd: Cmd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bound {
    cmd: Cmd,
    /// Place in the files, so that help and which-key show keys as they were written.
    order: usize,
    /// Which file it is from, counted up.
    layer: usize,
}

/// A finished keymap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    /// Name of its file without `.toml`.
    pub name: String,
    prefix: Chord,
    scopes: BTreeMap<Scope, BTreeMap<Vec<Chord>, Bound>>,
    /// Characters of ASCII that begin a sequence where a pane has the keys, a bit each: asked for with each key of a person.
    bound: u128,
}

/// One chord as written, or the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Prefix,
    Chord(Chord),
}

struct Entry {
    scope: Scope,
    on: Vec<Written>,
    run: Option<Cmd>,
    layer: usize,
    place: (String, Range<usize>),
}

impl Default for Keymap {
    fn default() -> Keymap {
        Keymap::shipped(DEFAULT_KEYMAP).unwrap_or_else(Keymap::bare)
    }
}

impl Keymap {
    fn bare() -> Keymap {
        Keymap { name: String::new(), prefix: ctrl_b(), scopes: BTreeMap::new(), bound: 0 }
    }

    /// A shipped keymap.
    pub fn shipped(name: &str) -> Option<Keymap> {
        Keymap::load(name, None, &|_| None).map(|(keymap, _)| keymap)
    }

    /// A keymap by name: `user` gives the text and path of the user's file of that name, which overlays the shipped one of
    /// the same name. `prefix` stands in place of the file's. `None` when there is no such keymap.
    pub fn load(name: &str, prefix: Option<Chord>, user: &dyn Fn(&str) -> Option<(String, String)>) -> Option<(Keymap, Vec<Diagnostic>)> {
        let mut load = Load { user, prefix: None, entries: Vec::new(), diagnostics: Vec::new(), layer: 0 };
        if !load.named(name, 0) {
            return None;
        }
        let mut keymap = Keymap { name: name.to_owned(), prefix: prefix.or(load.prefix).unwrap_or_else(ctrl_b), ..Keymap::bare() };
        let mut conflicts = Vec::new();
        for (order, entry) in load.entries.into_iter().enumerate() {
            keymap.bind(entry, order, &mut conflicts);
        }
        let first = |scope| keymap.scopes.get(&scope).into_iter().flat_map(BTreeMap::keys).filter_map(|c| c.first());
        keymap.bound = [Scope::Pane, Scope::Global].into_iter().flat_map(first).filter_map(Chord::ascii).fold(0, |all, c| all | 1 << c);
        for (entry, message) in conflicts {
            let (file, span) = entry.place;
            let text = SHIPPED.iter().find(|(n, _)| file == shipped_path(n)).map(|(_, t)| (*t).to_owned());
            let text = text.or_else(|| user(file.rsplit('/').next()?.strip_suffix(".toml")?).map(|u| u.1)).unwrap_or_default();
            let mut source = Source::new(&file, &text);
            source.report(span, message, None);
            load.diagnostics.append(&mut source.diagnostics);
        }
        Some((keymap, load.diagnostics))
    }

    fn bind(&mut self, entry: Entry, order: usize, conflicts: &mut Vec<(Entry, String)>) {
        let chords: Vec<Chord> = entry.on.iter().map(|w| if let Written::Chord(c) = w { *c } else { self.prefix }).collect();
        let map = self.scopes.entry(entry.scope).or_default();
        let Some(cmd) = entry.run else {
            map.remove(&chords);
            return;
        };
        // A sequence and a longer one that begins with it cannot both be reached.
        let clash: Vec<Vec<Chord>> = map
            .iter()
            .filter(|(other, _)| **other != chords && (other.starts_with(&chords) || chords.starts_with(other)))
            .map(|(other, _)| other.clone())
            .collect();
        if let Some(same) = clash.iter().find(|c| map.get(*c).is_some_and(|b| b.layer == entry.layer)) {
            let message = format!("`{}` and `{}` cannot both be bound: one begins the other", label(&chords), label(same));
            conflicts.push((entry, message));
            return;
        }
        for gone in clash {
            map.remove(&gone);
        }
        map.insert(chords, Bound { cmd, order, layer: entry.layer });
    }

    /// The prefix key.
    pub fn prefix(&self) -> Chord {
        self.prefix
    }

    /// What a sequence means in the first of these scopes that knows it. Where it begins longer ones, those of the scopes
    /// after it are shown too.
    pub fn lookup(&self, scopes: &[Scope], chords: &[Chord]) -> Lookup {
        let mut more: Vec<Next> = Vec::new();
        for scope in scopes {
            let Some(map) = self.scopes.get(scope) else { continue };
            if let Some(bound) = map.get(chords) {
                if more.is_empty() {
                    return Lookup::Run(bound.cmd);
                }
                continue;
            }
            let mut next: Vec<(usize, Next)> = Vec::new();
            // All that begin with the same chords stand together in the map.
            for (sequence, bound) in map.range(chords.to_vec()..).take_while(|(s, _)| s.starts_with(chords)) {
                let Some(chord) = sequence.get(chords.len()) else { continue };
                if next.iter().any(|(_, n)| n.chord == *chord) || more.iter().any(|n| n.chord == *chord) {
                    continue;
                }
                let cmd = (sequence.len() == chords.len() + 1).then_some(bound.cmd);
                next.push((bound.order, Next { chord: *chord, cmd }));
            }
            next.sort_by_key(|(order, _)| *order);
            more.extend(next.into_iter().map(|(_, n)| n));
        }
        if more.is_empty() { Lookup::None } else { Lookup::More(more) }
    }

    /// Whether a character of ASCII begins a sequence where a pane has the keys. Others may: see [`Keymap::lookup`].
    pub fn binds(&self, c: u8) -> bool {
        self.bound >> c.min(127) & 1 == 1
    }

    /// Every binding, scope by scope, in the order they were written.
    pub fn bindings(&self) -> Vec<Binding> {
        let mut out = Vec::new();
        for (scope, map) in &self.scopes {
            let mut list: Vec<_> = map.iter().collect();
            list.sort_by_key(|(_, b)| b.order);
            out.extend(list.into_iter().map(|(chords, b)| Binding { scope: *scope, chords: chords.clone(), cmd: b.cmd }));
        }
        out
    }

    /// The sequences that run a command, in all scopes, the first written first.
    pub fn keys_for(&self, cmd: Cmd) -> Vec<(Scope, Vec<Chord>)> {
        let mut out: Vec<(usize, Scope, Vec<Chord>)> = Vec::new();
        for (scope, map) in &self.scopes {
            out.extend(map.iter().filter(|(_, b)| b.cmd == cmd).map(|(c, b)| (b.order, *scope, c.clone())));
        }
        out.sort_by_key(|(order, _, _)| *order);
        out.into_iter().map(|(_, scope, chords)| (scope, chords)).collect()
    }

    /// The first sequence that runs a command in one of these scopes.
    pub fn key_in(&self, scopes: &[Scope], cmd: Cmd) -> Option<Vec<Chord>> {
        self.keys_for(cmd).into_iter().find(|(s, _)| scopes.contains(s)).map(|(_, c)| c)
    }

    /// The single key that runs a command after the prefix, for the status line.
    pub fn after_prefix(&self, cmd: Cmd) -> Option<Chord> {
        self.keys_for(cmd).into_iter().find_map(|(scope, chords)| match chords.as_slice() {
            [p, key] if *p == self.prefix && matches!(scope, Scope::Global | Scope::Pane) => Some(*key),
            _ => None,
        })
    }
}

/// A sequence as people read it: `Ctrl+B n`.
pub fn label(chords: &[Chord]) -> String {
    chords.iter().map(Chord::label).collect::<Vec<_>>().join(" ")
}

fn ctrl_b() -> Chord {
    Chord { code: crate::base::KeyCode::Char('b'), mods: crate::base::Mods::CTRL }
}

fn shipped_path(name: &str) -> String {
    format!("keymaps/{name}.toml")
}

struct Load<'u> {
    user: &'u dyn Fn(&str) -> Option<(String, String)>,
    prefix: Option<Chord>,
    entries: Vec<Entry>,
    diagnostics: Vec<Diagnostic>,
    layer: usize,
}

impl Load<'_> {
    fn named(&mut self, name: &str, depth: usize) -> bool {
        const DEEPEST: usize = 8;
        let shipped = SHIPPED.iter().find(|(n, _)| *n == name);
        let users = (self.user)(name);
        if depth > DEEPEST || (shipped.is_none() && users.is_none()) {
            return false;
        }
        for (path, text) in shipped.map(|(n, t)| (shipped_path(n), (*t).to_owned())).into_iter().chain(users) {
            let mut source = Source::new(&path, &text);
            let table = source.parse();
            if let Some((_, value)) = table.iter().find(|(k, _)| k.get_ref() == "inherit") {
                let base = value.get_ref().as_str().unwrap_or_default();
                let own = base == name; // the shipped one of its own name lies under it anyway
                if !own && !self.named(base, depth + 1) {
                    source.unknown(value.span(), "keymap", base, SHIPPED.iter().map(|(n, _)| *n));
                }
            }
            self.layer += 1;
            self.file(&mut source, &path, &table);
            self.diagnostics.append(&mut source.diagnostics);
        }
        true
    }

    fn file(&mut self, source: &mut Source<'_>, path: &str, table: &DeTable<'_>) {
        let mut items: Vec<_> = table.iter().collect();
        items.sort_by_key(|(k, _)| k.span().start);
        for (key, value) in items {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("inherit" | "about", DeValue::String(_)) => {}
                ("prefix", DeValue::String(text)) => match text.parse::<Chord>() {
                    Ok(chord) => self.prefix = Some(chord),
                    Err(why) => source.report(value.span(), why, nearest_word(text)),
                },
                ("inherit" | "about" | "prefix", other) => {
                    source.report(value.span(), format!("`{}` is text, not {}", key.get_ref(), other.type_str()), None);
                }
                (name, value) => match (name.parse::<Scope>(), value) {
                    (Ok(scope), DeValue::Table(keys)) => self.section(source, path, scope, keys),
                    (Ok(_), _) => source.report(key.span(), format!("`{name}` is a section: write [{name}]"), None),
                    (Err(()), _) => {
                        let valid = Scope::ALL.iter().map(|s| s.name()).chain(["inherit", "about", "prefix"]);
                        source.unknown(key.span(), "section", name, valid);
                    }
                },
            }
        }
    }

    fn section(&mut self, source: &mut Source<'_>, path: &str, scope: Scope, keys: &DeTable<'_>) {
        let mut items: Vec<_> = keys.iter().collect();
        items.sort_by_key(|(k, _)| k.span().start);
        for (key, value) in items {
            let on = match sequence(key.get_ref()) {
                Ok(on) => on,
                Err((why, word)) => {
                    source.report(key.span(), why, nearest_word(&word));
                    continue;
                }
            };
            let Some(name) = value.get_ref().as_str() else {
                source.report(value.span(), "a command is written as text, such as \"session.new\"".to_owned(), None);
                continue;
            };
            let run = match (name, name.parse::<Cmd>()) {
                ("none", _) => None,
                (_, Ok(cmd)) if belongs(cmd, scope) => Some(cmd),
                (_, Ok(cmd)) => {
                    let scopes: Vec<_> = cmd.row().scopes.iter().map(|s| format!("[{}]", s.name())).collect();
                    source.report(
                        value.span(),
                        format!("`{cmd}` cannot be run from [{}]", scope.name()),
                        Some(format!("it is for {}", scopes.join(", "))),
                    );
                    continue;
                }
                (_, Err(_)) => {
                    let hint = Cmd::nearest(name).map(|n| format!("did you mean `{n}`?"));
                    source.report(value.span(), format!("unknown command `{}`", crate::base::text::safe_line(name, 60)), hint);
                    continue;
                }
            };
            self.entries.push(Entry { scope, on, run, layer: self.layer, place: (path.to_owned(), key.span()) });
        }
    }
}

/// Whether a key of this section may run a command. The sections of panels may also hold what is for every list.
fn belongs(cmd: Cmd, scope: Scope) -> bool {
    let panel = !matches!(scope, Scope::Global | Scope::Pane | Scope::Scroll | Scope::Search | Scope::Labels | Scope::FollowUp | Scope::Tree);
    cmd.row().applies(scope) || (panel && cmd.row().applies(Scope::List))
}

fn sequence(text: &str) -> Result<Vec<Written>, (String, String)> {
    let mut out = Vec::new();
    for word in text.split_whitespace() {
        out.push(if word == "prefix" { Written::Prefix } else { Written::Chord(word.parse::<Chord>().map_err(|why| (why, word.to_owned()))?) });
    }
    match out.len() {
        0 => Err(("no key is named".to_owned(), String::new())),
        1..=LONGEST => Ok(out),
        _ => Err((format!("more than {LONGEST} keys in a row"), String::new())),
    }
}

fn nearest_word(text: &str) -> Option<String> {
    let last = text.rsplit('+').find(|w| !w.is_empty())?;
    let wrong = text.split('+').find(|w| w.chars().count() > 1 && !crate::base::key::chord_words().any(|v| v == *w)).unwrap_or(last);
    super::diag::nearest(wrong, crate::base::key::chord_words().chain(["prefix"])).map(|n| format!("did you mean `{n}`?"))
}
