//! Which agents this machine has. Must not know what they are used for.

use super::PREFERENCE;
use super::catalog::Catalog;
use super::spec::AgentSpec;
use super::version::{self, VersionCache, VersionKey};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What was found of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// `codex`.
    pub name: String,
    /// `OpenAI Codex CLI`.
    pub title: String,
    /// Its program, when found.
    pub program: Option<PathBuf>,
    /// What it says its version is.
    pub version: Option<String>,
    /// Why it cannot be used although it was found.
    pub problem: Option<String>,
    /// The command line that installs it.
    pub install: String,
}

impl Detected {
    /// Found, and it answered when asked for its version.
    pub fn usable(&self) -> bool {
        self.program.is_some() && self.problem.is_none()
    }
}

/// Looks for every agent of the catalog on `path` (a `PATH` value) and asks each for its version, all at once; takes at most
/// about five seconds. Versions in `cache` are not asked for again.
pub fn detect(catalog: &Catalog, path: &OsStr, cache: &mut VersionCache) -> Vec<Detected> {
    let known = &*cache;
    let results: Vec<(Detected, Option<(VersionKey, String)>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = catalog.iter().map(|spec| (spec, scope.spawn(move || look(spec, path, known)))).collect();
        threads.into_iter().map(|(spec, thread)| thread.join().unwrap_or_else(|_| (missing(spec), None))).collect()
    });
    let mut out = Vec::with_capacity(results.len());
    for (detected, fresh) in results {
        if let Some((key, version)) = fresh {
            cache.put(key, version);
        }
        out.push(detected);
    }
    out
}

fn missing(spec: &AgentSpec) -> Detected {
    Detected { name: spec.name.clone(), title: spec.title.clone(), program: None, version: None, problem: None, install: spec.install.clone() }
}

fn look(spec: &AgentSpec, path: &OsStr, cache: &VersionCache) -> (Detected, Option<(VersionKey, String)>) {
    let mut out = missing(spec);
    let Some(program) = spec.program.iter().find_map(|p| find_program(p, path)) else { return (out, None) };
    let key = VersionKey::of(&program);
    let mut fresh = None;
    if !spec.version.is_empty() {
        match key.as_ref().and_then(|k| cache.get(k)) {
            Some(version) => out.version = Some(version),
            None => match version::ask(&program, &spec.version) {
                Ok(version) => {
                    fresh = key.map(|k| (k, version.clone()));
                    out.version = Some(version);
                }
                Err(why) => out.problem = Some(format!("{} {why}", program.display())),
            },
        }
    }
    out.program = Some(program);
    (out, fresh)
}

/// The executable a candidate names: an absolute path, `~/...`, `$VARIABLE` (an absolute path again), or a name on `path`.
/// Relative entries of `path` do not count: they would lead into whatever folder we stand in.
pub fn find_program(candidate: &str, path: &OsStr) -> Option<PathBuf> {
    let absolute = |p: PathBuf| Some(p).filter(|p| p.is_absolute() && executable(p));
    if let Some(variable) = candidate.strip_prefix('$') {
        return absolute(PathBuf::from(std::env::var_os(variable)?));
    }
    if let Some(rest) = candidate.strip_prefix("~/") {
        return absolute(PathBuf::from(std::env::var_os("HOME")?).join(rest));
    }
    if candidate.contains('/') {
        return absolute(PathBuf::from(candidate));
    }
    std::env::split_paths(path).map(|dir| dir.join(candidate)).find_map(absolute)
}

fn executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

/// The agent that `new` takes when none is named: the first usable one of [`PREFERENCE`], then any other that was found, the
/// shell at last.
pub fn default_agent(detected: &[Detected]) -> Option<&str> {
    let find = |name: &str| detected.iter().find(|d| d.name == name && d.usable());
    let preferred = PREFERENCE.iter().find_map(|name| find(name));
    let other = || detected.iter().find(|d| d.usable() && d.name != "shell");
    preferred.or_else(other).or_else(|| find("shell")).map(|d| d.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(name: &str, usable: bool) -> Detected {
        let program = usable.then(|| PathBuf::from("/x"));
        Detected { name: name.into(), title: String::new(), program, version: None, problem: None, install: String::new() }
    }

    #[test]
    fn the_default_is_the_first_usable() {
        assert_eq!(default_agent(&[d("shell", true), d("aider", true), d("codex", true), d("copilot", false)]), Some("codex"));
        assert_eq!(default_agent(&[d("shell", true), d("mine", true)]), Some("mine"));
        assert_eq!(default_agent(&[d("shell", true), d("codex", false)]), Some("shell"));
        assert_eq!(default_agent(&[d("codex", false)]), None);
        let broken = Detected { problem: Some("x".into()), ..d("copilot", true) };
        assert_eq!(default_agent(&[broken, d("claude", true)]), Some("claude"));
    }

    #[test]
    fn relative_path_entries_do_not_count() {
        assert_eq!(find_program("sh", OsStr::new(":.:bin")), None);
        assert!(find_program("sh", OsStr::new("/nonexistent:/bin:/usr/bin")).is_some());
        assert_eq!(find_program("bin/sh", OsStr::new("/")), None);
        assert!(find_program("/bin/sh", OsStr::new("")).is_some());
    }
}
