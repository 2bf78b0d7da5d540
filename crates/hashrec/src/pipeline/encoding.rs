//! The vectors of many posts and hashtags: each text once, on all threads.

use std::{cmp::Reverse, collections::HashMap, ops::ControlFlow};

use hashrec_data::{CommunitySpace, HashtagSpace};
use hashrec_vectorize::{TextEncoder, TextRole, VectorizeError};
use rayon::prelude::*;

use super::meaning::{self, Meaning, center_all};
use crate::{
    error::LearnError,
    notes::Notes,
    prepared::Encoded,
    progress::{Detail, Stage},
    reporter::Reporter,
    vector_cache::VectorCache,
};

/// Texts that one thread encodes at a time.
const CHUNK: usize = 32;

/// A mean counts as if so many texts without a direction were among them, so that few texts don't
/// lose what they say.
const SMOOTHING: f32 = 20.0;

impl Meaning {
    /// The vectors of the names of a community's hashtags, one after another. Where there are notes, it
    /// is the mean of that of the name and of that of name and notes together.
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
        let report = |done| reporter.report(Stage::Vectors, done, unknown.len(), Detail::None);
        let encoded = encode(&*self.encoder, &unknown, TextRole::Post, report)
            .map_err(LearnError::step(Stage::Vectors))?;
        let encoded = encoded.ok_or(LearnError::Cancelled { stage: Stage::Vectors })?;
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
    order.sort_by_key(|&at| Reverse(texts[at].len()));
    let mut vectors = vec![0.0; texts.len() * dim];
    let together = CHUNK * 8 * rayon::current_num_threads();
    for (number, group) in order.chunks(together).enumerate() {
        let encoded: Result<Vec<Vec<f32>>, VectorizeError> = group
            .par_chunks(CHUNK)
            .map(|chunk| {
                let texts: Vec<&str> = chunk.iter().map(|&at| texts[at]).collect();
                meaning::vectors(encoder, &texts, role)
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
pub(super) fn mean(vectors: &[f32], dim: usize) -> Vec<f32> {
    let mut sums = vec![0.0f64; dim];
    for vector in vectors.chunks_exact(dim.max(1)) {
        sums.iter_mut().zip(vector).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    let count = vectors.len() as f32 / dim.max(1) as f32 + SMOOTHING;
    sums.into_iter().map(|sum| sum as f32 / count).collect()
}
