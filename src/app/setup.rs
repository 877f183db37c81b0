//! What the app is started with. Must not know where it was read.

use crate::base::Size;
use crate::config::Keymap;
use jiff::tz::TimeZone;

/// Choices of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The tree stands beside the panes where there is room, else it always comes over them.
    pub tree_docked: bool,
    /// The docked tree is there at the start.
    pub tree_open: bool,
    /// Columns of the docked tree.
    pub tree_width: u16,
    /// No boxes; the real cursor stays on the focused row.
    pub screen_reader: bool,
    /// Lines of one turn of the wheel.
    pub wheel_lines: u16,
    /// Milliseconds after the prefix until its keys are listed.
    pub which_key_ms: u64,
    /// Seconds a toast stays; those that need the user stay twice as long.
    pub toast_seconds: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options { tree_docked: true, tree_open: true, tree_width: 42, screen_reader: false, wheel_lines: 3, which_key_ms: 600, toast_seconds: 6 }
    }
}

impl From<&crate::config::Config> for Options {
    fn from(c: &crate::config::Config) -> Options {
        use crate::config::TreePlace;
        Options {
            tree_docked: c.ui.tree != TreePlace::Overlay,
            tree_open: c.ui.tree == TreePlace::Docked,
            tree_width: c.ui.tree_width,
            screen_reader: c.ui.screen_reader,
            toast_seconds: c.ui.toast_seconds,
            ..Options::default()
        }
    }
}

/// Everything that can change while the app runs, when settings are read again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// Choices.
    pub options: Options,
    /// Keys.
    pub keymap: Keymap,
    /// What was wrong with the files, one line each.
    pub problems: Vec<String>,
}

/// What the outer terminal can do, as far as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caps {
    /// It tells releases of keys now (kitty protocol).
    pub key_releases: bool,
    /// It is VS Code's.
    pub vscode: bool,
}

/// What the app is started with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Choices and keys.
    pub config: Config,
    /// Size of the outer terminal.
    pub size: Size,
    /// Folder the client was started in, absolute.
    pub cwd: String,
    /// Name of the server when it is not the default one.
    pub server: Option<String>,
    /// Session to show first, as a person names it.
    pub focus: Option<String>,
    /// Show its recording, so many times as fast.
    pub replay: Option<f64>,
    /// Sends no input and changes nothing.
    pub read_only: bool,
    /// What the outer terminal can do.
    pub caps: Caps,
    /// Environment for new sessions, cleaned.
    pub client_env: Vec<(String, String)>,
    /// The umask for new sessions.
    pub umask: Option<u32>,
    /// Time zone of the clock on the screen.
    pub zone: TimeZone,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            config: Config::default(),
            size: Size::DEFAULT,
            cwd: "/".to_owned(),
            server: None,
            focus: None,
            replay: None,
            read_only: false,
            caps: Caps::default(),
            client_env: Vec::new(),
            umask: None,
            zone: TimeZone::UTC,
        }
    }
}

/// Variables that lead to a person's desktop and programs, out of an environment.
pub(super) fn desktop(env: &[(String, String)]) -> Vec<(String, String)> {
    const NAMES: &[&str] = &["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "HOME", "PATH", "LANG"];
    env.iter().filter(|(n, v)| NAMES.contains(&n.as_str()) && v.len() <= 4096).cloned().collect()
}
