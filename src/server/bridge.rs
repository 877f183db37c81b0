//! What agents tell by their hooks and event streams, by the rules of their files: states, prompts, conversations, things to
//! do. Must not know any agent, nor how a prompt is answered.

use super::hub::Hub;
use super::{talks, todos};
use crate::agent::bridge::{Bridge, HookAct, HookRule};
use crate::base::{Now, SessionId};
use crate::evidence::{self, Signal, Source};
use crate::model::{Command, Conversation};
use crate::wire::State;
use crate::wire::facts::{ErrorReport, Waiting};
use serde_json::Value;
use std::rc::Rc;

/// Whether a text is the wanted one; `*` in that stands for anything.
fn matches(wanted: &str, text: &str) -> bool {
    let Some((begin, rest)) = wanted.split_once('*') else { return wanted == text };
    let Some(text) = text.strip_prefix(begin) else { return false };
    rest.is_empty() || (0..=text.len()).any(|i| text.get(i..).is_some_and(|t| matches(rest, t)))
}

/// The first rule for an event.
fn rule_for<'a>(rules: &'a [HookRule], event: &str, input: &Value) -> Option<&'a HookRule> {
    let text_at = |place: &str| input.pointer(place).and_then(Value::as_str);
    let fits = |r: &&HookRule| r.event == event && r.only.as_ref().is_none_or(|(place, text)| text_at(place).is_some_and(|t| matches(text, t)));
    rules.iter().find(fits)
}

/// Takes an event; gives the rule of a prompt that is to be held open.
pub fn heard(hub: &Rc<Hub>, id: &SessionId, bridge: &Bridge, event: &str, input: &Value, source: Source, age_ms: u64) -> Option<HookRule> {
    let text_at = |place: &str| input.pointer(place).and_then(Value::as_str);
    let rule = rule_for(&bridge.rules, event, input)?;
    let spoken = bridge.conversation.as_deref().and_then(text_at).map(str::to_owned);
    let helper = bridge.helper.as_deref().is_some_and(|p| text_at(p).is_some());
    let known = hub.world(|w| w.get(id).and_then(|r| r.conversation.as_ref().map(|c| c.id.clone())));
    let begins = matches!(rule.act, HookAct::Begins) || (known.is_none() && rule.act == HookAct::Works);
    if let Some(spoken) = spoken.clone().filter(|s| begins && !helper && s.len() <= 200) {
        match source {
            // Whatever runs in the session can call its hooks.
            Source::Hook => talks::named(hub, id, &spoken),
            _ if known.as_ref() == Some(&spoken) => {}
            _ => _ = hub.apply(Command::Conversation { id: id.clone(), conversation: Conversation { id: spoken, log: None } }),
        }
    }
    // Whose turn is over is known only with the conversation's name.
    let of_helper = helper || (bridge.own_only && spoken.is_some() && known != spoken && !begins);
    let at_ms = Now::read().wall_ms.saturating_sub(age_ms);
    let say = |state| {
        if !of_helper {
            // The end of a turn that is said twice is no news, and must not hide what a newer source says.
            hub.apply(Command::Signal { id: id.clone(), signal: Signal { source, state, text: None, kind: None, at_ms } });
        }
    };
    match &rule.act {
        // Others of it may work on while it asks: that has the last word until it is answered.
        HookAct::Works if hub.asks.front(id).is_some_and(|f| f.1.is_none()) => {}
        HookAct::Works => say(State::Working),
        HookAct::Over => say(State::Idle),
        HookAct::Begins if helper => {}
        HookAct::Begins => {
            let tasked = hub.world(|w| w.get(id).is_some_and(|r| r.tasked));
            let state = if tasked { State::Working } else { State::Idle };
            let signal = Signal { source, state, text: None, kind: Some(evidence::START.into()), at_ms };
            hub.apply(Command::Signal { id: id.clone(), signal });
        }
        HookAct::Answered => {
            hub.asks.answered(hub, id, rule.id.as_deref().and_then(text_at));
            if hub.asks.front(id).is_none() {
                say(State::Working);
            }
        }
        HookAct::Fails => {
            let issue = first_text(&rule.text, input);
            let error = ErrorReport { title: "the agent reported an error".into(), issue, count: 1, ..ErrorReport::default() };
            hub.apply(Command::Failure { id: id.clone(), error });
        }
        HookAct::Todos => todos::told(hub, id, rule, input, source),
        HookAct::TodosChanged => todos::changed(hub, id, bridge),
        // A prompt of the past stands in the agent's own dialog by now.
        HookAct::Asks(_) if age_ms > 0 => {}
        HookAct::Asks(_) => return Some(rule.clone()),
    }
    None
}

/// What a prompt asks, by its rule.
pub fn asked(rule: &HookRule, input: &Value) -> Waiting {
    let kind = match &rule.act {
        HookAct::Asks(kind) => kind.clone(),
        _ => "unknown".into(),
    };
    let tool = rule.tool.as_deref().and_then(|p| input.pointer(p)).and_then(Value::as_str).map(str::to_owned);
    let options = rule.options.as_deref().and_then(|p| input.pointer(p)).and_then(Value::as_array);
    let label = |o: &Value| o.as_str().or_else(|| o.get("label").and_then(Value::as_str)).map(str::to_owned);
    Waiting {
        kind,
        text: first_text(&rule.text, input).unwrap_or_default(),
        tool,
        options: options.into_iter().flatten().filter_map(label).collect(),
        ..Waiting::default()
    }
}

/// Whether what is shown is only the first of several: an answer would count for those that nobody saw, too.
pub fn more_than_shown(rule: &HookRule, input: &Value) -> bool {
    let Some(place) = rule.text.iter().find(|p| text_in(input, p).is_some()) else { return false };
    let second = |list: &str| input.pointer(&format!("{list}/1")).is_some();
    place.match_indices("/0").any(|(at, found)| {
        let whole = place.get(at + found.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        whole && place.get(..at).is_some_and(second)
    })
}

/// What of an event its answer needs, as JSON.
pub fn needed(rule: &HookRule, input: &Value) -> String {
    rule.input.as_deref().and_then(|p| input.pointer(p)).map(Value::to_string).unwrap_or_default()
}

/// The first of the places that holds something: a text, or anything else as JSON.
fn first_text(places: &[String], input: &Value) -> Option<String> {
    places.iter().find_map(|p| text_in(input, p))
}

fn text_in(input: &Value, place: &str) -> Option<String> {
    match input.pointer(place)? {
        Value::Null => None,
        Value::String(s) if s.is_empty() => None,
        Value::String(s) => Some(s.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_asked_is_read_from_real_events() {
        let catalog = crate::agent::Catalog::builtin();
        let rule = |agent: &str, event: &str| {
            catalog.get(agent).unwrap().bridge.rules.iter().find(|r| r.event == event && r.only.is_none()).unwrap().clone()
        };
        let copilot = json!({"sessionId": "a", "toolName": "bash", "toolInput": {"command": "echo hi > hello.txt"}});
        let w = asked(&rule("copilot", "permissionRequest"), &copilot);
        assert_eq!((w.kind.as_str(), w.text.as_str(), w.tool.as_deref()), ("permission", "echo hi > hello.txt", Some("bash")));
        let claude = json!({"session_id": "a", "tool_name": "Frobnicate", "tool_input": {"x": 1}});
        assert_eq!(asked(&rule("claude", "PermissionRequest"), &claude).text, r#"{"x":1}"#);
        // The words `command` and `path` mean what a server likes: all that a tool of one is given is shown.
        let input = json!({"command": "echo hi", "path": "x", "url": "y", "then": "rm -rf /"});
        for (agent, event, tool) in [
            ("copilot", "permissionRequest", json!({"toolName": "notes/run", "toolInput": input})),
            ("claude", "PermissionRequest", json!({"tool_name": "mcp__notes__run", "tool_input": input})),
            ("qwen", "PermissionRequest", json!({"tool_name": "mcp__notes__run", "tool_input": input})),
        ] {
            let rules = &catalog.get(agent).unwrap().bridge.rules;
            let w = asked(rule_for(rules, event, &tool).unwrap(), &tool);
            assert!(w.text.contains("rm -rf /") && w.kind == "permission", "{agent}: {}", w.text);
        }
        assert!(matches("*/*", "a/b") && matches("a/b_*", "a/b_") && !matches("*/*", "ab") && !matches("a", "ab") && !matches("a*c", "ab"));
        let two = json!({"tool_name": "AskUserQuestion", "tool_input": {"questions": [{"question": "Which?"}, {"question": "And then?"}]}});
        let asks = catalog.get("claude").unwrap().bridge.rules.iter().find(|r| r.act == HookAct::Asks("question".into())).unwrap();
        assert!(more_than_shown(asks, &two), "one answer does not answer two questions");
        let one = json!({"tool_input": {"questions": [{"question": "Which?"}]}});
        assert!(!more_than_shown(asks, &one) && !more_than_shown(&rule("claude", "PermissionRequest"), &claude));
        let two = json!({"properties": {"permission": "external_directory", "patterns": ["/a/*", "/b/*"]}});
        assert!(more_than_shown(&rule("opencode", "permission.asked"), &two));
        let question = json!({"properties": {"id": "q", "questions": [{"question": "Which?", "options": [{"label": "Red"}, {"label": "Blue"}]}]}});
        let w = asked(&rule("opencode", "question.asked"), &question);
        assert_eq!((w.kind.as_str(), w.text.as_str(), w.options.len()), ("question", "Which?", 2));
    }
}
