//! The input of the features.

use hashrec_tokenize::Tokens;

/// The input of the features: a post and its tokens.
#[derive(Clone, Copy, Debug)]
pub struct PostView<'a> {
    /// The whole text; its first line is the title.
    pub text: &'a str,
    /// The tokens of the whole text.
    pub tokens: &'a Tokens,
    /// How many of the tokens belong to the title.
    pub title_tokens: usize,
    /// When it was written, in Unix seconds.
    pub created_at: Option<i64>,
}

impl<'a> PostView<'a> {
    /// A view of `text`, whose first line is the title, and of its tokens.
    pub fn new(text: &'a str, tokens: &'a Tokens, created_at: Option<i64>) -> Self {
        let title_tokens = tokens.count_before(title(text).len());
        Self { text, tokens, title_tokens, created_at }
    }
}

/// The first line.
pub(super) fn title(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}
