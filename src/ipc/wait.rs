//! Waits for something to change in a folder, or for a process to end, until a deadline. Must not know why.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::inotify;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::io;
use std::path::Path;
use std::time::Instant;

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// Look again.
    Event,
    /// Time is up.
    Deadline,
}

/// A watched folder.
pub(super) struct Watch {
    inotify: OwnedFd,
    /// A process that was not there once; when it is named again it is one we cannot see.
    unseen: Option<i32>,
}

impl Watch {
    /// Events from now on: names that appear, files that were open for writing and are closed.
    pub(super) fn folder(path: &Path) -> io::Result<Watch> {
        let inotify = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
        let what = inotify::WatchFlags::CREATE | inotify::WatchFlags::MOVED_TO | inotify::WatchFlags::CLOSE_WRITE | inotify::WatchFlags::ONLYDIR;
        inotify::add_watch(&inotify, path, what)?;
        Ok(Watch { inotify, unseen: None })
    }

    /// Waits for an event since the last wait, or for the end of a process.
    pub(super) fn wait(&mut self, pid: Option<i32>, deadline: Instant) -> io::Result<Wake> {
        let process = match pid.and_then(Pid::from_raw).map(|p| pidfd_open(p, PidfdFlags::empty())) {
            Some(Ok(fd)) => Some(fd),
            Some(Err(rustix::io::Errno::SRCH)) if self.unseen != pid => {
                self.unseen = pid;
                return Ok(Wake::Event);
            }
            Some(Err(_)) | None => None,
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Wake::Deadline);
        }
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        let mut fds = vec![PollFd::new(&self.inotify, PollFlags::IN)];
        if let Some(p) = &process {
            fds.push(PollFd::from_borrowed_fd(p.as_fd(), PollFlags::IN));
        }
        match poll(&mut fds, Some(&timeout)) {
            Ok(0) => return Ok(Wake::Deadline),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
        let mut buffer = [0u8; 4096];
        while matches!(rustix::io::read(&self.inotify, &mut buffer), Ok(n) if n > 0) {}
        Ok(Wake::Event)
    }
}
