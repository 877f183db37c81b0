//! Paths, lock, peer check, framed streams. Must not know the model.
