//! Where everything of one server lives. [`Paths::resolve`] only computes (so that `doctor` and `config path` can show it);
//! [`Paths::ensure`] makes the folders and checks them. Must not know what is written there.

use super::dirs;
use super::error::PathsError;
use crate::base::SessionId;
use crate::base::text::safe_line;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The longest path a unix socket can have on Linux, in bytes (`sun_path` less its final NUL).
pub const MAX_SOCKET_PATH: usize = 107;

/// Room below the runtime folder for the longest socket name in it (`/holders/<id>.sock.new`).
const SOCKET_ROOM: usize = 32;

const APP: &str = "copilot-tui";

/// The folders of one server. All absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The server's name.
    pub server: String,
    /// Sockets and lock. Gone after a reboot.
    pub runtime: PathBuf,
    /// Database, log, what belongs to sessions. Stays.
    pub state: PathBuf,
    /// The user's settings; shared by all servers.
    pub config: PathBuf,
    /// What a person should know of the choice (an unusable `XDG_RUNTIME_DIR`, a path that was too long).
    pub notes: Vec<String>,
    /// The folder that is checked as tmux does, when `runtime` lies below `/tmp`.
    tmp_base: Option<PathBuf>,
}

impl Paths {
    /// Computes the paths from an environment; makes nothing.
    ///
    /// # Errors
    /// A bad server name, or no home folder.
    pub fn resolve(server: &str, env: &dyn Fn(&str) -> Option<OsString>) -> Result<Paths, PathsError> {
        check_server_name(server)?;
        let mut notes = Vec::new();
        let mut base = |variable: &'static str, below_home: &str| -> Result<PathBuf, PathsError> {
            match env(variable).map(PathBuf::from) {
                Some(p) if p.is_absolute() => return Ok(p.join(APP)),
                Some(p) if !p.as_os_str().is_empty() => notes.push(format!("{variable} is not an absolute path and was ignored")),
                _ => {}
            }
            match env("HOME").map(PathBuf::from) {
                Some(home) if home.is_absolute() => Ok(home.join(below_home).join(APP)),
                _ => Err(PathsError::NoHome { variable }),
            }
        };
        let state = base("XDG_STATE_HOME", ".local/state")?.join(server);
        let config = base("XDG_CONFIG_HOME", ".config")?;

        let uid = rustix::process::geteuid().as_raw();
        let tmp = PathBuf::from(format!("/tmp/{APP}-{uid}"));
        let wanted = match env("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|p| !p.as_os_str().is_empty()) {
            Some(dir) => match dirs::usable_runtime(&dir) {
                Ok(()) => Some(dir.join(APP).join(server)),
                Err(why) => {
                    notes.push(format!("XDG_RUNTIME_DIR ({}) {why}; using {} instead", safe_line(&dir.to_string_lossy(), 200), tmp.display()));
                    None
                }
            },
            None => None,
        };
        let (runtime, tmp_base) = match wanted {
            Some(dir) if dir.as_os_str().len() + SOCKET_ROOM <= MAX_SOCKET_PATH => (dir, None),
            Some(dir) => {
                let short = tmp.join(format!("h-{:016x}", fnv(dir.as_os_str().as_bytes())));
                notes.push(format!("{} is too long for a socket; using {} instead", safe_line(&dir.to_string_lossy(), 200), short.display()));
                (short, Some(tmp))
            }
            None => (tmp.join(server), Some(tmp)),
        };
        Ok(Paths { server: server.to_owned(), runtime, state, config, notes, tmp_base })
    }

    /// [`Paths::resolve`] with this process's environment.
    ///
    /// # Errors
    /// As `resolve`.
    pub fn from_env(server: &str) -> Result<Paths, PathsError> {
        Paths::resolve(server, &|name| std::env::var_os(name))
    }

    /// Makes the runtime and state folders (0700) and checks that nobody else can reach into them. The configuration folder is
    /// the user's own and is left alone. May be called any number of times, by any number of processes at once.
    ///
    /// # Errors
    /// A folder that cannot be made, or is a link, another user's, or open to others.
    pub fn ensure(&self) -> Result<(), PathsError> {
        const STATE: &str = "XDG_STATE_HOME";
        if let Some(app) = self.state.parent() {
            dirs::make_parents(app, STATE)?;
            dirs::private(app, dirs::Existing::Tighten, STATE)?;
        }
        dirs::private(&self.state, dirs::Existing::Tighten, STATE)?;
        for below in ["log", "sessions"] {
            dirs::private(&self.state.join(below), dirs::Existing::Tighten, STATE)?;
        }
        const RUNTIME: &str = "XDG_RUNTIME_DIR";
        match (&self.tmp_base, self.runtime.parent()) {
            (Some(base), _) => dirs::private(base, dirs::Existing::Refuse, RUNTIME)?,
            (None, Some(app)) => dirs::private(app, dirs::Existing::Refuse, RUNTIME)?,
            (None, None) => {}
        }
        dirs::private(&self.runtime, dirs::Existing::Refuse, RUNTIME)?;
        for below in ["holders", "s"] {
            dirs::private(&self.runtime.join(below), dirs::Existing::Refuse, RUNTIME)?;
        }
        Ok(())
    }

    /// Makes (0700) and returns the folder of one session.
    ///
    /// # Errors
    /// As [`Paths::ensure`].
    pub fn ensure_session_dir(&self, id: &SessionId) -> Result<PathBuf, PathsError> {
        let dir = self.session_dir(id);
        dirs::private(&dir, dirs::Existing::Tighten, "XDG_STATE_HOME")?;
        Ok(dir)
    }

    /// The server's socket.
    pub fn socket(&self) -> PathBuf {
        self.runtime.join("sock")
    }

    /// The file whose lock says that a server lives.
    pub fn lock(&self) -> PathBuf {
        self.runtime.join("lock")
    }

    /// The file whose lock lets one client at a time start a server.
    pub fn start_lock(&self) -> PathBuf {
        self.runtime.join("start.lock")
    }

    /// The server's log.
    pub fn log(&self) -> PathBuf {
        self.state.join("log").join("server.log")
    }

    /// The database.
    pub fn db(&self) -> PathBuf {
        self.state.join("state.db")
    }

    /// The folder of the holders' sockets.
    pub fn holders(&self) -> PathBuf {
        self.runtime.join("holders")
    }

    /// The socket of one holder.
    pub fn holder_socket(&self, id: &SessionId) -> PathBuf {
        self.holders().join(format!("{id}.sock"))
    }

    /// The folder of all that sessions leave.
    pub fn sessions(&self) -> PathBuf {
        self.state.join("sessions")
    }

    /// The folder of one session: snapshots, spill, spool, bridge files.
    pub fn session_dir(&self, id: &SessionId) -> PathBuf {
        self.sessions().join(id.as_str())
    }

    /// The socket on which whoever connects is inside that session.
    pub fn session_socket(&self, id: &SessionId) -> PathBuf {
        self.runtime.join("s").join(format!("{id}.sock"))
    }

    /// The user's settings file.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The user's agents.
    pub fn agents(&self) -> PathBuf {
        self.config.join("agents")
    }

    /// The user's keymaps.
    pub fn keymaps(&self) -> PathBuf {
        self.config.join("keymaps")
    }

    /// The user's themes.
    pub fn themes(&self) -> PathBuf {
        self.config.join("themes")
    }

    /// Every path a person may want to look at, with a word for it.
    pub fn shown(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("config", self.config_file()),
            ("keymaps", self.keymaps()),
            ("themes", self.themes()),
            ("agents", self.agents()),
            ("state", self.state.clone()),
            ("database", self.db()),
            ("log", self.log()),
            ("runtime", self.runtime.clone()),
            ("socket", self.socket()),
        ]
    }
}

/// Whether a name may be a server's.
///
/// # Errors
/// [`PathsError::ServerName`] when not.
pub fn check_server_name(name: &str) -> Result<(), PathsError> {
    let good = (1..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
        && name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if good { Ok(()) } else { Err(PathsError::ServerName(safe_line(name, 60))) }
}

/// FNV-1a, 64 bit: a short stable name for a long path.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

/// Whether a path is short enough for a socket.
pub fn fits_socket(path: &Path) -> bool {
    path.as_os_str().len() <= MAX_SOCKET_PATH
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::os::unix::fs::PermissionsExt;

    fn env<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<OsString> + 'a {
        move |name| pairs.iter().find(|p| p.0 == name).map(|p| OsString::from(p.1))
    }

    #[test]
    fn variables_decide_and_nothing_is_made() {
        let tmp = tempfile::tempdir().unwrap();
        std::fs::set_permissions(tmp.path(), PermissionsExt::from_mode(0o700)).unwrap();
        let root = tmp.path().to_str().unwrap();
        let home = format!("{root}/home");
        let p = Paths::resolve("main", &env(&[("HOME", &home), ("XDG_RUNTIME_DIR", root)])).unwrap();
        assert_eq!(p.socket(), tmp.path().join("copilot-tui/main/sock"));
        assert_eq!(p.db(), PathBuf::from(format!("{home}/.local/state/copilot-tui/main/state.db")));
        assert_eq!(p.config_file(), PathBuf::from(format!("{home}/.config/copilot-tui/config.toml")));
        assert!(p.notes.is_empty());
        assert_eq!(std::fs::read_dir(tmp.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_unusable_runtime_folder_falls_back_with_a_note() {
        let uid = rustix::process::geteuid().as_raw();
        for bad in ["/nonexistent/run", "relative", "/proc/version"] {
            let p = Paths::resolve("main", &env(&[("HOME", "/h"), ("XDG_RUNTIME_DIR", bad)])).unwrap();
            assert_eq!(p.runtime, PathBuf::from(format!("/tmp/copilot-tui-{uid}/main")));
            assert!(p.notes[0].contains(bad), "{:?}", p.notes);
        }
        let p = Paths::resolve("main", &env(&[("HOME", "/h")])).unwrap();
        assert_eq!((p.runtime, p.notes.len()), (PathBuf::from(format!("/tmp/copilot-tui-{uid}/main")), 0));
    }

    #[test]
    fn long_runtime_paths_get_a_short_stable_name() {
        let tmp = tempfile::tempdir().unwrap();
        let long = tmp.path().join("x".repeat(90));
        std::fs::create_dir(&long).unwrap();
        std::fs::set_permissions(&long, PermissionsExt::from_mode(0o700)).unwrap();
        let text = long.to_str().unwrap().to_owned();
        let get = |server| Paths::resolve(server, &env(&[("HOME", "/h"), ("XDG_RUNTIME_DIR", &text)])).unwrap();
        assert_eq!(get("a").runtime, get("a").runtime);
        assert_ne!(get("a").runtime, get("b").runtime);
        assert!(fits_socket(&get("a").holder_socket(&SessionId::random())));
        assert!(get("a").notes[0].contains("too long"));
    }

    #[test]
    fn no_home_says_which_variable() {
        let e = Paths::resolve("main", &env(&[])).unwrap_err();
        assert!(e.to_string().contains("XDG_STATE_HOME"), "{e}");
    }

    proptest! {
        #[test]
        fn server_names_stay_in_their_folder(name in "\\PC{0,40}") {
            if let Ok(p) = Paths::resolve(&name, &env(&[("HOME", "/h")])) {
                prop_assert!(p.state.parent() == Some(Path::new("/h/.local/state/copilot-tui")));
                prop_assert!(name.len() <= 32 && !name.contains('/') && !name.starts_with(['.', '-']));
                prop_assert!(fits_socket(&p.session_socket(&SessionId::random())));
            }
        }
    }
}
