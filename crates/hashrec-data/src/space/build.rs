//! Building a space from posts and lists of hashtags.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::lookup::{CommunitySpace, HashtagSpace, Tables};
use crate::{Post, normalize_hashtag};

impl HashtagSpace {
    /// The space of the hashtags that posts use. A community whose posts have no hashtags is in the
    /// space without hashtags.
    pub fn from_posts<'a>(posts: impl IntoIterator<Item = &'a Post>) -> Self {
        Self::builder().posts(posts).build()
    }

    /// The space of listed hashtags, by community; the number of posts of each is 0.
    pub fn from_lists<C, T>(
        lists: impl IntoIterator<Item = (C, impl IntoIterator<Item = T>)>,
    ) -> Self
    where
        C: AsRef<str>,
        T: AsRef<str>,
    {
        lists
            .into_iter()
            .fold(Self::builder(), |builder, (community, tags)| {
                builder.list(community.as_ref(), tags)
            })
            .build()
    }

    /// A builder that collects posts and lists of hashtags.
    pub fn builder() -> HashtagSpaceBuilder {
        HashtagSpaceBuilder::default()
    }
}

/// Collects posts and lists of hashtags, in any order, into a [`HashtagSpace`].
#[derive(Clone, Debug, Default)]
pub struct HashtagSpaceBuilder {
    communities: BTreeMap<String, Draft>,
}

#[derive(Clone, Debug, Default)]
struct Draft {
    posts: u32,
    counts: HashMap<String, u32>,
}

impl HashtagSpaceBuilder {
    /// Adds a post; each of its hashtags counts once.
    pub fn post(mut self, post: &Post) -> Self {
        self.add(post);
        self
    }

    /// Adds posts; see [`HashtagSpaceBuilder::post`].
    pub fn posts<'a>(mut self, posts: impl IntoIterator<Item = &'a Post>) -> Self {
        for post in posts {
            self.add(post);
        }
        self
    }

    /// Adds hashtags to a community, and the community itself even if the list is empty.
    ///
    /// Hashtags are put into the form of [`normalize_hashtag`]; empty ones are left out. Hashtags
    /// that no post uses come after the others, in order of name.
    pub fn list<T: AsRef<str>>(
        mut self,
        community: &str,
        hashtags: impl IntoIterator<Item = T>,
    ) -> Self {
        let counts = &mut self.draft(community).counts;
        for tag in hashtags {
            let tag = normalize_hashtag(tag.as_ref());
            if !tag.is_empty() && !counts.contains_key(tag) {
                counts.insert(tag.to_owned(), 0);
            }
        }
        self
    }

    /// Copies a community from another space, and replaces everything collected for a community of
    /// that name so far.
    pub fn community(mut self, space: &CommunitySpace) -> Self {
        let counts = space.hashtags().map(str::to_owned).zip(space.counts().iter().copied());
        let draft = Draft { posts: space.posts(), counts: counts.collect() };
        self.communities.insert(space.name().to_owned(), draft);
        self
    }

    /// The space.
    pub fn build(self) -> HashtagSpace {
        let (mut text, mut offsets) = (Vec::new(), vec![0]);
        let (mut counts, mut by_name) = (Vec::new(), Vec::new());
        let mut extents = Vec::new();
        for (name, draft) in self.communities {
            let mut tags: Vec<(String, u32)> = draft.counts.into_iter().collect();
            tags.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let mut ids: Vec<u32> = (0..tags.len() as u32).collect();
            ids.sort_by_key(|&id| tags[id as usize].0.as_str());
            extents.push((name, draft.posts, counts.len(), tags.len()));
            by_name.append(&mut ids);
            for (tag, count) in tags {
                text.extend_from_slice(tag.as_bytes());
                offsets.push(text.len() as u64);
                counts.push(count);
            }
        }
        let tables = Arc::new(Tables {
            text: text.into(),
            offsets: offsets.into(),
            counts: counts.into(),
            by_name: by_name.into(),
        });
        let space = |(name, posts, start, len)| {
            let tables = Arc::clone(&tables);
            CommunitySpace { name, posts, start, len, tables }
        };
        HashtagSpace { communities: extents.into_iter().map(space).collect(), tables }
    }

    fn add(&mut self, post: &Post) {
        let draft = self.draft(&post.community);
        draft.posts = draft.posts.saturating_add(1);
        let mut seen = HashSet::new();
        for tag in post.hashtags.iter().map(|tag| normalize_hashtag(tag)) {
            if tag.is_empty() || !seen.insert(tag) {
                continue;
            }
            match draft.counts.get_mut(tag) {
                Some(count) => *count = count.saturating_add(1),
                None => {
                    draft.counts.insert(tag.to_owned(), 1);
                }
            }
        }
    }

    fn draft(&mut self, community: &str) -> &mut Draft {
        self.communities.entry(community.to_owned()).or_default()
    }
}
