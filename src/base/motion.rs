//! Ways of moving through the text of a terminal, as client and server name them. Must not know where any of them leads.

use serde::{Deserialize, Serialize};

/// Where to go from a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Motion {
    /// Start of the next word.
    WordNext,
    /// Start of this word, or of the one before.
    WordPrevious,
    /// End of this word, or of the next one.
    WordEnd,
    /// The same for words that only blanks part.
    BigWordNext,
    /// Backwards.
    BigWordPrevious,
    /// To its end.
    BigWordEnd,
    /// The blank line before this paragraph.
    ParagraphPrevious,
    /// The blank line behind it.
    ParagraphNext,
    /// The bracket that belongs to the one here, or to the next one on the line.
    Bracket,
    /// First column of the line, as far as it was only broken by the width.
    LineStart,
    /// First text of the line.
    LineFirst,
    /// Last text of the line.
    LineEnd,
    /// Behind this word of letters and digits, or the next one.
    WordAfter,
    /// Start of this word of letters and digits, or of the one before.
    WordBefore,
    /// Behind the last text of the line.
    LineAfter,
    /// The prompt above (marks of the shell integration).
    PromptPrevious,
    /// The prompt below.
    PromptNext,
    /// A reported error, or a line that looks like one, above.
    ErrorPrevious,
    /// The same below.
    ErrorNext,
    /// Where a follow-up was typed, above.
    FollowUpPrevious,
    /// The same below.
    FollowUpNext,
}

impl Motion {
    /// It needs more than the text: marks that only the server has, or a look at all of history.
    pub fn is_jump(self) -> bool {
        use Motion::*;
        matches!(self, PromptPrevious | PromptNext | ErrorPrevious | ErrorNext | FollowUpPrevious | FollowUpNext)
    }

    /// It goes towards older lines.
    pub fn is_back(self) -> bool {
        use Motion::*;
        matches!(
            self,
            WordPrevious
                | WordBefore
                | BigWordPrevious
                | ParagraphPrevious
                | LineStart
                | LineFirst
                | PromptPrevious
                | ErrorPrevious
                | FollowUpPrevious
        )
    }
}
