//! What an edit that an agent asks for would change, read from what it says and from the file as it is: lines of a diff, bounded,
//! for a person's eyes. Must not know any agent, nor how it is answered.

use super::hub::Hub;
use crate::agent::bridge::HookRule;
use crate::base::SessionId;
use crate::past::open_plain;
use crate::wire::facts::Waiting;
use crate::wire::op::HOOK_TEXT;
use serde_json::Value;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Texts above this are not compared, in bytes: the first lines of the new one are shown. Less than what `hook` cuts a text to.
const COMPARED: usize = 120 * 1024;
/// How long reading and comparing may take.
const READ: Duration = Duration::from_secs(2);
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
    /// More than one text is told that would stand there: which of them counts only the agent knows.
    several: bool,
    /// One of them was cut before it was told.
    cut: bool,
}

fn texts_at(places: &[String], input: &Value) -> Vec<String> {
    places.iter().filter_map(|p| input.pointer(p).and_then(Value::as_str)).map(str::to_owned).collect()
}

/// Whether a hook told only the beginning of a text.
fn is_cut(text: &str) -> bool {
    text.len() >= HOOK_TEXT && text.ends_with('…')
}

/// The edit that an event asks for, if it is one.
pub fn asked(hub: &Hub, id: &SessionId, rule: &HookRule, input: &Value) -> Option<Edit> {
    if let Some(new) = texts_at(&rule.diff, input).into_iter().find(|d| !d.trim().is_empty()) {
        return Some(Edit { cut: is_cut(&new), new, diff: true, ..Edit::default() });
    }
    let (old, new) = (texts_at(&rule.old, input).into_iter().find(|o| !o.is_empty()), texts_at(&rule.new, input));
    if old.is_none() && new.is_empty() {
        return None;
    }
    let everywhere = rule.everywhere.as_deref().and_then(|p| input.pointer(p)).and_then(Value::as_bool).unwrap_or_default();
    let named = rule.file.as_deref().and_then(|p| input.pointer(p)).and_then(Value::as_str).filter(|_| old.is_none());
    let file = named.and_then(|f| hub.world(|w| w.get(id).map(|r| PathBuf::from(&r.facts.cwd).join(f))));
    let cut = old.iter().chain(&new).any(|t| is_cut(t));
    Some(Edit { file, old, cut, several: new.len() > 1, new: new.join("\n"), diff: false, everywhere })
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
        let old = self.old.or_else(|| self.file.as_ref().map_or(Some(String::new()), |f| read(f)));
        let why_not = match &old {
            _ if self.several => Some("told in more than one way; it would be one of these"),
            None => Some("what is there cannot be shown; it would be"),
            Some(old) if old.len().max(self.new.len()) > COMPARED => Some("too long to be compared; it would be"),
            Some(_) => None,
        };
        let mut lines = match why_not {
            Some(why) => [format!("@@ {why}")].into_iter().chain(self.new.lines().map(|l| format!("+{l}"))).collect(),
            None => crate::git::edit(&old.unwrap_or_default(), &self.new),
        };
        if self.everywhere {
            lines.insert(0, "@@ wherever it stands in the file".to_owned());
        }
        lines
    }

    /// Has a prompt show it.
    pub async fn shown_by(self, waiting: &mut Waiting) {
        waiting.changes_cut = self.cut;
        // A disk that does not answer keeps no prompt back.
        let lines = match tokio::time::timeout(READ, tokio::task::spawn_blocking(move || self.lines())).await {
            Ok(lines) => lines.unwrap_or_default(),
            Err(_) => vec!["@@ what is there cannot be read; look in its terminal".to_owned()],
        };
        waiting.show_changes(lines);
    }
}

/// A file of text as it is, empty where there is none; nothing when it cannot be shown.
fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    match open_plain(path) {
        Ok(file) => _ = file.take(FILE + 1).read_to_string(&mut text).ok()?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(_) => return None,
    }
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
        let cannot = ["@@ what is there cannot be shown; it would be", "+x"];
        assert_eq!(anew(pipe, "x"), cannot, "nobody waits for its other end");
        // What would be lost must not look like a new file.
        let large = dir.path().join("large");
        std::fs::write(&large, "line\n".repeat(COMPARED)).unwrap();
        assert_eq!(anew(large.clone(), "x"), cannot);
        std::fs::write(&large, b"\xff\x00").unwrap();
        assert_eq!(anew(large, "x"), cannot);
        let huge = "line\n".repeat(COMPARED / 4);
        assert_eq!(anew(file, &huge).get(1).map(String::as_str), Some("+line"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn of_a_text_that_a_hook_cut_it_is_said_that_there_is_more() {
        let text = |bytes: usize| format!("{}…", "line\n".repeat(bytes / 5 + 1));
        let (whole, cut) = (text(COMPARED), text(HOOK_TEXT));
        assert!(!is_cut(&whole) && is_cut(&cut) && !is_cut(&"x".repeat(2 * HOOK_TEXT)));
        let shown = async |new: &str| {
            let mut waiting = Waiting::default();
            Edit { new: new.to_owned(), cut: is_cut(new), ..Edit::default() }.shown_by(&mut waiting).await;
            waiting.changes_rest(waiting.changes.len()).unwrap_or_default()
        };
        let lines = |text: &str| text.lines().count() + 1 - 200;
        assert_eq!(shown(&whole).await, format!("… {} more lines", lines(&whole)));
        assert_eq!(shown(&cut).await, format!("… more than {} more lines", lines(&cut)));
    }

    #[test]
    fn a_text_told_beside_the_one_that_counts_hides_nothing() {
        let places = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let input = serde_json::json!({"new_string": "fine", "content": "evil"});
        let new = texts_at(&places(&["/new_string", "/content", "/none"]), &input);
        let lines = Edit { several: new.len() > 1, new: new.join("\n"), ..Edit::default() }.lines();
        assert_eq!(lines, ["@@ told in more than one way; it would be one of these", "+fine", "+evil"]);
    }
}
