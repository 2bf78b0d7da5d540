//! From the fields of a post, in either format, to the post.

use super::problem::{FieldProblem, excerpt};
use crate::{Post, names::trim, nothing::is_nothing, time};

/// What an id or the name of a community must be, for messages.
pub(super) const NAME: &str = "a non-empty string or a whole number";

/// The fields of a post as read from a file.
pub(super) struct Fields {
    pub(super) id: String,
    pub(super) community: String,
    pub(super) text: String,
    pub(super) hashtags: Vec<String>,
    pub(super) created_at: Option<String>,
    /// How many fields say that there is nothing.
    pub(super) nothing: u64,
}

/// A post, and what was left out of it.
pub(super) struct Checked {
    pub(super) post: Post,
    /// How many empty or repeated hashtags were left out.
    pub(super) left_out: u64,
    /// How many fields say that there is nothing.
    pub(super) nothing: u64,
}

impl Fields {
    pub(super) fn into_post(self) -> Result<Checked, FieldProblem> {
        let Self { id, community, text, hashtags, created_at, mut nothing } = self;
        let (id, community) = (name("id", &id)?, name("community", &community)?);
        let mut seconds = None;
        if let Some(created_at) = created_at {
            seconds = time::parse(&created_at).map_err(|expected| {
                FieldProblem::new("created_at", excerpt(&created_at), expected)
            })?;
            nothing += u64::from(seconds.is_none());
        }
        let given = hashtags.len();
        let post = Post::new(id, community, text, hashtags, seconds);
        if post.community.is_empty() {
            return Err(FieldProblem::new("community", excerpt(community), NAME));
        }
        let left_out = (given - post.hashtags.len()) as u64;
        Ok(Checked { post, left_out, nothing })
    }
}

/// An id or the name of a community, without blanks at its ends.
fn name<'a>(field: &'static str, value: &'a str) -> Result<&'a str, FieldProblem> {
    match trim(value) {
        "" => Err(FieldProblem::new(field, "an empty string", NAME)),
        name if is_nothing(name) => {
            Err(FieldProblem::new(field, format!("{name:?}, which says that there is none"), NAME))
        }
        name => Ok(name),
    }
}
