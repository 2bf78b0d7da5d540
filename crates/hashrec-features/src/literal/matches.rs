//! Searching a post for a community's hashtags: which it names, how and where.

use hashrec_data::HashtagId;
use hashrec_storage::offsets::{list, span};

use super::index::{LiteralIndex, prefix};
use crate::post::{searched::Searched, stemmed::Stemmed};

/// How one post names one hashtag. If it doesn't, counts and shares are 0 and positions are 1.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Match {
    /// How often its words appear in the title, in order and ignoring endings.
    pub title_phrases: u32,
    /// The same in the whole text, title included.
    pub text_phrases: u32,
    /// Where the first of them is in the text: 0 at the start, near 1 at the end.
    pub position: f32,
    /// Its length in words as a share of the longest hashtag that overlaps it in the title: 1 if
    /// none is longer.
    pub longest: f32,
    /// How often its letters and digits appear in the title, whatever separates the words.
    pub title_runs: u32,
    /// The same in the body.
    pub body_runs: u32,
    /// Where the first of those runs is, as a share of the text's length.
    pub run_position: f32,
    /// Like `longest`, measured in bytes of compact text: 新機能 is longer than 機能.
    pub longest_run: f32,
    /// How cleanly the cleanest run is separated from its surroundings: 1 if the script changes or
    /// a separator was removed at both ends, .5 if only at one.
    pub clean: f32,
    /// Whether the post spells it differently (katakana for hiragana, one long-vowel mark more or
    /// less): 1 in the title, .5 in the body.
    pub variant: f32,
    /// The share of its words that appear anywhere in the title, weighted by rarity.
    pub title_cover: f32,
    /// The same in the whole text.
    pub text_cover: f32,
}

impl Match {
    const NONE: Self = Self {
        title_phrases: 0,
        text_phrases: 0,
        position: 1.0,
        longest: 0.0,
        title_runs: 0,
        body_runs: 0,
        run_position: 1.0,
        longest_run: 0.0,
        clean: 0.0,
        variant: 0.0,
        title_cover: 0.0,
        text_cover: 0.0,
    };

    /// Whether the title contains the hashtag.
    pub fn in_title(&self) -> bool {
        self.title_phrases + self.title_runs > 0
    }

    /// Whether the title or the body contains the hashtag.
    pub fn in_text(&self) -> bool {
        self.in_title() || self.text_phrases + self.body_runs > 0
    }
}

/// The hashtags that one post names, by id.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// For each hashtag of the community: 1 + its index in `found`, or 0.
    places: Vec<u32>,
    found: Vec<(u32, Match)>,
}

impl Matches {
    /// How a hashtag is named.
    pub fn get(&self, hashtag: HashtagId) -> Match {
        let place = self.places.get(hashtag.index()).copied().unwrap_or(0) as usize;
        let found = place.checked_sub(1).and_then(|place| self.found.get(place));
        found.map_or(Match::NONE, |&(_, found)| found)
    }

    /// The hashtags that the post names or shares a word with, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (HashtagId, &Match)> {
        self.found.iter().map(|(tag, found)| (HashtagId(*tag), found))
    }

    /// What [`Statistics`](crate::Statistics) count.
    pub fn hits(&self) -> Hits {
        let mut title: Vec<u32> = Vec::new();
        let mut text: Vec<u32> = Vec::new();
        for (tag, found) in &self.found {
            if found.in_title() {
                title.push(*tag);
            }
            if found.in_text() {
                text.push(*tag);
            }
        }
        Hits { title, text }
    }

    /// The entry of a hashtag, added if there is none.
    fn entry(&mut self, tag: u32) -> Option<&mut Match> {
        let place = self.places.get_mut(tag as usize)?;
        if *place == 0 {
            self.found.push((tag, Match::NONE));
            *place = self.found.len() as u32;
        }
        self.found.get_mut(*place as usize - 1).map(|(_, found)| found)
    }
}

/// Which hashtags a post contains: all that is stored of a training post's matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    pub(crate) title: Vec<u32>,
    pub(crate) text: Vec<u32>,
}

impl LiteralIndex {
    /// Searches a post for all hashtags of the community.
    pub fn find(&self, post: &Searched) -> Matches {
        let mut matches = Matches { places: vec![0; self.len()], found: Vec::new() };
        self.find_phrases(&post.words, &mut matches);
        self.find_runs(post, &mut matches);
        self.find_words(&post.words, &mut matches);
        matches
    }

    fn find_phrases(&self, post: &Stemmed, matches: &mut Matches) {
        let buckets = self.phrases.view();
        let (starts, words) = (&self.phrase_starts[..], &self.phrase_words[..]);
        let tags = &self.phrase_tags[..];
        let scale = 1.0 / (post.stems.len() + 5) as f32;
        let mut in_title = Vec::new();
        for (at, &stem) in post.stems.iter().enumerate() {
            for phrase in buckets.range(stem) {
                let wanted = list(starts, words, phrase);
                let Some(&tag) = tags.get(phrase).filter(|_| !wanted.is_empty()) else { continue };
                if post.stems.get(at..at + wanted.len()) != Some(wanted) {
                    continue;
                }
                let Some(entry) = matches.entry(tag) else { continue };
                entry.text_phrases += 1;
                entry.position = entry.position.min(at as f32 * scale);
                if at + wanted.len() <= post.title_stems {
                    entry.title_phrases += 1;
                    in_title.push(Found { tag, start: at, end: at + wanted.len() });
                }
            }
        }
        for (tag, share) in longest(&in_title, post.title_stems) {
            if let Some(entry) = matches.entry(tag) {
                entry.longest = entry.longest.max(share);
            }
        }
    }

    fn find_runs(&self, post: &Searched, matches: &mut Matches) {
        let buckets = self.patterns.view();
        let (starts, searched) = (&self.form_starts[..], &self.searched[..]);
        let (exact, folded) = (&self.exact[..], &self.folded[..]);
        let tags = &self.pattern_tags[..];
        let compact = &post.compact;
        let (post_exact, post_folded) = (compact.exact.as_bytes(), compact.folded.as_bytes());
        let scale = 1.0 / compact.len().max(1) as f32;
        let mut in_title = Vec::new();
        for (at, window) in post_folded.windows(4).enumerate() {
            let Some(key) = prefix(window) else { continue };
            for entry in buckets.range(key) {
                let Some(&tag) = tags.get(entry) else { continue };
                let form = span(starts, tag as usize);
                let wanted = searched.get(tag as usize).map_or(0, |&len| len as usize);
                let rest = post_folded.get(at..).unwrap_or_default();
                let pattern = folded.get(form.start..form.start + wanted);
                if wanted == 0 || !pattern.is_some_and(|pattern| rest.starts_with(pattern)) {
                    continue;
                }
                let written = exact.get(form).unwrap_or_default();
                let spelled = post_exact.get(at..).is_some_and(|rest| rest.starts_with(written));
                let end = at + if spelled { written.len() } else { wanted };
                let title = end <= post.compact_title;
                if !title && at < post.compact_title {
                    continue;
                }
                let Some(entry) = matches.entry(tag) else { continue };
                if !spelled {
                    entry.variant = entry.variant.max(if title { 1.0 } else { 0.5 });
                    continue;
                }
                let ends = [compact.is_start(at), compact.is_start(end)];
                let clean = ends.iter().filter(|&&clean| clean).count() as f32 / 2.0;
                entry.clean = entry.clean.max(clean);
                entry.run_position = entry.run_position.min(at as f32 * scale);
                if title {
                    entry.title_runs += 1;
                    in_title.push(Found { tag, start: at, end });
                } else {
                    entry.body_runs += 1;
                }
            }
        }
        for (tag, share) in longest(&in_title, post.compact_title) {
            if let Some(entry) = matches.entry(tag) {
                entry.longest_run = entry.longest_run.max(share);
            }
        }
    }

    fn find_words(&self, post: &Stemmed, matches: &mut Matches) {
        self.add_words(&post.text_words, matches, |entry| &mut entry.text_cover);
        self.add_words(&post.title_words, matches, |entry| &mut entry.title_cover);
        for (tag, entry) in &mut matches.found {
            let sum = self.rarity_sums.get(*tag as usize).copied().unwrap_or(0.0) + 1e-6;
            entry.text_cover = (entry.text_cover / sum).min(1.0);
            entry.title_cover = (entry.title_cover / sum).min(1.0);
            // A hashtag written in one word covers the words it would split into.
            if entry.text_phrases > 0 {
                entry.text_cover = 1.0;
            }
            if entry.title_phrases > 0 {
                entry.title_cover = 1.0;
            }
        }
    }

    fn add_words(
        &self,
        words: &[u64],
        matches: &mut Matches,
        cover: impl Fn(&mut Match) -> &mut f32,
    ) {
        let buckets = self.words.view();
        let (keys, tags, weights) =
            (&self.word_keys[..], &self.word_tags[..], &self.word_weights[..]);
        for &word in words {
            for at in buckets.range(word).filter(|&at| keys.get(at) == Some(&word)) {
                let (Some(&tag), Some(&weight)) = (tags.get(at), weights.get(at)) else { continue };
                if let Some(entry) = matches.entry(tag) {
                    *cover(entry) += weight;
                }
            }
        }
    }
}

/// A hashtag found from `start` to `end`.
struct Found {
    tag: u32,
    start: usize,
    end: usize,
}

/// For each match, its length as a share of the longest match that overlaps it.
fn longest(found: &[Found], len: usize) -> impl Iterator<Item = (u32, f32)> {
    let mut longest = vec![0usize; len];
    for hit in found {
        for best in longest.get_mut(hit.start..hit.end).unwrap_or_default() {
            *best = (*best).max(hit.end - hit.start);
        }
    }
    found.iter().map(move |hit| {
        let over = longest.get(hit.start..hit.end).and_then(|run| run.iter().max());
        let over = over.copied().unwrap_or(0).max(1);
        (hit.tag, (hit.end - hit.start) as f32 / over as f32)
    })
}
