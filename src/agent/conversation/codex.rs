//! The log of OpenAI Codex CLI, `$CODEX_HOME/sessions/YYYY/MM/DD/rollout-<time>-<id>.jsonl`: `{timestamp, ordinal, type,
//! payload}`, of which `response_item` is what went to and came from the model. Must not know other formats.

use super::{text_of, tool};
use crate::task::{Turn, Who};
use serde_json::Value;

/// How texts begin that the program itself puts into the person's mouth.
const NOT_SAID: [&str; 5] = ["<environment_context>", "<user_instructions>", "<permissions", "# AGENTS.md instructions", "<turn_aborted>"];

/// The turns of one line.
pub(super) fn turns(event: &Value) -> Vec<Turn> {
    if event.get("type").and_then(Value::as_str) != Some("response_item") {
        return Vec::new();
    }
    let item = event.get("payload").unwrap_or(&Value::Null);
    let word = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
    let text = || text_of(item.get("content").unwrap_or(&Value::Null), &["input_text", "output_text", "text"]);
    let turn = match (word("type"), word("role")) {
        ("message", "user") => {
            Some(text()).filter(|t| !NOT_SAID.iter().any(|n| t.trim_start().starts_with(n))).and_then(|t| Turn::new(Who::Person, &t))
        }
        ("message", "assistant") => Turn::new(Who::Agent, &text()),
        ("function_call", _) => tool(word("name"), item.get("arguments").unwrap_or(&Value::Null)),
        ("custom_tool_call", _) => tool(word("name"), item.get("input").unwrap_or(&Value::Null)),
        ("local_shell_call", _) => tool("shell", item.get("action").unwrap_or(&Value::Null)),
        _ => None,
    };
    turn.into_iter().collect()
}

#[cfg(test)]
pub(super) const SAMPLE: &str = r#"{"timestamp":"2026-11-21T06:07:43.751Z","ordinal":0,"type":"session_meta","payload":{"id":"u","cwd":"/p","originator":"codex_exec","cli_version":"0.169.0"}}
{"timestamp":"2026-11-21T06:07:43.752Z","ordinal":1,"type":"event_msg","payload":{"type":"task_started","turn_id":"t"}}
{"timestamp":"2026-11-21T06:07:43.772Z","ordinal":2,"type":"response_item","payload":{"type":"message","role":"developer","content":[{"type":"input_text","text":"<skills_instructions>"}]}}
{"timestamp":"2026-11-21T06:07:43.773Z","ordinal":3,"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context>\n  <cwd>/p</cwd>\n</environment_context>"}]}}
{"timestamp":"2026-11-21T06:07:43.811Z","ordinal":4,"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"make a file"}]}}
{"timestamp":"2026-11-21T06:07:43.814Z","ordinal":5,"type":"event_msg","payload":{"type":"item_completed","item":{"type":"UserMessage","content":[{"type":"text","text":"make a file"}]}}}
{"timestamp":"2026-11-21T06:07:44.194Z","ordinal":6,"type":"response_item","payload":{"type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"I make it.","annotations":[]}]}}
{"timestamp":"2026-11-21T06:07:44.195Z","ordinal":7,"type":"response_item","payload":{"type":"function_call","status":"completed","name":"exec_command","arguments":"{\"cmd\": \"echo hi > hello.txt\"}","call_id":"c"}}
{"timestamp":"2026-11-21T06:07:44.538Z","ordinal":8,"type":"response_item","payload":{"type":"function_call_output","call_id":"c","output":"Process exited with code 0"}}
{"timestamp":"2026-11-21T06:07:44.838Z","ordinal":9,"type":"response_item","payload":{"type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Done.","annotations":[]}]}}
"#;
