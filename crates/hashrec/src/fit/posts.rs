//! A post with everything a fit wants of it.

use hashrec_candidates::PostInput;
use hashrec_data::{CommunitySpace, HashtagId, Post};
use hashrec_features::{Analysis, PostView};
use hashrec_tokenize::Tokens;

/// A post, its tokens, and its hashtags in the space of its community.
#[derive(Clone, Copy)]
pub(crate) struct LabelledPost<'a> {
    pub(crate) post: &'a Post,
    pub(crate) tokens: &'a Tokens,
    pub(crate) gold: &'a [HashtagId],
}

impl<'a> LabelledPost<'a> {
    /// As the generators take it.
    pub(crate) fn input(&self) -> PostInput<'a> {
        PostInput {
            tokens: self.tokens,
            text: &self.post.text,
            created_at: self.post.created_at,
            gold: self.gold,
        }
    }

    /// As the features see it.
    pub(crate) fn analysis(&self) -> Analysis {
        Analysis::new(&PostView::new(&self.post.text, self.tokens, self.post.created_at))
    }
}

/// The hashtags of a post that its community's space has.
pub(crate) fn gold(space: &CommunitySpace, post: &Post) -> Vec<HashtagId> {
    post.hashtags.iter().filter_map(|tag| space.id(tag)).collect()
}
