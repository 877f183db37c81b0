//! The processes of a session: who they are, who has the terminal, and what is to be done with them. Must not know how that is done.

use super::Pane;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::watch;

/// Signals remembered.
const SIGNALS: usize = 50;

/// Something to be done with the process tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// See which process group has the terminal.
    LookInFront,
    /// Stop every process.
    Freeze,
    /// Let them go on.
    Thaw,
    /// End every process.
    Stop(crate::pty::StopPlan),
}

/// Processes of a running session.
#[derive(Debug, Clone, Copy)]
pub struct Pids {
    /// The agent.
    pub agent: i32,
    /// Its holder.
    pub holder: i32,
}

/// What is known of them.
#[derive(Default)]
pub(super) struct Processes {
    pids: Cell<Option<Pids>>,
    foreground: Cell<Option<i32>>,
    orders: RefCell<VecDeque<Order>>,
    /// Orders given and carried out.
    ordered: Cell<u64>,
    done: watch::Sender<u64>,
    signals: RefCell<VecDeque<String>>,
}

impl Pane {
    /// Pid of its holder, while one lives.
    pub fn holder_pid(&self) -> Option<i32> {
        self.processes.pids.get().map(|p| p.holder)
    }

    /// Pid of the agent, while it lives.
    pub fn agent_pid(&self) -> Option<i32> {
        self.processes.pids.get().map(|p| p.agent)
    }

    /// Notes its processes.
    pub fn set_pids(&self, pids: Option<Pids>) {
        self.processes.pids.set(pids);
        if pids.is_none() {
            self.processes.foreground.set(None);
        }
    }

    /// Notes which process group has the terminal.
    pub fn set_foreground(&self, pgid: Option<i32>) {
        self.processes.foreground.set(pgid);
    }

    /// The process group that has the terminal, as far as known.
    pub fn foreground(&self) -> Option<i32> {
        self.processes.foreground.get().or(self.agent_pid())
    }

    /// Whether the agent itself has the terminal, as far as known.
    pub fn agent_in_front(&self) -> bool {
        match (self.processes.foreground.get(), self.agent_pid()) {
            (Some(f), Some(a)) => f == a,
            (None, Some(_)) => true,
            _ => false,
        }
    }

    /// Whether the agent itself has the terminal, as the kernel says now.
    pub async fn agent_in_front_now(&self) -> bool {
        self.order(Order::LookInFront);
        // The pump answers at once; one that does not knows no more than before.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.orders_done()).await;
        self.agent_in_front()
    }

    /// Stops every process of the tree.
    pub fn freeze(&self) {
        self.order(Order::Freeze);
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.order(Order::Thaw);
    }

    /// Ends every process of the tree.
    pub fn stop(&self, plan: crate::pty::StopPlan) {
        self.order(Order::Stop(plan));
    }

    fn order(&self, order: Order) {
        let mut orders = self.processes.orders.borrow_mut();
        if orders.back() != Some(&order) && orders.len() < 16 {
            orders.push_back(order);
            self.processes.ordered.set(self.processes.ordered.get() + 1);
        }
        drop(orders);
        self.poke();
    }

    /// An order is carried out, or could not be.
    pub fn order_done(&self) {
        self.processes.done.send_modify(|n| *n += 1);
    }

    /// Resolves when every order given so far is carried out.
    pub async fn orders_done(&self) {
        let wanted = self.processes.ordered.get();
        let mut done = self.processes.done.subscribe();
        let _ = done.wait_for(|n| *n >= wanted).await;
    }

    /// The next order, for the pump.
    pub fn next_order(&self) -> Option<Order> {
        self.processes.orders.borrow_mut().pop_front()
    }

    /// Remembers a signal that was sent.
    pub fn note_signal(&self, text: String) {
        let mut s = self.processes.signals.borrow_mut();
        if s.len() >= SIGNALS {
            s.pop_front();
        }
        s.push_back(text);
    }

    /// Signals sent, oldest first.
    pub fn signals(&self) -> Vec<String> {
        self.processes.signals.borrow().iter().cloned().collect()
    }
}
