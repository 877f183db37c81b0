//! Puts text in the person's clipboard: by a tool of the desktop, by VS Code's own command, or by asking the outer terminal
//! (OSC 52). Arguments only, never a shell; never reads a clipboard. Must not know where the text comes from.

use super::caps::Env;
use crate::config::Clipboard;
use base64::Engine;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Most bytes of text handed to the outer terminal; more would make some of them choke.
pub const MAX_OSC52: usize = 1 << 20;

/// A way to the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A program that takes the text on its standard input.
    Tool {
        /// What people know it by.
        name: &'static str,
        /// Program and arguments.
        argv: Vec<String>,
    },
    /// The outer terminal.
    Osc52,
}

/// The ways to try, best first. `find` looks a program up on the path; `alive` says whether somebody listens on a socket.
pub fn ways(how: Clipboard, env: Env<'_>, find: &dyn Fn(&str) -> Option<PathBuf>, alive: &dyn Fn(&Path) -> bool) -> Vec<Way> {
    let set = |name: &str| env(name).filter(|v| !v.is_empty());
    let mut out = Vec::new();
    match how {
        Clipboard::Off => return out,
        Clipboard::Osc52 => return vec![Way::Osc52],
        Clipboard::Auto => {}
    }
    let mut tool = |name: &'static str, args: &[&str]| {
        if let Some(path) = find(name) {
            let argv = std::iter::once(path.display().to_string()).chain(args.iter().map(|a| (*a).to_owned())).collect();
            out.push(Way::Tool { name, argv });
        }
    };
    // In VS Code's remote and web terminals OSC 52 goes nowhere; its command does, while its window lives. A socket nobody
    // listens on makes the command lie.
    if set("TERM_PROGRAM").as_deref() == Some("vscode") && set("VSCODE_IPC_HOOK_CLI").is_some_and(|s| alive(Path::new(&s))) {
        for name in ["code", "code-insiders", "cursor", "windsurf", "codium", "code-server"] {
            tool(name, &["--stdin-to-clipboard"]);
        }
        out.truncate(1);
    } else if set("SSH_CONNECTION").is_none() && set("SSH_TTY").is_none() {
        // Over ssh these would fill the clipboard of the far machine.
        if set("WAYLAND_DISPLAY").is_some() {
            tool("wl-copy", &[]);
        }
        if set("DISPLAY").is_some() {
            tool("xclip", &["-selection", "clipboard", "-in"]);
            tool("xsel", &["--clipboard", "--input"]);
        }
        if cfg!(target_os = "macos") {
            tool("pbcopy", &[]);
        }
    }
    out.push(Way::Osc52);
    out
}

/// Looks a program up on a path variable; relative entries are left out.
pub fn find_on_path(path: &str, name: &str) -> Option<PathBuf> {
    path.split(':')
        .map(Path::new)
        .filter(|p| p.is_absolute())
        .map(|p| p.join(name))
        .find(|p| rustix::fs::access(p, rustix::fs::Access::EXEC_OK).is_ok() && p.is_file())
}

/// Whether somebody listens on this socket.
pub fn listening(path: &Path) -> bool {
    UnixStream::connect(path).is_ok()
}

/// What asks the outer terminal; `None` when the text is too long for that.
pub fn osc52(text: &str) -> Option<Vec<u8>> {
    (text.len() <= MAX_OSC52).then(|| format!("\x1b]52;c;{}\x1b\\", base64::engine::general_purpose::STANDARD.encode(text)).into_bytes())
}

/// Starts a tool and gives it the text. The caller waits for it to end.
///
/// # Errors
/// When it cannot be started or does not take the text.
pub fn start(argv: &[String], text: &str) -> io::Result<Child> {
    let (program, args) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut child = Command::new(program).args(args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let given = child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(text.as_bytes()));
    if let Err(e) = given {
        let _ = child.kill();
        let _ = child.wait();
        return Err(e);
    }
    Ok(child)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pairs: &[(&str, &str)], have: &[&str], alive: bool) -> Vec<String> {
        let env = |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        let find = |name: &str| have.contains(&name).then(|| PathBuf::from("/bin").join(name));
        ways(Clipboard::Auto, &env, &find, &|_| alive)
            .into_iter()
            .map(|w| match w {
                Way::Tool { argv, .. } => argv.join(" "),
                Way::Osc52 => "osc52".to_owned(),
            })
            .collect()
    }

    #[test]
    fn the_best_way_comes_first() {
        let vscode = [("TERM_PROGRAM", "vscode"), ("VSCODE_IPC_HOOK_CLI", "/tmp/s"), ("DISPLAY", ":0")];
        assert_eq!(names(&vscode, &["code", "xclip"], true), ["/bin/code --stdin-to-clipboard", "osc52"]);
        assert_eq!(names(&vscode, &["code", "xclip"], false), ["/bin/xclip -selection clipboard -in", "osc52"]);
        assert_eq!(names(&[("WAYLAND_DISPLAY", "w"), ("SSH_TTY", "/dev/pts/1")], &["wl-copy"], false), ["osc52"]);
        assert_eq!(names(&[("WAYLAND_DISPLAY", "w")], &["wl-copy"], false), ["/bin/wl-copy", "osc52"]);
        assert_eq!(ways(Clipboard::Off, &|_| None, &|_| None, &|_| true), []);
    }

    #[test]
    fn osc52_cannot_be_broken_out_of_and_is_bounded() {
        assert_eq!(osc52("hi\x1b\\").unwrap(), b"\x1b]52;c;aGkbXA==\x1b\\");
        assert!(osc52(&"x".repeat(MAX_OSC52 + 1)).is_none());
    }

    #[test]
    fn a_tool_gets_the_text_on_its_input() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let cat = find_on_path(&std::env::var("PATH").unwrap(), "tee").unwrap();
        let mut child = start(&[cat.display().to_string(), out.display().to_string()], "text; $(not a shell)").unwrap();
        assert!(child.wait().unwrap().success());
        assert_eq!(std::fs::read_to_string(out).unwrap(), "text; $(not a shell)");
        assert!(start(&["/nowhere/at/all".to_owned()], "x").is_err());
    }
}
