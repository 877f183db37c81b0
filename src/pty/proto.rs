//! Holder protocol, version 1. FROZEN: holders outlive the program they came from, so what stands here may be added to
//! (kinds, JSON fields) and never changed; the golden tests below hold it. Must not know sockets.
//!
//! A frame is `u32 LE length | u8 version | u8 kind | payload`; the length counts what follows it, 2 to 65,536. An
//! unknown kind or version is answered with an error frame and skipped; only a length out of range ends a connection.
//! Requests are answered in order of their kind: the reply to kind `k` is kind `0x80 | k`, or an error frame that names
//! `k`. Payloads are JSON objects (unknown fields ignored, missing ones have defaults) except the metadata, which is bytes.
//! LEASE's reply carries the descriptors (`SCM_RIGHTS`): terminal, ring, snapshot and, when there is one, the spill file.

use super::spec::{ExitStatus, LaunchFailure, StopPlan, StopReport};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The only version.
pub const VERSION: u8 = 1;
/// Largest value of the length field.
pub const MAX_LENGTH: usize = 64 * 1024;
/// Most bytes of metadata a holder keeps.
pub const MAX_META: usize = 32 * 1024;

/// Kinds of frames. Requests are below `0x40`, events below `0x80`, replies above.
pub mod kind {
    #![allow(missing_docs)]
    pub const HELLO: u8 = 0x01;
    pub const LEASE: u8 = 0x02;
    pub const SIGNAL: u8 = 0x03;
    pub const FREEZE: u8 = 0x04;
    pub const THAW: u8 = 0x05;
    pub const STOP: u8 = 0x06;
    pub const STATUS: u8 = 0x07;
    pub const ACK_EXIT: u8 = 0x08;
    pub const META_SET: u8 = 0x09;
    pub const META_GET: u8 = 0x0a;
    pub const EXITED: u8 = 0x41;
    pub const STOPPED: u8 = 0x42;
    pub const STOP_PROGRESS: u8 = 0x43;
    pub const EMPTIED: u8 = 0x44;
    pub const LEASE_WAITS: u8 = 0x45;
    pub const LAUNCH_FAILED: u8 = 0x46;
    pub const REPLY: u8 = 0x80;
    pub const ERROR: u8 = 0xff;
}

/// One frame, not yet understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Version byte as sent.
    pub version: u8,
    /// Kind byte as sent.
    pub kind: u8,
    /// The rest.
    pub payload: Vec<u8>,
}

/// Bytes that cannot be frames: the connection has to end.
#[derive(thiserror::Error, Clone, Copy, Debug, PartialEq, Eq)]
#[error("frame length {0} is not between 2 and 65536")]
pub struct BadLength(pub u32);

/// Bytes of a frame. A payload that is too large (no caller makes one) gives an error frame in its place.
pub fn encode(kind: u8, payload: &[u8]) -> Vec<u8> {
    if payload.len() + 2 > MAX_LENGTH {
        return json(kind::ERROR, &ErrorReply { to: kind, code: "too_large".into(), message: "the answer does not fit a frame".into() });
    }
    let mut out = Vec::with_capacity(payload.len() + 6);
    out.extend_from_slice(&(payload.len() as u32 + 2).to_le_bytes());
    out.push(VERSION);
    out.push(kind);
    out.extend_from_slice(payload);
    out
}

/// Bytes of a frame with a JSON payload.
pub fn json(kind: u8, value: &impl Serialize) -> Vec<u8> {
    encode(kind, &serde_json::to_vec(value).unwrap_or_default())
}

/// Collects bytes and gives frames. Holds at most one frame and one read.
#[derive(Default, Debug)]
pub struct Decoder {
    buf: Vec<u8>,
}

impl Decoder {
    /// Adds bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buf.extend_from_slice(bytes);
    }

    /// The next whole frame, if there is one.
    ///
    /// # Errors
    /// A length out of range; nothing after it can be understood.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, BadLength> {
        let Some(length) = self.buf.first_chunk::<4>().map(|b| u32::from_le_bytes(*b)) else { return Ok(None) };
        if !(2..=MAX_LENGTH as u32).contains(&length) {
            return Err(BadLength(length));
        }
        let end = 4 + length as usize;
        let frame = match self.buf.get(4..end) {
            Some([version, kind, payload @ ..]) => Frame { version: *version, kind: *kind, payload: payload.to_vec() },
            _ => return Ok(None),
        };
        self.buf.drain(..end);
        if self.buf.is_empty() {
            self.buf = Vec::new(); // an idle connection keeps no memory
        }
        Ok(Some(frame))
    }
}

/// The JSON payload of a frame; an empty payload is an empty object.
///
/// # Errors
/// What JSON says.
pub fn payload<T: DeserializeOwned>(frame: &Frame) -> Result<T, serde_json::Error> {
    serde_json::from_slice(if frame.payload.is_empty() { b"{}" } else { &frame.payload })
}

/// What LEASE asks.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(default)]
pub struct LeaseAsk {
    /// Must be above the epoch of the last lease; 0 takes the next one.
    pub epoch: u64,
    /// Whether to wait for the end of a lease that somebody else has (a LEASE_WAITS event says so), or be refused as `busy`.
    pub wait: bool,
}

/// What SIGNAL asks.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(default)]
pub struct SignalAsk {
    /// Signal number.
    pub sig: i32,
    /// To every descendant, or the leader alone.
    pub tree: bool,
}

/// Answer to SIGNAL, FREEZE and THAW.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq, Default)]
#[serde(default)]
pub struct TreeReply {
    /// How many processes it reached.
    pub count: u32,
    /// Processes that FREEZE could not stop. At most 100 are named.
    pub survivors: Vec<super::spec::Survivor>,
}

/// What a holder says of itself: answer to HELLO, STATUS, ACK_EXIT and LEASE.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq, Default)]
#[serde(default)]
pub struct Status {
    /// The holder's process.
    pub holder_pid: i32,
    /// The agent's process; may have ended.
    pub agent_pid: i32,
    /// When the agent's process was made, in clock ticks since boot: with the pid its identity.
    pub agent_ticks: u64,
    /// When it was started, milliseconds since the Unix epoch.
    pub started_wall_ms: u64,
    /// Columns of the terminal now.
    pub cols: u16,
    /// Rows of the terminal now.
    pub rows: u16,
    /// Process that has the lease.
    pub lease_pid: Option<i32>,
    /// Count of leases so far.
    pub epoch: u64,
    /// Whether the tree is stopped by FREEZE.
    pub frozen: bool,
    /// Whether a STOP is under way.
    pub stopping: bool,
    /// How the agent ended.
    pub exited: Option<ExitStatus>,
    /// Living processes below the holder, the agent with them. Counted for STATUS and ACK_EXIT alone: it takes a look at every
    /// process of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<u32>,
    /// Bytes of the terminal in ring and spill together.
    pub head: u64,
    /// Bytes in the spill file.
    pub spilled: u64,
    /// Whether nobody reads because ring and spill are full: the agent is blocked by its own output.
    pub blocked: bool,
    /// Descriptors that came with this frame.
    pub fds: u8,
    /// Version of the program that the holder runs.
    pub build: String,
}

/// Why a request was not done.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq, Default)]
#[serde(default)]
pub struct ErrorReply {
    /// Kind of the request.
    pub to: u8,
    /// One word for programs: `unknown`, `version`, `bad_payload`, `busy`, `stale`, `exited`, `running`, `stopping`, `refused`, `too_large`.
    pub code: String,
    /// One line for people.
    pub message: String,
}

/// Which step a stop is at.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq, Default)]
#[serde(default)]
pub struct StopProgress {
    /// `term` or `kill`.
    pub phase: String,
}

/// Who has the lease that this connection waits for.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(default)]
pub struct LeaseWaits {
    /// Its process.
    pub pid: i32,
}

/// Everything that may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Who are you.
    Hello,
    /// Lend me the terminal.
    Lease(LeaseAsk),
    /// Send a signal.
    Signal(SignalAsk),
    /// Stop every process.
    Freeze,
    /// Let those go on.
    Thaw,
    /// End every process.
    Stop(StopPlan),
    /// How are you.
    Status,
    /// The exit status is stored and the terminal read dry: you may end.
    AckExit,
    /// Keep these bytes.
    MetaSet(Vec<u8>),
    /// Give them back.
    MetaGet,
}

impl Request {
    /// Its kind byte.
    pub fn kind(&self) -> u8 {
        match self {
            Request::Hello => kind::HELLO,
            Request::Lease(_) => kind::LEASE,
            Request::Signal(_) => kind::SIGNAL,
            Request::Freeze => kind::FREEZE,
            Request::Thaw => kind::THAW,
            Request::Stop(_) => kind::STOP,
            Request::Status => kind::STATUS,
            Request::AckExit => kind::ACK_EXIT,
            Request::MetaSet(_) => kind::META_SET,
            Request::MetaGet => kind::META_GET,
        }
    }

    /// Its frame.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Request::Lease(ask) => json(kind::LEASE, ask),
            Request::Signal(ask) => json(kind::SIGNAL, ask),
            Request::Stop(plan) => json(kind::STOP, plan),
            Request::MetaSet(bytes) => encode(kind::META_SET, bytes),
            other => encode(other.kind(), &[]),
        }
    }

    /// The request in a frame.
    ///
    /// # Errors
    /// The answer to send.
    pub fn decode(frame: Frame) -> Result<Request, ErrorReply> {
        let refuse = |code: &str, message: String| Err(ErrorReply { to: frame.kind, code: code.into(), message });
        if frame.version != VERSION {
            return refuse("version", format!("this holder speaks version {VERSION}, not {}", frame.version));
        }
        let bad = |e: serde_json::Error| ErrorReply { to: frame.kind, code: "bad_payload".into(), message: e.to_string() };
        Ok(match frame.kind {
            kind::HELLO => Request::Hello,
            kind::LEASE => Request::Lease(payload(&frame).map_err(bad)?),
            kind::SIGNAL => Request::Signal(payload(&frame).map_err(bad)?),
            kind::FREEZE => Request::Freeze,
            kind::THAW => Request::Thaw,
            kind::STOP => Request::Stop(payload(&frame).map_err(bad)?),
            kind::STATUS => Request::Status,
            kind::ACK_EXIT => Request::AckExit,
            kind::META_SET if frame.payload.len() > MAX_META => return refuse("too_large", format!("more than {MAX_META} bytes")),
            kind::META_SET => Request::MetaSet(frame.payload),
            kind::META_GET => Request::MetaGet,
            other => return refuse("unknown", format!("unknown kind {other:#04x}")),
        })
    }
}

/// Everything a holder says unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The agent ended. Others of its tree may live.
    Exited(ExitStatus),
    /// A stop is over.
    Stopped(StopReport),
    /// A stop goes on.
    StopProgress(StopProgress),
    /// After the agent's end: the last of its tree ended too.
    Emptied,
    /// The lease is somebody else's; this connection is in the queue.
    LeaseWaits(LeaseWaits),
    /// The agent could not be started; the holder ends.
    LaunchFailed(LaunchFailure),
}

impl Notice {
    /// Its frame.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Notice::Exited(v) => json(kind::EXITED, v),
            Notice::Stopped(v) => json(kind::STOPPED, v),
            Notice::StopProgress(v) => json(kind::STOP_PROGRESS, v),
            Notice::Emptied => encode(kind::EMPTIED, &[]),
            Notice::LeaseWaits(v) => json(kind::LEASE_WAITS, v),
            Notice::LaunchFailed(v) => json(kind::LAUNCH_FAILED, v),
        }
    }

    /// The notice in a frame; `None` for kinds this version does not know and payloads it cannot read.
    pub fn decode(frame: &Frame) -> Option<Notice> {
        match frame.kind {
            kind::EXITED => payload(frame).ok().map(Notice::Exited),
            kind::STOPPED => payload(frame).ok().map(Notice::Stopped),
            kind::STOP_PROGRESS => payload(frame).ok().map(Notice::StopProgress),
            kind::EMPTIED => Some(Notice::Emptied),
            kind::LEASE_WAITS => payload(frame).ok().map(Notice::LeaseWaits),
            kind::LAUNCH_FAILED => payload(frame).ok().map(Notice::LaunchFailed),
            _ => None,
        }
    }
}

#[cfg(test)]
#[path = "proto_tests.rs"]
mod tests;
