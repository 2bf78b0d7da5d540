//! A community to take in.

use std::collections::BTreeSet;

use hashrec_data::{Post, normalize_hashtag};
use serde::{Deserialize, Serialize};

use crate::LearnError;

/// A community for [`with_community`](crate::Recommender::with_community): its name, its closed list
/// of hashtags, and the posts there are, if any.
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
    /// Its hashtags, in any order, with or without `#`: exactly these can be recommended, and what
    /// else posts carry is ignored. If the list is empty, the posts' hashtags take its place.
    #[serde(default)]
    pub hashtags: Vec<String>,
    /// All its labelled posts, in any order. Posts without hashtags teach nothing.
    #[serde(default)]
    pub posts: Vec<Post>,
}

impl NewCommunity {
    /// A community without posts.
    pub fn new<S: Into<String>>(
        name: impl Into<String>,
        hashtags: impl IntoIterator<Item = S>,
    ) -> Self {
        let hashtags = hashtags.into_iter().map(Into::into).collect();
        Self { name: name.into(), hashtags, posts: Vec::new() }
    }

    /// Adds posts to those there are.
    pub fn with_posts(mut self, posts: impl IntoIterator<Item = Post>) -> Self {
        self.posts.extend(posts);
        self
    }

    /// The posts as they are learned from: with the hashtags of the list alone.
    pub(super) fn checked_posts(&self) -> Result<Vec<Post>, LearnError> {
        let refused = |problem| LearnError::Post { community: self.name.clone(), problem };
        let listed: BTreeSet<&str> = self.list().collect();
        let mut ids = BTreeSet::new();
        let mut posts = Vec::with_capacity(self.posts.len());
        for post in &self.posts {
            if post.community != self.name {
                let (id, other) = (&post.id, &post.community);
                return Err(refused(format!("post {id:?} is of community {other:?}")));
            }
            if !ids.insert(post.id.as_str()) {
                return Err(refused(format!("post {:?} is there twice", post.id)));
            }
            let hashtags = post.hashtags.iter().map(|tag| normalize_hashtag(tag));
            let kept = hashtags.filter(|tag| listed.is_empty() || listed.contains(tag));
            posts.push(Post::new(&*post.id, &*self.name, &*post.text, kept, post.created_at));
        }
        Ok(posts)
    }

    /// The hashtags of the list in normal form.
    pub(super) fn list(&self) -> impl Iterator<Item = &str> {
        self.hashtags.iter().map(|tag| normalize_hashtag(tag)).filter(|tag| !tag.is_empty())
    }
}
