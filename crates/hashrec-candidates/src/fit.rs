//! Fitting the generators of one community.

use hashrec_data::HashtagId;
use hashrec_tokenize::Tokens;

use crate::{
    CandidateParams, CandidatesError, CommunityModel, FeatureExtractor, Loo, PostFeatures,
    RecencyParams, Scratch, bf16,
    features::FIELDS,
    index::{self, Asked, FieldView, Postings},
    linear::{self, Kernel},
    nearest::Gold,
    recent::{self, RecentModel, nearness},
};

/// A post to fit on.
#[derive(Clone, Copy, Debug)]
pub struct PostInput<'a> {
    /// Its tokens.
    pub tokens: &'a Tokens,
    /// Its text.
    pub text: &'a str,
    /// When it was written, in Unix seconds.
    pub created_at: Option<i64>,
    /// Its hashtags, in the space of its community.
    pub gold: &'a [HashtagId],
}

/// Fits the generators of one community.
#[derive(Clone, Copy, Debug)]
pub struct CommunityFit;

impl CommunityFit {
    /// Fits on the posts of one community of `hashtags` hashtags. Returns the model, and what
    /// models without each single post say of that post: see [`fit_for`](Self::fit_for).
    ///
    /// # Errors
    /// Those of [`fit_for`](Self::fit_for).
    pub fn fit<'a>(
        posts: &'a [PostInput<'a>],
        hashtags: usize,
        params: &CandidateParams,
    ) -> Result<(CommunityModel, Loo<'a>), CandidatesError> {
        let every: Vec<u32> = (0..u32::try_from(posts.len()).unwrap_or(u32::MAX)).collect();
        Self::fit_for(posts, hashtags, params, &every)
    }

    /// The model alone, which saves the time that leave-one-out scores take.
    ///
    /// # Errors
    /// Those of [`fit_for`](Self::fit_for).
    pub fn model(
        posts: &[PostInput<'_>],
        hashtags: usize,
        params: &CandidateParams,
    ) -> Result<CommunityModel, CandidatesError> {
        Self::fit_for(posts, hashtags, params, &[]).map(|(model, _)| model)
    }

    /// Fits on the posts of one community of `hashtags` hashtags. Returns the model, and what
    /// models without each single one of the posts `asked` for (positions, in any order) say of
    /// that post: 4 bytes for each of them and hashtag, twice where posts have times.
    ///
    /// The exact fit holds a posts × posts matrix of 4-byte floats; see
    /// [`LinearParams`](crate::LinearParams) for larger communities. A community of fewer than
    /// two posts gives scores of 0.
    ///
    /// # Errors
    /// A parameter out of range, a hashtag outside the community's space, a community too large,
    /// or a linear system without a solution.
    pub fn fit_for<'a>(
        posts: &'a [PostInput<'a>],
        hashtags: usize,
        params: &CandidateParams,
        asked: &[u32],
    ) -> Result<(CommunityModel, Loo<'a>), CandidatesError> {
        params.check()?;
        for (what, found) in [("posts", posts.len()), ("hashtags", hashtags)] {
            let limit = i32::MAX as usize;
            if found > limit {
                return Err(CandidatesError::TooLarge { what, found, limit });
            }
        }
        let mut asked = asked.to_vec();
        asked.retain(|&post| (post as usize) < posts.len());
        asked.sort_unstable();
        asked.dedup();
        let extractor = FeatureExtractor::new(params);
        let (gold_offsets, gold_hashtags, uses) = collect_gold(posts, hashtags)?;
        let gold = Gold { offsets: &gold_offsets, hashtags: &gold_hashtags, uses: &uses };
        let least = params.vocabulary.min_df_of(posts.len() as u32).max(1);
        let fields = index::build(
            posts.len(),
            |post, out| extractor.extract(posts[post].tokens, posts[post].text, out),
            &params.vocabulary,
            least,
        )?;
        let (words, characters) = (fields[0].view(least), fields[1].view(least));
        let views = words.zip(characters).map(|(words, characters)| [words, characters]);

        let support = landmarks(posts.len(), params);
        let (mut weights, mut bias, mut leave_one_out) =
            (Vec::new(), vec![0.0; hashtags], vec![0.0; asked.len() * hashtags]);
        let (mut recent, mut recent_leave_one_out) = (RecentModel::default(), Vec::new());
        if let Some(fields) = views.filter(|_| posts.len() > 1) {
            tracing::debug!(posts = posts.len(), landmarks = support.len(), "fitting ridge");
            let subset = (!support.is_empty())
                .then(|| fields.map(|field| index::subset(&field.postings, &support)));
            let columns = match &subset {
                Some(subset) => std::array::from_fn(|i| subset[i].postings()),
                None => fields.map(|field| field.postings),
            };
            let kernel = IndexKernel { posts, extractor: &extractor, fields, columns };
            let landmarks = subset.as_ref().map(|_| &support[..]);
            let (linear_params, threads) = (&params.linear, params.threads);
            let ridge = linear::fit(&kernel, gold, landmarks, &asked, linear_params, threads)?;
            weights = narrow(&ridge.weights);
            (bias, leave_one_out) = (ridge.bias, ridge.leave_one_out);
            let times = posts.iter().map(|post| post.created_at);
            if let Some(times) = recent::known(times).filter(|_| !params.recency.is_none()) {
                let (times_of, params) = (&times[..], &params.recency);
                let kernel =
                    RecentKernel { similarity: kernel, times: times_of, landmarks, params };
                let ridge = linear::fit(&kernel, gold, landmarks, &asked, linear_params, threads)?;
                recent = RecentModel {
                    times: times.into(),
                    weights: narrow(&ridge.weights).into(),
                    bias: ridge.bias.into(),
                };
                recent_leave_one_out = ridge.leave_one_out;
            }
        }
        let model = CommunityModel {
            least,
            fields,
            gold_offsets: gold_offsets.into(),
            gold_hashtags: gold_hashtags.into(),
            uses: uses.into(),
            support: support.into(),
            weights: weights.into(),
            bias: bias.into(),
            recent,
            nearest: params.nearest.clone(),
            recency: params.recency.clone(),
            extractor,
        };
        let loo = Loo {
            posts,
            asked,
            model: model.clone(),
            linear: leave_one_out,
            recent: recent_leave_one_out,
        };
        Ok((model, loo))
    }
}

fn narrow(weights: &[f32]) -> Vec<u16> {
    weights.iter().map(|&weight| bf16::narrow(weight)).collect()
}

/// The posts that stand for the others in a large community, spread evenly so that they cover its
/// whole time; none where every post stands for itself.
fn landmarks(posts: usize, params: &CandidateParams) -> Vec<u32> {
    if posts <= params.linear.exact_up_to {
        return Vec::new();
    }
    let count = params.linear.landmarks.min(posts);
    (0..count).map(|i| (i * posts / count) as u32).collect()
}

/// Offsets, hashtags and uses, as [`Gold`] has them.
type GoldTables = (Vec<u32>, Vec<u32>, Vec<u32>);

fn collect_gold(posts: &[PostInput<'_>], count: usize) -> Result<GoldTables, CandidatesError> {
    let (mut offsets, mut hashtags, mut uses) = (vec![0], Vec::new(), vec![0; count]);
    let mut gold: Vec<u32> = Vec::new();
    for (post, input) in posts.iter().enumerate() {
        gold.clear();
        gold.extend(input.gold.iter().map(|hashtag| hashtag.0));
        gold.sort_unstable();
        gold.dedup();
        for &hashtag in &gold {
            let Some(uses) = uses.get_mut(hashtag as usize) else {
                return Err(CandidatesError::Hashtag { post, hashtag, hashtags: count });
            };
            *uses += 1;
        }
        hashtags.extend_from_slice(&gold);
        let end = u32::try_from(hashtags.len()).map_err(|_| CandidatesError::TooLarge {
            what: "hashtag uses",
            found: hashtags.len(),
            limit: u32::MAX as usize,
        })?;
        offsets.push(end);
    }
    Ok((offsets, hashtags, uses))
}

/// The similarities between the posts being fitted on, by the index.
struct IndexKernel<'a> {
    posts: &'a [PostInput<'a>],
    extractor: &'a FeatureExtractor,
    fields: [FieldView<'a>; FIELDS],
    /// The lists of all posts, or of the landmarks.
    columns: [Postings<'a>; FIELDS],
}

impl Kernel for IndexKernel<'_> {
    type Worker = (Scratch, PostFeatures);

    fn worker(&self) -> Self::Worker {
        Default::default()
    }

    fn row(&self, worker: &mut Self::Worker, post: usize, from: usize, out: &mut [f32]) {
        let (scratch, features) = worker;
        let input = &self.posts[post];
        self.extractor.extract(input.tokens, input.text, features);
        scratch.look_up(&self.fields, features, Asked::Member);
        scratch.similarities(&self.columns, from, out);
    }
}

/// The same similarities, as they count between posts of those times.
struct RecentKernel<'a> {
    similarity: IndexKernel<'a>,
    /// Of all posts.
    times: &'a [i64],
    /// The posts that are the columns, if not all are.
    landmarks: Option<&'a [u32]>,
    params: &'a RecencyParams,
}

impl Kernel for RecentKernel<'_> {
    type Worker = <IndexKernel<'static> as Kernel>::Worker;

    fn worker(&self) -> Self::Worker {
        self.similarity.worker()
    }

    fn row(&self, worker: &mut Self::Worker, post: usize, from: usize, out: &mut [f32]) {
        self.similarity.row(worker, post, from, out);
        for (column, similarity) in (from..).zip(out) {
            let other = self.landmarks.map_or(column, |landmarks| landmarks[column] as usize);
            // A post without a time is still of its own time.
            let nearness = match other == post {
                true => 1.0,
                false => nearness(self.params, self.times[post], self.times[other]),
            };
            *similarity = self.params.weigh(*similarity, nearness);
        }
    }
}
