//! The binary. Everything it can do is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: these two run in processes that must stay small, or become another program.
    match std::env::args_os().nth(1).as_ref().and_then(|a| a.to_str()) {
        Some("holder") => copilot_tui::pty::holder_main(),
        Some("exec-step") => copilot_tui::pty::exec_step_main(),
        _ => copilot_tui::cli::main(),
    }
}
