//! The tokens of one text.

use std::ops::Range;

/// The tokens of one text: their normalized forms in one buffer, and their positions in the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// The normalized forms, concatenated.
    forms: String,
    /// For each token: the end of its form in `forms`, and its byte span in the caller's text.
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    form_end: u32,
    start: u32,
    end: u32,
}

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// The normalized form, which is counted, looked up and compared.
    pub text: &'a str,
    /// The bytes of the caller's text that the token stands for.
    pub span: Range<usize>,
}

impl Tokens {
    /// The number of tokens.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no tokens.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The token at position `index`.
    pub fn get(&self, index: usize) -> Option<Token<'_>> {
        let entry = self.entries.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.entries[before].form_end);
        Some(Token {
            text: &self.forms[start as usize..entry.form_end as usize],
            span: entry.start as usize..entry.end as usize,
        })
    }

    /// The tokens in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Token<'_>> + DoubleEndedIterator + Clone {
        (0..self.len()).map(|index| self.get(index).unwrap_or(Token { text: "", span: 0..0 }))
    }

    /// The normalized forms in order.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator + Clone {
        self.iter().map(|token| token.text)
    }

    /// The number of tokens that begin before byte `offset` of the text, for example in its title.
    pub fn count_before(&self, offset: usize) -> usize {
        self.entries.partition_point(|entry| (entry.start as usize) < offset)
    }

    /// Removes all tokens and keeps the buffers.
    pub fn clear(&mut self) {
        self.forms.clear();
        self.entries.clear();
    }

    /// Adds a token. Its span must not begin before that of the last token; positions beyond 4 GiB are
    /// clipped.
    pub fn push(&mut self, text: &str, span: Range<usize>) {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.forms.push_str(text);
        let form_end = clip(self.forms.len());
        self.entries.push(Entry { form_end, start: clip(span.start), end: clip(span.end) });
    }
}
