//! What is known of hashtags beside their names.

#[cfg(feature = "learn")]
use std::{borrow::Cow, collections::BTreeMap};

#[cfg(feature = "learn")]
use hashrec_data::{NameFolding, fold_hashtag, normalize_community};
use serde::{Deserialize, Serialize};

/// What is known of a hashtag beside its name. All of it is optional. It helps most where no post
/// carries the hashtag yet.
///
/// ```
/// use hashrec::{HashtagNotes, NewCommunity};
///
/// let heel = HashtagNotes::default()
///     .with_description("Turning the heel of a sock: short rows, gussets, afterthought heels")
///     .with_aliases(["sock heels"])
///     .with_parents(["socks"]);
/// let knitting = NewCommunity::new("knitting", ["heel", "socks"]).with_notes([("heel", heel)]);
/// assert_eq!(knitting.notes.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HashtagNotes {
    /// What it is about, in a sentence or two. An encoder reads it; see
    /// [`Config::encoder`](crate::Config::encoder).
    pub description: String,
    /// Other names of it. They are looked for in texts as its own name is, and an encoder reads them.
    pub aliases: Vec<String>,
    /// The names of more general hashtags. An encoder reads them.
    pub parents: Vec<String>,
}

impl HashtagNotes {
    /// Sets the description.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Sets the other names.
    #[must_use]
    pub fn with_aliases<S: Into<String>>(mut self, aliases: impl IntoIterator<Item = S>) -> Self {
        self.aliases = aliases.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the names of more general hashtags.
    #[must_use]
    pub fn with_parents<S: Into<String>>(mut self, parents: impl IntoIterator<Item = S>) -> Self {
        self.parents = parents.into_iter().map(Into::into).collect();
        self
    }

    /// The name and everything else as one text; `None` if there is nothing else.
    #[cfg(feature = "learn")]
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        if self == &Self::default() {
            return None;
        }
        let names = std::iter::once(name).chain(self.aliases.iter().map(String::as_str));
        let mut text = names.collect::<Vec<_>>().join(", ");
        if !self.parents.is_empty() {
            text = format!("{text} ({})", self.parents.join(", "));
        }
        if !self.description.is_empty() {
            text = format!("{text}: {}", self.description);
        }
        Some(text)
    }
}

/// Notes on hashtags, by the names of their communities and of the hashtags themselves.
#[cfg(feature = "learn")]
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    by_name: BTreeMap<String, BTreeMap<String, HashtagNotes>>,
    names: NameFolding,
}

#[cfg(feature = "learn")]
impl Notes {
    /// No notes, of hashtags whose names are folded so.
    pub(crate) fn new(names: NameFolding) -> Self {
        Self { by_name: BTreeMap::new(), names }
    }

    /// Adds notes on the hashtags of a community.
    pub(crate) fn add<S: AsRef<str>>(
        &mut self,
        community: &str,
        notes: impl IntoIterator<Item = (S, HashtagNotes)>,
    ) {
        let own = self.by_name.entry(normalize_community(community).to_owned()).or_default();
        for (name, notes) in notes {
            own.insert(fold_hashtag(name.as_ref(), self.names).into_owned(), notes);
        }
    }

    /// The notes on a hashtag, if there are any.
    pub(crate) fn of(&self, community: &str, hashtag: &str) -> Option<&HashtagNotes> {
        let own = self.by_name.get(community)?;
        let key: Cow<'_, str> = fold_hashtag(hashtag, self.names);
        own.get(key.as_ref())
    }

    /// The other names of a hashtag.
    pub(crate) fn aliases(&self, community: &str, hashtag: &str) -> &[String] {
        self.of(community, hashtag).map_or(&[], |notes| &notes.aliases)
    }

    /// A hash of all of them.
    pub(crate) fn update(&self, hasher: &mut blake3::Hasher) {
        for (community, own) in &self.by_name {
            for (hashtag, notes) in own {
                let HashtagNotes { description, aliases, parents } = notes;
                let fields = [community, hashtag, description].into_iter();
                for field in fields.chain(aliases).chain(parents) {
                    hasher.update(field.as_bytes()).update(&(field.len() as u64).to_le_bytes());
                }
                hasher.update(&(aliases.len() as u64).to_le_bytes());
            }
        }
    }
}
