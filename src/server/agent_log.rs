//! The agent's own log, read a little after its terminal showed something: no watch, no timer while it is quiet. Must not know
//! what the log says; that is the rules' matter.

use crate::evidence::{Heard, LogReader};
use crate::past::open_plain;
use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

/// Read at one look, in bytes; what is older was never seen and is left out.
const LOOK: u64 = 1 << 20;
/// Longest line, in bytes; longer ones are skipped.
const LINE: usize = 1 << 20;

/// A log and how far it is read.
#[derive(Debug)]
pub struct AgentLog {
    path: PathBuf,
    at: u64,
    /// The beginning of a line whose end is not there yet.
    rest: Vec<u8>,
    /// The line that is being read began before what was read.
    partial: bool,
    /// What stands before this was told before: a failure there is no news.
    past: u64,
    reader: LogReader,
}

impl AgentLog {
    /// A log that is not read yet; it need not exist.
    pub fn new(path: PathBuf, reader: LogReader) -> AgentLog {
        AgentLog { path, at: 0, rest: Vec::new(), partial: false, past: 0, reader }
    }

    /// The same, of a session that another server may have looked after, or another run: failures that stand in the log by now
    /// were told then. Prompts, sub-agents and figures are made of all that it says.
    pub fn going_on(self) -> AgentLog {
        let past = open_plain(&self.path).and_then(|f| f.metadata()).map_or(0, |m| m.len());
        AgentLog { past, ..self }
    }

    /// Reads what is new. Blocks on the disk.
    pub fn look(&mut self) -> Vec<Heard> {
        let mut heard = Vec::new();
        let now_ms = crate::base::Now::read().wall_ms;
        // Only a plain file: a pipe of that name would keep us for ever.
        let Ok(mut file) = open_plain(&self.path) else { return heard };
        let length = file.metadata().map_or(0, |m| m.len());
        if length <= self.at {
            return heard;
        }
        if length - self.at > LOOK {
            self.at = length - LOOK;
            self.rest.clear();
            self.partial = true;
        }
        if file.seek(SeekFrom::Start(self.at)).is_err() {
            return heard;
        }
        let mut new = Vec::new();
        let Ok(n) = file.take(length - self.at).read_to_end(&mut new) else { return heard };
        let mut line_ends = self.at;
        self.at += n as u64;
        for piece in new.split_inclusive(|b| *b == b'\n') {
            if self.rest.len() + piece.len() > LINE {
                self.rest.clear();
                self.partial = true;
            }
            self.rest.extend_from_slice(piece);
            line_ends += piece.len() as u64;
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.rest);
                if !std::mem::replace(&mut self.partial, false)
                    && let Ok(text) = std::str::from_utf8(&line)
                {
                    let said = self.reader.line(text, now_ms).into_iter();
                    let old = line_ends <= self.past;
                    heard.extend(said.filter(|h| !old || !matches!(h, Heard::Failed(_) | Heard::ToolFailed(_))));
                }
            }
        }
        heard
    }
}

/// The file that `agent` or a process below it has open and whose path matches, and the group `id` of its path: the agent's name
/// for its conversation. The nearest to the agent counts: what it starts can open any file of such a name, what stands above that
/// (the agent, or the program that a wrapper of it runs) cannot be made to. What was left behind by its parent is not looked at.
/// Helpers within one process have logs of their own; its own was there first, and names sort by time. Looks at most at 64
/// processes with 512 files each.
pub fn find_open(agent: i32, pattern: &regex::Regex) -> Option<(PathBuf, Option<String>)> {
    let all = crate::pty::tree::all().unwrap_or_default();
    // Parents before children: how far each is from the agent.
    let mut far: HashMap<i32, usize> = HashMap::from([(agent, 0)]);
    for p in crate::pty::tree::below(agent, &all) {
        let above = far.get(&p.ppid).copied().unwrap_or_default();
        far.insert(p.pid, above + 1);
    }
    let mut near: Vec<(usize, i32)> = far.into_iter().map(|(pid, far)| (far, pid)).collect();
    near.sort_unstable();
    let mut found: Vec<(PathBuf, Option<String>)> = Vec::new();
    let mut at = 0;
    for (far, pid) in near.into_iter().take(64) {
        if far > at && !found.is_empty() {
            break;
        }
        at = far;
        // A process that has just ended hides nothing of the others.
        for fd in std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten().take(512) {
            if let Ok(path) = std::fs::read_link(fd.path())
                && path.is_absolute()
                && let Some(fits) = path.to_str().and_then(|t| pattern.captures(t))
            {
                let id = fits.name("id").map(|m| m.as_str().to_owned());
                found.push((path, id));
            }
        }
    }
    found.into_iter().min_by_key(|(path, _)| path.file_name().map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{LogAct, LogRule};
    use std::fs::File;
    use std::io::Write;

    #[test]
    fn an_open_file_tells_the_log_and_the_conversation() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| dir.path().canonicalize().unwrap().join(name);
        // What it starts has one of an older name open.
        let script = "exec 3>rollout-2-def.jsonl 4>rollout-1-abc.jsonl 6<&0; sh -c 'exec 3>rollout-0-bad.jsonl 4>&-; echo open; cat' <&6 & wait";
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script]).current_dir(dir.path()).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdout.take().unwrap().read_exact(&mut [0; 5]).unwrap();
        let pattern = regex::Regex::new(r"/rollout-\d-(?<id>[a-z]+)\.jsonl$").unwrap();
        let me = std::process::id() as i32;
        let found = find_open(me, &pattern);
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(found, Some((file("rollout-1-abc.jsonl"), Some("abc".into()))), "the oldest");
        assert_eq!(find_open(me, &regex::Regex::new("/nothing$").unwrap()), None);
    }

    #[test]
    fn lines_are_taken_once_and_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("events.jsonl");
        let rule = LogRule { event: "bad".into(), only: None, act: LogAct::Fails, id: None, text: vec!["/m".into()] };
        let mut log = AgentLog::new(path.clone(), LogReader::new(vec![rule]));
        assert_eq!(log.look(), []);
        let mut file = File::create(&path).unwrap();
        file.write_all(b"{\"type\":\"bad\",\"m\":\"one\"}\n{\"type\":\"bad\",\"m\":\"t").unwrap();
        assert_eq!(log.look(), [Heard::Failed("one".into())]);
        assert_eq!(log.look(), []);
        file.write_all(b"wo\"}\n").unwrap();
        assert_eq!(log.look(), [Heard::Failed("two".into())]);
        // Whoever goes on with it tells no failure twice, and every new one.
        let rule = LogRule { event: "bad".into(), only: None, act: LogAct::Fails, id: None, text: vec!["/m".into()] };
        let mut next = AgentLog::new(path.clone(), LogReader::new(vec![rule])).going_on();
        assert_eq!(next.look(), []);
        file.write_all(b"{\"type\":\"bad\",\"m\":\"later\"}\n").unwrap();
        assert_eq!((next.look(), log.look()), (vec![Heard::Failed("later".into())], vec![Heard::Failed("later".into())]));
        // Far more than is read at once: the newest lines are there, the cut one is not misread.
        let mut flood = vec![b'x'; LOOK as usize + 10];
        flood.extend_from_slice(b"\n{\"type\":\"bad\",\"m\":\"three\"}\n");
        file.write_all(&flood).unwrap();
        assert_eq!(log.look(), [Heard::Failed("three".into())]);
        let pipe = dir.path().join("pipe.jsonl");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(AgentLog::new(pipe, LogReader::new(Vec::new())).look(), [], "nobody waits for its other end");
    }
}
