//! Finding agents with real programs on a `PATH` of our own: well-behaved, failing, hanging, flooding and missing ones.

use copilot_tui::agent::{Catalog, VersionCache, default_agent, detect};
use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Written by another process: a program that this one has open for writing while another thread forks cannot be run.
fn program(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    let mut writer = Command::new("sh").args(["-c", "cat > \"$0\" && chmod 755 \"$0\""]).arg(&path).stdin(Stdio::piped()).spawn().unwrap();
    writer.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(writer.wait().unwrap().success());
}

#[test]
fn versions_come_from_the_programs_and_bad_ones_are_told() {
    let tmp = tempfile::tempdir().unwrap();
    let log = tmp.path().join("asked");
    program(tmp.path(), "codex", &format!("#!/bin/sh\necho x >> '{}'\necho codex-cli 0.169.0\n", log.display()));
    program(tmp.path(), "claude", "#!/bin/sh\necho 'needs node >= 22' >&2\nexit 7\n");
    program(tmp.path(), "gemini", "#!/nonexistent/interpreter\n");
    program(tmp.path(), "aider", "#!/bin/sh\nwhile :; do echo 'aider 0.86.2 is the best'; done\n");
    std::fs::write(tmp.path().join("opencode"), "not executable").unwrap();

    let mut cache = VersionCache::default();
    let catalog = Catalog::builtin();
    let found = detect(&catalog, tmp.path().as_os_str(), &mut cache);
    let get = |name: &str| found.iter().find(|d| d.name == name).unwrap();
    assert_eq!(get("codex").version.as_deref(), Some("0.169.0"));
    assert_eq!(get("codex").program.as_deref(), Some(tmp.path().join("codex").as_path()));
    assert!(get("claude").problem.as_ref().unwrap().contains("exit status: 7"), "{:?}", get("claude"));
    assert!(get("gemini").problem.as_ref().unwrap().contains("cannot be started"), "{:?}", get("gemini"));
    assert_eq!(get("aider").version.as_deref(), Some("0.86.2"));
    for name in ["copilot", "opencode"] {
        assert_eq!((get(name).program.as_ref(), get(name).usable()), (None, false));
        assert!(get(name).install.contains("npm install"));
    }
    assert!(get("shell").usable());
    assert_eq!(default_agent(&found), Some("codex"));

    // A second look does not run it again; a replaced program is asked anew.
    detect(&catalog, tmp.path().as_os_str(), &mut cache);
    assert_eq!(std::fs::read_to_string(&log).unwrap().lines().count(), 1);
    program(tmp.path(), "codex", "#!/bin/sh\necho codex-cli 0.170.0\n");
    let found = detect(&catalog, tmp.path().as_os_str(), &mut cache);
    assert_eq!(found.iter().find(|d| d.name == "codex").unwrap().version.as_deref(), Some("0.170.0"));
}

#[test]
fn one_that_hangs_is_ended_with_all_it_started() {
    let tmp = tempfile::tempdir().unwrap();
    let pids = tmp.path().join("pids");
    program(tmp.path(), "codex", &format!("#!/bin/sh\nsleep 1000 & echo $! > '{0}'; echo $$ >> '{0}'\ntrap '' TERM HUP INT\nwait\n", pids.display()));
    let start = Instant::now();
    let found = detect(&Catalog::builtin(), tmp.path().as_os_str(), &mut VersionCache::default());
    assert!(start.elapsed() < Duration::from_secs(30));
    let codex = found.iter().find(|d| d.name == "codex").unwrap();
    assert!(codex.problem.as_ref().unwrap().contains("did not answer"), "{codex:?}");
    for pid in std::fs::read_to_string(&pids).unwrap().lines() {
        // Killed already; dying may take it a moment.
        let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
        let Ok(fd) = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()) else { continue };
        let patience = rustix::event::Timespec { tv_sec: 20, tv_nsec: 0 };
        let ended = rustix::event::poll(&mut [rustix::event::PollFd::new(&fd, rustix::event::PollFlags::IN)], Some(&patience)).unwrap();
        assert_eq!(ended, 1, "process {pid:?} is left");
    }
}

#[test]
fn an_empty_path_finds_the_shell_only() {
    let found = detect(&Catalog::builtin(), OsStr::new(""), &mut VersionCache::default());
    assert_eq!(found.iter().filter(|d| d.usable()).map(|d| d.name.as_str()).collect::<Vec<_>>(), ["shell"]);
}
