//! Layer 2: settings, keymaps and themes from TOML, the shipped files first and the user's over them, with diagnostics that
//! name file, line and column. Must not know terminals or what is drawn.

mod depth;
mod diag;
mod keymap;
mod load;
mod marks;
mod options;
mod role;
mod theme;

pub use depth::{Depth, reduce, reduce_color};
pub use diag::{Diagnostic, Source, nearest};
pub use keymap::{Binding, DEFAULT_KEYMAP, Keymap, Lookup, Next, SHIPPED as SHIPPED_KEYMAPS, label as keys_label};
pub use load::{Loaded, load, load_all};
pub use marks::{Lines, Marks};
pub use options::{
    Agents, Channel, Clipboard, Config, DEFAULTS, Engine, Limits, Log, LogLevel, Notifications, NotifyBy, Recorded, Recording, Terminal, TreePlace,
    Ui, Worktree,
};
pub use role::Role;
pub use theme::{DEFAULT_THEME, MONO_THEME, SHIPPED as SHIPPED_THEMES, Theme};
