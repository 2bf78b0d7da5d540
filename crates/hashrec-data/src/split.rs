//! Splits into posts to train on and posts to test on, the same on every run and machine.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use crate::{DataError, Post};

/// A split by the hash of the id.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `parts` | 5 | one post in so many is for testing | 2 or more |
/// | `salt` | empty | stands before the id when it is hashed; another salt gives another split | |
///
/// A post is for testing when the SHA-1 hash of salt and id, read as one large number, is a
/// multiple of `parts`. That doesn't depend on the other posts: a post stays on its side when
/// others come or go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HashSplit {
    /// One post in so many is for testing.
    pub parts: u32,
    /// Stands before the id.
    pub salt: String,
}

impl Default for HashSplit {
    fn default() -> Self {
        Self { parts: 5, salt: String::new() }
    }
}

impl HashSplit {
    /// Sets the number of parts.
    pub fn with_parts(mut self, parts: u32) -> Self {
        self.parts = parts;
        self
    }

    /// Sets the salt.
    pub fn with_salt(mut self, salt: impl Into<String>) -> Self {
        self.salt = salt.into();
        self
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`DataError::Parameter`].
    pub fn check(&self) -> Result<(), DataError> {
        check_folds("parts", self.parts)
    }
}

/// A split by time: the newest posts of each community are for testing.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `test_share` | 0.2 | the share of each community's posts that is for testing, rounded down | more than 0, less than 1 |
///
/// Posts of the same second stand in order of id. Posts without a time count as older than all
/// others, so they are for training unless the share takes in all posts that have one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeSplit {
    /// The share of each community's posts that is for testing.
    pub test_share: f64,
}

impl Default for TimeSplit {
    fn default() -> Self {
        Self { test_share: 0.2 }
    }
}

impl TimeSplit {
    /// Sets the share for testing.
    pub fn with_test_share(mut self, share: f64) -> Self {
        self.test_share = share;
        self
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`DataError::Parameter`].
    pub fn check(&self) -> Result<(), DataError> {
        if self.test_share > 0.0 && self.test_share < 1.0 {
            return Ok(());
        }
        let problem = format!("is {}, expected more than 0 and less than 1", self.test_share);
        Err(DataError::Parameter { name: "test_share", problem })
    }
}

/// What a split came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SplitReport {
    /// Posts to train on.
    pub train: u64,
    /// Posts to test on.
    pub test: u64,
    /// Posts that were for testing and are on neither side: none of their hashtags is in the space
    /// of the posts to train on.
    pub test_without_gold: u64,
    /// Hashtags of all posts that were for testing.
    pub test_hashtags: u64,
    /// Those of them that are not in the space, and were taken off.
    pub test_hashtags_outside_space: u64,
}

/// Posts to train on and posts to test on.
///
/// The hashtags of the posts to test on are those that the posts to train on use in the same
/// community: others can't be recommended. Posts left without one can't be tested on; the report
/// counts them. Both sides keep the order the posts were given in, and which side a post is on
/// never depends on that order.
///
/// ```
/// use hashrec_data::{HashSplit, Post, Split};
///
/// let posts = (0..100).map(|i| Post::new(i.to_string(), "c", "", ["tag"], None));
/// let split = Split::by_hash(posts, &HashSplit::default())?;
/// assert_eq!(split.train.len() + split.test.len(), 100);
/// # Ok::<(), hashrec_data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Posts to train on, with all their hashtags.
    pub train: Vec<Post>,
    /// Posts to test on, with the hashtags they can be given.
    pub test: Vec<Post>,
    /// The counts.
    pub report: SplitReport,
}

impl Split {
    /// Splits by the hash of the id.
    ///
    /// # Errors
    /// [`DataError::Parameter`].
    pub fn by_hash(
        posts: impl IntoIterator<Item = Post>,
        params: &HashSplit,
    ) -> Result<Self, DataError> {
        params.check()?;
        let for_test = |post: &Post| fold_of(&post.id, params.parts, &params.salt) == 0;
        let (test, train) = posts.into_iter().partition(for_test);
        Ok(Self::restrict(train, test))
    }

    /// Splits by time.
    ///
    /// # Errors
    /// [`DataError::Parameter`].
    pub fn by_time(
        posts: impl IntoIterator<Item = Post>,
        params: &TimeSplit,
    ) -> Result<Self, DataError> {
        params.check()?;
        let posts: Vec<Post> = posts.into_iter().collect();
        let mut communities = BTreeMap::<&str, Vec<usize>>::new();
        for (at, post) in posts.iter().enumerate() {
            communities.entry(&post.community).or_default().push(at);
        }
        let mut for_test = vec![false; posts.len()];
        for mut members in communities.into_values() {
            members
                .sort_by_key(|&at| posts.get(at).map(|post| Reverse((post.created_at, &post.id))));
            // Rounding down, and the share is less than 1, so this is less than the length.
            let count = (members.len() as f64 * params.test_share) as usize;
            for at in members.into_iter().take(count) {
                if let Some(flag) = for_test.get_mut(at) {
                    *flag = true;
                }
            }
        }
        let (test, train): (Vec<_>, Vec<_>) =
            posts.into_iter().zip(for_test).partition(|(_, for_test)| *for_test);
        let posts = |side: Vec<(Post, bool)>| side.into_iter().map(|(post, _)| post).collect();
        Ok(Self::restrict(posts(train), posts(test)))
    }

    /// Tests on fold `fold` of `folds`, trains on the others (see [`fold_of`]).
    ///
    /// # Errors
    /// [`DataError::Parameter`] unless there are two folds or more and `fold` is one of them.
    pub fn fold(
        posts: impl IntoIterator<Item = Post>,
        fold: u32,
        folds: u32,
        salt: &str,
    ) -> Result<Self, DataError> {
        check_folds("folds", folds)?;
        if fold >= folds {
            let problem = format!("is {fold}, expected less than the {folds} folds");
            return Err(DataError::Parameter { name: "fold", problem });
        }
        let (test, train) =
            posts.into_iter().partition(|post| fold_of(&post.id, folds, salt) == fold);
        Ok(Self::restrict(train, test))
    }

    /// Takes the hashtags that no post of `train` has off `test`, and the posts left without one.
    fn restrict(train: Vec<Post>, mut test: Vec<Post>) -> Self {
        let mut space = HashMap::<&str, HashSet<&str>>::new();
        for post in &train {
            let tags = post.hashtags.iter().map(String::as_str);
            space.entry(&post.community).or_default().extend(tags);
        }
        let mut report = SplitReport { train: train.len() as u64, ..SplitReport::default() };
        test.retain_mut(|post| {
            let before = post.hashtags.len();
            let tags = space.get(post.community.as_str());
            post.hashtags.retain(|tag| tags.is_some_and(|tags| tags.contains(tag.as_str())));
            report.test_hashtags += before as u64;
            report.test_hashtags_outside_space += (before - post.hashtags.len()) as u64;
            report.test_without_gold += u64::from(post.hashtags.is_empty());
            !post.hashtags.is_empty()
        });
        report.test = test.len() as u64;
        Self { train, test, report }
    }
}

/// The fold a post is in: the SHA-1 hash of salt and id, read as one big-endian number, modulo the
/// number of folds. 0 if there are none.
pub fn fold_of(id: &str, folds: u32, salt: &str) -> u32 {
    let hash = Sha1::new().chain_update(salt).chain_update(id).finalize();
    let folds = u64::from(folds.max(1));
    let rest = hash.iter().fold(0, |rest, &byte| ((rest << 8) | u64::from(byte)) % folds);
    // Less than `folds`, which is a u32.
    rest as u32
}

fn check_folds(name: &'static str, folds: u32) -> Result<(), DataError> {
    if folds >= 2 {
        return Ok(());
    }
    Err(DataError::Parameter { name, problem: format!("is {folds}, expected 2 or more") })
}
