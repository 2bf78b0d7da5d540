//! Looking up communities and hashtags, by name and by id.

use std::{fmt, sync::Arc};

use hashrec_storage::Table;

use crate::{CommunityId, HashtagId, NameFolding, fold_hashtag, normalize_community};

/// The hashtags of every community, and how many posts use each.
///
/// Communities are sorted by name. The hashtags of a community are sorted by falling number of
/// posts, then by name. These orders are by Unicode code points. The positions are the
/// [`CommunityId`] and [`HashtagId`] that a bundle relies on; a space never changes once built.
/// Cloning is cheap because clones share the tables.
///
/// ```
/// use hashrec_data::{HashtagId, HashtagSpace, Post};
///
/// let posts = [
///     Post::new("1", "baking", "Rye", ["bread", "starter"], None),
///     Post::new("2", "baking", "Wheat", ["bread"], None),
/// ];
/// let space = HashtagSpace::from_posts(&posts);
/// let id = space.community_id("baking").ok_or("no such community")?;
/// let baking = space.community(id).ok_or("no such community")?;
/// assert_eq!(baking.hashtag(HashtagId(0)), Some("bread"));
/// assert_eq!(baking.count(HashtagId(0)), 2);
/// assert_eq!(baking.id("starter"), Some(HashtagId(1)));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Default)]
pub struct HashtagSpace {
    pub(super) communities: Arc<[CommunitySpace]>,
    pub(super) tables: Arc<Tables>,
}

/// The hashtags of one community.
#[derive(Clone)]
pub struct CommunitySpace {
    pub(super) name: String,
    pub(super) posts: u32,
    /// The first of the community's rows in the tables, and their number.
    pub(super) start: usize,
    pub(super) len: usize,
    pub(super) tables: Arc<Tables>,
}

/// The hashtags of all communities: one row each, the rows of a community together.
#[derive(Default)]
pub(super) struct Tables {
    /// All hashtags, concatenated.
    pub(super) text: Table<u8>,
    /// Where each hashtag begins in `text`; one more value than there are rows.
    pub(super) offsets: Table<u64>,
    /// How many posts of the community have the hashtag.
    pub(super) counts: Table<u32>,
    /// For each community its hashtag ids in order of their keys.
    pub(super) by_name: Table<u32>,
    /// How the names of hashtags are compared.
    pub(super) folding: NameFolding,
}

impl Tables {
    /// The hashtag of a row; `None` past the end.
    fn hashtag(&self, row: usize) -> Option<&str> {
        let from = usize::try_from(*self.offsets.get(row)?).ok()?;
        let to = usize::try_from(*self.offsets.get(row + 1)?).ok()?;
        // The bytes were checked when the space was read. Checking these few again costs less than
        // keeping a copy of all of them as strings.
        std::str::from_utf8(self.text.get(from..to)?).ok()
    }
}

impl HashtagSpace {
    /// The number of communities.
    pub fn len(&self) -> usize {
        self.communities.len()
    }

    /// Whether there is no community.
    pub fn is_empty(&self) -> bool {
        self.communities.is_empty()
    }

    /// The number of hashtags in all communities together.
    pub fn hashtags(&self) -> usize {
        self.tables.counts.len()
    }

    /// The communities with their ids, in order of name.
    pub fn communities(&self) -> impl ExactSizeIterator<Item = (CommunityId, &CommunitySpace)> {
        self.communities.iter().enumerate().map(|(i, space)| (CommunityId(i as u32), space))
    }

    /// How the names of hashtags are compared.
    pub fn folding(&self) -> NameFolding {
        self.tables.folding
    }

    /// The id of the community of that name; see [`normalize_community`].
    pub fn community_id(&self, name: &str) -> Option<CommunityId> {
        let name = normalize_community(name);
        let found = self.communities.binary_search_by(|space| space.name.as_str().cmp(name));
        found.ok().map(|i| CommunityId(i as u32))
    }

    /// The hashtags of a community.
    pub fn community(&self, id: CommunityId) -> Option<&CommunitySpace> {
        self.communities.get(id.index())
    }
}

impl CommunitySpace {
    /// The community's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the names of its hashtags are compared.
    pub fn folding(&self) -> NameFolding {
        self.tables.folding
    }

    /// How many of its posts the space was built from, including posts without hashtags.
    pub fn posts(&self) -> u32 {
        self.posts
    }

    /// The number of its hashtags; ids are below this number.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has no hashtag.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The hashtag of an id; `None` if the id is out of range.
    pub fn hashtag(&self, id: HashtagId) -> Option<&str> {
        if id.index() < self.len { self.tables.hashtag(self.start + id.index()) } else { None }
    }

    /// The id of a hashtag in any writing with the same key (see [`fold_hashtag`]), in time
    /// logarithmic in [`CommunitySpace::len`].
    pub fn id(&self, hashtag: &str) -> Option<HashtagId> {
        let folding = self.tables.folding;
        let ids = self.tables.by_name.get(self.start..self.start + self.len)?;
        let name = |id: u32| self.hashtag(HashtagId(id)).unwrap_or_default();
        let key = fold_hashtag(hashtag, folding);
        let at = ids.binary_search_by(|&id| fold_hashtag(name(id), folding).cmp(&key)).ok()?;
        ids.get(at).copied().map(HashtagId)
    }

    /// How many posts have the hashtag; 0 for one that was only listed, or is not there.
    pub fn count(&self, id: HashtagId) -> u32 {
        self.counts().get(id.index()).copied().unwrap_or_default()
    }

    /// [`CommunitySpace::count`] of every hashtag, indexed by id; never rising.
    pub fn counts(&self) -> &[u32] {
        self.tables.counts.get(self.start..self.start + self.len).unwrap_or_default()
    }

    /// The hashtags in order of id.
    pub fn hashtags(&self) -> impl ExactSizeIterator<Item = &str> {
        (self.start..self.start + self.len).map(|row| self.tables.hashtag(row).unwrap_or_default())
    }
}

impl PartialEq for CommunitySpace {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.tables.folding == other.tables.folding
            && self.posts == other.posts
            && self.counts() == other.counts()
            && self.hashtags().eq(other.hashtags())
    }
}

impl PartialEq for HashtagSpace {
    fn eq(&self, other: &Self) -> bool {
        self.communities == other.communities
    }
}

impl fmt::Debug for CommunitySpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, posts, len, .. } = self;
        write!(f, "CommunitySpace({name:?}, {posts} posts, {len} hashtags)")
    }
}

impl fmt::Debug for HashtagSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HashtagSpace").field(&self.communities).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Post;

    fn space() -> HashtagSpace {
        HashtagSpace::builder()
            .list("cafe", ["tea", "#coffee", " ", "tea"])
            .posts(&[
                Post::new("1", "run", "", ["trail", "お知らせ"], None),
                Post::new("2", "run", "", ["お知らせ", "5km"], None),
                Post::new("3", "run", "", [""; 0], None),
                Post::new("4", "cafe", "", ["milk"], None),
            ])
            .build()
    }

    #[test]
    fn communities_are_in_order_of_name() {
        let space = space();
        let names: Vec<&str> = space.communities().map(|(_, c)| c.name()).collect();
        assert_eq!(names, ["cafe", "run"]);
        assert_eq!(space.community_id("run"), Some(CommunityId(1)));
        assert_eq!(space.community_id("walk"), None);
        assert!(space.community(CommunityId(2)).is_none());
        assert_eq!((space.len(), space.hashtags()), (2, 6));
    }

    #[test]
    fn hashtags_are_by_falling_use_then_name() {
        let space = space();
        let run = space.community(CommunityId(1)).unwrap();
        assert_eq!(run.hashtags().collect::<Vec<_>>(), ["お知らせ", "5km", "trail"]);
        assert_eq!(run.counts(), [2, 1, 1]);
        assert_eq!((run.posts(), run.len()), (3, 3));
        assert_eq!(run.id("trail"), Some(HashtagId(2)));
        assert_eq!(run.count(HashtagId(3)), 0);
    }

    #[test]
    fn listed_hashtags_come_after_used_ones() {
        let space = space();
        let cafe = space.community(CommunityId(0)).unwrap();
        assert_eq!(cafe.hashtags().collect::<Vec<_>>(), ["milk", "coffee", "tea"]);
        assert_eq!(cafe.counts(), [1, 0, 0]);
        let lists = std::collections::BTreeMap::from([("quiet", vec!["b", "a"])]);
        let listed = HashtagSpace::from_lists(lists);
        assert_eq!(listed.community(CommunityId(0)).unwrap().hashtag(HashtagId(0)), Some("a"));
    }

    #[test]
    fn a_community_taken_over_stays_as_it_was() {
        let space = space();
        let [cafe, run] = [0, 1].map(|id| space.community(CommunityId(id)).unwrap());
        let again = HashtagSpace::builder().list("run", ["other"]).community(cafe).community(run);
        assert_eq!(again.build(), space);
    }

    #[test]
    fn a_community_never_shows_the_hashtags_of_the_next() {
        let space = space();
        let cafe = space.community(CommunityId(0)).unwrap();
        assert_eq!(cafe.hashtag(HashtagId(3)), None);
        assert_eq!(cafe.id("お知らせ"), None);
    }
}
