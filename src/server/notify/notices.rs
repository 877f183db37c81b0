//! What the server keeps for notifications: what was told and what is pending, and the programs that tell. Must not know when
//! something is told, nor how.

use super::run::Job;
use crate::base::Now;
use crate::model::World;
use crate::model::notices::{Policy, Watch};
use crate::wire::Notification;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use tokio::sync::Notify;

/// Bytes of all variables a client may hand over.
const ENVIRONMENT: usize = 32 * 1024;

/// What the server keeps for notifications.
pub struct Notices {
    pub(super) policy: RefCell<Policy>,
    pub(super) watch: RefCell<Watch>,
    /// Which client's terminal was asked to tell a notification.
    pub(super) tellers: RefCell<BTreeMap<u64, u64>>,
    pub(super) programs: Programs,
    /// When the clock task looks next.
    pub(super) armed: Cell<Option<u64>>,
    pub(super) earlier: Notify,
}

impl Notices {
    /// Nothing told yet.
    pub fn new(now: Now) -> Notices {
        Notices {
            // A client outlives servers: numbers of another server's notifications must not come again.
            policy: RefCell::new(Policy::new(now.wall_ms)),
            watch: RefCell::default(),
            tellers: RefCell::default(),
            programs: Programs::default(),
            armed: Cell::new(None),
            earlier: Notify::new(),
        }
    }

    /// What was told by an earlier server is not told again.
    pub fn take_as_known(&self, world: &World) {
        self.watch.borrow_mut().take_as_known(world);
    }

    /// A client's way to its desktop; the last one counts.
    pub fn set_desktop(&self, env: Vec<(String, String)>) {
        if env.len() <= 16 && env.iter().map(|(n, v)| n.len() + v.len()).sum::<usize>() <= ENVIRONMENT {
            self.programs.set_env(env);
        }
    }
}

/// Programs that tell.
#[derive(Default)]
pub(super) struct Programs {
    /// Of the client that came last.
    pub env: RefCell<Vec<(String, String)>>,
    pub desktop: Desktop,
    pub command: Lane,
}

/// Jobs of one sort, one after another.
#[derive(Default)]
pub(super) struct Lane {
    pub waiting: RefCell<VecDeque<Job>>,
    pub runs: Cell<bool>,
}

/// Something to be done on the desktop.
pub(super) enum Task {
    Show(Box<Notification>),
    TakeBack(u64),
}

/// What is on the desktop, and what has yet to come there.
#[derive(Default)]
pub(super) struct Desktop {
    pub waiting: RefCell<VecDeque<Task>>,
    pub runs: Cell<bool>,
    /// Notifications that were asked for, with the desktop's number as soon as it told one.
    pub shown: RefCell<BTreeMap<u64, Option<u32>>>,
    /// The notifier is too old to tell numbers.
    pub no_numbers: Cell<bool>,
}
