//! Layer 4: the client's pure state. Everything that happens comes in as an [`Input`] with the time; everything to be done
//! goes out as an [`Effect`]. Must not know sockets, terminals, threads or how anything is drawn.
//!
//! The client says hello on its connection and gives [`Input::Connected`]; the app subscribes, watches the panes in sight and
//! sends all requests.

mod accept;
pub mod areas;
pub mod asked;
mod char_find;
mod clip;
pub mod clock;
mod complete;
mod delegate;
pub mod dialog;
mod drag;
mod editors;
pub mod finder;
pub mod follow_up;
pub mod found;
pub mod hints;
mod hit;
mod inbox;
pub mod input;
mod io;
mod keys;
mod labelling;
pub mod labels;
pub mod list_state;
pub mod lists;
pub mod look;
mod looking;
pub mod mirror;
pub mod modes;
mod mouse;
mod mouse_select;
pub mod opening;
pub mod panes;
mod parts;
pub mod replay;
mod requests;
mod run;
pub mod search_all;
pub mod search_box;
mod searching;
mod searching_all;
mod server;
mod sessions;
mod setup;
pub mod toasts;
pub mod tree;
mod view;
mod watch;

pub use areas::Areas;
pub use hit::{Hit, PaneId};
pub use io::{Effect, Input, Open, Opened};
pub use sessions::place as place_of;
pub use setup::{Caps, Config, Options, Setup};

use crate::base::{Chord, KeyCode, Now, SessionId, Size};
use crate::wire::ClientMsg;
use crate::wire::message::{Level, PaneWatch};
use follow_up::FollowUp;
use look::Look;
use mirror::Mirror;
use modes::Layer;
use panes::Tabs;
use std::collections::{HashMap, VecDeque};
use toasts::Toasts;
use tree::TreeState;

/// How the connection to the server stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// Not yet.
    Connecting,
    /// Up.
    Up,
    /// Down, with the reason; the client tries again.
    Down(String),
}

/// Keys that begin a longer sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The keys so far.
    pub chords: Vec<Chord>,
    /// Since when, by the monotonic clock.
    pub since: u64,
}

/// The client's state.
#[derive(Debug, Clone)]
pub struct App {
    /// What it was started with, but the choices.
    pub setup: Setup,
    /// Choices and keys, as read last.
    pub config: Config,
    /// Size of the outer terminal.
    pub size: Size,
    /// The moment of the last input.
    pub now: Now,
    /// The moment that ages and the clock were asked to be drawn for last.
    aged: Now,
    /// What the server told.
    pub mirror: Mirror,
    parts: parts::Parts,
    /// Tabs and panes.
    pub tabs: Tabs,
    /// The tree.
    pub tree: TreeState,
    /// The docked tree is there.
    pub tree_open: bool,
    /// The tree stands beside the panes where there is room.
    pub tree_docked: bool,
    /// What has the keys, the last one first.
    pub layers: Vec<Layer>,
    /// The follow-up box.
    pub follow_up: FollowUp,
    /// Looking back, by pane.
    pub looks: HashMap<PaneId, Look>,
    /// Recordings shown, by pane.
    pub replays: HashMap<PaneId, replay::Replay>,
    /// Notices.
    pub toasts: Toasts,
    /// The connection.
    pub link: Link,
    /// Keys that begin a longer sequence.
    pub pending: Option<Pending>,
    /// The outer terminal has the focus.
    pub outer_focus: bool,
    clip: clip::ClipWishes,
    editors: Vec<editors::Editing>,
    /// It told so itself.
    pub outer_focus_told: bool,
    /// What the outer terminal was asked to tell, oldest first.
    notified: VecDeque<u64>,
    requests: requests::Requests,
    watched: Option<(Vec<PaneWatch>, bool)>,
    saved: String,
    placed: bool,
    swallowed: Vec<KeyCode>,
    /// The last of them and when it was pressed, also while releases are not told.
    last_swallowed: Option<(KeyCode, u64)>,
    /// What stands under the cursor of the inbox.
    standing: Option<inbox::Standing>,
    complete: complete::Complete,
    /// What is asked and had no room there.
    whole: Option<asked::Whole>,
    drag: drag::Drag,
    title: String,
    /// Digits typed before a command of looking back.
    pub count: Option<u32>,
    /// What was copied last, for putting more behind it.
    copied: String,
    char_find: char_find::CharFind,
    last_search: String,
    /// The search in all sessions whose hit was gone to last.
    last_search_all: Option<Box<search_all::SearchAll>>,
    /// Numbers of the last news that a session's lines were broken anew.
    moved: HashMap<SessionId, u64>,
}

impl App {
    /// The state at the start. The connection is not up yet.
    pub fn new(setup: Setup, now: Now) -> App {
        let config = setup.config.clone();
        let mut app = App {
            size: setup.size,
            now,
            aged: now,
            mirror: Mirror::default(),
            parts: parts::Parts::default(),
            tabs: Tabs::default(),
            tree: TreeState { home: setup.cwd.clone(), ..TreeState::default() },
            tree_open: config.options.tree_open,
            tree_docked: config.options.tree_docked,
            layers: Vec::new(),
            follow_up: FollowUp::default(),
            looks: HashMap::new(),
            replays: HashMap::new(),
            toasts: Toasts::default(),
            link: Link::Connecting,
            pending: None,
            outer_focus: true,
            clip: clip::ClipWishes::default(),
            editors: Vec::new(),
            outer_focus_told: false,
            notified: VecDeque::new(),
            requests: requests::Requests::default(),
            watched: None,
            saved: String::new(),
            placed: false,
            swallowed: Vec::new(),
            last_swallowed: None,
            standing: None,
            complete: complete::Complete::default(),
            whole: None,
            drag: drag::Drag::default(),
            title: String::new(),
            count: None,
            copied: String::new(),
            char_find: char_find::CharFind::default(),
            last_search: String::new(),
            last_search_all: None,
            moved: HashMap::new(),
            setup,
            config,
        };
        app.tell_problems();
        app
    }

    /// Something happened: changes the state and says what is to be done, in order.
    pub fn update(&mut self, input: Input, now: Now) -> Vec<Effect> {
        self.now = now;
        let mut out = Vec::new();
        if let Input::Pane(frame) = input {
            // The busiest input: rows change nothing but rows.
            let seq = frame.seq;
            if let Some(rows) = self.mirror.pane(&frame.session) {
                self.looks.values_mut().filter(|l| l.session.as_ref() == Some(&frame.session)).for_each(|l| l.rows_come(rows, &frame));
            }
            self.mirror.frame(frame);
            return vec![Effect::Send(ClientMsg::Ack { seq }), Effect::Redraw];
        }
        let moved = matches!(&input, Input::Mouse { event, .. } if event.kind == crate::base::MouseKind::Move);
        let typed = matches!(&input, Input::Key(_)) && self.layers.is_empty() && self.pending.is_none();
        let looking = self.looks.len();
        match input {
            Input::Key(key) => self.key(key, &mut out),
            Input::Mouse { event, hit } => self.mouse(event, hit, &mut out),
            Input::Paste(text) => self.paste(&text, &mut out),
            Input::Resize(size) => self.size = size,
            Input::Focus(on) => {
                if self.link == Link::Up && (!self.outer_focus_told || self.outer_focus != on) {
                    out.push(Effect::Send(ClientMsg::Focus { on }));
                }
                (self.outer_focus, self.outer_focus_told) = (on, true);
            }
            Input::Server(msg) => self.server(msg, &mut out),
            Input::Opened(opened) => self.opened(opened, &mut out),
            Input::Wake => self.drag_on(),
            Input::Pane(_) => {}
            Input::Connected => self.connected(&mut out),
            Input::Disconnected { reason } => {
                self.parts.clear();
                self.link = Link::Down(crate::base::text::safe_line(&reason, 120));
                self.requests.forget_all();
                self.watched = None;
                self.for_new_form(|f| f.busy = false);
                // No answer comes any more.
                for look in self.looks.values_mut() {
                    look.asking = false;
                    look.found.asked = false;
                }
            }
            Input::ClipboardDone { ok: true, how } => {
                let what = match (self.copied.lines().count(), self.copied.chars().count()) {
                    (_, 0) => String::new(),
                    (0 | 1, 1) => "1 character".to_owned(),
                    (0 | 1, n) => format!("{n} characters"),
                    (n, _) => format!("{n} lines"),
                };
                let title = format!("copied {what} ({how})").replace("  ", " ");
                // Of several copies only the last is in the clipboard.
                self.toasts.outdated(|t| t.session.is_none() && t.title.starts_with("copied ") && t.title != title);
                self.note(Level::Info, &title, "");
            }
            Input::ClipboardDone { ok: false, how } => self.note(Level::Error, "nothing could be copied", &how),
            Input::Colors(colors) => out.push(Effect::Send(ClientMsg::Colors { colors })),
            Input::Config(config) => {
                self.config = *config;
                if self.config.problems.is_empty() {
                    self.note(Level::Success, "settings read", "");
                }
                self.tell_problems();
                self.reload_server(&mut out);
            }
        }
        // A key that only went to a pane changes nothing here, so there is nothing to settle and nothing to draw: a frame now would
        // delay the one with its echo.
        let passed = typed && self.pending.is_none() && matches!(out.as_slice(), [Effect::Send(ClientMsg::Input { .. })]);
        if passed && self.looks.len() == looking && self.swallowed.is_empty() {
            return out;
        }
        self.toasts.expire(now);
        self.search_as_typed(&mut out);
        self.complete_as_typed(&mut out);
        self.settle();
        self.settle_replays(&mut out);
        self.watch(&mut out);
        self.save_view(&mut out);
        self.outer_title(&mut out);
        if !moved && !passed {
            self.aged = now;
            out.push(Effect::Redraw);
        }
        out
    }

    /// When [`Input::Wake`] should come, by the monotonic clock in milliseconds. Nothing else is due before.
    pub fn next_wake(&self) -> Option<u64> {
        let which = self.pending.as_ref().map(|p| p.since + self.config.options.which_key_ms).filter(|t| *t > self.now.mono_ms);
        let stands = match self.layers.last() {
            Some(Layer::Dialog(d)) if !d.stands(self.now) => match **d {
                dialog::Dialog::Confirm { since, .. } => Some(since + dialog::STANDS_MS),
                _ => None,
            },
            Some(Layer::Inbox(_)) => self.answerable_at().filter(|t| *t > self.now.mono_ms),
            _ => None,
        };
        [which, stands, self.toasts.next_wake(), self.next_edge(), Some(self.next_age())].into_iter().flatten().min()
    }

    /// A layer like this is open.
    pub fn has_layer(&self, f: impl Fn(&Layer) -> bool) -> bool {
        self.layers.iter().any(f)
    }

    /// The tree has the keys, or something over it that will give them back.
    pub fn tree_has_focus(&self) -> bool {
        self.has_layer(|l| matches!(l, Layer::Tree))
    }

    /// The keys of the pending sequence are to be listed now.
    pub fn shows_which_key(&self) -> bool {
        self.pending.as_ref().is_some_and(|p| self.now.mono_ms >= p.since + self.config.options.which_key_ms)
    }

    /// The session that commands mean: the one under the tree's cursor, of the row of a panel, or of the focused pane.
    pub fn subject(&self) -> Option<SessionId> {
        for layer in self.layers.iter().rev() {
            match layer {
                Layer::Tree => return self.tree.session(&self.mirror),
                Layer::Inbox(l) => return self.inbox_at(l),
                Layer::Errors { list, .. } => return self.error_at(list).map(|(id, _)| id),
                Layer::Card(id, _) | Layer::Explain(id, ..) => return Some(id.clone()),
                Layer::Summary(s) => return Some(s.session.clone()),
                Layer::Timeline { session: Some(id), .. } => return Some(id.clone()),
                _ => {}
            }
        }
        self.tabs.focused_session().cloned()
    }

    /// The sessions that a command on several means: the selected ones, else the subject.
    pub fn subjects(&self) -> Vec<SessionId> {
        if self.tree_has_focus() && !self.tree.selected.is_empty() {
            return self.tree.selected.iter().cloned().collect();
        }
        self.subject().into_iter().collect()
    }

    /// Text for the shell after leaving.
    pub fn farewell(&self) -> String {
        let live = self.mirror.working_set().filter(|s| !s.state.ended()).count();
        let again = match &self.setup.server {
            Some(name) => format!("copilot-tui attach --server {}", crate::base::text::safe_line(name, 60)),
            None => "copilot-tui attach".to_owned(),
        };
        match live {
            0 => format!("no session is running: {again}"),
            1 => format!("1 session goes on: {again}"),
            n => format!("{n} sessions go on: {again}"),
        }
    }

    fn note(&mut self, level: Level, title: &str, text: &str) {
        self.toasts.push(level, None, title, text, self.config.options.toast_seconds, self.now);
    }

    fn tell_problems(&mut self) {
        for p in self.config.problems.clone().iter().take(3) {
            self.note(Level::Error, p, "the rest of the settings stands");
        }
    }

    /// After everything that may have changed the facts or the focus.
    fn settle(&mut self) {
        let hold = self.tree_has_focus();
        self.tree.arrange(&self.mirror, hold);
        let gone: Vec<PaneId> = self.looks.iter().filter(|(p, l)| self.rows_of(**p) != l.session.as_ref()).map(|(p, _)| *p).collect();
        for p in gone {
            self.looks.remove(&p);
        }
        let focus = self.tabs.focus();
        if !self.looks.contains_key(&focus) {
            self.layers.retain(|l| !matches!(l, Layer::Scroll | Layer::Search(_) | Layer::Labels(_)));
        } else if self.looks.get(&focus).is_some_and(|l| l.keys) && !self.has_layer(|l| matches!(l, Layer::Scroll)) {
            // Whoever comes back to a pane that the keys look back in goes on there: a `y` for a copy is no answer to its agent.
            self.layers.insert(0, Layer::Scroll);
        }
        self.forget_wanted_char();
        let mirror = &self.mirror;
        self.layers.retain(|l| !matches!(l, Layer::Card(id, _) | Layer::Explain(id, ..) if mirror.get(id).is_none()));
        self.layers.retain(|l| !matches!(l, Layer::Summary(s) if mirror.get(&s.session).is_none()));
        self.refresh_confirm();
        self.note_standing();
        self.note_read();
    }

    /// The title that the outer terminal was given last.
    pub fn outer_title_now(&self) -> &str {
        &self.title
    }

    fn outer_title(&mut self, out: &mut Vec<Effect>) {
        let waiting = self.mirror.waiting().len();
        let here = self.tabs.focused_session().and_then(|id| self.mirror.get(id));
        let mut title = String::new();
        if waiting > 0 {
            title = format!("({waiting}) ");
        }
        match here {
            Some(s) => title.push_str(&format!("#{} {}", s.number, crate::base::text::safe_line(&s.name, 40))),
            None => title.push_str("copilot-tui"),
        }
        if title != self.title {
            self.title.clone_from(&title);
            out.push(Effect::SetTitle(title));
        }
    }
}
