//! From orders to a running agent: control socket, shared memory, terminal, exec step. A failure leaves nothing behind.
//! Must not know the server's connection.

use super::Orders;
use crate::base::SessionId;
use crate::pty::backlog::Backlog;
use crate::pty::exec_step::{self, ABOUT_TO_EXEC};
use crate::pty::paths::{self, HolderDirs};
use crate::pty::spec::LaunchFailure;
use crate::pty::tree::Ident;
use crate::pty::{shm, snapshot::Snapshots, sys};
use portable_pty::{CommandBuilder, NativePtySystem, PtySize, PtySystem, SlavePty};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, waitid, waitpid};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long the exec step may take (a working directory on a dead network file system never answers).
const PATIENCE: Duration = Duration::from_secs(15);

/// A running agent and everything that belongs to it.
pub(super) struct Started {
    pub id: SessionId,
    pub dirs: HolderDirs,
    pub listener: UnixListener,
    pub master: OwnedFd,
    /// Kept open while the agent lives: the terminal must not report its end because the agent closed its side for a moment.
    pub slave: Box<dyn SlavePty + Send>,
    pub agent: Ident,
    pub started_wall_ms: u64,
    pub backlog: Backlog,
    pub snapshots: File,
}

/// Starts the agent.
pub(super) fn start(orders: Orders, signals: &sys::Signals) -> Result<Started, LaunchFailure> {
    let Orders { spec, runtime, state, nofile } = orders;
    let dirs = HolderDirs { runtime, state, exe: paths::own_exe(), nofile };
    let (folder, session) = (dirs.holders(), dirs.session(&spec.id));
    for path in [&folder, &session] {
        paths::ensure_private(path).map_err(|e| LaunchFailure::new("folder", &path.display().to_string(), &e))?;
    }
    let listener = bind_control(&dirs, &spec.id).map_err(|e| LaunchFailure::new("socket", "the holder's socket", &e))?;
    let undo_socket = Unlink(folder.join(paths::socket_name(&spec.id)));
    let memory = |e: io::Error| LaunchFailure::new("memory", "shared memory", &e);
    let backlog = Backlog::create(dirs.spill(&spec.id)).map_err(memory)?;
    let snapshots = shm::create("copilot-tui-snapshots", Snapshots::FILE_LEN).map_err(memory)?;

    let terminal = |e: anyhow_like::Error| LaunchFailure { step: "pty".into(), errno: e.errno, message: format!("a new terminal: {}", e.text) };
    let size = spec.size.clamped();
    let size = PtySize { rows: size.rows, cols: size.cols, pixel_width: 0, pixel_height: 0 };
    let pair = NativePtySystem::default().openpty(size).map_err(anyhow_like::Error::from).map_err(terminal)?;
    let raw = pair.master.as_raw_fd().ok_or_else(|| LaunchFailure::text("pty", "the terminal has no descriptor"))?;
    let master = sys::dup_raw(raw).and_then(prepare).map_err(|e| LaunchFailure::new("pty", "a new terminal", &e))?;

    let exec_name = paths::exec_name(&spec.id);
    let socket = |e: io::Error| LaunchFailure::new("socket", "the private socket", &e);
    let address = paths::address(&folder, &exec_name).map_err(socket)?;
    let _ = std::fs::remove_file(&address.path);
    let private = UnixListener::bind(&address.path).map_err(socket)?;
    let _undo_private = Unlink(folder.join(&exec_name));
    private.set_nonblocking(true).map_err(socket)?;

    let mut command = CommandBuilder::new(&dirs.exe);
    command.args(["exec-step".as_ref(), folder.as_os_str(), exec_name.as_ref()]);
    command.env_clear();
    command.env("HOME", "/"); // or the user database is read, which costs memory for good
    command.env("SHELL", "/bin/sh");
    command.cwd("/");
    let child = pair.slave.spawn_command(command).map_err(anyhow_like::Error::from);
    let child = child.map_err(|e| LaunchFailure { step: "fork".into(), errno: e.errno, message: format!("a new process: {}", e.text) })?;
    // Its own `wait` is never called: this process collects all children in one place.
    let pid = child.process_id().map(|p| p as i32).ok_or_else(|| LaunchFailure::text("fork", "the new process has no id"))?;
    drop(child);

    let step = exec_step::Orders { id: spec.id.clone(), argv: spec.argv, cwd: spec.cwd, env: spec.env, umask: spec.umask, nofile };
    if let Err(failure) = hand_over(&private, signals, pid, &step) {
        if let Ok(pid) = sys::pid(pid) {
            let _ = kill_process(pid, Signal::KILL);
            let _ = waitpid(Some(pid), WaitOptions::empty());
        }
        return Err(failure);
    }
    undo_socket.keep();
    Ok(Started {
        id: spec.id,
        dirs,
        listener,
        master,
        slave: pair.slave,
        agent: Ident::of(pid).unwrap_or(Ident { pid, started_ticks: 0 }),
        started_wall_ms: crate::base::Now::read().wall_ms,
        backlog,
        snapshots,
    })
}

/// Binds `<id>.sock`, listening from the moment it has that name.
pub(super) fn bind_control(dirs: &HolderDirs, id: &SessionId) -> io::Result<UnixListener> {
    let folder = dirs.holders();
    paths::ensure_private(&folder)?;
    let (name, temporary) = (paths::socket_name(id), paths::socket_name_new(id));
    let (path, temporary_path) = (folder.join(&name), folder.join(&temporary));
    if path.exists() && UnixStream::connect(&paths::address(&folder, &name)?.path).is_ok() {
        return Err(io::Error::new(io::ErrorKind::AddrInUse, "the session has a holder already"));
    }
    let _ = std::fs::remove_file(&temporary_path);
    let listener = UnixListener::bind(&paths::address(&folder, &temporary)?.path)?;
    listener.set_nonblocking(true)?;
    std::fs::set_permissions(&temporary_path, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&temporary_path, &path)?;
    Ok(listener)
}

/// Never blocks: the flag belongs to the open terminal, so whoever it is lent to has it too. And it is a UTF-8 terminal, so that
/// erasing a character in the kernel's line editor erases all of its bytes.
fn prepare(master: OwnedFd) -> io::Result<OwnedFd> {
    let flags = rustix::fs::fcntl_getfl(&master)?;
    rustix::fs::fcntl_setfl(&master, flags | rustix::fs::OFlags::NONBLOCK)?;
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    if let Ok(mut modes) = rustix::termios::tcgetattr(&master) {
        modes.input_modes |= rustix::termios::InputModes::IUTF8;
        let _ = rustix::termios::tcsetattr(&master, rustix::termios::OptionalActions::Now, &modes);
    }
    Ok(master)
}

/// Waits for the exec step, gives it its orders, waits until it has become the agent.
fn hand_over(private: &UnixListener, signals: &sys::Signals, pid: i32, orders: &exec_step::Orders) -> Result<(), LaunchFailure> {
    let deadline = Instant::now() + PATIENCE;
    let said = |e: io::Error| match e.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => too_late(&orders.cwd),
        _ => LaunchFailure::new("died", "the step before the agent", &e),
    };
    let mut step = accept(private, signals, pid, deadline).map_err(said)?;
    step.set_nonblocking(false).map_err(said)?;
    step.set_read_timeout(Some(PATIENCE)).map_err(said)?;
    step.set_write_timeout(Some(PATIENCE)).map_err(said)?;
    let bytes = serde_json::to_vec(orders).map_err(|e| LaunchFailure::text("argv", e.to_string()))?;
    step.write_all(&(bytes.len() as u32).to_le_bytes()).and_then(|()| step.write_all(&bytes)).map_err(said)?;
    let mut answer = Vec::new();
    step.take(64 * 1024).read_to_end(&mut answer).map_err(said)?;
    let start = answer.iter().position(|b| *b != ABOUT_TO_EXEC);
    match start.and_then(|at| answer.get(at..)) {
        Some(failure) => Err(serde_json::from_slice(failure).unwrap_or_else(|_| LaunchFailure::text("died", "the step before the agent failed"))),
        None if answer.is_empty() => Err(LaunchFailure::text("died", "the step before the agent ended without a word")),
        None => Ok(()),
    }
}

fn too_late(cwd: &Path) -> LaunchFailure {
    LaunchFailure::text("timeout", format!("no start within {} s (does {} answer?)", PATIENCE.as_secs(), cwd.display()))
}

/// The exec step's connection: nobody else's counts.
fn accept(private: &UnixListener, signals: &sys::Signals, pid: i32, deadline: Instant) -> io::Result<UnixStream> {
    loop {
        match private.accept() {
            Ok((stream, _)) => match sys::peer(&stream) {
                Ok((uid, peer)) if uid == rustix::process::geteuid().as_raw() && (peer == pid || peer == 0) => return Ok(stream),
                _ => continue,
            },
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let mut fds = [PollFd::new(private, PollFlags::IN), PollFd::new(signals, PollFlags::IN)];
        match poll(&mut fds, Timespec::try_from(left).ok().as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
        // Looked at, not collected: until then its number is its own, and the clean-up may signal it.
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        if signals.take().child
            && let Ok(Some(_)) = waitid(WaitId::Pid(sys::pid(pid)?), look)
        {
            return Err(io::Error::other("it ended before it began"));
        }
    }
}

/// Removes a file unless told to keep it.
struct Unlink(std::path::PathBuf);

impl Unlink {
    fn keep(mut self) {
        self.0 = std::path::PathBuf::new();
    }
}

impl Drop for Unlink {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            let _ = std::fs::remove_file(&self.0);
        }
    }
}

/// portable-pty's errors are of a type this package does not name; what counts is the text and the number.
mod anyhow_like {
    use std::error::Error as StdError;

    pub struct Error {
        pub text: String,
        pub errno: Option<i32>,
    }

    impl<E: Into<Box<dyn StdError + Send + Sync>>> From<E> for Error {
        fn from(e: E) -> Error {
            let e = e.into();
            let mut at: Option<&(dyn StdError + 'static)> = Some(&*e);
            let mut errno = None;
            while let Some(cause) = at {
                errno = errno.or_else(|| cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error));
                at = cause.source();
            }
            let text = errno.map_or_else(|| e.to_string(), |n| crate::pty::spec::plain(&std::io::Error::from_raw_os_error(n)));
            Error { text, errno }
        }
    }
}
