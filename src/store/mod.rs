//! SQLite and atomic files. Must not know sockets.
