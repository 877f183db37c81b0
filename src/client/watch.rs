//! Tells when files of the configuration folder change. Must not read them.

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// Watches a configuration folder; also one that does not exist yet.
pub(super) struct ConfigWatch {
    watcher: Option<RecommendedWatcher>,
    folder: PathBuf,
    changed: mpsc::Receiver<()>,
}

impl ConfigWatch {
    pub fn new(folder: Option<&Path>) -> ConfigWatch {
        // One note is enough, however many files change.
        let (tell, changed) = mpsc::channel(1);
        let folder = folder.map(Path::to_owned).unwrap_or_default();
        let inside = folder.clone();
        let watcher = (!folder.as_os_str().is_empty())
            .then(|| {
                notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                    let ours = |e: &notify::Event| !e.kind.is_access() && e.paths.iter().any(|p| p.starts_with(&inside));
                    if event.as_ref().is_ok_and(ours) {
                        let _ = tell.try_send(()); // full: it will be looked at anyway
                    }
                })
                .ok()
            })
            .flatten();
        let mut watch = ConfigWatch { watcher, folder, changed };
        watch.renew();
        watch
    }

    /// Watches what exists now; folders come and go.
    pub fn renew(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        let parent = self.folder.parent().map(Path::to_owned);
        let folders = [Some(self.folder.clone()), Some(self.folder.join("themes")), Some(self.folder.join("keymaps"))];
        let mut any = false;
        for folder in folders.into_iter().flatten().filter(|f| f.is_dir()) {
            any |= watcher.watch(&folder, RecursiveMode::NonRecursive).is_ok();
        }
        if let (false, Some(parent)) = (any, parent) {
            let _ = watcher.watch(&parent, RecursiveMode::NonRecursive);
        }
    }

    /// Waits for a change; for ever when nothing is watched.
    pub async fn changed(&mut self) {
        if self.watcher.is_none() || self.changed.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_changed_file_is_noticed_also_in_a_new_folder() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("copilot-tui");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut watch = ConfigWatch::new(Some(&folder));
            let patience = Duration::from_secs(20);
            std::fs::create_dir(&folder).unwrap();
            tokio::time::timeout(patience, watch.changed()).await.expect("the folder was noticed");
            watch.renew();
            std::fs::write(folder.join("config.toml"), "[ui]\n").unwrap();
            tokio::time::timeout(patience, watch.changed()).await.expect("the file was noticed");
        });
    }
}
