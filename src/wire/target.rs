//! Which session is meant. Must not know which sessions there are.

/// A session as people name it: number, `#number`, `session-id-N`, name, id, unique prefix, or `all`.
pub type Target = String;
