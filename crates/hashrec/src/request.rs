//! Requests and their answers.

use serde::{Deserialize, Serialize};

/// A request for hashtags: the post, and what the author or the application has already decided.
///
/// ```
/// use hashrec::Request;
///
/// let request = Request::new("running", "朝ラン10km。新しいシューズで自己ベスト!")
///     .with_k(5)
///     .with_chosen(["朝ラン"])
///     .with_denied(["大会結果"]);
/// assert_eq!(request.k, 5);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The community's name; only its hashtags are recommended.
    pub community: String,
    /// The post as written: its first line counts as the title.
    pub text: String,
    /// How many hashtags at most.
    #[serde(default = "ten")]
    pub k: usize,
    /// Hashtags that the author has already chosen. They are not recommended again, and serve as
    /// context. Names that the community doesn't have are ignored. In this and the next two lists,
    /// names count in every writing that a reader takes for the same: `#`, width, invisible
    /// characters, composed and decomposed letters make no difference.
    #[serde(default)]
    pub chosen: Vec<String>,
    /// Hashtags never to recommend.
    #[serde(default)]
    pub denied: Vec<String>,
    /// If given, only these are recommended.
    #[serde(default)]
    pub allowed: Option<Vec<String>>,
    /// If given, only hashtags with at least this score are recommended.
    #[serde(default)]
    pub min_score: Option<f32>,
    /// When the post was written, in seconds since 1970 (UTC). Without it, the post counts as
    /// written after every post that the bundle was trained on.
    #[serde(default)]
    pub created_at: Option<i64>,
}

fn ten() -> usize {
    10
}

impl Request {
    /// Ten hashtags for a text of a community, with nothing chosen, denied or required.
    pub fn new(community: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            community: community.into(),
            text: text.into(),
            k: ten(),
            chosen: Vec::new(),
            denied: Vec::new(),
            allowed: None,
            min_score: None,
            created_at: None,
        }
    }

    /// Sets how many hashtags at most.
    pub fn with_k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// Sets the hashtags the author has already chosen.
    pub fn with_chosen<S: Into<String>>(mut self, chosen: impl IntoIterator<Item = S>) -> Self {
        self.chosen = chosen.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the hashtags never to recommend.
    pub fn with_denied<S: Into<String>>(mut self, denied: impl IntoIterator<Item = S>) -> Self {
        self.denied = denied.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the only hashtags that may be recommended.
    pub fn with_allowed<S: Into<String>>(mut self, allowed: impl IntoIterator<Item = S>) -> Self {
        self.allowed = Some(allowed.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the lowest score of a recommendation.
    pub fn with_min_score(mut self, score: f32) -> Self {
        self.min_score = Some(score);
        self
    }

    /// Sets when the post was written, in seconds since 1970 (UTC).
    pub fn with_created_at(mut self, seconds: i64) -> Self {
        self.created_at = Some(seconds);
        self
    }
}

/// One recommended hashtag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The hashtag, as the community writes it.
    pub hashtag: String,
    /// How well it fits; higher is better. The default system's scores are between 0 and 1 and order
    /// the hashtags of one post. With `objective = "binary"` for the ranker, they are estimated
    /// probabilities that the author would choose the hashtag, comparable between posts and
    /// communities. The scales of other systems are listed at [`System`](crate::System).
    pub score: f32,
    /// The generators that it comes from.
    pub sources: Vec<Source>,
}

pub use hashrec_candidates::Source;
