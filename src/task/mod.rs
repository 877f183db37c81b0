//! Task text to slug and brief. Must not know any agent's flags.
