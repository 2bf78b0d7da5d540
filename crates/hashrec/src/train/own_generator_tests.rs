//! What adding a generator takes: this file, and a line in a preset.

use std::{collections::BTreeMap, ops::ControlFlow, path::Path};

use hashrec_candidates::Source;
use hashrec_data::{HashtagSpace, Post};
use hashrec_storage::Bytes;

use super::train;
use crate::{
    bundle::{error::BundleError, folder::read_folder, params::LoadParams},
    config::{Config, System},
    error::{LearnError, RecommendError, TrainError},
    learn::NewCommunity,
    model::Model,
    notes::Notes,
    pipeline::{
        Pipeline,
        stage::{
            Buffers, FittedGenerator, Generator, PartReader, Parts, Reading, Run, Stage,
            UnseenScores, same_hashtags,
        },
    },
    progress::Stage as Step,
    recommender::Recommender,
    reporter::Reporter,
};

const PART: &str = "first-word";

/// Counts how often each hashtag stands on posts with the same first word.
struct FirstWord;

/// For each community: its number of hashtags, and the counts by word.
#[derive(serde::Serialize, serde::Deserialize)]
struct FittedFirstWord(Vec<(usize, BTreeMap<String, Vec<f32>>)>);

impl FittedFirstWord {
    fn read(bytes: Bytes) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(&bytes)
    }
}

impl Stage for FirstWord {}

impl Generator for FirstWord {
    fn read(&self, parts: &PartReader<'_>) -> Result<Box<dyn FittedGenerator>, BundleError> {
        Ok(Box::new(parts.read(PART, FittedFirstWord::read)?))
    }

    fn fit(
        &self,
        run: &Run<'_>,
        parts: &mut Parts,
        _: &mut dyn UnseenScores,
    ) -> Result<(), TrainError> {
        let sizes = run.space().communities().map(|(_, space)| (space.len(), BTreeMap::new()));
        let mut fitted: Vec<(usize, BTreeMap<String, Vec<f32>>)> = sizes.collect();
        for (post, tokens) in run.prepared.tokens.iter().enumerate() {
            let (hashtags, words) = &mut fitted[run.prepared.communities[post].index()];
            let Some(first) = tokens.texts().next() else { continue };
            let counts = words.entry(first.to_owned()).or_insert_with(|| vec![0.0; *hashtags]);
            run.prepared.gold[post].iter().for_each(|tag| counts[tag.index()] += 1.0);
        }
        run.reporter.step(Step::Candidates, 1, 1)?;
        let bytes = serde_json::to_vec(&fitted).map_err(TrainError::step(Step::Candidates))?;
        parts.insert(PART.to_owned(), bytes.into());
        Ok(())
    }
}

impl FittedGenerator for FittedFirstWord {
    fn source(&self) -> Source {
        Source::Literal
    }

    fn scores(&self, post: &Reading<'_>, _: &mut Buffers) -> Result<Vec<f32>, RecommendError> {
        let (hashtags, words) =
            self.0.get(post.community.index()).ok_or_else(|| post.missing(PART))?;
        let counts = post.tokens.texts().next().and_then(|first| words.get(first));
        Ok(counts.cloned().unwrap_or_else(|| vec![0.0; *hashtags]))
    }

    fn check_space(&self, space: &HashtagSpace) -> Result<(), BundleError> {
        same_hashtags(PART, space, |id| self.0.get(id.index()).map(|(hashtags, _)| *hashtags))
    }
}

/// The pipeline of a system with [`FirstWord`] in place of its generators: the one line.
fn pipeline(config: &Config) -> Pipeline {
    Pipeline { generators: vec![Box::new(FirstWord)], ..config.pipeline() }
}

fn posts() -> Vec<Post> {
    let texts = [("oven too hot", "baking"), ("chain and saddle", "cycling"), ("rain", "weather")];
    (0..30)
        .map(|i| (i, texts[i % 3]))
        .map(|(i, (text, tag))| Post::new(format!("{i}"), "hobbies", text, [tag], None))
        .collect()
}

fn trained(config: &Config) -> Recommender {
    let reporter = Reporter(&|_| ControlFlow::Continue(()));
    let model =
        train(config, &pipeline(config), (&posts(), &Notes::default()), None, reporter).unwrap();
    Recommender::new(model).unwrap()
}

fn best(recommender: &Recommender, text: &str) -> String {
    recommender.recommend("hobbies", text, 1).unwrap()[0].hashtag.clone()
}

#[test]
fn it_is_trained_saved_loaded_and_asked_like_any_other() {
    let config = Config::default().with_system(System::Linear);
    let recommender = trained(&config);
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    recommender.save(&folder).unwrap();
    let contents = read_folder(&folder, &LoadParams::default()).unwrap();
    let (manifest, parts) = (contents.manifest, contents.parts);
    assert!(parts.contains_key(PART) && !parts.contains_key("candidates"));
    let loaded = Model::read_pipeline(&pipeline(&config), manifest, parts, &folder).unwrap();
    let loaded = Recommender::new(loaded).unwrap();
    for (text, hashtag) in
        [("oven gloves", "baking"), ("chain oil", "cycling"), ("rain", "weather")]
    {
        assert_eq!(best(&recommender, text), hashtag);
        assert_eq!(best(&loaded, text), hashtag);
    }
    let hit = &loaded.recommend("hobbies", "rain", 1).unwrap()[0];
    assert_eq!((hit.score, &hit.sources[..]), (10.0, &[Source::Literal][..]));
}

#[cfg(feature = "train")]
#[test]
fn the_papers_ranker_ranks_its_candidates() {
    let mut config = Config::default().with_system(System::LightGbm).with_threads(1);
    config.floret = config.floret.with_dim(8).with_bucket(100).with_epochs(1).with_min_count(1);
    config.paper_ranker = config.paper_ranker.with_trees(10).with_min_rows_in_leaf(2);
    let hits = trained(&config).recommend("hobbies", "chain oil", 3).unwrap();
    assert_eq!(hits.len(), 3);
    assert!(hits.iter().all(|hit| hit.sources == [Source::Literal]), "{hits:?}");
}

#[test]
fn its_part_must_be_there_and_fit_the_space() {
    let config = Config::default().with_system(System::Linear);
    let model = trained(&config).model;
    let read = |parts: Parts| {
        let manifest = model.manifest.clone();
        Model::read_pipeline(&pipeline(&config), manifest, parts, Path::new("there")).err().unwrap()
    };
    let mut parts = model.segments.first().parts.clone();
    parts.remove(PART);
    let error = read(parts);
    assert!(matches!(&error, BundleError::MissingPart { part, .. } if part == PART), "{error}");
    let mut parts = model.segments.first().parts.clone();
    parts.insert(PART.to_owned(), br#"[[2, {}]]"#.to_vec().into());
    let error = read(parts);
    assert!(matches!(error, BundleError::Inconsistent { part: PART }), "{error}");
}

#[test]
fn it_can_refuse_communities_that_it_was_not_trained_on() {
    let recommender = trained(&Config::default().with_system(System::Linear));
    let error = recommender.with_community(&NewCommunity::new("tea", ["green"])).unwrap_err();
    assert!(matches!(error, LearnError::System { system: System::Linear }), "{error}");
}
