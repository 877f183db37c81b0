//! Repositories and worktrees. The only user of git2. Must not know sessions.
