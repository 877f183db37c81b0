//! `config`: where settings are, whether they are right, the defaults; the log's level and file. Must not know what settings do.

use super::args::ConfigVerb;
use super::error::CliError;
use super::{Call, Done, out, out_json, server};
use crate::agent::Catalog;
use crate::config::{self, DEFAULTS};
use crate::store::atomic_write;
use serde_json::json;
use std::process::ExitCode;
use toml_edit::{DocumentMut, Item, Table, value};

const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

/// Shows, checks or changes settings.
pub fn config(call: &Call, level: Option<String>, file: Option<String>, what: Option<ConfigVerb>, json: bool) -> Done {
    if level.is_some() || file.is_some() {
        if what.is_some() {
            return Err(CliError::usage("--log-level and --log-file stand alone", "run them without path, check or defaults"));
        }
        return set_log(call, level, file, json);
    }
    match what {
        Some(ConfigVerb::Path) | None => path(call, json),
        Some(ConfigVerb::Check) => check(call, json),
        Some(ConfigVerb::Defaults) => {
            out(DEFAULTS);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn path(call: &Call, json: bool) -> Done {
    let shown = call.paths.shown();
    if json {
        let map: serde_json::Map<_, _> = shown.into_iter().map(|(k, v)| (k.to_owned(), json!(v))).collect();
        out_json(&json!(map));
        return Ok(ExitCode::SUCCESS);
    }
    let cols = shown.iter().map(|(k, _)| k.len()).max().unwrap_or(0);
    for (k, v) in shown {
        out(&format!("{k:<cols$}  {}{}\n", v.display(), if v.exists() { "" } else { "  (not there yet)" }));
    }
    for note in &call.paths.notes {
        out(&format!("note: {note}\n"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Everything wrong in the settings files, a line each.
pub fn problems(call: &Call) -> Vec<String> {
    let loaded = config::load_all(&call.paths.config);
    let mut lines: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
    lines.extend(Catalog::load(&call.paths.agents()).1.iter().map(ToString::to_string));
    let (rules, wrong) = crate::server::text_rules(&call.paths.config.join("rules"));
    lines.extend(wrong);
    lines.extend(rules.try_samples());
    lines
}

fn check(call: &Call, json: bool) -> Done {
    let problems = problems(call);
    if json {
        out_json(&json!({"problems": problems}));
    } else if problems.is_empty() {
        out(&format!("all settings in {} are right\n", call.paths.config.display()));
    } else {
        for p in &problems {
            out(&format!("{p}\n"));
        }
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn set_log(call: &Call, level: Option<String>, file: Option<String>, json: bool) -> Done {
    let path = call.paths.config_file();
    let text = match std::fs::read_to_string(&path) {
        Ok(t) => t,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(CliError::failed(format!("{}: {e}", path.display()))),
    };
    let mut doc: DocumentMut = text.parse().map_err(|e| {
        CliError::new("failed", format!("{} cannot be read: {e}", path.display()), "mend it first; `copilot-tui config check` says where")
    })?;
    if !doc.contains_table("log") {
        doc.insert("log", Item::Table(Table::new()));
    }
    if let Some(level) = &level {
        if !LEVELS.contains(&level.as_str()) {
            return Err(CliError::usage(format!("`{level}` is not a level"), LEVELS.join(", ")));
        }
        doc["log"]["level"] = value(level);
    }
    let mut shown = None;
    if let Some(file) = &file {
        let absolute = match file.as_str() {
            "default" => String::new(),
            f => std::env::current_dir().map_err(CliError::failed)?.join(f).to_string_lossy().into_owned(),
        };
        if !absolute.is_empty() {
            // Made now, so that `tail -f` finds it and a wrong place is told at once.
            std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(&absolute)
                .map_err(|e| CliError::new("failed", format!("{absolute}: {e}"), "choose a file in a folder you may write"))?;
        }
        doc["log"]["file"] = value(&absolute);
        shown = Some(if absolute.is_empty() { call.paths.log().to_string_lossy().into_owned() } else { absolute });
    }
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(|e| CliError::failed(format!("{}: {e}", dir.display())))?;
    }
    atomic_write(&path, doc.to_string().as_bytes(), 0o600).map_err(|e| CliError::failed(format!("{}: {e}", path.display())))?;
    let running = server::reload(call)?;
    if json {
        out_json(&json!({"config": path, "level": level, "file": shown, "server_told": running}));
        return Ok(ExitCode::SUCCESS);
    }
    out(&format!("wrote {}\n", path.display()));
    if let Some(f) = shown {
        out(&format!("the server logs to {f}\n"));
    }
    if !running {
        out("no server runs; the next one will\n");
    }
    Ok(ExitCode::SUCCESS)
}
