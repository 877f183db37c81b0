//! Between a session's terminal and its engine: output in bounded slices, fair among panes; answers, input and sizes back.
//! Must not know clients' sockets.

mod ends;
mod hears;
mod unkept;

use super::agent_log::AgentLog;
use super::hub::Hub;
use super::pane::{Order, Pane, Pids};
use super::recorded::Sort;
use super::recording::{self, GoesOn};
use super::text_watch::{self, Activity, Look, TextWatch};
use crate::agent::AgentSpec;
use crate::base::text::safe_line;
use crate::base::{Now, Size};
use crate::evidence::{self, LogReader, Signal, Source};
use crate::model::{Command, rfc3339};
use crate::pty::{Control, Leased, Master, ReadOutcome, Ring};
use crate::term::Event;
use crate::wire::State;
use crate::wire::facts::ExitStatus;
use crate::wire::message::ServerMsg;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;
use unkept::{SNAPSHOT_EVERY, Unkept};

/// Bytes parsed before the next pane has its turn.
const SLICE: usize = 64 * 1024;
/// Time parsed before others have their turn. Panes that flood take turns one by one, so that a key in a quiet pane, its echo
/// and the frame for it each wait for one slice at most, however many flood.
const SLICE_TIME: Duration = Duration::from_micros(300);
/// A pane that wrote so much in [`FLOOD_TIME`] floods.
const FLOOD: usize = 64 * 1024;
/// See [`FLOOD`].
const FLOOD_TIME: Duration = Duration::from_millis(20);
/// How long a flooding pane waits after a slice while a person types into another one. What it floods with then blocks on its
/// full terminal, so that there is a processor for the key, its echo and the frame.
const REST: Duration = Duration::from_millis(1);
/// Shortest time between two sizes.
const RESIZE_EVERY: Duration = Duration::from_millis(50);
/// An agent that wrote nothing for so long may be idle.
const SILENCE: Duration = Duration::from_secs(3);
/// A shell that wrote nothing for so long is asked who has its terminal.
const SHELL_QUIET: Duration = Duration::from_millis(150);
/// Output so soon after input is its echo, milliseconds.
const ECHO_MS: u64 = 1000;
/// After output the agent's log is read; what it writes a moment later is read with it.
const LOG_AFTER: Duration = Duration::from_millis(150);
/// Looks for a log whose name is known only once the agent runs, one after each burst of output.
const LOG_TRIES: u8 = 200;
/// A notification so near to a state that waits says what it waits for, milliseconds.
const SAYS_WHAT_MS: u64 = 500;

struct Pump {
    hub: Rc<Hub>,
    pane: Rc<Pane>,
    master: Rc<Master>,
    ring: Ring,
    sort: Sort,
    size: Size,
    resized: Option<Instant>,
    quiet_at: Option<Instant>,
    /// The last notification: its text and when, by the wall clock.
    notice: Option<(String, u64)>,
    /// What the agent's file says of its signals.
    spec: Option<AgentSpec>,
    /// Payload of the last status report of the program itself.
    status_said: Option<String>,
    /// A notification, a bell or a text spoke of the state at this moment (monotonic): it counts until somebody types.
    soft: Option<u64>,
    rang: bool,
    text: Option<TextWatch>,
    activity: Activity,
    log: Option<AgentLog>,
    log_at: Option<Instant>,
    /// When the end of the screen is looked at, for agents that tell their state there.
    prompt_at: Option<Instant>,
    /// Looks that may still be spent on finding a log whose name is not known.
    log_tries: u8,
    status: Option<ExitStatus>,
    /// There was more to read than a slice.
    busy: bool,
    /// Bytes read since then.
    recent: (std::time::Instant, usize),
    unkept: Unkept,
    /// Nobody has the terminal open any more; only the exit status is waited for.
    eof: bool,
}

/// Runs a session's terminal from now on.
pub fn run(hub: &Rc<Hub>, pane: &Rc<Pane>, leased: Leased, goes_on: Option<GoesOn>) {
    pane.set_pids(Some(Pids { agent: leased.agent_pid, holder: leased.holder_pid }));
    let sort = hub.world(|w| match w.get(&pane.id) {
        Some(r) if r.recipe.counts => Sort::Agent,
        Some(r) if r.recipe.interactive => Sort::Shell,
        _ => Sort::Command,
    });
    let of_agent = hub.world(|w| w.get(&pane.id).map(|r| (r.facts.agent.clone(), r.conversation.as_ref().and_then(|c| c.log.clone()))));
    let (name, log_file) = of_agent.unwrap_or_default();
    let spec = Some(name).filter(|_| sort == Sort::Agent).and_then(|n| super::catalog::spec(hub, &n));
    let reads = |s: &AgentSpec| !s.log_rules.is_empty() || !s.usage_rules.is_empty();
    let log = spec
        .as_ref()
        .filter(|s| reads(s))
        .zip(log_file)
        .map(|(s, file)| AgentLog::new(file.into(), LogReader::new(s.log_rules.clone()).with_usage(s.usage_rules.clone())).going_on());
    let log_tries = if log.is_none() && spec.as_ref().is_some_and(|s| s.log_open.is_some() && reads(s)) { LOG_TRIES } else { 0 };
    if let Some(s) = &spec {
        hub.apply(Command::Order { id: pane.id.clone(), order: s.order.clone() });
    }
    let watches = hub.world(|w| w.get(&pane.id).is_none_or(|r| r.facts.kind.watches()));
    let readable = sort != Sort::Shell && !watches && hub.settings().read_text && spec.as_ref().is_none_or(|s| s.text);
    let text = readable.then(|| {
        let (rules, problems) = text_watch::rules(&hub.paths.config.join("rules"));
        problems.iter().for_each(|p| tracing::warn!("rules: {p}"));
        pane.engine(|e, _| TextWatch::new(rules, e))
    });
    let status = leased.exited.map(|s| ExitStatus { code: s.code, signal: s.signal });
    let Leased { master, ring, control, size, .. } = leased;
    let master = Rc::new(master);
    pane.input().open(Rc::clone(&master));
    recording::begin(hub, pane, sort, ring.head(), goes_on);
    let pump = Pump {
        hub: Rc::clone(hub),
        pane: Rc::clone(pane),
        master,
        ring,
        sort,
        size,
        resized: None,
        quiet_at: None,
        notice: None,
        spec,
        status_said: None,
        soft: None,
        rang: false,
        text,
        activity: Activity::default(),
        log_at: log.as_ref().map(|_| Instant::now()),
        prompt_at: None,
        log_tries,
        log,
        status,
        busy: false,
        recent: (std::time::Instant::now(), 0),
        unkept: Unkept::default(),
        eof: false,
    };
    hub.spawn("pump", pump.run(control));
    if sort == Sort::Agent {
        super::attend::attend(hub, pane);
    }
}

impl Drop for Pump {
    /// However it ends: nobody but the holder has the terminal then, which reads on when the lease is over.
    fn drop(&mut self) {
        self.pane.input().close();
    }
}

impl Pump {
    async fn run(mut self, control: Control) {
        loop {
            if let Some(status) = self.status
                && self.read_dry()
            {
                self.finish(status, &control).await;
                return;
            }
            let resize_at = self.resize();
            while let Some(order) = self.pane.next_order() {
                self.carry_out(order, &control).await;
                self.pane.order_done();
            }
            if self.pane.take_stale_meta() {
                self.give_meta(&control).await;
            }
            if self.pane.take_keep() {
                self.keep_screen();
            }
            let writing = self.pane.input().flush();
            tokio::select! {
                biased;
                event = control.event() => match event {
                    crate::pty::Event::Exited(s) => self.status = Some(ExitStatus { code: s.code, signal: s.signal }),
                    crate::pty::Event::Stopped(report) => self.stopped(&report.survivors),
                    crate::pty::Event::Closed => {
                        self.holder_died().await;
                        return;
                    }
                    _ => {}
                },
                () = self.pane.poked() => {}
                () = self.master.readable(), if !self.eof => {
                    let hub = Rc::clone(&self.hub);
                    let turn = if self.busy { Some(hub.flood_turn().await) } else { None };
                    self.read_slice(Master::try_read);
                    if self.floods() && self.hub.typed_elsewhere(&self.pane.id) {
                        tokio::time::sleep(REST).await;
                    } else if self.busy {
                        // What is ready elsewhere comes before the next slice.
                        tokio::task::yield_now().await;
                    }
                    drop(turn);
                }
                () = self.master.writable(), if writing && !self.eof => {}
                () = sleep_until(self.due().into_iter().chain(resize_at).min()) => self.on_time().await,
            }
        }
    }

    /// When something of ours is due by the clock.
    fn due(&self) -> Option<Instant> {
        let text = self.text.as_ref().and_then(TextWatch::due);
        [self.quiet_at, self.log_at, self.prompt_at, text].into_iter().flatten().min()
    }

    /// Does what is due.
    async fn on_time(&mut self) {
        let now = Instant::now();
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if due(self.quiet_at) {
            self.quiet();
        }
        if due(self.log_at) {
            self.read_log().await;
        }
        if due(self.prompt_at) {
            self.read_prompt();
        }
        if due(self.text.as_ref().and_then(TextWatch::due)) {
            self.read_text(Look::More);
        }
    }

    // ---- output ----

    /// Reads and parses one slice. True when there is nothing more to read now.
    fn read_slice(&mut self, read: for<'r> fn(&Master, &'r mut Ring, usize) -> std::io::Result<ReadOutcome<'r>>) -> bool {
        let started = std::time::Instant::now();
        let now = Now::read();
        let mut parsed = 0;
        let mut dry = false;
        while parsed < SLICE && started.elapsed() < SLICE_TIME {
            let before = self.ring.head();
            match read(&self.master, &mut self.ring, SLICE - parsed) {
                Ok(ReadOutcome::Data(bytes)) => {
                    parsed += bytes.len();
                    self.pane.tap(|t| t.output(bytes, now, before + bytes.len() as u64));
                    self.pane.engine_mut(|e| e.feed(bytes, now));
                    self.pane.note_output(bytes);
                }
                Ok(ReadOutcome::Full) => self.snapshot(),
                Ok(ReadOutcome::WouldBlock) => {
                    dry = true;
                    break;
                }
                Ok(ReadOutcome::Eof) | Err(_) => {
                    self.eof = true;
                    dry = true;
                    break;
                }
            }
        }
        if parsed > 0 {
            if let Some((spans, until_ms)) = self.activity.note(parsed, now.wall_ms) {
                self.hub.apply(Command::Activity { id: self.pane.id.clone(), spans, until_ms });
            }
            if let Some(t) = &mut self.text {
                t.wrote();
            }
            self.after_output(now);
        }
        if self.recent.0.elapsed() > FLOOD_TIME {
            self.recent = (started, 0);
        }
        self.recent.1 += parsed;
        self.pane.set_floods(self.floods());
        self.busy = !dry;
        dry
    }

    fn floods(&self) -> bool {
        self.recent.1 >= FLOOD
    }

    fn after_output(&mut self, now: Now) {
        let mut replies = Vec::new();
        self.pane.engine_mut(|e| e.take_replies(&mut replies));
        if !replies.is_empty() {
            self.pane.input().answer(&replies);
        }
        self.ring.set_answered(self.ring.head());
        if self.pane.tap(crate::past::Tap::wants_screen) == Some(true) {
            let screen = self.pane.engine(|e, _| e.snapshot(0));
            self.pane.tap(|t| t.screen(screen, now, self.ring.head()));
        }
        let events = self.pane.engine_mut(|e| e.take_events());
        self.rang = false;
        for event in events {
            self.event(event, now);
        }
        self.doubt_soft(now);
        self.pane.changed();
        self.pane.announce_output();
        self.hub.note_output();
        if self.ring.unsnapshotted() > SNAPSHOT_EVERY {
            self.snapshot();
        }
        let echo = now.mono_ms.saturating_sub(self.pane.last_input_ms()) < ECHO_MS;
        match self.sort {
            Sort::Agent => {
                if !echo {
                    self.silence(State::Working, now);
                }
                self.quiet_at = Some(Instant::now() + SILENCE);
                if self.spec.as_ref().is_some_and(|s| !s.prompts.is_empty()) {
                    self.prompt_at.get_or_insert_with(|| Instant::now() + LOG_AFTER);
                }
                if self.log.is_some() || self.log_tries > 0 {
                    self.log_at.get_or_insert_with(|| Instant::now() + LOG_AFTER);
                }
            }
            Sort::Shell => self.quiet_at = Some(Instant::now() + SHELL_QUIET),
            Sort::Command => {}
        }
    }

    /// What the lack of output says; the model is told only when it is news.
    fn silence(&self, state: State, now: Now) {
        let id = &self.pane.id;
        let known = self.hub.world(|w| w.get(id).and_then(|r| r.ledger.signals().iter().find(|s| s.source == Source::Silence).map(|s| s.state)));
        if known != Some(state) {
            let signal = Signal { source: Source::Silence, state, text: None, kind: None, at_ms: now.wall_ms };
            self.hub.apply(Command::Signal { id: id.clone(), signal });
        }
    }

    /// Nothing was written for a while.
    fn quiet(&mut self) {
        self.quiet_at = None;
        let now = Now::read();
        let front = self.master.foreground_pgid();
        self.pane.set_foreground(front);
        match self.sort {
            Sort::Agent => {
                // Only what was started with a task or a follow-up can have finished one.
                self.silence(State::Idle, now);
            }
            Sort::Shell => {
                let state = if front == self.pane.agent_pid() { State::Idle } else { State::Working };
                let id = self.pane.id.clone();
                let known =
                    self.hub.world(|w| w.get(&id).and_then(|r| r.ledger.signals().iter().find(|s| s.source == Source::Process).map(|s| s.state)));
                if known != Some(state) {
                    let signal = Signal { source: Source::Process, state, text: None, kind: None, at_ms: now.wall_ms };
                    self.hub.apply(Command::Signal { id, signal });
                }
            }
            Sort::Command => {}
        }
    }

    /// The signal of a source, when it is known and says so.
    fn known(&self, source: Source) -> Option<Signal> {
        self.hub.world(|w| w.get(&self.pane.id).and_then(|r| r.ledger.signals().iter().find(|s| s.source == source).cloned()))
    }

    fn event(&mut self, event: Event, now: Now) {
        let id = self.pane.id.clone();
        match event {
            Event::Title(title) => {
                // Titles are animated; only another state is news.
                let titles = self.spec.as_ref().map(|s| s.titles.as_slice()).unwrap_or_default();
                if let Some(signal) = evidence::title_signal(titles, &title, now.wall_ms)
                    && self.known(Source::Title).is_none_or(|s| s.state != signal.state)
                {
                    self.hub.apply(Command::Signal { id: id.clone(), signal });
                }
                self.hub.apply(Command::Title { id, title: safe_line(&title, 200) });
            }
            Event::Progress(p) => self.progress(p, now),
            Event::Status(payload) => {
                let near = |t: &u64| now.wall_ms.saturating_sub(*t) < SAYS_WHAT_MS;
                let said = self.notice.as_ref().filter(|(_, t)| near(t)).map(|(text, _)| text.clone());
                if !payload.contains("id=") {
                    self.status_said = Some(payload.clone());
                }
                self.hub.apply(Command::ProgramStatus { id, payload, said });
            }
            Event::Notify(n) => {
                let said = safe_line(&n.body, 200);
                // Some say that they wait in one sequence and for what in another.
                if let Some(signal) = self.known(Source::Osc7501)
                    && signal.state == State::Waiting
                    && signal.text.is_none()
                    && now.wall_ms.saturating_sub(signal.at_ms) < SAYS_WHAT_MS
                    && let Some(payload) = self.status_said.clone()
                {
                    self.hub.apply(Command::ProgramStatus { id, payload, said: Some(said) });
                    return;
                }
                let notices = self.spec.as_ref().map(|s| s.notices.as_slice()).unwrap_or_default();
                if let Some(signal) = evidence::notice_signal(notices, &said, now.wall_ms) {
                    self.soft = Some(now.mono_ms);
                    self.hub.apply(Command::Signal { id: id.clone(), signal });
                }
                self.notice = Some((said, now.wall_ms));
                super::notify::said(&self.hub, &id, &n.title, &n.body);
            }
            Event::Dropped(count) => super::notify::missed(&self.hub, &id, count),
            Event::Clipboard(c) => {
                let text = String::from_utf8_lossy(&c.data).into_owned();
                // To the client that typed here last and still looks; else it is dropped.
                let to = self
                    .pane
                    .watchers()
                    .into_iter()
                    .filter(|c| !c.read_only.get() && c.typed_in.borrow().as_ref() == Some(&id) && c.watched(&id).is_some_and(|w| w.focused))
                    .max_by_key(|c| c.active_ms.get());
                match to {
                    Some(client) if !text.is_empty() => client.push(&ServerMsg::Clipboard { session: id, text }),
                    _ => tracing::debug!(session = %id, "a wish to write the clipboard was dropped: nobody types in this pane"),
                }
            }
            Event::AltScreen(_) => self.pane.new_epoch(),
            Event::Reflow | Event::Reset | Event::HistoryCleared => {
                self.pane.new_epoch();
                self.renumbered();
            }
            Event::Bell => {
                self.bell(now);
                super::notify::said(&self.hub, &id, "", "");
            }
            Event::Prompt(mark) => self.prompt(&mark.kind, now),
            Event::Rebuilt => {
                self.pane.new_epoch();
                self.renumbered();
                tracing::warn!(session = %id, "the display was rebuilt after a fault of the engine");
                self.hub.apply(Command::Report { id, report: crate::wire::report::Report::Note { text: "[display reset]".into() } });
            }
            Event::Unhandled(what) => tracing::trace!(session = %id, what),
            Event::Cwd(folder) => self.pane.set_cwd(folder),
        }
    }

    // ---- input, size, orders ----

    /// Sets the size that is wanted, or says when it may.
    fn resize(&mut self) -> Option<Instant> {
        let wanted = self.pane.wanted_size().clamped();
        if wanted == self.size || self.status.is_some() {
            return None;
        }
        let due = self.resized.map(|t| t + RESIZE_EVERY).filter(|t| *t > Instant::now());
        if due.is_some() {
            return due;
        }
        // The kernel first: a program that asks is never told an older size than the screen has.
        if let Err(e) = self.master.resize(wanted) {
            tracing::debug!(session = %self.pane.id, "resize: {e}");
        }
        let now = Now::read();
        // Lines get other numbers with another width.
        if wanted.cols != self.size.cols {
            self.read_text(Look::Renumber);
        }
        super::resizing::resize(&self.pane, wanted);
        self.pane.tap(|t| t.resize(wanted, now));
        self.size = wanted;
        self.resized = Some(Instant::now());
        let events = self.pane.engine_mut(|e| e.take_events());
        for event in events {
            self.event(event, now);
        }
        let mut replies = Vec::new();
        self.pane.engine_mut(|e| e.take_replies(&mut replies));
        self.pane.input().answer(&replies);
        self.pane.changed();
        // A replay would run at the wrong size without this.
        self.unkept.forget();
        self.snapshot();
        super::sizes::note(&self.hub, &self.pane, wanted);
        None
    }

    async fn carry_out(&mut self, order: Order, control: &Control) {
        if order == Order::LookInFront {
            return self.pane.set_foreground(self.master.foreground_pgid());
        }
        let time = rfc3339(Now::read().wall_ms);
        let time = time.get(11..19).unwrap_or_default();
        let result = match order {
            Order::LookInFront => return,
            Order::Freeze => control.freeze().await.map(|r| {
                if !r.survivors.is_empty() {
                    let names: Vec<String> = r.survivors.iter().map(|s| format!("{} {} ({})", s.pid, s.comm, s.reason)).collect();
                    let why = format!("these go on: {}", names.join(", "));
                    self.hub.apply(Command::PauseFailed { id: self.pane.id.clone(), why });
                }
                format!("{time} STOP to {} processes", r.count)
            }),
            Order::Thaw => control.thaw().await.map(|n| format!("{time} CONT to {n} processes")),
            Order::Stop(plan) => {
                let what = if plan.grace_ms == 0 { "KILL to the tree" } else { "HUP and TERM to the tree, KILL to what is left" };
                control.stop(plan).await.map(|_| format!("{time} {what}"))
            }
        };
        match result {
            Ok(text) => self.pane.note_signal(text),
            Err(e) => {
                tracing::warn!(session = %self.pane.id, ?order, "not carried out: {e}");
                self.pane.note_signal(format!("{time} {order:?} failed: {e}"));
                if order == Order::Freeze {
                    self.hub.apply(Command::PauseFailed { id: self.pane.id.clone(), why: e.to_string() });
                }
            }
        }
    }

    /// The holder keeps a copy of the record: what the database has not committed yet survives a crash there.
    async fn give_meta(&self, control: &Control) {
        if let Some(meta) = self.hub.meta(&self.pane.id)
            && let Err(e) = control.set_meta(&meta).await
        {
            tracing::debug!(session = %self.pane.id, "meta: {e}");
        }
    }

    fn stopped(&self, survivors: &[crate::pty::Survivor]) {
        let names = survivors.iter().map(|s| format!("{} {} ({})", s.pid, s.comm, s.reason)).collect();
        self.hub.apply(Command::Survivors { id: self.pane.id.clone(), names });
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(t) => tokio::time::sleep_until(t).await,
        None => std::future::pending().await,
    }
}
