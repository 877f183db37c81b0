//! Frames, messages, handshake. Must not know what they mean.
