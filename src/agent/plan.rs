//! From an agent and a task to a command line. Must not know how it is run.

use super::spec::{AgentSpec, Delivery};
use super::template::fill;
use crate::base::id::random_u64;
use std::path::Path;

/// The longest task handed over as an argument, in bytes: Linux takes no single argument above 128 KiB. A longer one is typed.
pub const MAX_ARGUMENT: usize = 100 * 1024;

/// What an agent is started for.
#[derive(Debug, Clone, Default)]
pub struct PlanInput<'a> {
    /// The task's text.
    pub task: Option<&'a str>,
    /// The folder it will work in.
    pub cwd: &'a str,
    /// The id of the new conversation ([`uuid4`]).
    pub uuid: &'a str,
    /// An old conversation to go on with.
    pub conversation: Option<&'a str>,
    /// Arguments of the user's.
    pub extra: &'a [String],
    /// The program that was found; the first candidate's name when `None`.
    pub program: Option<&'a Path>,
}

/// How to start it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchPlan {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Environment to set, over the session's.
    pub env_set: Vec<(String, String)>,
    /// Environment to take away, after that.
    pub env_unset: Vec<String>,
    /// A task to type once the pane has been quiet for [`super::QUIET_BEFORE_TYPING_MS`].
    pub type_after: Option<String>,
    /// The conversation to resume later, when it is known now.
    pub conversation: Option<String>,
    /// Whether its turns end with a wait for a follow-up.
    pub interactive: bool,
    /// Its log, once the conversation is known; `~/` is the home folder.
    pub log: Option<String>,
}

/// The plan for an agent.
pub fn plan(spec: &AgentSpec, input: &PlanInput<'_>) -> LaunchPlan {
    let task = input.task.map(|t| t.replace('\0', "")).filter(|t| !t.trim().is_empty() && spec.delivery != Delivery::None);
    let fits = task.as_ref().is_some_and(|t| t.len() <= MAX_ARGUMENT) && spec.delivery == Delivery::Argument;
    let launch = &spec.launch;
    let (plain, with_task) = match (input.conversation, &launch.resume) {
        (Some(_), Some(resume)) => (resume, &launch.resume_with_task),
        _ => (&launch.without_task, &launch.with_task),
    };
    let (template, as_argument) = match with_task {
        Some(template) if fits => (template, true),
        _ => (plain, false),
    };
    let resumed = input.conversation.filter(|_| launch.resume.is_some());
    let words = [
        ("{task}", task.as_deref().unwrap_or_default()),
        ("{uuid}", input.uuid),
        ("{cwd}", input.cwd),
        ("{conversation}", resumed.unwrap_or_default()),
    ];
    let mut argv = vec![match input.program {
        Some(path) => path.to_string_lossy().into_owned(),
        None => spec.program.first().cloned().unwrap_or_else(|| spec.name.clone()),
    }];
    if !template.iter().any(|a| a == "{extra}") {
        argv.extend_from_slice(input.extra);
    }
    for argument in template {
        match argument.as_str() {
            "{extra}" => argv.extend_from_slice(input.extra),
            _ => argv.push(fill(argument, &words)),
        }
    }
    let conversation = match resumed {
        Some(old) => Some(old.to_owned()),
        None => template.iter().any(|a| a.contains("{uuid}")).then(|| input.uuid.to_owned()),
    };
    LaunchPlan {
        argv,
        env_set: environment(&spec.env_set),
        env_unset: spec.env_unset.clone(),
        type_after: if as_argument { None } else { task },
        log: conversation.as_ref().and_then(|c| Some(fill(spec.log_file.as_ref()?, &[("{conversation}", c), ("{cwd_dashes}", &dashes(input.cwd))]))),
        conversation,
        interactive: spec.interactive,
    }
}

/// The plan for a command line in place of an agent. `argv` must not be empty.
pub fn plan_command(argv: &[String]) -> LaunchPlan {
    LaunchPlan {
        argv: argv.to_vec(),
        env_set: environment(&[]),
        env_unset: Vec::new(),
        type_after: None,
        conversation: None,
        interactive: false,
        log: None,
    }
}

/// What a pane is, then what the agent's file says. A pane is a terminal of ours, not the one its client runs in; an agent that
/// is told another name is told no version.
fn environment(of_agent: &[(String, String)]) -> Vec<(String, String)> {
    let mut out = vec![("TERM".to_owned(), "xterm-256color".to_owned()), ("COLORTERM".to_owned(), "truecolor".to_owned())];
    if !of_agent.iter().any(|(name, _)| name == "TERM_PROGRAM") {
        out.push(("TERM_PROGRAM".to_owned(), "copilot-tui".to_owned()));
        out.push(("TERM_PROGRAM_VERSION".to_owned(), env!("CARGO_PKG_VERSION").to_owned()));
    }
    out.retain(|(name, _)| !of_agent.iter().any(|(n, _)| n == name));
    out.extend_from_slice(of_agent);
    out
}

/// A path as the name of one folder.
fn dashes(path: &str) -> String {
    path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// A random UUID (version 4), as agents take for the id of a conversation.
pub fn uuid4() -> String {
    let bits = (u128::from(random_u64()) << 64) | u128::from(random_u64());
    let bits = (bits & !(0xF << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let part = |range| hex.get(range).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Catalog;
    use proptest::prelude::*;

    /// What has Codex say what it asks for.
    const CODEX_NOTICES: &str =
        r#"|-c|tui.notifications=["approval-requested"]|-c|tui.notification_condition="always"|-c|tui.notification_method="osc9""#;

    fn argv(name: &str, task: Option<&str>, conversation: Option<&str>, extra: &[&str]) -> LaunchPlan {
        let extra: Vec<String> = extra.iter().map(|s| (*s).to_owned()).collect();
        let input = PlanInput { task, cwd: "/w", uuid: "U", conversation, extra: &extra, program: None };
        plan(Catalog::builtin().get(name).unwrap(), &input)
    }

    #[test]
    fn each_agent_gets_its_task_its_own_way() {
        for (name, task, conversation, want) in [
            ("copilot", Some("do it"), None, "copilot|--session-id|U|-x|-i|do it"),
            ("copilot", None, None, "copilot|--session-id|U|-x"),
            ("copilot", Some("more"), Some("C"), "copilot|--resume=C|-x|-i|more"),
            ("codex", Some("-rf"), None, "codex|--no-daemon|-x|--|-rf"),
            ("codex", None, Some("C"), "codex|resume|--no-daemon|-x|C"),
            ("claude", Some("do it"), None, "claude|--session-id|U|--permission-mode|manual|-x|--|do it"),
            ("gemini", Some("do it"), None, "gemini|--session-id|U|-x|-i|do it"),
            ("qwen", Some("do it"), None, "qwen|--session-id|U|--approval-mode|default|-x|-i|do it"),
            ("opencode", Some("do it"), None, "opencode|-x|--prompt|do it"),
            ("aider", Some("do it"), None, "aider|-x"),
        ] {
            let p = argv(name, task, conversation, &["-x"]);
            assert_eq!(p.argv.join("|").replace(CODEX_NOTICES, ""), want);
            assert_eq!(p.type_after.is_some(), name == "aider", "{name}");
        }
    }

    #[test]
    fn conversations_are_known_where_we_choose_them() {
        assert_eq!(argv("claude", None, None, &[]).conversation.as_deref(), Some("U"));
        assert_eq!(argv("claude", None, Some("C"), &[]).conversation.as_deref(), Some("C"));
        assert_eq!(argv("codex", None, None, &[]).conversation, None);
        let log = argv("copilot", None, None, &[]).log;
        assert_eq!(log.as_deref(), Some("~/.copilot/session-state/U/events.jsonl"));
        assert_eq!(argv("claude", None, None, &[]).log.as_deref(), Some("~/.claude/projects/-w/U.jsonl"));
        let p = argv("opencode", Some("more"), Some("C"), &[]);
        assert_eq!((p.argv.join("|").as_str(), p.type_after.as_deref()), ("opencode|-s|C", Some("more")));
    }

    #[test]
    fn a_shell_never_gets_a_task_typed() {
        let p = argv("shell", Some("rm -rf everything"), None, &[]);
        assert_eq!((p.argv.len(), p.type_after), (1, None));
    }

    #[test]
    fn long_tasks_are_typed_and_nul_never_reaches_an_argument() {
        let long = "x".repeat(MAX_ARGUMENT + 1);
        let p = argv("codex", Some(&long), None, &[]);
        assert_eq!((p.argv.join("|").replace(CODEX_NOTICES, "").as_str(), p.type_after.map(|t| t.len())), ("codex|--no-daemon", Some(long.len())));
        assert_eq!(argv("codex", Some("a\0b"), None, &[]).argv.last().unwrap(), "ab");
    }

    #[test]
    fn a_pane_is_a_terminal_of_ours() {
        let get = |p: &LaunchPlan, n: &str| p.env_set.iter().find(|v| v.0 == n).map(|v| v.1.clone());
        let codex = argv("codex", None, None, &[]);
        assert_eq!(get(&codex, "TERM_PROGRAM").as_deref(), Some("copilot-tui"));
        let copilot = argv("copilot", None, None, &[]);
        assert_eq!((get(&copilot, "TERM_PROGRAM").as_deref(), get(&copilot, "TERM_PROGRAM_VERSION")), (Some("ghostty"), None));
        assert_eq!(plan_command(&["make".into()]).argv, ["make"]);
    }

    #[test]
    fn uuids_are_version_4() {
        let u = uuid4();
        assert_eq!((u.len(), u.as_bytes()[14], u.matches('-').count()), (36, b'4', 4));
        assert!(b"89ab".contains(&u.as_bytes()[19]));
        assert_ne!(u, uuid4());
    }

    proptest! {
        #[test]
        fn a_task_is_one_argument_whatever_it_says(task in "\\PC{1,80}") {
            let p = argv("copilot", Some(&task), None, &[]);
            if !task.trim().is_empty() {
                prop_assert_eq!(p.argv.len(), 5);
                prop_assert_eq!(&p.argv[4], &task);
            }
        }
    }
}
