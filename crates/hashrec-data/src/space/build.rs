//! Building a space from posts and lists of hashtags.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::{
    lookup::{CommunitySpace, HashtagSpace, Tables},
    writings::{MergedHashtag, Writings},
};
use crate::{NameFolding, Post, fold_hashtag, normalize_community, normalize_hashtag};

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
///
/// Hashtags of a community whose keys are equal (see [`fold_hashtag`]) are one hashtag. It is shown as
/// most posts write it.
#[derive(Clone, Debug, Default)]
pub struct HashtagSpaceBuilder {
    folding: NameFolding,
    communities: BTreeMap<String, Draft>,
}

#[derive(Clone, Debug, Default)]
struct Draft {
    posts: u32,
    /// By key.
    hashtags: HashMap<String, Writings>,
}

impl Draft {
    /// Counts the hashtag of that key for so many posts that write it so.
    fn add(&mut self, key: &str, writing: &str, posts: u32) {
        match self.hashtags.get_mut(key) {
            Some(writings) => writings.add(writing, posts),
            None => drop(self.hashtags.insert(key.to_owned(), Writings::new(writing, posts))),
        }
    }
}

impl HashtagSpaceBuilder {
    /// A builder for hashtags that are compared in this way.
    pub fn new(folding: NameFolding) -> Self {
        Self { folding, ..Self::default() }
    }

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
    /// Hashtags are put into the form of [`normalize_hashtag`]; those with nothing to see are left out.
    /// Hashtags that no post uses come after the others, in order of name.
    pub fn list<T: AsRef<str>>(
        mut self,
        community: &str,
        hashtags: impl IntoIterator<Item = T>,
    ) -> Self {
        let folding = self.folding;
        let draft = self.draft(community);
        for tag in hashtags {
            let key = fold_hashtag(tag.as_ref(), folding);
            if !key.is_empty() {
                draft.add(&key, normalize_hashtag(tag.as_ref()), 0);
            }
        }
        self
    }

    /// Copies a community from another space, and replaces everything collected for a community of
    /// that name so far.
    pub fn community(mut self, space: &CommunitySpace) -> Self {
        let mut draft = Draft { posts: space.posts(), ..Draft::default() };
        for (tag, &posts) in space.hashtags().zip(space.counts()) {
            draft.add(&fold_hashtag(tag, self.folding), tag, posts);
        }
        self.communities.insert(space.name().to_owned(), draft);
        self
    }

    /// The hashtags that were written in more than one way so far, by community and hashtag.
    pub fn merged(&self) -> Vec<MergedHashtag> {
        let mut merged = Vec::new();
        for (community, draft) in &self.communities {
            let several = draft.hashtags.iter().filter(|(_, writings)| writings.len() > 1);
            merged.extend(several.map(|(key, writings)| writings.merged(community, key)));
        }
        merged.sort_by(|a, b| (&a.community, &a.hashtag).cmp(&(&b.community, &b.hashtag)));
        merged
    }

    /// The space.
    pub fn build(self) -> HashtagSpace {
        let (mut text, mut offsets) = (Vec::new(), vec![0]);
        let (mut counts, mut by_name) = (Vec::new(), Vec::new());
        let mut extents = Vec::new();
        for (name, draft) in self.communities {
            let shown = |(key, writings): (String, Writings)| {
                (writings.shown(&key).to_owned(), writings.posts(), key)
            };
            let mut tags: Vec<(String, u32, String)> =
                draft.hashtags.into_iter().map(shown).collect();
            tags.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let mut ids: Vec<u32> = (0..tags.len() as u32).collect();
            ids.sort_by_key(|&id| tags[id as usize].2.as_str());
            extents.push((name, draft.posts, counts.len(), tags.len()));
            by_name.append(&mut ids);
            for (tag, count, _) in tags {
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
            folding: self.folding,
        });
        let space = |(name, posts, start, len)| {
            let tables = Arc::clone(&tables);
            CommunitySpace { name, posts, start, len, tables }
        };
        HashtagSpace { communities: extents.into_iter().map(space).collect(), tables }
    }

    fn add(&mut self, post: &Post) {
        let folding = self.folding;
        let draft = self.draft(&post.community);
        draft.posts = draft.posts.saturating_add(1);
        let mut seen = HashSet::new();
        for tag in &post.hashtags {
            let key = fold_hashtag(tag, folding);
            if !key.is_empty() && seen.insert(key.clone()) {
                draft.add(&key, normalize_hashtag(tag), 1);
            }
        }
    }

    fn draft(&mut self, community: &str) -> &mut Draft {
        let name = normalize_community(community);
        self.communities.entry(name.to_owned()).or_default()
    }
}
