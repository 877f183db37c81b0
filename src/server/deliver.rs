//! Text typed into a session for a person: follow-ups, the first task of agents that take none on their command line, the
//! polite way to end. A follow-up is a transaction: the agent is at its box, the text is pasted, it is seen to stand there, Enter
//! is pressed, and the agent is seen to take it; else that is said, and the text is kept. Must not know who asked.

use super::catalog;
use super::hub::Hub;
use super::pane::Pane;
use crate::agent::Press;
use crate::agent::input_box::{self, BoxRule, InBox};
use crate::base::{Key, KeyCode, Mods};
use crate::model::{FollowUp, typeable};
use crate::wire::State;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// Between a paste and Enter: an agent that still takes the paste would make a line of it.
const ENTER_AFTER: Duration = Duration::from_millis(100);
/// How long an agent may take to show what was pasted.
const APPEARS: Duration = Duration::from_secs(5);
/// How long an agent may take to show that it took what was submitted.
const TAKEN: Duration = Duration::from_secs(5);
/// How long an agent may take to say that it takes pastes.
const TAKES_PASTES: Duration = Duration::from_secs(3);
/// How long the agent's own polite end may take.
const POLITE: Duration = Duration::from_secs(3);
/// Between an interrupt and the text.
const AFTER_INTERRUPT: Duration = Duration::from_secs(3);

/// Types a follow-up.
///
/// # Errors
/// Why it was not typed, or was not seen to be taken.
pub async fn deliver(hub: &Rc<Hub>, pane: &Rc<Pane>, follow_up: FollowUp) -> Result<(), String> {
    let _turn = pane.typing_turn().await;
    let agent = hub.world(|w| w.get(&pane.id).map(|r| (r.facts.agent.clone(), r.recipe.counts)));
    let Some((agent, counts)) = agent else { return Err("the session is gone".into()) };
    may_type(pane, counts).await?;
    if counts
        && follow_up.submit
        && let Some(why) = typeable::refusal(&follow_up.text)
    {
        return Err(format!("it {why}"));
    }
    // Enter must send the text, and do nothing else with it.
    let text = if counts && follow_up.submit { typeable::settled(&follow_up.text) } else { follow_up.text.clone() };
    may_paste(pane, &text, counts).await?;
    if follow_up.interrupt {
        let keys = catalog::interrupt_keys(hub, &agent);
        press(pane, &keys).await?;
        pane.quiet(Duration::from_millis(300), AFTER_INTERRUPT).await;
        may_type(pane, counts).await?;
    }
    // What asks now would take the text for its answer.
    if counts && follow_up.submit {
        asks_nothing(hub, pane)?;
    }
    let rule = counts.then(|| catalog::spec_of(hub, &pane.id)).flatten().and_then(|s| s.input_box);
    if let Some(rule) = &rule {
        at_its_box(pane, rule).await;
    }
    let stood = rule.as_ref().and_then(|rule| input_box::look(rule, &pane.drawn_lines()));
    if matches!(stood, Some(InBox::Typed(_))) {
        return Err("something else stands in its box already; nothing was typed: send or clear it in its terminal first".into());
    }
    let before = Shown::of(pane, &text);
    super::kept_anchors::note(hub, pane, super::anchors::Anchor::FollowUp);
    pane.paste(&text)?;
    if !follow_up.submit {
        return Ok(());
    }
    // A suggestion that is none after all stands before the text: then only the text as a whole will do.
    let before = Some(before).filter(|_| !matches!(stood, Some(InBox::Suggestion(_))));
    if counts && !stands(pane, &text, before, rule.as_ref()).await {
        return Err("the text did not appear in the agent's box as it is, so Enter was not pressed; look at its terminal".into());
    }
    tokio::time::sleep(ENTER_AFTER).await;
    if counts {
        may_type(pane, counts).await?;
        asks_nothing(hub, pane)?;
    }
    pane.key(&Key::new(KeyCode::Enter, Mods::empty()))?;
    match rule {
        Some(rule) if !text.trim().is_empty() => taken(pane, &text, &rule).await,
        _ => Ok(()),
    }
}

/// Whether a text can be pasted now. An agent that was just started says a moment after its first sign of life that it takes
/// pastes of several lines: that is waited for.
///
/// # Errors
/// Why not.
pub async fn may_paste(pane: &Rc<Pane>, text: &str, agent: bool) -> Result<(), String> {
    let checked = pane.check_paste(text);
    if checked.is_ok() || !agent {
        return checked;
    }
    seen(pane, || pane.check_paste(text).is_ok()).await;
    pane.check_paste(text)
}

/// Waits a moment for something to be so, looking when there is output.
async fn seen(pane: &Rc<Pane>, so: impl Fn() -> bool) {
    let mut output = pane.output();
    let there = async {
        loop {
            output.mark_unchanged();
            if so() || output.changed().await.is_err() {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(TAKES_PASTES, there).await;
}

/// Waits until an agent that was just started has its box on the screen and takes pastes: before that, what is typed is echoed by
/// the terminal and Enter is lost. Every agent with a known box does both.
async fn at_its_box(pane: &Rc<Pane>, rule: &BoxRule) {
    let ready = || pane.engine(|e, _| e.modes().bracketed_paste) && input_box::read(rule, &pane.screen_lines()).is_some();
    if !ready() {
        seen(pane, ready).await;
    }
}

/// Nothing is typed for an agent while another program has its terminal, nor into a shell it left behind.
async fn may_type(pane: &Pane, counts: bool) -> Result<(), String> {
    if counts && !pane.agent_in_front_now().await {
        return Err("another program has the terminal now, not the agent; nothing was typed".into());
    }
    Ok(())
}

/// What runs in a session can report that it works on; the dialog on its screen cannot be talked away.
fn asks_nothing(hub: &Hub, pane: &Pane) -> Result<(), String> {
    let dialog = |r: &crate::model::Record| {
        r.facts.state == State::Waiting && r.ledger.verdict().is_some_and(|v| v.signal.source > crate::evidence::Source::Report)
    };
    if hub.world(|w| w.get(&pane.id).is_some_and(dialog)) || super::attend::dialog_stands(hub, pane) {
        return Err("it asks something now, and Enter would answer it; it was not pressed".into());
    }
    Ok(())
}

/// How often a text stands on a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    whole: usize,
    pasted: usize,
}

impl Shown {
    /// Looks at the screen. Only letters and digits count: a box breaks lines where it likes and draws between them. Of a long
    /// text its end is looked for; some agents show a word for the paste instead.
    fn of(pane: &Pane, text: &str) -> Shown {
        let end: VecDeque<char> = text.chars().rev().filter(|c| c.is_alphanumeric()).take(24).collect();
        let needle: String = end.into_iter().rev().collect();
        let screen = pane.screen_lines().join("\n");
        let plain: String = screen.chars().filter(|c| c.is_alphanumeric()).collect();
        let whole = if needle.is_empty() { 0 } else { plain.matches(needle.as_str()).count() };
        Shown { whole, pasted: screen.matches("[Past").count() }
    }
}

/// Waits until the pasted text stands in the agent's box; where its box is not known, or larger than the screen, until it stands
/// on the screen once more than before, if that counts.
async fn stands(pane: &Rc<Pane>, text: &str, before: Option<Shown>, rule: Option<&BoxRule>) -> bool {
    let mut output = pane.output();
    let (cols, rows) = pane.engine(|e, _| (usize::from(e.size().cols.max(20)) - 8, usize::from(e.size().rows)));
    let tall = text.split(['\n', '\r']).map(|l| crate::base::text::width(l) / cols + 1).sum::<usize>() + 8 > rows;
    let there = async {
        loop {
            output.mark_unchanged();
            let boxed = rule.and_then(|r| Some((r, input_box::read(r, &pane.screen_lines())?)));
            let now = Shown::of(pane, text);
            let drawn = before.is_some_and(|before| now.whole > before.whole || now.pasted > before.pasted);
            // A text without letters cannot be told from what is there.
            let bare = before.is_some() && !text.chars().any(char::is_alphanumeric);
            let fine = match boxed {
                Some((rule, shown)) => input_box::holds(rule, &shown, text) || (tall && drawn),
                None => drawn || bare,
            };
            if fine {
                return true;
            }
            if output.changed().await.is_err() {
                return false;
            }
        }
    };
    tokio::time::timeout(APPEARS, there).await.unwrap_or(false)
}

/// Waits until the box is empty. A screen without a box tells nothing, it may be drawn anew; when none comes back, something
/// else was opened (a command of the agent's own). What stands in the box instead of the text was not sent.
async fn taken(pane: &Rc<Pane>, text: &str, rule: &BoxRule) -> Result<(), String> {
    let mut output = pane.output();
    let left = || match input_box::look(rule, &pane.drawn_lines())? {
        InBox::Typed(now) => Some(now),
        InBox::Hint(now) | InBox::Suggestion(now) => Some(now).filter(|now| input_box::holds(rule, now, text)),
        InBox::Empty => None,
    };
    let gone = async {
        loop {
            output.mark_unchanged();
            let boxed = input_box::read(rule, &pane.screen_lines()).is_some();
            if (boxed && left().is_none()) || output.changed().await.is_err() {
                return;
            }
        }
    };
    if tokio::time::timeout(TAKEN, gone).await.is_ok() {
        return Ok(());
    }
    match left() {
        None => Ok(()),
        Some(now) if input_box::holds(rule, &now, text) => {
            Err("Enter was pressed, but the text still stands in the agent's box; look at its terminal before sending it again".into())
        }
        Some(_) => Err("Enter did something else than sending the text, which stands changed in the agent's box; look at its terminal".into()),
    }
}

/// Lets the agent end in its own way, at most three seconds.
pub async fn ask_to_quit(hub: &Rc<Hub>, pane: &Rc<Pane>) {
    let Some((agent, paused)) = hub.world(|w| w.get(&pane.id).map(|r| (r.facts.agent.clone(), r.facts.state == State::Paused))) else {
        return;
    };
    let keys = catalog::quit_keys(hub, &agent);
    if keys.is_empty() || paused || !pane.agent_in_front() {
        return;
    }
    if press(pane, &keys).await.is_ok() {
        let _ = tokio::time::timeout(POLITE, pane.ended()).await;
    }
}

/// Presses keys one after the other.
///
/// # Errors
/// Why not.
pub async fn press(pane: &Rc<Pane>, keys: &[Press]) -> Result<(), String> {
    for (i, step) in keys.iter().enumerate() {
        if i > 0 {
            tokio::time::sleep(ENTER_AFTER).await;
        }
        match step {
            Press::Key(chord) => pane.key(&Key::new(chord.code, chord.mods))?,
            Press::Text(text) => pane.paste(text)?,
        }
    }
    Ok(())
}
