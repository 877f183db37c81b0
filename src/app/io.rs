//! What goes into the app and what comes out. Must not know who carries it.

use super::hit::Hit;
use super::setup::Config;
use crate::base::{Key, MouseEvent, Size};
use crate::wire::message::OuterColors;
use crate::wire::{ClientMsg, Notification, PaneFrame, ServerMsg};

/// Something to be opened by a program of the person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// An address: http, https or mailto, checked.
    Url(String),
    /// A file in the editor.
    File {
        /// Where it may be, the likeliest first, absolute. Untrusted.
        paths: Vec<String>,
        /// Line, from 1.
        line: Option<u32>,
        /// Column, from 1.
        col: Option<u32>,
        /// Folder an editor in a pane starts in.
        folder: String,
    },
    /// Text in the editor.
    Text(String),
}

/// How opening went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// It is open; what was done, for people.
    Done(String),
    /// The editor needs a terminal: start this in a pane.
    Editor {
        /// Program and arguments.
        argv: Vec<String>,
        /// Folder to start in.
        folder: String,
        /// What is edited, for the session's name.
        name: String,
    },
    /// It could not be opened.
    Failed {
        /// Why.
        why: String,
        /// What to copy instead.
        copy: Option<String>,
    },
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A key, releases and repeats included.
    Key(Key),
    /// The mouse, with what it is on.
    Mouse {
        /// In cells of the screen.
        event: MouseEvent,
        /// What lies there, from `ui::Regions::hit`.
        hit: Hit,
    },
    /// Text was pasted.
    Paste(String),
    /// The screen has this size now.
    Resize(Size),
    /// The outer terminal got or lost the focus.
    Focus(bool),
    /// The server said something.
    Server(ServerMsg),
    /// Rows of a pane came.
    Pane(PaneFrame),
    /// The moment named by `App::next_wake` has come.
    Wake,
    /// The connection to the server stands.
    Connected,
    /// The connection is gone; the client is trying again.
    Disconnected {
        /// Why, in words for people.
        reason: String,
    },
    /// Text was put in the clipboard, or not.
    ClipboardDone {
        /// It worked, as far as can be known.
        ok: bool,
        /// How: `OSC 52`, `wl-copy`, or why not.
        how: String,
    },
    /// Something was opened, or not.
    Opened(Opened),
    /// The outer terminal told its colours.
    Colors(OuterColors),
    /// Settings, keys and themes were read again.
    Config(Box<Config>),
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Send this to the server.
    Send(ClientMsg),
    /// Leave the screen, then print this.
    Quit(String),
    /// Put this text in the clipboard.
    Copy(String),
    /// Open this outside of the program; the answer is an `Input::Opened`.
    Open(Open),
    /// Tell the person through the outer terminal.
    Notify {
        /// What.
        notification: Box<Notification>,
        /// It was told before: only where it can be replaced in its place.
        again: bool,
    },
    /// Take back what was told there, where that is possible.
    Unnotify(u64),
    /// Give the terminal to the shell and stop, until somebody continues the program.
    Suspend,
    /// Title of the outer terminal.
    SetTitle(String),
    /// Read the settings again; the answer is an `Input::Config`.
    ReloadConfig,
    /// Draw, when there is time.
    Redraw,
}
