//! The paper's rows (section 4.1): the post's vector, the hashtag's vector, and a few numbers.

use hashrec_data::HashtagId;

use super::Reading;

const NUMBERS: [&str; 6] =
    ["cosine", "log_count", "share", "log_posts", "log_hashtags", "log_words"];

/// The columns, for vectors of `dim` numbers.
pub(crate) fn vector_row_names(dim: usize) -> Vec<String> {
    let numbered = |name: &'static str| (0..dim).map(move |i| format!("{name}_{i}"));
    numbered("post")
        .chain(numbered("hashtag"))
        .chain(NUMBERS.iter().map(|&name| name.to_owned()))
        .collect()
}

/// Appends a row for each hashtag.
pub(crate) fn push_vector_rows(post: &Reading<'_>, hashtags: &[HashtagId], rows: &mut Vec<f32>) {
    let Some(vectors) = &post.model.vectors else { return };
    let Some(space) = post.model.space.community(post.community) else { return };
    let posts = space.posts() as f32;
    for &hashtag in hashtags {
        let vector = vectors.hashtag(post.community, hashtag);
        let count = space.count(hashtag) as f32;
        rows.extend_from_slice(post.vector());
        rows.extend_from_slice(vector);
        let cosine: f32 = post.vector().iter().zip(vector).map(|(a, b)| a * b).sum();
        rows.extend([
            cosine,
            count.ln_1p(),
            count / posts.max(1.0),
            posts.ln_1p(),
            (space.len() as f32).ln_1p(),
            (post.tokens.len() as f32).ln_1p(),
        ]);
    }
}
