//! What an edit that an agent asks for would change, read from what it says and from the file as it is: lines of a diff, bounded,
//! for a person's eyes. Must not know any agent, nor how it is answered.

use super::hub::Hub;
use crate::agent::bridge::HookRule;
use crate::base::SessionId;
use crate::past::open_plain;
use crate::wire::facts::Waiting;
use serde_json::Value;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Texts above this are not compared, in bytes: the first lines of the new one are shown. Less than what `hook` cuts a text to.
const COMPARED: usize = 120 * 1024;
/// Bytes read of a file that would be written anew.
const FILE: u64 = COMPARED as u64;

/// What an event says of an edit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edit {
    /// The file, when all of it would be written.
    file: Option<PathBuf>,
    /// What would be replaced.
    old: Option<String>,
    /// What would stand there.
    new: String,
    /// It is a diff already.
    diff: bool,
    /// Wherever it stands in the file.
    everywhere: bool,
}

fn text_at(places: &[String], input: &Value) -> Option<String> {
    places.iter().find_map(|p| input.pointer(p).and_then(Value::as_str)).map(str::to_owned)
}

/// The edit that an event asks for, if it is one.
pub fn asked(hub: &Hub, id: &SessionId, rule: &HookRule, input: &Value) -> Option<Edit> {
    if let Some(new) = text_at(&rule.diff, input).filter(|d| !d.trim().is_empty()) {
        return Some(Edit { new, diff: true, ..Edit::default() });
    }
    let (old, new) = (text_at(&rule.old, input).filter(|o| !o.is_empty()), text_at(&rule.new, input));
    if old.is_none() && new.is_none() {
        return None;
    }
    let everywhere = rule.everywhere.as_deref().and_then(|p| input.pointer(p)).and_then(Value::as_bool).unwrap_or_default();
    let named = rule.file.as_deref().and_then(|p| input.pointer(p)).and_then(Value::as_str).filter(|_| old.is_none());
    let file = named.and_then(|f| hub.world(|w| w.get(id).map(|r| PathBuf::from(&r.facts.cwd).join(f))));
    Some(Edit { file, old, new: new.unwrap_or_default(), diff: false, everywhere })
}

impl Edit {
    /// The lines of one that was told as a diff: what stands before the first part names the file, which is known.
    pub fn diff(self) -> Option<Vec<String>> {
        let mut parts = self.new.lines().skip_while(|l| !l.starts_with("@@"));
        parts.next();
        self.diff.then(|| parts.map(str::to_owned).collect())
    }

    /// Its lines. Blocks on the disk.
    pub fn lines(self) -> Vec<String> {
        if self.diff {
            return self.diff().unwrap_or_default();
        }
        let old = self.old.or_else(|| read(self.file.as_ref()?)).unwrap_or_default();
        let mut lines = if old.len().max(self.new.len()) <= COMPARED {
            crate::git::edit(&old, &self.new)
        } else {
            let first = ["@@ too long to be compared; it would be".to_owned()];
            first.into_iter().chain(self.new.lines().map(|l| format!("+{l}"))).collect()
        };
        if self.everywhere {
            lines.insert(0, "@@ wherever it stands in the file".to_owned());
        }
        lines
    }

    /// Has a prompt show it.
    pub async fn shown_by(self, waiting: &mut Waiting) {
        let lines = tokio::task::spawn_blocking(move || self.lines()).await.unwrap_or_default();
        waiting.show_changes(lines);
    }
}

/// A file of text as it is; nothing where there is none, or it cannot be shown.
fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    open_plain(path).ok()?.take(FILE + 1).read_to_string(&mut text).ok()?;
    (text.len() as u64 <= FILE).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_compared_with_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.txt");
        std::fs::write(&file, "one\ntwo\n").unwrap();
        let anew = |file: PathBuf, new: &str| Edit { file: Some(file), new: new.into(), ..Edit::default() }.lines();
        assert_eq!(anew(file.clone(), "one\n2\n"), [" one", "-two", "+2"]);
        assert_eq!(anew(dir.path().join("none"), "x\n"), ["+x"]);
        let all = Edit { old: Some("a".into()), new: "b".into(), everywhere: true, ..Edit::default() }.lines();
        assert_eq!(all, ["@@ wherever it stands in the file", "-a", "+b"]);
        let diff = "Index: /x\n=====\n--- /x\n+++ /x\n@@ -1 +1 @@\n-a\n--- b\n+++ c\n";
        assert_eq!(Edit { new: diff.into(), diff: true, ..Edit::default() }.lines(), ["-a", "--- b", "+++ c"]);
        let pipe = dir.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(anew(pipe, "x"), ["+x"], "nobody waits for its other end");
        let huge = "line\n".repeat(COMPARED / 4);
        assert_eq!(anew(file, &huge).get(1).map(String::as_str), Some("+line"));
    }
}
