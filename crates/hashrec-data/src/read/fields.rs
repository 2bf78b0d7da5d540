//! From the fields of a post, in either format, to the post.

use super::problem::{FieldProblem, excerpt};
use crate::{Post, time};

/// What an id or the name of a community must be, for messages.
pub(super) const NAME: &str = "a non-empty string or a whole number";

/// The fields of a post as read from a file.
pub(super) struct Fields {
    pub(super) id: String,
    pub(super) community: String,
    pub(super) text: String,
    pub(super) hashtags: Vec<String>,
    pub(super) created_at: Option<String>,
}

impl Fields {
    /// The post, and how many empty or repeated hashtags were left out.
    pub(super) fn into_post(self) -> Result<(Post, usize), FieldProblem> {
        let problem =
            |field, found, expected| Err(FieldProblem { field: Some(field), found, expected });
        for (field, value) in [("id", &self.id), ("community", &self.community)] {
            if value.trim().is_empty() {
                return problem(field, "an empty string".into(), NAME);
            }
        }
        let created_at = match self.created_at {
            None => None,
            Some(text) => match time::parse(&text) {
                None => return problem("created_at", excerpt(&text), time::EXPECTED),
                time => time,
            },
        };
        let given = self.hashtags.len();
        let post = Post::new(self.id, self.community, self.text, self.hashtags, created_at);
        let left_out = given - post.hashtags.len();
        Ok((post, left_out))
    }
}
