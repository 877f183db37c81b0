//! What the loop shows: the app's state, the theme, and where things are on the screen. The only place of the client that
//! knows `app` and `ui`. Must not know terminals or sockets.

use super::caps::TermCaps;
use crate::app::{self, App, Effect, Input, Setup};
use crate::base::{MouseEvent, Now, Rect};
use crate::config::{Depth, Loaded, Theme};
use crate::ui;
use crate::wire::pane::CursorShape;
use ratatui::Frame;

pub(super) struct Face {
    app: App,
    loaded: Loaded,
    depth: Depth,
    theme: Theme,
    /// Where things were when they were drawn last.
    regions: Option<ui::Regions>,
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
    pub fn new(mut setup: Setup, loaded: Loaded, depth: Depth, now: Now) -> Face {
        setup.config = app_config(&loaded);
        let theme = loaded.theme.with_depth(depth);
        Face { app: App::new(setup, now), loaded, depth, theme, regions: None }
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
        Some(self.app.update(Input::Config(Box::new(config)), now))
    }

    /// The terminal told what it can do.
    pub fn learned(&mut self, caps: &TermCaps) {
        if caps.depth != self.depth {
            self.depth = caps.depth;
            self.theme = self.loaded.theme.with_depth(caps.depth);
        }
        self.app.setup.caps = app::Caps { kitty_keys: caps.kitty, vscode: caps.vscode };
    }

    pub fn update(&mut self, input: Input, now: Now) -> Vec<Effect> {
        self.app.update(input, now)
    }

    pub fn mouse(&mut self, event: MouseEvent, now: Now) -> Vec<Effect> {
        // What the person saw counts, not what would be drawn now.
        let hit = self.regions.as_ref().map(|r| r.hit(event.col, event.row)).unwrap_or_default();
        self.app.update(Input::Mouse { event, hit }, now)
    }

    pub fn next_wake(&self) -> Option<u64> {
        self.app.next_wake()
    }

    pub fn draw(&mut self, frame: &mut Frame<'_>) {
        let area = frame.area();
        let regions = ui::regions(&self.app, Rect::new(area.x, area.y, area.width, area.height));
        ui::draw(&self.app, &regions, &self.theme, frame);
        self.regions = Some(regions);
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
