//! Splits into training posts and test posts, the same on every run and machine.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use serde::{Deserialize, Serialize};
use sha1_smol::Sha1;

use crate::{DataError, NameFolding, Post, fold_hashtag};

/// Parameters of a split by the hash of the id.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `parts` | 5 | about one post in `parts` is a test post | 2 or more |
/// | `salt` | empty | hashed together with the id; another salt gives another split | any text |
///
/// A post is a test post if the SHA-1 hash of salt and id, read as one big-endian number, is a
/// multiple of `parts`. This does not depend on other posts: a post stays on its side when others
/// are added or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HashSplit {
    /// About one post in this many is a test post.
    pub parts: u32,
    /// Hashed together with the id.
    pub salt: String,
}

impl Default for HashSplit {
    fn default() -> Self {
        Self { parts: 5, salt: String::new() }
    }
}

impl HashSplit {
    hashrec_storage::setters! {
        with_parts: parts, u32;
        with_salt: salt, impl Into<String>;
    }

    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`DataError::Parameter`].
    pub fn check(&self) -> Result<(), DataError> {
        check_folds("parts", self.parts)
    }
}

/// Parameters of a split by time: the newest posts of each community are test posts.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `test_share` | 0.2 | the share of each community's posts that are test posts; their number is rounded down | above 0, below 1 |
///
/// Posts of the same second are ordered by id. Posts without a time count as older than all others:
/// they are training posts unless the share exceeds that of the posts with a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeSplit {
    /// The share of each community's posts that are test posts.
    pub test_share: f64,
}

impl Default for TimeSplit {
    fn default() -> Self {
        Self { test_share: 0.2 }
    }
}

impl TimeSplit {
    /// Sets the share of test posts.
    pub fn with_test_share(mut self, share: f64) -> Self {
        self.test_share = share;
        self
    }

    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`DataError::Parameter`].
    pub fn check(&self) -> Result<(), DataError> {
        if self.test_share > 0.0 && self.test_share < 1.0 {
            return Ok(());
        }
        let (found, expected) = (self.test_share.to_string(), "a number above 0 and below 1");
        Err(DataError::Parameter { name: "test_share", found, expected })
    }
}

/// The counts of a split.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SplitReport {
    /// Training posts.
    pub train: u64,
    /// Test posts.
    pub test: u64,
    /// Test posts that were left out because no training post of their community has one of their
    /// hashtags.
    pub test_without_gold: u64,
    /// Hashtags of all test posts, including those left out.
    pub test_hashtags: u64,
    /// Hashtags among them that no training post of the community has; they were removed.
    pub test_hashtags_outside_space: u64,
}

/// Training posts and test posts.
///
/// Test posts keep only the hashtags that training posts of the same community use, because others
/// cannot be recommended. Test posts that lose all hashtags are left out and counted in the report.
/// Both sides keep the order of the posts. The side of a post never depends on that order.
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
    /// Training posts, with all their hashtags.
    pub train: Vec<Post>,
    /// Test posts, with the hashtags that can be recommended.
    pub test: Vec<Post>,
    /// The counts.
    pub report: SplitReport,
}

impl Split {
    /// Splits by the hash of the id; see [`HashSplit`].
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

    /// Splits by time; see [`TimeSplit`].
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

    /// Takes fold `fold` of `folds` as test posts and the others as training posts; see [`fold_of`].
    ///
    /// # Errors
    /// [`DataError::Parameter`] if `folds` is less than 2, [`DataError::Fold`] if `fold` is not less
    /// than `folds`.
    pub fn fold(
        posts: impl IntoIterator<Item = Post>,
        fold: u32,
        folds: u32,
        salt: &str,
    ) -> Result<Self, DataError> {
        check_folds("folds", folds)?;
        if fold >= folds {
            return Err(DataError::Fold { fold, folds });
        }
        let (test, train) =
            posts.into_iter().partition(|post| fold_of(&post.id, folds, salt) == fold);
        Ok(Self::restrict(train, test))
    }

    /// Removes from `test` the hashtags that no post of `train` has, and the posts left without any.
    fn restrict(train: Vec<Post>, mut test: Vec<Post>) -> Self {
        let key = |tag: &str| fold_hashtag(tag, NameFolding::default()).into_owned();
        let mut space = HashMap::<&str, HashSet<String>>::new();
        for post in &train {
            let tags = post.hashtags.iter().map(|tag| key(tag.as_str()));
            space.entry(&post.community).or_default().extend(tags);
        }
        let mut report = SplitReport { train: train.len() as u64, ..SplitReport::default() };
        test.retain_mut(|post| {
            let before = post.hashtags.len();
            let tags = space.get(post.community.as_str());
            post.hashtags.retain(|tag| tags.is_some_and(|tags| tags.contains(&key(tag))));
            report.test_hashtags += before as u64;
            report.test_hashtags_outside_space += (before - post.hashtags.len()) as u64;
            report.test_without_gold += u64::from(post.hashtags.is_empty());
            !post.hashtags.is_empty()
        });
        report.test = test.len() as u64;
        Self { train, test, report }
    }
}

/// The fold of a post: the SHA-1 hash of salt and id, read as one big-endian number, modulo the
/// number of folds. 0 if `folds` is 0.
pub fn fold_of(id: &str, folds: u32, salt: &str) -> u32 {
    let mut hash = Sha1::from(salt);
    hash.update(id.as_bytes());
    let folds = u64::from(folds.max(1));
    let rest =
        hash.digest().bytes().iter().fold(0, |rest, &byte| ((rest << 8) | u64::from(byte)) % folds);
    // Less than `folds`, which is a u32.
    rest as u32
}

fn check_folds(name: &'static str, folds: u32) -> Result<(), DataError> {
    if folds >= 2 {
        return Ok(());
    }
    Err(DataError::Parameter { name, found: folds.to_string(), expected: "2 or more" })
}
