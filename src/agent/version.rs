//! Asks a program for its version, with a time limit and little trust in what it prints. Must not know agents.

use crate::base::text::safe_line;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::AsFd;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// Most bytes read of what it prints.
const MAX_OUTPUT: usize = 8 * 1024;

/// A program file as it stood when it was asked. Package managers set the modification time; the change time is the system's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VersionKey {
    path: PathBuf,
    inode: u64,
    size: u64,
    modified_ns: i128,
    changed_ns: i128,
}

impl VersionKey {
    /// The file at `path` now (a link is followed); `None` when there is none.
    pub fn of(path: &Path) -> Option<VersionKey> {
        let m = std::fs::metadata(path).ok()?;
        let ns = |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        Some(VersionKey {
            path: path.to_owned(),
            inode: m.ino(),
            size: m.size(),
            modified_ns: ns(m.mtime(), m.mtime_nsec()),
            changed_ns: ns(m.ctime(), m.ctime_nsec()),
        })
    }
}

/// Versions that were asked for already. Serializable, so that a server may keep it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(VersionKey, String)>", into = "Vec<(VersionKey, String)>")]
pub struct VersionCache(BTreeMap<VersionKey, String>);

impl From<Vec<(VersionKey, String)>> for VersionCache {
    fn from(list: Vec<(VersionKey, String)>) -> VersionCache {
        VersionCache(list.into_iter().collect())
    }
}

impl From<VersionCache> for Vec<(VersionKey, String)> {
    fn from(cache: VersionCache) -> Vec<(VersionKey, String)> {
        cache.0.into_iter().collect()
    }
}

impl VersionCache {
    pub(super) fn get(&self, key: &VersionKey) -> Option<String> {
        self.0.get(key).cloned()
    }

    /// Keeps a version; older ones of the same program go.
    pub(super) fn put(&mut self, key: VersionKey, version: String) {
        self.0.retain(|k, _| k.path != key.path);
        self.0.insert(key, version);
    }
}

/// What a program says its version is.
///
/// # Errors
/// Why it cannot be run, in words for a person: it could not be started, failed, or printed no version in time.
pub(super) fn ask(program: &Path, arguments: &[String]) -> Result<String, String> {
    let mut command = Command::new(program);
    // A process group of its own, so that what it starts can be ended with it; no terminal, no input.
    command.args(arguments).process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.current_dir("/");
    let mut child = command.spawn().map_err(|e| format!("cannot be started: {e}"))?;
    let deadline = Instant::now() + TIMEOUT;
    let output = read_output(&mut child, deadline);
    let ended = wait_until(&child, deadline);
    // Also when it ended: it may have left children in its group. It is not reaped yet, so that the group is still its own.
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let status = child.wait().map_err(|e| format!("cannot be waited for: {e}"))?;
    let text = String::from_utf8_lossy(&output);
    match find_version(&text) {
        Some(version) => Ok(version),
        None if !ended => Err(format!("did not answer within {} s", TIMEOUT.as_secs())),
        None if !status.success() => Err(format!("failed when asked for its version ({status})")),
        None => Ok(safe_line(text.lines().find(|l| !l.trim().is_empty()).unwrap_or("unknown").trim(), 40)),
    }
}

fn read_output(child: &mut Child, deadline: Instant) -> Vec<u8> {
    let Some(stdout) = child.stdout.take() else { return Vec::new() };
    let mut out = vec![0u8; MAX_OUTPUT];
    let mut used = 0;
    while used < out.len() && ready(&stdout, deadline) {
        match out.get_mut(used..).map(|room| rustix::io::read(&stdout, room)) {
            Some(Ok(n)) if n > 0 => used += n,
            Some(Err(rustix::io::Errno::INTR)) => {}
            _ => break,
        }
    }
    out.truncate(used);
    out
}

fn wait_until(child: &Child, deadline: Instant) -> bool {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()).is_some_and(|fd| ready(&fd, deadline))
}

/// Whether a descriptor becomes readable (or ends) before the deadline.
fn ready<F: AsFd>(fd: &F, deadline: Instant) -> bool {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        match poll(&mut [PollFd::new(fd, PollFlags::IN)], Some(&timeout)) {
            Err(rustix::io::Errno::INTR) => {}
            Ok(n) => return n > 0,
            Err(_) => return false,
        }
    }
}

/// The first word that looks like `1.2` or `1.2.3-beta`, without a leading `v`.
fn find_version(text: &str) -> Option<String> {
    let words = text.lines().take(20).flat_map(|l| l.split(|c: char| c.is_whitespace() || "(),;:\"'`".contains(c)));
    for word in words {
        let word = word.strip_prefix(['v', 'V']).unwrap_or(word).trim_end_matches('.');
        let starts = word.split('.').take(2).filter(|p| p.starts_with(|c: char| c.is_ascii_digit())).count() == 2;
        if starts && word.len() <= 40 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+".contains(&b)) {
            return Some(word.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_agents_print() {
        for (text, want) in [
            ("codex-cli 0.169.0\n", "0.169.0"),
            ("2.1.328 (Claude Code)", "2.1.328"),
            ("GitHub Copilot CLI 1.0.102.\nCommit: abc", "1.0.102"),
            ("aider 0.86.2", "0.86.2"),
            ("v1.18.33-beta.2", "1.18.33-beta.2"),
            ("warning at 3.\nx (1.2)", "1.2"),
        ] {
            assert_eq!(find_version(text).as_deref(), Some(want), "{text}");
        }
        assert_eq!(find_version("no version here, 12 of 13, \x1b[1m"), None);
    }

    #[test]
    fn the_cache_forgets_a_replaced_program() {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("p");
        std::fs::write(&path, "one").unwrap();
        let old = VersionKey::of(&path).unwrap();
        let mut cache = VersionCache::default();
        cache.put(old.clone(), "1.0".into());
        assert_eq!(cache.get(&old).as_deref(), Some("1.0"));
        let kept: VersionCache = serde_json::from_str(&serde_json::to_string(&cache).unwrap()).unwrap();
        assert_eq!(kept.get(&old).as_deref(), Some("1.0"));
        std::fs::write(&path, "other").unwrap();
        assert_eq!(kept.get(&VersionKey::of(&path).unwrap()), None);
    }
}
