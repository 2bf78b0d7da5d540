//! The hashtags that become one token.

use std::collections::BTreeSet;

use crate::normalize::normalize_hashtag;

/// The known hashtags, as a trie over the characters of their normalized forms.
///
/// A segmenter knows general language: it splits 新機能 into 新 and 機能, and the post no longer
/// contains its own hashtag as a token. Adjacent words that together spell a known hashtag are
/// joined again. At each word, from left to right, the longest hashtag is taken.
///
/// Hashtags of several words (`food-safety`, `App Service`, `ci/cd`) are left out, because a text
/// uses their words separately. Hashtags of more than 100 characters are left out too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HashtagLexicon {
    /// The normalized hashtags, sorted.
    tags: Vec<String>,
    nodes: Vec<Node>,
    /// The edges of all nodes; those of one node are adjacent and sorted by character.
    edges: Vec<(char, u32)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Node {
    first: u32,
    last: u32,
    is_tag: bool,
}

/// A node of the trie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(u32);

impl HashtagLexicon {
    /// A lexicon of hashtags, which may come in any spelling and order and be repeated.
    pub fn new<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        Self::of_normalized(tags.into_iter().map(normalize_hashtag))
    }

    /// A lexicon of what [`tags`](Self::tags) gave. It is taken as it is: to normalize twice is more
    /// than to do it once for a hashtag such as `##a`.
    pub(crate) fn of_normalized(tags: impl IntoIterator<Item = String>) -> Self {
        let tags: BTreeSet<String> = tags.into_iter().filter(|tag| is_one_word(tag)).collect();
        Self::from_sorted(tags.into_iter().collect())
    }

    fn from_sorted(tags: Vec<String>) -> Self {
        let mut lexicon = Self { nodes: vec![Node::default()], ..Self::default() };
        // Breadth first: a node is the range of sorted tags that share a prefix. The `rest` of a tag
        // is what follows this prefix.
        let mut ranges: Vec<(usize, usize)> = vec![(0, tags.len())];
        let mut rests: Vec<std::str::Chars<'_>> = tags.iter().map(|tag| tag.chars()).collect();
        let mut node = 0;
        while let Some(&(from, to)) = ranges.get(node) {
            let first = lexicon.edges.len() as u32;
            let mut at = from;
            while at < to {
                let Some(c) = rests[at].next() else {
                    lexicon.nodes[node].is_tag = true;
                    at += 1;
                    continue;
                };
                let mut end = at + 1;
                while end < to && rests[end].clone().next() == Some(c) {
                    rests[end].next();
                    end += 1;
                }
                lexicon.edges.push((c, lexicon.nodes.len() as u32));
                lexicon.nodes.push(Node::default());
                ranges.push((at, end));
                at = end;
            }
            lexicon.nodes[node].first = first;
            lexicon.nodes[node].last = lexicon.edges.len() as u32;
            node += 1;
        }
        lexicon.tags = tags;
        lexicon
    }

    /// The normalized hashtags, sorted.
    pub fn tags(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tags.iter().map(String::as_str)
    }

    /// How many hashtags there are.
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    pub(crate) fn root(&self) -> Place {
        Place(0)
    }

    /// The place after reading `text` from `place`, if a hashtag continues that way.
    pub(crate) fn step(&self, mut place: Place, text: &str) -> Option<Place> {
        for c in text.chars() {
            let node = self.nodes.get(place.0 as usize)?;
            let edges = self.edges.get(node.first as usize..node.last as usize)?;
            let found = edges.binary_search_by_key(&c, |&(edge, _)| edge).ok()?;
            place = Place(edges[found].1);
        }
        Some(place)
    }

    /// Whether the characters read so far are a hashtag.
    pub(crate) fn is_tag(&self, place: Place) -> bool {
        self.nodes.get(place.0 as usize).is_some_and(|node| node.is_tag)
    }
}

/// Longer hashtags do not occur in texts and would slow down the search.
const LONGEST: usize = 100;

fn is_one_word(tag: &str) -> bool {
    !tag.is_empty()
        && tag.chars().nth(LONGEST).is_none()
        && !tag.contains(|c: char| c.is_whitespace() || c == '-' || c == '/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn holds(lexicon: &HashtagLexicon, text: &str) -> bool {
        lexicon.step(lexicon.root(), text).is_some_and(|place| lexicon.is_tag(place))
    }

    #[test]
    fn leaves_out_what_is_too_long() {
        let tags = ["あ".repeat(LONGEST), "い".repeat(LONGEST + 1)];
        let lexicon = HashtagLexicon::new(tags.iter().map(String::as_str));
        assert_eq!(lexicon.tags().collect::<Vec<_>>(), [tags[0].as_str()]);
    }

    #[test]
    fn normalizes_and_leaves_out_phrases() {
        let lexicon =
            HashtagLexicon::new(["新機能", "#Ｃ++", "c++", "food-safety", "a b", "", "#"]);
        assert_eq!(lexicon.tags().collect::<Vec<_>>(), ["c++", "新機能"]);
        assert!(holds(&lexicon, "新機能"));
        assert!(!holds(&lexicon, "新"));
        assert!(!holds(&lexicon, "新機能性"));
        assert!(!holds(&HashtagLexicon::new([]), ""));
        assert!(!holds(&HashtagLexicon::default(), "a"));
    }

    proptest! {
        #[test]
        fn finds_exactly_its_tags(
            tags in proptest::collection::vec("[abあ新]{1,5}", 0..20),
            probe in "[abあ新]{0,5}",
        ) {
            let lexicon = HashtagLexicon::new(tags.iter().map(String::as_str));
            for tag in &tags {
                prop_assert!(holds(&lexicon, tag));
            }
            prop_assert_eq!(holds(&lexicon, &probe), tags.contains(&probe));
        }
    }
}
