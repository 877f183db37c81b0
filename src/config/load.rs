//! Reads a configuration folder: options, the theme and the keymap they name, and all that is wrong in them. The only place
//! of this module that opens files. Must not know who asks.

use super::diag::{Diagnostic, Source};
use super::keymap::{DEFAULT_KEYMAP, Keymap};
use super::options::Config;
use super::theme::{DEFAULT_THEME, Theme};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Largest settings file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Everything a configuration folder says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Loaded {
    /// The options.
    pub config: Config,
    /// The theme they name, in full colour.
    pub theme: Theme,
    /// The keymap they name.
    pub keymap: Keymap,
    /// What is wrong; the rest stands.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads `config.toml` of a folder. A missing file is no fault.
pub fn load(folder: &Path) -> (Config, Vec<Diagnostic>) {
    let mut config = Config::default();
    let mut diagnostics = Vec::new();
    if let Some((path, text)) = read(&folder.join("config.toml"), &mut diagnostics) {
        let mut source = Source::new(&path, &text);
        config.overlay(&mut source);
        diagnostics.append(&mut source.diagnostics);
    }
    (config, diagnostics)
}

/// Reads a folder's options with the theme and keymap they name.
pub fn load_all(folder: &Path) -> Loaded {
    let (config, mut diagnostics) = load(folder);
    let mut unreadable = Vec::new();
    let file = |kind: &str, name: &str, out: &mut Vec<Diagnostic>| read(&folder.join(kind).join(format!("{name}.toml")), out);

    let cell = std::cell::RefCell::new(&mut unreadable);
    let theme = Theme::load(&config.ui.theme, &|name| file("themes", name, &mut cell.borrow_mut()));
    let keymap = Keymap::load(&config.ui.keymap, config.ui.prefix, &|name| file("keymaps", name, &mut cell.borrow_mut()));

    let theme = theme.unwrap_or_else(|| {
        let names = super::theme::SHIPPED.iter().map(|(n, _)| *n);
        diagnostics.push(missing(folder, "theme", &config.ui.theme, DEFAULT_THEME, names));
        (Theme::default(), Vec::new())
    });
    let keymap = keymap.unwrap_or_else(|| {
        let names = super::keymap::SHIPPED.iter().map(|(n, _)| *n);
        diagnostics.push(missing(folder, "keymap", &config.ui.keymap, DEFAULT_KEYMAP, names));
        (Keymap::default(), Vec::new())
    });
    diagnostics.extend(theme.1);
    diagnostics.extend(keymap.1);
    unreadable.dedup();
    diagnostics.append(&mut unreadable);
    Loaded { config, theme: theme.0, keymap: keymap.0, diagnostics }
}

fn missing<'a>(folder: &Path, kind: &str, name: &str, instead: &str, valid: impl Iterator<Item = &'a str>) -> Diagnostic {
    let path = folder.join("config.toml");
    // Where it is written, as far as a look at the text can tell.
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let line = text.lines().position(|l| l.trim_start().starts_with(kind) && l.contains(name)).map_or(1, |i| i + 1);
    let hint = super::nearest(name, valid).map(|n| format!("did you mean `{n}`?"));
    let name = crate::base::text::safe_line(name, 60);
    Diagnostic { file: path.display().to_string(), line, column: 1, message: format!("there is no {kind} `{name}`; `{instead}` is used"), hint }
}

/// Path and text of a file; `None` when there is none. A file that is there and cannot be read is reported.
fn read(path: &Path, out: &mut Vec<Diagnostic>) -> Option<(String, String)> {
    let shown = path.display().to_string();
    let mut fault = |message: String| {
        out.push(Diagnostic { file: shown.clone(), line: 1, column: 1, message, hint: None });
        None
    };
    let file = match File::open(path) {
        Ok(f) => f,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return None,
        Err(e) => return fault(format!("cannot be read: {e}")),
    };
    if !file.metadata().is_ok_and(|m| m.is_file()) {
        return fault("is not a file".to_owned());
    }
    let mut text = String::new();
    match file.take(LARGEST + 1).read_to_string(&mut text) {
        Ok(n) if n as u64 > LARGEST => fault(format!("is larger than {} KiB", LARGEST >> 10)),
        Ok(_) => Some((shown, text)),
        Err(e) => fault(format!("cannot be read: {e}")),
    }
}
