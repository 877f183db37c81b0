//! Why there is no place to work in. Must not know what the place is for.

use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why there is no place to work in.
#[derive(Debug, Error)]
pub enum PathsError {
    /// The server's name cannot be a folder name.
    #[error("`{0}` is not a server name: use 1 to 32 of a-z, 0-9, `.`, `_`, `-`, beginning with a letter or digit")]
    ServerName(String),
    /// Neither `HOME` nor the XDG variable is set to an absolute path.
    #[error("no home folder: set HOME, or {variable}, to an absolute path")]
    NoHome {
        /// The variable that would do.
        variable: &'static str,
    },
    /// A folder exists, but others could get at it.
    #[error("{} is not safe to use: {found}. {hint}", path.display())]
    Unsafe {
        /// The folder.
        path: PathBuf,
        /// What was found there.
        found: String,
        /// What to do.
        hint: String,
    },
    /// A folder could not be made or read.
    #[error("cannot use the folder {}: {source}. Check its permissions, or choose another with {variable}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// The variable that moves it.
        variable: &'static str,
        /// What the system said.
        source: io::Error,
    },
}
