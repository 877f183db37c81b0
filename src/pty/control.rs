//! What the server can ask a holder, and what it hears from it. Must not know the terminal's bytes.

use super::link::{ControlError, Link};
use super::proto::{Frame, Notice, Request, SignalAsk, Status, TreeReply, payload};
use super::spec::{ExitStatus, StopPlan, StopReport};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Something a holder says unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The agent ended; the rest of its tree may live. [`super::Master::read_now`] until it would block (or ends), then [`Control::ack_exit`].
    Exited(ExitStatus),
    /// A stop moved on: `term` (told to end) or `kill`.
    StopProgress(String),
    /// A stop is over; who is left is named.
    Stopped(StopReport),
    /// The last process of the tree ended.
    Emptied,
    /// The holder is gone. Without [`Event::Exited`] and an acknowledgement before, it was killed: the session is lost, and what
    /// it ran has to be ended by [`super::kill_tree_by_session`].
    Closed,
}

/// The control side of a lease. Its methods may be used by several tasks at once. The lease ends when this, the [`super::Master`]
/// and the [`super::Ring`] are all dropped.
pub struct Control {
    pub(super) link: Arc<Link>,
}

impl Control {
    /// How the holder is.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn status(&self) -> Result<Status, ControlError> {
        answer(self.link.request(&Request::Status).await?)
    }

    /// Sends a signal to the agent, or to it and all below it; how many got it.
    ///
    /// # Errors
    /// [`ControlError`]; `exited` when the agent has ended.
    pub async fn signal(&self, sig: i32, tree: bool) -> Result<u32, ControlError> {
        let reply: TreeReply = answer(self.link.request(&Request::Signal(SignalAsk { sig, tree })).await?)?;
        Ok(reply.count)
    }

    /// Stops every process of the tree; returns when none of them runs. Processes that could not be stopped are named.
    ///
    /// # Errors
    /// [`ControlError`]; `stopping` during a stop, `refused` when a thaw came in between.
    pub async fn freeze(&self) -> Result<TreeReply, ControlError> {
        answer(self.link.request(&Request::Freeze).await?)
    }

    /// Lets those that [`Control::freeze`] stopped go on; how many.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn thaw(&self) -> Result<u32, ControlError> {
        let reply: TreeReply = answer(self.link.request(&Request::Thaw).await?)?;
        Ok(reply.count)
    }

    /// Begins to end the tree. Goes on in the holder by itself; [`Event::Stopped`] tells the end. A second, shorter plan hurries it.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn stop(&self, plan: StopPlan) -> Result<(), ControlError> {
        self.link.request(&Request::Stop(plan)).await.map(drop)
    }

    /// The exit status is stored and the terminal read dry. The holder ends as soon as nothing of the tree is left; it tells how many are.
    ///
    /// # Errors
    /// [`ControlError`]; `running` when the agent has not ended.
    pub async fn ack_exit(&self) -> Result<Status, ControlError> {
        answer(self.link.request(&Request::AckExit).await?)
    }

    /// Has the holder keep these bytes (at most [`super::proto::MAX_META`]): what is needed to know the session again when the
    /// database is lost.
    ///
    /// # Errors
    /// [`ControlError`]; `too_large`.
    pub async fn set_meta(&self, bytes: &[u8]) -> Result<(), ControlError> {
        self.link.request(&Request::MetaSet(bytes.to_vec())).await.map(drop)
    }

    /// Those bytes; empty when none were set.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn meta(&self) -> Result<Vec<u8>, ControlError> {
        Ok(self.link.request(&Request::MetaGet).await?.payload)
    }

    /// The next event. After [`Event::Closed`] there is only that one.
    pub async fn event(&self) -> Event {
        loop {
            return match self.link.event().await {
                Some(Notice::Exited(status)) => Event::Exited(status),
                Some(Notice::StopProgress(progress)) => Event::StopProgress(progress.phase),
                Some(Notice::Stopped(report)) => Event::Stopped(report),
                Some(Notice::Emptied) => Event::Emptied,
                Some(Notice::LeaseWaits(_) | Notice::LaunchFailed(_)) => continue,
                None => Event::Closed,
            };
        }
    }

    /// Whether the holder is known to be gone.
    pub fn is_closed(&self) -> bool {
        self.link.is_closed()
    }
}

/// The JSON of an answer.
pub(super) fn answer<T: DeserializeOwned>(frame: Frame) -> Result<T, ControlError> {
    payload(&frame).map_err(|e| ControlError::Answer(e.to_string()))
}
