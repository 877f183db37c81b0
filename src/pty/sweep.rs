//! Cleaning up after a holder that died: finds what it held by the session's name in the environment, and ends it.
//! Must not know holders that live.

use super::signal::Handle;
use super::spec::{ARGV0, HOLDER_ARG, SESSION_VAR, Survivor};
use super::tree::{self, Ident};
use crate::base::SessionId;
use rustix::process::Signal;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// Most survivors that are named.
pub(super) const MAX_NAMED: usize = 100;

/// Ends every process of our user whose environment names the session (only its holder's death makes this necessary),
/// and waits until two looks in a row find none, at most `patience`. Blocks: call it off the server's thread.
///
/// A process is stopped before it is killed, so that a parent cannot start another child between the two. One that gave itself
/// an environment without the session's name is not found.
pub fn kill_tree_by_session(id: &SessionId, patience: Duration) -> Vec<Survivor> {
    let deadline = Instant::now() + patience;
    let mut quiet = 0;
    let mut refused = HashSet::new();
    loop {
        let found: Vec<Ident> = find(id).into_iter().filter(|p| !refused.contains(p)).collect();
        if found.is_empty() {
            quiet += 1;
            if quiet == 2 {
                break;
            }
            continue;
        }
        quiet = 0;
        let held: Vec<(Handle, Ident)> = found.iter().filter_map(|p| Some((Handle::open(*p).ok()?, *p))).collect();
        for signal in [Signal::STOP, Signal::KILL] {
            for (handle, ident) in &held {
                if handle.send(signal).is_err_and(|e| e.raw_os_error() == Some(libc::EPERM)) {
                    refused.insert(*ident);
                }
            }
        }
        if Instant::now() >= deadline {
            break;
        }
        for (handle, _) in &held {
            wait_end(handle, deadline);
        }
    }
    let survivors = find(id).into_iter().filter_map(|p| tree::brief(p.pid).ok());
    survivors.map(|p| survivor(&p)).take(MAX_NAMED).collect()
}

/// Sessions that processes of our user say they belong to, with one pid each: for finding what no holder has any more.
pub fn sessions_in_environments() -> Vec<(SessionId, i32)> {
    let mut out: Vec<(SessionId, i32)> = Vec::new();
    for pid in tree::pids() {
        if let Some(id) = session_of(pid)
            && !out.iter().any(|(known, _)| *known == id)
        {
            out.push((id, pid));
        }
    }
    out
}

/// Holder processes of our user, by their command line: also those whose socket was deleted.
pub fn holder_processes() -> Vec<(SessionId, i32)> {
    let of = |pid: i32| match tree::cmdline(pid).as_slice() {
        [name, verb, id] if name == ARGV0 && verb == HOLDER_ARG => id.parse().ok(),
        _ => None,
    };
    tree::pids().into_iter().filter(|pid| is_ours(*pid)).filter_map(|pid| Some((of(pid)?, pid))).collect()
}

/// Asks a holder whose socket was deleted to make it again. Checks that the process is a holder of that session.
///
/// # Errors
/// `ESRCH` when it is not, or the system's.
pub fn revive_socket(id: &SessionId) -> std::io::Result<()> {
    let holders = holder_processes();
    let pid = holders.iter().find_map(|(of, pid)| (of == id).then_some(*pid));
    let ident = Ident::of(pid.ok_or_else(|| std::io::Error::from_raw_os_error(libc::ESRCH))?)?;
    ident.signal(libc::SIGUSR1)
}

/// Why a process that was killed may still be there.
pub(super) fn survivor(p: &tree::Brief) -> Survivor {
    let reason = match p.state {
        _ if !is_ours(p.pid) => "belongs to another user",
        'D' => "waits for a device or a network file system and cannot be interrupted",
        _ => "did not end in time",
    };
    Survivor { pid: p.pid, comm: p.comm.clone(), reason: reason.into() }
}

fn find(id: &SessionId) -> Vec<Ident> {
    let me = std::process::id() as i32;
    let named = |pid: &i32| *pid != me && session_of(*pid).as_ref() == Some(id);
    // The identity is read first: if the pid changes hands afterwards, it does not match and nobody is signalled.
    let alive = tree::pids().into_iter().filter_map(|pid| tree::brief(pid).ok()).filter(tree::Brief::is_alive).map(|p| p.ident());
    alive.filter(|p| named(&p.pid)).collect()
}

fn session_of(pid: i32) -> Option<SessionId> {
    if !is_ours(pid) {
        return None;
    }
    let environ = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    let value = environ.split(|b| *b == 0).find_map(|var| var.strip_prefix(SESSION_VAR.as_bytes())?.strip_prefix(b"="))?;
    std::str::from_utf8(value).ok()?.parse().ok()
}

fn is_ours(pid: i32) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(format!("/proc/{pid}")).is_ok_and(|m| m.uid() == rustix::process::geteuid().as_raw())
}

fn wait_end(handle: &Handle, deadline: Instant) {
    #[cfg(target_os = "linux")]
    if let Some(fd) = handle.end() {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let left = deadline.saturating_duration_since(Instant::now());
        let _ = poll(&mut [PollFd::new(&fd, PollFlags::IN)], Timespec::try_from(left).ok().as_ref());
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (handle, deadline);
}
