//! The log of Claude Code, `~/.claude/projects/<folder>/<id>.jsonl`: one entry a line; those with a `message` are the
//! conversation, in the form of its model's interface. Must not know other formats.

use super::{text_of, tool};
use crate::task::{Turn, Who};
use serde_json::Value;

/// The turns of one entry. Those of helpers (`isSidechain`) and what the program adds by itself (`isMeta`) are left out.
pub(super) fn turns(event: &Value) -> Vec<Turn> {
    let flag = |key: &str| event.get(key).and_then(Value::as_bool) == Some(true);
    if flag("isSidechain") || flag("isMeta") {
        return Vec::new();
    }
    let Some(content) = event.pointer("/message/content") else { return Vec::new() };
    match event.get("type").and_then(Value::as_str) {
        Some("user") => Turn::new(Who::Person, &text_of(content, &["text"])).into_iter().collect(),
        Some("assistant") => {
            let uses = content.as_array().into_iter().flatten().filter(|p| p.get("type").and_then(Value::as_str) == Some("tool_use"));
            let tools = uses.filter_map(|u| tool(u.get("name")?.as_str()?, u.get("input").unwrap_or(&Value::Null)));
            Turn::new(Who::Agent, &text_of(content, &["text"])).into_iter().chain(tools).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
pub(super) const SAMPLE: &str = r#"{"type":"queue-operation","operation":"enqueue","timestamp":"2026-11-21T06:07:46.632Z","sessionId":"u","content":"make a file"}
{"parentUuid":null,"isSidechain":false,"promptId":"p","type":"user","message":{"role":"user","content":"make a file"},"uuid":"a","timestamp":"2026-11-21T06:07:46.700Z","cwd":"/p","sessionId":"u","version":"2.1.328","gitBranch":"main"}
{"parentUuid":"a","isSidechain":false,"attachment":{"type":"prompt_snapshot","systemPrompt":["You are a program."]},"sessionId":"u"}
{"parentUuid":"a","isSidechain":false,"message":{"id":"m","type":"message","role":"assistant","content":[{"type":"text","text":"I make it."}],"stop_reason":"tool_use"},"type":"assistant","uuid":"b","sessionId":"u"}
{"parentUuid":"b","isSidechain":false,"message":{"id":"m","type":"message","role":"assistant","content":[{"type":"tool_use","id":"t","name":"Bash","input":{"command":"echo hi > hello.txt","description":"Run it"}}],"stop_reason":"tool_use"},"type":"assistant","uuid":"c","sessionId":"u"}
{"parentUuid":"c","isSidechain":false,"type":"user","message":{"role":"user","content":[{"tool_use_id":"t","type":"tool_result","content":"(no output)","is_error":false}]},"uuid":"d","sessionId":"u"}
{"parentUuid":"d","isSidechain":true,"type":"user","message":{"role":"user","content":"for a helper"},"uuid":"e","sessionId":"u"}
{"parentUuid":"d","isSidechain":false,"message":{"id":"n","type":"message","role":"assistant","content":[{"type":"text","text":"Done."}],"stop_reason":"end_turn"},"type":"assistant","uuid":"f","sessionId":"u"}
{"type":"last-prompt","lastPrompt":"make a file","sessionId":"u"}
"#;
