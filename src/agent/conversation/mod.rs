//! Conversations of agents, read from their own logs: what the person and the agent said, and which tools ran. One file a
//! format. Logs are other programs' files: bounded, and whatever is not understood is passed over. Must not know what for.

mod claude;
mod codex;
mod copilot;
mod locate;

pub use locate::{Which, folder_of, locate};

use crate::task::{Turn, Who, cut};
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Read of a log, from its end, in bytes.
const LOOK: u64 = 16 << 20;
/// Longest line that is looked at, in bytes.
const LINE: usize = 4 << 20;
/// Most turns kept of one conversation, the newest.
const TURNS: usize = 2000;

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conversation {
    /// Turns, oldest first.
    pub turns: Vec<Turn>,
    /// Older ones were not read.
    pub cut: bool,
}

type Reader = fn(&Value) -> Vec<Turn>;

/// Reads a log in any of the formats that are known; a file in none of them is one text.
///
/// # Errors
/// The file cannot be read, or is no text.
pub fn read(path: &Path) -> io::Result<Conversation> {
    // Of a pipe that stands there nobody waits for the other end.
    let mut file = File::options().read(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32).open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    let cut_off = about.len() > LOOK;
    if cut_off {
        file.seek(SeekFrom::Start(about.len() - LOOK))?;
    }
    let mut bytes = Vec::new();
    file.take(LOOK).read_to_end(&mut bytes)?;
    if bytes.contains(&0) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no text"));
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut conversation = parse(&text).unwrap_or_else(|| plain(&text));
    conversation.cut |= cut_off;
    Ok(conversation)
}

/// A log of JSON lines; nothing when no line is of a format that is known.
fn parse(text: &str) -> Option<Conversation> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut reader: Option<Reader> = None;
    for line in text.lines().filter(|l| l.len() <= LINE && l.starts_with('{')) {
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        if reader.is_none() {
            reader = format_of(&event);
        }
        if let Some(read) = reader {
            turns.extend(read(&event));
        }
    }
    reader?;
    let cut = turns.len() > TURNS;
    let turns = turns.split_off(turns.len().saturating_sub(TURNS));
    Some(Conversation { turns, cut })
}

/// Whose log an event is of, by its shape.
fn format_of(event: &Value) -> Option<Reader> {
    let kind = event.get("type").and_then(Value::as_str)?;
    if event.get("payload").is_some() && event.get("timestamp").is_some() {
        return Some(codex::turns);
    }
    if event.get("data").is_some() && kind.contains('.') {
        return Some(copilot::turns);
    }
    (event.get("sessionId").is_some() || event.get("message").is_some()).then_some(claude::turns as Reader)
}

fn plain(text: &str) -> Conversation {
    Conversation { turns: Turn::new(Who::Person, &cut(text, 64 * 1024)).into_iter().collect(), cut: false }
}

/// A tool in a line: its name and the most telling of its arguments.
fn tool(name: &str, arguments: &Value) -> Option<Turn> {
    const TELLING: [&str; 10] = ["command", "cmd", "file_path", "path", "url", "pattern", "query", "description", "prompt", "input"];
    let parsed;
    let arguments = match arguments.as_str().map(serde_json::from_str::<Value>) {
        Some(Ok(v)) => {
            parsed = v;
            &parsed
        }
        _ => arguments,
    };
    let word = |v: &Value| match v {
        Value::String(s) => Some(s.clone()),
        Value::Array(a) => Some(a.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        _ => None,
    };
    let what = TELLING.iter().find_map(|k| word(arguments.get(*k)?)).or_else(|| word(arguments)).unwrap_or_default();
    let one_line = what.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = one_line.chars().take(200).collect();
    Turn::new(Who::Tool, &if short.is_empty() { name.to_owned() } else { format!("{name}: {short}") })
}

/// Text of a message's content: a text, or a list of parts.
fn text_of(content: &Value, kinds: &[&str]) -> String {
    match content {
        Value::String(s) => s.clone(),
        Value::Array(parts) => {
            let of_kind = |p: &&Value| p.get("type").and_then(Value::as_str).is_some_and(|t| kinds.contains(&t));
            parts.iter().filter(of_kind).filter_map(|p| p.get("text")?.as_str()).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<(Who, String)> {
        parse(text).expect("a known format").turns.into_iter().map(|t| (t.who, t.text)).collect()
    }

    #[test]
    fn each_log_is_read_in_its_own_way() {
        use Who::{Agent, Person, Tool};
        let want = [(Person, "make a file"), (Agent, "I make it."), (Tool, "bash: echo hi > hello.txt"), (Agent, "Done.")];
        let want: Vec<(Who, String)> = want.map(|(w, t)| (w, t.to_owned())).into();
        let named = |name: &str| -> Vec<(Who, String)> { want.iter().map(|(w, t)| (*w, t.replace("bash:", &format!("{name}:")))).collect() };
        assert_eq!(said(copilot::SAMPLE), named("bash"));
        assert_eq!(said(codex::SAMPLE), named("exec_command"));
        assert_eq!(said(claude::SAMPLE), named("Bash"));
    }

    #[test]
    fn broken_lines_and_unknown_events_are_passed_over() {
        let text = format!("garbage\n{{\"half\": \n{}\n{{\"type\":\"new.kind\",\"data\":{{\"x\":[1]}}}}\n{{}}\n", copilot::SAMPLE);
        assert_eq!(said(&text).len(), 4);
        assert_eq!(parse("plain words\nof a chat\n"), None);
        assert_eq!(parse("{\"a\": 1}\n"), None);
    }

    #[test]
    fn files_are_bounded_and_must_be_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("chat.md");
        std::fs::write(&path, "Please use TOKEN=abc123.\n").unwrap();
        assert_eq!(read(&path).unwrap().turns[0].text, "Please use TOKEN=[redacted]");
        std::fs::write(&path, b"a\0b").unwrap();
        let pipe = dir.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(read(&pipe).is_err());
        assert!(read(&path).is_err() && read(dir.path()).is_err() && read(&dir.path().join("none")).is_err());
        let many: String = (0..3000).map(|n| format!("{{\"type\":\"user.message\",\"data\":{{\"content\":\"{n}\"}}}}\n")).collect();
        let c = parse(&many).unwrap();
        assert_eq!((c.turns.len(), c.cut, c.turns[0].text.as_str()), (TURNS, true, "1000"));
    }
}
