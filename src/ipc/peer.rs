//! Who is at the other end of a socket, as the kernel says it. Must not know what the other end may do.

use crate::pty::tree::brief;
use rustix::fd::AsFd;
use std::io;
use thiserror::Error;

/// How many parents are looked at (an agent's command is some ten levels below its holder).
const MAX_ANCESTORS: usize = 512;
/// How often a tree is read again that changed while it was read.
const LINEAGE_TRIES: usize = 16;

/// The process at the other end, at the time it connected (or, of a listener, when it began to listen).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Process id.
    pub pid: i32,
    /// User id.
    pub uid: u32,
}

/// Why a connection was refused.
#[derive(Debug, Error)]
pub enum PeerError {
    /// It is another user's.
    #[error("the process at the other end (pid {pid}) belongs to user id {uid}, not to you (user id {own})")]
    OtherUser {
        /// Its process id.
        pid: i32,
        /// Its user.
        uid: u32,
        /// Ours.
        own: u32,
    },
    /// The kernel did not say.
    #[error("cannot tell who is at the other end of the socket: {0}")]
    Unknown(#[from] io::Error),
}

/// Credentials of the other end (`SO_PEERCRED`).
///
/// # Errors
/// When the kernel does not tell (not a connected unix socket).
pub fn peer_of<S: AsFd>(socket: S) -> io::Result<Peer> {
    let (uid, pid) = crate::pty::peer(socket)?;
    Ok(Peer { pid, uid })
}

/// The other end, when it is the same user. Both sides call this before they read or write a byte.
///
/// # Errors
/// [`PeerError::OtherUser`], or the kernel did not tell.
pub fn check_peer<S: AsFd>(socket: S) -> Result<Peer, PeerError> {
    let peer = peer_of(socket)?;
    let own = rustix::process::geteuid().as_raw();
    if peer.uid == own { Ok(peer) } else { Err(PeerError::OtherUser { pid: peer.pid, uid: peer.uid, own }) }
}

/// The parents of a process, nearest first, without itself and without pid 0; at most 512.
pub fn ancestors(pid: i32) -> Vec<i32> {
    climb(pid).0
}

/// All parents of a process up to the top, nearest first; none when it has ended or lies too deep. Where rights depend on the
/// place of a process, an unknown place must give none: a caller may have ended before it is looked at, and a parent may end
/// while the tree is read.
pub fn lineage(pid: i32) -> Option<Vec<i32>> {
    (0..LINEAGE_TRIES).find_map(|_| Some(climb(pid)).filter(|c| c.1)).map(|c| c.0)
}

/// The parents, and whether the top was reached.
fn climb(pid: i32) -> (Vec<i32>, bool) {
    let mut out = Vec::new();
    let mut at = pid;
    while let Ok(process) = brief(at) {
        if process.ppid <= 0 {
            return (out, true);
        }
        if out.len() >= MAX_ANCESTORS || out.contains(&process.ppid) {
            break;
        }
        out.push(process.ppid);
        at = process.ppid;
    }
    (out, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_pair_is_ourselves() {
        let (a, _b) = UnixStream::pair().unwrap();
        let peer = check_peer(&a).unwrap();
        assert_eq!(peer.pid, std::process::id() as i32);
        assert_eq!(peer.uid, rustix::process::geteuid().as_raw());
    }

    #[test]
    fn our_parent_is_our_first_ancestor() {
        let list = ancestors(std::process::id() as i32);
        assert_eq!(list.first().copied(), rustix::process::getppid().map(|p| p.as_raw_nonzero().get()));
        assert!(list.len() <= MAX_ANCESTORS);
        assert_eq!(lineage(std::process::id() as i32), Some(list));
        assert_eq!((lineage(0), lineage(-7), lineage(i32::MAX)), (None, None, None));
        assert!(ancestors(0).is_empty() && ancestors(-7).is_empty());
    }
}
