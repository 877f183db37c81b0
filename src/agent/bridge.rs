//! How an agent is wired to us for one launch: arguments, files of the session's own folder, what its hooks and its event stream
//! mean. Nothing of the user's is touched. Must not know processes, nor who is told.

use super::optional::Optional;
use std::path::{Path, PathBuf};

/// What an event of an agent does. Places in an event are JSON pointers (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookAct {
    /// A turn goes on.
    Works,
    /// The turn is over.
    Over,
    /// A prompt opens, of this kind: `permission` or `question`.
    Asks(String),
    /// The prompt with the same id is answered; all of them when the event names none.
    Answered,
    /// Something failed.
    Fails,
    /// A conversation begins, or goes on under another id.
    Begins,
    /// The list of things to do stands in the event.
    Todos,
    /// The list of things to do in the agent's database may have changed.
    TodosChanged,
}

/// One kind of event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookRule {
    /// Its name.
    pub event: String,
    /// Place and text that must be there, too.
    pub only: Option<(String, String)>,
    /// What it does.
    pub act: HookAct,
    /// Where the prompt's id stands.
    pub id: Option<String>,
    /// Where its text stands; the first that is there is taken.
    pub text: Vec<String>,
    /// Where the tool's name stands.
    pub tool: Option<String>,
    /// What else of the event an answer needs, as JSON: `{input}` in what says yes.
    pub input: Option<String>,
    /// Of an edit: where the file's name stands,
    pub file: Option<String>,
    /// the text that would be replaced,
    pub old: Vec<String>,
    /// the text that would stand there, or in all of the file,
    pub new: Vec<String>,
    /// whether it is replaced wherever it stands,
    pub everywhere: Option<String>,
    /// or a diff.
    pub diff: Vec<String>,
    /// Where a list of choices stands.
    pub options: Option<String>,
    /// What says yes, and what says no: printed by a hook, posted to a server. `{reason}` and `{id}` are replaced.
    pub allow: Option<String>,
    /// What says no.
    pub deny: Option<String>,
    /// Where an answer is posted.
    pub post: Option<String>,
    /// While the hook is held the agent shows nothing: a person who looks at its terminal gets the agent's own dialog.
    pub hides_dialog: bool,
}

/// How an agent is wired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridge {
    /// Arguments, before the user's own. `{bridge}` is the folder of the files, `{port}` a free port of this machine.
    pub arguments: Vec<String>,
    /// Environment; `{secret}` is a word only this session has.
    pub env: Vec<(String, String)>,
    /// Files by their path below the folder. `{hook}` is the command that tells us, for a shell and within a JSON text;
    /// `{hook_list}` the same as the words of a TOML list. The event is to be added.
    pub files: Vec<(String, String)>,
    /// The conversation's id in an event.
    pub conversation: Option<String>,
    /// Only events of this conversation speak of the session's state (helpers have ids of their own).
    pub own_only: bool,
    /// A place that only events of helpers have.
    pub helper: Option<String>,
    /// Events are read from `http://127.0.0.1:{port}` at this path (server-sent events).
    pub stream: Option<String>,
    /// What is asked for when the stream is connected, in this order: what was said before, or while it was broken.
    pub anew: Vec<Anew>,
    /// User of the stream; the password is `{secret}`.
    pub user: String,
    /// What events mean.
    pub rules: Vec<HookRule>,
    /// SQLite file with the things to do; `~/` is the home folder, `{conversation}` is replaced.
    pub todo_db: Option<String>,
    /// The query: two columns, text and state.
    pub todo_query: Option<String>,
    /// Parts that give way to what the user has set.
    pub optional: Vec<Optional>,
    /// How long a hook of ours is held open for an answer, in seconds; a little less than the agent waits for it.
    pub hold_s: u64,
}

/// A list that the agent's server gives at any time, read as the events that would have told of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Anew {
    /// Where.
    pub path: String,
    /// The event that each of its values is the properties of.
    pub event: String,
    /// Of a table by conversation: under which name the conversation, and the value, stand in the event.
    pub key: Option<String>,
    /// See `key`.
    pub value: Option<String>,
    /// The event when the session's own conversation is not in the table.
    pub absent: Option<String>,
}

/// What one launch is wired with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wired {
    /// Arguments.
    pub arguments: Vec<String>,
    /// Environment to set.
    pub env: Vec<(String, String)>,
    /// Files to write, absolute, and what stands in them.
    pub files: Vec<(PathBuf, String)>,
}

/// Longest time a hook of ours may be held by an agent, in seconds; our files say so to the agents.
pub const HOOK_TIMEOUT_S: u64 = 3600;

/// Longest time a hook is held, in seconds: it gives up a little before the agent would.
pub const HOLD_S: u64 = HOOK_TIMEOUT_S - 5;

impl Default for Bridge {
    fn default() -> Bridge {
        Bridge {
            arguments: Vec::new(),
            env: Vec::new(),
            files: Vec::new(),
            conversation: None,
            own_only: false,
            helper: None,
            stream: None,
            anew: Vec::new(),
            user: String::new(),
            rules: Vec::new(),
            todo_db: None,
            todo_query: None,
            optional: Vec::new(),
            hold_s: HOLD_S,
        }
    }
}

impl Bridge {
    /// The wiring of one launch: the parts that need not give way are among the others. `launch` are its arguments, `var` is its
    /// environment.
    pub fn settled(&self, launch: &[&str], var: &dyn Fn(&str) -> Option<String>, cwd: &Path) -> Bridge {
        let mut out = self.clone();
        for part in std::mem::take(&mut out.optional) {
            if !part.gives_way(launch, var, cwd) {
                out.arguments.extend(part.arguments);
                out.env.extend(part.env);
            }
        }
        out
    }

    /// Whether anything has to be made for a launch.
    pub fn is_empty(&self) -> bool {
        self.arguments.is_empty() && self.env.is_empty() && self.files.is_empty() && self.optional.is_empty()
    }

    /// What a launch is wired with. `program` is ours, `server` the name of the server that is to be told.
    pub fn wire(&self, agent: &str, dir: &Path, program: &Path, server: &str, port: u16, secret: &str) -> Wired {
        let program_text = program.to_string_lossy();
        let command = [&*program_text, "--server", server, "hook", agent];
        let as_list = command.map(|w| toml::Value::String(w.to_owned()).to_string()).join(", ");
        let command = command.map(shell_word).join(" ");
        // Inside a JSON text, without its quotes.
        let quoted = serde_json::to_string(&command).unwrap_or_default();
        let in_json = quoted.trim_matches('"').to_owned();
        let dir_text = dir.to_string_lossy();
        let port = port.to_string();
        let words: &[(&str, &str)] = &[
            ("{bridge}", &dir_text),
            ("{hook}", &in_json),
            ("{hook_list}", &as_list),
            ("{program}", &program_text),
            ("{server}", server),
            ("{port}", &port),
            ("{secret}", secret),
        ];
        let fill = |text: &str| super::template::fill(text, words);
        Wired {
            arguments: self.arguments.iter().map(|a| fill(a)).collect(),
            env: self.env.iter().map(|(k, v)| (k.clone(), fill(v))).collect(),
            files: self.files.iter().map(|(path, text)| (dir.join(path), fill(text))).collect(),
        }
    }
}

/// A word as a POSIX shell reads it back.
fn shell_word(word: &str) -> String {
    if !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b)) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Catalog;

    #[test]
    fn files_are_the_sessions_own_and_name_our_program() {
        let catalog = Catalog::builtin();
        let dir = Path::new("/s/x y/bridge");
        let program = Path::new("/opt/it's/copilot-tui");
        let copilot = &catalog.get("copilot").unwrap().bridge;
        let wired = copilot.wire("copilot", dir, program, "default", 0, "");
        assert_eq!(wired.arguments, ["--plugin-dir", "/s/x y/bridge"]);
        for (path, text) in &wired.files {
            assert!(path.starts_with(dir));
            let json: serde_json::Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{}: {e}\n{text}", path.display()));
            if let Some(hook) = json.pointer("/hooks/permissionRequest/0/bash") {
                assert_eq!(hook, r"'/opt/it'\''s/copilot-tui' --server default hook copilot permissionRequest || true");
            }
        }
        let claude = catalog.get("claude").unwrap().bridge.wire("claude", dir, program, "default", 0, "");
        let settings = &claude.files.first().unwrap().1;
        let json: serde_json::Value = serde_json::from_str(settings).unwrap();
        assert_eq!(json.pointer("/hooks/PermissionRequest/0/hooks/0/timeout").and_then(|t| t.as_u64()), Some(HOOK_TIMEOUT_S));
        let opencode = catalog.get("opencode").unwrap().bridge.wire("opencode", dir, program, "default", 4711, "s3cret");
        assert_eq!(opencode.arguments, ["--port", "4711"]);
        assert!(opencode.env.contains(&("OPENCODE_SERVER_PASSWORD".into(), "s3cret".into())));
    }
}
