//! The module table of `src/ARCHITECTURE.md`, held against the code: who may import whom, and who may use which library; and that
//! files import one way.

use std::collections::{BTreeMap, BTreeSet};
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

/// Files that import each other and should: a type, and its methods in files by idea.
const HONEST: &[&str] = &["server/pane.rs", "server/pane/input.rs", "server/pane/output.rs", "server/pane/processes.rs"];

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

/// The paths of a `use`, one for each name.
fn expand(path: &str, out: &mut Vec<String>) {
    let Some((before, inner)) = path.split_once('{') else {
        return out.push(path.split(" as ").next().unwrap_or("").trim().to_owned());
    };
    let mut depth = 0;
    let between = |c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    };
    for part in inner.trim_end().trim_end_matches('}').split(between).filter(|p| !p.trim().is_empty()) {
        let closed = "}".repeat(part.matches('{').count().saturating_sub(part.matches('}').count()));
        expand(&format!("{}{}{closed}", before.trim(), part.trim()), out);
    }
}

/// The paths that code names, in `use` and elsewhere. A `pub use` hands a name on, which is no need of it.
fn named_paths(code: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = String::new();
    for statement in code.split_inclusive(';') {
        let heads = ["use ", "pub use ", "pub(super) use ", "pub(crate) use "];
        let begins = |head: &&str| statement.match_indices(*head).map(|(i, _)| i).find(|i| *i == 0 || statement[..*i].ends_with('\n'));
        let found = heads.iter().find_map(|head| Some((begins(head)?, head)));
        rest.push_str(found.map_or(statement, |(at, _)| &statement[..at]));
        if let Some((at, &"use ")) = found {
            expand(statement[at + "use ".len()..].trim_end_matches(';'), &mut out);
        }
    }
    for root in ["crate::", "super::"] {
        for (at, _) in rest.match_indices(root).filter(|(at, _)| !rest[..*at].ends_with("::")) {
            let path = &rest[at..];
            let end = path.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(path.len());
            out.push(path[..end].to_owned());
        }
    }
    out
}

/// The file a path leads to: of the longest beginning of it that is a module. Not a `mod.rs`: the face of a module stands apart.
fn file_of<'a>(path: &str, module: &[String], files: &'a BTreeMap<Vec<String>, String>) -> Option<&'a str> {
    let mut place = module.to_vec();
    let mut words = path.split("::").peekable();
    match *words.peek()? {
        "crate" => place.clear(),
        "self" | "super" => {}
        child if files.contains_key(&[module, &[child.to_owned()]].concat()) => {}
        _ => return None,
    }
    for word in words {
        match word {
            "crate" | "self" => {}
            "super" => drop(place.pop()),
            name => place.push(name.to_owned()),
        }
    }
    while !files.contains_key(&place) {
        place.pop()?;
    }
    files.get(&place).map(String::as_str).filter(|f| !f.ends_with("mod.rs"))
}

/// Which file imports which.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let mut files = BTreeMap::new();
    let mut code = BTreeMap::new();
    for (path, text) in files_by_module().into_values().flatten() {
        let name = path.to_string_lossy().into_owned();
        let mut module: Vec<String> = path.with_extension("").components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|m| m == "mod") {
            module.pop();
        }
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or("");
        code.insert(module.clone(), code_of(text));
        files.insert(module, name);
    }
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, text) in &code {
        let own = &files[module];
        let paths = named_paths(text);
        let to = paths.iter().filter_map(|p| file_of(p, module, &files)).filter(|to| *to != own).map(str::to_owned);
        arrows.insert(own.clone(), to.collect());
    }
    arrows
}

/// Whether a way leads from one file to another.
fn leads(arrows: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut next = vec![from];
    while let Some(f) = next.pop() {
        if f == to {
            return true;
        }
        if seen.insert(f) {
            next.extend(arrows.get(f).into_iter().flatten().map(String::as_str));
        }
    }
    false
}

#[test]
fn files_import_one_way() {
    let arrows = arrows();
    let back = |f: &str| -> Vec<&str> { arrows[f].iter().map(String::as_str).filter(|to| leads(&arrows, to, f)).collect() };
    let circles: BTreeSet<&str> = arrows.keys().map(String::as_str).filter(|f| !back(f).is_empty()).collect();
    let honest: BTreeSet<&str> = HONEST.iter().copied().collect();
    let wrong: Vec<String> = circles.difference(&honest).map(|f| format!("{f} imports {}", back(f).join(", "))).collect();
    assert!(wrong.is_empty(), "files that import each other:\n{}", wrong.join("\n"));
    let gone: Vec<&&str> = honest.difference(&circles).collect();
    assert!(gone.is_empty(), "in no circle any more, so not on the list: {gone:?}");
}
