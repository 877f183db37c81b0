//! The control messages of both directions. Must not know sockets.

use super::facts::{AgentInfo, Session, TimelineEntry};
use super::notification::Notification;
use super::op::Op;
use crate::base::{Key, MouseEvent, SessionId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What kind of client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// One request after another, no screen.
    #[default]
    Command,
    /// A full-screen client.
    Screen,
}

/// Colours of a client's terminal, as it told them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OuterColors {
    /// Foreground.
    pub fg: Option<(u8, u8, u8)>,
    /// Background.
    pub bg: Option<(u8, u8, u8)>,
    /// The named colours, from 0 on, as far as they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub palette: Vec<(u8, u8, u8)>,
}

/// A pane a client shows now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaneWatch {
    /// The session in it.
    pub session: SessionId,
    /// Columns it has room for.
    pub cols: u16,
    /// Rows it has room for.
    pub rows: u16,
    /// Absolute number of the first line shown when looking back; the live screen when none.
    #[serde(default)]
    pub top: Option<u64>,
    /// Has the focus of this client.
    #[serde(default)]
    pub focused: bool,
    /// So many lines above and below are wanted too: they are looked at next.
    #[serde(default)]
    pub margin: u16,
    /// Places (absolute line, column) that the client holds on to: where it looks, what is selected.
    #[serde(default)]
    pub marks: Vec<(u64, u16)>,
    /// Number of the last [`ServerMsg::Moved`] that `marks` stand after.
    #[serde(default)]
    pub moved: u64,
}

/// Something a person does to a pane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "lowercase")]
pub enum PaneInput {
    /// A key.
    Key {
        /// Which.
        key: Key,
    },
    /// A mouse event, in cells of the pane.
    Mouse {
        /// What.
        event: MouseEvent,
    },
    /// A part of a paste; the server takes all parts or none.
    Paste {
        /// The part.
        text: String,
        /// No more parts follow.
        last: bool,
    },
}

/// From client to server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "msg", rename_all = "kebab-case")]
pub enum ClientMsg {
    /// First message of a connection.
    Hello {
        /// [`super::PROTOCOL`] of the client.
        protocol: u32,
        /// [`super::ROWS_VERSION`] of the client.
        rows_version: u32,
        /// Version of its program.
        version: String,
        /// What it is.
        #[serde(default)]
        kind: ClientKind,
        /// Sends no input and sizes nothing.
        #[serde(default)]
        read_only: bool,
        /// Folder it was started in.
        #[serde(default)]
        cwd: String,
    },
    /// A request; the reply carries the same id.
    Request {
        /// Chosen by the client, unique on this connection.
        id: u64,
        /// What is asked.
        op: Op,
    },
    /// Send all facts now and every change from now on.
    Subscribe {
        /// Folder or project whose saved view is wanted.
        #[serde(default)]
        view: Option<String>,
    },
    /// The panes shown now, replacing the set before.
    Watch {
        /// Every visible pane.
        panes: Vec<PaneWatch>,
        /// CPU and memory figures are in sight.
        #[serde(default)]
        figures: bool,
    },
    /// Input for a pane.
    Input {
        /// Which.
        session: SessionId,
        /// What.
        #[serde(flatten)]
        input: PaneInput,
    },
    /// The frame with this number is on the screen; the next may come.
    Ack {
        /// Number of the frame.
        seq: u64,
    },
    /// Keep this arrangement of panes for the next attach.
    SaveView {
        /// Folder or project.
        view: String,
        /// Opaque to the server.
        state: String,
    },
    /// Colours of the client's terminal.
    Colors {
        /// The colours.
        colors: OuterColors,
    },
    /// The client's terminal got or lost the focus, as it reported itself.
    Focus {
        /// It has the focus.
        on: bool,
    },
    /// Variables that lead to the desktop of this client, for desktop notifications and the command hook.
    Desktop {
        /// By name.
        env: Vec<(String, String)>,
    },
    /// Anything newer than this program.
    #[serde(other)]
    Unknown,
}

/// How loud a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    Info,
    /// Done.
    Success,
    /// The user is needed.
    Attention,
    /// Something failed.
    Error,
}

/// An error as everybody sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireError {
    /// One word: `not_found`, `ambiguous`, `usage`, `timeout`, `forbidden`, `needs_person`, `unavailable`, `failed`, `conflict`.
    pub kind: String,
    /// What happened, where.
    pub message: String,
    /// What to do.
    #[serde(default)]
    pub hint: String,
}

/// From server to client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "msg", rename_all = "kebab-case")]
pub enum ServerMsg {
    /// First message of a connection.
    Hello {
        /// [`super::PROTOCOL`] of the server.
        protocol: u32,
        /// [`super::ROWS_VERSION`] of the server.
        rows_version: u32,
        /// Version of its program.
        version: String,
        /// Its process.
        pid: i32,
        /// Its name.
        server: String,
    },
    /// Answer to a request.
    Reply {
        /// Id of the request.
        id: u64,
        /// The value, when it worked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ok: Option<Value>,
        /// Why it did not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<WireError>,
    },
    /// Facts that changed since the last such message.
    Facts {
        /// Rises with every change.
        rev: u64,
        /// This is everything; forget what was known.
        #[serde(default)]
        full: bool,
        /// Sessions new or changed.
        #[serde(default)]
        sessions: Vec<Session>,
        /// Sessions gone.
        #[serde(default)]
        removed: Vec<SessionId>,
        /// Log entries since the last message, oldest first.
        #[serde(default)]
        timeline: Vec<TimelineEntry>,
        /// Agents, when they were looked up anew.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agents: Option<Vec<AgentInfo>>,
        /// The view kept by `SaveView`, in the first message after `Subscribe`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        view: Option<String>,
        /// This is a part; the next message has more of the same.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        more: bool,
    },
    /// Something worth a toast.
    Notice {
        /// How loud.
        level: Level,
        /// Session it is about.
        #[serde(default)]
        session: Option<SessionId>,
        /// One line.
        title: String,
        /// More, if any.
        #[serde(default)]
        text: String,
    },
    /// A recording that is shown has moved on.
    Replay {
        /// Which.
        replay: SessionId,
        /// Milliseconds from its beginning, long pauses cut.
        at: u64,
        /// To its end.
        length: u64,
        /// When that was, milliseconds since the Unix epoch.
        wall_ms: u64,
        /// It goes on.
        playing: bool,
    },
    /// A notification.
    Notification {
        /// It.
        notification: Box<Notification>,
        /// It was told before: only what can replace it in place shows it.
        #[serde(default)]
        again: bool,
        /// Show it over the panes.
        #[serde(default)]
        toast: bool,
        /// Tell it through the outer terminal.
        #[serde(default)]
        terminal: bool,
    },
    /// A notification no longer holds: take it back where that is possible.
    NotificationGone {
        /// Its number.
        id: u64,
    },
    /// A program in the focused pane set the clipboard (OSC 52).
    Clipboard {
        /// Session it came from.
        session: SessionId,
        /// What it wants in the clipboard.
        text: String,
    },
    /// All lines were broken anew: where the marks of the last watch are now, in their order.
    Moved {
        /// Which session.
        session: SessionId,
        /// Rises by one with every such message; the next watch says it.
        moved: u64,
        /// The places.
        marks: Vec<(u64, u16)>,
    },
    /// The server closes this connection.
    Bye {
        /// Why.
        reason: String,
    },
    /// Anything newer than this program.
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::op::Until;

    fn json<T: Serialize>(v: &T) -> String {
        serde_json::to_string(v).unwrap()
    }

    #[test]
    fn golden_messages() {
        let m = ClientMsg::Request { id: 7, op: Op::Wait { session: "3".into(), until: Until::Text("ok$".into()), timeout_ms: Some(500) } };
        assert_eq!(json(&m), r#"{"msg":"request","id":7,"op":{"op":"wait","session":"3","until":"text","regex":"ok$","timeout_ms":500}}"#);
        assert_eq!(serde_json::from_str::<ClientMsg>(&json(&m)).unwrap(), m);
        let m = ServerMsg::Bye { reason: "stopped".into() };
        assert_eq!(json(&m), r#"{"msg":"bye","reason":"stopped"}"#);
    }

    #[test]
    fn unknown_messages_and_fields_are_survived() {
        assert_eq!(serde_json::from_str::<ServerMsg>(r#"{"msg":"hologram","depth":3}"#).unwrap(), ServerMsg::Unknown);
        let m: ClientMsg = serde_json::from_str(r#"{"msg":"ack","seq":4,"mood":"fine"}"#).unwrap();
        assert_eq!(m, ClientMsg::Ack { seq: 4 });
    }
}
