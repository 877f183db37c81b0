//! Bytes in, grid and events out. The only user of vte and vt100. Must not know processes.
