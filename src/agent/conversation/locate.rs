//! Where an agent keeps the log of a conversation. Must not know what is in it, but for the folder it was in.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Files and folders looked at, at most.
const MOST: usize = 20_000;
/// The newest logs whose folder is looked up.
const NEWEST: usize = 200;
/// Read of a log to find its folder, in bytes.
const START: u64 = 256 * 1024;

/// Which conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// The one with this id.
    Id(&'a str),
    /// The newest that was in this folder, and has been written to since then.
    Last(&'a Path, Option<SystemTime>),
}

/// The log of a conversation of `copilot`, `codex` or `claude`. `var` is the environment of the agent.
///
/// # Errors
/// There is none, and what was looked for.
pub fn locate(agent: &str, which: Which<'_>, var: &dyn Fn(&str) -> Option<String>) -> Result<PathBuf, String> {
    let home = |own: &str, below: &str| -> Option<PathBuf> {
        let own = var(own).filter(|v| v.starts_with('/')).map(PathBuf::from);
        own.or_else(|| Some(Path::new(&var("HOME")?).join(below)))
    };
    // How deep the logs lie, and the name of one.
    let (root, depth, fits): (_, _, fn(&str) -> bool) = match agent {
        "copilot" => (home("COPILOT_HOME", ".copilot").map(|h| h.join("session-state")), 2, |n| n == "events.jsonl"),
        "codex" => (home("CODEX_HOME", ".codex").map(|h| h.join("sessions")), 4, |n| n.starts_with("rollout-") && n.ends_with(".jsonl")),
        "claude" => (home("CLAUDE_CONFIG_DIR", ".claude").map(|h| h.join("projects")), 2, |n| n.ends_with(".jsonl")),
        other => return Err(format!("conversations of `{other}` cannot be read; those of copilot, codex and claude can, and a file")),
    };
    let root = root.ok_or("there is no home folder")?;
    if let Which::Id(id) = which
        && (id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'))
    {
        return Err("an id is made of letters, digits and -".to_owned());
    }
    let mut logs = Vec::new();
    let mut left = MOST;
    walk(&root, depth, fits, &mut logs, &mut left);
    let name = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = |p: &Path| p.parent().map(name).unwrap_or_default();
    logs.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    let found = match which {
        Which::Id(id) => logs.into_iter().find(|(_, p)| match agent {
            "copilot" => folder(p).starts_with(id),
            "codex" => name(p).trim_end_matches(".jsonl").split_once('T').is_some_and(|(_, rest)| rest.contains(&format!("-{id}"))),
            _ => name(p).starts_with(id),
        }),
        Which::Last(cwd, since) => logs
            .into_iter()
            .take_while(|(time, _)| since.is_none_or(|since| *time >= since))
            .take(NEWEST)
            .find(|(_, p)| folder_of(p).is_some_and(|f| Path::new(&f) == cwd)),
    };
    found.map(|f| f.1).ok_or_else(|| match which {
        Which::Id(id) => format!("{agent} has no conversation {id} below {}", root.display()),
        Which::Last(cwd, _) => format!("{agent} had no conversation in {} (looked below {})", cwd.display(), root.display()),
    })
}

fn walk(dir: &Path, depth: u32, fits: fn(&str) -> bool, out: &mut Vec<(SystemTime, PathBuf)>, left: &mut usize) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        if *left == 0 {
            return;
        }
        *left -= 1;
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && depth > 1 {
            walk(&entry.path(), depth - 1, fits, out, left);
        } else if kind.is_file() && depth == 1 && fits(&entry.file_name().to_string_lossy()) {
            let time = entry.metadata().and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            out.push((time, entry.path()));
        }
    }
}

/// The folder a conversation was in, from the first lines of its log.
pub fn folder_of(log: &Path) -> Option<String> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let file = std::fs::File::options().read(true).custom_flags(flags).open(log).ok()?.take(START);
    for line in BufReader::new(file).split(b'\n').take(40) {
        let Ok(event) = serde_json::from_slice::<serde_json::Value>(&line.ok()?) else { continue };
        let places = ["/data/context/cwd", "/payload/cwd", "/cwd"];
        if let Some(cwd) = places.iter().find_map(|p| event.pointer(p)?.as_str()) {
            return Some(cwd.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_found_by_id_and_by_folder() {
        let home = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = home.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
        let copilot = write(".copilot/session-state/aa-1/events.jsonl", super::super::copilot::SAMPLE);
        let codex = write(".codex/sessions/2026/11/21/rollout-2026-11-21T06-07-43-bb-2.jsonl", super::super::codex::SAMPLE);
        let claude = write(".claude/projects/-p/cc-3.jsonl", super::super::claude::SAMPLE);
        write(".claude/projects/-q/dd-4.jsonl", &super::super::claude::SAMPLE.replace("\"/p\"", "\"/q\""));
        let var = |name: &str| (name == "HOME").then(|| home.path().display().to_string());
        for (agent, id, path) in [("copilot", "aa-1", &copilot), ("codex", "bb-2", &codex), ("claude", "cc-3", &claude)] {
            assert_eq!(locate(agent, Which::Id(id), &var).as_ref(), Ok(path));
            assert_eq!(locate(agent, Which::Last(Path::new("/p"), None), &var).as_ref(), Ok(path));
            assert!(locate(agent, Which::Last(Path::new("/elsewhere"), None), &var).is_err());
            let later = SystemTime::now() + std::time::Duration::from_secs(60);
            assert!(locate(agent, Which::Last(Path::new("/p"), Some(later)), &var).is_err());
            assert!(locate(agent, Which::Id("../x"), &var).is_err() && locate(agent, Which::Id("zz"), &var).is_err());
        }
        assert!(locate("aider", Which::Id("x"), &var).is_err());
    }
}
