//! Who sizes a session's terminal: the client that last typed into or focused it; when it leaves, the next most recent one.
//! Must not know how a size is set.

use super::hub::Hub;
use super::pane::Pane;
use crate::base::Size;
use crate::model::Command;
use std::rc::Rc;

/// Gives the terminal the size of the client it belongs to now.
pub fn settle(hub: &Rc<Hub>, pane: &Rc<Pane>) {
    let best = hub
        .clients()
        .into_iter()
        .filter(|c| !c.read_only.get())
        .filter_map(|c| c.watched(&pane.id).map(|w| (c, w)))
        .max_by_key(|(c, w)| (w.focused, c.active_ms.get(), c.id));
    let Some((client, watch)) = best else {
        pane.set_sized_by(None);
        return;
    };
    let changed = pane.sized_by() != Some(client.id);
    pane.set_sized_by(Some(client.id));
    let size = Size::new(watch.cols, watch.rows).clamped();
    if watch.cols > 0 && watch.rows > 0 && pane.wanted_size() != size {
        pane.want_size(size);
        pane.poke();
    }
    if watch.cols > 0 && watch.rows > 0 {
        fit_ended(hub, pane, size);
    }
    if changed {
        hub.wake_all();
    }
}

/// Nothing runs any more that would hear of a new size: the text itself is broken anew for who reads it. A full screen stays as
/// it was drawn.
fn fit_ended(hub: &Rc<Hub>, pane: &Rc<Pane>, size: Size) {
    let ended = pane.holder_pid().is_none() && hub.world(|w| w.get(&pane.id).is_some_and(|r| r.facts.state.ended()));
    if ended && pane.engine(|e, _| e.size() != size && !e.modes().alt_screen) {
        super::resizing::resize(pane, size);
        pane.changed();
    }
}

/// Notes the size that was set.
pub fn note(hub: &Rc<Hub>, pane: &Pane, size: Size) {
    hub.apply(Command::Resized { id: pane.id.clone(), size });
}
