//! What scanning finds.

use std::ops::Range;

/// Something found, with its bytes in the normalized text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) kind: Kind,
    pub(crate) span: Range<usize>,
    /// The bytes of the token's form, within the span.
    pub(crate) form: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A web or mail address; its form is the host.
    Address,
    /// `@name`; its form is the name.
    Mention,
    /// `#tag`; its form is the tag.
    Tag,
    /// One emoji, however many code points it takes.
    Emoji,
    /// A word of an alphabet, a number, or a name such as `c++`.
    Word,
}

impl Kind {
    /// Whether it splits a sentence: the text before it and the text after it are segmented
    /// separately.
    pub(crate) fn is_break(self) -> bool {
        self != Self::Word
    }
}
