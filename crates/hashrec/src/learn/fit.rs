//! From posts to a model, with a ranker that was trained elsewhere.

use std::{
    cmp::Reverse,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use hashrec_candidates::{CandidateStoreBuilder, CommunityModel};
use hashrec_data::{CommunityId, HashtagSpace, Post};
use hashrec_features::{CommunityFeatures, FeatureStore, HitRates, Rarity};
use hashrec_ranker::{Objective, Ranker};
use hashrec_tokenize::TextTokenizer;
use rayon::prelude::*;

use crate::{
    bundle::manifest::{FORMAT_VERSION, Manifest, WRITTEN_BY, entries},
    config::Config,
    error::LearnError,
    fingerprint::posts_hasher,
    model::Model,
    pipeline::{
        parts::Parts,
        ranking::community::{fit_features, rarity},
        stage::PartReader,
    },
    prepared::{LabelledPost, Prepared, all_tokens, inputs},
    progress::{Detail, Stage},
    reporter::Reporter,
    tokenizer::tokenizer,
};

/// A community with so many posts gets all threads; smaller ones get one each.
const LARGE: usize = 2_000;

/// Fits everything but the ranker to posts; without one, the built-in ranker is taken. Runs in the
/// current thread pool.
pub(crate) fn fit(
    config: &Config,
    ranker: Option<Ranker>,
    space: HashtagSpace,
    posts: &[Post],
    reporter: Reporter<'_>,
) -> Result<Model, LearnError> {
    if space.hashtags() == 0 {
        return Err(LearnError::NoPosts);
    }
    let ranker = match ranker {
        Some(ranker) => ranker,
        None => Ranker::built_in().map_err(LearnError::part("ranker"))?,
    };
    let mut config = config.clone();
    // What `Trainer::train_ranker` and the built-in ranker are trained for.
    config.ranker.objective = Objective::LambdaRank;
    let config = &config;
    let tokenizer = &tokenizer(config, &space)?;
    let mut parts = Parts::new();
    let mut add = |name: &str, bytes: Vec<u8>| parts.insert(name.to_owned(), bytes.into());
    add("tokenizer", tokenizer.write().map_err(LearnError::part("tokenizer"))?);
    add("space", space.write().map_err(LearnError::part("space"))?);
    let tokens =
        all_tokens(tokenizer, posts, |done| step(reporter, Stage::Tokens, done, posts.len()))?;
    let prepared = Prepared::new(posts, space, tokens);
    let rarity = rarity(&prepared);
    let fits = Fits { config, tokenizer, prepared: &prepared, rarity: &rarity, reporter };
    let (models, features): (Vec<_>, Vec<_>) = fits.all()?.into_iter().unzip();
    let mut builder = CandidateStoreBuilder::new(&config.candidates);
    for ((id, space), model) in prepared.space.communities().zip(models) {
        builder.add(id, model).map_err(LearnError::fit(space.name()))?;
    }
    add("candidates", builder.write().map_err(LearnError::part("candidates"))?);
    drop(builder);
    let rates = HitRates::over(features.iter().map(CommunityFeatures::statistics));
    let features = features.into_iter().map(|features| features.with_hit_rates(rates)).collect();
    let store = FeatureStore::new(rarity, features);
    add("features", store.write().map_err(LearnError::part("features"))?);
    add("ranker", ranker.write().map_err(LearnError::part("ranker"))?);
    let manifest = manifest(config, &prepared.space, posts, &parts);
    let folder = Path::new(PartReader::IN_MEMORY);
    Ok(Model::read_pipeline(&config.pipeline(), manifest, parts, folder)?)
}

/// What each community is fitted with.
struct Fits<'a> {
    config: &'a Config,
    tokenizer: &'a TextTokenizer,
    prepared: &'a Prepared<'a>,
    rarity: &'a Rarity,
    reporter: Reporter<'a>,
}

type Fitted = (CommunityModel, CommunityFeatures);

impl Fits<'_> {
    /// Every community, in the order of ids.
    fn all(&self) -> Result<Vec<Fitted>, LearnError> {
        let groups = self.prepared.by_community();
        let mut order: Vec<usize> = (0..groups.len()).collect();
        // The largest first, so that no thread is left with one when the others have finished.
        order.sort_by_key(|&id| Reverse(groups[id].len()));
        let (large, small) = order.split_at(order.partition_point(|&id| groups[id].len() >= LARGE));
        let done = AtomicUsize::new(0);
        let one = |&id: &usize, threads: usize| -> Result<(usize, Fitted), LearnError> {
            let fitted = self.one(CommunityId(id as u32), &groups[id], threads)?;
            let done = done.fetch_add(groups[id].len(), Ordering::Relaxed) + groups[id].len();
            step(self.reporter, Stage::Candidates, done, self.prepared.posts.len())?;
            Ok((id, fitted))
        };
        let threads = rayon::current_num_threads();
        let mut fitted =
            large.iter().map(|id| one(id, threads)).collect::<Result<Vec<_>, LearnError>>()?;
        let rest: Result<Vec<_>, LearnError> =
            small.par_iter().with_max_len(1).map(|id| one(id, 1)).collect();
        fitted.extend(rest?);
        fitted.sort_by_key(|&(id, _)| id);
        Ok(fitted.into_iter().map(|(_, fitted)| fitted).collect())
    }

    fn one(&self, id: CommunityId, posts: &[usize], threads: usize) -> Result<Fitted, LearnError> {
        let Some(space) = self.prepared.space.community(id) else {
            return Err(LearnError::NoPosts);
        };
        let posts: Vec<LabelledPost<'_>> =
            posts.iter().map(|&post| self.prepared.labelled(post)).collect();
        let features = fit_features(space, &posts, self.tokenizer, self.rarity)
            .map_err(LearnError::fit(space.name()))?
            .into_features();
        let params = self.config.candidates.clone().with_threads(threads);
        let model = CommunityModel::fit(&inputs(posts), space.len(), &params)
            .map_err(LearnError::fit(space.name()))?;
        Ok((model, features))
    }
}

/// Reports; an error if the caller wants to stop.
fn step(reporter: Reporter<'_>, stage: Stage, done: usize, all: usize) -> Result<(), LearnError> {
    let wish = reporter.report(stage, done, all, Detail::None);
    if wish.is_break() { Err(LearnError::Cancelled { stage }) } else { Ok(()) }
}

fn manifest(config: &Config, space: &HashtagSpace, posts: &[Post], parts: &Parts) -> Manifest {
    let mut fingerprint = posts_hasher(posts);
    // Communities may have hashtags that no post uses.
    for tag in space.communities().flat_map(|(_, community)| community.hashtags()) {
        fingerprint.update(tag.as_bytes()).update(&[0]);
    }
    Manifest {
        format_version: FORMAT_VERSION,
        written_by: WRITTEN_BY.to_owned(),
        fingerprint: fingerprint.finalize().to_hex().to_string(),
        train_posts: posts.len() as u64,
        // Local paths aren't stored: what lies there is in the bundle.
        config: Config { dictionary: None, ..config.clone() },
        parts: entries(parts),
    }
}
