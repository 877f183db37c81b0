//! The few system calls that need `unsafe` or differ between systems, each as one small function.
//! Must not know what they are used for.

use rustix::process::Pid;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Which side of a [`fork`] this is.
pub enum Side {
    /// The one that called; the new process' id.
    Parent(#[allow(dead_code)] i32),
    /// The new process.
    Child,
}

/// Splits the process. Only for a process with a single thread.
#[allow(unsafe_code)]
pub fn fork() -> io::Result<Side> {
    // SAFETY: the callers (the first lines of the holder) have one thread, so the child's memory is consistent.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Side::Child),
        pid => Ok(Side::Parent(pid)),
    }
}

/// Ignores what a terminal, a shell or a service manager sends on its way out: only a holder's own work ends it.
#[allow(unsafe_code)]
pub fn ignore_endings() {
    for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU, libc::SIGUSR2] {
        // SAFETY: SIG_IGN installs no code.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}

/// Gives every signal its default disposition and unblocks all: what a freshly started program expects.
#[allow(unsafe_code)]
pub fn default_signals() {
    for signal in 1..=64 {
        // SAFETY: SIG_DFL installs no code; numbers that cannot be set are refused without effect.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: a zeroed set is a valid place for sigemptyset to fill, and both pointers outlive the calls.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// Has all threads take memory from one heap, and large blocks go back to the system at once. Each thread would keep a heap of
/// its own, and with it what it needed once, and the allocator would take to keeping large blocks, too: a server's threads are
/// few and mostly wait for files, and what it needs a lot of memory for is soon over.
#[allow(unsafe_code)]
pub fn lean_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: sets numbers inside the allocator; called before there is a second thread.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_MMAP_THRESHOLD, 128 << 10);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 128 << 10);
    }
}

/// Gives free memory back to the system.
#[allow(unsafe_code)]
pub fn trim_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes no pointers; the allocator locks itself.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Closes what the parent left open above standard error: a descriptor kept by a process that lives for days is a leak.
#[allow(unsafe_code)]
pub fn close_inherited() {
    #[cfg(target_os = "linux")]
    // SAFETY: called first thing, before this process opened anything of its own, so nothing it owns is closed.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, 0u32);
    }
}

/// A descriptor of its own for an open file known only by number.
#[allow(unsafe_code)]
pub fn dup_raw(fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: the caller's object keeps `fd` open during the call.
    unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned()
}

/// Standard input as an owned descriptor; descriptor 0 becomes `/dev/null`, as 1 and 2 do.
pub fn take_stdin() -> io::Result<OwnedFd> {
    let given = io::stdin().as_fd().try_clone_to_owned()?;
    let null = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    Ok(given)
}

/// Which signals came since the last look.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// A child changed state.
    pub child: bool,
    /// SIGUSR1.
    pub usr1: bool,
}

/// SIGCHLD and SIGUSR1 as a descriptor to poll.
pub struct Signals {
    fd: OwnedFd,
}

#[cfg(target_os = "linux")]
impl Signals {
    /// Blocks both signals and opens the descriptor.
    #[allow(unsafe_code)]
    pub fn watch() -> io::Result<Signals> {
        // SAFETY: the set is initialised by sigemptyset before use; signalfd returns a new descriptor that nothing else owns.
        unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&raw mut set);
            libc::sigaddset(&raw mut set, libc::SIGCHLD);
            libc::sigaddset(&raw mut set, libc::SIGUSR1);
            if libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()) != 0 {
                return Err(io::Error::last_os_error());
            }
            match libc::signalfd(-1, &raw const set, libc::SFD_NONBLOCK | libc::SFD_CLOEXEC) {
                -1 => Err(io::Error::last_os_error()),
                fd => Ok(Signals { fd: OwnedFd::from_raw_fd(fd) }),
            }
        }
    }

    /// Takes what has come.
    pub fn take(&self) -> Seen {
        const RECORD: usize = size_of::<libc::signalfd_siginfo>();
        let mut seen = Seen::default();
        let mut buf = [0u8; RECORD * 4];
        while let Ok(n) = rustix::io::read(&self.fd, &mut buf) {
            for record in buf.get(..n).unwrap_or_default().chunks_exact(RECORD) {
                // `ssi_signo` is the first field, in the machine's byte order.
                match record.first_chunk::<4>().map(|b| i32::from_ne_bytes(*b)) {
                    Some(libc::SIGCHLD) => seen.child = true,
                    Some(libc::SIGUSR1) => seen.usr1 = true,
                    _ => {}
                }
            }
            if n < buf.len() {
                break;
            }
        }
        seen
    }
}

#[cfg(not(target_os = "linux"))]
mod wake {
    use std::sync::atomic::AtomicI32;
    pub static PIPE: AtomicI32 = AtomicI32::new(-1);

    /// Writes the signal's number to the pipe: the only thing a handler may do.
    #[allow(unsafe_code)]
    pub extern "C" fn handler(signal: libc::c_int) {
        let byte = signal as u8;
        // SAFETY: write(2) is async-signal-safe and reads one byte of this frame; the pipe is never closed.
        unsafe { libc::write(PIPE.load(std::sync::atomic::Ordering::Relaxed), (&raw const byte).cast(), 1) };
    }
}

#[cfg(not(target_os = "linux"))]
impl Signals {
    /// Opens a pipe that a handler of both signals writes to.
    #[allow(unsafe_code)]
    pub fn watch() -> io::Result<Signals> {
        use std::os::fd::{AsRawFd, IntoRawFd};
        let (read, write) = rustix::pipe::pipe()?;
        for fd in [&read, &write] {
            rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::CLOEXEC)?;
            rustix::io::ioctl_fionbio(fd, true)?;
        }
        debug_assert!(write.as_raw_fd() >= 0);
        wake::PIPE.store(write.into_raw_fd(), std::sync::atomic::Ordering::Relaxed);
        for signal in [libc::SIGCHLD, libc::SIGUSR1] {
            // SAFETY: the handler only writes to a pipe.
            unsafe { libc::signal(signal, wake::handler as *const () as libc::sighandler_t) };
        }
        Ok(Signals { fd: read })
    }

    /// Takes what has come.
    pub fn take(&self) -> Seen {
        let mut seen = Seen::default();
        let mut buf = [0u8; 64];
        while let Ok(n @ 1..) = rustix::io::read(&self.fd, &mut buf) {
            for &byte in buf.get(..n).unwrap_or_default() {
                seen.child |= i32::from(byte) == libc::SIGCHLD;
                seen.usr1 |= i32::from(byte) == libc::SIGUSR1;
            }
        }
        seen
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// User and process (0: outside of our process namespace) at the other end of a socket, as the kernel says.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub fn peer(socket: impl AsFd) -> io::Result<(u32, i32)> {
    use std::os::fd::AsRawFd;
    let mut cred = libc::ucred { pid: 0, uid: 0, gid: 0 };
    let mut size = size_of::<libc::ucred>() as libc::socklen_t;
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: both pointers are to locals that outlive the call, and `size` is that of `cred`. Not rustix: its process ids cannot be 0.
    match unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_PEERCRED, (&raw mut cred).cast(), &raw mut size) } {
        0 => Ok((cred.uid, cred.pid)),
        _ => Err(io::Error::last_os_error()),
    }
}

/// User and process (0: unknown) at the other end of a socket, as the kernel says.
#[cfg(not(target_os = "linux"))]
#[allow(unsafe_code)]
pub fn peer(socket: impl AsFd) -> io::Result<(u32, i32)> {
    use std::os::fd::AsRawFd;
    let (mut uid, mut gid) = (0, 0);
    // SAFETY: both pointers are to locals that outlive the call.
    match unsafe { libc::getpeereid(socket.as_fd().as_raw_fd(), &raw mut uid, &raw mut gid) } {
        0 => Ok((uid, 0)),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Whether the other end of a socket is a process of our own user.
pub fn peer_is_us(socket: impl AsFd) -> bool {
    peer(socket).is_ok_and(|(uid, _)| uid == rustix::process::geteuid().as_raw())
}

/// Makes this process the new parent of every orphan below it.
pub fn become_subreaper() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    Ok(())
}

/// A process id that came as a number.
pub fn pid(raw: i32) -> io::Result<Pid> {
    let positive = (raw > 0).then_some(raw).and_then(Pid::from_raw);
    positive.ok_or_else(|| io::Error::from_raw_os_error(libc::ESRCH))
}
