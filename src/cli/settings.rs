//! Settings files to what the server takes. Must not know the server's inside.

use crate::config;
use crate::ipc::Paths;
use crate::model::{Limits, Offers};
use crate::server::{Recording, Settings};
use crate::term::EngineKind;
use std::path::PathBuf;

/// The server's settings as the files say now.
pub fn load(paths: &Paths) -> Settings {
    let (config, diagnostics) = config::load(&paths.config);
    for d in diagnostics {
        tracing::warn!("settings: {d}");
    }
    let cores = std::thread::available_parallelism().map_or(2, |n| n.get());
    Settings {
        limits: Limits { max_working: config.limits.working_at_once(cores), ..Limits::default() },
        offers: Offers { on: config.delegation.offer, files: config.delegation.files, minutes: config.delegation.minutes },
        history_lines: config.terminal.history_lines as usize,
        engine: match config.terminal.engine {
            config::Engine::Vt100 => EngineKind::Vt100,
            config::Engine::Native => EngineKind::Native,
        },
        default_agent: config.agents.default,
        read_text: config.agents.read_text,
        mcp: config.agents.mcp,
        log_level: config.log.level.word().to_owned(),
        log_file: config.log.file.map(PathBuf::from),
        recording: {
            let what = |w| config.recording.what.contains(&w);
            Recording {
                enabled: config.recording.enabled,
                agents: what(config::Recorded::Agents),
                shells: what(config::Recorded::Shells),
                commands: what(config::Recorded::Commands),
                except: config.recording.except.clone(),
                max_bytes: u64::from(config.recording.max_mib) << 20,
                days: u64::from(config.recording.days),
            }
        },
        worktree_root: config.worktree.root.map(PathBuf::from),
        notifications: config.notifications,
    }
}
