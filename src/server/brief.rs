//! The brief of a delegated task: the conversation, files, workspace and standards it is made of are read here, on a worker. And
//! what a new agent is told of its brief. Must not know how a brief is written out.

use super::hub::{Hub, wire_error};
use super::targets;
use crate::agent::conversation::{self, Conversation, Which};
use crate::base::text::{count, safe_line};
use crate::git;
use crate::model::Recipe;
use crate::store::atomic_write;
use crate::task::{Delegation, FileRef, Workspace, cut, handed, newest, redact};
use crate::wire::Session;
use crate::wire::delegate::{Brief, BriefFrom, BriefRequest};
use crate::wire::message::WireError;
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

/// Bounds of a brief's parts, in bytes: conversation, patch, one file's excerpt, one standard, all standards.
const HISTORY: usize = 48 * 1024;
const PATCH: usize = 64 * 1024;
const EXCERPT: usize = 4 * 1024;
const STANDARD: usize = 8 * 1024;
const STANDARDS: usize = 32 * 1024;
/// Most files and requirements.
const MAX_ITEMS: usize = 100;
/// Most lines of an excerpt.
const LINES: u32 = 40;
/// Longest look at files and repository.
const AT_MOST: Duration = Duration::from_secs(20);
/// Where projects mostly keep their standards.
const USUAL: [&str; 4] = ["AGENTS.md", ".github/copilot-instructions.md", "CLAUDE.md", "CONTRIBUTING.md"];

/// The session a brief comes from: its facts, and its conversation's id and log.
struct Origin {
    session: Session,
    id: Option<String>,
    log: Option<String>,
}

/// Answers `Op::Brief`.
///
/// # Errors
/// What of it cannot be had, and what to do.
pub async fn brief(hub: &Rc<Hub>, request: BriefRequest) -> Result<Value, WireError> {
    let origin = match &request.from {
        BriefFrom::Session { session } => {
            let id = targets::find(hub, session)?;
            let session = targets::view(hub, &id).ok_or_else(|| wire_error("not_found", "the session was dismissed", ""))?;
            if session.kind.watches() {
                return Err(wire_error("usage", format!("#{} only watches another session", session.number), "name the session it watches"));
            }
            let known = hub.world(|w| w.get(&id).and_then(|r| r.conversation.clone()));
            Some(Origin { session, id: known.as_ref().map(|c| c.id.clone()), log: known.and_then(|c| c.log) })
        }
        _ => None,
    };
    let work = tokio::task::spawn_blocking(move || gather(&request, origin.as_ref()));
    let brief = match tokio::time::timeout(AT_MOST, work).await {
        Ok(Ok(done)) => done?,
        Ok(Err(e)) => return Err(wire_error("failed", format!("the brief could not be made: {e}"), "")),
        Err(_) => return Err(wire_error("timeout", format!("files and repository do not answer within {} s", AT_MOST.as_secs()), "")),
    };
    serde_json::to_value(brief).map_err(|e| wire_error("failed", e, ""))
}

fn gather(request: &BriefRequest, origin: Option<&Origin>) -> Result<Brief, WireError> {
    let session = origin.map(|o| &o.session);
    let cwd = match (request.cwd.as_str(), session) {
        ("", Some(s)) => PathBuf::from(&s.cwd),
        (cwd, _) => PathBuf::from(cwd),
    };
    if !cwd.is_dir() {
        return Err(wire_error("failed", format!("{} is not a folder", safe_line(&cwd.to_string_lossy(), 300)), "name the folder with --cwd"));
    }
    if request.files.len().max(request.requirements.len()).max(request.standards.as_ref().map_or(0, Vec::len)) > MAX_ITEMS {
        return Err(wire_error("usage", format!("more than {MAX_ITEMS} files, requirements or standards"), ""));
    }
    let mut notes = Vec::new();
    let (conversation, from) = talk(request, origin, &cwd, &mut notes)?;
    let of_session = session.filter(|s| s.agent != crate::agent::COMMAND && s.agent != "shell").map(|s| s.task.trim().to_owned());
    let told = request.task.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let task = match told.or(of_session.filter(|t| !t.is_empty())) {
        Some(task) => task,
        None if !conversation.turns.is_empty() => "Go on with the work of the conversation below.".to_owned(),
        None => {
            return Err(wire_error("usage", "what is to be done?", "say it: copilot-tui delegate \"TASK\" ..., or escalate SESSION --task \"TASK\""));
        }
    };
    let (turns, mut dropped) = newest(conversation.turns, HISTORY);
    dropped += usize::from(conversation.cut);
    let repo = git::discover(&cwd).map_err(|e| wire_error("failed", e, ""))?;
    let root = repo.as_ref().and_then(|r| r.workdir.clone()).unwrap_or_else(|| cwd.clone());
    let files = request.files.iter().map(|f| file_ref(f, &cwd, &root)).collect::<Result<Vec<_>, _>>()?;
    let standards = standards(request, &cwd, &root, &mut notes)?;
    let mut workspace = None;
    if repo.as_ref().is_some_and(|r| !r.bare) {
        let found = git::uncommitted(&root, PATCH).map_err(|e| wire_error("failed", e, ""))?;
        let left_behind = request.isolated && !request.with_changes && !found.files.is_empty();
        if left_behind {
            let (files, are) = (count(found.files.len(), "file"), if found.files.len() == 1 { "is" } else { "are" });
            notes.push(format!(
                "{files} with uncommitted changes {are} not in the new worktree; the brief has them as text (--with-changes carries them over)"
            ));
        }
        workspace = Some(Workspace {
            folder: cwd.to_string_lossy().into_owned(),
            branch: repo.as_ref().and_then(|r| r.branch.clone()),
            head: found.head,
            carried: request.isolated && request.with_changes && !found.files.is_empty(),
            dirty: found.files,
            diff: redact(&found.patch),
            diff_cut: found.cut,
            left_behind,
        });
    }
    let uncommitted = workspace.as_ref().map(|w| w.dirty.clone()).unwrap_or_default();
    let in_it = turns.len();
    let requirements = request.requirements.iter().map(|r| redact(&cut(r.trim(), STANDARD))).filter(|r| !r.is_empty()).collect();
    let delegation = Delegation { task: cut(&task, STANDARDS), from, turns, dropped, files, requirements, workspace, standards };
    Ok(Brief {
        brief: delegation.text(),
        task,
        cwd: cwd.to_string_lossy().into_owned(),
        branch: repo.as_ref().and_then(|r| r.branch.clone()),
        head: repo.and_then(|r| r.head),
        turns: in_it,
        left_out: dropped,
        uncommitted,
        notes,
    })
}

/// The conversation, and where it was.
fn talk(request: &BriefRequest, origin: Option<&Origin>, cwd: &Path, notes: &mut Vec<String>) -> Result<(Conversation, Option<String>), WireError> {
    let var = |name: &str| request.homes.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
    let read = |path: &Path| conversation::read(path).map_err(|e| format!("{}: {e}", safe_line(&path.to_string_lossy(), 300)));
    match (&request.from, origin) {
        (BriefFrom::Nothing, _) => Ok((Conversation::default(), None)),
        (BriefFrom::File { path }, _) => {
            let found = read(Path::new(path)).map_err(|e| wire_error("failed", e, "name a log of an agent, or a text"))?;
            Ok((found, Some(safe_line(path, 200))))
        }
        (BriefFrom::Agent { agent, id }, _) => {
            let which = id.as_deref().map_or(Which::Last(cwd, None), Which::Id);
            let hint = format!("name one by its id: --from {} ID", safe_line(agent, 40));
            let path = conversation::locate(agent, which, &var).map_err(|e| wire_error("not_found", e, hint))?;
            let found = read(&path).map_err(|e| wire_error("failed", e, ""))?;
            Ok((found, Some(format!("{agent}, {}", path.file_name().map(|n| n.to_string_lossy()).unwrap_or_default()))))
        }
        (BriefFrom::Session { .. }, None) => Ok((Conversation::default(), None)),
        (BriefFrom::Session { .. }, Some(o)) => {
            let s = &o.session;
            let from = format!("session #{} {} ({})", s.number, s.name, s.agent);
            let since = SystemTime::UNIX_EPOCH + Duration::from_millis(s.started_ms);
            let located = match (&o.log, &o.id) {
                (Some(log), _) => Ok(PathBuf::from(log)),
                (None, Some(id)) => conversation::locate(&s.agent, Which::Id(id), &var),
                (None, None) => conversation::locate(&s.agent, Which::Last(Path::new(&s.cwd), Some(since)), &var),
            };
            match located.and_then(|path| read(&path)) {
                Ok(found) => Ok((found, Some(from))),
                Err(why) => {
                    // Its task and its workspace are worth handing on without it.
                    notes.push(format!("without the conversation of #{}: {why}", s.number));
                    Ok((Conversation::default(), Some(from)))
                }
            }
        }
    }
}

/// `path`, `path:45` or `path:45-60`.
fn file_ref(text: &str, cwd: &Path, root: &Path) -> Result<FileRef, WireError> {
    let range = |r: &str| -> Option<(u32, u32)> {
        let (a, b) = r.split_once('-').unwrap_or((r, r));
        let (a, b) = (a.parse().ok()?, b.parse().ok()?);
        (1 <= a && a <= b).then_some((a, b))
    };
    let exact = cwd.join(text);
    let (path, lines) = match text.rsplit_once(':').and_then(|(p, r)| Some((p, range(r)?))) {
        Some((p, r)) if !exact.exists() => (cwd.join(p), Some(r)),
        _ => (exact, None),
    };
    if !path.exists() {
        let shown = safe_line(text, 300);
        return Err(wire_error("failed", format!("{shown}: no such file"), "paths count from the folder; PATH:LINE names a line"));
    }
    let mut excerpt = String::new();
    if let Some((first, last)) = lines {
        let body = read_text(&path, 4 << 20).map_err(|e| wire_error("failed", format!("{}: {e}", safe_line(text, 300)), ""))?;
        let count = last.min(first.saturating_add(LINES - 1)) - first + 1;
        let wanted: Vec<&str> = body.lines().skip(first as usize - 1).take(count as usize).collect();
        excerpt = redact(&cut(&wanted.join("\n"), EXCERPT));
    }
    let shown = path.strip_prefix(root).unwrap_or(&path);
    Ok(FileRef { path: safe_line(&shown.to_string_lossy(), 400), lines, excerpt })
}

/// The start of a text file. A pipe or device is none.
fn read_text(path: &Path, most: u64) -> std::io::Result<String> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn standards(request: &BriefRequest, cwd: &Path, root: &Path, notes: &mut Vec<String>) -> Result<Vec<(String, String)>, WireError> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut room = STANDARDS;
    let mut add = |name: String, text: String| {
        let text = redact(&cut(text.trim(), STANDARD));
        if text.is_empty() || found.iter().any(|f| f.1 == text) {
            return; // often one is a link to the other
        }
        if text.len() > room {
            return notes.push(format!("{name} is left out: the standards are longer than {} KiB", STANDARDS >> 10));
        }
        room -= text.len();
        found.push((name, text));
    };
    match &request.standards {
        Some(named) => {
            for name in named {
                let text = read_text(&cwd.join(name), 1 << 20).map_err(|e| wire_error("failed", format!("{}: {e}", safe_line(name, 300)), ""))?;
                add(safe_line(name, 200), text);
            }
        }
        None => {
            let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
            for name in USUAL {
                // Nobody named these: one that leads out of the project is not read.
                let Ok(path) = root.join(name).canonicalize() else { continue };
                if let Ok(text) = read_text(&path, 1 << 20)
                    && path.starts_with(&real)
                {
                    add(name.to_owned(), text);
                }
            }
        }
    }
    Ok(found)
}

/// What a new agent is told: its task, or its brief, which is kept in the session's folder.
///
/// # Errors
/// The brief cannot be kept.
pub fn told(hub: &Hub, id: &crate::base::SessionId, recipe: &Recipe, worktree: Option<(&str, &str)>) -> Result<Option<String>, String> {
    let (Some(brief), Some(task)) = (&recipe.brief, &recipe.task) else { return Ok(recipe.task.clone()) };
    let file = hub.paths.session_dir(id).join("brief.md");
    atomic_write(&file, brief.as_bytes(), 0o600).map_err(|e| format!("its brief cannot be kept: {}: {e}", file.display()))?;
    Ok(Some(crate::task::brief(&handed(task, brief, &file.to_string_lossy()), worktree)))
}
