//! The holder: one small single-threaded process for each session. It opened the terminal, started the agent in it, is the
//! parent of all its orphans, lends the terminal to the server and keeps the exit status. Only its own work ends it: when
//! the agent's end is acknowledged and nothing of its tree is left. Must not know what the server does with the terminal,
//! and must stay lean: no async runtime, no command line parser, no log.

mod conn;
mod core;
mod freeze;
mod serve;
mod start;
mod stop;

use super::exec_step::{MAX_ORDERS, read_block};
use super::proto::Notice;
use super::spec::{LaunchFailure, LaunchSpec};
use super::sys;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;

/// What the server sends over the holder's standard input (a socket): `u32 LE length | JSON`. The answer on the same socket
/// is LEASE's reply, as if it had been asked for, or LAUNCH_FAILED.
#[derive(Serialize, Deserialize)]
pub(super) struct Orders {
    pub spec: LaunchSpec,
    pub runtime: PathBuf,
    pub state: PathBuf,
    pub nofile: Option<u64>,
}

/// Entry of `copilot-tui holder ID`.
pub fn holder_main() -> ExitCode {
    let socket = rustix::fs::fstat(std::io::stdin()).is_ok_and(|s| rustix::fs::FileType::from_raw_mode(s.st_mode).is_socket());
    if !socket {
        eprintln!("copilot-tui holder: is started by the server, which talks to it over standard input");
        return ExitCode::from(2);
    }
    sys::close_inherited();
    match sys::fork() {
        Ok(sys::Side::Child) => {}
        Ok(sys::Side::Parent(_)) => return ExitCode::SUCCESS,
        Err(e) => {
            let failure = LaunchFailure::new("fork", "the holder", &e);
            let _ = sys::take_stdin().map(UnixStream::from).and_then(|mut s| s.write_all(&Notice::LaunchFailed(failure).encode()));
            return ExitCode::FAILURE;
        }
    }
    match detach() {
        Ok((server, signals)) => run(server, signals),
        Err(_) => ExitCode::FAILURE,
    }
}

/// Leaves everything behind that could reach this process: session, folder, standard files, signals.
fn detach() -> std::io::Result<(UnixStream, sys::Signals)> {
    rustix::process::setsid()?;
    let server = UnixStream::from(sys::take_stdin()?);
    std::env::set_current_dir("/")?;
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    sys::ignore_endings();
    sys::become_subreaper()?;
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_name(c"copilot-tui");
    Ok((server, sys::Signals::watch()?))
}

fn run(mut server: UnixStream, signals: sys::Signals) -> ExitCode {
    let Ok(bytes) = read_block(&mut server, MAX_ORDERS) else { return ExitCode::FAILURE };
    let orders: Orders = match serde_json::from_slice(&bytes) {
        Ok(orders) => orders,
        Err(e) => return refuse(server, LaunchFailure::text("argv", format!("unreadable orders: {e}"))),
    };
    drop(bytes);
    let started = match start::start(orders, &signals) {
        Ok(started) => started,
        Err(failure) => return refuse(server, failure),
    };
    match core::Holder::new(started, signals, server) {
        Ok(mut holder) => {
            holder.run();
            ExitCode::SUCCESS
        }
        Err(_) => ExitCode::FAILURE,
    }
}

fn refuse(mut server: UnixStream, failure: LaunchFailure) -> ExitCode {
    let _ = server.write_all(&Notice::LaunchFailed(failure).encode());
    let _ = rustix::net::shutdown(server.as_fd(), rustix::net::Shutdown::Write);
    ExitCode::FAILURE
}
