//! The simple generators of all communities in one part.

use std::collections::BTreeMap;

use hashrec_data::CommunityId;
use hashrec_storage::{
    Bytes, Part, PartWriter, Section, Sections, SectionsWriter, StorageError, Table,
};
use serde::{Deserialize, Serialize};

use super::{
    edit::{Entry, classes, entries},
    view::{SimpleView, TagInput},
};
use crate::CandidatesError;

const KIND: &str = "simple-candidates";
const VERSION: u32 = 1;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    dim: usize,
}

#[derive(Clone, Debug, Default)]
struct Community {
    names: Vec<String>,
    uses: Vec<u32>,
    vectors: Vec<f32>,
}

/// Collects the hashtags of communities.
#[derive(Debug, Default)]
pub struct SimpleStoreBuilder {
    dim: usize,
    communities: BTreeMap<CommunityId, Community>,
}

impl SimpleStoreBuilder {
    /// A builder for vectors of `dim` floats; 0 if hashtags have no vectors.
    pub fn new(dim: usize) -> Self {
        Self { dim, communities: BTreeMap::new() }
    }

    /// Adds a community with its hashtags in the order of its space. Communities may be added in any
    /// order.
    ///
    /// # Errors
    /// [`CandidatesError::Twice`] if the community was added before, [`CandidatesError::VectorLength`]
    /// if a vector has another length than the builder was created for.
    pub fn add(
        &mut self,
        community: CommunityId,
        hashtags: &[TagInput<'_>],
    ) -> Result<(), CandidatesError> {
        if self.communities.contains_key(&community) {
            return Err(CandidatesError::Twice { community });
        }
        let mut entry = Community::default();
        for (hashtag, input) in hashtags.iter().enumerate() {
            if input.vector.len() != self.dim {
                let (found, expected) = (input.vector.len(), self.dim);
                return Err(CandidatesError::VectorLength { hashtag, found, expected });
            }
            entry.names.push(input.name.to_owned());
            entry.uses.push(input.uses);
            entry.vectors.extend_from_slice(input.vector);
        }
        self.communities.insert(community, entry);
        Ok(())
    }

    /// Writes one part.
    ///
    /// # Errors
    /// [`CandidatesError::Storage`] if it can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, CandidatesError> {
        let mut sections = SectionsWriter::default();
        for community in self.communities.values() {
            let (characters, entries) = entries(community.names.iter().map(String::as_str));
            let lengths: Vec<u32> = entries.iter().map(|entry| entry.length).collect();
            let order: Vec<u32> = entries.iter().map(|entry| entry.hashtag).collect();
            let mut section = sections.section();
            section
                .push("characters", &characters)
                .push("lengths", &lengths)
                .push("order", &order)
                .push("uses", &community.uses)
                .push("vectors", &community.vectors);
        }
        let communities: Vec<u32> = self.communities.keys().map(|c| c.0).collect();
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&Header { dim: self.dim })?;
        writer.table("communities", &communities)?;
        sections.finish(&mut writer)?;
        Ok(writer.to_bytes()?)
    }
}

/// The simple generators of all communities, mapped.
#[derive(Clone, Debug)]
pub struct SimpleStore {
    dim: usize,
    communities: Table<u32>,
    sections: Sections,
    /// Of each community; computed when reading, from the other tables.
    entries: Vec<Vec<Entry>>,
}

impl SimpleStore {
    /// Reads a part; names, uses and vectors stay in `bytes`.
    ///
    /// # Errors
    /// [`CandidatesError::Storage`] if it is not a whole part of this kind.
    pub fn read(bytes: Bytes) -> Result<Self, CandidatesError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let Header { dim } = part.header()?;
        let communities: Table<u32> = part.table("communities")?;
        if !communities.is_sorted_by(|a, b| a < b) {
            return Err(part.wrong("communities", "are not in rising order".into()).into());
        }
        let sections = Sections::read(&part)?;
        if sections.len() != communities.len() {
            return Err(part.wrong("communities", "are not one per section".into()).into());
        }
        let read = |section| own_entries(section, dim);
        let entries = sections.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { dim, communities, sections, entries })
    }

    /// The generator of a community, if it was added.
    pub fn community(&self, community: CommunityId) -> Option<SimpleView<'_>> {
        let at = self.communities.binary_search(&community.0).ok()?;
        let section = self.sections.get(at)?;
        Some(SimpleView {
            characters: section.values("characters").ok()?,
            entries: self.entries.get(at)?,
            uses: section.values("uses").ok()?,
            vectors: section.values("vectors").ok()?,
            dim: self.dim,
        })
    }
}

/// The names of one community, which must have one name and one vector per hashtag.
fn own_entries(section: Section<'_>, dim: usize) -> Result<Vec<Entry>, StorageError> {
    let names = Names {
        characters: section.values("characters")?,
        lengths: section.values("lengths")?,
        order: section.values("order")?,
    };
    let hashtags = section.values::<u32>("uses")?.len();
    let floats = section.values::<f32>("vectors")?.len();
    let wrong = |name, problem| section.wrong(name, problem);
    if names.order.len() != hashtags {
        return Err(wrong("order", "is not one name per hashtag"));
    }
    if Some(floats) != hashtags.checked_mul(dim) {
        return Err(wrong("vectors", "are not one per hashtag"));
    }
    names.entries().ok_or_else(|| wrong("lengths", "do not fit the characters"))
}

/// The names of one community as written.
struct Names<'a> {
    characters: &'a [u32],
    lengths: &'a [u32],
    order: &'a [u32],
}

impl Names<'_> {
    /// The names' entries. `None` unless the names are in order of length, make up the
    /// characters, and belong to hashtags of the community.
    fn entries(&self) -> Option<Vec<Entry>> {
        if !self.lengths.is_sorted() || self.lengths.len() != self.order.len() {
            return None;
        }
        let (mut start, mut entries) = (0u32, Vec::with_capacity(self.order.len()));
        for (&length, &hashtag) in self.lengths.iter().zip(self.order) {
            let end = start.checked_add(length)?;
            let name = self.characters.get(start as usize..end as usize)?;
            if hashtag as usize >= self.order.len() {
                return None;
            }
            entries.push(Entry { classes: classes(name), hashtag, start, length });
            start = end;
        }
        (start as usize == self.characters.len()).then_some(entries)
    }
}

#[cfg(test)]
mod tests {
    use hashrec_tokenize::Tokens;

    use super::*;
    use crate::{SimpleParams, Source};

    fn small() -> Vec<u8> {
        let mut builder = SimpleStoreBuilder::new(2);
        let tag = |name, uses, vector| TagInput { name, uses, vector };
        builder.add(CommunityId(7), &[tag("お知らせ", 1, &[1.0, 0.0])]).unwrap();
        builder
            .add(
                CommunityId(2),
                &[
                    tag("JavaScript", 9, &[0.6, 0.8]),
                    tag("Go", 5, &[0.0, 1.0]),
                    tag("TypeScript", 4, &[1.0, 0.0]),
                    tag("Rust", 2, &[0.0, 0.0]),
                ],
            )
            .unwrap();
        assert!(builder.add(CommunityId(7), &[]).is_err());
        assert!(builder.add(CommunityId(8), &[tag("x", 1, &[1.0])]).is_err());
        builder.write().unwrap()
    }

    fn tokens(words: &[&str]) -> Tokens {
        let mut tokens = Tokens::default();
        words.iter().for_each(|word| tokens.push(word, 0..0));
        tokens
    }

    #[test]
    fn each_source_gives_its_own_score() {
        let store = SimpleStore::read(small().into()).unwrap();
        let view = store.community(CommunityId(2)).unwrap();
        let found = view.candidates(
            &tokens(&["javascripts", "go", "rust"]),
            &[0.0, 1.0],
            &SimpleParams { per_source: 2, ..SimpleParams::default() },
        );
        let of = |source| -> Vec<(u32, f32)> {
            let of_source = found.iter().filter(|c| c.source == source);
            of_source.map(|c| (c.hashtag.0, c.score)).collect()
        };
        // "go" is too short to be compared.
        assert_eq!(of(Source::Edit), [(3, 1.0), (0, 1.0 - 1.0 / 11.0)]);
        assert_eq!(of(Source::Popular), [(0, 9.0), (1, 5.0)]);
        assert_eq!(of(Source::NearestTag), [(1, 1.0), (0, 0.8)]);
    }

    #[test]
    fn japanese_words_are_compared_whatever_their_length() {
        let store = SimpleStore::read(small().into()).unwrap();
        let view = store.community(CommunityId(7)).unwrap();
        assert_eq!(view.edit_scores(&tokens(&["お知らせ"]), &SimpleParams::default()), [1.0]);
        assert!(store.community(CommunityId(3)).is_none());
        assert_eq!(view.cosines(&[1.0]), [0.0]);
    }

    #[test]
    fn any_damage_is_an_error_or_harmless() {
        let whole = small();
        assert_eq!(whole, small());
        for len in 0..whole.len() {
            assert!(SimpleStore::read(whole[..len].to_vec().into()).is_err());
        }
        for at in 0..whole.len() {
            for mask in [0xff, 0x01, 0x80] {
                let mut bytes = whole.clone();
                bytes[at] ^= mask;
                let Ok(store) = SimpleStore::read(bytes.into()) else { continue };
                for community in 0..10 {
                    let Some(view) = store.community(CommunityId(community)) else { continue };
                    let found = view.candidates(
                        &tokens(&["rust", "javascript"]),
                        &[0.0, 1.0],
                        &SimpleParams::default(),
                    );
                    let hashtags = view.hashtags();
                    assert!(found.iter().all(|c| (c.hashtag.0 as usize) < hashtags));
                    assert!(found.iter().all(|c| c.score.is_finite()));
                }
            }
        }
    }
}
