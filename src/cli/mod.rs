//! The command line. Must not know drawing.
