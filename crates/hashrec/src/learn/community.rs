//! A community to add to a recommender.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use hashrec_data::{NameFolding, Post, fold_hashtag, normalize_community};
use serde::{Deserialize, Serialize};

use crate::{error::LearnError, notes::HashtagNotes};

/// A community for [`with_community`](crate::Recommender::with_community): its name, its closed list
/// of hashtags, and its posts, if it has any.
///
/// ```
/// use hashrec::{NewCommunity, Post};
///
/// // No posts yet: the list alone.
/// let knitting = NewCommunity::new("knitting", ["socks", "cables", "lace"]);
/// // Later.
/// let post = Post::new("1", "knitting", "My first socks", ["socks"], None);
/// let knitting = knitting.with_posts([post]);
/// assert_eq!((knitting.hashtags.len(), knitting.posts.len()), (3, 1));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCommunity {
    /// Its name. A community of that name is replaced.
    pub name: String,
    /// Its hashtags, in any order and writing, with or without `#`. Exactly these can be recommended;
    /// other hashtags of its posts are ignored. If the list is empty, the posts' hashtags are used.
    /// Each is shown as most posts write it. Names with nothing to see are left out, with a warning
    /// in the log.
    #[serde(default)]
    pub hashtags: Vec<String>,
    /// All its labelled posts, in any order. Nothing is learned from posts without hashtags.
    #[serde(default)]
    pub posts: Vec<Post>,
    /// What is known of hashtags beside their names, by name. Notes on other hashtags are ignored.
    #[serde(default)]
    pub notes: BTreeMap<String, HashtagNotes>,
}

impl NewCommunity {
    /// A community without posts.
    pub fn new<S: Into<String>>(
        name: impl Into<String>,
        hashtags: impl IntoIterator<Item = S>,
    ) -> Self {
        let hashtags = hashtags.into_iter().map(Into::into).collect();
        Self { name: name.into(), hashtags, ..Self::default() }
    }

    /// Adds posts.
    pub fn with_posts(mut self, posts: impl IntoIterator<Item = Post>) -> Self {
        self.posts.extend(posts);
        self
    }

    /// Adds notes on hashtags, by name.
    pub fn with_notes<S: Into<String>>(
        mut self,
        notes: impl IntoIterator<Item = (S, HashtagNotes)>,
    ) -> Self {
        self.notes.extend(notes.into_iter().map(|(name, notes)| (name.into(), notes)));
        self
    }

    /// The name, without what surrounds it.
    pub(super) fn name(&self) -> &str {
        normalize_community(&self.name)
    }

    /// The posts, each with only those hashtags that are in the list.
    pub(super) fn checked_posts(&self, names: NameFolding) -> Result<Vec<Post>, LearnError> {
        let community = || self.name().to_owned();
        if self.name().is_empty() {
            return Err(LearnError::NoName);
        }
        let listed = self.listed(names);
        let mut ids = BTreeSet::new();
        let mut posts = Vec::with_capacity(self.posts.len());
        for post in &self.posts {
            if normalize_community(&post.community) != self.name() {
                let (post, other) = (post.id.clone(), post.community.clone());
                return Err(LearnError::ForeignPost { community: community(), post, other });
            }
            if !ids.insert(post.id.as_str()) {
                let post = post.id.clone();
                return Err(LearnError::DuplicatePost { community: community(), post });
            }
            let is_listed = |tag: &&String| listed.contains(&fold_hashtag(tag, names));
            let known = post.hashtags.iter().filter(|tag| listed.is_empty() || is_listed(tag));
            posts.push(Post::new(&*post.id, self.name(), &*post.text, known, post.created_at));
        }
        Ok(posts)
    }

    /// The keys of the hashtags in the list. Those with nothing to see are left out, with a warning.
    fn listed(&self, names: NameFolding) -> BTreeSet<Cow<'_, str>> {
        let mut keys: BTreeSet<_> =
            self.hashtags.iter().map(|hashtag| fold_hashtag(hashtag, names)).collect();
        if keys.remove("") {
            let community = self.name();
            tracing::warn!(community, "left out hashtags of the list that have nothing to see");
        }
        keys
    }
}
