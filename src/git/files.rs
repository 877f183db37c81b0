//! Files that git knows of below a folder, by what a person typed of their names. Reads the index, nothing else. Must not know who
//! types.

use super::{GitError, open};
use std::path::Path;

/// Entries of an index that are looked at.
const LOOKED_AT: usize = 200_000;
/// Bytes of a path that is offered.
const LONGEST: usize = 512;

/// The best matches for what was typed, best first, relative to the folder; at most `most`. Every letter has to come, in order;
/// names that begin with it go before names that hold it, short paths before long ones. Without a query the first of all.
///
/// # Errors
/// No repository, or git cannot read it.
pub fn files(folder: &Path, query: &str, most: usize) -> Result<Vec<String>, GitError> {
    let repo = open(folder)?;
    let index = repo.index()?;
    let root = repo.workdir().and_then(|r| r.canonicalize().ok());
    let below = folder.canonicalize().ok().zip(root).and_then(|(f, r)| f.strip_prefix(r).ok().map(|p| p.to_string_lossy().into_owned()));
    let below = below.filter(|b| !b.is_empty()).map(|b| format!("{b}/")).unwrap_or_default();
    let query = query.to_lowercase();
    let mut found: Vec<((u8, usize), String)> = Vec::new();
    for entry in index.iter().take(LOOKED_AT) {
        let Ok(path) = String::from_utf8(entry.path) else { continue };
        let Some(path) = path.strip_prefix(&below).filter(|p| p.len() <= LONGEST && !p.chars().any(char::is_control)) else { continue };
        if let Some(rank) = rank(path, &query) {
            found.push(((rank, path.len()), path.to_owned()));
        }
    }
    found.sort();
    found.truncate(most);
    Ok(found.into_iter().map(|f| f.1).collect())
}

/// How well a path fits a query in small letters; lower is better.
fn rank(path: &str, query: &str) -> Option<u8> {
    let path = path.to_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    match () {
        () if query.is_empty() => Some(path.matches('/').count().min(9) as u8),
        () if name.starts_with(query) => Some(0),
        () if path.starts_with(query) => Some(1),
        () if name.contains(query) => Some(2),
        () if path.contains(query) => Some(3),
        () => {
            let mut letters = path.chars();
            query.chars().all(|q| letters.any(|p| p == q)).then_some(4)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_before_paths_and_every_letter_counts() {
        let mut all = ["src/app/main.rs", "main.rs", "domain/x.rs", "src/maintain.rs", "docs/m-a-i-n.md", "README"];
        all.sort_by_key(|p| (rank(p, "main"), p.len()));
        let fits: Vec<&str> = all.into_iter().filter(|p| rank(p, "main").is_some()).collect();
        assert_eq!(fits, ["main.rs", "src/app/main.rs", "src/maintain.rs", "domain/x.rs", "docs/m-a-i-n.md"]);
        assert_eq!((rank("README", "main"), rank("src/A.rs", "a")), (None, Some(0)));
    }

    #[test]
    fn only_what_git_knows_below_the_folder_is_offered() {
        let dir = tempfile::tempdir().unwrap();
        let repo = git2::Repository::init(dir.path()).unwrap();
        std::fs::create_dir_all(dir.path().join("api/src")).unwrap();
        for f in ["top.rs", "api/src/pay.rs", "api/src/untracked.rs"] {
            std::fs::write(dir.path().join(f), "x").unwrap();
        }
        let mut index = repo.index().unwrap();
        index.add_path(Path::new("top.rs")).unwrap();
        index.add_path(Path::new("api/src/pay.rs")).unwrap();
        index.write().unwrap();
        assert_eq!(files(dir.path(), "", 9).unwrap(), ["top.rs", "api/src/pay.rs"]);
        assert_eq!(files(&dir.path().join("api"), "p", 9).unwrap(), ["src/pay.rs"]);
        assert_eq!(files(dir.path(), "rs", 1).unwrap().len(), 1);
        assert!(files(Path::new("/"), "", 9).is_err());
    }
}
