//! One community's hashtags, indexed so that a post is searched for all of them at once.

use hashrec_tokenize::Tokenizer;

use super::{buckets::Buckets, spelling::Spelling};
use crate::{
    column::{Column, are_offsets, span},
    error::FeatureError,
    post::{compact::Compact, rarity::Rarity, stem::Stems},
    section::{SectionReader, SectionWriter},
};

/// The hashtags of one community as things to find in a post: phrases of stemmed words, runs of
/// compact text, words that may be scattered.
///
/// Built from the names alone. It is a set of flat tables that serve from a mapped file as they
/// are: hash buckets instead of an automaton, so loading a bundle builds nothing. A look-up costs
/// a nanosecond or two per token and per character of the post, however many hashtags there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiteralIndex {
    /// Compact forms one after another, and the same with katakana folded.
    pub(crate) exact: Column<u8>,
    pub(crate) folded: Column<u8>,
    /// Where each hashtag's form starts; one more than there are hashtags.
    pub(crate) form_starts: Column<u32>,
    /// How many bytes of the folded form are searched for; 0 if it is too short to mean much.
    pub(crate) searched: Column<u32>,
    /// Hashtags by the first four bytes of what is searched for.
    pub(crate) patterns: Buckets,
    pub(crate) pattern_tags: Column<u32>,
    /// Phrases by their first word.
    pub(crate) phrases: Buckets,
    pub(crate) phrase_tags: Column<u32>,
    pub(crate) phrase_starts: Column<u32>,
    pub(crate) phrase_words: Column<u64>,
    /// Single words with their hashtags, by word.
    pub(crate) words: Buckets,
    pub(crate) word_keys: Column<u64>,
    pub(crate) word_tags: Column<u32>,
    pub(crate) word_weights: Column<f32>,
    /// Per hashtag: initials' stem hash or 0; distinct words; summed and highest weight of them.
    pub(crate) acronyms: Column<u64>,
    pub(crate) word_counts: Column<u32>,
    pub(crate) rarity_sums: Column<f32>,
    pub(crate) rarity_maxima: Column<f32>,
}

/// The first four bytes as a number.
pub(crate) fn prefix(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk::<4>().map(|&first| u64::from(u32::from_le_bytes(first)))
}

/// How much of a folded form is searched for: all of it but a long-vowel mark at its end, so that
/// サーバー finds サーバ; nothing of forms that stand in too many words by chance.
fn searched_len(folded: &str) -> usize {
    let chars = folded.chars().count();
    if folded.is_ascii() {
        return if chars >= 4 { chars } else { 0 };
    }
    let stem = folded.strip_suffix('ー').filter(|_| chars >= 4).unwrap_or(folded);
    if chars >= 2 && stem.len() >= 4 { stem.len() } else { 0 }
}

impl LiteralIndex {
    /// Indexes `hashtags`, in the order of their ids. The tokenizer must be the one that posts
    /// are tokenized with.
    ///
    /// # Errors
    /// [`FeatureError::TooLarge`] for names of more than 4 GiB.
    pub fn build<S: AsRef<str>>(
        hashtags: &[S],
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
        for (tag, hashtag) in hashtags.iter().enumerate() {
            let tag = offset(tag)?;
            let spelling = Spelling::read(hashtag.as_ref(), &mut *worker, &mut stems);
            let pattern = forms.push(hashtag.as_ref())?;
            patterns.extend(pattern.map(|pattern| (pattern, tag)));
            index.push(&spelling, rarity);
            words.extend(spelling.words.into_iter().map(|word| (word, tag)));
            phrases.extend(spelling.phrases.into_iter().map(|phrase| (phrase, tag)));
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

    pub(crate) fn write(&self, out: &mut SectionWriter) {
        out.push("literal.form_starts", &self.form_starts[..]);
        out.push("literal.exact", &self.exact[..]);
        out.push("literal.folded", &self.folded[..]);
        out.push("literal.searched", &self.searched[..]);
        out.push("literal.patterns", self.patterns.starts());
        out.push("literal.pattern_tags", &self.pattern_tags[..]);
        out.push("literal.phrases", self.phrases.starts());
        out.push("literal.phrase_tags", &self.phrase_tags[..]);
        out.push("literal.phrase_starts", &self.phrase_starts[..]);
        out.push("literal.phrase_words", &self.phrase_words[..]);
        out.push("literal.words", self.words.starts());
        out.push("literal.word_keys", &self.word_keys[..]);
        out.push("literal.word_tags", &self.word_tags[..]);
        out.push("literal.word_weights", &self.word_weights[..]);
        out.push("literal.acronyms", &self.acronyms[..]);
        out.push("literal.word_counts", &self.word_counts[..]);
        out.push("literal.rarity_sums", &self.rarity_sums[..]);
        out.push("literal.rarity_maxima", &self.rarity_maxima[..]);
    }

    pub(crate) fn read(from: &mut SectionReader<'_>) -> Result<Self, FeatureError> {
        let form_starts: Column<u32> = from.take("literal.form_starts")?;
        let hashtags = form_starts.len().saturating_sub(1);
        let exact: Column<u8> = from.take("literal.exact")?;
        let folded: Column<u8> = from.take_of("literal.folded", exact.len())?;
        let searched = from.take_of("literal.searched", hashtags)?;
        let patterns = Buckets::from_starts(from.take("literal.patterns")?);
        let pattern_tags: Column<u32> = from.take("literal.pattern_tags")?;
        let phrases = Buckets::from_starts(from.take("literal.phrases")?);
        let phrase_tags: Column<u32> = from.take("literal.phrase_tags")?;
        let phrase_starts = from.take_of("literal.phrase_starts", phrase_tags.len() + 1)?;
        let phrase_words: Column<u64> = from.take("literal.phrase_words")?;
        let words = Buckets::from_starts(from.take("literal.words")?);
        let word_keys: Column<u64> = from.take("literal.word_keys")?;
        let index = Self {
            word_tags: from.take_of("literal.word_tags", word_keys.len())?,
            word_weights: from.finite("literal.word_weights", word_keys.len())?,
            acronyms: from.take_of("literal.acronyms", hashtags)?,
            word_counts: from.take_of("literal.word_counts", hashtags)?,
            rarity_sums: from.finite("literal.rarity_sums", hashtags)?,
            rarity_maxima: from.finite("literal.rarity_maxima", hashtags)?,
            exact,
            folded,
            form_starts,
            searched,
            patterns,
            pattern_tags,
            phrases,
            phrase_tags,
            phrase_starts,
            phrase_words,
            words,
            word_keys,
        };
        index.check().map_or(Ok(index.clone()), |table| {
            Err(from.wrong(table, "disagrees with the tables beside it".into()))
        })
    }

    /// The first table whose values can't be right.
    fn check(&self) -> Option<&'static str> {
        let hashtags = self.len();
        let known = |tags: &[u32]| tags.iter().all(|&tag| (tag as usize) < hashtags);
        let forms = |bytes: &[u8]| {
            (0..hashtags).all(|tag| {
                bytes.get(span(&self.form_starts, tag)).is_some_and(|b| str::from_utf8(b).is_ok())
            })
        };
        let searched = (0..hashtags).all(|tag| {
            let len = self.searched.get(tag).map_or(0, |&len| len as usize);
            self.folded_form(tag).is_char_boundary(len)
        });
        let checks = [
            ("literal.form_starts", are_offsets(&self.form_starts, self.exact.len())),
            ("literal.exact", forms(&self.exact)),
            ("literal.folded", forms(&self.folded)),
            ("literal.searched", searched),
            ("literal.patterns", self.patterns.check(self.pattern_tags.len())),
            ("literal.pattern_tags", known(&self.pattern_tags)),
            ("literal.phrases", self.phrases.check(self.phrase_tags.len())),
            ("literal.phrase_tags", known(&self.phrase_tags)),
            ("literal.phrase_starts", are_offsets(&self.phrase_starts, self.phrase_words.len())),
            ("literal.words", self.words.check(self.word_keys.len())),
            ("literal.word_tags", known(&self.word_tags)),
        ];
        checks.into_iter().find(|&(_, fine)| !fine).map(|(table, _)| table)
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
    /// Adds a hashtag's forms; gives the key it is searched by, if it is.
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

/// What is kept of each hashtag's words.
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

fn tags<K>(entries: &[(K, u32)]) -> Column<u32> {
    entries.iter().map(|entry| entry.1).collect::<Vec<_>>().into()
}

/// The text of a run of bytes; empty where it is not text.
fn text(bytes: &[u8], range: std::ops::Range<usize>) -> &str {
    bytes.get(range).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
}

fn offset(value: usize) -> Result<u32, FeatureError> {
    u32::try_from(value).map_err(|_| FeatureError::TooLarge { what: "hashtag names" })
}
