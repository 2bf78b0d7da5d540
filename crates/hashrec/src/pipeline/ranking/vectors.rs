//! The paper's rows (section 4.1): the post's vector, the hashtag's vector, and a few numbers. From
//! vectors of pairs (section 4.5.2, *unified*): the pair's vector and the same numbers.

use hashrec_data::HashtagId;

use super::Reading;
use crate::{RecommendError, VectorKind};

const COSINE: &str = "cosine";
const NUMBERS: [&str; 5] = ["log_count", "share", "log_posts", "log_hashtags", "log_words"];

/// The columns, for vectors of `dim` numbers.
pub(crate) fn vector_row_names(kind: VectorKind, dim: usize) -> Vec<String> {
    let numbered = |name: &'static str| (0..dim).map(move |i| format!("{name}_{i}"));
    let numbers = NUMBERS.iter().map(|&name| name.to_owned());
    if kind.is_of_pairs() {
        return numbered("pair").chain(numbers).collect();
    }
    let vectors = numbered("post").chain(numbered("hashtag"));
    vectors.chain([COSINE.to_owned()]).chain(numbers).collect()
}

/// Appends a row for each hashtag.
pub(crate) fn push_vector_rows(
    post: &Reading<'_>,
    hashtags: &[HashtagId],
    rows: &mut Vec<f32>,
) -> Result<(), RecommendError> {
    let Some(vectors) = &post.model.vectors else { return Ok(()) };
    let Some(space) = post.model.space.community(post.community) else { return Ok(()) };
    let posts = space.posts() as f32;
    let numbers = |hashtag: HashtagId| {
        let count = space.count(hashtag) as f32;
        [
            count.ln_1p(),
            count / posts.max(1.0),
            posts.ln_1p(),
            (space.len() as f32).ln_1p(),
            (post.tokens.len() as f32).ln_1p(),
        ]
    };
    if post.model.config().vectors.kind.is_of_pairs() {
        let names: Vec<&str> =
            hashtags.iter().map(|&id| space.hashtag(id).unwrap_or_default()).collect();
        let pairs = vectors
            .text()
            .pairs(post.text, &names)
            .map_err(|source| RecommendError::Score { source: Box::new(source) })?;
        for (&hashtag, pair) in hashtags.iter().zip(pairs.chunks_exact(vectors.dim().max(1))) {
            rows.extend_from_slice(pair);
            rows.extend(numbers(hashtag));
        }
        return Ok(());
    }
    let vector = post.vector()?;
    for &hashtag in hashtags {
        let other = vectors.hashtag(post.community, hashtag);
        rows.extend_from_slice(vector);
        rows.extend_from_slice(other);
        rows.push(vector.iter().zip(other).map(|(a, b)| a * b).sum());
        rows.extend(numbers(hashtag));
    }
    Ok(())
}
