//! The module table of `src/ARCHITECTURE.md`, held against the code: who may import whom, and who may use which library.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Layer and row of every module. Imports go to a smaller layer; inside layers 2 and 3 also to a row above.
const MODULES: &[(&str, u32)] = &[
    ("base", 0),
    ("command", 1),
    ("layout", 1),
    ("term", 1),
    ("wire", 1),
    ("evidence", 2),
    ("model", 2),
    ("config", 2),
    ("task", 2),
    ("agent", 3),
    ("pty", 3),
    ("git", 3),
    ("store", 3),
    ("past", 3),
    ("ipc", 3),
    ("app", 4),
    ("server", 4),
    ("ui", 5),
    ("client", 6),
    ("demo", 7),
    ("cli", 7),
];

/// Libraries that only some modules may name.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("ratatui", &["ui", "client"]),
    ("crossterm", &["client"]),
    ("tui_textarea", &["app", "ui"]),
    ("vte", &["term"]),
    ("vt100", &["term"]),
    ("git2", &["git"]),
    ("portable_pty", &["pty"]),
    ("rusqlite", &["store"]),
    ("clap", &["cli"]),
    ("rmcp", &["cli"]),
];

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Code with comments and string contents blanked, so that only real paths count.
fn code_of(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let code = line.split("//").next().unwrap_or("");
        out.push_str(code);
        out.push('\n');
    }
    out
}

fn words_after<'a>(code: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(prefix).map(move |(i, p)| {
        let rest = &code[i + p.len()..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

fn files_by_module() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut by_module: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for f in files {
        let relative = f.strip_prefix(&src).unwrap();
        let module = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        if relative.components().count() > 1 {
            let text = fs::read_to_string(&f).unwrap();
            by_module.entry(module).or_default().push((relative.to_owned(), text));
        }
    }
    by_module
}

#[test]
fn imports_follow_the_layers() {
    let layer = |m: &str| MODULES.iter().position(|x| x.0 == m).map(|row| (MODULES[row].1, row));
    let mut wrong = Vec::new();
    for (module, files) in files_by_module() {
        let (own, own_row) = layer(&module).unwrap_or_else(|| panic!("module `{module}` is not in the table"));
        for (path, text) in files {
            let code = code_of(&text);
            for used in words_after(&code, "crate::") {
                let Some((theirs, their_row)) = layer(used) else { continue };
                let inside = (own == 2 || own == 3 || own == 7) && theirs == own && their_row < own_row;
                if used != module && !(theirs < own || inside) {
                    wrong.push(format!("{} imports {used}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "against the layers:\n{}", wrong.join("\n"));
}

#[test]
fn libraries_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for (module, files) in files_by_module() {
        for (path, text) in files {
            let code = code_of(&text);
            for (library, rooms) in LIBRARIES {
                let named = words_after(&code, "use ").any(|w| w == *library)
                    || code.contains(&format!(" {library}::"))
                    || code.contains(&format!("({library}::"));
                if named && !rooms.contains(&module.as_str()) {
                    wrong.push(format!("{} uses {library}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "outside their rooms:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut silent = Vec::new();
    for files in files_by_module().into_values() {
        for (path, text) in files {
            if !text.starts_with("//!") {
                silent.push(path.display().to_string());
            }
        }
    }
    assert!(silent.is_empty(), "no module doc in:\n{}", silent.join("\n"));
}
