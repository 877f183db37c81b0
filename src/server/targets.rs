//! Sessions as requests name them and as answers show them. Must not know what is asked of them.

use super::hub::{Hub, wire_error};
use crate::base::{Now, SessionId};
use crate::model::{Outcome, TargetError};
use crate::wire::Session;
use crate::wire::message::WireError;
use serde_json::Value;
use std::rc::Rc;

/// What a request comes to.
pub(super) type Answer = Result<Value, WireError>;

/// A target that names no session, for people.
pub fn target_error(e: TargetError) -> WireError {
    match e {
        TargetError::NotFound(_) => wire_error("not_found", e, "`copilot-tui sessions list` shows them all"),
        TargetError::Ambiguous { .. } => wire_error("ambiguous", e, "give more of the name, or the number"),
    }
}

/// Of one that has none.
pub(super) fn no_screen() -> WireError {
    wire_error("not_found", "this session has no screen (it never started, or its screen was not kept)", "")
}

/// The one session a target names.
pub fn find(hub: &Rc<Hub>, target: &str) -> Result<SessionId, WireError> {
    if target == "all" {
        return Err(wire_error("usage", "this takes one session, not `all`", "give its number or name; `copilot-tui sessions list` shows them"));
    }
    hub.world(|w| w.find(target)).map_err(target_error)
}

/// What the model made of a command, or why it would not.
pub(super) fn accept(out: Outcome) -> Result<Outcome, WireError> {
    match out.refused {
        Some(why) => Err(wire_error("conflict", why, "")),
        None => Ok(out),
    }
}

/// A session as everybody sees it.
pub fn view(hub: &Rc<Hub>, id: &SessionId) -> Option<Session> {
    hub.world(|w| w.get(id).map(|r| r.view(Now::read())))
}
