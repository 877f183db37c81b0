//! Recordings shown again: a pane without a program, whose screen is what a recording showed at a moment. Files are read by
//! workers; the rows go the way of all rows. Must not know how a recording is written.

use super::client::Client;
use super::hub::{Hub, wire_error};
use super::pane::Pane;
use super::recording;
use super::replays::{Replay, Replays};
use crate::base::{Now, SessionId, Size};
use crate::past::{Film, Found, Place, Scan, Step};
use crate::term::{self, Pattern};
use crate::wire::message::{ServerMsg, WireError};
use crate::wire::op::ReplayAct;
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

type Answer = Result<Value, WireError>;

/// Replays of one client at once.
const EACH: usize = 4;
/// Shortest time between two steps of playing.
const TICK: Duration = Duration::from_millis(33);
/// Longest time between two, so that the time goes on in pauses too.
const IDLE_TICK: Duration = Duration::from_millis(250);
/// Output fed before others have their turn, in bytes.
const SLICE: usize = 32 * 1024;
/// Longest wait for what is being recorded.
const FLUSH: Duration = Duration::from_millis(500);
/// Markers sent to a client.
const MARKS: usize = 1000;
/// Hits of a search in a recording that are weighed.
const FINDS: usize = 5000;

impl Replays {
    /// Those of a client that left are closed.
    pub fn close_of(&self, hub: &Hub, owner: u64) {
        let gone: Vec<Rc<Replay>> = self.0.borrow().iter().filter(|r| r.owner == owner).cloned().collect();
        gone.iter().for_each(|r| self.close(hub, r));
    }

    fn close(&self, hub: &Hub, replay: &Replay) {
        replay.pause();
        hub.drop_pane(&replay.id);
        self.0.borrow_mut().retain(|r| r.id != replay.id);
    }
}

/// Begins to show the recording of a session.
///
/// # Errors
/// Nothing was recorded, or too many are shown.
pub async fn open(hub: &Rc<Hub>, client: &Client, session: SessionId, at_ms: Option<u64>) -> Answer {
    if hub.replays.0.borrow().iter().filter(|r| r.owner == client.id).count() >= EACH {
        return Err(wire_error("conflict", format!("{EACH} recordings are shown already"), "close one first"));
    }
    recording::flush(hub, FLUSH).await;
    let dir = hub.paths.session_dir(&session);
    let opened = tokio::task::spawn_blocking(move || {
        let film = Film::open(&dir)?;
        let at = match at_ms {
            Some(wall) => film.at_wall(wall)?,
            None => 0,
        };
        let (engine, place) = film.seek(at)?;
        Ok::<_, std::io::Error>((film, engine, place, at))
    });
    let (film, engine, place, at) = opened.await.map_err(|e| wire_error("failed", e, ""))?.map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            let hint = "recording.what in config.toml says whose are (agents'); old ones go";
            wire_error("not_found", "nothing of this session was recorded", hint)
        }
        _ => wire_error("failed", format!("the recording cannot be read: {e}"), ""),
    })?;
    let id = SessionId::random();
    let pane = Pane::new(id.clone(), engine, None);
    hub.set_pane(Rc::clone(&pane));
    let replay = Rc::new(Replay {
        id,
        session,
        owner: client.id,
        pane,
        place: Cell::new(place),
        at: Cell::new(at),
        length: Cell::new(film.length()),
        trimmed: film.trimmed,
        live: Cell::new(!film.ended),
        film: Arc::new(Mutex::new(film)),
        playing: Cell::new(false),
        speed: Cell::new(1.0),
        moves: Cell::new(0),
        turn: tokio::sync::Mutex::new(()),
        changed: Notify::new(),
    });
    hub.replays.0.borrow_mut().push(Rc::clone(&replay));
    Ok(replay.told(true))
}

/// Does something with a replay of this client.
///
/// # Errors
/// There is none such, or the recording cannot be read.
pub async fn act(hub: &Rc<Hub>, client: &Rc<Client>, id: &SessionId, act: ReplayAct) -> Answer {
    let replay = hub.replays.get(id, client.id).ok_or_else(|| wire_error("not_found", "this recording is not shown any more", ""))?;
    match act {
        ReplayAct::Close => hub.replays.close(hub, &replay),
        ReplayAct::Play => replay.play(hub, client),
        ReplayAct::Pause => replay.pause(),
        ReplayAct::Speed { speed } => {
            replay.speed.set(if speed.is_finite() { speed.clamp(0.1, 100.0) } else { 1.0 });
            replay.changed.notify_waiters();
        }
        ReplayAct::Seek { at } => replay.go(move |_, _| Ok(Some(at))).await?,
        ReplayAct::Step { back } => {
            replay.pause();
            replay.go(move |film, place| if back { film.before(place).map(Some) } else { film.next_at(place) }).await?;
        }
        ReplayAct::Find { pattern, back } => return replay.find(hub, &pattern, back).await,
    }
    Ok(replay.told(false))
}

impl Replay {
    fn told(&self, all: bool) -> Value {
        let place = self.place.get();
        let mut v = json!({
            "replay": self.id, "session": self.session, "at": self.at.get(), "length": self.length.get(),
            "wall_ms": place.wall.saturating_add(self.at.get().saturating_sub(place.at)), "playing": self.playing.get(), "speed": self.speed.get(),
            "trimmed": self.trimmed, "live": self.live.get(),
        });
        if all && let Some(o) = v.as_object_mut() {
            let film = self.film.lock().unwrap_or_else(PoisonError::into_inner);
            let skip = film.marks.len().saturating_sub(MARKS);
            let marks: Vec<Value> = film.marks.iter().skip(skip).map(|m| json!({"at": m.at, "wall_ms": m.wall, "label": m.label})).collect();
            o.insert("marks".into(), json!(marks));
        }
        v
    }

    fn push(&self, client: &Client) {
        let place = self.place.get();
        client.push(&ServerMsg::Replay {
            replay: self.id.clone(),
            at: self.at.get(),
            length: self.length.get(),
            wall_ms: place.wall.saturating_add(self.at.get().saturating_sub(place.at)),
            playing: self.playing.get(),
        });
    }

    fn pause(&self) {
        self.playing.set(false);
        self.changed.notify_waiters();
    }

    /// Reads the film in a worker.
    async fn read<T: Send + 'static>(&self, f: impl FnOnce(&mut Film) -> std::io::Result<T> + Send + 'static) -> Result<T, WireError> {
        let film = Arc::clone(&self.film);
        let read = tokio::task::spawn_blocking(move || f(&mut film.lock().unwrap_or_else(PoisonError::into_inner)));
        read.await.map_err(|e| wire_error("failed", e, ""))?.map_err(|e| wire_error("failed", format!("the recording cannot be read: {e}"), ""))
    }

    /// Goes to the moment `to` names. Of several moves that wait only the newest is made.
    async fn go(&self, to: impl FnOnce(&Film, Place) -> std::io::Result<Option<u64>> + Send + 'static) -> Result<(), WireError> {
        let mine = self.moves.get() + 1;
        self.moves.set(mine);
        let _turn = self.turn.lock().await;
        if self.moves.get() != mine {
            return Ok(());
        }
        let place = self.place.get();
        let found = self.read(move |film| {
            let at = to(film, place)?;
            let at = at.map(|at| at.min(film.length()));
            at.map(|at| film.seek(at).map(|(engine, place)| (engine, place, at))).transpose()
        });
        if let Some((engine, place, at)) = found.await? {
            self.pane.replace(engine);
            self.place.set(place);
            self.at.set(at);
            self.pane.changed();
        }
        self.changed.notify_waiters();
        Ok(())
    }

    /// The next or last time before that a text was on the screen.
    async fn find(&self, hub: &Rc<Hub>, pattern: &str, back: bool) -> Answer {
        let pattern = Pattern::new(pattern, true).map_err(|e| wire_error("usage", e, "it is a regular expression; put \\ before ( [ . * +"))?;
        self.pause();
        let dir = hub.paths.session_dir(&self.session);
        let now = self.place.get().wall;
        let walls = tokio::task::spawn_blocking(move || {
            let stop = AtomicBool::new(false);
            let found: Found = Scan { pattern: &pattern, most: FINDS, stop: &stop }.recording(&dir, |_| false);
            let mut walls: Vec<u64> = found.hits.into_iter().map(|h| h.line).collect();
            walls.sort_unstable();
            walls
        });
        let walls = walls.await.map_err(|e| wire_error("failed", e, ""))?;
        let here = if back { walls.iter().rev().find(|w| **w < now) } else { walls.iter().find(|w| **w > now) };
        // Round the end, as searches go.
        let wall = here.or(if back { walls.last() } else { walls.first() }).copied();
        if let Some(wall) = wall {
            self.go(move |film, _| film.at_wall(wall).map(Some)).await?;
        }
        let mut v = self.told(false);
        if let Some(o) = v.as_object_mut() {
            o.insert("found".into(), json!(walls.len()));
        }
        Ok(v)
    }

    /// Plays from here on, from the beginning when it is at the end.
    fn play(self: &Rc<Replay>, hub: &Rc<Hub>, client: &Rc<Client>) {
        if self.playing.replace(true) {
            return;
        }
        let (replay, client, task_hub) = (Rc::clone(self), Rc::clone(client), Rc::clone(hub));
        hub.spawn("replay", async move {
            if let Err(e) = replay.run(&task_hub, &client).await {
                tracing::warn!(session = %replay.session, "replay: {}", e.message);
            }
            replay.playing.set(false);
            replay.push(&client);
        });
    }

    async fn run(&self, hub: &Hub, client: &Client) -> Result<(), WireError> {
        if self.at.get() >= self.length.get() {
            self.more(hub).await?;
            if self.at.get() >= self.length.get() {
                self.go(|_, _| Ok(Some(0))).await?;
            }
        }
        let (mut last, mut moves) = (Instant::now(), self.moves.get());
        while self.playing.get() {
            let turn = self.turn.lock().await;
            if self.moves.get() != moves {
                (last, moves) = (Instant::now(), self.moves.get());
            }
            let passed = last.elapsed().as_secs_f64() * 1000.0 * self.speed.get();
            last = Instant::now();
            let at = (self.at.get() + passed as u64).min(self.length.get());
            let place = self.place.get();
            let read = self.read(move |film| {
                let (steps, place) = film.play(place, at)?;
                let next = film.next_at(place)?;
                Ok((steps, place, next))
            });
            let (steps, place, next) = read.await?;
            let drew = !steps.is_empty();
            for step in steps {
                self.apply(step).await;
            }
            self.place.set(place);
            self.at.set(at);
            if drew {
                self.pane.changed();
            }
            self.push(client);
            // Moves come between two steps.
            drop(turn);
            if at >= self.length.get() {
                self.more(hub).await?;
                if at >= self.length.get() {
                    return Ok(());
                }
            }
            let wait = next.map_or(IDLE_TICK, |n| Duration::from_secs_f64(n.saturating_sub(at) as f64 / 1000.0 / self.speed.get()));
            let _ = tokio::time::timeout(wait.clamp(TICK, IDLE_TICK), self.changed.notified()).await;
        }
        Ok(())
    }

    /// Reads what was recorded since.
    async fn more(&self, hub: &Hub) -> Result<(), WireError> {
        if !self.live.get() {
            return Ok(());
        }
        recording::flush(hub, FLUSH).await;
        let (length, live) = self
            .read(|film| {
                film.extend()?;
                Ok((film.length(), !film.ended))
            })
            .await?;
        self.length.set(length);
        self.live.set(live);
        Ok(())
    }

    async fn apply(&self, step: Step) {
        match step {
            Step::Output(text) => {
                for part in text.as_bytes().chunks(SLICE) {
                    self.pane.engine_mut(|e| {
                        e.feed(part, Now::read());
                        e.take_replies(&mut Vec::new());
                    });
                    if self.pane.engine_mut(|e| e.take_events()).iter().any(|e| matches!(e, term::Event::AltScreen(_) | term::Event::Reset)) {
                        self.pane.new_epoch();
                    }
                    tokio::task::yield_now().await;
                }
            }
            Step::Resize(size) => {
                self.pane.engine_mut(|e| e.resize(Size::clamped(size)));
                self.pane.new_epoch();
            }
            Step::Screen(engine) => self.pane.replace(engine),
        }
    }
}
