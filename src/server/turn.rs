//! What a change sets off: `apply` runs a command through the model, carries out its effects and wakes who has to know; so do new
//! settings, and a client that leaves or looks. Must not know sockets or escape sequences.

use super::hub::Hub;
use super::{effects, figures, notify, offers, sizes};
use crate::base::Now;
use crate::model::{Command, Outcome};
use std::rc::Rc;

impl Hub {
    /// Runs a command through the model and carries out what comes of it.
    pub fn apply(self: &Rc<Hub>, command: Command) -> Outcome {
        let now = Now::read();
        let (mut outcome, rev) = {
            let mut world = self.world.borrow_mut();
            let outcome = world.apply(command, now);
            (outcome, world.rev())
        };
        for effect in std::mem::take(&mut outcome.effects) {
            effects::run(self, effect);
        }
        notify::facts_changed(self);
        offers::arm(self);
        self.changed_to(rev);
        outcome
    }

    /// Reads the settings again. Done when a person asks, an app comes or a session is to start: no folder is watched here.
    pub fn reload(self: &Rc<Hub>) {
        let settings = (self.load)();
        if *self.settings.borrow() == settings {
            return;
        }
        self.logging.apply(&settings);
        let (limits, offers) = (settings.limits, settings.offers);
        *self.settings.borrow_mut() = settings;
        self.apply(Command::Limits(limits));
        self.apply(Command::Offers(offers));
        tracing::info!("settings read again");
    }

    /// A client left: what it sized goes to the next one.
    pub fn remove_client(self: &Rc<Hub>, id: u64) {
        self.clients.borrow_mut().remove(&id);
        self.replays.close_of(self, id);
        for pane in self.panes() {
            pane.unwatch(id);
            sizes::settle(self, &pane);
        }
    }

    /// Starts measuring CPU and memory while somebody looks.
    pub fn want_figures(self: &Rc<Hub>) {
        self.note_output();
        if !self.figures_on.replace(true) {
            let hub = Rc::clone(self);
            tokio::task::spawn_local(async move {
                figures::measure_while_wanted(&hub).await;
                hub.figures_on.set(false);
            });
        }
    }
}
