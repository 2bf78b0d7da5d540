//! Posts in memory.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{
    DataError, Duplicates, HashtagSpace, HashtagSpaceBuilder, MergedHashtag, NameFolding, Place,
    Post, PostReader, ReadParams, ReadReport, normalize_community,
};

/// Parameters of a corpus: which posts it keeps.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `min_posts` | 11 | communities with fewer posts are left out; 0 keeps all | 0 or more |
/// | `duplicates` | `error` | what happens to a post that has the id of an earlier post | `error`, `keep-first` |
/// | `names` | see [`NameFolding`] | which hashtags of a community are one | |
///
/// The default of `min_posts` is the paper's rule: communities of 10 posts or fewer are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorpusParams {
    /// Communities with fewer posts are left out.
    pub min_posts: u64,
    /// What happens to a post that has the id of an earlier post.
    pub duplicates: Duplicates,
    /// Which hashtags of a community are one.
    pub names: NameFolding,
}

impl Default for CorpusParams {
    fn default() -> Self {
        Self { min_posts: 11, duplicates: Duplicates::Error, names: NameFolding::default() }
    }
}

impl CorpusParams {
    hashrec_storage::setters! {
        with_min_posts: min_posts, u64;
        with_duplicates: duplicates, Duplicates;
        with_names: names, NameFolding;
    }
}

/// A community that was left out because it has too few posts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Dropped {
    /// Its name.
    pub community: String,
    /// How many posts it has.
    pub posts: u64,
}

/// What a corpus contains, and what was left out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CorpusReport {
    /// Posts in the corpus.
    pub posts: u64,
    /// Their communities.
    pub communities: u64,
    /// Posts in the corpus that have no hashtag. They are kept because their texts are worth
    /// learning from.
    pub untagged: u64,
    /// The communities that were left out, in order of name.
    pub dropped: Vec<Dropped>,
    /// Posts left out because an earlier post has the same id.
    pub duplicates: u64,
    /// Hashtags that posts write in several ways, and how they are shown. Every post has them in the
    /// shown form.
    pub merged: Vec<MergedHashtag>,
    /// The counts of the readers, if the posts were read from files.
    pub read: Option<ReadReport>,
}

/// Posts in memory, in the order they were given, with unique ids.
///
/// ```
/// use hashrec_data::{Corpus, CorpusParams, Post};
///
/// let post = |i: usize, community| Post::new(i.to_string(), community, "", ["tag"], None);
/// let posts = (0..20).map(|i| post(i, "large")).chain((20..23).map(|i| post(i, "small")));
/// let corpus = Corpus::new(posts, &CorpusParams::default())?;
/// assert_eq!(corpus.posts().len(), 20);
/// assert_eq!(corpus.report().dropped[0].community, "small");
/// # Ok::<(), hashrec_data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corpus {
    posts: Vec<Post>,
    names: NameFolding,
    report: CorpusReport,
}

impl Corpus {
    /// Collects posts.
    ///
    /// # Errors
    /// [`DataError::DuplicateId`] if two posts have the same id and the parameters do not allow it,
    /// [`DataError::NoCommunity`] if the name of a post's community is empty.
    pub fn new(
        posts: impl IntoIterator<Item = Post>,
        params: &CorpusParams,
    ) -> Result<Self, DataError> {
        Self::of(posts.into_iter().collect(), |at| Place::Post(at + 1), params)
    }

    /// Reads a file of posts.
    ///
    /// # Errors
    /// Those of [`PostReader::open`] and of its items, and those of [`Corpus::new`].
    pub fn read(
        path: impl AsRef<Path>,
        read: &ReadParams,
        params: &CorpusParams,
    ) -> Result<Self, DataError> {
        Self::from_readers([PostReader::open(path, read)], params)
    }

    /// Reads all posts of several files.
    ///
    /// # Errors
    /// The first error among the readers, those of their items, and those of [`Corpus::new`].
    pub fn from_readers(
        readers: impl IntoIterator<Item = Result<PostReader, DataError>>,
        params: &CorpusParams,
    ) -> Result<Self, DataError> {
        let (mut posts, mut lines, mut files) = (Vec::new(), Vec::new(), Vec::new());
        let mut report = ReadReport::default();
        for reader in readers {
            let mut reader = reader?;
            while let Some(post) = reader.next().transpose()? {
                posts.push(post);
                lines.push((files.len(), reader.line()));
            }
            files.push(reader.file().to_owned());
            report.add(reader.into_report());
        }
        let place =
            |at: usize| match lines.get(at).and_then(|(f, line)| Some((files.get(*f)?, *line))) {
                Some((file, line)) => Place::Line { file: file.clone(), line },
                None => Place::Post(at + 1),
            };
        let mut corpus = Self::of(posts, place, params)?;
        corpus.report.read = Some(report);
        Ok(corpus)
    }

    /// A corpus of posts of which `place` says where each comes from.
    fn of(
        mut posts: Vec<Post>,
        place: impl Fn(usize) -> Place,
        params: &CorpusParams,
    ) -> Result<Self, DataError> {
        let mut report = CorpusReport::default();
        for (at, post) in posts.iter_mut().enumerate() {
            post.community = normalize_community(&post.community).to_owned();
            if post.community.is_empty() {
                return Err(DataError::NoCommunity { id: post.id.clone(), position: at + 1 });
            }
        }
        let repeated = repeated(&posts, place, params.duplicates)?;
        report.duplicates = repeated.len() as u64;
        if !repeated.is_empty() {
            let mut at = 0..;
            posts.retain(|_| !at.next().is_some_and(|at: usize| repeated.contains(&at)));
        }
        let mut sizes = BTreeMap::<String, u64>::new();
        for post in &posts {
            match sizes.get_mut(&post.community) {
                Some(size) => *size += 1,
                None => drop(sizes.insert(post.community.clone(), 1)),
            }
        }
        posts.retain(|post| sizes.get(&post.community).is_some_and(|&n| n >= params.min_posts));
        for (community, posts) in sizes {
            if posts >= params.min_posts {
                report.communities += 1;
            } else {
                report.dropped.push(Dropped { community, posts });
            }
        }
        report.posts = posts.len() as u64;
        report.untagged = posts.iter().filter(|post| post.hashtags.is_empty()).count() as u64;
        if !report.dropped.is_empty() || report.duplicates > 0 {
            let (communities, duplicates) = (report.dropped.len(), report.duplicates);
            tracing::info!(communities, duplicates, "left out small communities and repeated ids");
        }
        report.merged = merge_names(&mut posts, params.names);
        Ok(Self { posts, names: params.names, report })
    }

    /// The posts.
    pub fn posts(&self) -> &[Post] {
        &self.posts
    }

    /// The posts, consuming the corpus.
    pub fn into_posts(self) -> Vec<Post> {
        self.posts
    }

    /// What the corpus contains, and what was left out.
    pub fn report(&self) -> &CorpusReport {
        &self.report
    }

    /// The hashtags of its communities.
    pub fn space(&self) -> HashtagSpace {
        HashtagSpaceBuilder::new(self.names).posts(&self.posts).build()
    }

    /// The posts of each community, in order of name.
    pub fn by_community(&self) -> BTreeMap<&str, Vec<&Post>> {
        let mut groups = BTreeMap::<&str, Vec<&Post>>::new();
        for post in &self.posts {
            groups.entry(&post.community).or_default().push(post);
        }
        groups
    }
}

impl IntoIterator for Corpus {
    type Item = Post;
    type IntoIter = std::vec::IntoIter<Post>;

    fn into_iter(self) -> Self::IntoIter {
        self.posts.into_iter()
    }
}

/// Writes each hashtag in the form that its community shows.
fn merge_names(posts: &mut [Post], names: NameFolding) -> Vec<MergedHashtag> {
    let builder = HashtagSpaceBuilder::new(names).posts(&*posts);
    let merged = builder.merged();
    if merged.is_empty() {
        return merged;
    }
    tracing::info!(hashtags = merged.len(), "hashtags are written in more than one way");
    let space = builder.build();
    for post in posts {
        let community = space.community_id(&post.community).and_then(|id| space.community(id));
        let Some(community) = community else { continue };
        let shown = |tag: &String| community.hashtag(community.id(tag)?);
        let mut seen = HashSet::new();
        post.hashtags = (post.hashtags.iter().filter_map(shown))
            .filter(|tag| seen.insert(*tag))
            .map(str::to_owned)
            .collect();
    }
    merged
}

/// The positions of posts that have the id of an earlier post.
fn repeated(
    posts: &[Post],
    place: impl Fn(usize) -> Place,
    duplicates: Duplicates,
) -> Result<HashSet<usize>, DataError> {
    let mut first = HashMap::with_capacity(posts.len());
    let mut repeated = HashSet::new();
    for (at, post) in posts.iter().enumerate() {
        let earlier = *first.entry(post.id.as_str()).or_insert(at);
        if earlier == at {
            continue;
        }
        if duplicates == Duplicates::Error {
            let (first, second) = (place(earlier), place(at));
            return Err(DataError::DuplicateId { id: post.id.clone(), first, second });
        }
        repeated.insert(at);
    }
    Ok(repeated)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posts(of: &[(&str, &str)]) -> Vec<Post> {
        of.iter().map(|(id, community)| Post::new(*id, *community, "", ["x"], None)).collect()
    }

    #[test]
    fn small_communities_are_left_out_and_named() {
        let all = posts(&[("1", "b"), ("2", "a"), ("3", "b"), ("4", "c")]);
        let params = CorpusParams::default().with_min_posts(2);
        let corpus = Corpus::new(all.clone(), &params).unwrap();
        assert_eq!(corpus.posts(), posts(&[("1", "b"), ("3", "b")]));
        let dropped = |community: &str| Dropped { community: community.into(), posts: 1 };
        assert_eq!(corpus.report().dropped, [dropped("a"), dropped("c")]);
        let whole = Corpus::new(all.clone(), &CorpusParams::default().with_min_posts(0)).unwrap();
        assert_eq!(whole.by_community().len(), 3);
        assert_eq!(whole.space().len(), 3);
        assert_eq!(whole.into_posts(), all);
    }

    #[test]
    fn the_default_drops_ten_posts_and_keeps_eleven() {
        let of = |n: usize| {
            let posts = (0..n).map(|i| Post::new(i.to_string(), "c", "", ["x"], None));
            Corpus::new(posts, &CorpusParams::default()).unwrap().posts().len()
        };
        assert_eq!((of(10), of(11)), (0, 11));
    }

    #[test]
    fn repeated_ids_are_an_error_or_counted() {
        let all = posts(&[("1", "a"), ("2", "a"), ("1", "b"), ("1", "a")]);
        let params = CorpusParams::default().with_min_posts(0);
        let error = Corpus::new(all.clone(), &params).unwrap_err();
        assert!(
            matches!(
                error,
                DataError::DuplicateId { first: Place::Post(1), second: Place::Post(3), .. }
            ),
            "{error}"
        );
        let params = params.with_duplicates(Duplicates::KeepFirst);
        let corpus = Corpus::new(all, &params).unwrap();
        assert_eq!(corpus.posts(), posts(&[("1", "a"), ("2", "a")]));
        assert_eq!(corpus.report().duplicates, 2);
    }
}
