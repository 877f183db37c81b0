//! Bounds over all sessions: what is too old or too much goes, the oldest first. For workers. Must not know which sessions
//! there are but those that are not to be touched.

use super::archive::{ARCHIVE, SCREEN, TRIMMED};
use super::tape::RECORDING;
use crate::base::SessionId;
use std::collections::HashSet;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How much may stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Screens and texts of ended sessions, in bytes.
    pub archives: u64,
    /// Recordings, in bytes.
    pub recordings: u64,
    /// A recording older than this goes.
    pub age: Duration,
}

impl Bounds {
    /// Archives of 512 MiB, recordings of 2 GiB that are not older than so many days.
    pub fn days(days: u64) -> Bounds {
        Bounds { archives: 512 << 20, recordings: 2 << 30, age: Duration::from_secs(days * 24 * 3600) }
    }
}

struct Kept {
    dir: PathBuf,
    bytes: u64,
    newest: SystemTime,
}

/// Drops what is over the bounds, but nothing of sessions that live. How many sessions lost something.
pub fn sweep(sessions: &Path, live: &HashSet<SessionId>, bounds: Bounds, now: SystemTime) -> usize {
    let dirs: Vec<PathBuf> = std::fs::read_dir(sessions)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|e| e.file_name().to_str().and_then(|n| n.parse::<SessionId>().ok()).is_some_and(|id| !live.contains(&id)))
        .map(|e| e.path())
        .collect();
    let mut dropped = 0;
    let recordings = dirs.iter().filter_map(|d| kept(d.join(RECORDING), std::fs::read_dir(d.join(RECORDING)).ok()?.flatten().map(|e| e.path())));
    for r in over(recordings.collect(), bounds.recordings, Some((bounds.age, now))) {
        dropped += usize::from(std::fs::remove_dir_all(&r.dir).is_ok());
    }
    let archives = dirs.iter().filter_map(|d| kept(d.clone(), [SCREEN, ARCHIVE].into_iter().map(|f| d.join(f))));
    for a in over(archives.collect(), bounds.archives, None) {
        // First what says so.
        if std::fs::write(a.dir.join(TRIMMED), "").is_ok() {
            dropped += 1;
            for f in [SCREEN, ARCHIVE] {
                let _ = std::fs::remove_file(a.dir.join(f));
            }
        }
    }
    dropped
}

fn kept(dir: PathBuf, files: impl Iterator<Item = PathBuf>) -> Option<Kept> {
    let all: Vec<Metadata> = files.filter_map(|f| std::fs::symlink_metadata(f).ok()).collect();
    let newest = all.iter().filter_map(|m| m.modified().ok()).max()?;
    Some(Kept { dir, bytes: all.iter().map(Metadata::len).sum(), newest })
}

/// The oldest ones until the rest fits, and all that are too old.
fn over(mut all: Vec<Kept>, most: u64, age: Option<(Duration, SystemTime)>) -> Vec<Kept> {
    all.sort_by_key(|k| k.newest);
    let mut sum: u64 = all.iter().map(|k| k.bytes).sum();
    let old = |k: &Kept| age.is_some_and(|(age, now)| now.duration_since(k.newest).is_ok_and(|d| d > age));
    let n = all
        .iter()
        .take_while(|k| {
            let goes = sum > most || old(k);
            if goes {
                sum -= k.bytes;
            }
            goes
        })
        .count();
    all.truncate(n);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first_and_the_living_stay() {
        let tmp = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let ids: Vec<SessionId> = (0..4).map(|_| SessionId::random()).collect();
        for (i, id) in ids.iter().enumerate() {
            let dir = tmp.path().join(id.as_str());
            std::fs::create_dir_all(dir.join(RECORDING)).unwrap();
            for f in [dir.join(SCREEN), dir.join(RECORDING).join("000001.cast")] {
                std::fs::write(&f, vec![b'x'; 1000]).unwrap();
                let file = std::fs::File::options().write(true).open(&f).unwrap();
                file.set_modified(now - Duration::from_secs(1000 * (10 - i as u64))).unwrap();
            }
        }
        let live = HashSet::from([ids[0].clone()]);
        let has = |i: usize, f: &str| tmp.path().join(ids[i].as_str()).join(f).exists();
        let bounds = Bounds { archives: 2000, recordings: 9000, age: Duration::from_secs(8500) };
        assert_eq!(sweep(tmp.path(), &live, bounds, now), 2);
        assert!(has(0, SCREEN) && has(0, RECORDING), "it lives");
        assert!(!has(1, SCREEN) && has(1, TRIMMED) && !has(1, RECORDING), "too much, too old");
        assert!(has(2, SCREEN) && has(2, RECORDING) && has(3, SCREEN));
        assert_eq!(sweep(tmp.path(), &live, bounds, now), 0);
    }
}
