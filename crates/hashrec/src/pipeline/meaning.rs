//! What texts mean: the encoder of a bundle, and vectors from which what all texts have in common is
//! taken away.
//!
//! The vectors of many encoders point roughly the same way whatever the text says, so cosines are high
//! everywhere, and how high depends on the encoder. Without the mean of all posts, or of all hashtags'
//! names, cosines of different encoders are alike, and one ranker can read them all.

use std::{collections::HashMap, ops::ControlFlow, sync::Arc};

use hashrec_candidates::MeaningParams;
use hashrec_data::CommunitySpace;
#[cfg(feature = "learn")]
use hashrec_data::HashtagSpace;
#[cfg(feature = "learn")]
use hashrec_storage::PartWriter;
use hashrec_storage::{Bytes, Part, StorageError, Table};
use hashrec_vectorize::{TextEncoder, TextRole, VectorizeError};
use rayon::prelude::*;

#[cfg(feature = "learn")]
use super::parts::Parts;
use super::{
    encoder_files,
    stage::{PartReader, Stage},
};
use crate::{
    config::{EncoderKind, EncoderParams},
    error::{BundleError, ConfigError},
};
#[cfg(feature = "learn")]
use crate::{
    error::LearnError,
    notes::Notes,
    prepared::Encoded,
    progress::{Detail, Stage as Step},
    reporter::Reporter,
    vector_cache::VectorCache,
};

const PART: &str = "encoder";
const KIND: &str = "encoder";
const VERSION: u32 = 1;

/// The longest vectors.
#[cfg(feature = "learn")]
const MOST_DIM: usize = 1 << 16;

/// Texts that one thread encodes at a time.
const CHUNK: usize = 32;

/// A mean counts as if so many texts without a direction were among them, so that few texts don't
/// lose what they say.
#[cfg(feature = "learn")]
const SMOOTHING: f32 = 20.0;

/// The encoder as configured.
#[derive(Clone)]
pub(crate) struct MeaningStage {
    pub(crate) encoder: EncoderParams,
    pub(crate) meaning: MeaningParams,
    /// The encoder of the program around, for [`EncoderKind::Host`].
    pub(crate) host: Option<Arc<dyn TextEncoder>>,
}

impl Stage for MeaningStage {
    fn check(&self) -> Result<(), ConfigError> {
        self.meaning.check().map_err(ConfigError::section("meaning"))?;
        self.encoder.check()
    }

    #[cfg(feature = "trainer")]
    fn settings(&self) -> Result<toml::Table, toml::ser::Error> {
        let encoder = toml::Value::try_from(&self.encoder)?;
        let meaning = toml::Value::try_from(&self.meaning)?;
        Ok([("encoder".to_owned(), encoder), ("meaning".to_owned(), meaning)].into_iter().collect())
    }
}

impl MeaningStage {
    /// Reads the encoder of a bundle.
    pub(crate) fn read(&self, parts: &PartReader<'_>) -> Result<Meaning, BundleError> {
        let encoder = self.read_encoder(parts)?;
        parts.read(PART, |bytes| Meaning::read(encoder, self.encoder.titles_only, bytes))
    }

    fn read_encoder(&self, parts: &PartReader<'_>) -> Result<Arc<dyn TextEncoder>, BundleError> {
        match self.encoder.source() {
            EncoderKind::Host => self.host.clone().ok_or(BundleError::NoEncoder),
            EncoderKind::Folder | EncoderKind::None => encoder_files::read(parts, &self.encoder),
        }
    }

    /// Adds the encoder to the parts, and encodes posts and the names of all hashtags.
    #[cfg(feature = "learn")]
    pub(crate) fn fit(
        &self,
        texts: &[&str],
        (space, notes): (&HashtagSpace, &Notes),
        parts: &mut Parts,
        reporter: Reporter<'_>,
    ) -> Result<(Arc<Meaning>, Encoded), LearnError> {
        let failed = || LearnError::step::<VectorizeError>(Step::Vectors);
        if self.encoder.source() == EncoderKind::Folder {
            encoder_files::add(parts, &self.encoder)?;
        }
        let encoder = self.read_encoder(&PartReader::in_memory(parts))?;
        let dim = encoder.dim();
        if !(1..=MOST_DIM).contains(&dim) {
            let (name, found) = ("the length of the encoder's vectors", dim.to_string());
            let error = VectorizeError::Parameter { name, found, expected: "1 to 65536" };
            return Err(failed()(error));
        }
        let zeros: Table<f32> = vec![0.0; dim].into();
        let titles_only = self.encoder.titles_only;
        let raw = Meaning { encoder, titles_only, posts: zeros.clone(), names: zeros };
        let mut cache = match &self.encoder.cache {
            Some(path) => {
                let id = encoder_files::identity(parts, &self.encoder);
                let id = self.host_identity(id, &*raw.encoder).map_err(failed())?;
                Some(VectorCache::open(path, id, dim)?)
            }
            None => None,
        };
        let mut posts = raw.encode_posts(texts, cache.as_mut(), reporter)?;
        if let Some(cache) = cache {
            cache.save()?;
        }
        let names = space.communities().map(|(_, space)| raw.names(space, notes));
        let mut names = names.collect::<Result<Vec<_>, _>>().map_err(failed())?;
        let name_mean = mean(&names.concat(), dim);
        let meaning = Meaning { posts: mean(&posts, dim).into(), names: name_mean.into(), ..raw };
        center_all(&mut posts, &meaning.posts);
        names.iter_mut().for_each(|names| center_all(names, &meaning.names));
        let bytes = meaning.write().map_err(LearnError::part(PART))?;
        parts.insert(PART.to_owned(), bytes.into());
        Ok((Arc::new(meaning), Encoded { posts, names, dim }))
    }

    /// The identity of an encoder, which for that of the program around is not in the parts: another
    /// one reads a text otherwise.
    #[cfg(feature = "learn")]
    fn host_identity(
        &self,
        parts: blake3::Hash,
        encoder: &dyn TextEncoder,
    ) -> Result<blake3::Hash, VectorizeError> {
        if self.encoder.source() != EncoderKind::Host {
            return Ok(parts);
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(parts.as_bytes());
        for value in vectors(encoder, &PROBES, TextRole::Hashtag)? {
            // Rounded, because the last digits may differ from run to run.
            hasher.update(&[(value * 32.0).round() as i8 as u8]);
        }
        Ok(hasher.finalize())
    }
}

/// Texts whose vectors tell encoders apart.
#[cfg(feature = "learn")]
const PROBES: [&str; 2] =
    ["What is new this week? New features: 3 fixes", "今週の新機能のお知らせです"];

/// What turns posts and hashtags into vectors of what they mean.
pub(crate) struct Meaning {
    encoder: Arc<dyn TextEncoder>,
    titles_only: bool,
    /// The mean vector of posts.
    posts: Table<f32>,
    /// The mean vector of hashtags' names.
    names: Table<f32>,
}

impl Meaning {
    fn read(
        encoder: Arc<dyn TextEncoder>,
        titles_only: bool,
        bytes: Bytes,
    ) -> Result<Self, StorageError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let dim = encoder.dim();
        let (posts, names) = (part.table_of("posts", dim)?, part.table_of("names", dim)?);
        Ok(Self { encoder, titles_only, posts, names })
    }

    #[cfg(feature = "learn")]
    fn write(&self) -> Result<Vec<u8>, StorageError> {
        let mut part = PartWriter::new(KIND, VERSION);
        part.table("posts", &self.posts)?;
        part.table("names", &self.names)?;
        part.to_bytes()
    }

    /// Floats in a vector.
    pub(crate) fn dim(&self) -> usize {
        self.encoder.dim()
    }

    /// The vector of a post's text, then that of its title.
    pub(crate) fn post(&self, text: &str) -> Result<Vec<f32>, VectorizeError> {
        let texts = self.texts(text);
        let distinct = if texts[0] == texts[1] { &texts[..1] } else { &texts[..] };
        let mut vectors = vectors(&*self.encoder, distinct, TextRole::Post)?;
        center_all(&mut vectors, &self.posts);
        if distinct.len() == 1 {
            vectors.extend_from_within(..);
        }
        Ok(vectors)
    }

    /// What is encoded of a post: its text, and its title.
    fn texts<'a>(&self, text: &'a str) -> [&'a str; 2] {
        let title = text.split('\n').next().unwrap_or_default();
        [if self.titles_only { title } else { text }, title]
    }

    /// The vectors of the names of a community's hashtags, one after another. Where there are notes, it
    /// is the mean of that of the name and of that of name and notes together.
    #[cfg(feature = "learn")]
    pub(crate) fn names(
        &self,
        space: &CommunitySpace,
        notes: &Notes,
    ) -> Result<Vec<f32>, VectorizeError> {
        let spaced = |name: &str| name.replace(['-', '_', '/'], " ");
        let mut texts: Vec<String> = space.hashtags().map(spaced).collect();
        let mut noted = Vec::new();
        for (place, name) in space.hashtags().enumerate() {
            let text = notes.of(space.name(), name).and_then(|notes| notes.text(&spaced(name)));
            if let Some(text) = text {
                noted.push(place);
                texts.push(text);
            }
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let listen = |_| ControlFlow::Continue(());
        let vectors = encode(&*self.encoder, &texts, TextRole::Hashtag, listen)?;
        let (mut names, dim) = (vectors.unwrap_or_default(), self.dim());
        let with_notes = names.split_off(space.len() * dim);
        for (place, vector) in noted.into_iter().zip(with_notes.chunks_exact(dim.max(1))) {
            let name = names.get_mut(place * dim..(place + 1) * dim).unwrap_or_default();
            name.iter_mut().zip(vector).for_each(|(a, b)| *a = 0.5 * (*a + b));
        }
        center_all(&mut names, &self.names);
        Ok(names)
    }

    /// The vectors of posts and of the names of all hashtags.
    #[cfg(feature = "learn")]
    pub(crate) fn encode(
        &self,
        texts: &[&str],
        space: &HashtagSpace,
        notes: &Notes,
    ) -> Result<Encoded, LearnError> {
        let posts = self.encode_posts(texts, None, Reporter(&|_| ControlFlow::Continue(())))?;
        let names = space
            .communities()
            .map(|(_, space)| self.names(space, notes).map_err(LearnError::fit(space.name())));
        Ok(Encoded { posts, names: names.collect::<Result<_, _>>()?, dim: self.dim() })
    }

    /// The vectors of a post's text and of its title, for each post; each distinct text is encoded
    /// once.
    #[cfg(feature = "learn")]
    pub(crate) fn encode_posts(
        &self,
        texts: &[&str],
        mut cache: Option<&mut VectorCache>,
        reporter: Reporter<'_>,
    ) -> Result<Vec<f32>, LearnError> {
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut distinct = Vec::new();
        let mut place = |text| {
            *places.entry(text).or_insert_with(|| {
                distinct.push(text);
                distinct.len() - 1
            })
        };
        let posts: Vec<[usize; 2]> =
            texts.iter().map(|text| self.texts(text).map(&mut place)).collect();
        let unknown: Vec<&str> = match &cache {
            Some(cache) => {
                distinct.iter().copied().filter(|text| cache.get(text).is_none()).collect()
            }
            None => distinct.clone(),
        };
        let report = |done| reporter.report(Step::Vectors, done, unknown.len(), Detail::None);
        let encoded = encode(&*self.encoder, &unknown, TextRole::Post, report)
            .map_err(LearnError::step(Step::Vectors))?;
        let encoded = encoded.ok_or(LearnError::Cancelled { stage: Step::Vectors })?;
        let dim = self.dim();
        let mut values = vec![0.0; posts.len() * 2 * dim];
        if let Some(cache) = &mut cache {
            unknown.iter().zip(encoded.chunks_exact(dim)).for_each(|(text, v)| cache.add(text, v));
        }
        for (pair, out) in posts.iter().zip(values.chunks_exact_mut((2 * dim).max(1))) {
            for (&place, out) in pair.iter().zip(out.chunks_exact_mut(dim.max(1))) {
                let found = match &cache {
                    Some(cache) => distinct.get(place).and_then(|text| cache.get(text)),
                    None => encoded.get(place * dim..(place + 1) * dim),
                };
                found.into_iter().for_each(|vector| out.copy_from_slice(vector));
            }
        }
        center_all(&mut values, &self.posts);
        Ok(values)
    }
}

/// The vectors of texts as an encoder gives them. Of one with a number that is not finite, or too large
/// to compute with, nothing is known: it is all zeros.
fn vectors(
    encoder: &dyn TextEncoder,
    texts: &[&str],
    role: TextRole,
) -> Result<Vec<f32>, VectorizeError> {
    let dim = encoder.dim();
    let mut vectors = encoder.encode(texts, role)?;
    if Some(vectors.len()) != texts.len().checked_mul(dim) {
        let (found, texts) = (vectors.len(), texts.len());
        return Err(VectorizeError::VectorLength { found, texts, dim });
    }
    for vector in vectors.chunks_exact_mut(dim.max(1)) {
        let square: f32 = vector.iter().map(|value| value * value).sum();
        if !square.is_finite() {
            vector.fill(0.0);
        }
    }
    Ok(vectors)
}

/// The vectors of texts, on all threads; `None` if the listener, who hears of how many texts they are,
/// wants to stop.
fn encode(
    encoder: &dyn TextEncoder,
    texts: &[&str],
    role: TextRole,
    listen: impl Fn(usize) -> ControlFlow<()>,
) -> Result<Option<Vec<f32>>, VectorizeError> {
    let dim = encoder.dim();
    // Texts of a length go together: a batch takes as long as its longest text.
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(texts[at].len()));
    let mut vectors = vec![0.0; texts.len() * dim];
    let together = CHUNK * 8 * rayon::current_num_threads();
    for (number, group) in order.chunks(together).enumerate() {
        let encoded: Result<Vec<Vec<f32>>, VectorizeError> = group
            .par_chunks(CHUNK)
            .map(|chunk| {
                let texts: Vec<&str> = chunk.iter().map(|&at| texts[at]).collect();
                self::vectors(encoder, &texts, role)
            })
            .collect();
        for (&at, vector) in group.iter().zip(encoded?.concat().chunks_exact(dim.max(1))) {
            vectors[at * dim..][..dim].copy_from_slice(vector);
        }
        if listen((number * together + group.len()).min(texts.len())).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(vectors))
}

/// The mean of vectors of `dim` floats.
#[cfg(feature = "learn")]
fn mean(vectors: &[f32], dim: usize) -> Vec<f32> {
    let mut sums = vec![0.0f64; dim];
    for vector in vectors.chunks_exact(dim.max(1)) {
        sums.iter_mut().zip(vector).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    let count = vectors.len() as f32 / dim.max(1) as f32 + SMOOTHING;
    sums.into_iter().map(|sum| sum as f32 / count).collect()
}

/// Each of several vectors without what they have in common.
fn center_all(vectors: &mut [f32], mean: &[f32]) {
    vectors.chunks_exact_mut(mean.len().max(1)).for_each(|vector| center(vector, mean));
}

/// A vector without what it has in common with the others, again of length 1. One of zeros stays so:
/// nothing is known about it.
fn center(vector: &mut [f32], mean: &[f32]) {
    if vector.iter().all(|&value| value == 0.0) {
        return;
    }
    vector.iter_mut().zip(mean).for_each(|(value, mean)| *value -= mean);
    let length = vector.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt() as f32;
    let scale = if length > 0.0 && length.is_finite() { length.recip() } else { 0.0 };
    vector.iter_mut().for_each(|value| *value *= scale);
}
