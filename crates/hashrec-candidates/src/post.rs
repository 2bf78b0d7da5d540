//! A post to fit on.

use hashrec_data::HashtagId;
use hashrec_tokenize::Tokens;

/// A post to fit on.
#[derive(Clone, Copy, Debug)]
pub struct PostInput<'a> {
    /// Its tokens.
    pub tokens: &'a Tokens,
    /// Its text.
    pub text: &'a str,
    /// When it was written, in Unix seconds.
    pub created_at: Option<i64>,
    /// What it means, by an encoder: the vector of its text followed by that of its title. Empty if
    /// that is not known.
    pub meaning: &'a [f32],
    /// Its hashtags, by position in the hashtag space of its community.
    pub gold: &'a [HashtagId],
}
