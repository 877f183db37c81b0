//! Sub-agents of a session: what its log and hooks told of them. Must not know who told it.

use super::{Outcome, World};
use crate::base::SessionId;
use crate::base::text::safe_line;
use crate::wire::facts::SubAgent;

/// Sub-agents of one session that are kept.
const CHILDREN: usize = 64;

/// A sub-agent whose texts may stand in our own chrome.
fn safe(mut child: SubAgent) -> SubAgent {
    child.id = safe_line(&child.id, 120);
    child.title = child.title.map(|t| safe_line(&t, 120)).filter(|t| !t.is_empty());
    child.text = child.text.map(|t| safe_line(&t, 300)).filter(|t| !t.is_empty());
    child.percent = child.percent.map(|p| p.clamp(0.0, 100.0));
    child
}

/// Whether `id` is `root` or below it.
fn below(id: &str, root: &str) -> bool {
    id.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl World {
    pub(super) fn child(&mut self, id: &SessionId, child: SubAgent, out: &mut Outcome) {
        let child = safe(child);
        if child.id.is_empty() {
            return;
        }
        self.change(id, out, |r| {
            let room = r.told_children.len() < CHILDREN;
            match r.told_children.iter_mut().find(|c| c.id == child.id) {
                Some(old) => {
                    // What it is called is mostly said only once.
                    let title = child.title.clone().or(old.title.take());
                    *old = SubAgent { title, ..child };
                }
                None if room => r.told_children.push(child),
                None => {}
            }
            r.show_children();
        });
    }

    pub(super) fn child_gone(&mut self, id: &SessionId, child: &str, out: &mut Outcome) {
        let child = safe_line(child, 120);
        self.change(id, out, |r| {
            r.told_children.retain(|c| !below(&c.id, &child));
            r.show_children();
        });
    }
}

impl super::Record {
    /// Makes the facts follow what is known of sub-agents.
    pub(super) fn show_children(&mut self) {
        let mut all = self.told_children.clone();
        all.truncate(CHILDREN);
        self.facts.children = all;
    }
}
