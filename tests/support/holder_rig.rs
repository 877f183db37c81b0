//! What the tests of the holder stand on: folders of their own, sessions in them, patience, and a guard that leaves no process.

use copilot_tui::base::{SessionId, Size};
use copilot_tui::pty::{self, HolderDirs, Ident, LaunchSpec, Leased, ReadOutcome, tree};
use std::future::Future;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long anything may take before a test says it will not happen.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A server's folders, and every session that was started in them.
pub struct Rig {
    pub dirs: HolderDirs,
    _tmp: tempfile::TempDir,
}

impl Rig {
    pub fn new() -> Rig {
        let tmp = tempfile::Builder::new().prefix("ct-").tempdir().unwrap();
        let mut dirs = HolderDirs::new(tmp.path().join("run"), tmp.path().join("state"));
        dirs.exe = PathBuf::from(env!("CARGO_BIN_EXE_copilot-tui"));
        Rig { dirs, _tmp: tmp }
    }

    /// A session that runs `argv` in `/`, 80x24, with a small environment.
    pub fn spec(&self, argv: &[&str]) -> LaunchSpec {
        LaunchSpec {
            id: SessionId::random(),
            argv: argv.iter().map(|a| a.to_string()).collect(),
            cwd: "/".into(),
            env: vec![("PATH".into(), std::env::var("PATH").unwrap()), ("TERM".into(), "xterm-256color".into())],
            size: Size::DEFAULT,
            umask: 0o022,
        }
    }

    pub async fn launch(&self, argv: &[&str]) -> (SessionId, Leased) {
        let spec = self.spec(argv);
        let leased = pty::launch(&spec, &self.dirs).await.unwrap();
        (spec.id, leased)
    }

    pub async fn sh(&self, script: &str) -> (SessionId, Leased) {
        self.launch(&["sh", "-c", script]).await
    }

    pub async fn attach(&self, id: &SessionId) -> Leased {
        within("attach", pty::attach(id, &self.dirs)).await.unwrap()
    }

    /// Nothing of any session is left: no socket, no process.
    pub async fn is_empty(&self) -> bool {
        pty::list_holders(&self.dirs).unwrap().is_empty() && std::fs::read_dir(self.dirs.holders()).map_or(0, Iterator::count) == 0
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // A failed test must not leave processes behind either.
        for id in pty::list_holders(&self.dirs).unwrap_or_default() {
            for (of, pid) in pty::holder_processes() {
                if of == id {
                    let _ = Ident::of(pid).and_then(|p| p.signal(9));
                }
            }
            pty::kill_tree_by_session(&id, Duration::from_secs(5));
        }
    }
}

/// `future`, or a failed test.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// Looks until `fact` holds, or fails the test.
pub async fn eventually(what: &str, mut fact: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !fact() {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// Reads into `seen` until it holds `text`; stores an empty snapshot when the ring is full.
pub async fn read_until(l: &mut Leased, seen: &mut String, text: &str) {
    within(&format!("reading {text:?}"), async {
        while !seen.contains(text) {
            match read_some(l, seen).await {
                true => {}
                false => panic!("the terminal ended before {text:?}: {seen:?}"),
            }
        }
    })
    .await;
}

/// Reads until everybody who had the terminal open is gone.
pub async fn read_to_end(l: &mut Leased, seen: &mut String) {
    within("the end of the terminal", async { while read_some(l, seen).await {} }).await;
}

/// Reads once; `false` at the end.
pub async fn read_some(l: &mut Leased, seen: &mut String) -> bool {
    l.master.readable().await;
    match l.master.try_read(&mut l.ring, 64 * 1024).unwrap() {
        ReadOutcome::Data(bytes) => seen.push_str(&String::from_utf8_lossy(bytes)),
        ReadOutcome::WouldBlock => {}
        ReadOutcome::Full => {
            let head = l.ring.head();
            l.ring.store_snapshot(head, b"").unwrap();
        }
        ReadOutcome::Eof => return false,
    }
    true
}

/// Types text, all of it.
pub async fn type_text(l: &Leased, text: &str) {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        l.master.writable().await;
        match l.master.try_write(rest) {
            Ok(n) => rest = &rest[n..],
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(e) => panic!("{e}"),
        }
    }
}

/// Identities of all that lives below a holder.
pub fn below(holder: i32) -> Vec<Ident> {
    tree::descendants_brief(holder).iter().filter(|p| p.is_alive()).map(tree::Brief::ident).collect()
}

/// Processor time of all that lives below a holder, in milliseconds.
pub fn cpu_below(holder: i32) -> u64 {
    tree::descendants_brief(holder).iter().map(|p| p.cpu_ms).sum()
}

/// Whether a process runs (a dead one nobody collected does not).
pub fn lives(p: Ident) -> bool {
    tree::brief(p.pid).is_ok_and(|b| b.ident() == p && b.is_alive())
}
