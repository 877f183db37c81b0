//! What can be asked of the world, and what comes out. Must not know who asks or who carries it out.

use super::Limits;
use super::record::{Conversation, FollowUp, Recipe};
use crate::base::{SessionId, Size};
use crate::evidence::text::Said;
use crate::evidence::{Order, Signal, Source, Step};
use crate::wire::facts::{Changes, ErrorReport, ExitStatus, SubAgent, TimelineEntry, Usage, Waiting};
use crate::wire::message::Level;
use crate::wire::report::Report;

/// A change of the world.
#[derive(Debug, Clone)]
pub enum Command {
    /// A session is asked for.
    Create(Box<Recipe>),
    /// Its folder and command line are known now.
    Prepared {
        /// Session.
        id: SessionId,
        /// Its worktree.
        worktree: Option<String>,
        /// Its branch.
        branch: Option<String>,
        /// Commit the worktree was made at.
        base: Option<String>,
        /// Folder it runs in.
        cwd: String,
        /// Command line.
        argv: Vec<String>,
        /// Agent.
        agent: String,
        /// Conversation.
        conversation: Option<Conversation>,
        /// The task, for agents that get it typed once they are at their prompt.
        task_to_type: Option<String>,
    },
    /// Its process runs.
    Started {
        /// Session.
        id: SessionId,
        /// The agent's process.
        pid: i32,
    },
    /// It was taken over from an earlier server.
    TakenOver(SessionId),
    /// Its processes could not be stopped for a pause.
    PauseFailed {
        /// Session.
        id: SessionId,
        /// Why.
        why: String,
    },
    /// It could not be started.
    StartFailed {
        /// Session.
        id: SessionId,
        /// What happened and what to do.
        message: String,
    },
    /// Evidence of its state.
    Signal {
        /// Session.
        id: SessionId,
        /// What was seen.
        signal: Signal,
    },
    /// Evidence that no longer holds.
    ForgetSignal {
        /// Session.
        id: SessionId,
        /// Its source.
        source: Source,
    },
    /// It made something known.
    Report {
        /// Session.
        id: SessionId,
        /// What.
        report: Report,
    },
    /// Its terminal told a percentage (OSC 9;4); nothing removes it.
    Percent {
        /// Session.
        id: SessionId,
        /// 0 to 100.
        percent: Option<u8>,
    },
    /// What its terminal was told by the status protocol (OSC 7501).
    ProgramStatus {
        /// Session.
        id: SessionId,
        /// The payload, without the number.
        payload: String,
        /// What a notification beside it said.
        said: Option<String>,
    },
    /// A shell in it shows a new prompt: the program before it has ended.
    NewPrompt(SessionId),
    /// Its progress.
    Steps {
        /// Session.
        id: SessionId,
        /// Who says so.
        source: Source,
        /// What is new.
        steps: Vec<Step>,
    },
    /// What the text it wrote says.
    Said {
        /// Session.
        id: SessionId,
        /// In the order of the text.
        said: Vec<Said>,
    },
    /// Bytes it wrote in each of the last ten-second spans, oldest first.
    Activity {
        /// Session.
        id: SessionId,
        /// The spans.
        spans: Vec<u32>,
        /// End of the newest.
        until_ms: u64,
    },
    /// What its log tells of tokens, cost and limits; what is not told stays.
    Usage {
        /// Session.
        id: SessionId,
        /// What is new.
        usage: Box<Usage>,
    },
    /// The agent's own order of authority.
    Order {
        /// Session.
        id: SessionId,
        /// The order.
        order: Order,
    },
    /// A sub-agent, or what is new of it; one with the same id is replaced.
    Child {
        /// Session.
        id: SessionId,
        /// The sub-agent. Its texts need not be safe.
        child: SubAgent,
    },
    /// A sub-agent is gone, and all below it.
    ChildGone {
        /// Session.
        id: SessionId,
        /// Its id.
        child: String,
    },
    /// An error seen from outside.
    Failure {
        /// Session.
        id: SessionId,
        /// The error.
        error: ErrorReport,
    },
    /// Its leader ended and its output is read dry.
    Exited {
        /// Session.
        id: SessionId,
        /// How.
        status: ExitStatus,
        /// Last lines of its screen, for the error of a failure.
        tail: String,
    },
    /// Its holder is gone.
    Lost {
        /// Session.
        id: SessionId,
        /// Why.
        why: String,
    },
    /// Stop the tree for now.
    Pause(SessionId),
    /// Continue.
    Resume(SessionId),
    /// End it.
    Stop {
        /// Session.
        id: SessionId,
        /// Without the agent's own polite way.
        force: bool,
    },
    /// Processes that could not be ended.
    Survivors {
        /// Session.
        id: SessionId,
        /// `pid name` of each.
        names: Vec<String>,
    },
    /// Text for it.
    FollowUp {
        /// Session.
        id: SessionId,
        /// The text.
        follow_up: FollowUp,
        /// At the end of the turn.
        queue: bool,
    },
    /// Take back what is queued.
    Unqueue(SessionId),
    /// Forget it.
    Dismiss(SessionId),
    /// Another name.
    Rename {
        /// Session.
        id: SessionId,
        /// The name.
        name: String,
    },
    /// Tell nothing of it, or tell it again.
    Mute {
        /// Session.
        id: SessionId,
        /// On or off.
        on: bool,
    },
    /// Pin or unpin.
    Pin {
        /// Session.
        id: SessionId,
        /// On or off.
        on: bool,
    },
    /// Somebody looked at it.
    Seen(SessionId),
    /// Title of its terminal.
    Title {
        /// Session.
        id: SessionId,
        /// Made safe.
        title: String,
    },
    /// Size of its terminal.
    Resized {
        /// Session.
        id: SessionId,
        /// The size.
        size: Size,
    },
    /// Figures of its process tree.
    Figures {
        /// Session.
        id: SessionId,
        /// Percent of one core.
        cpu_percent: Option<f64>,
        /// Bytes.
        memory_bytes: Option<u64>,
        /// Processes alive.
        processes: Option<u32>,
    },
    /// What changed in git.
    Changed {
        /// Session.
        id: SessionId,
        /// Counts.
        changes: Option<Changes>,
        /// Branch it is on.
        branch: Option<String>,
    },
    /// Other limits.
    Limits(Limits),
    /// When going on in the background is offered.
    Offers(super::Offers),
    /// The clock reached what [`super::World::next_offer`] told.
    OffersDue,
    /// Another prompt of the session stands, or none.
    Ask {
        /// Session.
        id: SessionId,
        /// The prompt.
        ask: Option<Box<Waiting>>,
    },
    /// The agent's name for its conversation is known.
    Conversation {
        /// Session.
        id: SessionId,
        /// The conversation.
        conversation: Conversation,
    },
    /// A hook names another conversation than the one that is known, and nothing confirms it.
    Doubted {
        /// Session.
        id: SessionId,
        /// What the hook names.
        said: String,
    },
    /// Start an ended session again.
    Again {
        /// Session.
        id: SessionId,
        /// The values of its environment now.
        env: Vec<(String, String)>,
    },
    /// A follow-up was typed, or not.
    Typed {
        /// Session.
        id: SessionId,
        /// Its text.
        text: String,
        /// Why it was not.
        why_not: Option<String>,
    },
}

/// What the outside has to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Make the worktree, find the agent, start the holder.
    Start(SessionId),
    /// Stop its process tree.
    Freeze(SessionId),
    /// Let it continue.
    Thaw(SessionId),
    /// End its process tree.
    Stop {
        /// Session.
        id: SessionId,
        /// Without the agent's own polite way.
        force: bool,
    },
    /// Type a follow-up.
    Deliver {
        /// Session.
        id: SessionId,
        /// What.
        follow_up: FollowUp,
    },
    /// Write its record.
    Persist(SessionId),
    /// Remove its record and files.
    Forget(SessionId),
    /// Write a log entry.
    Log(TimelineEntry),
    /// Tell the clients.
    Notice {
        /// How loud.
        level: Level,
        /// Session.
        id: SessionId,
        /// One line.
        title: String,
        /// More.
        text: String,
    },
    /// A text that was not delivered and that its error cannot hold whole: put into the session's folder.
    KeepText {
        /// Whose.
        id: SessionId,
        /// The text, whole.
        text: String,
    },
    /// Look at its work tree.
    LookAtGit(SessionId),
}

/// What came of a command.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What has to be done, in this order.
    pub effects: Vec<Effect>,
    /// Why nothing was done.
    pub refused: Option<String>,
    /// Session that was made.
    pub created: Option<SessionId>,
    /// Text handed back.
    pub text: Vec<String>,
}
