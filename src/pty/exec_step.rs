//! The step between the terminal's birth and the agent: runs in the agent's process, tells the holder over a private socket
//! what really went wrong, and becomes the agent. Must not know what happens before or after.
//!
//! The holder sends `u32 LE length | JSON` ([`Orders`]). The step answers `E` just before it becomes the agent; the
//! socket closes by itself then. If it could not, a JSON [`LaunchFailure`] follows.

use super::paths;
use super::spec::{LaunchFailure, SESSION_VAR};
use super::sys;
use crate::base::SessionId;
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Most bytes of orders: the kernel takes about 2 MiB of arguments and environment; JSON may need several times that.
pub(super) const MAX_ORDERS: usize = 16 * 1024 * 1024;
/// Said just before the agent takes over.
pub(super) const ABOUT_TO_EXEC: u8 = b'E';
/// Where the search goes when the environment has no `PATH`.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What the holder wants run.
#[derive(Serialize, Deserialize)]
pub(super) struct Orders {
    pub id: SessionId,
    pub argv: Vec<String>,
    pub cwd: PathBuf,
    pub env: Vec<(String, String)>,
    pub umask: u32,
    pub nofile: Option<u64>,
}

/// Entry of `copilot-tui exec-step FOLDER NAME`.
pub fn exec_step_main() -> ExitCode {
    let mut args = std::env::args_os().skip(2);
    let (Some(folder), Some(name)) = (args.next(), args.next()) else { return ExitCode::from(2) };
    let connect = || UnixStream::connect(&paths::address(Path::new(&folder), &name.to_string_lossy())?.path);
    let Ok(mut holder) = connect() else { return ExitCode::from(127) };
    if !sys::peer_is_us(&holder) {
        return ExitCode::from(127);
    }
    let failure = match read_block(&mut holder, MAX_ORDERS).map(|bytes| serde_json::from_slice::<Orders>(&bytes)) {
        Ok(Ok(orders)) => run(&orders, &mut holder),
        Ok(Err(e)) => LaunchFailure::text("argv", format!("unreadable orders: {e}")),
        Err(_) => return ExitCode::from(127), // the holder is gone
    };
    let _ = holder.write_all(&serde_json::to_vec(&failure).unwrap_or_default());
    ExitCode::from(127)
}

/// Reads `u32 LE length | bytes`.
pub(super) fn read_block(from: &mut impl Read, max: usize) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > max {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "block too long"));
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Returns only when it failed.
fn run(orders: &Orders, holder: &mut UnixStream) -> LaunchFailure {
    let Some(program) = orders.argv.first().filter(|p| !p.is_empty()) else {
        return LaunchFailure::text("argv", "no program given");
    };
    sys::default_signals();
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(orders.umask as rustix::fs::RawMode & 0o777));
    if let Some(soft) = orders.nofile {
        limit_files(soft);
    }
    // Under memory pressure an agent goes before its holder and the server. Raising one's own score is always allowed.
    #[cfg(target_os = "linux")]
    let _ = std::fs::write("/proc/self/oom_score_adj", "300");
    if let Err(e) = std::env::set_current_dir(&orders.cwd) {
        return LaunchFailure::new("cwd", &orders.cwd.display().to_string(), &e);
    }
    let path = orders.env.iter().rev().find(|(name, _)| name == "PATH").map_or(DEFAULT_PATH, |(_, value)| value);
    let mut denied: Option<PathBuf> = None;
    for file in candidates(program, path) {
        if holder.write_all(&[ABOUT_TO_EXEC]).is_err() {
            return LaunchFailure::text("died", "the holder is gone");
        }
        let error = become_agent(&file, orders);
        match error.raw_os_error() {
            Some(libc::ENOENT | libc::ENOTDIR) if !file.exists() => {}
            Some(libc::EACCES) if !program.contains('/') => denied = denied.or(Some(file)),
            _ => return explain(&file, &error),
        }
    }
    match denied {
        Some(file) => explain(&file, &io::Error::from_raw_os_error(libc::EACCES)),
        None if program.contains('/') => LaunchFailure::new("exec", program, &io::Error::from_raw_os_error(libc::ENOENT)),
        None => LaunchFailure {
            step: "find".into(),
            errno: Some(libc::ENOENT),
            message: format!("{program}: not found in PATH ({path}): No such file or directory"),
        },
    }
}

fn become_agent(file: &Path, orders: &Orders) -> io::Error {
    let mut command = Command::new(file);
    command.arg0(orders.argv.first().map_or("", String::as_str)).args(orders.argv.iter().skip(1));
    command.env_clear().envs(orders.env.iter().map(|(k, v)| (k, v)));
    command.env("PWD", &orders.cwd).env(SESSION_VAR, orders.id.as_str());
    command.exec()
}

/// Files that the program's name may mean, in order. With a `/` it is a path, from the working directory.
fn candidates(program: &str, path: &str) -> Vec<PathBuf> {
    if program.contains('/') {
        return vec![PathBuf::from(program)];
    }
    // An empty entry is the working directory; a plain name must not make `Command` search a `PATH` of its own.
    let place = |entry: PathBuf| if entry.as_os_str().is_empty() { Path::new(".").join(program) } else { entry.join(program) };
    std::env::split_paths(path).map(place).map(|f| if f.is_absolute() { f } else { Path::new(".").join(f) }).collect()
}

/// Says what the bare error number does not: a missing interpreter is reported as a missing file by the kernel.
fn explain(file: &Path, error: &io::Error) -> LaunchFailure {
    let name = file.display().to_string();
    match error.raw_os_error() {
        Some(libc::ENOENT) if file.exists() => {
            let what = interpreter(file).unwrap_or_else(|| "its loader".into());
            LaunchFailure { step: "interpreter".into(), ..LaunchFailure::new("", &format!("{name}: bad interpreter {what}"), error) }
        }
        Some(libc::EACCES) if file.is_dir() => LaunchFailure::new("exec", &format!("{name} is a folder"), error),
        Some(libc::EACCES) => match interpreter(file) {
            Some(what) if is_executable(file) => LaunchFailure::new("interpreter", &format!("{name}: bad interpreter {what}"), error),
            _ => LaunchFailure::new("exec", &format!("{name} is not executable"), error),
        },
        Some(libc::E2BIG) => LaunchFailure::new("exec", &format!("{name}: arguments and environment are too long"), error),
        _ => LaunchFailure::new("exec", &name, error),
    }
}

fn is_executable(file: &Path) -> bool {
    rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}

/// What the first line of a script names after `#!`.
fn interpreter(file: &Path) -> Option<String> {
    let mut head = Vec::new();
    File::open(file).ok()?.take(256).read_to_end(&mut head).ok()?;
    let line = head.strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?;
    let word = line.trim_ascii_start().split(|b| matches!(b, b' ' | b'\t')).next()?;
    // A script saved with DOS line ends asks for an interpreter whose name ends in CR: show it.
    Some(OsStr::from_bytes(word).to_string_lossy().replace('\r', "\\r"))
}

fn limit_files(soft: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let current = Some(now.maximum.map_or(soft, |max| soft.min(max)));
    let _ = setrlimit(Resource::Nofile, Rlimit { current, maximum: now.maximum });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn names_are_searched_and_paths_are_not() {
        let p = |list: &[&str]| list.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(candidates("sh", "/a::b:/c"), p(&["/a/sh", "./sh", "./b/sh", "/c/sh"]));
        assert_eq!(candidates("./sh", "/a"), p(&["./sh"]));
        assert_eq!(candidates("d/sh", "/a"), p(&["d/sh"]));
    }

    #[test]
    fn errors_name_the_real_culprit() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("s");
        let enoent = io::Error::from_raw_os_error(libc::ENOENT);
        std::fs::write(&script, "#! /nope/python3 -x\n").unwrap();
        let f = explain(&script, &enoent);
        assert_eq!((f.step.as_str(), f.errno), ("interpreter", Some(2)));
        assert!(f.message.ends_with("bad interpreter /nope/python3: No such file or directory"), "{f}");
        std::fs::write(&script, "#!/bin/sh\r\n").unwrap();
        assert!(explain(&script, &enoent).message.contains("/bin/sh\\r"));
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(explain(&script, &io::Error::from_raw_os_error(libc::EACCES)).message.contains("is not executable: Permission denied"));
        assert!(explain(dir.path(), &io::Error::from_raw_os_error(libc::EACCES)).message.contains("is a folder"));
    }

    #[test]
    fn blocks_are_bounded() {
        assert_eq!(read_block(&mut &b"\x02\0\0\0abc"[..], 10).unwrap(), b"ab");
        assert!(read_block(&mut &b"\x0b\0\0\0aaaaaaaaaaa"[..], 10).is_err());
        assert!(read_block(&mut &b"\x02\0\0\0a"[..], 10).is_err());
    }
}
