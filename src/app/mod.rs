//! The client's pure state. Must not know sockets.
