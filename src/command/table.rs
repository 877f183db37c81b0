//! The rows. One command is one line: variant, name, status-line word, title, sentence, scopes, and where there are any its
//! argument, verb and other names. Commands that are not built do not stand here.

use super::{Arg, Row, Scope};

macro_rules! pick {
    (; $default:expr) => {
        $default
    };
    ($given:expr; $default:expr) => {
        $given
    };
}

macro_rules! commands {
    ($($group:literal { $($cmd:ident $name:literal $short:literal $title:literal $doc:literal [$($scope:ident)+]
        $(arg $arg:ident)? $(verb $verb:literal)? $(also $($alias:literal)+)?;)* })*) => {
        /// Every command there is. The docs of each are the sentences that help shows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Cmd { $($( #[doc = $doc] $cmd, )*)* }

        /// The table, in the order of [`Cmd`].
        pub static TABLE: &[Row] = &[$($( Row {
            cmd: Cmd::$cmd,
            name: $name,
            short: $short,
            title: $title,
            doc: $doc,
            group: $group,
            scopes: &[$(Scope::$scope),+],
            arg: pick!($(Arg::$arg)?; Arg::None),
            verb: pick!($(Some($verb))?; None),
            aliases: &[$($($alias),+)?],
        }, )*)*];
    };
}

#[rustfmt::skip]
commands! {
    "Sessions" {
        SessionNew "session.new" "new" "New session" "Start an agent or a command." [Global] verb "new" also "New Background Session" "start agent" "create";
        SessionFollowUp "session.follow-up" "follow-up" "Follow up" "Type something for this session, or for the selected ones." [Global] arg Session verb "send" also "answer" "message" "prompt";
        SessionPauseToggle "session.pause-toggle" "pause" "Pause or resume" "Stop the whole process tree for now, or let it go on." [Global] arg Session;
        SessionPause "session.pause" "pause" "Pause session" "Stop the whole process tree for now." [Global] arg Session verb "sessions pause" also "freeze";
        SessionResume "session.resume" "resume" "Resume session" "Let a paused session go on." [Global] arg Session verb "sessions resume" also "continue";
        SessionStop "session.stop" "stop" "Stop session" "End the session's whole process tree, after asking." [Global] arg Session verb "sessions stop" also "cancel" "kill";
        SessionDismiss "session.dismiss" "dismiss" "Dismiss ended session" "Take an ended session off the list." [Global] arg Session verb "sessions dismiss" also "forget" "remove";
        SessionRename "session.rename" "rename" "Rename session" "Give the session another name." [Global] arg Text;
        SessionPin "session.pin" "pin" "Pin or unpin" "Keep the session at the top of its project." [Global] arg Session;
        SessionMute "session.mute" "mute" "Mute or unmute" "Tell nothing of the session by toasts or notifications, or tell it again; the tree and the inbox go on." [Global] arg Session verb "sessions mute" also "silence" "do not disturb" "notifications off";
        SessionMonitor "session.monitor" "monitor" "Monitor session" "Open live progress and log of the session beside it." [Global] arg Session verb "sessions monitor" also "watch";
        SessionDebug "session.debug" "debug" "Debug session" "Open processes, signals and escape traffic of the session beside it." [Global] arg Session verb "sessions debug" also "processes";
        SessionReplay "session.replay" "replay" "Replay session" "Show the recording of this session: play, scrub, search, copy." [Global] arg Session verb "sessions replay" also "recording" "time machine" "scrub";
        SessionNextAttention "session.next-attention" "next waiting" "Next session that needs you" "Show the session that has waited longest." [Global] also "attention";
    }
    "Session tree" {
        TreeToggle "tree.toggle" "tree" "Session tree" "Open or close the tree of sessions." [Global] verb "sessions list" also "Show Background Sessions" "sidebar" "sessions";
        TreeDock "tree.dock" "dock" "Dock the tree" "Keep the tree beside the panes, or over them." [Global];
        TreeFocus "tree.focus" "tree" "Go to the tree" "Move the keys to the tree of sessions." [Global];
        TreeUp "tree.up" "up" "Up" "One row up." [Tree];
        TreeDown "tree.down" "down" "Down" "One row down." [Tree];
        TreeTop "tree.top" "top" "First row" "Go to the first row." [Tree];
        TreeBottom "tree.bottom" "bottom" "Last row" "Go to the last row." [Tree];
        TreeOpen "tree.open" "open" "Show in the pane" "Show the session in the focused pane and go there." [Tree];
        TreeFold "tree.fold" "fold" "Fold or unfold" "Show or hide what is below this row." [Tree];
        TreeFoldAll "tree.fold-all" "fold all" "Fold or unfold everything" "Show every row's details, or none." [Tree];
        TreeSelect "tree.select" "select" "Select" "Select the row, for a command on several sessions." [Tree];
        TreeSelectAll "tree.select-all" "select all" "Select all" "Select every session shown, or none." [Tree];
        TreeFilter "tree.filter" "filter" "Filter" "Show only the rows that hold what you type." [Tree];
    }
    "Panes" {
        PaneSplitRight "pane.split-right" "split" "Split right" "Make a pane on the right of this one." [Global] also "vertical split";
        PaneSplitDown "pane.split-down" "split down" "Split down" "Make a pane below this one." [Global] also "horizontal split";
        PaneClose "pane.close" "close" "Close pane" "Close this pane; its session goes on." [Global];
        PaneZoom "pane.zoom" "zoom" "Zoom" "Give this pane the whole tab, or back." [Global] also "maximize" "full screen";
        PaneNext "pane.next" "next" "Next pane" "Move the focus to the next pane." [Global];
        PanePrevious "pane.previous" "previous" "Previous pane" "Move the focus to the pane before." [Global];
        PaneFocusLeft "pane.focus-left" "left" "Focus left" "Move the focus to the pane on the left." [Global];
        PaneFocusRight "pane.focus-right" "right" "Focus right" "Move the focus to the pane on the right." [Global];
        PaneFocusUp "pane.focus-up" "up" "Focus up" "Move the focus to the pane above." [Global];
        PaneFocusDown "pane.focus-down" "down" "Focus down" "Move the focus to the pane below." [Global];
        PaneResizeLeft "pane.resize-left" "narrower" "Resize left" "Move the pane's edge to the left." [Global];
        PaneResizeRight "pane.resize-right" "wider" "Resize right" "Move the pane's edge to the right." [Global];
        PaneResizeUp "pane.resize-up" "shorter" "Resize up" "Move the pane's edge up." [Global];
        PaneResizeDown "pane.resize-down" "taller" "Resize down" "Move the pane's edge down." [Global];
        PaneSwapNext "pane.swap-next" "swap" "Swap with next" "Exchange this pane with the next one." [Global];
        PaneSwapPrevious "pane.swap-previous" "swap back" "Swap with previous" "Exchange this pane with the one before." [Global];
        PaneLayoutNext "pane.layout-next" "layout" "Next layout" "Arrange the panes of this tab another way." [Global] also "even" "tiled" "main";
        PaneShowSession "pane.show-session" "show" "Show session in this pane" "Choose which session this pane shows." [Global] arg Session also "Background Agent Terminal" "switch session";
        PaneShowNewestBeside "pane.show-newest-beside" "beside" "Show the newest session beside" "Open the newest session that is not in sight beside this pane; the focus stays." [Global];
    }
    "Tabs" {
        TabNew "tab.new" "new tab" "New tab" "Open an empty tab." [Global];
        TabNext "tab.next" "next tab" "Next tab" "Go to the next tab." [Global];
        TabPrevious "tab.previous" "tab back" "Previous tab" "Go to the tab before." [Global];
        TabClose "tab.close" "close tab" "Close tab" "Close this tab; its sessions go on." [Global];
        TabRename "tab.rename" "rename tab" "Rename tab" "Give this tab a name." [Global] arg Text;
        TabGo1 "tab.go-1" "tab 1" "Tab 1" "Go to tab 1." [Global];
        TabGo2 "tab.go-2" "tab 2" "Tab 2" "Go to tab 2." [Global];
        TabGo3 "tab.go-3" "tab 3" "Tab 3" "Go to tab 3." [Global];
        TabGo4 "tab.go-4" "tab 4" "Tab 4" "Go to tab 4." [Global];
        TabGo5 "tab.go-5" "tab 5" "Tab 5" "Go to tab 5." [Global];
        TabGo6 "tab.go-6" "tab 6" "Tab 6" "Go to tab 6." [Global];
        TabGo7 "tab.go-7" "tab 7" "Tab 7" "Go to tab 7." [Global];
        TabGo8 "tab.go-8" "tab 8" "Tab 8" "Go to tab 8." [Global];
        TabGo9 "tab.go-9" "tab 9" "Tab 9" "Go to tab 9." [Global];
    }
    "What happens" {
        InboxOpen "inbox.open" "inbox" "Inbox" "List every session that waits for you." [Global] also "waiting" "approvals" "questions";
        InboxAllow "inbox.allow" "allow once" "Allow once" "Let the agent do what it asks for, this once." [Inbox] also "approve" "yes";
        InboxDeny "inbox.deny" "deny" "Deny" "Refuse what the agent asks for." [Inbox] also "refuse" "no";
        ErrorsOpen "errors.open" "errors" "Errors" "List the errors of all sessions, newest first." [Global];
        ErrorsFix "errors.fix" "fix" "Fix now" "Send the error with its context to its session, as a follow-up." [Errors];
        ErrorsDetails "errors.details" "details" "View details" "Show everything known of the error; when that is in sight, go to its pane." [Errors];
        ErrorsCancel "errors.cancel" "cancel task" "Cancel task" "Stop the session the error came from, after asking." [Errors];
        TimelineOpen "timeline.open" "timeline" "Timeline" "Show the log of this session, or of all of them." [Global] also "log" "history";
        TimelineScope "timeline.scope" "all/one" "One session or all" "Show the log of one session, or of all." [Timeline];
        CardOpen "card.open" "card" "Session card" "Show all that is known of this session, and where from." [Global] arg Session verb "sessions show" also "details" "info";
        SessionExplain "session.explain" "why" "Explain the state" "Show why this session has the state it has: every signal, what it lost against, what contradicts it." [Global] arg Session verb "sessions explain" also "evidence" "explain";
    }
    "Searching everywhere" {
        SearchAllOpen "search-all.open" "search all" "Search all sessions" "Search every session and its past as you type: histories, ended sessions, what recordings showed." [Global] verb "search" also "find" "grep";
        SearchAllPlain "search-all.plain" "regex/plain" "Pattern or plain text" "Take what is typed as a regular expression, or as plain text." [SearchAll];
    }
    "Recordings" {
        ReplayPlay "replay.play" "play" "Play or pause" "Let the recording go on, or stand still." [Replay];
        ReplayBack "replay.back" "back" "5 s back" "Go back in the recording." [Replay];
        ReplayForward "replay.forward" "forward" "5 s forward" "Go forward in the recording." [Replay];
        ReplayFarBack "replay.far-back" "far back" "A minute back" "Go back a minute." [Replay];
        ReplayFarForward "replay.far-forward" "far forward" "A minute forward" "Go forward a minute." [Replay];
        ReplayStepBack "replay.step-back" "step back" "One change back" "Go to the screen before the last change." [Replay];
        ReplayStep "replay.step" "step" "One change forward" "Go to the next change of the screen." [Replay];
        ReplayMarkPrevious "replay.mark-previous" "marker back" "Previous marker" "Go to the marker before: a state, a follow-up, an error." [Replay];
        ReplayMarkNext "replay.mark-next" "marker" "Next marker" "Go to the next marker: a state, a follow-up, an error." [Replay];
        ReplayStart "replay.start" "start" "Beginning" "Go to the beginning of the recording." [Replay];
        ReplayEnd "replay.end" "end" "End" "Go to the end of the recording." [Replay];
        ReplayGoTo "replay.go-to" "go to" "Go to a moment" "Type a percentage, or minutes and seconds from the beginning." [Replay];
        ReplaySlower "replay.slower" "slower" "Slower" "Play half as fast." [Replay];
        ReplayFaster "replay.faster" "faster" "Faster" "Play twice as fast." [Replay];
        ReplaySearch "replay.search" "search" "Search in the recording" "Go to when a text was on the screen." [Replay];
        ReplayFindNext "replay.find-next" "next" "Next time" "Go to the next time the text came." [Replay];
        ReplayFindPrevious "replay.find-previous" "previous" "Time before" "Go to the time before that the text came." [Replay];
        ReplayLeave "replay.leave" "leave" "Leave the recording" "Show the session as it is now." [Replay];
    }
    "Looking back" {
        ScrollEnter "scroll.enter" "look back" "Look back" "Scroll, search and select in this pane by keys." [Global] also "scrollback" "copy mode";
        ScrollLeave "scroll.leave" "leave" "Back to now" "Leave looking back and show the live screen." [Scroll];
        ScrollUp "scroll.up" "up" "Scroll up" "One line back." [Scroll];
        ScrollDown "scroll.down" "down" "Scroll down" "One line forward." [Scroll];
        ScrollPageUp "scroll.page-up" "page up" "Page up" "One page back." [Scroll Global];
        ScrollPageDown "scroll.page-down" "page down" "Page down" "One page forward." [Scroll];
        ScrollHalfPageUp "scroll.half-page-up" "half up" "Half a page up" "Half a page back." [Scroll];
        ScrollHalfPageDown "scroll.half-page-down" "half down" "Half a page down" "Half a page forward." [Scroll];
        ScrollTop "scroll.top" "oldest" "Oldest line" "Go to the oldest line kept." [Scroll];
        ScrollBottom "scroll.bottom" "newest" "Newest line" "Go to the live screen." [Scroll];
        SearchStart "search.start" "search" "Search" "Search this pane's text as you type, history included: down from here, up from the newest line." [Scroll Global] also "find";
        SearchBack "search.back" "search up" "Search upwards" "The same, upwards from here." [Scroll];
        SearchNext "search.next" "next" "Next match" "Go to the next match, in the direction of the search." [Scroll];
        SearchPrevious "search.previous" "previous" "Previous match" "Go to the next match against the direction of the search." [Scroll];
        SearchWord "search.word" "this word" "Search this word" "Search the word under the cursor, downwards." [Scroll];
        SearchWordBack "search.word-back" "word up" "Search this word upwards" "Search the word under the cursor, upwards." [Scroll];
        SearchOlder "search.older" "older" "Match above" "While typing a search, go to the match above." [Search];
        SearchNewer "search.newer" "newer" "Match below" "While typing a search, go to the match below." [Search];
        JumpPromptPrevious "jump.prompt-previous" "prompts" "Previous prompt" "Go to the prompt above, as the shell marked it (OSC 133, 633)." [Scroll Global] also "command above";
        JumpPromptNext "jump.prompt-next" "next prompt" "Next prompt" "Go to the prompt below." [Scroll];
        JumpErrorPrevious "jump.error-previous" "errors" "Previous error in the pane" "Go to where an error was reported, or to a line that looks like one, above." [Scroll Global];
        JumpErrorNext "jump.error-next" "next error" "Next error in the pane" "The same below." [Scroll];
        JumpFollowUpPrevious "jump.follow-up-previous" "follow-ups" "Previous follow-up in the pane" "Go to where a follow-up was typed, above." [Scroll Global];
        JumpFollowUpNext "jump.follow-up-next" "next one" "Next follow-up in the pane" "The same below." [Scroll];
    }
    "Selecting and copying" {
        CopyLeft "copy.left" "left" "Cursor left" "Move the cursor left." [Scroll];
        CopyRight "copy.right" "right" "Cursor right" "Move the cursor right." [Scroll];
        CopyUp "copy.up" "up" "Cursor up" "Move the cursor up." [Scroll];
        CopyDown "copy.down" "down" "Cursor down" "Move the cursor down." [Scroll];
        CopyWordNext "copy.word-next" "word" "Next word" "Move the cursor to the next word." [Scroll];
        CopyWordPrevious "copy.word-previous" "word back" "Previous word" "Move the cursor to the word before." [Scroll];
        CopyWordEnd "copy.word-end" "word end" "End of word" "Move the cursor to the end of this word, or of the next one." [Scroll];
        CopyBigWordNext "copy.big-word-next" "WORD" "Next word between blanks" "Move the cursor to the next word that begins behind a blank." [Scroll];
        CopyBigWordPrevious "copy.big-word-previous" "WORD back" "Previous word between blanks" "Move the cursor to the word before that begins behind a blank." [Scroll];
        CopyBigWordEnd "copy.big-word-end" "WORD end" "End of word between blanks" "Move the cursor to the last character before a blank." [Scroll];
        CopyLineStart "copy.line-start" "start" "Start of line" "Move the cursor to the first column." [Scroll];
        CopyLineFirst "copy.line-first" "first text" "First text of line" "Move the cursor to the first text of the line." [Scroll];
        CopyLineEnd "copy.line-end" "end" "End of line" "Move the cursor to the last text of the line." [Scroll];
        CopyScreenTop "copy.screen-top" "top" "Top of the window" "Move the cursor to the first line in sight." [Scroll];
        CopyScreenMiddle "copy.screen-middle" "middle" "Middle of the window" "Move the cursor to the middle line in sight." [Scroll];
        CopyScreenBottom "copy.screen-bottom" "bottom" "Bottom of the window" "Move the cursor to the last line in sight." [Scroll];
        CopyCharNext "copy.char-next" "to char" "To a character" "Move the cursor to the next place on the line of the character typed then." [Scroll];
        CopyCharPrevious "copy.char-previous" "back to char" "Back to a character" "The same towards the start of the line." [Scroll];
        CopyTillNext "copy.till-next" "before char" "Before a character" "Move the cursor before the next place on the line of the character typed then." [Scroll];
        CopyTillPrevious "copy.till-previous" "behind char" "Behind a character" "The same towards the start of the line, behind it." [Scroll];
        CopyCharAgain "copy.char-again" "char again" "To the same character again" "Go on to the next place of that character." [Scroll];
        CopyCharBack "copy.char-back" "other way" "To the same character, against the direction" "Go to the place of that character in the other direction." [Scroll];
        CopyParagraphPrevious "copy.paragraph-previous" "paragraph up" "Previous paragraph" "Move the cursor to the blank line above." [Scroll];
        CopyParagraphNext "copy.paragraph-next" "paragraph" "Next paragraph" "Move the cursor to the blank line below." [Scroll];
        CopyBracket "copy.bracket" "bracket" "Matching bracket" "Move the cursor to the bracket that belongs to this one." [Scroll];
        CopyWordAfter "copy.word-after" "behind word" "Behind the word" "Move the cursor behind this word of letters and digits, or the next one, as emacs does." [Scroll];
        CopyWordBefore "copy.word-before" "word back" "Start of the word" "Move the cursor to the start of this word of letters and digits, or of the one before, as emacs does." [Scroll];
        CopyLineAfter "copy.line-after" "behind line" "Behind the line" "Move the cursor behind the last text of the line." [Scroll];
        CopyMark "copy.mark" "mark" "Set the mark" "Begin a selection between the mark and the cursor: the character at its end is not in it." [Scroll];
        CopyMarkBlock "copy.mark-block" "mark block" "Mark a rectangle" "The same as a rectangle: the column at its right end is not in it." [Scroll];
        CopySelect "copy.select" "select" "Select text" "Begin or drop a selection along the text." [Scroll];
        CopySelectLine "copy.select-line" "lines" "Select lines" "Begin or drop a selection of whole lines." [Scroll];
        CopySelectBlock "copy.select-block" "block" "Select a block" "Begin or drop a selection of a rectangle." [Scroll];
        CopySelectWord "copy.select-word" "this word" "Select this word" "Select the word, path or address under the cursor; again, the whole line." [Scroll];
        CopySelectOutput "copy.select-output" "output" "Select a command's output" "Select what the command at the cursor printed, in shells that mark their prompts." [Scroll Global] also "last output";
        CopySwapEnds "copy.swap-ends" "other end" "Other end" "Move the cursor to the other end of the selection." [Scroll];
        CopyYank "copy.yank" "copy" "Copy selection" "Copy the selected text to the clipboard." [Scroll];
        CopyYankLine "copy.yank-line" "copy line" "Copy line" "Copy the line under the cursor, as far as only the width broke it." [Scroll];
        CopyAppend "copy.append" "append" "Copy behind the last" "Copy the selected text behind what was copied last." [Scroll];
        CopyYankToFollowUp "copy.yank-to-follow-up" "to follow-up" "Put selection into the follow-up" "Quote the selected text in the follow-up box." [Scroll];
        CopyYankToEditor "copy.yank-to-editor" "to editor" "Open selection in the editor" "Open the selected text in the editor." [Scroll];
    }
    "Labels" {
        LabelsShow "labels.show" "labels" "Labels to copy and open" "Put a short label on every address, path, commit and id on the screen: typing it copies, as a capital it opens." [Global Scroll] also "hints" "links" "open url";
        LabelsAct "labels.act" "copy/open" "What labels do" "Change what typing a label does: copy, open, follow up." [Labels];
        LabelsClose "labels.close" "close" "Close the labels" "Take the labels off." [Labels];
        TargetOpen "target.open" "open" "Open what is under the cursor" "Open the address, the file at its line, or the commit under the cursor." [Scroll];
    }
    "Clipboard of panes" {
        ClipboardAllow "clipboard.allow" "allow" "Allow the clipboard" "Let the pane that asks set your clipboard, this once." [Global] also "OSC 52";
        ClipboardAllowAlways "clipboard.allow-always" "always" "Always allow the clipboard" "Let the pane that asks set your clipboard whenever it has the keys." [Global];
        ClipboardDeny "clipboard.deny" "never" "Refuse the clipboard" "Refuse, and let this pane not ask again." [Global];
    }
    "Follow-up box" {
        FollowUpSend "follow-up.send" "send" "Send" "Send the text now." [FollowUp];
        FollowUpQueue "follow-up.queue" "queue" "Queue" "Send the text when the turn is over." [FollowUp];
        FollowUpInterrupt "follow-up.interrupt" "interrupt" "Interrupt and send" "Interrupt the turn, then send the text." [FollowUp];
        FollowUpNewline "follow-up.newline" "line" "New line" "Begin a new line." [FollowUp Dialog];
        FollowUpTarget "follow-up.target" "target" "Next target" "Choose who gets it: the next session, or the selected ones." [FollowUp];
        FollowUpHistoryPrevious "follow-up.history-previous" "older" "Older text" "Bring back what was sent before." [FollowUp];
        FollowUpHistoryNext "follow-up.history-next" "newer" "Newer text" "Go to what was sent later." [FollowUp];
        FollowUpClose "follow-up.close" "close" "Close the box" "Leave the box; what was typed stays for the next time." [FollowUp];
    }
    "Lists and dialogs" {
        ListUp "list.up" "up" "Up" "One row up." [List];
        ListDown "list.down" "down" "Down" "One row down." [List];
        ListPageUp "list.page-up" "page up" "Page up" "One page up." [List];
        ListPageDown "list.page-down" "page down" "Page down" "One page down." [List];
        ListTop "list.top" "top" "First row" "Go to the first row." [List];
        ListBottom "list.bottom" "bottom" "Last row" "Go to the last row." [List];
        ListFilter "list.filter" "filter" "Filter" "Show only the rows that hold what you type." [List];
        ListAccept "list.accept" "ok" "Do it" "Do the obvious thing with this row or dialog." [List Dialog Search Palette Help Inbox Errors Timeline Card];
        ListClose "list.close" "close" "Close" "Close this panel; what was under it comes back." [List Dialog Search Palette Help Inbox Errors Timeline Card Tree];
        ListNextField "list.next-field" "next field" "Next field" "Go to the next field." [Dialog];
        ListPreviousField "list.previous-field" "field back" "Previous field" "Go to the field before." [Dialog];
        ListNextChoice "list.next-choice" "next choice" "Next choice" "Take the next choice of this field." [Dialog];
        ListPreviousChoice "list.previous-choice" "choice back" "Previous choice" "Take the choice before." [Dialog];
        ListYes "list.yes" "yes" "Yes" "Say yes." [Dialog];
        ListNo "list.no" "no" "No" "Say no." [Dialog];
        ListReply "list.reply" "answer" "Type an answer" "Answer in words, or refuse and say why." [Inbox];
    }
    "Handing over" {
        SessionDelegate "session.delegate" "delegate" "Delegate session" "Start a background session that takes over what this one knows." [Global] arg Session verb "delegate" also "Delegate to background agent" "background";
        SessionHandoff "session.handoff" "hand-off" "Bring session back" "Show what was done in this session and what needs review." [Global] arg Session verb "handoff" also "review" "Handoff to local chat";
    }
    "Program" {
        AppPalette "app.palette" "commands" "Command palette" "Find and run any command." [Global] also "commands";
        AppHelp "app.help" "help" "Key help" "Show every command with the key it has now." [Global] also "keys" "shortcuts" "?";
        AppDetach "app.detach" "detach" "Detach" "Leave; every session goes on." [Global] also "quit" "exit" "leave";
        AppReloadConfig "app.reload-config" "reload" "Reload settings" "Read settings, keys and themes again." [Global];
        AppSendPrefix "app.send-prefix" "send prefix" "Send the prefix key" "Give the prefix key itself to the program in the pane." [Global];
        AppSuspend "app.suspend" "suspend" "Suspend" "Give the terminal to the shell; its `fg` brings the app back. Every session goes on." [Global] also "job control";
        AppTakeSize "app.take-size" "take size" "Take over the size" "Fit this session's terminal to this window, when another one sizes it." [Global];
    }
}
