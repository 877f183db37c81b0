//! Opening what stands in a pane: addresses, files at a line, commits. What is in a pane is untrusted: it may say what is opened,
//! never with which program, and what is not what it looks like is shown in full before. Must not know how programs are
//! started.

use super::App;
use super::dialog::{Confirm, Dialog};
use super::hit::PaneId;
use super::io::{Effect, Open, Opened};
use super::mirror::Spot;
use super::modes::Layer;
use super::requests::{Purpose, Wanted};
use crate::base::SessionId;
use crate::base::text::safe_line;
use crate::term::{self, Point, Target, TargetKind, split_place};
use crate::wire::Op;
use crate::wire::message::Level;
use crate::wire::op::NewSession;
use serde_json::Value;

/// Longest address that is opened, in bytes.
const LONGEST: usize = 2048;

/// An address as it may be opened: plain, no name and password before the host, nothing hidden in it.
fn clean_url(url: &str) -> Result<String, &'static str> {
    let lower = url.to_ascii_lowercase();
    if url.len() > LONGEST {
        return Err("it is too long");
    }
    if safe_line(url, LONGEST) != url || lower.contains("%00") || !url.is_ascii() && url.contains("xn--") {
        return Err("it has hidden characters");
    }
    if lower.starts_with("mailto:") {
        return Ok(url.to_owned());
    }
    let Some((scheme, rest)) = url.split_once("://").filter(|(s, _)| matches!(s.to_ascii_lowercase().as_str(), "http" | "https")) else {
        return Err("only http, https and mailto are opened");
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    // `https://bank.example@evil.example` leads to the second.
    let host = host.rsplit_once('@').map_or(host, |(_, h)| h);
    if host.is_empty() { Err("it has no host") } else { Ok(format!("{scheme}://{host}{path}")) }
}

/// The path of a `file:` address.
fn file_path(url: &str) -> Option<String> {
    let rest = url.strip_prefix("file://")?;
    let path = rest.get(rest.find('/')?..)?;
    let mut out = Vec::new();
    let mut bytes = path.bytes();
    while let Some(b) = bytes.next() {
        match b {
            b'%' => {
                let hex = [bytes.next()?, bytes.next()?];
                out.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
            }
            b => out.push(b),
        }
    }
    String::from_utf8(out).ok().filter(|p| !p.chars().any(char::is_control))
}

impl App {
    /// Opens what is under a place of a pane, else the first thing behind it on its line, else the first on the line.
    pub(super) fn open_at(&mut self, pane: PaneId, at: Spot, out: &mut Vec<Effect>) {
        match self.target_at(pane, at).or_else(|| self.target_on(pane, at)) {
            Some((session, target)) => self.open_target(session, target, out),
            None => self.note(Level::Info, "nothing on this line can be opened", "an address, a path, a commit"),
        }
    }

    /// Ctrl and a click. VS Code opens by itself what it knows, also where a program has the mouse.
    pub(super) fn ctrl_click(&mut self, pane: PaneId, at: Spot, out: &mut Vec<Effect>) {
        let Some((session, target)) = self.target_at(pane, at) else { return };
        let theirs = matches!(target.kind, TargetKind::Url | TargetKind::Path) && target.spans.len() == 1;
        if !(self.setup.caps.vscode && theirs) {
            self.open_target(session, target, out);
        }
    }

    /// What is under a place of a pane.
    pub(super) fn target_at(&self, pane: PaneId, at: Spot) -> Option<(SessionId, Target)> {
        let id = self.tabs.session(pane)?;
        let rows = self.mirror.pane(id)?;
        let look = self.looks.get(&pane);
        let line = |n: u64| look.map_or_else(|| rows.line(n), |l| l.line(rows, n)).cloned();
        let target = term::target_at(line, Point { line: at.0, col: at.1 }, rows.cols)?;
        Some((id.clone(), target))
    }

    /// The first thing behind a place on its line, else the first on the line.
    fn target_on(&self, pane: PaneId, at: Spot) -> Option<(SessionId, Target)> {
        let id = self.tabs.session(pane)?;
        let rows = self.mirror.pane(id)?;
        let look = self.looks.get(&pane)?;
        let all = term::targets(|n| look.line(rows, n).cloned(), at.0..at.0 + 1, rows.cols);
        let behind = |t: &&Target| t.spans.iter().any(|(line, cols)| *line == at.0 && cols.start >= at.1);
        all.iter().find(behind).or(all.first()).map(|t| (id.clone(), t.clone()))
    }

    /// Opens something; first shows in full what is not what it looks like.
    pub(super) fn open_target(&mut self, session: SessionId, target: Target, out: &mut Vec<Effect>) {
        let goal = target.goal.clone();
        match target.kind {
            TargetKind::Url | TargetKind::Link if goal.starts_with("file://") => match file_path(&goal) {
                Some(path) if target.kind == TargetKind::Link && !path.ends_with(target.shown.trim_start_matches("./")) => {
                    let lines =
                        vec![format!("The text says  {}", safe_line(&target.shown, 200)), "It leads to the file".to_owned(), safe_line(&path, 400)];
                    self.confirm_open(Confirm::OpenFile(session, path), lines);
                }
                // As programs write where in their source something happened.
                Some(path) if target.kind == TargetKind::Url => {
                    let (path, line, col) = split_place(&path);
                    self.want(session, Wanted::File { path: path.to_owned(), line, col }, out);
                }
                Some(path) => self.want(session, Wanted::File { path, line: None, col: None }, out),
                None => self.note(Level::Error, "this address names no file", &safe_line(&goal, 200)),
            },
            TargetKind::Url | TargetKind::Link => match clean_url(&goal) {
                Ok(url) if url == goal && (target.kind == TargetKind::Url || target.shown == goal) => out.push(Effect::Open(Open::Url(url))),
                Ok(url) => {
                    let lines = vec![format!("The text says  {}", safe_line(&target.shown, 200)), "It leads to".to_owned(), safe_line(&url, 400)];
                    self.confirm_open(Confirm::OpenUrl(url), lines);
                }
                Err(why) => {
                    self.note(Level::Info, &format!("not opened: {why}"), &safe_line(&goal, 200));
                    self.take_goal(&goal, out);
                }
            },
            TargetKind::Path => {
                let (path, line, col) = split_place(&goal);
                let (path, line, col) = (path.to_owned(), line, col);
                self.want(session, Wanted::File { path, line, col }, out);
            }
            TargetKind::Hash => self.want(session, Wanted::Commit(goal), out),
            TargetKind::Ip | TargetKind::Uuid => self.take_goal(&goal, out),
        }
    }

    fn confirm_open(&mut self, what: Confirm, lines: Vec<String>) {
        let dialog = Dialog::Confirm { what, since: self.now.mono_ms, lines, yes: false };
        self.open(Layer::Dialog(Box::new(dialog)));
    }

    /// Asks where paths of this session are.
    pub(super) fn want(&mut self, session: SessionId, wanted: Wanted, out: &mut Vec<Effect>) {
        self.request(Op::Folders { session: session.clone() }, Purpose::Open(session, wanted), out);
    }

    /// The folders are here.
    pub(super) fn open_wanted(&mut self, session: &SessionId, wanted: Wanted, value: &Value, out: &mut Vec<Effect>) {
        let listed = value.get("folders").and_then(Value::as_array).into_iter().flatten();
        let mut folders: Vec<String> = listed.filter_map(Value::as_str).filter(|f| f.starts_with('/')).map(str::to_owned).collect();
        if let Some(s) = self.mirror.get(session).filter(|_| folders.is_empty()) {
            folders.push(s.cwd.clone());
        }
        let folder = folders.first().cloned().unwrap_or_else(|| "/".to_owned());
        match wanted {
            Wanted::File { path, line, col } => {
                let home = self.setup.client_env.iter().find(|(k, _)| k == "HOME").map(|(_, v)| v.clone());
                let mut paths = Vec::new();
                if path.starts_with('/') {
                    paths.push(path.clone());
                } else if let (Some(rest), Some(home)) = (path.strip_prefix("~/"), home) {
                    paths.push(format!("{home}/{rest}"));
                } else {
                    let plain = path.trim_start_matches("./");
                    paths.extend(folders.iter().map(|f| format!("{f}/{plain}")));
                    // As git writes them in a diff.
                    if let Some(rest) = plain.strip_prefix("a/").or(plain.strip_prefix("b/")) {
                        paths.extend(folders.iter().map(|f| format!("{f}/{rest}")));
                    }
                }
                out.push(Effect::Open(Open::File { paths, line, col, folder }));
            }
            Wanted::Commit(hash) => {
                if hash.chars().all(|c| c.is_ascii_hexdigit()) {
                    self.show_commit(&hash, folder, out);
                }
            }
        }
    }

    /// A commit in a pane of its own. Nothing that a repository names as a program is run: not its pager, its filters or its
    /// tools for diffs and signatures.
    fn show_commit(&mut self, hash: &str, folder: String, out: &mut Vec<Effect>) {
        let of_person = |name: &str| self.setup.client_env.iter().find(|(k, v)| k == name && !v.is_empty()).map(|(_, v)| v.clone());
        let pager = of_person("GIT_PAGER").or_else(|| of_person("PAGER")).unwrap_or_else(|| "less".to_owned());
        let less = of_person("LESS").unwrap_or_else(|| "R".to_owned());
        let words = ["git", "-c", "log.showSignature=false", "-c", "core.fsmonitor=false", "show", "--no-ext-diff", "--no-textconv", hash, "--"];
        let command = words.iter().map(|w| (*w).to_owned()).collect();
        let env = vec![("GIT_PAGER".to_owned(), pager), ("LESS".to_owned(), less)];
        let name = format!("show-{}", hash.get(..hash.len().min(7)).unwrap_or_default());
        self.start_beside(NewSession { command, env, name: Some(name), cwd: folder, ..NewSession::default() }, Purpose::New, out);
    }

    /// How opening went.
    pub(super) fn opened(&mut self, opened: Opened, out: &mut Vec<Effect>) {
        match opened {
            Opened::Done(how) => self.note(Level::Info, &how, ""),
            Opened::Failed { why, copy } => {
                self.note(Level::Error, &why, if copy.is_some() { "it is copied instead" } else { "" });
                if let Some(text) = copy {
                    self.copy(text, out);
                }
            }
            Opened::Editor { argv, folder, name } => {
                let name = crate::base::text::slug(&name);
                let name = (!name.is_empty()).then(|| format!("edit-{name}"));
                let purpose = Purpose::Editor(self.tabs.focus());
                self.start_beside(NewSession { command: argv, name, cwd: folder, ..NewSession::default() }, purpose, out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_hide_where_it_leads() {
        assert_eq!(clean_url("https://a.example/x?y=1#z").as_deref(), Ok("https://a.example/x?y=1#z"));
        assert_eq!(clean_url("https://bank.example:pw@evil.example/x").as_deref(), Ok("https://evil.example/x"));
        assert_eq!(clean_url("mailto:a@b.c").as_deref(), Ok("mailto:a@b.c"));
        for bad in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://a.example/%00",
            "https://a\u{202e}b.example",
            "ssh://x",
            "https:///x",
            "vscode://x/y",
        ] {
            assert!(clean_url(bad).is_err(), "{bad}");
        }
        assert!(clean_url(&format!("https://a/{}", "x".repeat(3000))).is_err());
        assert_eq!(file_path("file://host/a%20b/c.rs").as_deref(), Some("/a b/c.rs"));
        assert_eq!(file_path("file:///a%0ab"), None);
        assert_eq!(file_path("file:///a%zz"), None);
    }
}
