//! Parts of a wiring that give way to the user: arguments and environment that are only added where neither the user nor the
//! machine's administrator has set the same thing. Files are looked at, never written. Must not know which agent sets what.

use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use toml::Value;

/// Most that is read of a settings file, in bytes; of a longer one nothing is known.
const FILE: u64 = 1 << 20;

/// Folders above that are looked into, and files that fit a name.
const ABOVE: usize = 64;
/// Files of a folder that are looked at for one that fits.
const LISTED: usize = 1000;

/// A part of a wiring, and what it gives way to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Optional {
    /// Arguments, after those that are always given.
    pub arguments: Vec<String>,
    /// Environment.
    pub env: Vec<(String, String)>,
    /// Settings by their path in TOML, parts split by dots; `*` is any name.
    pub unless_set: Vec<String>,
    /// The TOML files they may stand in: absolute, below `~/`, a `$VARIABLE/`, `{cwd}/`, or `{above}/`, which is the folder and all
    /// above it. A `*` at the beginning of a file's name stands for anything.
    pub within: Vec<String>,
    /// It gives way when one of these files is there, or when the variable that is the whole word is set.
    pub unless_exists: Vec<String>,
    /// It gives way when an argument of the launch sets one of these: `-c NAME=`, `--config NAME=`.
    pub unless_argument: Vec<String>,
}

impl Optional {
    /// Whether somebody has set the same thing already. What cannot be read may say so: then it gives way, too. `var` is the
    /// environment of the launch.
    pub fn gives_way(&self, launch: &[&str], var: &dyn Fn(&str) -> Option<String>, cwd: &Path) -> bool {
        let sets = |argument: &str| self.unless_argument.iter().any(|name| sets(argument, name));
        let there = |word: &String| match word.strip_prefix('$').filter(|name| !name.contains('/')) {
            Some(name) => var(name).is_some_and(|v| !v.is_empty()),
            None => place(word, var, cwd).is_some_and(|p| p.exists()),
        };
        let within = || self.within.iter().flat_map(|w| places(w, var, cwd));
        launch.iter().any(|a| sets(a)) || self.unless_exists.iter().any(there) || within().any(|file| self.set_in(&file))
    }

    fn set_in(&self, file: &Path) -> bool {
        let Some(text) = read(file) else { return file.exists() };
        match text.parse::<toml::Table>() {
            Ok(table) => self.unless_set.iter().any(|path| is_set(&Value::Table(table.clone()), path)),
            Err(_) => true,
        }
    }
}

/// Whether an argument sets a setting: `NAME=...` by itself, or with the flag before it.
fn sets(argument: &str, name: &str) -> bool {
    let argument = ["--config=", "-c"].iter().find_map(|flag| argument.strip_prefix(flag)).unwrap_or(argument);
    argument.trim_start_matches([' ', '=']).strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
}

/// The files that a word names.
fn places(word: &str, var: &dyn Fn(&str) -> Option<String>, cwd: &Path) -> Vec<PathBuf> {
    if let Some(below) = word.strip_prefix("{above}/") {
        return cwd.ancestors().take(ABOVE).map(|folder| folder.join(below)).collect();
    }
    let Some(path) = place(word, var, cwd) else { return Vec::new() };
    let Some(end) = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_prefix('*')) else { return vec![path] };
    let all = path.parent().and_then(|folder| std::fs::read_dir(folder).ok());
    let fits = |name: &std::ffi::OsStr| name.to_str().is_some_and(|n| n.len() > end.len() && n.ends_with(end));
    all.into_iter().flatten().take(LISTED).flatten().filter(|e| fits(&e.file_name())).map(|e| e.path()).take(ABOVE).collect()
}

/// The file that a word names; nothing when its variable is not set.
fn place(word: &str, var: &dyn Fn(&str) -> Option<String>, cwd: &Path) -> Option<PathBuf> {
    if let Some(below) = word.strip_prefix("~/") {
        return Some(Path::new(&var("HOME")?).join(below));
    }
    if let Some(below) = word.strip_prefix("{cwd}/") {
        return Some(cwd.join(below));
    }
    match word.strip_prefix('$') {
        Some(rest) => {
            let (name, below) = rest.split_once('/')?;
            Some(Path::new(&var(name).filter(|v| v.starts_with('/'))?).join(below))
        }
        None => Some(PathBuf::from(word)).filter(|p| p.is_absolute()),
    }
}

fn read(file: &Path) -> Option<String> {
    // Nobody waits for the other end of a pipe.
    let file = std::fs::File::options().read(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32).open(file).ok()?;
    let about = file.metadata().ok().filter(|m| m.is_file() && m.len() <= FILE)?;
    let mut text = String::with_capacity(about.len() as usize);
    file.take(FILE).read_to_string(&mut text).ok()?;
    Some(text)
}

fn is_set(value: &Value, path: &str) -> bool {
    let (first, rest) = path.split_once('.').map_or((path, None), |(f, r)| (f, Some(r)));
    let Some(table) = value.as_table() else { return false };
    let mut found = table.iter().filter(|(k, _)| first == "*" || *k == first);
    found.any(|(_, v)| rest.is_none_or(|rest| is_set(v, rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_has_set_stays_alone() {
        let home = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = home.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let var = |name: &str| match name {
            "HOME" => Some(home.path().display().to_string()),
            "OWN_HOME" => Some(home.path().join("own").display().to_string()),
            "SET" => Some("x".into()),
            _ => None,
        };
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let part = Optional {
            unless_set: words(&["notify", "profiles.*.notify"]),
            within: words(&["~/.a/config.toml", "$OWN_HOME/config.toml", "~/.a/*.config.toml", "{above}/.a.toml", "$UNSET/config.toml"]),
            unless_argument: words(&["notify"]),
            ..Optional::default()
        };
        let gives_way = || part.gives_way(&[], &var, &home.path().join("work/inside"));
        assert!(!gives_way(), "no file, nothing set");
        write(".a/config.toml", "model = 'x'\n[tui]\nnotify = true\n");
        assert!(!gives_way(), "a setting of the same name elsewhere is another one");
        for (file, text) in [
            (".a/config.toml", "notify = ['say']"),
            ("own/config.toml", "[profiles.work]\nnotify = ['say']"),
            ("work/.a.toml", "notify = []"),
            ("work/.a.toml", "this is no TOML"),
            ("work/inside/.a.toml", "notify = ['say']"),
            (".a/night.config.toml", "notify = ['say']"),
        ] {
            write(file, text);
            assert!(gives_way(), "{text}");
            write(file, "");
            assert!(!gives_way());
        }
        for (argument, is) in [("notify=[]", true), ("-cnotify = []", true), ("--config=notify=[]", true), ("tui.notify=1", false), ("notify", false)]
        {
            assert_eq!(part.gives_way(&["-c", argument], &var, home.path()), is, "{argument}");
        }
        let file = Optional { unless_exists: words(&["~/.a/config.toml"]), ..Optional::default() };
        assert!(file.gives_way(&[], &var, home.path()));
        let set = |word: &str| Optional { unless_exists: words(&[word]), ..Optional::default() }.gives_way(&[], &var, home.path());
        assert!(set("$SET") && !set("$UNSET"));
        assert!(std::process::Command::new("mkfifo").arg(home.path().join("work/pipe")).status().unwrap().success());
        let pipe = Optional { unless_set: words(&["x"]), within: words(&["{cwd}/pipe"]), ..Optional::default() };
        assert!(pipe.gives_way(&[], &var, &home.path().join("work")), "what cannot be read may say so");
    }
}
