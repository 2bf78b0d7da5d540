//! One community's hashtags, indexed so that a post is searched for all of them at once.

use hashrec_storage::{Section, SectionWriter, StorageError, Table, offsets::span};
use hashrec_tokenize::Tokenizer;

use super::{buckets::Buckets, spelling::Spelling};
use crate::{
    error::FeatureError,
    post::{compact::Compact, rarity::Rarity, stem::Stems},
};

/// The hashtags of one community as search patterns: phrases of stemmed words, runs of compact text,
/// and single words that may be scattered.
///
/// It is built from the names alone. Its flat tables are used in place from a mapped file (hash
/// buckets instead of an automaton), so loading a bundle builds nothing. A look-up takes a nanosecond
/// or two per token and per character of the post, however many hashtags there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiteralIndex {
    /// Compact forms one after another, and the same with katakana folded.
    pub(crate) exact: Table<u8>,
    pub(crate) folded: Table<u8>,
    /// Where each hashtag's form starts; one more than there are hashtags.
    pub(crate) form_starts: Table<u32>,
    /// How many bytes of the folded form are searched for; 0 if it is too short to be specific.
    pub(crate) searched: Table<u32>,
    /// Hashtags by the first four bytes of what is searched for.
    pub(crate) patterns: Buckets,
    pub(crate) pattern_tags: Table<u32>,
    /// Phrases by their first word.
    pub(crate) phrases: Buckets,
    pub(crate) phrase_tags: Table<u32>,
    pub(crate) phrase_starts: Table<u32>,
    pub(crate) phrase_words: Table<u64>,
    /// Single words with their hashtags, by word.
    pub(crate) words: Buckets,
    pub(crate) word_keys: Table<u64>,
    pub(crate) word_tags: Table<u32>,
    pub(crate) word_weights: Table<f32>,
    /// Per hashtag: initials' stem hash or 0; distinct words; summed and highest weight of them.
    pub(crate) acronyms: Table<u64>,
    pub(crate) word_counts: Table<u32>,
    pub(crate) rarity_sums: Table<f32>,
    pub(crate) rarity_maxima: Table<f32>,
}

/// The first four bytes as a number.
pub(crate) fn prefix(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk::<4>().map(|&first| u64::from(u32::from_le_bytes(first)))
}

/// How much of a folded form is searched for: all of it except a final long-vowel mark, so that
/// サーバー finds サーバ. Forms that occur in too many words by chance are not searched for.
fn searched_len(folded: &str) -> usize {
    let chars = folded.chars().count();
    if folded.is_ascii() {
        return if chars >= 4 { chars } else { 0 };
    }
    let stem = folded.strip_suffix('ー').filter(|_| chars >= 4).unwrap_or(folded);
    if chars >= 2 && stem.len() >= 4 { stem.len() } else { 0 }
}

impl LiteralIndex {
    /// Indexes `hashtags`, in the order of their ids. `aliases` are other names of each, if there are
    /// any: texts are searched for them as for the words of its own name. Posts must be tokenized with the same
    /// tokenizer.
    ///
    /// # Errors
    /// [`FeatureError::TooLarge`] for names of more than 4 GiB.
    pub fn build<S: AsRef<str>>(
        hashtags: &[S],
        aliases: &[&[String]],
        tokenizer: &dyn Tokenizer,
        rarity: &Rarity,
    ) -> Result<Self, FeatureError> {
        let mut stems = Stems::default();
        let mut worker = tokenizer.worker();
        let mut forms = Forms::default();
        let mut patterns: Vec<(u64, u32)> = Vec::new();
        let mut phrases: Vec<(Vec<u64>, u32)> = Vec::new();
        let mut words: Vec<(u64, u32)> = Vec::new();
        let mut index = PerHashtag::default();
        for (place, hashtag) in hashtags.iter().enumerate() {
            let tag = offset(place)?;
            let spelling = Spelling::read(hashtag.as_ref(), &mut *worker, &mut stems);
            let pattern = forms.push(hashtag.as_ref())?;
            patterns.extend(pattern.map(|pattern| (pattern, tag)));
            index.push(&spelling, rarity);
            words.extend(spelling.words.into_iter().map(|word| (word, tag)));
            let mut own = spelling.phrases;
            for alias in aliases.get(place).copied().unwrap_or_default() {
                own.extend(Spelling::read(alias, &mut *worker, &mut stems).phrases);
            }
            own.sort_unstable();
            own.dedup();
            phrases.extend(own.into_iter().map(|phrase| (phrase, tag)));
        }
        let pattern_buckets = Buckets::sort(&mut patterns, |entry| entry.0);
        let phrase_buckets = Buckets::sort(&mut phrases, |entry| first(&entry.0));
        let word_buckets = Buckets::sort(&mut words, |entry| entry.0);
        let mut phrase_starts = vec![0];
        let mut phrase_words = Vec::new();
        for (phrase, _) in &phrases {
            phrase_words.extend_from_slice(phrase);
            phrase_starts.push(offset(phrase_words.len())?);
        }
        Ok(Self {
            exact: forms.exact.into(),
            folded: forms.folded.into(),
            form_starts: forms.starts.into(),
            searched: forms.searched.into(),
            patterns: pattern_buckets,
            pattern_tags: tags(&patterns),
            phrases: phrase_buckets,
            phrase_tags: tags(&phrases),
            phrase_starts: phrase_starts.into(),
            phrase_words: phrase_words.into(),
            words: word_buckets,
            word_keys: words.iter().map(|entry| entry.0).collect::<Vec<_>>().into(),
            word_weights: words.iter().map(|e| rarity.weight(e.0)).collect::<Vec<_>>().into(),
            word_tags: tags(&words),
            acronyms: index.acronyms.into(),
            word_counts: index.word_counts.into(),
            rarity_sums: index.rarity_sums.into(),
            rarity_maxima: index.rarity_maxima.into(),
        })
    }

    /// How many hashtags there are.
    pub fn len(&self) -> usize {
        self.searched.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The compact form of a hashtag as written.
    pub(crate) fn form(&self, tag: usize) -> &str {
        text(&self.exact, span(&self.form_starts, tag))
    }

    /// The compact form with katakana folded.
    pub(crate) fn folded_form(&self, tag: usize) -> &str {
        text(&self.folded, span(&self.form_starts, tag))
    }

    pub(crate) fn write(&self, out: &mut SectionWriter<'_>) {
        out.push("literal.exact", &self.exact)
            .push("literal.folded", &self.folded)
            .push("literal.form_starts", &self.form_starts)
            .push("literal.searched", &self.searched)
            .push("literal.patterns", self.patterns.starts())
            .push("literal.pattern_tags", &self.pattern_tags)
            .push("literal.phrases", self.phrases.starts())
            .push("literal.phrase_tags", &self.phrase_tags)
            .push("literal.phrase_starts", &self.phrase_starts)
            .push("literal.phrase_words", &self.phrase_words)
            .push("literal.words", self.words.starts())
            .push("literal.word_keys", &self.word_keys)
            .push("literal.word_tags", &self.word_tags)
            .push("literal.word_weights", &self.word_weights)
            .push("literal.acronyms", &self.acronyms)
            .push("literal.word_counts", &self.word_counts)
            .push("literal.rarity_sums", &self.rarity_sums)
            .push("literal.rarity_maxima", &self.rarity_maxima);
    }

    pub(crate) fn read(section: Section<'_>) -> Result<Self, StorageError> {
        let searched: Table<u32> = section.table("literal.searched")?;
        let hashtags = searched.len();
        let exact: Table<u8> = section.table("literal.exact")?;
        let pattern_tags: Table<u32> = section.table("literal.pattern_tags")?;
        let phrase_tags: Table<u32> = section.table("literal.phrase_tags")?;
        let phrase_words: Table<u64> = section.table("literal.phrase_words")?;
        let (phrases, words) = (phrase_tags.len(), phrase_words.len());
        let word_keys: Table<u64> = section.table("literal.word_keys")?;
        let keys = word_keys.len();
        let index = Self {
            folded: section.table_of("literal.folded", exact.len())?,
            form_starts: section.offsets("literal.form_starts", hashtags, exact.len())?,
            patterns: Buckets::read(section, "literal.patterns", pattern_tags.len())?,
            phrases: Buckets::read(section, "literal.phrases", phrases)?,
            phrase_starts: section.offsets("literal.phrase_starts", phrases, words)?,
            words: Buckets::read(section, "literal.words", keys)?,
            word_tags: section.table_of("literal.word_tags", keys)?,
            word_weights: section.finite("literal.word_weights", keys)?,
            acronyms: section.table_of("literal.acronyms", hashtags)?,
            word_counts: section.table_of("literal.word_counts", hashtags)?,
            rarity_sums: section.finite("literal.rarity_sums", hashtags)?,
            rarity_maxima: section.finite("literal.rarity_maxima", hashtags)?,
            exact,
            searched,
            pattern_tags,
            phrase_tags,
            phrase_words,
            word_keys,
        };
        index.check().map_err(|(name, problem)| section.wrong(name, problem))?;
        Ok(index)
    }

    /// Names the first column whose values can't be right, and says why.
    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let hashtags = self.len();
        for (name, tags) in [
            ("literal.pattern_tags", &self.pattern_tags),
            ("literal.phrase_tags", &self.phrase_tags),
            ("literal.word_tags", &self.word_tags),
        ] {
            if !tags.iter().all(|&tag| (tag as usize) < hashtags) {
                return Err((name, "contain an unknown hashtag"));
            }
        }
        for (name, bytes) in [("literal.exact", &self.exact), ("literal.folded", &self.folded)] {
            let form = |tag| bytes.get(span(&self.form_starts, tag));
            if !(0..hashtags).all(|tag| form(tag).is_some_and(|b| str::from_utf8(b).is_ok())) {
                return Err((name, "are not UTF-8 text"));
            }
        }
        let mut searched = self.searched.iter().enumerate();
        match searched.all(|(tag, &len)| self.folded_form(tag).is_char_boundary(len as usize)) {
            true => Ok(()),
            false => Err(("literal.searched", "do not end between two characters")),
        }
    }
}

/// Compact forms while they are collected.
struct Forms {
    exact: Vec<u8>,
    folded: Vec<u8>,
    starts: Vec<u32>,
    searched: Vec<u32>,
}

impl Default for Forms {
    fn default() -> Self {
        Self { exact: Vec::new(), folded: Vec::new(), starts: vec![0], searched: Vec::new() }
    }
}

impl Forms {
    /// Adds a hashtag's forms. Returns the key it is searched by, if any.
    fn push(&mut self, hashtag: &str) -> Result<Option<u64>, FeatureError> {
        let compact = Compact::of(hashtag);
        let searched = searched_len(&compact.folded);
        self.exact.extend_from_slice(compact.exact.as_bytes());
        self.folded.extend_from_slice(compact.folded.as_bytes());
        self.starts.push(offset(self.exact.len())?);
        self.searched.push(offset(searched)?);
        Ok(compact.folded.as_bytes().get(..searched).and_then(prefix))
    }
}

/// What is stored of each hashtag's words.
#[derive(Default)]
struct PerHashtag {
    acronyms: Vec<u64>,
    word_counts: Vec<u32>,
    rarity_sums: Vec<f32>,
    rarity_maxima: Vec<f32>,
}

impl PerHashtag {
    fn push(&mut self, spelling: &Spelling, rarity: &Rarity) {
        let weights = || spelling.words.iter().map(|&word| rarity.weight(word));
        self.acronyms.push(spelling.acronym.unwrap_or(0));
        self.word_counts.push(spelling.words.len() as u32);
        self.rarity_sums.push(weights().sum());
        self.rarity_maxima.push(weights().fold(0.0, f32::max));
    }
}

fn first(phrase: &[u64]) -> u64 {
    phrase.first().copied().unwrap_or(0)
}

fn tags<K>(entries: &[(K, u32)]) -> Table<u32> {
    entries.iter().map(|entry| entry.1).collect::<Vec<_>>().into()
}

/// A range of bytes as text; empty if it is not UTF-8.
fn text(bytes: &[u8], range: std::ops::Range<usize>) -> &str {
    bytes.get(range).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
}

fn offset(value: usize) -> Result<u32, FeatureError> {
    u32::try_from(value).map_err(|_| FeatureError::TooLarge { what: "hashtag names" })
}
