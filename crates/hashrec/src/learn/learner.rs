//! Recommenders from posts alone: no ranker is trained.

use std::{collections::HashSet, ops::ControlFlow, sync::Arc};

use hashrec_data::{Duplicates, HashtagSpaceBuilder, MergedHashtag, Post, normalize_community};
use hashrec_ranker::Ranker;
use hashrec_vectorize::TextEncoder;

use super::{community::NewCommunity, fit::fit};
use crate::{
    config::{Config, RankerSource},
    error::LearnError,
    notes::{HashtagNotes, Notes},
    progress::{OnProgress, Progress, Stage},
    recommender::Recommender,
    reporter::{Reporter, on_threads},
};

/// Makes a recommender from posts, or from lists of hashtags, in seconds: everything about each
/// community is computed from its posts, and the hashtags are ranked by the built-in ranker.
///
/// It needs no C++ and no training. A `Trainer` (feature `train`) trains a ranker on your own posts,
/// which ranks them better still.
///
/// ```
/// use hashrec::{Config, Learner, Post};
///
/// let posts = [
///     Post::new("1", "knitting", "Turning a heel", ["socks"], None),
///     Post::new("2", "knitting", "A shawl in one evening", ["lace"], None),
/// ];
/// let config = Config::default().with_threads(1);
/// let (recommender, report) = Learner::new(config)?.learn(&posts)?;
/// assert_eq!((report.posts, report.communities), (2, 1));
/// assert_eq!(recommender.recommend("knitting", "My heel has a hole", 1)?[0].hashtag, "socks");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Learner<'a> {
    config: Config,
    ranker: Option<Ranker>,
    encoder: Option<Arc<dyn TextEncoder>>,
    notes: Notes,
    progress: Option<Box<OnProgress<'a>>>,
}

/// What a [`Learner`] learned from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LearnReport {
    /// Posts.
    pub posts: u64,
    /// Their communities, and those with a list of hashtags alone.
    pub communities: u64,
    /// Posts without a hashtag: only the rarity of their words is learned.
    pub untagged: u64,
    /// Posts left out because an earlier post has the same id.
    pub duplicates: u64,
    /// Hashtags that are written in several ways, and how they are shown.
    pub merged: Vec<MergedHashtag>,
}

impl<'a> Learner<'a> {
    /// A learner with this configuration. It uses `threads`, `duplicates`, `names`, `dictionary`,
    /// `tokenizer`, `candidates`, `shortlist` and `features`; the rest is for training.
    /// [`Config::min_posts`] doesn't apply: a community is served from its first post.
    ///
    /// # Errors
    /// [`LearnError::Config`]; [`LearnError::NotLearned`] for another system than
    /// [`System::Hashrec`](crate::System::Hashrec).
    pub fn new(config: Config) -> Result<Self, LearnError> {
        config.check()?;
        let config = config.with_ranker_source(RankerSource::BuiltIn);
        if config.pipeline().ranking.source().is_none() {
            return Err(LearnError::NotLearned { system: config.system });
        }
        let notes = Notes::new(config.names);
        Ok(Self { config, ranker: None, encoder: None, notes, progress: None })
    }

    /// Ranks with this ranker instead of the built-in one.
    pub fn with_ranker(mut self, ranker: Ranker) -> Self {
        self.ranker = Some(ranker);
        self
    }

    /// Asks this encoder what texts mean, if [`EncoderParams::kind`](crate::EncoderParams::kind) says
    /// that it is the program's own.
    pub fn with_encoder(mut self, encoder: Arc<dyn TextEncoder>) -> Self {
        self.encoder = Some(encoder);
        self
    }

    /// Adds what is known of a community's hashtags beside their names, by name, as
    /// [`NewCommunity::with_notes`] does. Notes on hashtags that the community hasn't got are ignored.
    pub fn with_notes<S: AsRef<str>>(
        mut self,
        community: &str,
        notes: impl IntoIterator<Item = (S, HashtagNotes)>,
    ) -> Self {
        self.notes.add(community, notes);
        self
    }

    /// Reports progress to a callback, which may also stop the learning.
    pub fn with_progress(
        mut self,
        progress: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'a,
    ) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Learns from posts, in any order. The hashtags of a community are those of its posts.
    ///
    /// The same posts, configuration and number of threads give the same recommender, byte for byte.
    ///
    /// # Errors
    /// [`LearnError`]: two posts have the same id and [`Config::duplicates`] doesn't allow it, a
    /// post's community has no name, no post has a hashtag, or the callback asked to stop.
    pub fn learn(self, posts: &[Post]) -> Result<(Recommender, LearnReport), LearnError> {
        let kept = kept(posts, self.config.duplicates)?;
        let duplicates = (posts.len() - kept.len()) as u64;
        let (builder, notes) = (HashtagSpaceBuilder::new(self.config.names), self.notes.clone());
        if duplicates == 0 {
            return self.fit(builder, notes, posts, duplicates);
        }
        let kept: Vec<Post> = kept.into_iter().cloned().collect();
        self.fit(builder, notes, &kept, duplicates)
    }

    /// Learns from communities: their lists of hashtags, and their posts if they have any.
    ///
    /// # Errors
    /// Those of [`learn`](Self::learn), but that ids need only differ within a community; those of
    /// [`Recommender::with_communities`].
    pub fn learn_communities(
        self,
        communities: &[NewCommunity],
    ) -> Result<(Recommender, LearnReport), LearnError> {
        let mut builder = HashtagSpaceBuilder::new(self.config.names);
        let mut notes = self.notes.clone();
        let (mut posts, mut names) = (Vec::new(), HashSet::new());
        for community in communities {
            if !names.insert(normalize_community(&community.name)) {
                return Err(LearnError::Twice { community: community.name.clone() });
            }
            posts.extend(community.checked_posts(self.config.names)?);
            builder = builder.list(&community.name, &community.hashtags);
            notes.add(&community.name, community.notes.clone());
        }
        self.fit(builder, notes, &posts, 0)
    }

    fn fit(
        self,
        builder: HashtagSpaceBuilder,
        notes: Notes,
        posts: &[Post],
        duplicates: u64,
    ) -> Result<(Recommender, LearnReport), LearnError> {
        let builder = builder.posts(posts);
        let merged = builder.merged();
        let space = builder.build();
        let report = LearnReport {
            posts: posts.len() as u64,
            communities: space.len() as u64,
            untagged: posts.iter().filter(|post| post.hashtags.is_empty()).count() as u64,
            duplicates,
            merged,
        };
        let Self { config, ranker, encoder, progress, .. } = self;
        let encoder = encoder.as_ref();
        let learn =
            |reporter: Reporter<'_>| fit(&config, ranker, encoder, (space, notes), posts, reporter);
        let model = on_threads(config.thread_count(), progress, learn)
            .map_err(LearnError::step(Stage::Tokens))??;
        Ok((Recommender::new(model)?, report))
    }
}

/// The posts without those whose id an earlier one has.
fn kept(posts: &[Post], duplicates: Duplicates) -> Result<Vec<&Post>, LearnError> {
    let mut ids = HashSet::with_capacity(posts.len());
    let mut kept = Vec::with_capacity(posts.len());
    for post in posts {
        if normalize_community(&post.community).is_empty() {
            return Err(LearnError::NoName);
        }
        if ids.insert(post.id.as_str()) {
            kept.push(post);
        } else if duplicates == Duplicates::Error {
            let (community, post) = (post.community.clone(), post.id.clone());
            return Err(LearnError::DuplicatePost { community, post });
        }
    }
    Ok(kept)
}

impl Recommender {
    /// A recommender for the communities of these posts, with the built-in ranker. The hashtags of
    /// a community are those of its posts. A [`Learner`] has more options.
    ///
    /// ```
    /// use hashrec::{Post, Recommender};
    ///
    /// let recommender = Recommender::from_posts(&[
    ///     Post::new("1", "knitting", "Turning a heel", ["socks"], None),
    ///     Post::new("2", "knitting", "A shawl in one evening", ["lace"], None),
    /// ])?;
    /// let best = &recommender.recommend("knitting", "My heel has a hole", 1)?[0];
    /// assert_eq!(best.hashtag, "socks");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Learner::learn`].
    pub fn from_posts(posts: &[Post]) -> Result<Self, LearnError> {
        Ok(Learner::new(Config::default())?.learn(posts)?.0)
    }

    /// A recommender for these communities, with the built-in ranker: a list of hashtags is enough.
    ///
    /// ```
    /// use hashrec::{NewCommunity, Recommender};
    ///
    /// let knitting = NewCommunity::new("knitting", ["socks", "cables", "lace"]);
    /// let recommender = Recommender::from_communities(&[knitting])?;
    /// let best = &recommender.recommend("knitting", "These socks are warm", 1)?[0];
    /// assert_eq!(best.hashtag, "socks");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Learner::learn_communities`].
    pub fn from_communities(communities: &[NewCommunity]) -> Result<Self, LearnError> {
        Ok(Learner::new(Config::default())?.learn_communities(communities)?.0)
    }
}
