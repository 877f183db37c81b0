//! The environment a server and its agents get: the starting client's, less what belongs to that client's terminal or window; and
//! its umask. Must not know what any agent needs.

use std::ffi::OsString;

/// Names that are dropped. A trailing `*` matches any end. The sockets and helpers of an editor window die with it, a terminal's
/// identity is not a pane's, and ours never come from outside.
const DROPPED: &[&str] = &[
    "VSCODE_*",
    "GIT_ASKPASS",
    "BROWSER",
    "TERM_PROGRAM*",
    "TERMINFO",
    "WINDOWID",
    "ELECTRON_*",
    "VTE_VERSION",
    "KITTY_*",
    "TMUX*",
    "STY",
    "COLUMNS",
    "LINES",
    "COPILOT_TUI_*",
];

/// Whether a variable stays behind.
pub fn is_dropped(name: &str) -> bool {
    DROPPED.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    })
}

/// `vars` without what must not be handed on, sorted by name. Values that are not UTF-8 are left out: the environment travels
/// in JSON.
pub fn cleaned_env<I>(vars: I) -> Vec<(String, String)>
where
    I: IntoIterator<Item = (OsString, OsString)>,
{
    let mut out: Vec<(String, String)> = vars
        .into_iter()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| !name.is_empty() && !name.contains('=') && !is_dropped(name))
        .collect();
    out.sort();
    out.dedup_by(|a, b| a.0 == b.0);
    out
}

/// This process's umask; read from the kernel, since asking by setting would race with nobody but is a write.
pub fn umask() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("Umask:"));
    line.and_then(|v| u32::from_str_radix(v.trim(), 8).ok()).unwrap_or(0o022)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    #[test]
    fn logins_stay_and_window_sockets_go() {
        let vars = [
            ("PATH", "/bin"),
            ("SSH_AUTH_SOCK", "/run/a"),
            ("GH_TOKEN", "x"),
            ("VSCODE_IPC_HOOK_CLI", "/tmp/v.sock"),
            ("GIT_ASKPASS", "/v/ask.sh"),
            ("TERM_PROGRAM_VERSION", "1"),
            ("TERM", "xterm-256color"),
            ("TMUX_PANE", "%1"),
            ("COPILOT_TUI_SESSION", "abc"),
            ("LINES", "24"),
            ("LINES_MAX", "24"),
        ];
        let names: Vec<String> = cleaned_env(vars.map(|(a, b)| (a.into(), b.into()))).into_iter().map(|v| v.0).collect();
        assert_eq!(names, ["GH_TOKEN", "LINES_MAX", "PATH", "SSH_AUTH_SOCK", "TERM"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_left_out() {
        let bad = OsString::from_vec(vec![0xff, 0xfe]);
        assert!(cleaned_env([("A".into(), bad.clone()), (bad, "x".into())]).is_empty());
    }
}
