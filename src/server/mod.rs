//! The server: inputs to `model::apply` to effects to subscribers. One thread, one loop; a fault of one session or client ends
//! that one alone. Must not know drawing.
//!
//! `hub` holds the facts and hands them round, `turn` changes them; `pane` is one session's terminal; `client` is one connection; `ops`
//! answers requests; `effects` does what the model asks for; `recover` brings everything back after a crash.

mod agent_log;
mod agents;
mod anchors;
mod answer;
mod asking;
mod asks;
mod attend;
mod blocks;
mod bridge;
mod brief;
mod catalog;
mod client;
mod deliver;
mod diagnose;
mod edits;
mod effects;
mod figures;
mod frames;
mod git_watch;
mod handoff;
mod hooks;
mod hub;
mod kept;
mod kept_anchors;
mod last_words;
mod listing;
mod log;
mod looking;
mod mcp;
mod new;
mod notify;
mod offer_clock;
mod offers;
mod ops;
mod outlet;
mod pane;
mod patches;
mod pump;
mod recorded;
mod recording;
mod recover;
mod replay;
mod replays;
mod resizing;
mod roles;
mod search_all;
mod seeing;
mod seen;
mod selecting;
mod send;
mod sent;
mod settings;
mod sizes;
mod start;
mod stream;
mod talks;
mod targets;
mod text_watch;
mod texts;
mod tidy;
mod tidying;
mod todos;
mod turn;
mod wiring;

pub use recorded::Recording;
pub use settings::Settings;
pub use text_watch::rules as text_rules;

use crate::base::Now;
use crate::ipc::{self, Paths, PathsError, Readiness, ServerLock};
use crate::store::{Store, StoreError};
use hub::Hub;
use std::process::ExitCode;
use std::rc::Rc;
use thiserror::Error;
use tokio::net::UnixListener;

/// Why a server cannot serve.
#[derive(Debug, Error)]
pub enum ServeError {
    /// Its folders.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// Its socket.
    #[error("{0}")]
    Bind(String),
    /// Its database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system said no.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Runs the server until it is told to stop. `load` reads the settings, now and whenever a client asks for it.
pub fn run(paths: Paths, load: Box<dyn Fn() -> Settings>) -> ExitCode {
    crate::pty::lean_heap();
    let readiness = Readiness::take();
    let asked = readiness.asked();
    if asked && let Err(e) = ipc::become_daemon() {
        readiness.failed(&format!("cannot leave the terminal's session: {e}"));
        return ExitCode::FAILURE;
    }
    match serve(paths, load, readiness) {
        Ok(()) => ExitCode::SUCCESS,
        Err((e, readiness)) => {
            if !asked {
                eprintln!("copilot-tui: {e}");
            }
            if let Some(r) = readiness {
                r.failed(&e.to_string());
            }
            ExitCode::FAILURE
        }
    }
}

/// Threads for files that have nothing to do end after so long.
const THREADS: std::time::Duration = std::time::Duration::from_secs(2);

type Failed = (ServeError, Option<Readiness>);

fn serve(paths: Paths, load: Box<dyn Fn() -> Settings>, readiness: Readiness) -> Result<(), Failed> {
    if let Err(e) = paths.ensure() {
        return Err((e.into(), Some(readiness)));
    }
    let settings = load();
    let logging = log::start(&paths, &settings);
    let lock = match ServerLock::try_acquire(&paths.lock()) {
        Ok(Some(lock)) => lock,
        Ok(None) => {
            if !readiness.asked() {
                eprintln!("copilot-tui: a server `{}` runs already", paths.server);
            }
            readiness.held();
            return Ok(());
        }
        Err(source) => return Err((ServeError::Io { what: "cannot take the server lock", source }, Some(readiness))),
    };
    let listener = match lock.bind_main(&paths) {
        Ok(l) => l,
        Err(e) => return Err((ServeError::Bind(e.to_string()), Some(readiness))),
    };
    let (store, opened) = match Store::open(&paths.db()) {
        Ok(s) => s,
        Err(e) => return Err((e.into(), Some(readiness))),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(8).thread_keep_alive(THREADS).build() {
        Ok(r) => r,
        Err(source) => return Err((ServeError::Io { what: "cannot start the runtime", source }, Some(readiness))),
    };
    let local = tokio::task::LocalSet::new();
    let result = local.block_on(&runtime, async move {
        let listener = listener.set_nonblocking(true).and_then(|()| UnixListener::from_std(listener));
        let listener = match listener {
            Ok(l) => l,
            Err(source) => return Err((ServeError::Io { what: "cannot listen", source }, Some(readiness))),
        };
        let hub = Hub::new(paths, store, settings, load, logging);
        recover::recover(&hub, opened, Now::read()).await;
        tracing::info!(pid = std::process::id(), version = env!("CARGO_PKG_VERSION"), "server ready");
        readiness.ready();
        hub.spawn("notifications", notify::clock(Rc::clone(&hub)));
        hub.spawn("tidy", tidying::tidy(Rc::clone(&hub)));
        offers::arm(&hub);
        hub.spawn("offers", offers::clock(Rc::clone(&hub)));
        client::accepting::accept(Rc::clone(&hub), listener).await;
        hub.close().await;
        Ok(())
    });
    // Worker threads that hang in a file system must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    drop(lock);
    result
}
