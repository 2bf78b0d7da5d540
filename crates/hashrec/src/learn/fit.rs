//! From posts to a model, with a ranker that was trained elsewhere.

use std::{
    cmp::Reverse,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use hashrec_candidates::{
    CandidateStoreBuilder, CommunityModel, MeaningModel, MeaningStoreBuilder, PackedModel,
};
use hashrec_data::{CommunityId, CommunitySpace, HashtagSpace, Post};
use hashrec_features::{FeatureStore, FittedCommunity, HitRates, Rarity};
use hashrec_ranker::{Adjustment, AdjustmentSamples, Objective, Ranker};
use hashrec_tokenize::TextTokenizer;
use hashrec_vectorize::TextEncoder;
use rayon::prelude::*;

use crate::{
    bundle::manifest::{FORMAT_VERSION, Manifest, WRITTEN_BY, entries},
    config::Config,
    error::LearnError,
    fingerprint::posts_hasher,
    model::Model,
    notes::Notes,
    pipeline::{
        generators::{ByMeaning, MEANING},
        parts::Parts,
        ranking::{
            ADJUSTMENTS, Adjuster,
            community::{fit_features, rarity},
        },
        stage::PartReader,
    },
    prepared::{CHUNK, LabelledPost, Prepared, all_tokens, inputs},
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
    encoder: Option<&Arc<dyn TextEncoder>>,
    (space, notes): (HashtagSpace, Notes),
    posts: &[Post],
    reporter: Reporter<'_>,
) -> Result<Model, LearnError> {
    if space.hashtags() == 0 {
        return Err(LearnError::NoPosts);
    }
    let mut config = config.clone();
    // What `Trainer::train_ranker` and the built-in ranker are trained for.
    config.ranker.objective = Objective::LambdaRank;
    let config = &config;
    let pipeline = config.pipeline().with_encoder(encoder);
    let ranker = match (ranker, &pipeline.meaning) {
        (Some(ranker), _) => Ok(ranker),
        (None, None) => Ranker::built_in(),
        (None, Some(_)) => Ranker::built_in_by_meaning(),
    };
    let ranker = ranker.map_err(LearnError::part("ranker"))?;
    let tokenizer = &tokenizer(config, &space)?;
    let mut parts = Parts::new();
    let mut add = |name: &str, bytes: Vec<u8>| parts.insert(name.to_owned(), bytes.into());
    add("tokenizer", tokenizer.write().map_err(LearnError::part("tokenizer"))?);
    add("space", space.write().map_err(LearnError::part("space"))?);
    let tokens =
        all_tokens(tokenizer, posts, |done| step(reporter, Stage::Tokens, done, posts.len()))?;
    let mut prepared = Prepared::new(posts, space, tokens);
    prepared.notes = notes;
    let by_meaning = &match &pipeline.meaning {
        Some(stage) => {
            let texts: Vec<&str> = posts.iter().map(|post| post.text.as_str()).collect();
            let known = (&prepared.space, &prepared.notes);
            let (_, encoded) = stage.fit(&texts, known, &mut parts, reporter)?;
            prepared.encoded = encoded;
            Some(ByMeaning { params: stage.meaning.clone() })
        }
        None => None,
    };
    let rarity = rarity(&prepared);
    let posts_of = prepared.by_community();
    let fits = Fits {
        config,
        tokenizer,
        prepared: &prepared,
        posts: &posts_of,
        by_meaning: by_meaning.as_ref(),
        reporter,
    };
    let features = fits.features(&rarity)?;
    let rates = HitRates::over(features.iter().map(|fit| fit.features().statistics()));
    let features: Vec<FittedCommunity> =
        features.into_iter().map(|fit| fit.with_hit_rates(rates)).collect();
    let without = config.features.without;
    let adjuster = Adjuster::new(&ranker, without, &config.shortlist, by_meaning.as_ref())?;
    let mut builder = CandidateStoreBuilder::new(&config.candidates);
    let dim = prepared.encoded.dim;
    let mut meaning = by_meaning.as_ref().map(|by| MeaningStoreBuilder::new(dim, &by.params));
    let (adjustments, shared) = fits.models(&features, &adjuster, |id, (model, own)| {
        let community = || prepared.space.community(id).map_or("", CommunitySpace::name);
        builder.add(id, model).map_err(LearnError::fit(community()))?;
        match (&mut meaning, own) {
            (Some(builder), Some(own)) => {
                builder.add(id, own).map_err(LearnError::fit(community()))
            }
            _ => Ok(()),
        }
    })?;
    let mut add = |name: &str, bytes: Vec<u8>| parts.insert(name.to_owned(), bytes.into());
    add("candidates", builder.write().map_err(LearnError::part("candidates"))?);
    if let Some(builder) = meaning {
        add(MEANING, builder.write().map_err(LearnError::part(MEANING))?);
    }
    let features = features.into_iter().map(FittedCommunity::into_features).collect();
    let store = FeatureStore::new(rarity, features);
    add("features", store.write().map_err(LearnError::part("features"))?);
    add(ADJUSTMENTS, adjuster.part(shared, adjustments)?);
    add("ranker", ranker.write().map_err(LearnError::part("ranker"))?);
    let manifest = manifest(config, &prepared, &parts);
    let folder = Path::new(PartReader::IN_MEMORY);
    Ok(Model::read_pipeline(&pipeline, manifest, parts, folder)?)
}

/// The index of a community, and its candidates by meaning if there is an encoder.
type Models = (PackedModel, Option<MeaningModel>);

/// What each community is fitted with.
struct Fits<'a> {
    config: &'a Config,
    tokenizer: &'a TextTokenizer,
    prepared: &'a Prepared<'a>,
    /// The posts of each community.
    posts: &'a [Vec<usize>],
    /// The candidates by meaning, if there is an encoder.
    by_meaning: Option<&'a ByMeaning>,
    reporter: Reporter<'a>,
}

impl Fits<'_> {
    /// What the features know of every community.
    fn features(&self, rarity: &Rarity) -> Result<Vec<FittedCommunity>, LearnError> {
        let every: Vec<usize> = (0..self.posts.len()).collect();
        self.each(&every, |space, posts, _, _| {
            fit_features(space, posts, &self.prepared.notes, self.tokenizer, rarity)
                .map_err(LearnError::fit(space.name()))
        })
    }

    /// Hands over the index of every community, in the order of ids. Returns how the posts of each
    /// adjust the ranker, and what the adjustments have in common.
    fn models(
        &self,
        features: &[FittedCommunity],
        adjuster: &Adjuster<'_>,
        mut hand_over: impl FnMut(CommunityId, Models) -> Result<(), LearnError>,
    ) -> Result<(Vec<Adjustment>, Adjustment), LearnError> {
        let done = AtomicUsize::new(0);
        let fit = |space: &CommunitySpace, posts: &[LabelledPost<'_>], id: usize, threads| {
            let params = self.config.candidates.clone().with_threads(threads);
            let inputs = inputs(posts.iter().copied());
            let wanted = Adjuster::wanted(posts.len());
            let (model, scores) =
                CommunityModel::fit_with_loo_for(&inputs, space.len(), &params, &wanted)
                    .map_err(LearnError::fit(space.name()))?;
            let names = self.prepared.encoded.names(CommunityId(id as u32));
            let by_meaning = self.by_meaning.map(|by| by.of(space, names, posts, &wanted, threads));
            let (meaning, own) = by_meaning.transpose()?.unzip();
            let scores = (&scores, own.as_ref());
            // What is computed for the folds goes with the clone.
            let samples = adjuster.samples(&features[id].clone(), space, scores, posts)?;
            let model = PackedModel::from(model);
            let done = done.fetch_add(posts.len(), Ordering::Relaxed) + posts.len();
            step(self.reporter, Stage::Candidates, done, self.prepared.posts.len())?;
            Ok(((model, meaning), samples))
        };
        let (sharing, others) = Adjuster::sharing(self.posts.len(), |id| self.posts[id].len());
        let fitted = self.each(&sharing, fit)?;
        let shared = adjuster.shared(fitted.iter().map(|(_, samples)| samples))?;
        let adjust = |(model, samples): (Models, AdjustmentSamples<'_>)| {
            Ok((model, samples.fit(&shared).map_err(LearnError::step(Stage::Candidates))?))
        };
        let first: Vec<_> =
            fitted.into_par_iter().map(adjust).collect::<Result<_, LearnError>>()?;
        let mut first = sharing.into_iter().zip(first).peekable();
        let mut adjustments = Vec::with_capacity(self.posts.len());
        let mut others = &others[..];
        // Some at a time, so that few wait for their place.
        for end in (0..self.posts.len()).step_by(CHUNK).map(|start| start + CHUNK) {
            let (now, later) = others.split_at(others.partition_point(|&id| id < end));
            others = later;
            let fitted = self
                .each(now, |space, posts, id, threads| adjust(fit(space, posts, id, threads)?))?;
            let mut fitted: Vec<_> = now.iter().copied().zip(fitted).collect();
            fitted.extend(std::iter::from_fn(|| first.next_if(|&(id, _)| id < end)));
            fitted.sort_by_key(|&(id, _)| id);
            for (id, (models, adjustment)) in fitted {
                hand_over(CommunityId(id as u32), models)?;
                adjustments.push(adjustment);
            }
        }
        Ok((adjustments, shared))
    }

    /// Does something for these communities: with its space, its posts, its id, and the number of
    /// threads to use. In their order.
    fn each<T: Send>(
        &self,
        communities: &[usize],
        fit: impl Fn(&CommunitySpace, &[LabelledPost<'_>], usize, usize) -> Result<T, LearnError> + Sync,
    ) -> Result<Vec<T>, LearnError> {
        let mut order: Vec<usize> = (0..communities.len()).collect();
        // The largest first, so that no thread is left with one when the others have finished.
        order.sort_by_key(|&at| Reverse(self.posts[communities[at]].len()));
        let is_large = |&at: &usize| self.posts[communities[at]].len() >= LARGE;
        let (large, small) = order.split_at(order.partition_point(is_large));
        let one = |&at: &usize, threads: usize| -> Result<(usize, T), LearnError> {
            let id = communities[at];
            let Some(space) = self.prepared.space.community(CommunityId(id as u32)) else {
                return Err(LearnError::NoPosts);
            };
            let posts = self.posts[id].iter().map(|&post| self.prepared.labelled(post));
            let posts: Vec<LabelledPost<'_>> = posts.collect();
            Ok((at, fit(space, &posts, id, threads)?))
        };
        let threads = rayon::current_num_threads();
        let mut fitted =
            large.iter().map(|at| one(at, threads)).collect::<Result<Vec<_>, LearnError>>()?;
        let rest: Result<Vec<_>, LearnError> =
            small.par_iter().with_max_len(1).map(|at| one(at, 1)).collect();
        fitted.extend(rest?);
        fitted.sort_by_key(|&(at, _)| at);
        Ok(fitted.into_iter().map(|(_, fitted)| fitted).collect())
    }
}

/// Reports; an error if the caller wants to stop.
fn step(reporter: Reporter<'_>, stage: Stage, done: usize, all: usize) -> Result<(), LearnError> {
    let wish = reporter.report(stage, done, all, Detail::None);
    if wish.is_break() { Err(LearnError::Cancelled { stage }) } else { Ok(()) }
}

fn manifest(config: &Config, prepared: &Prepared<'_>, parts: &Parts) -> Manifest {
    let mut fingerprint = posts_hasher(prepared.posts);
    // Communities may have hashtags that no post uses.
    for tag in prepared.space.communities().flat_map(|(_, community)| community.hashtags()) {
        fingerprint.update(tag.as_bytes()).update(&[0]);
    }
    prepared.notes.update(&mut fingerprint);
    Manifest {
        format_version: FORMAT_VERSION,
        written_by: WRITTEN_BY.to_owned(),
        fingerprint: fingerprint.finalize().to_hex().to_string(),
        train_posts: prepared.posts.len() as u64,
        // Local paths aren't stored: what lies there is in the bundle.
        config: Config {
            dictionary: None,
            encoder: config.encoder.without_paths(),
            ..config.clone()
        },
        parts: entries(parts),
        segments: Vec::new(),
    }
}
