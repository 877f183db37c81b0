//! The server's way to a session's terminal: start a holder, or take the terminal over from one that lives.
//! Must not know what the server does with it.

use super::control::{Control, answer};
use super::holder::Orders;
use super::link::{ControlError, Link};
use super::master::Master;
use super::paths::{self, HolderDirs};
use super::proto::{LeaseAsk, Notice, Request, Status, kind};
use super::ring::Ring;
use super::spec::{ARGV0, ExitStatus, HOLDER_ARG, LaunchFailure, LaunchSpec};
use super::sys;
use crate::base::{SessionId, Size};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;

/// A holder gives up by itself before this.
const LAUNCH_PATIENCE: Duration = Duration::from_secs(25);
/// How long [`attach`] waits for the end of somebody else's lease.
const ATTACH_PATIENCE: Duration = Duration::from_secs(2);

/// A session's terminal, lent. The holder takes it back when `master`, `ring` and `control` are dropped.
pub struct Leased {
    /// The agent's process.
    pub agent_pid: i32,
    /// When it was made, clock ticks since boot; with the pid its identity.
    pub agent_ticks: u64,
    /// The holder's process.
    pub holder_pid: i32,
    /// When the agent was started, milliseconds since the Unix epoch.
    pub started_wall_ms: u64,
    /// The terminal's size.
    pub size: Size,
    /// Whether the tree is paused.
    pub frozen: bool,
    /// Whether a stop is under way.
    pub stopping: bool,
    /// How the agent ended, if it has already.
    pub exited: Option<ExitStatus>,
    /// What [`Control::set_meta`] left there.
    pub meta: Option<Vec<u8>>,
    /// The terminal.
    pub master: Master,
    /// Its output, and the last snapshot.
    pub ring: Ring,
    /// Everything else that can be asked of the holder.
    pub control: Control,
}

/// Why no agent was started.
#[derive(thiserror::Error, Debug)]
pub enum LaunchError {
    /// A folder is not absolute.
    #[error("{0} is not an absolute path")]
    Relative(String),
    /// No holder could be started.
    #[error("cannot start a holder: {0}")]
    Holder(io::Error),
    /// The agent could not be started; the holder is gone again and nothing is left.
    #[error("{0}")]
    Agent(LaunchFailure),
    /// The holder died before it answered.
    #[error("the holder ended before the agent was started")]
    Died,
    /// No answer; the holder may yet start the agent and be found by [`super::list_holders`].
    #[error("the holder did not answer within {} s", LAUNCH_PATIENCE.as_secs())]
    Timeout,
    /// What the holder lent is not usable.
    #[error("the holder's terminal cannot be used: {0}")]
    Lease(io::Error),
}

/// Why a living session could not be taken over.
#[derive(thiserror::Error, Debug)]
pub enum AttachError {
    /// There is no holder: no socket, or one that refuses (it was removed).
    #[error("the session has no holder")]
    Gone,
    /// Somebody has the lease and does not give it back.
    #[error("process {pid} has the session's terminal")]
    Busy {
        /// Whoever it is; a hung server is killed by pidfd before the next try.
        pid: i32,
    },
    /// The socket or its folder belongs to somebody else or is open to others.
    #[error("{0}")]
    Unsafe(String),
    /// The holder said no or nonsense.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The system's.
    #[error("cannot reach the holder: {0}")]
    Io(#[from] io::Error),
}

/// Starts a holder, and the agent in it. Returns when the agent really runs, with the lease.
///
/// # Errors
/// [`LaunchError`], with the system's own words. Nothing is left running then, except after [`LaunchError::Timeout`].
pub async fn launch(spec: &LaunchSpec, dirs: &HolderDirs) -> Result<Leased, LaunchError> {
    for path in [&spec.cwd, &dirs.runtime, &dirs.state] {
        if !path.is_absolute() {
            return Err(LaunchError::Relative(path.display().to_string()));
        }
    }
    let orders = Orders { spec: spec.clone(), runtime: dirs.runtime.clone(), state: dirs.state.clone(), nofile: dirs.nofile };
    let orders = serde_json::to_vec(&orders).map_err(|e| LaunchError::Holder(e.into()))?;
    let (mut stream, _first) = start_holder(&spec.id, dirs).map_err(LaunchError::Holder)?;
    let told = async {
        // A holder that cannot even begin says so without listening: then this fails, and the answer is there all the same.
        let length = (orders.len() as u32).to_le_bytes();
        if stream.write_all(&length).await.is_ok() {
            let _ = stream.write_all(&orders).await;
        }
        let link = Arc::new(Link::new(stream));
        let leased = take(&link, None).await;
        let failed = link.try_event(|e| matches!(e, Notice::LaunchFailed(_)));
        (leased, failed)
    };
    match tokio::time::timeout(LAUNCH_PATIENCE, told).await {
        Err(_) => Err(LaunchError::Timeout),
        Ok((_, Some(Notice::LaunchFailed(failure)))) => Err(LaunchError::Agent(failure)),
        Ok((Ok(leased), _)) => Ok(leased),
        Ok((Err(AttachError::Io(e)), _)) => Err(LaunchError::Lease(e)),
        Ok((Err(_), _)) => Err(LaunchError::Died),
    }
}

/// Takes the terminal over from a living holder, after a restart of the server. Waits up to two seconds for the end of a
/// lease that somebody else has.
///
/// # Errors
/// [`AttachError`]. A socket that nobody listens on is removed.
pub async fn attach(id: &SessionId, dirs: &HolderDirs) -> Result<Leased, AttachError> {
    let link = Arc::new(connect(id, dirs).await?);
    let ask = Request::Lease(LeaseAsk { epoch: 0, wait: true });
    match tokio::time::timeout(ATTACH_PATIENCE, take(&link, Some(ask))).await {
        Ok(Err(AttachError::Control(ControlError::Refused { code, message }))) if code == "busy" => {
            let pid = message.split_ascii_whitespace().find_map(|w| w.parse().ok()).unwrap_or(0);
            Err(AttachError::Busy { pid })
        }
        Ok(done) => done,
        Err(_) => match link.try_event(|e| matches!(e, Notice::LeaseWaits(_))) {
            Some(Notice::LeaseWaits(waits)) => Err(AttachError::Busy { pid: waits.pid }),
            _ => Err(AttachError::Control(ControlError::Stuck)),
        },
    }
}

/// A connection without the lease, for asking and telling: any number of them may exist.
///
/// # Errors
/// [`AttachError`].
pub async fn control(id: &SessionId, dirs: &HolderDirs) -> Result<Control, AttachError> {
    Ok(Control { link: Arc::new(connect(id, dirs).await?) })
}

async fn connect(id: &SessionId, dirs: &HolderDirs) -> Result<Link, AttachError> {
    let folder = dirs.holders();
    match paths::check_private(&folder) {
        Ok(()) => {}
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(AttachError::Gone),
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => return Err(AttachError::Unsafe(e.to_string())),
        Err(e) => return Err(e.into()),
    }
    let address = paths::address(&folder, &paths::socket_name(id))?;
    let stream = match UnixStream::connect(&address.path).await {
        Ok(stream) => stream,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(AttachError::Gone),
        Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => {
            let _ = std::fs::remove_file(&address.path);
            return Err(AttachError::Gone);
        }
        Err(e) => return Err(e.into()),
    };
    if !sys::peer_is_us(&stream) {
        return Err(AttachError::Unsafe(format!("the holder's socket {} belongs to another user", folder.join(paths::socket_name(id)).display())));
    }
    Ok(Link::new(stream))
}

/// Waits for the lease (asking first, unless it comes by itself) and opens what came with it.
async fn take(link: &Arc<Link>, ask: Option<Request>) -> Result<Leased, AttachError> {
    let frame = match ask {
        Some(ask) => link.request(&ask).await?,
        None => link.reply(kind::LEASE).await?,
    };
    let status: Status = answer(frame)?;
    let fds = link.take_fds();
    let invalid = || io::Error::new(io::ErrorKind::InvalidData, "the holder did not send what it announced");
    if fds.len() != usize::from(status.fds) {
        return Err(invalid().into());
    }
    let mut fds = fds.into_iter();
    let mut next = || fds.next().ok_or_else(invalid);
    let (master, ring, snapshots): (OwnedFd, OwnedFd, OwnedFd) = (next()?, next()?, next()?);
    let ring = Ring::open(ring, snapshots, fds.next())?;
    let master = Master::new(master, ring.spilled() > 0, link.clone())?;
    let control = Control { link: link.clone() };
    let meta = control.meta().await?;
    Ok(Leased {
        agent_pid: status.agent_pid,
        agent_ticks: status.agent_ticks,
        holder_pid: status.holder_pid,
        started_wall_ms: status.started_wall_ms,
        size: Size::new(status.cols, status.rows),
        frozen: status.frozen,
        stopping: status.stopping,
        exited: status.exited,
        meta: Some(meta).filter(|m| !m.is_empty()),
        master,
        ring: ring.keep(link.clone()),
        control,
    })
}

/// Starts the program as a holder; the connection is its standard input.
fn start_holder(id: &SessionId, dirs: &HolderDirs) -> io::Result<(UnixStream, First)> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let mut command = Command::new(&dirs.exe);
    command.arg0(ARGV0).args([HOLDER_ARG, id.as_str()]);
    // Nothing of the server's environment: a holder lives long and needs none of it.
    command.env_clear().env("HOME", "/").env("SHELL", "/bin/sh");
    command.stdin(Stdio::from(OwnedFd::from(theirs))).stdout(Stdio::null()).stderr(Stdio::null());
    let first = First(command.spawn()?);
    Ok((UnixStream::from_std(ours)?, first))
}

/// The process that was started. It forks and leaves at once: what goes on is its child, so that a holder is nobody's zombie.
/// By the time a launch is answered it is gone; one that is not belongs to a launch that nobody waits for any more.
struct First(Child);

impl Drop for First {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}
