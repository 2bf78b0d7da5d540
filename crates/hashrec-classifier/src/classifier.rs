//! A trained classifier.

use hashrec_data::CommunityId;

use crate::{
    ClassifierError,
    encoder::Encoder,
    sequences::Sequences,
    vocabulary::Vocabulary,
    weights::{Layers, Spaces, Weights},
};

/// Posts that [`Classifier::logits_batch`] encodes together.
const TOGETHER: usize = 32;

/// How a classifier was trained.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ClassifierSummary {
    /// How many posts were given.
    pub posts: usize,
    /// How many of them had no hashtags; the net learned nothing from those.
    pub without_hashtags: usize,
    /// How many of them were held out to choose the best epoch.
    pub validation_posts: usize,
    /// The epoch that the weights come from, counted from 1; the last one without held-out posts.
    pub best_epoch: usize,
    /// The mean loss per post of every epoch.
    pub losses: Vec<f64>,
    /// NDCG@10 on the held-out posts after every epoch; empty if there were none.
    pub validation: Vec<f64>,
}

/// One encoder for all communities and one output layer per community: scores a community's
/// hashtags for a text.
///
/// Immutable, `Send` and `Sync`; cloning shares the weights.
#[derive(Clone, Debug)]
pub struct Classifier {
    pub(crate) layers: Layers,
    pub(crate) spaces: Spaces,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) weights: Weights,
    pub(crate) summary: ClassifierSummary,
}

impl Classifier {
    /// The number of communities; they are numbered from 0.
    pub fn communities(&self) -> usize {
        self.spaces.communities()
    }

    /// The size of a community's hashtag space, `None` if the community is unknown.
    pub fn tags(&self, community: CommunityId) -> Option<usize> {
        self.spaces.rows(community.index()).map(|rows| rows.len())
    }

    /// How the classifier was trained.
    pub fn summary(&self) -> &ClassifierSummary {
        &self.summary
    }

    /// The score of every hashtag of `community`, by hashtag number, for one post given as the
    /// words its tokenizer found. A score is a logit: the hashtag's probability is
    /// 1 / (1 + e^−score). Only the first `max_words` words count; a post without words is scored
    /// as one unknown word.
    ///
    /// # Errors
    /// [`ClassifierError::UnknownCommunity`].
    pub fn logits<'a>(
        &self,
        community: CommunityId,
        words: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<f32>, ClassifierError> {
        let words = self.vocabulary.encode(words, self.layers.max_words);
        let text = self.encoder().texts(&Sequences::pack(&[&words]));
        self.encoder().logits(community.index(), &text).ok_or_else(|| self.unknown(community))
    }

    /// [`logits`](Self::logits) of many posts, on the calling thread. A post's scores don't depend
    /// on its neighbours beyond the rounding of `f32` sums.
    ///
    /// # Errors
    /// [`ClassifierError::UnknownCommunity`] if any post's community is unknown.
    pub fn logits_batch<S: AsRef<str>>(
        &self,
        posts: &[(CommunityId, &[S])],
    ) -> Result<Vec<Vec<f32>>, ClassifierError> {
        if let Some((community, _)) = posts.iter().find(|(c, _)| self.tags(*c).is_none()) {
            return Err(self.unknown(*community));
        }
        let max_words = self.layers.max_words;
        let words: Vec<Vec<u32>> = posts
            .iter()
            .map(|(_, words)| self.vocabulary.encode(words.iter().map(S::as_ref), max_words))
            .collect();
        let words: Vec<&[u32]> = words.iter().map(Vec::as_slice).collect();
        let mut all = vec![Vec::new(); posts.len()];
        let encoder = self.encoder();
        encoder.each_text(&words, TOGETHER, |post, text| {
            all[post] = encoder.logits(posts[post].0.index(), text).unwrap_or_default();
        });
        Ok(all)
    }

    fn encoder(&self) -> Encoder<'_> {
        Encoder { layers: self.layers, weights: &self.weights, spaces: &self.spaces }
    }

    fn unknown(&self, community: CommunityId) -> ClassifierError {
        ClassifierError::UnknownCommunity { community, known: self.communities() }
    }
}
