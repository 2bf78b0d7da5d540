//! Fitting the latent space.

use hashrec_tokenize::Tokens;

use super::{
    TfIdfSvd, TfIdfSvdParams,
    decompose::{Decomposition, decompose},
};
use crate::{
    SparseVector, TfIdf, VectorizeError, VocabularyBuilder, sparse_matrix::SparseMatrix,
    word_feature,
};

impl TfIdfSvd {
    /// Learns vocabulary, document frequencies and directions from the words of posts, in two passes
    /// over the iterator. Needs feature `train`.
    ///
    /// The same posts and parameters give the same space on one machine; the order of the posts
    /// changes rounding only. Runs on one thread. Memory in bytes: 12 × (posts + words) × (`dim` +
    /// `oversampling`), and 16 for each distinct word of each post.
    ///
    /// ```
    /// use hashrec_tokenize::Tokens;
    /// use hashrec_vectorize::{TfIdfSvd, TfIdfSvdParams, Vectorizer};
    ///
    /// let posts = ["bread and cake", "cake and coffee", "new release", "release notes"];
    /// let posts = posts.map(|text| {
    ///     let mut tokens = Tokens::default();
    ///     text.split(' ').for_each(|word| tokens.push(word, 0..0));
    ///     tokens
    /// });
    /// let svd = TfIdfSvd::fit(&posts, &TfIdfSvdParams::default().with_dim(2))?;
    /// let vector = |tokens| {
    ///     let mut vector = [0.0; 2];
    ///     svd.vectorize(tokens, &mut vector);
    ///     vector
    /// };
    /// let cosine = |a: [f32; 2], b: [f32; 2]| a[0] * b[0] + a[1] * b[1];
    /// assert!(cosine(vector(&posts[0]), vector(&posts[1])) > 0.9);
    /// assert!(cosine(vector(&posts[0]), vector(&posts[2])) < 0.1);
    ///
    /// let explained: f32 = svd.explained_variance_ratio().iter().sum();
    /// assert!(explained > 0.4);
    /// # Ok::<(), hashrec_vectorize::VectorizeError>(())
    /// ```
    ///
    /// # Errors
    /// [`VectorizeError::Parameter`] if a parameter is out of range,
    /// [`VectorizeError::NoConvergence`] if the decomposition fails.
    pub fn fit<'a, I>(posts: I, params: &TfIdfSvdParams) -> Result<Self, VectorizeError>
    where
        I: IntoIterator<Item = &'a Tokens, IntoIter: Clone>,
    {
        params.check()?;
        let posts = posts.into_iter();
        let mut features = Vec::new();
        let mut builder = VocabularyBuilder::default();
        for tokens in posts.clone() {
            words(tokens, &mut features);
            builder.add(&features);
        }
        let tfidf = TfIdf::from_counts(builder, &params.tfidf());

        let mut matrix = SparseMatrix::new(tfidf.dim());
        let mut vector = SparseVector::default();
        for tokens in posts {
            words(tokens, &mut features);
            tfidf.transform(&features, &mut vector);
            matrix.push(&vector);
        }
        let Decomposition { values, right } = decompose(&matrix, params)?;
        let explained_variance_ratio = explained(&matrix, &right, values.len());
        tracing::debug!(
            posts = matrix.height(),
            words = matrix.width(),
            components = values.len(),
            explained = explained_variance_ratio.iter().sum::<f32>(),
            "latent space fitted"
        );
        Ok(Self {
            dim: params.dim,
            tfidf,
            components: right.into(),
            singular_values: values.into(),
            explained_variance_ratio: explained_variance_ratio.into(),
        })
    }
}

/// Replaces the content of `out` with the features of a post, one per word.
fn words(tokens: &Tokens, out: &mut Vec<u64>) {
    out.clear();
    out.extend(tokens.texts().map(word_feature));
}

/// The variance of the rows' projections on each component, as a share of the whole variance.
fn explained(matrix: &SparseMatrix, components: &[f32], wide: usize) -> Vec<f32> {
    let whole = matrix.variance();
    if wide == 0 || whole <= 0.0 {
        return vec![0.0; wide];
    }
    let mut projections = Vec::new();
    matrix.times(components, wide, &mut projections);
    let height = matrix.height() as f64;
    let mut means = vec![0.0f64; wide];
    for row in projections.chunks_exact(wide) {
        means.iter_mut().zip(row).for_each(|(mean, &p)| *mean += f64::from(p) / height);
    }
    let mut variances = vec![0.0f64; wide];
    for row in projections.chunks_exact(wide) {
        for ((variance, mean), &p) in variances.iter_mut().zip(&means).zip(row) {
            *variance += (f64::from(p) - mean).powi(2) / height;
        }
    }
    // Rounding may lift the share of a single component past 1.
    variances.iter().map(|variance| (variance / whole).min(1.0) as f32).collect()
}
