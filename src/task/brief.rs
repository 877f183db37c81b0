//! What an agent is told: the task in the user's own words, and where it works. Must not know which agent.

/// The text handed to an agent. The user's words come first and unchanged; a line about the worktree follows only where there
/// is one, because an agent that takes the main checkout for its own would work past it.
pub fn brief(task: &str, worktree: Option<(&str, &str)>) -> String {
    let task = task.trim();
    match worktree {
        None => task.to_owned(),
        Some((folder, branch)) => {
            format!(
                "{task}\n\nYou are in a git worktree of your own, {folder}, on the branch {branch}. Change files only there and commit your work there."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_words_come_first() {
        assert_eq!(brief(" Add a cache\nwith tests ", None), "Add a cache\nwith tests");
        let text = brief("Add a cache", Some(("/p-cache", "agent/cache")));
        assert!(text.starts_with("Add a cache\n\n") && text.contains("/p-cache") && text.contains("agent/cache"));
    }
}
