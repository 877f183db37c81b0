//! What `sessions debug` and `sessions diagnose` show: processes, resources, escape traffic, evidence, conflicts.
//! Must not know how it is printed.

use super::hub::{Hub, wire_error};
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::git;
use crate::pty::tree::{self, Proc};
use crate::term;
use crate::wire::Session;
use crate::wire::facts::{Inspection, ProcessInfo};
use crate::wire::message::WireError;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Looking at a work tree gives up after so long.
const DEADLINE: Duration = Duration::from_secs(5);
const PARTS: [&str; 3] = ["performance", "resources", "conflicts"];

/// Everything `sessions debug` shows.
///
/// # Errors
/// When the session is gone.
pub fn inspect(hub: &Rc<Hub>, id: &SessionId) -> Result<Value, WireError> {
    let inspection = inspection(hub, id).ok_or_else(|| wire_error("not_found", "the session was dismissed", ""))?;
    serde_json::to_value(inspection).map_err(|e| wire_error("failed", e, ""))
}

fn inspection(hub: &Rc<Hub>, id: &SessionId) -> Option<Inspection> {
    let now = Now::read();
    let (session, evidence) = hub.world(|w| {
        let r = w.get(id)?;
        let evidence = r.ledger.signals().iter().map(|s| {
            let text = s.text.as_deref().map(|t| format!(": {t}")).unwrap_or_default();
            (s.source.word().to_owned(), format!("{}{text}", s.state.word()), now.wall_ms.saturating_sub(s.at_ms))
        });
        Some((r.view(now), evidence.collect()))
    })?;
    let pane = hub.pane(id);
    let holder = pane.as_ref().and_then(|p| p.holder_pid());
    let processes = holder.map(|h| processes(&tree::descendants(h), h)).unwrap_or_default();
    let mut out = Inspection {
        session,
        holder,
        processes,
        signals: Vec::new(),
        traffic: Vec::new(),
        output_bytes: 0,
        input_bytes: 0,
        history_lines: 0,
        modes: Vec::new(),
        evidence,
    };
    if let Some(p) = pane {
        out.signals = p.signals();
        out.traffic = term::explain(&p.traffic());
        (out.output_bytes, out.input_bytes) = p.counts();
        p.engine(|e, _| {
            out.history_lines = e.screen_top().saturating_sub(e.history_start());
            out.modes = modes(&e.modes());
        });
    }
    Some(out)
}

fn modes(m: &term::Modes) -> Vec<String> {
    let mut on = Vec::new();
    let mut add = |is: bool, name: &str| {
        if is {
            on.push(name.to_owned());
        }
    };
    add(m.alt_screen, "alternate screen");
    add(m.bracketed_paste, "bracketed paste");
    add(m.app_cursor, "application cursor keys");
    add(m.app_keypad, "application keypad");
    add(m.focus, "focus reports");
    add(m.mouse != term::MouseProtocol::Off, "mouse");
    add(m.sync.is_some(), "synchronised output");
    add(m.grapheme_clusters, "grapheme clusters");
    add(m.color_scheme_updates, "colour scheme updates");
    if m.kitty_flags > 0 {
        on.push(format!("kitty keyboard {}", m.kitty_flags));
    }
    if m.modify_other_keys > 0 {
        on.push(format!("modifyOtherKeys {}", m.modify_other_keys));
    }
    on
}

fn processes(procs: &[Proc], holder: i32) -> Vec<ProcessInfo> {
    let mut depths: BTreeMap<i32, u32> = BTreeMap::new();
    let up_ms = uptime_ms();
    procs
        .iter()
        .map(|p| {
            let depth = if p.ppid == holder { 0 } else { depths.get(&p.ppid).map_or(0, |d| d + 1) };
            depths.insert(p.pid, depth);
            let lived_ms = up_ms.saturating_sub(p.started_ticks.saturating_mul(10)).max(1);
            let command = if p.cmdline.is_empty() { format!("[{}]", p.comm) } else { p.cmdline.join(" ") };
            ProcessInfo {
                pid: p.pid,
                ppid: p.ppid,
                depth,
                command: safe_line(&command, 300),
                state: p.state.to_string(),
                cpu_percent: (p.cpu_ms as f64 * 1000.0 / lived_ms as f64).round() / 10.0,
                cpu_ms: p.cpu_ms,
                memory_bytes: p.rss_bytes,
                read_bytes: p.read_bytes,
                write_bytes: p.write_bytes,
                open_files: p.fds,
            }
        })
        .collect()
}

fn uptime_ms() -> u64 {
    let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    text.split(' ').next().and_then(|s| s.parse::<f64>().ok()).map_or(0, |s| (s * 1000.0) as u64)
}

/// The JSON report of `sessions diagnose`.
///
/// # Errors
/// An unknown part, or the session is gone.
pub async fn diagnose(hub: &Rc<Hub>, id: &SessionId, include: &[String]) -> Result<Value, WireError> {
    let mut wanted: Vec<&str> = Vec::new();
    for part in include {
        match PARTS.iter().find(|p| *p == part) {
            Some(p) => wanted.push(p),
            None => {
                return Err(wire_error(
                    "usage",
                    format!("`{}` is not a part of the report", safe_line(part, 40)),
                    format!("parts: {}", PARTS.join(", ")),
                ));
            }
        }
    }
    if wanted.is_empty() {
        wanted = PARTS.to_vec();
    }
    let seen = inspection(hub, id).ok_or_else(|| wire_error("not_found", "the session was dismissed", ""))?;
    let mut report = json!({
        "generated": crate::model::rfc3339(Now::read().wall_ms),
        "version": env!("CARGO_PKG_VERSION"),
        "session": seen.session,
        "evidence": seen.evidence.iter().map(|(s, v, age)| json!({"source": s, "value": v, "age_ms": age})).collect::<Vec<_>>(),
    });
    if wanted.contains(&"performance") {
        report["performance"] = performance(&seen);
    }
    if wanted.contains(&"resources") {
        report["resources"] = resources(&seen);
    }
    if wanted.contains(&"conflicts") {
        report["conflicts"] = conflicts(hub, &seen.session).await;
    }
    Ok(report)
}

fn performance(seen: &Inspection) -> Value {
    let cpu: u64 = seen.processes.iter().map(|p| p.cpu_ms).sum();
    let lived = Now::read().wall_ms.saturating_sub(seen.session.started_ms).max(1);
    json!({
        "running_ms": lived,
        "paused_ms": seen.session.paused_ms,
        "cpu_ms": cpu,
        "cpu_percent_over_life": (cpu as f64 * 1000.0 / lived as f64).round() / 10.0,
        "output_bytes": seen.output_bytes,
        "input_bytes": seen.input_bytes,
        "history_lines": seen.history_lines,
        "progress": seen.session.progress,
        "load_average": std::fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').take(3).collect::<Vec<_>>(),
    })
}

fn resources(seen: &Inspection) -> Value {
    let disk = rustix::fs::statvfs(seen.session.cwd.as_str()).ok();
    json!({
        "processes": seen.processes,
        "memory_bytes": seen.processes.iter().map(|p| p.memory_bytes).sum::<u64>(),
        "open_files": seen.processes.iter().map(|p| u64::from(p.open_files)).sum::<u64>(),
        "read_bytes": seen.processes.iter().map(|p| p.read_bytes).sum::<u64>(),
        "write_bytes": seen.processes.iter().map(|p| p.write_bytes).sum::<u64>(),
        "disk_free_bytes": disk.as_ref().map(|d| d.f_bavail * d.f_frsize),
        "disk_total_bytes": disk.as_ref().map(|d| d.f_blocks * d.f_frsize),
        "signals_sent": seen.signals,
    })
}

/// Files that this session and another live one have both changed, and other sessions in the same folder.
async fn conflicts(hub: &Rc<Hub>, session: &Session) -> Value {
    let others: Vec<(u32, String, String, Option<String>)> = hub.world(|w| {
        w.sessions()
            .filter(|r| r.facts.id != session.id && r.facts.project == session.project && !r.facts.kind.watches() && !r.facts.state.ended())
            .map(|r| (r.facts.number, r.facts.name.clone(), r.facts.cwd.clone(), r.facts.base.clone()))
            .collect()
    });
    let (cwd, base) = (session.cwd.clone(), session.base.clone());
    let found = tokio::task::spawn_blocking(move || {
        let files = |cwd: &str, base: Option<&str>| -> Vec<String> {
            git::status(&PathBuf::from(cwd), base, Instant::now() + DEADLINE).map(|c| c.dirty_files).unwrap_or_default()
        };
        let mine = files(&cwd, base.as_deref());
        let mut out = Vec::new();
        for (number, name, other_cwd, other_base) in others {
            let same_folder = other_cwd == cwd;
            let theirs = if same_folder { mine.clone() } else { files(&other_cwd, other_base.as_deref()) };
            let both: Vec<&String> = mine.iter().filter(|f| theirs.contains(f)).collect();
            if same_folder || !both.is_empty() {
                out.push(json!({"session": number, "name": name, "same_folder": same_folder, "files": both}));
            }
        }
        (mine, out)
    })
    .await;
    match found {
        Ok((mine, with)) => json!({"uncommitted_files": mine, "with": with}),
        Err(e) => json!({"error": e.to_string()}),
    }
}
