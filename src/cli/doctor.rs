//! `doctor`: every point of trouble looked at, a line each, with what to do. Starts nothing and changes nothing without
//! `--repair`. Must not know how things are used.

use super::conn::Conn;
use super::error::CliError;
use super::{Call, Done, config, out, out_json};
use crate::agent::{self, Catalog, VersionCache};
use crate::base::text::safe_line;
use crate::git;
use crate::pty;
use crate::store;
use crate::wire::Op;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;

/// How a point stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fine,
    Note,
    Wrong,
}

impl Verdict {
    fn mark(self) -> &'static str {
        match self {
            Verdict::Fine => "✓",
            Verdict::Note => "·",
            Verdict::Wrong => "✗",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Verdict::Fine => "fine",
            Verdict::Note => "note",
            Verdict::Wrong => "wrong",
        }
    }
}

#[derive(Default)]
struct Report {
    points: Vec<(Verdict, String, String, String)>,
}

impl Report {
    fn add(&mut self, verdict: Verdict, what: &str, found: impl Into<String>, hint: impl Into<String>) {
        self.points.push((verdict, what.to_owned(), found.into(), hint.into()));
    }
}

/// Checks everything sessions need.
pub fn doctor(call: &Call, repair: bool, orphans: bool, json: bool) -> Done {
    let mut report = Report::default();
    if orphans {
        find_orphans(call, &mut report);
    } else {
        folders(call, repair, &mut report);
        server(call, &mut report);
        database(call, &mut report);
        settings(call, &mut report);
        disk(call, &mut report);
        agents(call, &mut report);
        repository(&mut report);
        terminal(&mut report);
        system(&mut report);
    }
    let wrong = report.points.iter().any(|p| p.0 == Verdict::Wrong);
    if json {
        let points: Vec<_> = report.points.iter().map(|(v, w, f, h)| json!({"verdict": v.word(), "what": w, "found": f, "hint": h})).collect();
        out_json(&json!({"ok": !wrong, "points": points}));
    } else {
        for (v, what, found, hint) in &report.points {
            out(&format!("{} {what:<12} {found}\n", v.mark()));
            if !hint.is_empty() {
                out(&format!("  {:<12} → {hint}\n", ""));
            }
        }
    }
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn folders(call: &Call, repair: bool, report: &mut Report) {
    for note in &call.paths.notes {
        report.add(Verdict::Note, "folders", note, "");
    }
    if repair && let Err(e) = call.paths.ensure() {
        report.add(Verdict::Wrong, "folders", e.to_string(), "");
        return;
    }
    for (what, dir) in [("runtime", &call.paths.runtime), ("state", &call.paths.state)] {
        match std::fs::metadata(dir) {
            Ok(m) if !m.is_dir() => report.add(Verdict::Wrong, what, format!("{} is not a folder", dir.display()), "move it away"),
            Ok(m) if m.permissions().mode() & 0o077 != 0 => {
                report.add(
                    Verdict::Wrong,
                    what,
                    format!("{} is open to others (mode {:o})", dir.display(), m.permissions().mode() & 0o777),
                    format!("chmod 700 {}", dir.display()),
                );
            }
            Ok(_) => report.add(Verdict::Fine, what, dir.display().to_string(), ""),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                report.add(Verdict::Note, what, format!("{} is made at the first start", dir.display()), "")
            }
            Err(e) => report.add(Verdict::Wrong, what, format!("{}: {e}", dir.display()), ""),
        }
    }
}

fn server(call: &Call, report: &mut Report) {
    match Conn::open(&call.paths, false) {
        Ok(mut conn) => match conn.request(Op::ServerStatus) {
            Ok(s) => report.add(Verdict::Fine, "server", format!("`{}` runs, process {}, {} sessions", call.server, s["pid"], s["sessions"]), ""),
            Err(e) => report.add(Verdict::Wrong, "server", e.message, e.hint),
        },
        Err(e) if e.message.starts_with("no server") => report.add(Verdict::Note, "server", "not running; the first command starts it", ""),
        Err(e) => report.add(Verdict::Wrong, "server", e.message, "`copilot-tui server stop`, then try again"),
    }
    let dirs = pty::HolderDirs::new(&call.paths.runtime, &call.paths.state);
    if let Ok(ids) = pty::list_holders(&dirs) {
        report.add(Verdict::Fine, "holders", format!("{} sessions are held", ids.len()), "");
    }
}

fn database(call: &Call, report: &mut Report) {
    let db = call.paths.db();
    if !db.exists() {
        return report.add(Verdict::Note, "database", "made at the first start", "");
    }
    match store::integrity(&db) {
        Ok(problems) if problems.is_empty() => report.add(Verdict::Fine, "database", db.display().to_string(), ""),
        Ok(problems) => report.add(
            Verdict::Wrong,
            "database",
            safe_line(&problems.join("; "), 200),
            "stop the server; the next start puts the file aside and rebuilds it from the running sessions",
        ),
        Err(e) => report.add(Verdict::Wrong, "database", e.to_string(), ""),
    }
}

fn settings(call: &Call, report: &mut Report) {
    let problems = config::problems(call);
    if problems.is_empty() {
        return report.add(Verdict::Fine, "settings", call.paths.config.display().to_string(), "");
    }
    for p in problems {
        report.add(Verdict::Wrong, "settings", p, "the rest of the settings stands");
    }
}

fn disk(call: &Call, report: &mut Report) {
    let mut at: &Path = &call.paths.state;
    while !at.exists() {
        let Some(up) = at.parent() else { return };
        at = up;
    }
    let Ok(s) = rustix::fs::statvfs(at) else { return };
    let (free, total) = (s.f_bavail * s.f_frsize, s.f_blocks * s.f_frsize);
    let low = free < 2 << 30 || free < total / 20;
    let text = format!("{} free of {} where the state lies", super::print::bytes(free), super::print::bytes(total));
    let verdict = if low { Verdict::Wrong } else { Verdict::Fine };
    report.add(verdict, "disk", text, if low { "free some space: agents and their worktrees need it" } else { "" });
}

fn agents(call: &Call, report: &mut Report) {
    let (catalog, _) = Catalog::load(&call.paths.agents());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = agent::detect(&catalog, &path, &mut VersionCache::default());
    let default = agent::default_agent(&found).map(str::to_owned);
    for d in &found {
        let is_default = default.as_ref() == Some(&d.name);
        match (&d.program, &d.problem) {
            (Some(p), None) => {
                let version = d.version.clone().map(|v| format!(" {v}")).unwrap_or_default();
                let first = if is_default { "  (default)" } else { "" };
                report.add(Verdict::Fine, "agent", format!("{}{version}  {}{first}", d.name, p.display()), "");
            }
            (Some(p), Some(why)) => report.add(Verdict::Wrong, "agent", format!("{} at {}: {}", d.name, p.display(), safe_line(why, 200)), ""),
            (None, _) => report.add(Verdict::Note, "agent", format!("{} is not installed", d.name), d.install.clone()),
        }
    }
}

fn repository(report: &mut Report) {
    let Ok(here) = std::env::current_dir() else { return };
    match git::discover(&here) {
        Ok(Some(r)) => {
            let branch = r.branch.unwrap_or_else(|| "no branch".into());
            report.add(Verdict::Fine, "git", format!("{} on {branch}", r.workdir.as_ref().unwrap_or(&r.root).display()), "");
            let lock = r.root.join(".git/index.lock");
            if lock.exists() {
                report.add(Verdict::Wrong, "git", format!("{} is there: another git runs, or one died", lock.display()), "if no git runs, remove it");
            }
        }
        Err(e) => report.add(Verdict::Wrong, "git", e.to_string(), ""),
        Ok(None) => report.add(Verdict::Note, "git", "this folder is in no repository; isolated sessions need one", ""),
    }
}

fn terminal(report: &mut Report) {
    let var = |n: &str| std::env::var(n).unwrap_or_default();
    let name = [var("TERM_PROGRAM"), var("TERM")].into_iter().find(|v| !v.is_empty()).unwrap_or_else(|| "unknown".into());
    let colors = if var("COLORTERM").contains("truecolor") { "true colour" } else { "256 colours or fewer" };
    report.add(Verdict::Fine, "terminal", format!("{}, {colors}", safe_line(&name, 60)), "");
    let locale = [var("LC_ALL"), var("LC_CTYPE"), var("LANG")].into_iter().find(|v| !v.is_empty()).unwrap_or_default();
    if !locale.to_lowercase().contains("utf") {
        report.add(
            Verdict::Note,
            "locale",
            format!("`{}` is not UTF-8: marks and bars may look wrong", safe_line(&locale, 40)),
            "export LANG=C.UTF-8, or theme = \"text\"",
        );
    }
    if var("TERM_PROGRAM") == "vscode" {
        report.add(Verdict::Fine, "vscode", "every default key arrives in its terminal", "");
    }
}

fn system(report: &mut Report) {
    if let Ok((soft, _)) = nofile() {
        let low = soft < 1024;
        report.add(
            if low { Verdict::Wrong } else { Verdict::Fine },
            "files",
            format!("{soft} open files allowed"),
            if low { "ulimit -n 4096" } else { "" },
        );
    }
    let linger = Path::new("/var/lib/systemd/linger");
    let user = std::env::var("USER").unwrap_or_default();
    if linger.parent().is_some_and(Path::exists) && !user.is_empty() && user != "root" && !linger.join(&user).exists() {
        report.add(
            Verdict::Note,
            "logout",
            "sessions may end when you log out everywhere",
            format!("loginctl enable-linger {}", safe_line(&user, 40)),
        );
    }
}

fn nofile() -> Result<(u64, u64), CliError> {
    let l = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    Ok((l.current.unwrap_or(u64::MAX), l.maximum.unwrap_or(u64::MAX)))
}

fn find_orphans(call: &Call, report: &mut Report) {
    let dirs = pty::HolderDirs::new(&call.paths.runtime, &call.paths.state);
    let held = pty::list_holders(&dirs).unwrap_or_default();
    let holders = pty::holder_processes();
    let mut found = 0;
    for (id, pid) in pty::sessions_in_environments() {
        if held.contains(&id) || holders.iter().any(|h| h.0 == id) {
            continue;
        }
        found += 1;
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        report.add(
            Verdict::Wrong,
            "orphan",
            format!("process {pid} {} of session {id}, whose holder is gone", safe_line(name.trim(), 30)),
            format!("kill {pid}"),
        );
    }
    if found == 0 {
        report.add(Verdict::Fine, "orphans", "none", "");
    }
}
