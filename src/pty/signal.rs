//! Signals that reach only the process that is meant: by its identity (pid and start time), never by a bare number that may
//! be another process by now. Must not know what runs below what.

use super::sys;
use super::tree::Ident;
use rustix::process::Signal;
use std::io;

impl Ident {
    /// Sends a signal, to this process or to nobody.
    ///
    /// # Errors
    /// `ESRCH` when it is gone or the pid is another process now, `EPERM` when it is another user's, `EINVAL` for a number that is no signal.
    pub fn signal(self, number: i32) -> io::Result<()> {
        let signal = Signal::from_named_raw(number).ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))?;
        let handle = Handle::open(self)?;
        handle.send(signal)
    }
}

/// A process held so that its number cannot come to mean another one.
pub(super) struct Handle {
    #[cfg(target_os = "linux")]
    fd: Option<std::os::fd::OwnedFd>,
    ident: Ident,
}

impl Handle {
    /// Takes hold of the process and checks that it is the one.
    #[cfg(target_os = "linux")]
    pub fn open(ident: Ident) -> io::Result<Handle> {
        use rustix::process::{PidfdFlags, pidfd_open};
        let fd = match pidfd_open(sys::pid(ident.pid)?, PidfdFlags::empty()) {
            Ok(fd) => Some(fd),
            Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => None, // old kernel, or a filter of system calls
            Err(e) => return Err(e.into()),
        };
        // After the opening: what the number means now is what the descriptor means.
        if ident.exists() { Ok(Handle { fd, ident }) } else { Err(io::Error::from_raw_os_error(libc::ESRCH)) }
    }

    /// Takes hold of the process and checks that it is the one.
    #[cfg(not(target_os = "linux"))]
    pub fn open(ident: Ident) -> io::Result<Handle> {
        if ident.exists() { Ok(Handle { ident }) } else { Err(io::Error::from_raw_os_error(libc::ESRCH)) }
    }

    /// Sends a signal to it.
    pub fn send(&self, signal: Signal) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if let Some(fd) = &self.fd {
            return Ok(rustix::process::pidfd_send_signal(fd, signal)?);
        }
        Ok(rustix::process::kill_process(sys::pid(self.ident.pid)?, signal)?)
    }

    /// A descriptor that becomes readable when the process ends.
    #[cfg(target_os = "linux")]
    pub fn end(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.fd.as_ref().map(std::os::fd::AsFd::as_fd)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn another_process_with_the_pid_is_never_signalled() {
        let mut child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        let ident = Ident::of(child.id() as i32).unwrap();
        let older = Ident { started_ticks: ident.started_ticks - 1, ..ident };
        assert_eq!(older.signal(libc::SIGKILL).unwrap_err().raw_os_error(), Some(libc::ESRCH));
        assert!(child.try_wait().unwrap().is_none());
        assert_eq!(ident.signal(0).unwrap_err().raw_os_error(), Some(libc::EINVAL));
        ident.signal(libc::SIGTERM).unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.wait().unwrap()), Some(libc::SIGTERM));
        assert_eq!(ident.signal(libc::SIGTERM).unwrap_err().raw_os_error(), Some(libc::ESRCH));
        for pid in [0, -1, i32::MIN] {
            assert!(Ident { pid, started_ticks: 0 }.signal(libc::SIGTERM).is_err());
        }
    }
}
