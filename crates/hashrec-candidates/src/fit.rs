//! Fitting the generators of one community.

use crate::{
    CandidateParams, CandidatesError, CommunityModel, FeatureExtractor, Loo, PostInput,
    gold::GoldTables,
    index::{self, FieldIndex, Pairs},
    kernels::{IndexKernel, Recency, RecentKernel},
    linear::{self, Ridge, RidgeInput},
    meaning::QuantizedRows,
    recent::{self, RecentModel},
    sums::{self, Summing, Sums},
};

impl CommunityModel {
    /// Fits the generators on the posts of one community, which has `hashtags` hashtags.
    ///
    /// The exact fit holds a posts × posts matrix of 4-byte floats; see
    /// [`LinearParams`](crate::LinearParams) for what happens in larger communities.
    ///
    /// # Errors
    /// [`CandidatesError::Parameter`] or [`CandidatesError::Features`] if a parameter is out of
    /// range, [`CandidatesError::Hashtag`] if a post has a hashtag outside the community's space,
    /// [`CandidatesError::TooLarge`] if the community is too large, and
    /// [`CandidatesError::NotPositiveDefinite`] if the linear system has no solution.
    pub fn fit(
        posts: &[PostInput<'_>],
        hashtags: usize,
        params: &CandidateParams,
    ) -> Result<Self, CandidatesError> {
        Self::fit_with_loo_for(posts, hashtags, params, &[]).map(|(model, _)| model)
    }

    /// [`fit`](Self::fit), and the leave-one-out scores of every post: what a model fitted without
    /// the post says about it.
    ///
    /// # Errors
    /// Those of [`fit`](Self::fit).
    pub fn fit_with_loo<'a>(
        posts: &'a [PostInput<'a>],
        hashtags: usize,
        params: &CandidateParams,
    ) -> Result<(Self, Loo<'a>), CandidatesError> {
        let every: Vec<u32> = (0..u32::try_from(posts.len()).unwrap_or(u32::MAX)).collect();
        Self::fit_with_loo_for(posts, hashtags, params, &every)
    }

    /// [`fit_with_loo`](Self::fit_with_loo) for some posts only: `asked` holds their positions, in
    /// any order.
    ///
    /// The scores take 4 bytes for each of these posts and each hashtag, and 8 where posts have
    /// times. In a community of fewer than two posts they are 0.
    ///
    /// # Errors
    /// Those of [`fit`](Self::fit).
    pub fn fit_with_loo_for<'a>(
        posts: &'a [PostInput<'a>],
        hashtags: usize,
        params: &CandidateParams,
        asked: &[u32],
    ) -> Result<(Self, Loo<'a>), CandidatesError> {
        params.check()?;
        check_size(posts.len(), hashtags)?;
        let mut asked = asked.to_vec();
        asked.retain(|&post| (post as usize) < posts.len());
        asked.sort_unstable();
        asked.dedup();
        let mut model = Self::unfitted(posts, hashtags, params)?;
        let ridges = fit_ridges(&model, posts, &asked, params)?;
        let (linear, recent) = match ridges {
            None => (vec![0.0; asked.len() * hashtags], Vec::new()),
            Some((linear, recent)) => {
                model.weights = linear.narrow(params.threads).into();
                model.bias = linear.bias.into();
                let recent = recent.map(|(recent, ridge)| {
                    let (weights, bias) = (ridge.narrow(params.threads).into(), ridge.bias.into());
                    model.recent = RecentModel { weights, bias, ..recent };
                    ridge.leave_one_out
                });
                (linear.leave_one_out, recent.unwrap_or_default())
            }
        };
        model.sums = sum_up(&model, params);
        let loo = Loo { posts, asked, model: model.clone(), linear, recent };
        Ok((model, loo))
    }

    /// The model with its index and its posts' hashtags, but without linear classifiers.
    fn unfitted(
        posts: &[PostInput<'_>],
        hashtags: usize,
        params: &CandidateParams,
    ) -> Result<Self, CandidatesError> {
        let extractor = FeatureExtractor::new(params);
        let gold = GoldTables::collect(posts.iter().map(|post| post.gold), hashtags)?;
        let least = params.vocabulary.min_df_of(posts.len() as u32).max(1);
        let fields = index::build(
            posts.len(),
            |post, out| extractor.extract(posts[post].tokens, posts[post].text, out),
            &params.vocabulary,
            least,
            params.threads,
        )?;
        Ok(Self {
            least,
            fields,
            gold,
            support: landmarks(posts.len(), params).into(),
            weights: Vec::new().into(),
            bias: vec![0.0; hashtags].into(),
            recent: RecentModel::default(),
            sums: Sums::default(),
            nearest: params.nearest.clone(),
            recency: params.recency.clone(),
            mixture: params.mixture.clone(),
            extractor,
        })
    }
}

pub(crate) fn check_size(posts: usize, hashtags: usize) -> Result<(), CandidatesError> {
    let limit = i32::MAX as usize;
    for (what, found) in [("posts", posts), ("hashtags", hashtags)] {
        if found > limit {
            return Err(CandidatesError::TooLarge { what, found, limit });
        }
    }
    Ok(())
}

/// The classifier, and where times or meanings are known a second one, which they count in.
type Ridges = (Ridge, Option<(RecentModel, Ridge)>);

/// Fits the linear classifiers on the index; `None` in a community of fewer than two posts.
fn fit_ridges(
    model: &CommunityModel,
    posts: &[PostInput<'_>],
    asked: &[u32],
    params: &CandidateParams,
) -> Result<Option<Ridges>, CandidatesError> {
    let view = model.view();
    let Some(fields) = view.fields.filter(|_| posts.len() > 1) else { return Ok(None) };
    let landmarks = &model.support[..];
    tracing::debug!(posts = posts.len(), landmarks = landmarks.len(), "fitting ridge");
    let (gold, penalty, threads) = (view.gold, params.linear.penalty, params.threads);
    let input = RidgeInput { gold, asked, penalty, threads };
    let times = recent::known(posts.iter().map(|post| post.created_at));
    let times = times.filter(|_| !params.recency.is_none());
    let meaning = meanings(posts).filter(|_| params.mixture.share > 0.0);
    let recency = (times.is_some() || meaning.is_some()).then(|| Recency {
        times: times.as_deref(),
        params: &params.recency,
        meaning: meaning.as_ref().map(QuantizedRows::view),
        mixture: &params.mixture,
    });
    let (linear, recent) = if landmarks.is_empty() {
        linear::fit_exactly(Pairs::new(&fields), recency.as_ref(), &input)?
    } else {
        let subset = fields.map(|field| index::subset(&field.postings, landmarks));
        let columns = subset.each_ref().map(FieldIndex::postings);
        let similarity = IndexKernel { posts, extractor: view.extractor, fields, columns };
        let linear = linear::fit_through(&similarity, landmarks, &input)?;
        let kernel = recency.map(|recency| RecentKernel { similarity, recency, landmarks });
        let recent = kernel.map(|kernel| linear::fit_through(&kernel, landmarks, &input));
        (linear, recent.transpose()?)
    };
    let mixed = meaning.is_some();
    let model = |ridge| {
        (
            RecentModel { times: times.unwrap_or_default().into(), mixed, ..Default::default() },
            ridge,
        )
    };
    Ok(Some((linear, recent.map(model))))
}

/// What common features add to the scores of the fitted classifiers.
fn sum_up(model: &CommunityModel, params: &CandidateParams) -> Sums {
    let view = model.view();
    let Some(fields) = view.fields.filter(|_| !model.weights.is_empty()) else {
        return Sums::default();
    };
    let whole = fields.map(|field| field.postings);
    let support = &model.support[..];
    let subset = (!support.is_empty())
        .then(|| whole.each_ref().map(|postings| index::subset(postings, support)));
    let recent = &model.recent;
    let timed = !recent.mixed && !recent.weights.is_empty() && !recent.times.is_empty();
    let recent = timed.then(|| {
        let times = match support {
            [] => recent.times.to_vec(),
            _ => support.iter().map(|&post| recent.times[post as usize]).collect(),
        };
        (&recent.weights[..], times, &params.recency)
    });
    sums::sum_up(&Summing {
        from: params.linear.summed_from,
        postings: subset.as_ref().map_or(whole, |s| s.each_ref().map(FieldIndex::postings)),
        hashtags: view.hashtags(),
        linear: &model.weights,
        recent,
        threads: params.threads,
    })
}

/// What all posts mean; `None` unless that is known of each.
fn meanings(posts: &[PostInput<'_>]) -> Option<QuantizedRows> {
    let width = posts.first()?.meaning.len();
    let known = width > 0 && posts.iter().all(|post| post.meaning.len() == width);
    known.then(|| QuantizedRows::of(posts.iter().map(|post| post.meaning)))
}

/// The posts that represent all posts of a large community, spread evenly over them so that they cover
/// its whole time; none if the fit is exact.
fn landmarks(posts: usize, params: &CandidateParams) -> Vec<u32> {
    if posts <= params.linear.exact_up_to {
        return Vec::new();
    }
    let count = params.linear.landmarks.min(posts);
    (0..count).map(|i| (i * posts / count) as u32).collect()
}
