//! Names of branches and worktrees: git's rules and stricter ones of ours. Must not know the repository.

use super::GitError;
use crate::base::text::{safe_line, slug};

/// Longest branch name, in bytes: its file and its lock must fit a file name.
const MAX_BRANCH: usize = 200;

/// Whether a text may be the name of a branch (without `refs/heads/`).
///
/// # Errors
/// [`GitError::Name`], saying why.
pub fn check_branch(name: &str) -> Result<(), GitError> {
    let why = if name.is_empty() {
        "it is empty"
    } else if name.len() > MAX_BRANCH {
        "it is longer than 200 bytes"
    } else if name.starts_with('-') {
        "it begins with `-` and would be taken for an option"
    } else if name.chars().any(char::is_control) || name.chars().any(char::is_whitespace) {
        "it holds spaces or control characters"
    } else if safe_line(name, MAX_BRANCH * 2) != name {
        "it holds characters that do not show as what they are"
    } else if name.contains("..") || name.contains("@{") || name.contains("//") || name.chars().any(|c| "~^:?*[\\".contains(c)) {
        "it holds `..`, `@{`, `//` or one of ~ ^ : ? * [ \\"
    } else if name
        .split('/')
        .any(|part| part.is_empty() || part.starts_with('.') || part.ends_with('.') || part.to_ascii_lowercase().ends_with(".lock"))
    {
        "a part of it is empty, begins or ends with `.`, or ends with `.lock`"
    } else if name == "@" || name.eq_ignore_ascii_case("HEAD") || name.starts_with("refs/") {
        "git uses that name itself"
    } else if is_object_id(name) {
        "it looks like a commit's id"
    } else if !git2::Branch::name_is_valid(name).unwrap_or(false) {
        "git does not take it"
    } else {
        return Ok(());
    };
    Err(GitError::Name { what: "branch", name: safe_line(name, 60), why })
}

fn is_object_id(name: &str) -> bool {
    matches!(name.len(), 40 | 64) && name.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a text may be the last part of a worktree's folder: `[a-z0-9._-]{1,40}`, no `.` or `-` at either end.
///
/// # Errors
/// [`GitError::Name`], saying why.
pub fn check_slug(name: &str) -> Result<(), GitError> {
    let why = if name.is_empty() {
        "it is empty"
    } else if slug(name) != name {
        "use 1 to 40 of a-z, 0-9, `.`, `_`, `-`, with no `.` or `-` at either end"
    } else if name.ends_with(".lock") {
        "it ends with `.lock`, which git keeps for itself"
    } else {
        return Ok(());
    };
    Err(GitError::Name { what: "worktree", name: safe_line(name, 60), why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn good_names_pass() {
        for name in ["main", "agent/cache", "feature/dashboard-redesign", "fix#12", "ünïcode", "a.b", "v1.0"] {
            check_branch(name).unwrap();
        }
        for name in ["cache", "perf-db", "a.b_c", "x2"] {
            check_slug(name).unwrap();
        }
    }

    #[test]
    fn two_hundred_bad_names_are_refused_with_a_reason() {
        let mut bad: Vec<String> = Vec::new();
        for c in ['\0', '\n', '\t', '\x1b', '\x7f', ' ', '\u{202E}', '\u{2066}', '\u{200B}', '\u{E0041}', '\u{2028}', '\u{61C}', '\u{85}', '\u{FEFF}']
        {
            for pattern in ["X", "aX", "Xa", "aXb", "a/X", "X/a", "a/bXc"] {
                bad.push(pattern.replace('X', &c.to_string()));
            }
        }
        for c in ["~", "^", ":", "?", "*", "[", "\\", "..", "@{", "//"] {
            for pattern in ["X", "aX", "Xa", "aXb", "a/Xb"] {
                bad.push(pattern.replace('X', c));
            }
        }
        for name in [
            "",
            "-",
            "-rf",
            "--force",
            "-b/x",
            "/",
            "/a",
            "a/",
            ".",
            "..",
            ".a",
            "a.",
            "a/.b",
            "a/b.",
            "../x",
            "../../etc/passwd",
            "a/../b",
            "x.lock",
            "x.LOCK",
            "a/x.lock",
            "a.lock/b",
            "HEAD",
            "head",
            "@",
            "refs/heads/main",
            "refs/x",
            "$(touch X)\n",
            "`id` x",
            "a b",
            " a",
            "a ",
            "./a",
            "a/./b",
            "a//b",
            "0123456789012345678901234567890123456789",
            "ABCDEF0123ABCDEF0123ABCDEF0123ABCDEF0123",
            "0123456789012345678901234567890123456789012345678901234567890123",
            "con\u{FE0F}",
            "\u{3164}",
            "\u{115F}x",
            "x\u{FFA0}",
            "a\u{AD}b",
            "a\u{34F}b",
        ] {
            bad.push(name.to_owned());
        }
        bad.push("x".repeat(201));
        bad.push("x".repeat(10_000));
        bad.extend((0x01u8..0x20).map(|b| format!("c{}", b as char)));
        assert!(bad.len() >= 200, "{}", bad.len());
        for name in &bad {
            let e = check_branch(name).expect_err(name).to_string();
            assert!(e.chars().count() < 250 && !e.chars().any(char::is_control), "{e:?}");
            assert!(check_slug(name).is_err() || name.is_ascii(), "{name:?}");
        }
        for name in ["", "-a", "a-", ".a", "a.", "A", "a b", "a/b", "../a", "x.lock", "日本", "a..b", "a\0"] {
            assert!(check_slug(name).is_err(), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn what_passes_is_a_name_git_takes(name in "\\PC{0,60}") {
            if check_branch(&name).is_ok() {
                let full = format!("refs/heads/{name}");
                prop_assert!(git2::Reference::is_valid_name(&full));
                prop_assert!(!name.starts_with('-') && !name.contains(".."));
            }
        }

        #[test]
        fn what_passes_is_a_folder_name(name in "[-a-zA-Z0-9._/ ]{0,50}") {
            if check_slug(&name).is_ok() {
                let branch = format!("agent/{name}");
                prop_assert!(check_branch(&branch).is_ok());
                prop_assert!(!name.contains('/') && !name.starts_with(['.', '-']));
            }
        }
    }
}
