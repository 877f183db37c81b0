//! Opens addresses, files and text with the person's own programs: VS Code's command inside its terminal, the browser opener,
//! the editor. Arguments only, never a shell; which program is the person's environment's to say, never a pane's. Must not know
//! where what is opened came from.

use super::caps::Env;
use crate::app::{Open, Opened};
use crate::base::text::{cut_middle, safe_line};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

/// How long a program may take to say that it failed; one that goes on is taken for well.
const PATIENCE: Duration = Duration::from_secs(3);
/// What VS Code and its forks call themselves on the path.
const EDITORS: [&str; 6] = ["code", "code-insiders", "cursor", "windsurf", "codium", "code-server"];

/// What is there: how programs are found, whether somebody listens on a socket.
pub struct Around<'a> {
    /// The client's environment.
    pub env: Env<'a>,
    /// Looks a program up on the path.
    pub find: &'a dyn Fn(&str) -> Option<PathBuf>,
    /// Whether somebody listens on a socket.
    pub alive: &'a dyn Fn(&Path) -> bool,
}

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// This program at once, with this on its input.
    Run {
        /// Program and arguments.
        argv: Vec<String>,
        /// Its input.
        input: Option<String>,
        /// What to say when it is done.
        done: String,
    },
    /// In a pane.
    Pane {
        /// Program and arguments.
        argv: Vec<String>,
        /// What is edited.
        name: String,
    },
    /// Nothing can.
    None(String),
}

impl Around<'_> {
    fn set(&self, name: &str) -> Option<String> {
        (self.env)(name).filter(|v| !v.trim().is_empty())
    }

    /// The command of the VS Code this terminal belongs to, when its window lives. A socket that nobody listens on makes the
    /// command lie; without a socket only the desktop's own command works.
    fn vscode(&self) -> Option<PathBuf> {
        if self.set("TERM_PROGRAM").as_deref() != Some("vscode") {
            return None;
        }
        let program = EDITORS.iter().find_map(|n| (self.find)(n))?;
        let works = match self.set("VSCODE_IPC_HOOK_CLI") {
            Some(socket) => (self.alive)(Path::new(&socket)),
            None => !program.components().any(|c| c.as_os_str() == "remote-cli"),
        };
        works.then_some(program)
    }

    /// A command line of the environment as program and arguments.
    fn words(&self, line: &str) -> Option<Vec<String>> {
        let mut words = line.split_whitespace().map(str::to_owned);
        let program = words.next()?;
        let found = if program.contains('/') { Some(PathBuf::from(&program)).filter(|p| p.is_absolute()) } else { (self.find)(&program) };
        Some(std::iter::once(found?.display().to_string()).chain(words).collect())
    }

    /// The person's editor with a file at its line.
    fn editor(&self, path: &str, line: Option<u32>, col: Option<u32>) -> Option<Vec<String>> {
        let named = ["VISUAL", "EDITOR"].iter().find_map(|n| self.set(n).and_then(|line| self.words(&line)));
        let mut argv = named.or_else(|| ["nano", "vim", "vi"].iter().find_map(|n| self.words(n)))?;
        let program = argv.first().and_then(|p| p.rsplit('/').next()).unwrap_or_default().to_owned();
        match (program.as_str(), line) {
            (_, None) => argv.push(path.to_owned()),
            (p, Some(line)) if EDITORS.contains(&p) => argv.extend(["-g".to_owned(), format!("{path}:{line}:{}", col.unwrap_or(1))]),
            ("hx" | "helix" | "subl" | "zed", Some(line)) => argv.push(format!("{path}:{line}:{}", col.unwrap_or(1))),
            ("kak" | "micro", Some(line)) => argv.extend([format!("+{line}:{}", col.unwrap_or(1)), path.to_owned()]),
            ("nano", Some(line)) => argv.extend([format!("+{line},{}", col.unwrap_or(1)), path.to_owned()]),
            ("emacs" | "emacsclient", Some(line)) => argv.extend([format!("+{line}:{}", col.unwrap_or(1)), path.to_owned()]),
            ("vi" | "vim" | "nvim" | "view" | "ne" | "joe" | "jed" | "mg", Some(line)) => argv.extend([format!("+{line}"), path.to_owned()]),
            // Who knows what else it would take a line for.
            _ => argv.push(path.to_owned()),
        }
        Some(argv)
    }

    /// How an address is opened.
    pub fn url(&self, url: &str) -> Plan {
        let done = format!("opened {}", cut_middle(&safe_line(url, 200), 70));
        if let Some(mut argv) = self.set("BROWSER").and_then(|b| self.words(b.split(':').next().unwrap_or_default())) {
            match argv.iter_mut().skip(1).find(|a| a.contains("%s")) {
                Some(place) => *place = place.replace("%s", url),
                None => argv.push(url.to_owned()),
            }
            return Plan::Run { argv, input: None, done };
        }
        let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        let shown = cfg!(target_os = "macos") || self.set("DISPLAY").is_some() || self.set("WAYLAND_DISPLAY").is_some();
        match (self.find)(opener).filter(|_| shown) {
            Some(program) => Plan::Run { argv: vec![program.display().to_string(), url.to_owned()], input: None, done },
            None => Plan::None("nothing here opens addresses: no BROWSER, and no desktop".to_owned()),
        }
    }

    /// How a file is opened. `path` is absolute.
    pub fn file(&self, path: &str, line: Option<u32>, col: Option<u32>) -> Plan {
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        if let Some(program) = self.vscode() {
            let place = line.map(|l| format!(":{l}:{}", col.unwrap_or(1))).unwrap_or_default();
            let argv = vec![program.display().to_string(), "-g".to_owned(), format!("{path}{place}")];
            return Plan::Run { argv, input: None, done: format!("opened {}{place} in the editor", safe_line(&name, 60)) };
        }
        match self.editor(path, line, col) {
            Some(argv) => Plan::Pane { argv, name },
            None => Plan::None("no editor: set VISUAL or EDITOR".to_owned()),
        }
    }

    /// How text is opened. `keep` puts it into a file when an editor needs one.
    pub fn text(&self, text: &str, keep: &dyn Fn(&str) -> std::io::Result<String>) -> Plan {
        if let Some(program) = self.vscode() {
            let argv = vec![program.display().to_string(), "-".to_owned()];
            return Plan::Run { argv, input: Some(text.to_owned()), done: "opened the selection in the editor".to_owned() };
        }
        match keep(text) {
            Ok(path) => match self.editor(&path, None, None) {
                Some(argv) => Plan::Pane { argv, name: "selection".to_owned() },
                None => Plan::None("no editor: set VISUAL or EDITOR".to_owned()),
            },
            Err(e) => Plan::None(format!("the selection could not be put into a file: {e}")),
        }
    }
}

/// Puts text into a new file of this person's alone.
///
/// # Errors
/// When there is no folder for it.
pub fn keep_text(env: Env<'_>, text: &str) -> std::io::Result<String> {
    let folder = env("XDG_RUNTIME_DIR").filter(|d| Path::new(d).is_dir()).unwrap_or_else(|| "/tmp".to_owned());
    for _ in 0..8 {
        let path = format!("{folder}/copilot-tui-selection-{}.txt", crate::base::SessionId::random());
        match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => return file.write_all(text.as_bytes()).map(|()| path),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

/// Opens something. Blocks; not for the loop's own thread.
pub(super) fn open(around: &Around<'_>, what: Open) -> Opened {
    let (plan, folder, copy) = match what {
        Open::Url(url) => (around.url(&url), String::new(), Some(url)),
        Open::File { paths, line, col, folder } => match paths.iter().find(|p| Path::new(p).exists()) {
            Some(path) => (around.file(path, line, col), folder, Some(path.clone())),
            None => {
                let first = paths.first().cloned().unwrap_or_default();
                let why = format!("there is no file {}", cut_middle(&safe_line(&first, 300), 80));
                return Opened::Failed { why, copy: None };
            }
        },
        Open::Text(text) => {
            let folder = around.set("HOME").unwrap_or_else(|| "/".to_owned());
            (around.text(&text, &|t| keep_text(around.env, t)), folder, Some(text))
        }
    };
    match plan {
        Plan::Pane { argv, name } => Opened::Editor { argv, folder, name },
        Plan::None(why) => Opened::Failed { why, copy },
        Plan::Run { argv, input, done } => match run(argv.clone(), input) {
            Ok(()) => Opened::Done(done),
            Err(why) => {
                let program = argv.first().and_then(|p| p.rsplit('/').next()).unwrap_or_default().to_owned();
                Opened::Failed { why: format!("{} did not open it: {why}", safe_line(&program, 40)), copy }
            }
        },
    }
}

/// Runs a program away from our terminal. One that is still there after a while is taken for well.
fn run(argv: Vec<String>, input: Option<String>) -> Result<(), String> {
    let (tell, told) = sync_channel(1);
    let work = move || {
        let ran = || -> std::io::Result<std::process::ExitStatus> {
            let (program, args) = argv.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
            let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
            let mut child = Command::new(program).args(args).stdin(stdin).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
            if let (Some(text), Some(mut pipe)) = (input, child.stdin.take()) {
                let _ = pipe.write_all(text.as_bytes());
            }
            child.wait()
        };
        let result = match ran() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(status.to_string()),
            Err(e) => Err(e.to_string()),
        };
        let _ = tell.send(result);
    };
    std::thread::Builder::new().spawn(work).map_err(|e| e.to_string())?;
    told.recv_timeout(PATIENCE).unwrap_or(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(vars: &[(&str, &str)], have: &[&str], alive: bool, f: impl Fn(&Around<'_>) -> T) -> T {
        let env = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        let find = |name: &str| have.iter().find(|h| h.rsplit('/').next() == Some(name)).map(PathBuf::from);
        f(&Around { env: &env, find: &find, alive: &|_| alive })
    }

    fn argv(plan: Plan) -> String {
        match plan {
            Plan::Run { argv, input, .. } => format!("run {}{}", argv.join(" "), input.map(|i| format!(" < {i}")).unwrap_or_default()),
            Plan::Pane { argv, .. } => format!("pane {}", argv.join(" ")),
            Plan::None(why) => why,
        }
    }

    #[test]
    fn files_open_in_the_window_they_are_seen_from_else_in_the_editor() {
        let file = |a: &Around<'_>| argv(a.file("/w/x.rs", Some(12), Some(3)));
        let code = [("TERM_PROGRAM", "vscode"), ("VSCODE_IPC_HOOK_CLI", "/tmp/s"), ("EDITOR", "vim -u NONE")];
        assert_eq!(with(&code, &["/b/code", "/b/vim"], true, file), "run /b/code -g /w/x.rs:12:3");
        assert_eq!(with(&code, &["/b/code", "/b/vim"], false, file), "pane /b/vim -u NONE +12 /w/x.rs", "its window is gone");
        let desktop = [("TERM_PROGRAM", "vscode")];
        assert_eq!(with(&desktop, &["/usr/bin/code"], false, file), "run /usr/bin/code -g /w/x.rs:12:3");
        assert_eq!(with(&desktop, &["/v/bin/remote-cli/code", "/b/nano"], false, file), "pane /b/nano +12,3 /w/x.rs");
        assert_eq!(with(&[("VISUAL", "code --wait")], &["/b/code"], false, file), "pane /b/code --wait -g /w/x.rs:12:3");
        assert_eq!(with(&[("EDITOR", "my-editor")], &["/b/my-editor"], false, file), "pane /b/my-editor /w/x.rs");
        assert_eq!(with(&[], &[], false, file), "no editor: set VISUAL or EDITOR");
        assert_eq!(with(&[("EDITOR", "./evil")], &["/b/vi"], false, file), "pane /b/vi +12 /w/x.rs", "a relative program is none");
    }

    #[test]
    fn addresses_go_to_the_persons_browser() {
        let url = |a: &Around<'_>| argv(a.url("https://a.b/c"));
        assert_eq!(with(&[("BROWSER", "/h/browser.sh")], &[], false, url), "run /h/browser.sh https://a.b/c");
        assert_eq!(with(&[("BROWSER", "fx --url=%s:w3m")], &["/b/fx"], false, url), "run /b/fx --url=https://a.b/c");
        assert_eq!(with(&[("DISPLAY", ":0")], &["/b/xdg-open"], false, url), "run /b/xdg-open https://a.b/c");
        assert!(with(&[], &["/b/xdg-open"], false, url).starts_with("nothing here"));
    }

    #[test]
    fn text_goes_to_the_editor_by_its_input_or_by_a_private_file() {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().display().to_string();
        let env = |n: &str| (n == "XDG_RUNTIME_DIR").then(|| at.clone());
        let path = keep_text(&env, "some text").unwrap();
        let meta = std::fs::metadata(&path).unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "some text");
        let text = |a: &Around<'_>| argv(a.text("some text", &|_| Ok("/t/x.txt".to_owned())));
        assert_eq!(with(&[("TERM_PROGRAM", "vscode")], &["/b/code"], false, text), "run /b/code - < some text");
        assert_eq!(with(&[("EDITOR", "vim")], &["/b/vim"], false, text), "pane /b/vim /t/x.txt");
    }

    #[test]
    fn a_program_that_fails_is_told_and_the_file_must_be_there() {
        assert!(run(vec!["/nowhere/at/all".into()], None).is_err());
        assert!(run(vec!["/bin/sh".into(), "-c".into(), "exit 3".into()], None).unwrap_err().contains('3'));
        assert_eq!(run(vec!["/bin/cat".into()], Some("x".into())), Ok(()));
        let open = |a: &Around<'_>| open(a, Open::File { paths: vec!["/no/such/file".into()], line: None, col: None, folder: "/".into() });
        assert!(matches!(with(&[], &[], false, open), Opened::Failed { why, .. } if why.contains("there is no file /no/such/file")));
    }
}
