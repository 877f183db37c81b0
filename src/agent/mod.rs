//! What each agent CLI is, from TOML. Must not know drawing.
