//! A connection to the server, for verbs: requests, and streams of facts. Blocking; must not know what is asked.

use super::error::CliError;
use crate::base::text::safe_line;
use crate::ipc::{self, ConnectError, ConnectOptions, Paths};
use crate::wire::frame::encode;
use crate::wire::message::{ClientKind, ClientMsg, ServerMsg};
use crate::wire::{Decoder, FrameKind, Op, PROTOCOL, ROWS_VERSION};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;

/// How long a server may be silent after `Hello` before it counts as hung.
const HELLO_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

/// A connection after both sides said hello.
#[derive(Debug)]
pub struct Conn {
    stream: UnixStream,
    decoder: Decoder,
    next_id: u64,
}

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Whether this process runs in a pane of the product, below a holder.
pub fn inside() -> bool {
    // Asked for several times on the way to a screen, and the same for as long as the process lives.
    static INSIDE: OnceLock<bool> = OnceLock::new();
    *INSIDE.get_or_init(|| std::env::var_os("COPILOT_TUI_SESSION").is_some() || below_holder())
}

fn below_holder() -> bool {
    ipc::ancestors(std::process::id() as i32).into_iter().any(crate::pty::tree::is_holder)
}

/// A raw connection, for the full-screen client.
///
/// # Errors
/// What is wrong with the server or its folders, and what to do.
pub fn socket(paths: &Paths, may_start: bool) -> Result<UnixStream, CliError> {
    let options = ConnectOptions { may_start: may_start && !inside(), ..ConnectOptions::default() };
    ipc::connect_or_start(paths, &options).map_err(explain)
}

fn explain(e: ConnectError) -> CliError {
    let hint = match &e {
        ConnectError::NotRunning(_) => "",
        _ => "`copilot-tui doctor` looks at every part of it",
    };
    CliError::new("unavailable", &e, hint)
}

impl Conn {
    /// Connects, starting a server when none runs and `may_start` (never from inside a session).
    ///
    /// # Errors
    /// When there is no server to talk to, or it is of another protocol.
    pub fn open(paths: &Paths, may_start: bool) -> Result<Conn, CliError> {
        // A server that was just killed may still take the connection; the next one answers.
        let mut tries = 3;
        loop {
            match Conn::hello(socket(paths, may_start)?) {
                Err(e) if e.kind == "gone" && tries > 0 => tries -= 1,
                Err(e) if e.kind == "gone" => return Err(CliError { kind: "unavailable".into(), ..e }),
                done => return done,
            }
        }
    }

    /// Connects to the next server, when the one before is gone: waits for it and starts none.
    ///
    /// # Errors
    /// When the one that came cannot be talked to.
    pub fn next_server(paths: &Paths) -> Result<Conn, CliError> {
        // One that is on its way out may still take the connection; it ends with it.
        let mut tries = 10;
        loop {
            match Conn::hello(ipc::wait_for_server(paths).map_err(explain)?) {
                Err(e) if e.kind == "gone" && tries > 0 => tries -= 1,
                done => return done,
            }
        }
    }

    fn hello(stream: UnixStream) -> Result<Conn, CliError> {
        let mut conn = Conn { stream, decoder: Decoder::new(), next_id: 1 };
        let cwd = std::env::current_dir().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
        let version = VERSION.to_owned();
        let said = conn.send(&ClientMsg::Hello {
            protocol: PROTOCOL,
            rows_version: ROWS_VERSION,
            version,
            kind: ClientKind::Command,
            read_only: false,
            cwd,
        });
        conn.stream.set_read_timeout(Some(HELLO_TIMEOUT)).map_err(CliError::failed)?;
        // A server that closes at once may have said why before it could be greeted.
        let answer = match (said, conn.next()) {
            (_, Ok(answer)) => answer,
            (Err(e), _) | (_, Err(e)) => return Err(e),
        };
        match answer {
            ServerMsg::Hello { protocol, version, .. } if protocol / 100 != PROTOCOL / 100 => Err(CliError::new(
                "unavailable",
                format!("the running server is version {version} and speaks another protocol ({protocol}, this program {PROTOCOL})"),
                "`copilot-tui server stop` ends it and leaves the sessions running; the next command starts the new one",
            )),
            ServerMsg::Hello { .. } => {
                conn.stream.set_read_timeout(None).map_err(CliError::failed)?;
                Ok(conn)
            }
            ServerMsg::Bye { reason } => Err(CliError::new("unavailable", safe_line(&reason, 300), "sessions go on; run the command again")),
            _ => Err(CliError::failed("the server did not say hello")),
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// When the server is gone or the message is too large.
    pub fn send(&mut self, msg: &ClientMsg) -> Result<(), CliError> {
        let json = serde_json::to_vec(msg).map_err(CliError::failed)?;
        let mut out = Vec::with_capacity(json.len() + 8);
        encode(FrameKind::Control, &json, &mut out)
            .map_err(|e| CliError::new("failed", e, "send less at once, or put it in a file and name the file"))?;
        self.stream.write_all(&out).map_err(gone)
    }

    /// The next message.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn next(&mut self) -> Result<ServerMsg, CliError> {
        let mut buffer = [0u8; 16 * 1024];
        loop {
            if let Some(frame) = self.decoder.next_frame().map_err(CliError::failed)? {
                if frame.kind == FrameKind::Control {
                    return serde_json::from_slice(&frame.payload).map_err(CliError::failed);
                }
                continue;
            }
            let n = self.stream.read(&mut buffer).map_err(gone)?;
            if n == 0 {
                return Err(gone(std::io::ErrorKind::UnexpectedEof.into()));
            }
            self.decoder.push(buffer.get(..n).unwrap_or_default());
        }
    }

    /// All sessions, however many answers it takes: `{"sessions": [SESSION]}`.
    ///
    /// # Errors
    /// See [`Conn::request`].
    pub fn sessions(&mut self) -> Result<Value, CliError> {
        let (mut all, mut from) = (Vec::new(), 0);
        loop {
            let mut answer = self.request(Op::List { from })?;
            if let Some(Value::Array(part)) = answer.get_mut("sessions").map(Value::take) {
                all.extend(part);
            }
            // A server that knows no parts gives all at once.
            match answer.get("next").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > from) {
                Some(next) => from = next,
                None => return Ok(json!({ "sessions": all })),
            }
        }
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// What the server says is wrong, or that it is gone.
    pub fn request(&mut self, op: Op) -> Result<Value, CliError> {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&ClientMsg::Request { id, op })?;
        loop {
            match self.next()? {
                ServerMsg::Reply { id: got, error: Some(e), .. } if got == id => return Err(e.into()),
                ServerMsg::Reply { id: got, ok, .. } if got == id => return Ok(ok.unwrap_or(Value::Null)),
                ServerMsg::Bye { reason } => return Err(CliError::new("unavailable", safe_line(&reason, 300), "")),
                _ => {}
            }
        }
    }
}

fn gone(e: std::io::Error) -> CliError {
    let message = match e.kind() {
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => "the server does not answer".to_owned(),
        _ => format!("the server is gone ({e})"),
    };
    CliError::new("gone", message, "sessions go on; run the command again")
}
