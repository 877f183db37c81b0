//! A small world for tests of the screen: sessions, panes, keys by name, pictures as text.
#![allow(dead_code)]

use copilot_tui::app::{App, Effect, Input, Setup};
use copilot_tui::base::{Chord, Key, Line, Now, Rect, SessionId, Size};
use copilot_tui::config::Theme;
use copilot_tui::ui;
use copilot_tui::wire::facts::*;
use copilot_tui::wire::pane::{PaneCursor, PaneModes};
use copilot_tui::wire::{ClientMsg, Op, PaneFrame, ServerMsg};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::collections::BTreeMap;

/// 14:26:07 UTC on some day.
pub const WALL: u64 = 1_800_023_167_000;

pub fn id(n: u32) -> SessionId {
    format!("session{n:03}").parse().unwrap()
}

pub fn session(n: u32, name: &str, agent: &str, state: State) -> Session {
    Session {
        id: id(n),
        number: n,
        name: name.into(),
        kind: Kind::Primary,
        state,
        agent: agent.into(),
        task: format!("task of {name}"),
        project: "/home/ann/shop-api".into(),
        cwd: "/home/ann/shop-api".into(),
        branch: Some(format!("agent/{name}")),
        worktree: None,
        parent: None,
        pid: Some(4000 + n as i32),
        started: "2027-01-15T14:12:00Z".into(),
        ended: None,
        exit_status: None,
        progress: None,
        waiting_for: None,
        errors: Vec::new(),
        unread: false,
        cpu_percent: Some(10.0),
        memory_bytes: Some(400 << 20),
        evidence: BTreeMap::new(),
        started_ms: WALL - 14 * 60_000,
        ended_ms: 0,
        state_ms: WALL - 4 * 60_000,
        paused_ms: 0,
        title: String::new(),
        command: Vec::new(),
        priority: Priority::Medium,
        size: Size::DEFAULT,
        queued: 0,
        phase: None,
        plan: Vec::new(),
        note: None,
        changes: None,
        base: None,
        processes: Some(3),
        pinned: false,
        muted: false,
        children: Vec::new(),
        phases: Vec::new(),
        handoffs: Vec::new(),
        usage: None,
        activity: Vec::new(),
        activity_ms: 0,
        shortened: false,
    }
}

fn item(name: &str, done: u64, total: u64, current: Option<&str>) -> ProgressItem {
    ProgressItem { name: name.into(), done, total, current: current.map(Into::into), ..ProgressItem::default() }
}

/// The sessions of the sketch.
pub fn shop() -> Vec<Session> {
    let mut three = session(3, "api-typescript", "codex", State::Working);
    three.changes = Some(Changes { files: 44, added: 1204, removed: 388, commits: 2, uncommitted: 3 });
    three.kind = Kind::Isolated;
    three.progress = Some(Progress {
        percent: None,
        done: Some(42),
        total: Some(52),
        current: Some("user-settings.js".into()),
        eta_seconds: Some(480),
        items: vec![
            item("Files analyzed", 52, 52, None),
            item("Interfaces created", 15, 15, None),
            item("Files converted", 42, 52, Some("user-settings.js")),
            item("Tests passing", 42, 42, None),
        ],
        per_minute: Some(4.2),
        ..Progress::default()
    });
    three.errors.push(ErrorReport {
        title: "payment-gateway.js: Missing type definition for PaymentResponse".into(),
        issue: Some("PaymentResponse is used but defined nowhere".into()),
        context: Some("line 45, processPayment()".into()),
        suggestion: Some("define an interface from the API docs".into()),
        action: Some("skipped for now".into()),
        status: Some("waiting for you".into()),
        time: "2027-01-15T14:23:15Z".into(),
        count: 1,
        ..ErrorReport::default()
    });
    three.evidence.insert("state".into(), Evidence { source: "report".into(), age_ms: 2000, confidence: 1.0 });
    let mut five = session(5, "auth-tests", "copilot", State::Waiting);
    five.state_ms = WALL - 2 * 60_000;
    five.changes = Some(Changes { files: 2, added: 40, removed: 2, commits: 0, uncommitted: 2 });
    five.waiting_for = Some(Waiting {
        kind: "permission".into(),
        text: "run `npm publish --dry-run`?".into(),
        since: String::new(),
        id: Some("p1".into()),
        tool: Some("bash".into()),
        ..Waiting::default()
    });
    five.evidence.insert("state".into(), Evidence { source: "hook".into(), age_ms: 118, confidence: 1.0 });
    let four = session(4, "cache-redis", "claude", State::Working);
    let six = session(6, "docs", "codex", State::Paused);
    let mut seven = session(7, "monitor", "command", State::Idle);
    seven.kind = Kind::Monitor;
    seven.parent = Some(id(3));
    let mut eight = session(8, "debug", "command", State::Idle);
    eight.kind = Kind::Debug;
    eight.parent = Some(id(3));
    let mut two = session(2, "dark-mode", "codex", State::Done);
    two.project = "/home/ann/shop-web".into();
    two.changes = Some(Changes { files: 4, added: 80, removed: 12, commits: 3, uncommitted: 0 });
    two.ended_ms = WALL - 60_000;
    vec![three, five, four, six, seven, eight, two]
}

pub fn agents() -> Vec<AgentInfo> {
    let agent = |name: &str, version: Option<&str>, default| AgentInfo {
        name: name.into(),
        title: name.into(),
        program: version.map(|_| format!("/usr/bin/{name}")),
        version: version.map(Into::into),
        install: format!("npm install -g {name}"),
        default,
    };
    vec![
        agent("codex", Some("0.42.0"), true),
        agent("copilot", Some("1.3.1"), false),
        agent("claude", None, false),
        agent("shell", Some("bash 5.2"), false),
    ]
}

pub fn timeline() -> Vec<TimelineEntry> {
    let texts = [
        ("phase", "phase 1: analyse"),
        ("progress", "Files analyzed 52/52"),
        ("error", "Missing type definition"),
        ("note", "skipping payment-gateway.js"),
        ("follow-up", "also convert the middleware"),
    ];
    (0..5)
        .map(|i| TimelineEntry {
            seq: i as u64 + 1,
            session: id(3),
            number: 3,
            time_ms: WALL - 300_000 + i as u64 * 41_000,
            kind: texts[i].0.into(),
            text: texts[i].1.into(),
        })
        .collect()
}

pub struct World {
    pub app: App,
    pub ms: u64,
    pub sent: Vec<Effect>,
}

impl World {
    /// An app that is connected and knows these sessions.
    pub fn new(cols: u16, rows: u16, sessions: Vec<Session>) -> World {
        World::with(Setup { size: Size::new(cols, rows), cwd: "/home/ann/shop-api".into(), ..Setup::default() }, sessions, None)
    }

    pub fn with(setup: Setup, sessions: Vec<Session>, view: Option<String>) -> World {
        let mut w = World { app: App::new(setup, Now { mono_ms: 0, wall_ms: WALL }), ms: 0, sent: Vec::new() };
        w.put(Input::Connected);
        w.put(Input::Server(ServerMsg::Facts {
            rev: 1,
            full: true,
            sessions,
            removed: vec![],
            timeline: timeline(),
            agents: Some(agents()),
            view,
            more: false,
        }));
        w
    }

    pub fn now(&self) -> Now {
        Now { mono_ms: self.ms, wall_ms: WALL + self.ms }
    }

    /// Gives an input; what came out is kept and returned.
    pub fn put(&mut self, input: Input) -> Vec<Effect> {
        let out = self.app.update(input, self.now());
        self.sent.extend(out.iter().cloned());
        out
    }

    pub fn wait(&mut self, ms: u64) {
        self.ms += ms;
        self.put(Input::Wake);
    }

    /// Presses keys: `ctrl+b n`, or text in quotes.
    pub fn keys(&mut self, keys: &str) -> Vec<Effect> {
        let mut out = Vec::new();
        for k in keys.split(' ') {
            let chord: Chord = k.parse().unwrap();
            out.extend(self.put(Input::Key(Key::new(chord.code, chord.mods))));
        }
        out
    }

    pub fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.put(Input::Key(Key::char(c)));
        }
    }

    pub fn facts(&mut self, sessions: Vec<Session>, removed: Vec<SessionId>) -> Vec<Effect> {
        let rev = self.app.mirror.rev + 1;
        self.put(Input::Server(ServerMsg::Facts { rev, full: false, sessions, removed, timeline: vec![], agents: None, view: None, more: false }))
    }

    /// Rows of a session's terminal, from line 100 on.
    pub fn rows(&mut self, n: u32, text: &str) {
        let size = self.app.in_sight().into_iter().find(|w| w.session == id(n)).map_or(Size::DEFAULT, |w| Size::new(w.cols, w.rows));
        let lines: Vec<&str> = text.lines().collect();
        self.put(Input::Pane(PaneFrame {
            seq: 1,
            session: id(n),
            cols: size.cols,
            rows: size.rows,
            full: true,
            top: 100,
            height: size.rows,
            screen_top: 100,
            history_start: 0,
            lines: lines.iter().enumerate().map(|(i, l)| (100 + i as u64, Line::plain(l))).collect(),
            cursor: PaneCursor { row: (lines.len() as u16).saturating_sub(1), col: 2, visible: true, ..PaneCursor::default() },
            modes: PaneModes::default(),
            foreign_size: false,
        }));
    }

    pub fn regions(&self) -> ui::Regions {
        ui::regions(&self.app, Rect::new(0, 0, self.app.size.cols, self.app.size.rows))
    }

    /// The screen as cells.
    pub fn cells(&self) -> Buffer {
        let theme = Theme::shipped("midnight").unwrap();
        let mut t = Terminal::new(TestBackend::new(self.app.size.cols, self.app.size.rows)).unwrap();
        let regions = self.regions();
        t.draw(|f| ui::draw(&self.app, &regions, &theme, f)).unwrap();
        t.backend().buffer().clone()
    }

    /// The screen as text, blanks at line ends cut.
    pub fn picture(&self) -> String {
        let buf = self.cells();
        let mut out = String::new();
        for y in 0..buf.area.height {
            let mut line = String::new();
            let mut skip = 0;
            for x in 0..buf.area.width {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buf[(x, y)].symbol();
                skip = copilot_tui::base::text::width(symbol).saturating_sub(1);
                line.push_str(symbol);
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// Requests sent since the last call.
    pub fn ops(&mut self) -> Vec<Op> {
        let sent = std::mem::take(&mut self.sent);
        sent.into_iter().filter_map(|e| if let Effect::Send(ClientMsg::Request { op, .. }) = e { Some(op) } else { None }).collect()
    }

    /// Answers the last request.
    pub fn answer(&mut self, ok: serde_json::Value) -> Vec<Effect> {
        let id = self.sent.iter().rev().find_map(|e| if let Effect::Send(ClientMsg::Request { id, .. }) = e { Some(*id) } else { None });
        self.put(Input::Server(ServerMsg::Reply { id: id.unwrap(), ok: Some(ok), error: None }))
    }
}

pub const CODEX: &str = "• Converting endpoint 42/52: user-settings.js\n  └ wrote src/api/user-settings.ts\n\n• Running tests for converted files\n  └ 42 passed\n\n▌ Ask codex to do something else";
pub const COPILOT: &str = "Do you want to run this command?\n  npm publish --dry-run\n> 1. Yes   2. No, tell Copilot what to do instead";
