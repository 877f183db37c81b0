//! What a session's terminal, log and text say of its state, on its way from the pump to the model. Must not know how signals are
//! weighed.

use super::Pump;
use super::SAYS_WHAT_MS;
use crate::base::Now;
use crate::evidence::text::Said;
use crate::evidence::{self, Heard, LogReader, Signal, Source, Step};
use crate::model::{Command, Conversation};
use crate::server::agent_log::{AgentLog, find_open};
use crate::server::text_watch::Look;
use crate::term;
use crate::wire::State;
use crate::wire::facts::{ErrorReport, SubAgent};

impl Pump {
    /// Takes back what a notification, a bell or a text said of the state, when it was answered or the program went on.
    pub(super) fn doubt_soft(&mut self, now: Now) {
        let Some(since) = self.soft else { return };
        let forget = |source| _ = self.hub.apply(Command::ForgetSignal { id: self.pane.id.clone(), source });
        if self.pane.last_input_ms() > since {
            [Source::Notice, Source::Screen, Source::Bell].into_iter().filter(|s| self.known(*s).is_some()).for_each(forget);
            self.soft = None;
        } else if !self.rang && now.mono_ms.saturating_sub(since) > SAYS_WHAT_MS && self.known(Source::Bell).is_some() {
            forget(Source::Bell);
        }
    }

    /// What the text says that was written since the last look.
    pub(super) fn read_text(&mut self, how: Look) {
        let Some(watch) = &mut self.text else { return };
        let written = self.pane.counts().0;
        let said = self.pane.engine(|e, _| watch.look(e, written, how));
        if said.is_empty() {
            return;
        }
        if said.iter().any(|s| matches!(s, Said::Attention { .. })) {
            self.soft = Some(Now::read().mono_ms);
        }
        self.hub.apply(Command::Said { id: self.pane.id.clone(), said });
    }

    /// What stands at the end of the screen, for agents that show their state there and nowhere else.
    pub(super) fn read_prompt(&mut self) {
        self.prompt_at = None;
        let rules = self.spec.as_ref().map(|s| s.prompts.as_slice()).unwrap_or_default();
        let lines = self.pane.screen_lines();
        let last = lines.iter().rev().find(|l| !l.trim().is_empty());
        let said = last.and_then(|l| evidence::prompt_signal(rules, l.trim_end(), Now::read().wall_ms));
        let known = self.known(Source::Screen);
        let id = self.pane.id.clone();
        match (said, known) {
            (Some(said), known) if known.as_ref().is_none_or(|k| (k.state, &k.text) != (said.state, &said.text)) => {
                self.hub.apply(Command::Signal { id, signal: said });
            }
            (None, Some(_)) => _ = self.hub.apply(Command::ForgetSignal { id, source: Source::Screen }),
            _ => {}
        }
    }

    /// The lines of the screen have other numbers from now on.
    pub(super) fn renumbered(&mut self) {
        if let Some(watch) = &mut self.text {
            self.pane.engine(|e, _| watch.renumbered(e));
        }
    }

    /// What the agent's log tells since the last look.
    pub(super) async fn read_log(&mut self) {
        self.log_at = None;
        if self.log.is_none() {
            self.find_log().await;
        }
        let id = self.pane.id.clone();
        if self.hub.world(|w| w.get(&id).is_some_and(|r| r.doubted.is_some()))
            && let Some((path, s)) = crate::server::talks::confirm(&self.hub, &id).await.zip(self.spec.as_ref())
        {
            self.log = Some(AgentLog::new(path.into(), LogReader::new(s.log_rules.clone()).with_usage(s.usage_rules.clone())));
        }
        let Some(mut log) = self.log.take() else { return };
        let Ok((log, heard)) = tokio::task::spawn_blocking(move || {
            let heard = log.look();
            (log, heard)
        })
        .await
        else {
            return;
        };
        self.log = Some(log);
        let id = &self.pane.id;
        let mut last = None;
        for h in heard {
            let id = id.clone();
            match h {
                Heard::Failed(why) => _ = self.hub.apply(Command::Failure { id, error: agent_error(Some(why).filter(|w| !w.is_empty())) }),
                Heard::ToolFailed(what) => {
                    let error = ErrorReport {
                        title: "a tool failed".into(),
                        issue: Some(what).filter(|w| !w.is_empty()),
                        status: Some("the agent goes on".into()),
                        resolved: true,
                        source: Source::Log.word().into(),
                        ..ErrorReport::default()
                    };
                    self.hub.apply(Command::Failure { id, error });
                }
                Heard::Child { id: child, title, begins: true } => {
                    let at_ms = Now::read().wall_ms;
                    let child =
                        SubAgent { id: child, title, state: State::Working, text: None, percent: None, at_ms, source: Source::Log.word().into() };
                    self.hub.apply(Command::Child { id, child });
                }
                Heard::Child { id: child, .. } => _ = self.hub.apply(Command::ChildGone { id, child }),
                Heard::Todos(list) => crate::server::todos::listed(&self.hub, &id, Source::Log, &list),
                Heard::Used(usage) => _ = self.hub.apply(Command::Usage { id, usage }),
                // Of prompts only the last word counts.
                prompt => last = Some(prompt),
            }
        }
        match last {
            Some(Heard::Waits { kind, text }) => {
                let signal = Signal { source: Source::Log, state: State::Waiting, text: Some(text), kind: Some(kind), at_ms: Now::read().wall_ms };
                self.hub.apply(Command::Signal { id: id.clone(), signal });
            }
            Some(_) => {
                // What a notification said of the same prompt is answered with it.
                for source in [Source::Notice, Source::Log] {
                    self.hub.apply(Command::ForgetSignal { id: id.clone(), source });
                }
                crate::server::hooks::answered_in_pane(&self.hub, id);
            }
            None => {}
        }
    }

    /// Looks for the log of an agent that names it when it starts.
    async fn find_log(&mut self) {
        let Some(tries) = self.log_tries.checked_sub(1) else { return };
        // Who types a task shows much before there is a turn, and so a log.
        if !self.hub.world(|w| w.get(&self.pane.id).is_some_and(|r| matches!(r.facts.state, State::Working | State::Waiting))) {
            return;
        }
        self.log_tries = tries;
        let pattern = self.spec.as_ref().and_then(|s| regex::Regex::new(s.log_open.as_ref()?).ok());
        let Some((agent, pattern)) = self.pane.agent_pid().zip(pattern) else { return };
        let found = tokio::task::spawn_blocking(move || find_open(agent, &pattern)).await.ok().flatten();
        if let Some(((path, conversation), s)) = found.zip(self.spec.as_ref()) {
            self.log_tries = 0;
            if let Some(conversation) = conversation {
                let conversation = Conversation { id: conversation, log: Some(path.to_string_lossy().into_owned()) };
                self.hub.apply(Command::Conversation { id: self.pane.id.clone(), conversation });
            }
            self.log = Some(AgentLog::new(path, LogReader::new(s.log_rules.clone()).with_usage(s.usage_rules.clone())));
        }
    }

    /// OSC 9;4: how far it is, and whether a turn goes on.
    pub(super) fn progress(&mut self, p: term::Progress, now: Now) {
        let id = self.pane.id.clone();
        let number = match p.state {
            term::ProgressState::None => 0,
            term::ProgressState::Normal => 1,
            term::ProgressState::Error => 2,
            term::ProgressState::Indeterminate => 3,
            term::ProgressState::Paused => 4,
        };
        let percent = if number == 0 { None } else { p.percent.map(f64::from) };
        let mut steps = vec![Step::Percent(percent)];
        steps.extend(evidence::progress_word(number).map(|w| Step::Word(Some(w))));
        if percent.is_some() && steps.len() == 1 {
            steps.push(Step::Word(None));
        }
        self.hub.apply(Command::Steps { id: id.clone(), source: Source::Osc, steps });
        if number == 0 && self.known(Source::Notice).is_some_and(|s| s.state == State::Waiting) {
            self.hub.apply(Command::ForgetSignal { id: id.clone(), source: Source::Notice });
        }
        // Of a plain command the state is its process; only agents have turns.
        if let Some(signal) = evidence::progress_signal(number, now.wall_ms).filter(|_| self.sort == super::Sort::Agent) {
            self.hub.apply(Command::Signal { id, signal });
        }
    }

    /// BEL, when the agent's file says what it means.
    pub(super) fn bell(&mut self, now: Now) {
        let id = self.pane.id.clone();
        self.rang = true;
        if let Some(state) = self.spec.as_ref().and_then(|s| s.bell) {
            self.soft = Some(now.mono_ms);
            let signal = Signal { source: Source::Bell, state, text: None, kind: None, at_ms: now.wall_ms };
            self.hub.apply(Command::Signal { id, signal });
        }
    }

    /// A mark of the shell: the program before a new prompt has ended.
    pub(super) fn prompt(&mut self, mark: &term::MarkKind, now: Now) {
        let id = self.pane.id.clone();
        let at_prompt = matches!(mark, term::MarkKind::PromptStart);
        if at_prompt {
            self.hub.apply(Command::NewPrompt(id.clone()));
        }
        if self.sort == super::Sort::Shell && (at_prompt || matches!(mark, term::MarkKind::OutputStart)) {
            self.hub.apply(Command::Signal { id, signal: evidence::mark_signal(at_prompt, now.wall_ms) });
        }
    }
}

fn agent_error(issue: Option<String>) -> ErrorReport {
    ErrorReport { title: "the agent reported an error".into(), issue, count: 1, source: Source::Log.word().into(), ..ErrorReport::default() }
}
