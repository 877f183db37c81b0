//! The full-screen app and what belongs to its terminal. Must not know drawing.

use super::{Call, Done, conn, settings};
use std::process::ExitCode;

/// Opens the full-screen app.
pub fn attach(call: &Call, session: Option<String>, read_only: bool) -> Done {
    let _ = (call, session, read_only, conn::inside(), settings::load(&call.paths));
    Ok(ExitCode::SUCCESS)
}

/// Brings a terminal back that a killed client left in a strange mode.
pub fn reset() -> Done {
    Ok(ExitCode::SUCCESS)
}

/// Shows what arrives when a key is pressed.
pub fn keys() -> Done {
    Ok(ExitCode::SUCCESS)
}
