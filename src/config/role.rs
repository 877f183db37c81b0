//! What a theme gives a look to. Must not know the looks.

use crate::wire::State;

macro_rules! roles {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// Something that has a look of its own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Role {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Role {
            /// All roles.
            pub const ALL: &'static [Role] = &[$(Role::$variant),+];

            /// Its name in theme files.
            pub fn name(self) -> &'static str {
                match self { $(Role::$variant => $name),+ }
            }

            /// What it is for, one line.
            pub fn doc(self) -> &'static str {
                match self { $(Role::$variant => concat!($($doc),+)),+ }
            }
        }
    };
}

roles! {
    /// Ordinary text of the chrome.
    Text = "text",
    /// Text that matters less.
    Dim = "dim",
    /// The one accent: what has the focus.
    Accent = "accent",
    /// Headings of panels, such as SESSIONS.
    Heading = "heading",
    /// Lines between panes.
    Border = "border",
    /// Lines beside the focused pane.
    BorderFocus = "border-focus",
    /// Title of the focused pane.
    Title = "title",
    /// Title of the other panes.
    TitleDim = "title-dim",
    /// The row under the cursor in a list that has the focus.
    Selection = "selection",
    /// The row under the cursor in a list that has not.
    SelectionDim = "selection-dim",
    /// Rows marked with Space.
    Marked = "marked",
    /// Text marked for copying.
    CopySelection = "copy-selection",
    /// The status line.
    StatusLine = "status-line",
    /// A key in the status line and in help.
    Key = "key",
    /// What a key does.
    KeyText = "key-text",
    /// The tab that is shown.
    TabActive = "tab-active",
    /// The other tabs.
    Tab = "tab",
    /// State queued.
    Queued = "queued",
    /// State starting.
    Starting = "starting",
    /// State working.
    Working = "working",
    /// State waiting: the user is needed.
    Waiting = "waiting",
    /// State idle.
    Idle = "idle",
    /// State paused.
    Paused = "paused",
    /// State verifying.
    Verifying = "verifying",
    /// State done.
    Done = "done",
    /// State failed.
    Failed = "failed",
    /// State cancelled.
    Cancelled = "cancelled",
    /// State lost.
    Lost = "lost",
    /// The filled part of a progress bar.
    ProgressFill = "progress-fill",
    /// The empty part of a progress bar.
    ProgressEmpty = "progress-empty",
    /// Mark of something nobody has looked at.
    Unread = "unread",
    /// A project in the tree.
    Project = "project",
    /// The name of a session.
    Name = "name",
    /// The name of an agent.
    Agent = "agent",
    /// A branch.
    Branch = "branch",
    /// Lines added.
    Added = "added",
    /// Lines removed.
    Removed = "removed",
    /// Errors.
    Error = "error",
    /// Warnings.
    Warning = "warning",
    /// Success.
    Success = "success",
    /// Good to know.
    Info = "info",
    /// A toast.
    Toast = "toast",
    /// Inside of dialogs, panels over panes and the palette.
    Dialog = "dialog",
    /// Title of a dialog.
    DialogTitle = "dialog-title",
    /// Edge of a dialog.
    DialogBorder = "dialog-border",
    /// A line or box of text being typed.
    Input = "input",
    /// What an empty input says.
    Placeholder = "placeholder",
    /// A button or choice.
    Button = "button",
    /// The button that Enter presses.
    ButtonFocus = "button-focus",
    /// A match of a search.
    SearchMatch = "search-match",
    /// The match the view stands at.
    SearchCurrent = "search-current",
    /// Letters that match a filter.
    FilterMatch = "filter-match",
    /// The scroll bar.
    Scrollbar = "scrollbar",
    /// A link under the mouse.
    Link = "link",
}

impl Role {
    /// The role with this name in theme files.
    pub fn by_name(name: &str) -> Option<Role> {
        Role::ALL.iter().copied().find(|r| r.name() == name)
    }

    /// The role of a state.
    pub fn of(state: State) -> Role {
        match state {
            State::Queued => Role::Queued,
            State::Starting => Role::Starting,
            State::Working => Role::Working,
            State::Waiting => Role::Waiting,
            State::Idle => Role::Idle,
            State::Paused => Role::Paused,
            State::Verifying => Role::Verifying,
            State::Done => Role::Done,
            State::Failed => Role::Failed,
            State::Cancelled => Role::Cancelled,
            State::Lost => Role::Lost,
        }
    }
}
