//! The store on real files: what is written comes back, damage is set aside, a failing disk loses nothing that was promised.

use copilot_tui::base::SessionId;
use copilot_tui::store::{EVENTS_PER_SESSION, Opened, Store, StoreError, integrity};
use proptest::prelude::*;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

fn id() -> SessionId {
    SessionId::random()
}

fn open(path: &Path) -> (Store, Opened) {
    Store::open(path).unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_new_database_keeps_its_locks_when_it_has_reached_the_disk() {
    let tmp = tempfile::tempdir().unwrap();
    let path = tmp.path().join("state.db");
    let (store, _) = open(&path);
    store.put_intent("w", "{}".into()).unwrap();
    // Without them another program takes itself for the last one, and throws the journal away.
    let file = format!(":{} ", std::fs::metadata(&path).unwrap().ino());
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    assert!(locks.lines().any(|l| l.contains(&file)), "{locks}");
    drop(store);
}

#[test]
fn what_was_put_is_there_after_reopening() {
    let tmp = tempfile::tempdir().unwrap();
    let path = tmp.path().join("state.db");
    let (a, b) = (id(), id());
    let (first, second);
    {
        let (store, opened) = open(&path);
        assert_eq!(opened, Opened::default());
        first = store.next_number();
        second = store.next_number();
        store.put_session(&a, first, "{\"v\":1}".into());
        store.put_session(&a, first, "{\"v\":2}".into());
        store.put_session(&b, second, "{}".into());
        store.append_event(&a, 5, "started".into());
        store.append_event(&b, 6, "other".into());
        store.put_view("main", "[1]".into());
        store.put_intent("w1", "{\"make\":1}".into()).unwrap();
        store.put_intent("w2", "{}".into()).unwrap();
        store.done_intent("w2").unwrap();
    }
    let (store, _) = open(&path);
    assert_eq!(store.sessions().unwrap(), [(a.clone(), first, "{\"v\":2}".to_owned()), (b.clone(), second, "{}".to_owned())]);
    assert_eq!(store.events(Some(&a), 10).unwrap().into_iter().map(|e| (e.wall_ms, e.text)).collect::<Vec<_>>(), [(5, "started".to_owned())]);
    assert_eq!(store.events(None, 10).unwrap().len(), 2);
    assert_eq!(store.view("main").unwrap().as_deref(), Some("[1]"));
    assert_eq!(store.view("none").unwrap(), None);
    assert_eq!(store.intents().unwrap(), [("w1".to_owned(), "{\"make\":1}".to_owned())]);
    assert!(store.next_number() > second);
    store.delete_session(&a);
    assert_eq!(store.sessions().unwrap().len(), 1);
    assert!(store.events(Some(&a), 10).unwrap().is_empty());
    // A number is never used again, also when its session is gone.
    store.delete_session(&b);
    store.flush().unwrap();
    drop(store);
    assert!(open(&path).0.next_number() > second + 1);
    for entry in std::fs::read_dir(tmp.path()).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().mode() & 0o077, 0);
    }
}

#[test]
fn an_intent_makes_what_came_before_it_durable() {
    let tmp = tempfile::tempdir().unwrap();
    let path = tmp.path().join("state.db");
    let (store, _) = open(&path);
    let a = id();
    let number = store.next_number();
    store.put_session(&a, number, "{}".into());
    store.put_intent("i", "{}".into()).unwrap();
    // As after `kill -9`: the files are taken as they lie, the first store never ends properly.
    let copy = tempfile::tempdir().unwrap();
    for name in ["state.db", "state.db-wal"] {
        std::fs::copy(tmp.path().join(name), copy.path().join(name)).unwrap();
    }
    let (again, opened) = open(&copy.path().join("state.db"));
    assert_eq!(opened.recovered_from, None);
    assert_eq!(again.sessions().unwrap(), [(a, number, "{}".to_owned())]);
    assert_eq!(again.intents().unwrap().len(), 1);
    assert!(again.next_number() > number);
}

#[test]
fn a_timeline_keeps_its_newest() {
    let store = Store::memory().unwrap();
    let (a, b) = (id(), id());
    store.append_event(&b, 0, "kept".into());
    for i in 0..EVENTS_PER_SESSION as u64 + 300 {
        store.append_event(&a, i, i.to_string());
        if i % 500 == 0 {
            store.flush().unwrap();
        }
    }
    let all = store.events(Some(&a), 100_000).unwrap();
    assert_eq!(all.len(), EVENTS_PER_SESSION);
    assert_eq!((all[0].wall_ms, all[all.len() - 1].wall_ms), (300, EVENTS_PER_SESSION as u64 + 299));
    assert_eq!(store.events(Some(&a), 3).unwrap().iter().map(|e| e.wall_ms).collect::<Vec<_>>(), [2297, 2298, 2299]);
    assert_eq!(store.events(Some(&b), 3).unwrap().len(), 1);
}

#[test]
fn damaged_files_are_set_aside_whole_and_reported() {
    let sound = {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("state.db");
        let (store, _) = open(&path);
        for i in 0..400 {
            store.put_session(&id(), i, format!("{{\"pad\":\"{}\"}}", "x".repeat(500)));
        }
        drop(store);
        std::fs::read(&path).unwrap()
    };
    assert!(sound.len() > 100_000);
    let mut holed = sound.clone();
    holed[4096..60_000].fill(0xAA);
    let variants: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("garbage", b"this is not a database, it is a letter".repeat(200)),
        ("cut", sound[..sound.len() / 2 + 100].to_vec()),
        ("header only", sound[..100].to_vec()),
        ("zeros", vec![0; 8192]),
        ("holed", holed),
    ];
    for (what, bytes) in variants {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("state.db");
        std::fs::write(&path, &bytes).unwrap();
        std::fs::write(tmp.path().join("state.db-wal"), b"old journal").unwrap();
        let (store, opened) = open(&path);
        let aside = opened.recovered_from.unwrap_or_else(|| panic!("{what} was taken as sound"));
        assert!(aside.to_str().unwrap().contains("state.db.corrupt-"), "{what}");
        assert_eq!(std::fs::read(&aside).unwrap(), bytes, "{what}: the damaged file was changed");
        let a = id();
        store.put_session(&a, 1, "{}".into());
        assert_eq!(store.sessions().unwrap().len(), 1, "{what}");
        drop(store);
        assert!(integrity(&path).unwrap().is_empty(), "{what}");
        // Twice within a second: the second copy gets a name of its own.
        std::fs::write(&path, b"").unwrap();
        assert_ne!(open(&path).1.recovered_from.unwrap(), aside);
    }
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let tmp = tempfile::tempdir().unwrap();
    let path = tmp.path().join("state.db");
    drop(open(&path));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[60..64].copy_from_slice(&99u32.to_be_bytes()); // the header's user version
    std::fs::write(&path, &bytes).unwrap();
    let e = Store::open(&path).unwrap_err();
    assert!(matches!(e, StoreError::TooNew { found: 99, .. }), "{e}");
    assert_eq!(std::fs::read(&path).unwrap()[60..64], 99u32.to_be_bytes());
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("file");
    std::fs::write(&file, "x").unwrap();
    for path in [file.join("state.db"), tmp.path().join("missing/state.db"), tmp.path().to_owned()] {
        let e = Store::open(&path).unwrap_err();
        assert!(matches!(e, StoreError::Unwritable { .. }), "{e:?}");
        assert!(e.to_string().contains("XDG_STATE_HOME"), "{e}");
    }
}

#[test]
fn many_threads_share_a_store() {
    let store = Store::memory().unwrap();
    let mut numbers: Vec<u32> = std::thread::scope(|s| {
        let all: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                s.spawn(move || {
                    let n = store.next_number();
                    for v in 0..200 {
                        store.put_session(&id(), n, format!("{v}"));
                    }
                    n
                })
            })
            .collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=8).collect::<Vec<u32>>());
    assert_eq!(store.sessions().unwrap().len(), 1600);
    assert_eq!(store.health(), Default::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Any order of puts, deletes and flushes leaves what a plain map would hold.
    #[test]
    fn it_behaves_like_a_map(steps in proptest::collection::vec((0usize..4, 0u8..5, any::<u16>()), 0..60)) {
        let store = Store::memory().unwrap();
        let ids: Vec<SessionId> = (0..4).map(|_| id()).collect();
        let mut map = std::collections::BTreeMap::new();
        for (who, what, value) in steps {
            match what {
                0 => { store.delete_session(&ids[who]); map.remove(&who); }
                1 => store.flush().unwrap(),
                _ => { store.put_session(&ids[who], who as u32, value.to_string()); map.insert(who, value.to_string()); }
            }
        }
        let found: Vec<(u32, String)> = store.sessions().unwrap().into_iter().map(|(_, n, doc)| (n, doc)).collect();
        let wanted: Vec<(u32, String)> = map.into_iter().map(|(who, v)| (who as u32, v)).collect();
        prop_assert_eq!(found, wanted);
    }
}
