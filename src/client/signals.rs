//! Signals, told to the loop by one task, so that the loop waits for one thing instead of six. Must not know what they do.

use super::shell::Done;
use std::io;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::Sender;

/// What a signal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// The terminal has another size.
    Resized,
    /// The program goes on after a stop.
    Continued,
    /// Stop for a while (Ctrl+Z of a job-control shell).
    Stop,
    /// End, with this exit code.
    End(u8),
}

/// Listens from now on: once it returns, no signal has its usual effect any more.
///
/// # Errors
/// The system's, when it takes no handler.
pub(super) fn listen(tell: Sender<Done>) -> io::Result<()> {
    let mut resize = signal(SignalKind::window_change())?;
    let mut cont = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
    let mut stop = signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?;
    let mut term = signal(SignalKind::terminate())?;
    let mut hup = signal(SignalKind::hangup())?;
    let mut int = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        loop {
            let told = tokio::select! {
                biased;
                Some(()) = hup.recv() => Told::End(129),
                Some(()) = term.recv() => Told::End(143),
                Some(()) = int.recv() => Told::End(130),
                Some(()) = resize.recv() => Told::Resized,
                Some(()) = cont.recv() => Told::Continued,
                Some(()) = stop.recv() => Told::Stop,
            };
            if tell.send(Done::Signal(told)).await.is_err() {
                return;
            }
        }
    });
    Ok(())
}
