//! Text typed into a session for a person: follow-ups, the first task of agents that take none on their command line, the
//! polite way to end. Must not know who asked.

use super::agents;
use super::hub::Hub;
use super::pane::Pane;
use crate::agent::Press;
use crate::base::{Key, KeyCode, Mods};
use crate::model::FollowUp;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// Between a paste and Enter: an agent that still takes the paste would make a line of it.
const ENTER_AFTER: Duration = Duration::from_millis(100);
/// How long an agent may take to show what was pasted.
const APPEARS: Duration = Duration::from_secs(4);
/// How long the agent's own polite end may take.
const POLITE: Duration = Duration::from_secs(3);
/// Between an interrupt and the text.
const AFTER_INTERRUPT: Duration = Duration::from_secs(3);

/// Types a follow-up.
///
/// # Errors
/// Why it was not typed; then nothing was.
pub async fn deliver(hub: &Rc<Hub>, pane: &Rc<Pane>, follow_up: FollowUp) -> Result<(), String> {
    let agent = hub.world(|w| w.get(&pane.id).map(|r| (r.facts.agent.clone(), r.recipe.counts)));
    let Some((agent, counts)) = agent else { return Err("the session is gone".into()) };
    if counts && !pane.agent_in_front() {
        return Err("another program has the terminal now, not the agent; nothing was typed".into());
    }
    pane.check_paste(&follow_up.text)?;
    if follow_up.interrupt {
        let keys = agents::interrupt_keys(hub, &agent);
        press(pane, &keys).await?;
        pane.quiet(Duration::from_millis(300), AFTER_INTERRUPT).await;
    }
    let before = Shown::of(pane, &follow_up.text);
    pane.note_anchor(super::anchors::Anchor::FollowUp);
    pane.paste(&follow_up.text)?;
    if follow_up.submit {
        if counts && !shows(pane, &follow_up.text, before).await {
            return Err("the text did not appear in the agent's box, so Enter was not pressed; look at its pane".into());
        }
        tokio::time::sleep(ENTER_AFTER).await;
        pane.key(&Key::new(KeyCode::Enter, Mods::empty()))?;
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
        let screen = pane.engine(|e, _| {
            let rows = e.screen_top()..e.screen_top() + u64::from(e.size().rows);
            rows.filter_map(|abs| e.row(abs)).map(|l| l.text()).collect::<Vec<_>>().join("\n")
        });
        let plain: String = screen.chars().filter(|c| c.is_alphanumeric()).collect();
        let whole = if needle.is_empty() { 0 } else { plain.matches(needle.as_str()).count() };
        Shown { whole, pasted: screen.matches("[Past").count() }
    }
}

/// Waits until the pasted text stands on the screen once more than before.
async fn shows(pane: &Rc<Pane>, text: &str, before: Shown) -> bool {
    let mut output = pane.output();
    let there = async {
        loop {
            output.mark_unchanged();
            let now = Shown::of(pane, text);
            let drawn = now.whole > before.whole || now.pasted > before.pasted;
            // A text without letters cannot be told from what is there.
            if drawn || !text.chars().any(char::is_alphanumeric) {
                return true;
            }
            if output.changed().await.is_err() {
                return false;
            }
        }
    };
    tokio::time::timeout(APPEARS, there).await.unwrap_or(false)
}

/// Lets the agent end in its own way, at most three seconds.
pub async fn ask_to_quit(hub: &Rc<Hub>, pane: &Rc<Pane>) {
    let Some((agent, paused)) = hub.world(|w| w.get(&pane.id).map(|r| (r.facts.agent.clone(), r.facts.state == crate::wire::State::Paused))) else {
        return;
    };
    let keys = agents::quit_keys(hub, &agent);
    if keys.is_empty() || paused || !pane.agent_in_front() {
        return;
    }
    if press(pane, &keys).await.is_ok() {
        let _ = tokio::time::timeout(POLITE, pane.ended()).await;
    }
}

async fn press(pane: &Rc<Pane>, keys: &[Press]) -> Result<(), String> {
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
