//! How a server is started by the first command of a person, and how one knows that it is ready. Must not know what it serves.
//!
//! The client gives the new process one end of a socket pair as its standard input and waits, with a deadline, for one word on
//! it: `R` (ready: connecting works), `H` (another server has the lock), `E` and a text (why not), or the end of the stream
//! (it died; its log tells). One client at a time starts a server; the others wait for that client, then connect.

use super::env::cleaned_env;
use super::error::PathsError;
use super::lock::{ServerLock, holder_pid};
use super::paths::Paths;
use super::peer::{PeerError, check_peer};
use super::wait::{Wake, Watch};
use crate::base::text::safe_text;
use rustix::fd::OwnedFd;
use rustix::fs::{FileType, Mode, OFlags};
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use thiserror::Error;

/// How long a server may take to get ready.
pub const START_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest error text taken from a starting server, in bytes.
const MAX_TEXT: u64 = 16 * 1024;

/// How a start went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It is ready: connecting works.
    Ready,
    /// Another server has the lock.
    Held,
}

/// Why no server could be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// The program itself could not be started.
    #[error("cannot start the server ({}): {source}", exe.display())]
    Spawn {
        /// The program.
        exe: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It said why it cannot serve.
    #[error("the server could not start: {0}")]
    Failed(String),
    /// It ended without a word.
    #[error("the server ended while starting{}. Its log is {}", tail_text(tail), log.display())]
    Died {
        /// The last lines it logged.
        tail: String,
        /// The log.
        log: PathBuf,
    },
    /// It is still starting after [`START_TIMEOUT`].
    #[error("the server was not ready after {} s. Its log is {}", after.as_secs(), log.display())]
    Timeout {
        /// How long was waited.
        after: Duration,
        /// The log.
        log: PathBuf,
    },
    /// A process has the server's lock but nobody answers.
    #[error("a server (process {pid}) has the lock {} but does not answer. Look at {}, or end it with `kill {pid}`", lock.display(), log.display())]
    Stuck {
        /// The process.
        pid: i32,
        /// The lock.
        lock: PathBuf,
        /// The log.
        log: PathBuf,
    },
    /// The lock or the log could not be used.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn tail_text(tail: &str) -> String {
    if tail.is_empty() { String::new() } else { format!(":\n{tail}\n") }
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// No server runs, and this caller must not start one.
    #[error("no server `{0}` is running. `copilot-tui server start` starts one")]
    NotRunning(String),
    /// The socket is somebody else's.
    #[error("refused to talk to {}: {source}", path.display())]
    Peer {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: PeerError,
    },
    /// There is no safe place for the socket.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// Starting one failed.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The system said no.
    #[error("cannot connect to {}: {source}", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// How [`connect_or_start`] may go about it.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// The program to start; this one when `None`.
    pub exe: Option<PathBuf>,
    /// Whether a server may be started. False for everything that runs below a holder and for the commands that only look.
    pub may_start: bool,
    /// How long all of it may take.
    pub timeout: Duration,
}

impl Default for ConnectOptions {
    fn default() -> ConnectOptions {
        ConnectOptions { exe: None, may_start: true, timeout: START_TIMEOUT + START_TIMEOUT }
    }
}

/// This program, by a path that works after it was replaced by a newer version.
pub fn own_exe() -> PathBuf {
    match std::env::current_exe() {
        Ok(path) if path.exists() => path,
        _ => PathBuf::from("/proc/self/exe"),
    }
}

/// Connects to a running server, when there is one; `Ok(None)` when nobody listens.
///
/// # Errors
/// The socket is another user's, or the system says no.
pub fn connect(paths: &Paths) -> Result<Option<UnixStream>, ConnectError> {
    let path = paths.socket();
    match UnixStream::connect(&path) {
        Ok(stream) => match check_peer(&stream) {
            Ok(_) => Ok(Some(stream)),
            Err(source) => Err(ConnectError::Peer { path, source }),
        },
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(ConnectError::Io { path, source }),
    }
}

/// Connects, starting a server first when none runs. Of several callers at once one starts it; all connect to the same.
///
/// # Errors
/// See [`ConnectError`].
pub fn connect_or_start(paths: &Paths, options: &ConnectOptions) -> Result<UnixStream, ConnectError> {
    if let Some(stream) = connect(paths)? {
        return Ok(stream);
    }
    if !options.may_start {
        return Err(ConnectError::NotRunning(paths.server.clone()));
    }
    paths.ensure()?;
    let deadline = Instant::now() + options.timeout;
    let io_at = |path: PathBuf| move |source| ConnectError::Start(StartError::Io { path, source });
    let _turn = wait_turn(paths.start_lock(), deadline).map_err(io_at(paths.start_lock()))?;
    // Watched before it is looked at, so that nothing is missed in between.
    let mut watch = Watch::folder(&paths.runtime).map_err(io_at(paths.runtime.clone()))?;
    let exe = options.exe.clone().unwrap_or_else(own_exe);
    loop {
        if let Some(stream) = connect(paths)? {
            return Ok(stream);
        }
        match holder_pid(&paths.lock()) {
            None => {
                if start_server(&exe, &paths.server, paths)? == Started::Ready
                    && let Some(stream) = connect(paths)?
                {
                    return Ok(stream);
                }
                if Instant::now() >= deadline {
                    return Err(StartError::Timeout { after: options.timeout, log: paths.log() }.into());
                }
            }
            // It is coming up or going down: the folder changes or the process ends.
            Some(pid) => match watch.wait(Some(pid), deadline).map_err(io_at(paths.runtime.clone()))? {
                Wake::Event => {}
                Wake::Deadline => return Err(StartError::Stuck { pid, lock: paths.lock(), log: paths.log() }.into()),
            },
        }
    }
}

/// Waits until a server listens, however long that takes; starts none.
///
/// # Errors
/// See [`ConnectError`].
pub fn wait_for_server(paths: &Paths) -> Result<UnixStream, ConnectError> {
    let io_at = |source| ConnectError::Start(StartError::Io { path: paths.runtime.clone(), source });
    // Watched before it is looked at, so that nothing is missed in between. A server's socket appears when it listens.
    let mut watch = Watch::folder(&paths.runtime).map_err(io_at)?;
    loop {
        if let Some(stream) = connect(paths)? {
            return Ok(stream);
        }
        watch.wait(None, Instant::now() + Duration::from_secs(24 * 3600)).map_err(io_at)?;
    }
}

/// Our turn to start a server. After the deadline we go on without it: whoever has it is stopped, and the server's own lock
/// still lets only one live.
fn wait_turn(path: PathBuf, deadline: Instant) -> io::Result<Option<ServerLock>> {
    let (tx, rx) = std::sync::mpsc::sync_channel(1);
    std::thread::Builder::new().name("start-turn".into()).spawn(move || {
        let _ = tx.send(ServerLock::acquire(&path));
    })?;
    match rx.recv_timeout(deadline.saturating_duration_since(Instant::now()) / 2) {
        Ok(lock) => lock.map(Some),
        Err(_) => Ok(None),
    }
}

/// Starts `<exe> server run --server NAME` and waits until it is ready. The folders must exist ([`Paths::ensure`]).
///
/// # Errors
/// See [`StartError`].
pub fn start_server(exe: &Path, server: &str, paths: &Paths) -> Result<Started, StartError> {
    let log = paths.log();
    let log_error = |source: io::Error| StartError::Io { path: log.clone(), source };
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut log_file = File::from(rustix::fs::open(&log, flags, Mode::RUSR | Mode::WUSR).map_err(|e| log_error(e.into()))?);
    let logged = log_file.seek(SeekFrom::End(0)).map_err(log_error)?;
    let spawn_error = |source: io::Error| StartError::Spawn { exe: exe.to_owned(), source };
    let (ours, theirs) =
        rustix::net::socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).map_err(|e| spawn_error(e.into()))?;
    let child_log = log_file.try_clone().map_err(log_error)?;
    let mut command = Command::new(exe);
    command.arg0("copilot-tui").args(["server", "run", "--server", server]).current_dir("/");
    command.env_clear().envs(cleaned_env(std::env::vars_os()));
    command.stdin(Stdio::from(theirs)).stdout(Stdio::null()).stderr(Stdio::from(child_log));
    let mut child = command.spawn().map_err(spawn_error)?;
    drop(command); // our copy of its end
    // A client that stays must not keep a dead server as a zombie.
    let _ = std::thread::Builder::new().name("server-reaper".into()).spawn(move || child.wait());

    let mut ours = UnixStream::from(ours);
    ours.set_read_timeout(Some(START_TIMEOUT)).map_err(|e| StartError::Io { path: paths.socket(), source: e })?;
    let mut word = [0u8; 1];
    match ours.read(&mut word) {
        Ok(1) if word == *b"R" => Ok(Started::Ready),
        Ok(1) if word == *b"H" => Ok(Started::Held),
        Ok(1) => {
            let mut text = Vec::new();
            let _ = ours.take(MAX_TEXT).read_to_end(&mut text);
            let text = safe_text(String::from_utf8_lossy(&text).trim());
            Err(StartError::Failed(if text.is_empty() { "it gave no reason".into() } else { text }))
        }
        Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Err(StartError::Timeout { after: START_TIMEOUT, log }),
        Ok(_) | Err(_) => Err(StartError::Died { tail: tail_since(&mut log_file, logged), log }),
    }
}

/// The last lines of the log that came after `start`, for an error text.
fn tail_since(log: &mut File, start: u64) -> String {
    let mut bytes = Vec::new();
    let end = log.seek(SeekFrom::End(0)).unwrap_or(start);
    let from = start.max(end.saturating_sub(2000));
    if log.seek(SeekFrom::Start(from)).is_err() || log.take(2000).read_to_end(&mut bytes).is_err() {
        return String::new();
    }
    let text = safe_text(String::from_utf8_lossy(&bytes).trim());
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(8)..).unwrap_or_default().join("\n")
}

/// The server's end of the start: says once how it went. Dropped without a word it tells the client that the server died.
#[derive(Debug)]
pub struct Readiness {
    channel: Option<OwnedFd>,
}

impl Readiness {
    /// Takes the channel from standard input, when a client gave one, and puts `/dev/null` in its place. To be called once, at
    /// the start of `server run`, before anything else reads standard input.
    pub fn take() -> Readiness {
        let stdin = rustix::stdio::stdin();
        let is_socket = rustix::fs::fstat(stdin).is_ok_and(|s| FileType::from_raw_mode(s.st_mode).is_socket());
        let channel = is_socket.then(|| rustix::io::fcntl_dupfd_cloexec(stdin, 3).ok()).flatten();
        if channel.is_some()
            && let Ok(null) = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())
        {
            let _ = rustix::stdio::dup2_stdin(null);
        }
        Readiness { channel }
    }

    /// Whether a client waits (false when a person runs the server in the foreground).
    pub fn asked(&self) -> bool {
        self.channel.is_some()
    }

    /// Connecting works now.
    pub fn ready(self) {
        self.say(b"R", "");
    }

    /// Another server has the lock.
    pub fn held(self) {
        self.say(b"H", "");
    }

    /// It cannot serve, and why (for a person, with what to do).
    pub fn failed(self, why: &str) {
        self.say(b"E", why);
    }

    fn say(self, word: &[u8], text: &str) {
        // A client that left does not matter.
        if let Some(fd) = self.channel {
            let mut stream = UnixStream::from(fd);
            let _ = stream.write_all(word).and_then(|()| stream.write_all(text.as_bytes()));
        }
    }
}

/// Leaves the starter's process session (so that its terminal's end is not ours) and its folder. The umask stays: agents and
/// checkouts get the user's; our own files state their modes.
///
/// # Errors
/// When the system refuses.
pub fn become_daemon() -> io::Result<()> {
    match rustix::process::setsid() {
        // Refused only to who leads a process group already: a service manager gave it a process session, or a person runs it by
        // hand in a shell and keeps it there. (`getsid` is not asked: it is 0 where the leader is outside of a container.)
        Ok(_) | Err(rustix::io::Errno::PERM) => {}
        Err(e) => return Err(e.into()),
    }
    rustix::process::chdir("/")?;
    Ok(())
}
