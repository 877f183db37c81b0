//! All agents there are: ours, and the user's files over and beside them. Must not know which are installed.

use super::COMMAND;
use super::read::overlay;
use super::spec::AgentSpec;
use crate::base::text::safe_line;
use crate::config::{Diagnostic, nearest};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The agents we ship, in the order they are listed.
const BUILTIN: &[(&str, &str)] = &[
    ("copilot", include_str!("builtin/copilot.toml")),
    ("codex", include_str!("builtin/codex.toml")),
    ("claude", include_str!("builtin/claude.toml")),
    ("gemini", include_str!("builtin/gemini.toml")),
    ("qwen", include_str!("builtin/qwen.toml")),
    ("opencode", include_str!("builtin/opencode.toml")),
    ("aider", include_str!("builtin/aider.toml")),
    ("shell", include_str!("builtin/shell.toml")),
];

/// Largest agent file read, in bytes, and most files of a folder.
const MAX_FILE: u64 = 64 * 1024;
const MAX_FILES: usize = 200;

/// A name that no agent has.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no agent is called `{name}`{}", hint(nearest, known))]
pub struct UnknownAgent {
    /// What was asked for.
    pub name: String,
    /// What was probably meant.
    pub nearest: Option<String>,
    /// Every agent there is.
    pub known: Vec<String>,
}

fn hint(nearest: &Option<String>, known: &[String]) -> String {
    match nearest {
        Some(n) => format!("; did you mean `{n}`?"),
        None => format!("; there are {}. For a command of your own: `copilot-tui new -- COMMAND ...`", known.join(", ")),
    }
}

/// Every agent, ours first.
#[derive(Debug, Clone)]
pub struct Catalog {
    agents: Vec<AgentSpec>,
}

impl Catalog {
    /// Only the agents we ship.
    pub fn builtin() -> Catalog {
        let agents = BUILTIN.iter().map(|(name, text)| overlay(AgentSpec::named(name), name, text).0).collect();
        Catalog { agents }
    }

    /// The agents we ship, and `*.toml` of `user_dir` over and beside them (a file is named after its agent and says only what
    /// differs). A missing folder is fine.
    pub fn load(user_dir: &Path) -> (Catalog, Vec<Diagnostic>) {
        let mut catalog = Catalog::builtin();
        let mut found = Vec::new();
        let mut files: Vec<PathBuf> = match std::fs::read_dir(user_dir) {
            Ok(entries) => entries.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.extension().is_some_and(|e| e == "toml")).collect(),
            Err(e) => {
                if e.kind() != io::ErrorKind::NotFound {
                    found.push(whole_file(user_dir, format!("cannot be read: {e}")));
                }
                return (catalog, found);
            }
        };
        files.sort();
        if files.len() > MAX_FILES {
            found.push(whole_file(user_dir, format!("only the first {MAX_FILES} agent files are read")));
            files.truncate(MAX_FILES);
        }
        for file in files {
            catalog.add_file(&file, &mut found);
        }
        (catalog, found)
    }

    fn add_file(&mut self, file: &Path, found: &mut Vec<Diagnostic>) {
        let name = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        if !good_name(name) {
            return found.push(whole_file(file, "the file's name is the agent's: use a-z, 0-9, `-` and `_`, beginning with a letter".into()));
        }
        if name == COMMAND {
            return found.push(whole_file(file, format!("`{COMMAND}` is the name of sessions without an agent")));
        }
        let text = match read_bounded(file) {
            Ok(text) => text,
            Err(why) => return found.push(whole_file(file, why)),
        };
        let at = self.agents.iter().position(|a| a.name == name);
        let base = at.and_then(|i| self.agents.get(i).cloned()).unwrap_or_else(|| AgentSpec::named(name));
        let (spec, problems) = overlay(base, &file.display().to_string(), &text);
        // A new agent whose file is broken is none; an old one keeps what it was.
        let broken_new = at.is_none() && spec == AgentSpec::named(name) && !problems.is_empty();
        found.extend(problems);
        match at.and_then(|i| self.agents.get_mut(i)) {
            Some(slot) => *slot = spec,
            None if broken_new => {}
            None => self.agents.push(spec),
        }
    }

    /// An agent by name.
    ///
    /// # Errors
    /// [`UnknownAgent`], with the nearest name.
    pub fn get(&self, name: &str) -> Result<&AgentSpec, UnknownAgent> {
        let exact = self.agents.iter().find(|a| a.name == name).or_else(|| self.agents.iter().find(|a| a.name.eq_ignore_ascii_case(name)));
        exact.ok_or_else(|| UnknownAgent {
            name: safe_line(name, 60),
            nearest: nearest(name, self.names()).map(str::to_owned),
            known: self.names().map(str::to_owned).collect(),
        })
    }

    /// Every agent's name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.agents.iter().map(|a| a.name.as_str())
    }

    /// Every agent.
    pub fn iter(&self) -> impl Iterator<Item = &AgentSpec> {
        self.agents.iter()
    }
}

fn good_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

fn whole_file(file: &Path, message: String) -> Diagnostic {
    Diagnostic { file: file.display().to_string(), line: 1, column: 1, message, hint: None }
}

fn read_bounded(file: &Path) -> Result<String, String> {
    let meta = std::fs::metadata(file).map_err(|e| format!("cannot be read: {e}"))?;
    if !meta.is_file() {
        return Err("is not a file".into()); // a pipe would hang us
    }
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(|e| format!("cannot be read: {e}"))?;
    opened.take(MAX_FILE + 1).read_to_string(&mut text).map_err(|e| format!("cannot be read: {e}"))?;
    if text.len() as u64 > MAX_FILE { Err(format!("is larger than {} KiB", MAX_FILE / 1024)) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::{Delivery, Press};

    fn with(files: &[(&str, &str)]) -> (Catalog, Vec<Diagnostic>) {
        let tmp = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(tmp.path().join(name), text).unwrap();
        }
        Catalog::load(tmp.path())
    }

    #[test]
    fn what_we_ship_has_no_mistakes() {
        for (name, text) in BUILTIN {
            let (spec, problems) = overlay(AgentSpec::named(name), name, text);
            assert_eq!(problems, []);
            assert!(!spec.install.is_empty() && !spec.program.is_empty(), "{name}");
            assert_eq!(spec.launch.with_task.is_some(), spec.delivery == Delivery::Argument, "{name}");
        }
        assert_eq!(Catalog::builtin().names().collect::<Vec<_>>(), ["copilot", "codex", "claude", "gemini", "qwen", "opencode", "aider", "shell"]);
    }

    #[test]
    fn a_user_overrides_a_little_and_adds_agents() {
        let (catalog, problems) = with(&[
            ("codex.toml", "program = [\"/opt/codex\"]\n[env.set]\nCODEX_HOME = \"/x\"\n"),
            ("mine.toml", "title = \"Mine\"\nquit = [\"text:/bye\", \"enter\"]\n[launch]\nwith_task = [\"--ask\", \"{task}\"]\n"),
        ]);
        assert_eq!(problems, []);
        let codex = catalog.get("codex").unwrap();
        assert_eq!((codex.program.as_slice(), codex.title.as_str()), (["/opt/codex".to_owned()].as_slice(), "OpenAI Codex CLI"));
        assert_eq!(codex.env_set, [("CODEX_HOME".to_owned(), "/x".to_owned())]);
        let mine = catalog.get("mine").unwrap();
        assert_eq!(mine.quit[0], Press::Text("/bye".into()));
        assert_eq!(mine.program, ["mine"]);
    }

    #[test]
    fn mistakes_are_told_with_their_place_and_the_rest_stands() {
        let (catalog, problems) = with(&[(
            "codex.toml",
            "titel = \"x\"\ninstall = 3\ntask_delivery = \"arg\"\ninterrupt = [\"escp\"]\n[launch]\nwith_task = [\"{promt}\", \"{tsk}\"]\nwithout_task = [\"--x\"]\n",
        )]);
        let lines: Vec<String> = problems.iter().map(|p| p.to_string().rsplit('/').next().unwrap().to_owned()).collect();
        assert_eq!(lines.len(), 6, "{lines:#?}");
        assert!(lines.iter().any(|l| l.starts_with("codex.toml:1:1: unknown key `titel` (did you mean `title`?)")), "{lines:#?}");
        assert!(lines.iter().any(|l| l.starts_with("codex.toml:2:11: this is integer")), "{lines:#?}");
        assert!(lines.iter().any(|l| l.contains("codex.toml:4:14:") && l.contains("did you mean `esc`?")), "{lines:#?}");
        assert!(lines.iter().any(|l| l.contains("unknown placeholder `{tsk}` (did you mean `{task}`?)")), "{lines:#?}");
        let codex = catalog.get("codex").unwrap();
        assert_eq!(codex.launch.without_task, ["--x"]);
        assert_eq!(codex.title, "OpenAI Codex CLI");
        assert_eq!(codex.launch.with_task.as_ref().unwrap()[0], "--no-daemon");
    }

    #[test]
    fn broken_and_strange_files_are_told() {
        let big = "# ".to_owned() + &"x".repeat(70_000);
        let (catalog, problems) = with(&[
            ("codex.toml", "title = \n"),
            ("new.toml", "title = \n"),
            ("Bad Name.toml", ""),
            ("command.toml", ""),
            ("big.toml", &big),
            ("env.toml", "[env.set]\nCOPILOT_TUI_SESSION = \"x\"\n\"A=B\" = \"c\"\n"),
            ("notes.txt", "not ours"),
        ]);
        assert_eq!(problems.len(), 7, "{problems:#?}");
        assert_eq!(catalog.get("codex").unwrap().title, "OpenAI Codex CLI");
        assert!(catalog.get("new").is_err() && catalog.get("command").is_err() && catalog.get("big").is_err());
        assert!(catalog.get("env").unwrap_err().nearest.is_none());
    }

    #[test]
    fn unknown_agents_get_the_nearest_name() {
        let catalog = Catalog::builtin();
        assert_eq!(catalog.get("codx").unwrap_err().to_string(), "no agent is called `codx`; did you mean `codex`?");
        let e = catalog.get("zzz\x1b[2J").unwrap_err().to_string();
        assert!(e.contains("copilot, codex") && !e.contains('\x1b'), "{e}");
        assert_eq!(catalog.get("Codex").unwrap().name, "codex");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            let _ = overlay(AgentSpec::named("x"), "x.toml", &text);
        }
    }
}
