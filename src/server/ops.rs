//! Requests answered: targets resolved, rights checked, the model asked, the answer put together.
//! Must not know frames or sockets.

use super::client::Client;
use super::hub::{Hub, wire_error};
use super::looking;
use super::new;
use super::roles::{self, Role};
use super::seeing;
use super::targets::{Answer, accept, find, no_screen, target_error, view};
use crate::base::text::{safe_line, safe_text};
use crate::base::{Now, SessionId};
use crate::model::{Command, FollowUp};
use crate::term;
use crate::wire::message::WireError;
use crate::wire::op::{NewSession, ReadFormat, Until};
use crate::wire::{Op, Session, State};
use regex::Regex;
use serde_json::{Value, json};
use std::rc::Rc;
use std::time::Duration;

/// How long a stop may take before the answer says what is left.
const STOP_AT_MOST: Duration = Duration::from_secs(20);
/// How long a pause may take before the answer is given as it stands.
const ORDER_AT_MOST: Duration = Duration::from_secs(5);
/// How long a start may take before the answer is given as it stands.
const START_AT_MOST: Duration = Duration::from_secs(60);
/// Lines one `read` gives at most.
const MAX_LINES: u32 = 100_000;

/// Answers one request.
///
/// # Errors
/// What a person should know.
pub async fn answer(hub: &Rc<Hub>, client: &Rc<Client>, op: Op) -> Answer {
    hub.world(|w| roles::check(w, &client.role, &op))?;
    let shows = seeing::shows(&op);
    let answer = carry_out(hub, client, op).await?;
    seeing::note_answer(hub, client, shows, &answer);
    Ok(answer)
}

async fn carry_out(hub: &Rc<Hub>, client: &Rc<Client>, op: Op) -> Answer {
    match op {
        Op::New(new) => {
            hub.reload();
            start(hub, *new).await
        }
        Op::List { from } => Ok(hub.world(|w| super::listing::list(w, &client.role, from, Now::read()))),
        Op::Show { session, .. } => show(hub, &find(hub, &session)?),
        Op::Pause { session } => each(hub, &session, Command::Pause).await,
        Op::Resume { session, client_env } => resume(hub, &session, client_env).await,
        Op::Hook { agent, event, input, age_ms } => super::hooks::hook(hub, client, &agent, &event, &input, age_ms).await,
        Op::Answer { session, prompt, unseen, answer } => {
            super::answer::check(client)?;
            let id = find(hub, &session)?;
            if unseen {
                super::answer::check_unseen(hub, client, &id)?;
            }
            super::answer::answer(hub, client, &id, prompt, answer).await?;
            show(hub, &id)
        }
        Op::Stop { session, force } => stop(hub, &session, force).await,
        Op::Dismiss { session } => dismiss(hub, &session),
        Op::Rename { session, name } => rename(hub, &session, &name),
        Op::Pin { session, on } => {
            let id = find(hub, &session)?;
            accept(hub.apply(Command::Pin { id: id.clone(), on }))?;
            show(hub, &id)
        }
        Op::Mute { session, on } => {
            let ids = hub.world(|w| w.find_all(&session)).map_err(target_error)?;
            ids.iter().try_for_each(|id| accept(hub.apply(Command::Mute { id: id.clone(), on })).map(drop))?;
            sessions(hub, &ids)
        }
        Op::Files { session, query, limit } => files(hub, &find(hub, &session)?, query, limit).await,
        Op::Diagnose { session, include } => super::diagnose::diagnose(hub, &find(hub, &session)?, &include).await,
        Op::Explain { session } => explain(hub, &find(hub, &session)?),
        Op::Inspect { session } => super::diagnose::inspect(hub, &find(hub, &session)?),
        Op::Timeline { session, limit, after } => timeline(hub, session.as_deref(), limit, after),
        Op::Follow { session, rev, seq } => follow(hub, &find(hub, &session)?, rev, seq).await,
        Op::Send { sessions, text, queue, interrupt, no_submit } => {
            super::send::send(hub, &sessions, FollowUp { text, submit: !no_submit, interrupt }, queue).await
        }
        Op::Read { session, lines, format } => read(hub, &find(hub, &session)?, lines, format).await,
        Op::Wait { session, until, timeout_ms } => wait(hub, &session, until, timeout_ms).await,
        Op::Report { session, report } => {
            let id = match (&session, &client.role) {
                (Some(s), _) => find(hub, s)?,
                (None, Role::Inside(id)) => id.clone(),
                (None, Role::Outside | Role::Elsewhere) => {
                    return Err(wire_error("usage", "which session reports?", "outside of a session name it: --session S"));
                }
            };
            accept(hub.apply(Command::Report { id: id.clone(), report }))?;
            show(hub, &id)
        }
        Op::Brief(request) => super::brief::brief(hub, *request).await,
        Op::Handoff { session } => super::handoff::handoff(hub, &find(hub, &session)?).await,
        Op::Agents => Ok(json!({ "agents": super::agents::detect(hub).await })),
        Op::Seen { session } => {
            accept(hub.apply(Command::Seen(session)))?;
            Ok(json!({}))
        }
        Op::SearchAll { pattern, fixed, limit } => super::search_all::search_all(hub, client, &pattern, fixed, limit).await,
        Op::LineOf { session, from_end } => super::search_all::line_of(hub, &session, from_end).await,
        Op::ReplayOpen { session, at_ms } => super::replay::open(hub, client, find(hub, &session)?, at_ms).await,
        Op::Replay { replay, act } => super::replay::act(hub, client, &replay, act).await,
        Op::Search { session, pattern, limit } => looking::search(&hub.open_pane(&session).await.ok_or_else(no_screen)?, &pattern, limit).await,
        Op::Move { session, from, motion, count } => {
            Ok(looking::walk(&hub.open_pane(&session).await.ok_or_else(no_screen)?, from, motion, count).await)
        }
        Op::OutputAt { session, line } => Ok(looking::output_at(&*hub.open_pane(&session).await.ok_or_else(no_screen)?, line)),
        Op::Folders { session } => Ok(looking::folders(hub, &session)),
        Op::SelectText { session, from, to, shape } => {
            let pane = hub.open_pane(&session).await.ok_or_else(no_screen)?;
            super::selecting::text(&pane, from, to, shape).await
        }
        Op::Unqueue { session } => {
            let out = hub.apply(Command::Unqueue(find(hub, &session)?));
            Ok(json!({ "text": out.text }))
        }
        Op::Reload => {
            hub.reload();
            Ok(json!({}))
        }
        Op::ServerStatus => Ok(status(hub)),
        Op::ServerStop { sessions } => server_stop(hub, sessions).await,
    }
}

fn show(hub: &Rc<Hub>, id: &SessionId) -> Answer {
    let session = view(hub, id).ok_or_else(|| wire_error("not_found", "the session was dismissed", ""))?;
    Ok(super::listing::fitting(vec![session]).pop().unwrap_or_default())
}

fn explain(hub: &Rc<Hub>, id: &SessionId) -> Answer {
    let told = hub.world(|w| w.get(id).map(|r| r.explain(Now::read())));
    let told = told.ok_or_else(|| wire_error("not_found", "the session was dismissed", ""))?;
    serde_json::to_value(told).map_err(|e| wire_error("failed", e, ""))
}

async fn start(hub: &Rc<Hub>, new: NewSession) -> Answer {
    let recipe = new::recipe(hub, new).await?;
    let out = accept(hub.apply(Command::Create(Box::new(recipe))))?;
    let Some(id) = out.created else { return Err(wire_error("failed", "the session was not made", "")) };
    settled_start(hub, &id).await?;
    show(hub, &id)
}

/// Waits until a start went one way or the other.
async fn settled_start(hub: &Rc<Hub>, id: &SessionId) -> Result<(), WireError> {
    let mut changed = hub.subscribe();
    let started = async { while view(hub, id).is_some_and(|s| s.state == State::Starting) && changed.changed().await.is_ok() {} };
    let _ = tokio::time::timeout(START_AT_MOST, started).await;
    let session = view(hub, id).ok_or_else(|| wire_error("failed", "the session was dismissed", ""))?;
    if session.state == State::Failed && session.pid.is_none() {
        let why = session.note.clone().unwrap_or_default();
        let hint = format!("#{} stays in the list with this message; `copilot-tui sessions dismiss {}` forgets it", session.number, session.number);
        return Err(wire_error("failed", format!("#{} {} could not start: {why}", session.number, session.name), hint));
    }
    Ok(())
}

async fn each(hub: &Rc<Hub>, target: &str, command: impl Fn(SessionId) -> Command) -> Answer {
    let ids = hub.world(|w| w.find_all(target)).map_err(target_error)?;
    let all = target == "all";
    for id in &ids {
        let out = hub.apply(command(id.clone()));
        if !all {
            accept(out)?;
        }
    }
    // The answer comes when the processes really stand or run.
    for pane in ids.iter().filter_map(|id| hub.pane(id)).filter(|p| p.holder_pid().is_some()) {
        let _ = tokio::time::timeout(ORDER_AT_MOST, pane.orders_done()).await;
    }
    sessions(hub, &ids)
}

/// Continues what is paused; an ended session that is named is started again.
async fn resume(hub: &Rc<Hub>, target: &str, client_env: Vec<(String, String)>) -> Answer {
    let ended = |id: &SessionId| hub.world(|w| w.get(id).is_some_and(|r| r.facts.state.ended()));
    if target == "all" || !ended(&find(hub, target)?) {
        return each(hub, target, Command::Resume).await;
    }
    let id = find(hub, target)?;
    let names = hub.world(|w| w.get(&id).map(|r| r.recipe.env_names.clone())).unwrap_or_default();
    let mut env: Vec<(String, String)> = client_env;
    if env.is_empty() {
        env = crate::ipc::cleaned_env(std::env::vars_os());
    }
    let missing: Vec<String> = names.into_iter().filter(|n| !env.iter().any(|(k, _)| k == n)).collect();
    accept(hub.apply(Command::Again { id: id.clone(), env }))?;
    if !missing.is_empty() {
        let text = format!("started again without these variables, which are not set here: {}", safe_line(&missing.join(", "), 200));
        hub.apply(Command::Report { id: id.clone(), report: crate::wire::report::Report::Note { text } });
    }
    settled_start(hub, &id).await?;
    sessions(hub, &[id])
}

async fn files(hub: &Rc<Hub>, id: &SessionId, query: String, limit: u32) -> Answer {
    let folder = view(hub, id).map(|s| s.worktree.unwrap_or(s.cwd)).unwrap_or_default();
    let look = move || crate::git::files(std::path::Path::new(&folder), &query, limit.min(50) as usize);
    let found = tokio::task::spawn_blocking(look).await.map_err(|e| wire_error("failed", e, ""))?;
    // A folder without a repository has none to offer.
    Ok(json!({ "files": found.unwrap_or_default() }))
}

fn sessions(hub: &Rc<Hub>, ids: &[SessionId]) -> Answer {
    let sessions: Vec<Session> = ids.iter().filter_map(|id| view(hub, id)).collect();
    Ok(json!({ "sessions": super::listing::fitting(sessions) }))
}

async fn stop(hub: &Rc<Hub>, target: &str, force: bool) -> Answer {
    let ids = hub.world(|w| w.find_all(target)).map_err(target_error)?;
    for id in &ids {
        accept(hub.apply(Command::Stop { id: id.clone(), force }))?;
    }
    let left = all_ended(hub, &ids).await;
    if !left.is_empty() {
        return Err(wire_error(
            "timeout",
            format!("still running after {} s: {}", STOP_AT_MOST.as_secs(), left.join(", ")),
            "`copilot-tui sessions debug S` shows what is left; `sessions stop S --force` kills at once",
        ));
    }
    sessions(hub, &ids)
}

async fn all_ended(hub: &Rc<Hub>, ids: &[SessionId]) -> Vec<String> {
    let left = || -> Vec<String> {
        ids.iter().filter_map(|id| view(hub, id)).filter(|s| !s.state.ended()).map(|s| format!("#{} {}", s.number, s.name)).collect()
    };
    let mut changed = hub.subscribe();
    let ended = async { while !left().is_empty() && changed.changed().await.is_ok() {} };
    let _ = tokio::time::timeout(STOP_AT_MOST, ended).await;
    left()
}

fn dismiss(hub: &Rc<Hub>, target: &str) -> Answer {
    let ids: Vec<SessionId> = match target {
        // Of all sessions only ended ones can be dismissed.
        "ended" | "all" => hub.world(|w| w.sessions().filter(|r| r.facts.state.ended()).map(|r| r.facts.id.clone()).collect()),
        t => vec![find(hub, t)?],
    };
    let mut dismissed = Vec::new();
    for id in ids {
        let number = view(hub, &id).map(|s| s.number);
        accept(hub.apply(Command::Dismiss(id)))?;
        dismissed.extend(number);
    }
    Ok(json!({ "dismissed": dismissed }))
}

fn rename(hub: &Rc<Hub>, target: &str, name: &str) -> Answer {
    let id = find(hub, target)?;
    let slug = crate::base::text::slug(name);
    if slug.is_empty() {
        return Err(wire_error("usage", format!("`{}` has no letter or digit to make a name of", safe_line(name, 60)), "use a-z, 0-9, . _ -"));
    }
    let free = hub.world(|w| w.free_name(&slug));
    accept(hub.apply(Command::Rename { id: id.clone(), name: free }))?;
    show(hub, &id)
}

fn timeline(hub: &Rc<Hub>, target: Option<&str>, limit: u32, after: Option<u64>) -> Answer {
    let id = target.map(|t| find(hub, t)).transpose()?;
    let entries: Vec<_> = hub.world(|w| {
        let all = w.timeline_since(after.unwrap_or(0)).rev().filter(|e| id.as_ref().is_none_or(|id| e.session == *id));
        all.take(limit.min(2000) as usize).cloned().collect()
    });
    let entries: Vec<_> = entries.into_iter().rev().collect();
    Ok(json!({ "entries": entries }))
}

async fn follow(hub: &Rc<Hub>, id: &SessionId, rev: u64, seq: u64) -> Answer {
    let mut changed = hub.subscribe();
    loop {
        let now = Now::read();
        let news = hub.world(|w| {
            let r = w.get(id)?;
            let entries: Vec<_> = w.timeline_since(seq).filter(|e| e.session == *id).cloned().collect();
            let new = r.rev > rev || !entries.is_empty();
            Some(new.then(|| json!({"session": r.view(now), "rev": r.rev, "seq": entries.last().map_or(seq, |e| e.seq), "entries": entries})))
        });
        match news {
            None => return Err(wire_error("not_found", "the session was dismissed", "")),
            Some(Some(answer)) => return Ok(answer),
            Some(None) if changed.changed().await.is_err() => return Err(wire_error("unavailable", "the server ends", "")),
            Some(None) => {}
        }
    }
}

async fn read(hub: &Rc<Hub>, id: &SessionId, lines: Option<u32>, format: ReadFormat) -> Answer {
    let number = view(hub, id).map_or(0, |s| s.number);
    let pane = hub.open_pane(id).await.ok_or_else(no_screen)?;
    pane.engine(|e, _| {
        let size = e.size();
        let end = e.screen_top() + u64::from(size.rows);
        let start = match lines {
            Some(n) => {
                // The last N lines that hold something.
                let mut last = end;
                while last > e.history_start() && e.row(last - 1).is_none_or(|l| l.text().trim().is_empty()) {
                    last -= 1;
                }
                let from = last.saturating_sub(u64::from(n.min(MAX_LINES)));
                // Older lines were there and are gone.
                let trimmed = e.history_start() > 0 && from < e.history_start();
                return texts(e, from.max(e.history_start())..last, trimmed, format, number, id);
            }
            None => e.screen_top(),
        };
        texts(e, start..end, false, format, number, id)
    })
}

fn texts(e: &dyn term::Engine, range: std::ops::Range<u64>, trimmed: bool, format: ReadFormat, number: u32, id: &SessionId) -> Answer {
    let lines: Vec<_> = range.filter_map(|abs| e.row(abs)).collect();
    let cursor = e.cursor();
    match format {
        ReadFormat::Ansi => {
            let mut text = if trimmed { "[trimmed]\n".to_owned() } else { String::new() };
            for l in &lines {
                term::write_ansi(l, &mut text);
                text.push('\n');
            }
            Ok(json!({ "text": text }))
        }
        ReadFormat::Text => {
            let mut text = if trimmed { "[trimmed]\n".to_owned() } else { String::new() };
            for l in &lines {
                text.push_str(safe_text(&l.text()).trim_end());
                text.push('\n');
            }
            let trimmed = text.trim_end_matches('\n').len();
            text.truncate(trimmed);
            if !text.is_empty() {
                text.push('\n');
            }
            Ok(json!({ "text": text }))
        }
        ReadFormat::Json => {
            let texts: Vec<String> = lines.iter().map(|l| l.text().trim_end().to_owned()).collect();
            let size = e.size();
            Ok(json!({
                "session": number, "id": id, "cols": size.cols, "rows": size.rows,
                "cursor": {"row": cursor.row, "col": cursor.col}, "lines": texts, "trimmed": trimmed,
            }))
        }
    }
}

async fn wait(hub: &Rc<Hub>, target: &str, until: Until, timeout_ms: Option<u64>) -> Answer {
    let ids = hub.world(|w| w.find_all(target)).map_err(target_error)?;
    let what = match &until {
        Until::Text(r) => format!("a line like `{}`", safe_line(r, 80)),
        u => serde_json::to_value(u).ok().and_then(|v| v.get("until").and_then(Value::as_str).map(str::to_owned)).unwrap_or_default(),
    };
    let reached = async {
        for id in &ids {
            wait_one(hub, id, &until).await?;
        }
        Ok(())
    };
    match timeout_ms {
        Some(ms) => match tokio::time::timeout(Duration::from_millis(ms), reached).await {
            Ok(r) => r?,
            Err(_) => {
                let now: Vec<String> = ids.iter().filter_map(|id| view(hub, id)).map(|s| format!("#{} is {}", s.number, s.state.word())).collect();
                return Err(wire_error("timeout", format!("not {what} within {} s: {}", ms as f64 / 1000.0, now.join(", ")), ""));
            }
        },
        None => reached.await?,
    }
    match ids.as_slice() {
        [one] => show(hub, one),
        many => sessions(hub, many),
    }
}

async fn wait_one(hub: &Rc<Hub>, id: &SessionId, until: &Until) -> Result<(), WireError> {
    let wanted = |s: State| match until {
        Until::Waiting => s == State::Waiting,
        Until::Idle => s == State::Idle,
        Until::Done => s == State::Done,
        Until::Failed => matches!(s, State::Failed | State::Lost),
        Until::Exited => s.ended(),
        Until::Text(_) => false,
    };
    let regex = match until {
        Until::Text(r) => Some(Regex::new(r).map_err(|e| wire_error("usage", format!("not a regular expression: {e}"), ""))?),
        _ => None,
    };
    let mut changed = hub.subscribe();
    loop {
        let s = view(hub, id).ok_or_else(|| wire_error("not_found", "the session was dismissed", ""))?;
        let pane = hub.open_pane(id).await;
        let output = pane.as_ref().map(|p| p.output());
        if let (Some(regex), Some(pane)) = (&regex, &pane)
            && pane.engine(|e, _| {
                let end = e.screen_top() + u64::from(e.size().rows);
                (e.screen_top().saturating_sub(200).max(e.history_start())..end).filter_map(|a| e.row(a)).any(|l| regex.is_match(l.text().trim_end()))
            })
        {
            return Ok(());
        }
        let unsettled = if wanted(s.state) { seeing::unsettled(hub, &s) } else { None };
        if wanted(s.state) && unsettled.is_none() {
            return Ok(());
        }
        if s.state.ended() {
            let message = format!("#{} {} has ended ({}) and will not get there", s.number, s.name, s.state.word());
            return Err(wire_error("failed", message, format!("`copilot-tui read {}` shows its last lines", s.number)));
        }
        if let Some(rest) = unsettled {
            tokio::select! {
                r = changed.changed() => if r.is_err() { break },
                () = tokio::time::sleep(rest) => {}
            }
            continue;
        }
        match output.filter(|_| regex.is_some()) {
            Some(mut output) => tokio::select! {
                r = changed.changed() => if r.is_err() { break },
                r = output.changed() => if r.is_err() { tokio::task::yield_now().await },
            },
            None => {
                if changed.changed().await.is_err() {
                    break;
                }
            }
        }
    }
    Err(wire_error("unavailable", "the server ends", "run the command again"))
}

fn status(hub: &Rc<Hub>) -> Value {
    let memory = std::fs::read_to_string("/proc/self/statm").ok().and_then(|s| s.split(' ').nth(1)?.parse::<u64>().ok());
    json!({
        "pid": std::process::id(),
        "version": env!("CARGO_PKG_VERSION"),
        "server": hub.paths.server,
        "uptime_ms": hub.started.elapsed().as_millis() as u64,
        "sessions": hub.world(|w| w.running()),
        "clients": hub.client_count(),
        "memory_bytes": memory.map(|pages| pages * 4096),
        "socket": hub.paths.socket(),
    })
}

async fn server_stop(hub: &Rc<Hub>, with_sessions: bool) -> Answer {
    if with_sessions {
        let ids: Vec<SessionId> = hub.world(|w| w.sessions().filter(|r| !r.facts.state.ended()).map(|r| r.facts.id.clone()).collect());
        for id in &ids {
            hub.apply(Command::Stop { id: id.clone(), force: false });
        }
        let left = all_ended(hub, &ids).await;
        if !left.is_empty() {
            return Err(wire_error("timeout", format!("still running: {}; the server goes on", left.join(", ")), "`sessions stop S --force`"));
        }
    }
    let left = hub.world(|w| w.running());
    let hub = Rc::clone(hub);
    // After the answer is on its way.
    tokio::task::spawn_local(async move {
        tokio::task::yield_now().await;
        hub.shut_down();
    });
    Ok(json!({ "left_running": left }))
}
