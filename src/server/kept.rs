//! Texts that did not reach their agent and are too long for an error's line: whole, as files in the session's folder, until it is
//! dismissed. Must not know why they were not delivered.

use super::hub::Hub;
use crate::base::{Now, SessionId};
use crate::model::Command;
use crate::store::atomic_write;
use crate::wire::report::Report;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Texts kept of one session; the oldest goes.
const MOST: usize = 20;

/// Keeps a text, and says where.
pub fn keep(hub: &Rc<Hub>, id: SessionId, text: String) {
    let task_hub = Rc::clone(hub);
    hub.spawn("a text is kept", async move {
        let dir = match task_hub.paths.ensure_session_dir(&id) {
            Ok(dir) => dir,
            Err(e) => return tracing::error!(session = %id, "a text that was not delivered cannot be kept: {e}"),
        };
        match tokio::task::spawn_blocking(move || write(&dir, &text)).await {
            Ok(Ok(file)) => {
                let text = format!("the text that was not delivered is whole in {}", file.display());
                task_hub.apply(Command::Report { id, report: Report::Note { text } });
            }
            Ok(Err(e)) => tracing::error!(session = %id, "a text that was not delivered cannot be kept: {e}"),
            Err(_) => {}
        }
    });
}

fn write(dir: &Path, text: &str) -> Result<PathBuf, String> {
    let ours = |p: &PathBuf| p.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with("unsent-") && n.ends_with(".txt"));
    let mut old: Vec<PathBuf> = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).filter(ours).collect();
    old.sort();
    let mut at = Now::read().wall_ms;
    let mut file = dir.join(format!("unsent-{at:014}.txt"));
    while old.contains(&file) {
        at += 1;
        file = dir.join(format!("unsent-{at:014}.txt"));
    }
    atomic_write(&file, text.as_bytes(), 0o600).map_err(|e| e.to_string())?;
    for gone in old.iter().take((old.len() + 1).saturating_sub(MOST)) {
        let _ = std::fs::remove_file(gone);
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_whole_and_the_oldest_go() {
        let dir = tempfile::tempdir().unwrap();
        let files: Vec<PathBuf> = (0..MOST + 3).map(|i| write(dir.path(), &format!("{i}\n\t{}", "x".repeat(100_000))).unwrap()).collect();
        let last = std::fs::read_to_string(files.last().unwrap()).unwrap();
        assert!(last.starts_with("22\n\tx") && last.len() == 100_004);
        assert_eq!(files.iter().filter(|f| f.exists()).count(), MOST);
        assert!(!files[0].exists());
    }
}
