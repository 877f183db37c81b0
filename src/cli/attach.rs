//! The full-screen app and what belongs to its terminal. Must not know drawing.

use super::error::CliError;
use super::{Call, Done, conn, out};
use crate::base::Chord;
use crate::client::{self, ClientOptions};
use crate::command::Scope;
use crate::config::{self, Keymap};
use crate::ipc::{Paths, cleaned_env, umask};
use std::io::IsTerminal;
use std::process::ExitCode;

/// Opens the full-screen app, with a session in front.
pub fn attach(call: &Call, session: Option<String>, read_only: bool) -> Done {
    ready(call)?;
    session.as_ref().map_or(Ok(()), |target| check(call, target))?;
    open(call, session, read_only, None)
}

/// The same with a session that is there: the server has just said so.
pub fn attach_new(call: &Call, number: u32) -> Done {
    ready(call)?;
    open(call, Some(number.to_string()), false, None)
}

/// The same, with the recording of the session, so many times as fast.
pub fn replay(call: &Call, session: String, speed: f64) -> Done {
    if !(0.1..=100.0).contains(&speed) {
        return Err(CliError::usage(format!("{speed} is no speed"), "0.1 to 100"));
    }
    ready(call)?;
    check(call, &session)?;
    open(call, Some(session), false, Some(speed))
}

/// Whether the app may take the screen here.
fn ready(call: &Call) -> Result<(), CliError> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        let hint = "in scripts: copilot-tui new, sessions, send, read, wait, each with --help";
        return Err(CliError::new("failed", "the full-screen app needs a terminal", hint));
    }
    if conn::inside() { outside_only(call) } else { Ok(()) }
}

/// Wrong names are told before the screen changes.
fn check(call: &Call, target: &str) -> Result<(), CliError> {
    let op = crate::wire::Op::Show { session: target.to_owned(), peek: true };
    conn::Conn::open(&call.paths, true)?.request(op).map(drop)
}

fn open(call: &Call, session: Option<String>, read_only: bool, replay: Option<f64>) -> Done {
    let socket = conn::socket(&call.paths, true)?;
    let cwd = std::env::current_dir().map_err(|e| CliError::failed(format!("cannot tell this folder: {e}")))?;
    let paths = call.paths.clone();
    let exit = client::run(ClientOptions {
        socket,
        reconnect: std::sync::Arc::new(move || conn::socket(&paths, true).map_err(|e| std::io::Error::other(e.message))),
        session,
        replay,
        server: Some(call.server.clone()).filter(|s| s != "default"),
        read_only,
        cwd: cwd.to_string_lossy().into_owned(),
        config: Some(call.paths.config.clone()),
        client_env: cleaned_env(std::env::vars_os()),
        umask: Some(umask()),
        zone: jiff::tz::TimeZone::system(),
    })
    .map_err(|e| CliError::new("failed", e, ""))?;
    if !exit.message.is_empty() {
        out(&format!("{}\n", exit.message));
    }
    Ok(ExitCode::from(exit.code))
}

/// Asks for something that is refused inside a session, before the screen is touched: a terminal that is left at once gets the
/// answers to its queries when nobody reads them any more.
fn outside_only(call: &Call) -> Result<(), CliError> {
    let asked = conn::Conn::open(&call.paths, false)?.request(crate::wire::Op::Timeline { session: None, limit: 0, after: None });
    match asked {
        Err(e) if e.kind == "forbidden" => {
            let which = match std::env::var("COPILOT_TUI_NUMBER") {
                Ok(n) if n.chars().all(|c| c.is_ascii_digit()) => format!("is session #{n} of the same server"),
                _ => "is a session itself".to_owned(),
            };
            Err(CliError::new(
                "forbidden",
                format!("this terminal {which}; open the app outside of it"),
                "in here: copilot-tui sessions list, report",
            ))
        }
        _ => Ok(()),
    }
}

/// Brings a terminal back that a killed client left in a strange mode.
pub fn reset() -> Done {
    client::reset()
        .map_err(|e| CliError::new("failed", format!("this terminal cannot be reset: {e}"), "run it in the terminal that is in a strange mode"))?;
    Ok(ExitCode::SUCCESS)
}

/// What a key does in the app: in a pane, after the prefix, and in panels.
fn meaning(keymap: &Keymap, chord: &Chord) -> String {
    let prefix = keymap.prefix();
    if *chord == prefix {
        return "the prefix".to_owned();
    }
    let mut said: Vec<String> = Vec::new();
    let mut panels: Vec<&str> = Vec::new();
    for b in keymap.bindings() {
        let title = b.cmd.row().title;
        let everywhere = matches!(b.scope, Scope::Global | Scope::Pane);
        match b.chords.as_slice() {
            [one] if one == chord && everywhere => said.push(title.to_owned()),
            [p, one] if *p == prefix && one == chord && everywhere => said.push(format!("after the prefix: {title}")),
            [one] if one == chord && !panels.contains(&title) => panels.push(title),
            _ => {}
        }
    }
    if !panels.is_empty() {
        panels.truncate(4);
        said.push(format!("in panels: {}", panels.join(", ")));
    }
    if said.is_empty() { "goes to the pane".to_owned() } else { said.join("; ") }
}

/// Shows what arrives when a key is pressed.
pub fn keys() -> Done {
    // Without a home the shipped keys are shown.
    let keymap = Paths::from_env("default").map_or_else(|_| Keymap::default(), |paths| config::load_all(&paths.config).keymap);
    client::inspect_keys(&|chord| meaning(&keymap, chord)).map_err(|e| CliError::new("failed", e, "run it in a terminal"))?;
    Ok(ExitCode::SUCCESS)
}
