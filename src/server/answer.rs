//! A person's answer to what a session asks: by the agent's own channel, else by keys into the very dialog that was shown, else
//! not at all and said so. Must not know how prompts are found.

use super::asks::{Prompt, Way};
use super::client::Client;
use super::hub::{Hub, wire_error};
use super::pane::Pane;
use super::roles::Role;
use super::{attend, deliver, stream};
use crate::agent::Press;
use crate::agent::bridge::HookRule;
use crate::agent::dialog::DialogRule;
use crate::base::{Chord, Key, KeyCode, Mods, Now, SessionId};
use crate::model::{Command, FollowUp};
use crate::wire::State;
use crate::wire::facts::Waiting;
use crate::wire::message::WireError;
use crate::wire::op::Answer;
use std::rc::Rc;
use std::time::Duration;

/// A dialog ignores keys for a moment after it has come up: it must have stood so long before one is pressed.
const STANDS: Duration = Duration::from_millis(700);
/// How long the agent may take to show that it was answered.
const TAKEN: Duration = Duration::from_secs(6);
/// Steps to an option at most, how long the mark of a list may take for one, and when it counts as drawn.
const STEPS: usize = 40;
const MOVED: Duration = Duration::from_secs(2);
const DRAWN: Duration = Duration::from_millis(60);
/// A reason given to an agent, in bytes.
const REASON: usize = 4000;

/// Only a person answers: somebody at a terminal, outside every session.
///
/// # Errors
/// The refusal.
pub fn check(client: &Client) -> Result<(), WireError> {
    if client.role != Role::Outside {
        return Err(super::roles::forbidden("answer what is asked of a person"));
    }
    if client.terminal.is_none() {
        return Err(wire_error("needs_person", "only a person answers what an agent asks, and this command has no terminal", "run it in a terminal"));
    }
    if client.read_only.get() {
        return Err(wire_error("forbidden", "this client only looks", "attach without --read-only"));
    }
    Ok(())
}

fn conflict(message: impl ToString, hint: &str) -> WireError {
    wire_error("conflict", message, hint)
}

/// Who answers without naming the prompt means the one last shown in that terminal.
///
/// # Errors
/// The refusal, with what is asked now.
pub fn check_unseen(hub: &Hub, client: &Client, id: &SessionId) -> Result<(), WireError> {
    let Some((prompt, _)) = hub.asks.front(id) else { return Ok(()) };
    if client.terminal.is_some_and(|t| hub.asks.seen.means(id, t, Now::read().mono_ms)) {
        return Ok(());
    }
    let asked = hub.asks.look(id, &prompt, |p| crate::model::made_safe(p.waiting.clone())).unwrap_or_default();
    // Whole: who answers again has read it.
    let mut text = asked.text;
    for (i, option) in asked.options.iter().enumerate() {
        text += &format!("   {} {option}", i + 1);
    }
    if !asked.changes.is_empty() {
        text += " (`sessions show` tells what it changes)";
    }
    let message = format!("something else is asked than was last shown in this terminal; nothing was answered: {text}");
    Err(conflict(message, "when you have read it, answer again"))
}

/// Answers the prompt that stands, when it is the one that is meant.
///
/// # Errors
/// Why nothing was answered, or that no effect was seen.
pub async fn answer(hub: &Rc<Hub>, client: &Client, id: &SessionId, prompt: Option<String>, answer: Answer) -> Result<(), WireError> {
    let (number, state, waiting) = hub
        .world(|w| w.get(id).map(|r| (r.facts.number, r.facts.state, r.facts.waiting_for.clone())))
        .ok_or_else(|| wire_error("not_found", "the session was dismissed", ""))?;
    let Some(waiting) = waiting.filter(|_| state == State::Waiting) else {
        return Err(conflict(format!("#{number} is {} and asks nothing", state.word()), ""));
    };
    let shown = waiting.id.clone();
    if prompt.is_some() && prompt != shown {
        return Err(conflict(
            format!("#{number} asks something else now; nothing was answered"),
            "look again: the prompt changed after it was shown to you",
        ));
    }
    let Some(shown) = shown else {
        return Err(conflict(
            format!("what #{number} asks can only be answered in its terminal; nothing was pressed"),
            "go there: copilot-tui attach; its dialog is not one that is known",
        ));
    };
    let said = said(&waiting, &answer);
    enum By {
        Hook(Option<String>),
        Http(Box<HookRule>, String),
        Keys(Pick, String),
    }
    let way = |p: &Prompt| match &p.way {
        Way::Hook { rule, .. } => printed(rule, &waiting, &answer, "", &p.raw).map(|t| By::Hook(Some(t))),
        Way::Http { rule, key } => printed(rule, &waiting, &answer, key, &p.raw).map(|body| By::Http(Box::new(rule.clone()), body)),
        Way::Keys { rule, mark } => pick(rule, &waiting, &answer).map(|p| By::Keys(p, mark.clone())),
    };
    let mut by = hub.asks.look(id, &shown, way);
    if let Some(Some(By::Keys(..))) = by {
        // Its hook may come meanwhile: then it is answered that way.
        stood(hub, id, &shown).await;
        by = hub.asks.look(id, &shown, way);
    }
    let by = match by {
        None => return Err(conflict(format!("#{number} no longer asks this; nothing was answered"), "")),
        Some(None) => {
            let hint = if waiting.options.is_empty() {
                "approve or deny it, or answer in its terminal"
            } else {
                "choose one of its options, or answer in its terminal"
            };
            return Err(conflict(format!("#{number} cannot be answered like that; nothing was sent"), hint));
        }
        Some(Some(by)) => by,
    };
    match by {
        By::Hook(text) => {
            let in_terminal = |p: &Prompt| matches!(&p.way, Way::Hook { rule, .. } if !rule.hides_dialog);
            if hub.asks.look(id, &shown, in_terminal).unwrap_or_default() {
                fade(hub, id);
            }
            let Some(Prompt { way: Way::Hook { reply, .. }, .. }) = hub.asks.take_answered(hub, id, &shown) else {
                return Err(conflict(format!("#{number} no longer asks this; nothing was answered"), ""));
            };
            if reply.send(text).is_err() {
                return Err(conflict(format!("#{number} was answered elsewhere a moment ago"), ""));
            }
        }
        By::Http(rule, body) => {
            let key = hub.asks.look(id, &shown, |p| if let Way::Http { key, .. } = &p.way { key.clone() } else { String::new() }).unwrap_or_default();
            let place = rule.post.as_deref().unwrap_or_default().replace("{id}", &url_part(&key));
            stream::post(hub, id, &place, &body)
                .await
                .map_err(|e| conflict(format!("#{number} did not take the answer: {e}"), "answer in its terminal"))?;
        }
        By::Keys(pick, mark) => {
            by_keys(hub, id, number, &shown, &mark, &pick).await?;
            if let Answer::Deny { reason: Some(reason) } = &answer {
                hub.apply(words_after(id, reason));
            }
        }
    }
    hub.apply(Command::Report { id: id.clone(), report: crate::wire::report::Report::Note { text: said } });
    if let Some(terminal) = client.terminal {
        hub.asks.seen.answers(id, terminal, &shown);
    }
    gone(hub, id, &shown, number).await
}

/// A hook is being answered whose dialog stands in the terminal, too, or is being drawn: until the agent says that it goes on, that
/// is no prompt of its own.
fn fade(hub: &Rc<Hub>, id: &SessionId) {
    let Some(pane) = hub.live_pane(id) else { return };
    let state = |hub: &Hub, id: &SessionId| hub.world(|w| w.get(id).map(|r| (r.facts.state, r.facts.state_ms)));
    let (task_hub, id, before) = (Rc::clone(hub), id.clone(), state(hub, id));
    hub.asks.fades(&id);
    hub.spawn("dialog fades", async move {
        let mut facts = task_hub.subscribe();
        let goes_on = async { while state(&task_hub, &id) == before && facts.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(TAKEN, goes_on).await;
        task_hub.asks.faded(&id);
        attend::look(&task_hub, &pane).await;
    });
}

/// Waits until the prompt no longer stands.
async fn gone(hub: &Rc<Hub>, id: &SessionId, prompt: &str, number: u32) -> Result<(), WireError> {
    let mut changed = hub.subscribe();
    let stands = || hub.world(|w| w.get(id).and_then(|r| r.facts.waiting_for.as_ref().and_then(|w| w.id.clone()))).as_deref() == Some(prompt);
    let seen = async { while stands() && changed.changed().await.is_ok() {} };
    match tokio::time::timeout(TAKEN, seen).await {
        Ok(()) => Ok(()),
        Err(_) => Err(wire_error("timeout", format!("the answer was given, but #{number} still asks; look at its terminal"), "")),
    }
}

/// A key was pressed; until this goes nothing on the screen is a prompt that the key could not have reached.
struct Pressed<'a>(&'a Hub, &'a SessionId);

impl Drop for Pressed<'_> {
    fn drop(&mut self) {
        self.0.asks.seen(self.1);
    }
}

/// Waits until a prompt has stood long enough for keys.
async fn stood(hub: &Hub, id: &SessionId, prompt: &str) {
    let since = hub.asks.look(id, prompt, |p| p.since).unwrap_or_default();
    if let Some(rest) = STANDS.checked_sub(Duration::from_millis(Now::read().mono_ms.saturating_sub(since))) {
        tokio::time::sleep(rest).await;
    }
}

/// Answers by keys, when the screen shows the very dialog and it has stood for a moment. Pressed once, never again: the prompt is
/// spent with the first key, and what stands on the screen afterwards is another one, though it may look the same.
async fn by_keys(hub: &Rc<Hub>, id: &SessionId, number: u32, prompt: &str, mark: &str, pick: &Pick) -> Result<(), WireError> {
    let changed = || conflict(format!("the dialog of #{number} changed; nothing was pressed"), "look again, then answer");
    let Some(pane) = hub.live_pane(id) else { return Err(conflict(format!("nothing runs in #{number} any more"), "")) };
    let _turn = pane.typing_turn().await;
    let shown = |pane: &Pane| attend::dialog(hub, pane).filter(|d| d.mark == mark);
    let by_keys = |p: &Prompt| matches!(p.way, Way::Keys { .. });
    let asks = |pane: &Pane| attend::is_the_same(hub, pane, prompt) && hub.asks.look(id, prompt, by_keys).unwrap_or_default();
    if !pane.agent_in_front_now().await || shown(&pane).is_none() || !asks(&pane) {
        return Err(changed());
    }
    let rule = hub.asks.look(id, prompt, |p| if let Way::Keys { rule, .. } = &p.way { Some(rule.clone()) } else { None }).flatten();
    let answers = |pane: &Pane| rule.as_ref().map_or(0, |r| r.answers_shown(&pane.screen_lines()));
    let before = answers(&pane);
    let waits_since = hub.world(|w| w.get(id).map_or(0, |r| r.facts.state_ms));
    let pressed = Pressed(hub, id);
    hub.asks.press(hub, id, prompt, mark);
    let result = async {
        let keys = match pick {
            Pick::Keys(keys) => keys.clone(),
            Pick::Option(wanted) => {
                point_at(hub, &pane, mark, *wanted)
                    .await
                    .map_err(|why| conflict(format!("#{number}: {why}; it was not answered"), "answer in its terminal"))?;
                vec![Press::Key(Chord { code: KeyCode::Enter, mods: Mods::empty() })]
            }
        };
        deliver::press(&pane, &keys).await.map_err(|why| conflict(format!("#{number}: {why}"), ""))?;
        // The dialog goes from the screen, another takes its place, or the agent says that it goes on, or what was answered.
        let (mut output, mut facts) = (pane.output(), hub.subscribe());
        let waits = || hub.world(|w| w.get(id).is_some_and(|r| r.facts.state == State::Waiting && r.facts.state_ms == waits_since));
        let seen = async {
            loop {
                output.mark_unchanged();
                facts.mark_unchanged();
                if shown(&pane).is_none() || !waits() || answers(&pane) > before {
                    return;
                }
                let open = tokio::select! {
                    r = output.changed() => r.is_ok(),
                    r = facts.changed() => r.is_ok(),
                };
                if !open {
                    return;
                }
            }
        };
        let late = |_| wire_error("timeout", format!("#{number} did not take the key: its dialog still stands; answer in its terminal"), "");
        tokio::time::timeout(TAKEN, seen).await.map_err(late)
    }
    .await;
    drop(pressed);
    attend::look_again(hub, &pane).await;
    result
}

/// Moves the mark of a list to an option, one step at a time, and sees it arrive.
async fn point_at(hub: &Rc<Hub>, pane: &Rc<Pane>, mark: &str, wanted: usize) -> Result<(), String> {
    let at = || attend::dialog(hub, pane).filter(|d| d.mark == mark).and_then(|d| d.cursor);
    for _ in 0..STEPS {
        let Some(now) = at() else { return Err("its dialog is not what it was".into()) };
        if now == wanted {
            return Ok(());
        }
        let code = if now < wanted { KeyCode::Down } else { KeyCode::Up };
        let mut output = pane.output();
        pane.key(&Key::new(code, Mods::empty()))?;
        let moved = async { while at() == Some(now) && output.changed().await.is_ok() {} };
        tokio::time::timeout(MOVED, moved).await.map_err(|_| "its list does not move".to_owned())?;
        // A list is drawn in more than one step.
        pane.quiet(DRAWN, DRAWN).await;
    }
    Err("its list does not get there".into())
}

/// What is written down of an answer.
fn said(waiting: &Waiting, answer: &Answer) -> String {
    let what = match answer {
        Answer::Allow => "allowed".to_owned(),
        Answer::Deny { reason: None } => "denied".to_owned(),
        Answer::Deny { reason: Some(r) } => format!("denied ({r})"),
        Answer::Choose { number } => format!("answered {number}"),
        Answer::Text { text } => format!("answered \"{text}\""),
    };
    crate::base::text::safe_line(&format!("{what}: {}", waiting.text), 300)
}

/// What an agent's channel is told; nothing when it cannot be told this.
fn printed(rule: &HookRule, waiting: &Waiting, answer: &Answer, key: &str, raw: &(String, String)) -> Option<String> {
    let question = waiting.kind == "question";
    let choice = |n: u32| usize::try_from(n).ok().and_then(|n| waiting.options.get(n.checked_sub(1)?)).cloned();
    let (template, word) = match answer {
        Answer::Allow if !question => (rule.allow.as_ref()?, String::new()),
        Answer::Deny { reason } if !question => {
            (rule.deny.as_ref()?, reason.clone().unwrap_or_else(|| "The user does not want this to be done.".into()))
        }
        Answer::Choose { number } if question => (rule.allow.as_ref()?, choice(*number)?),
        Answer::Text { text } if question => (rule.allow.as_ref()?, text.clone()),
        _ => return None,
    };
    let mut end = word.len().min(REASON);
    while !word.is_char_boundary(end) {
        end -= 1;
    }
    let (reason, text) = (inside_json(word.get(..end)?)?, inside_json(&raw.0)?);
    // What is put in is not looked at again.
    Some(crate::agent::fill(template, &[("{id}", key), ("{reason}", &reason), ("{text}", &text), ("{input}", &raw.1)]))
}

/// A text as it stands within a JSON text.
fn inside_json(text: &str) -> Option<String> {
    let quoted = serde_json::to_string(text).ok()?;
    quoted.get(1..quoted.len() - 1).map(str::to_owned)
}

/// What answers a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pick {
    /// These keys.
    Keys(Vec<Press>),
    /// The option at this place, counted from 0: the list's mark is moved there, then Enter.
    Option(usize),
}

fn pick(rule: &DialogRule, waiting: &Waiting, answer: &Answer) -> Option<Pick> {
    let place = |number: u32| usize::try_from(number).ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < waiting.options.len());
    let keys = match answer {
        Answer::Allow => rule.allow.clone(),
        // A dialog takes no words; the reason follows as text once the turn is over.
        Answer::Deny { .. } => rule.deny.clone(),
        Answer::Choose { number } if rule.numbers => {
            place(*number)?;
            vec![number.to_string().parse().ok()?]
        }
        Answer::Choose { number } if rule.arrows => return place(*number).map(Pick::Option),
        _ => return None,
    };
    (!keys.is_empty()).then_some(Pick::Keys(keys))
}

/// A word in the path of an address.
fn url_part(word: &str) -> String {
    word.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect()
}

/// A denial whose words the dialog cannot take: they follow as a text.
fn words_after(id: &SessionId, reason: &str) -> Command {
    let follow_up = FollowUp { text: reason.to_owned(), submit: true, interrupt: false };
    Command::FollowUp { id: id.clone(), follow_up, queue: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Catalog;

    #[test]
    fn answers_are_put_as_the_agent_wants_them() {
        let catalog = Catalog::builtin();
        let rule = |a: &str, e: &str| catalog.get(a).unwrap().bridge.rules.iter().find(|r| r.event == e && r.only.is_none()).unwrap().clone();
        let none = (String::new(), String::new());
        let w = Waiting { kind: "permission".into(), ..Waiting::default() };
        let deny = Answer::Deny { reason: Some("say \"no\"\nand {id}".into()) };
        for (agent, event) in [("copilot", "permissionRequest"), ("claude", "PermissionRequest"), ("opencode", "permission.asked")] {
            let rule = rule(agent, event);
            for a in [&Answer::Allow, &deny] {
                let text = printed(&rule, &w, a, "per_1", &none).unwrap();
                let _: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{agent}: {e}: {text}"));
            }
            assert!(printed(&rule, &w, &deny, "", &none).unwrap().contains(r#"say \"no\"\nand"#), "{agent}");
            assert_eq!(printed(&rule, &w, &Answer::Text { text: "x".into() }, "", &none), None);
        }
        let q = Waiting { kind: "question".into(), options: vec!["Red".into(), "Blue".into()], ..Waiting::default() };
        let rule = rule("opencode", "question.asked");
        assert_eq!(printed(&rule, &q, &Answer::Choose { number: 2 }, "", &none).as_deref(), Some(r#"{"answers":[["Blue"]]}"#));
        assert_eq!(printed(&rule, &q, &Answer::Choose { number: 3 }, "", &none), None);
        assert_eq!(printed(&rule, &q, &Answer::Allow, "", &none), None, "yes answers no question");
        let claude =
            catalog.get("claude").unwrap().bridge.rules.iter().find(|r| r.act == crate::agent::bridge::HookAct::Asks("question".into())).unwrap();
        let raw = ("Which \"{reason}\"?".to_owned(), "[{\"q\":1}]".to_owned());
        let text = printed(claude, &q, &Answer::Choose { number: 1 }, "", &raw).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json.pointer("/hookSpecificOutput/decision/updatedInput/answers/Which \"{reason}\"?").unwrap(), "Red");
        assert_eq!(url_part("per_1/../x?y"), "per_1xy");
    }
}
