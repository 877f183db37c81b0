//! Tells when files of the configuration folder change. Must not read them.

use super::mail::Address;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};

/// Watches a configuration folder; also one that does not exist yet.
pub(super) struct ConfigWatch {
    watcher: Option<RecommendedWatcher>,
    folder: PathBuf,
}

impl ConfigWatch {
    pub fn new(folder: Option<&Path>, tell: Address) -> ConfigWatch {
        let folder = folder.map(Path::to_owned).unwrap_or_default();
        let inside = folder.clone();
        let watcher = (!folder.as_os_str().is_empty())
            .then(|| {
                notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                    let ours = |e: &notify::Event| !e.kind.is_access() && e.paths.iter().any(|p| p.starts_with(&inside));
                    if event.as_ref().is_ok_and(ours) {
                        tell.files_changed();
                    }
                })
                .ok()
            })
            .flatten();
        let mut watch = ConfigWatch { watcher, folder };
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::mail::{Letter, Mailbox};
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    fn hears(mail: &mut Mailbox) -> bool {
        loop {
            match mail.take() {
                Some(Letter::ConfigChanged) => return true,
                Some(_) => {}
                None => {
                    let patience = Timespec { tv_sec: 20, tv_nsec: 0 };
                    if poll(&mut [PollFd::new(&mail.bell(), PollFlags::IN)], Some(&patience)).unwrap() == 0 {
                        return false;
                    }
                    mail.heard();
                }
            }
        }
    }

    #[test]
    fn a_changed_file_is_noticed_also_in_a_new_folder() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("copilot-tui");
        let (mut mail, address) = Mailbox::new().unwrap();
        let mut watch = ConfigWatch::new(Some(&folder), address);
        std::fs::create_dir(&folder).unwrap();
        assert!(hears(&mut mail), "the folder was noticed");
        watch.renew();
        std::fs::write(folder.join("config.toml"), "[ui]\n").unwrap();
        assert!(hears(&mut mail), "the file was noticed");
    }
}
