//! What the loop shows: the app's state, the theme, and where things are on the screen. The only place of the client that
//! knows `app` and `ui`. Must not know terminals or sockets.

use super::caps::TermCaps;
use super::screen::{Painted, Screen};
use crate::app::{self, App, Effect, Input, Setup};
use crate::base::{MouseEvent, Now, Rect, SessionId};
use crate::config::{Depth, Loaded, Theme};
use crate::ui::{self, Extras};
use crate::wire::pane::CursorShape;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect as Area;
use std::ops::Range;

pub(super) struct Face {
    app: App,
    loaded: Loaded,
    depth: Depth,
    theme: Theme,
    /// Where things were when they were drawn last.
    regions: Option<ui::Regions>,
    changed: Changed,
}

/// What happened since the last frame.
#[derive(Default)]
enum Changed {
    #[default]
    Nothing,
    /// These columns of lines of a session came.
    Rows(SessionId, Vec<(u64, Range<usize>)>),
    All,
}

/// The choices of the app, from the settings.
pub(super) fn app_config(loaded: &Loaded) -> app::Config {
    app::Config {
        options: app::Options::from(&loaded.config),
        keymap: loaded.keymap.clone(),
        problems: loaded.diagnostics.iter().map(ToString::to_string).collect(),
    }
}

impl Face {
    /// The app as `setup` says, which holds the choices of `loaded`.
    pub fn new(setup: Setup, loaded: Loaded, depth: Depth, now: Now) -> Face {
        let theme = loaded.theme.with_depth(depth);
        Face { app: App::new(setup, now), loaded, depth, theme, regions: None, changed: Changed::All }
    }

    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// Settings were read again; `None` when they are as they were.
    pub fn reload(&mut self, loaded: Loaded, now: Now) -> Option<Vec<Effect>> {
        if loaded == self.loaded {
            return None;
        }
        let config = app_config(&loaded);
        self.theme = loaded.theme.with_depth(self.depth);
        self.loaded = loaded;
        Some(self.update(Input::Config(Box::new(config)), now))
    }

    /// The terminal told what it can do.
    pub fn learned(&mut self, caps: &TermCaps) {
        if caps.depth != self.depth {
            self.depth = caps.depth;
            self.theme = self.loaded.theme.with_depth(caps.depth);
        }
        self.app.setup.caps.vscode = caps.vscode;
    }

    /// See [`App::wants_releases`].
    pub fn wants_releases(&self) -> bool {
        self.app.wants_releases()
    }

    /// See [`App::tells_releases`].
    pub fn tells_releases(&mut self, on: bool) {
        self.app.tells_releases(on);
    }

    pub fn update(&mut self, input: Input, now: Now) -> Vec<Effect> {
        let rows = match &input {
            Input::Pane(frame) => self.app.mirror.news(frame).map(|news| (frame.session.clone(), news)),
            _ => None,
        };
        let effects = self.app.update(input, now);
        if effects.contains(&Effect::Redraw) {
            self.changed = match (std::mem::take(&mut self.changed), rows) {
                (Changed::Nothing, Some((session, lines))) => Changed::Rows(session, lines),
                _ => Changed::All,
            };
        }
        effects
    }

    /// What is on the screen is not what it was.
    pub fn changed(&mut self) {
        self.changed = Changed::All;
    }

    /// See [`App::passes`].
    pub fn passes(&self, c: u8) -> Option<&SessionId> {
        self.app.passes(c)
    }

    pub fn mouse(&mut self, event: MouseEvent, now: Now) -> Vec<Effect> {
        // What the person saw counts, not what would be drawn now.
        let hit = self.regions.as_ref().map(|r| r.hit(event.col, event.row)).unwrap_or_default();
        self.update(Input::Mouse { event, hit }, now)
    }

    pub fn next_wake(&self) -> Option<u64> {
        self.app.next_wake()
    }

    /// The title asked for last.
    pub fn title(&self) -> &str {
        self.app.outer_title_now()
    }

    /// Whether this session is the one that keys go to.
    pub fn is_in_front(&self, session: &SessionId) -> bool {
        self.app.tabs.focused_session() == Some(session)
    }

    /// Whether a session is in front and nothing of its screen has come.
    pub fn waits_for_rows(&self) -> bool {
        self.app.tabs.focused_session().is_some_and(|id| self.app.mirror.pane(id).is_none())
    }

    /// The next frame, as bytes: only the rows that came when nothing else happened since the last one.
    pub fn frame(&mut self, screen: &mut Screen) -> Vec<u8> {
        if let Changed::Rows(session, lines) = std::mem::take(&mut self.changed)
            && let Some(regions) = &mut self.regions
            && let Some(touched) = ui::touched(&self.app, regions, &session, &lines)
        {
            let rows: Vec<_> = touched.rows.iter().map(|r| r.2).collect();
            let part = screen.part(&rows, touched.cursor, |cells, extras| {
                for (pane, rect, area) in &touched.rows {
                    ui::paint_pane(&self.app, *pane, *rect, *area, &self.theme, cells, extras);
                }
            });
            if let Some(bytes) = part {
                regions.cursor = touched.cursor;
                return bytes;
            }
        }
        screen.frame(|cells, extras| self.draw(cells, extras))
    }

    fn draw(&mut self, cells: &mut Buffer, extras: &mut Extras) -> Painted {
        let area = cells.area;
        let regions = ui::regions(&self.app, Rect::new(area.x, area.y, area.width, area.height));
        ui::paint(&self.app, &regions, &self.theme, cells, extras);
        let rolls = regions.panes().map(|r| Area::new(r.x, r.y, r.w, r.h)).collect();
        let painted = Painted { cursor: regions.cursor, rolls };
        self.regions = Some(regions);
        painted
    }

    /// Shape of the cursor, and whether it blinks: as the focused pane's program wants it.
    pub fn cursor(&self) -> (CursorShape, bool) {
        let pane = self.app.tabs.focused_session().and_then(|id| self.app.mirror.pane(id));
        match pane {
            Some(rows) if self.app.layers.is_empty() => (rows.cursor.shape, rows.cursor.blink),
            // On text that is looked at, not typed.
            _ if matches!(self.app.layers.last(), Some(app::modes::Layer::Scroll)) => (CursorShape::Block, false),
            _ => (CursorShape::Bar, true),
        }
    }
}
