//! Settings, keymaps and themes from TOML layers, with diagnostics. Must not know terminals.
