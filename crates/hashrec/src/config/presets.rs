//! The ten systems as pipelines. Nothing else knows what a system consists of.

use hashrec_candidates::RecencyParams;

use super::{Config, EncoderKind, System};
use crate::pipeline::{
    Pipeline,
    generators::{ByMeaning, Index, IndexOrder, Net, Popular, Simple},
    meaning_stage::MeaningStage,
    ranking::{FeatureRanking, Unranked, VectorRanking},
    stage::Generator,
    vector_stage::VectorStage,
};

impl Config {
    /// The pipeline of the configured system.
    pub(crate) fn pipeline(&self) -> Pipeline {
        self.pipeline_of(self.system)
    }

    /// The pipelines of all systems, with this configuration's settings.
    pub(super) fn pipelines(&self) -> impl Iterator<Item = Pipeline> {
        System::ALL.into_iter().map(|system| self.pipeline_of(system))
    }

    fn pipeline_of(&self, system: System) -> Pipeline {
        match system {
            System::Popular => popular(),
            System::Simple => simple(self),
            System::MultiLabel => multi_label(self),
            System::LightGbm => lightgbm(self),
            System::LightGbmSimple => lightgbm_simple(self),
            System::LightGbmMultiLabel => lightgbm_multi_label(self),
            System::NearestPosts => nearest_posts(self),
            System::Linear => linear(self),
            System::HashrecMultiLabel => hashrec_multi_label(self),
            System::Hashrec => hashrec(self),
        }
    }
}

fn popular() -> Pipeline {
    unranked(Popular { every_candidate: false })
}

fn simple(config: &Config) -> Pipeline {
    Pipeline { vectors: Some(vectors(config)), ..unranked(simple_generator(config)) }
}

fn multi_label(config: &Config) -> Pipeline {
    unranked(net(config, None))
}

fn lightgbm(config: &Config) -> Pipeline {
    ranked_by_vectors(config, Popular { every_candidate: true })
}

fn lightgbm_simple(config: &Config) -> Pipeline {
    ranked_by_vectors(config, simple_generator(config))
}

fn lightgbm_multi_label(config: &Config) -> Pipeline {
    ranked_by_vectors(config, net(config, None))
}

fn nearest_posts(config: &Config) -> Pipeline {
    unranked(timeless_index(config, IndexOrder::NearestPosts))
}

fn linear(config: &Config) -> Pipeline {
    unranked(timeless_index(config, IndexOrder::Linear))
}

fn hashrec_multi_label(config: &Config) -> Pipeline {
    let net = net(config, Some(config.classifier_folds));
    ranked_by_features(config, vec![Box::new(net), Box::new(index(config))], true)
}

fn hashrec(config: &Config) -> Pipeline {
    ranked_by_features(config, vec![Box::new(index(config))], false)
}

fn unranked(generator: impl Generator + 'static) -> Pipeline {
    Pipeline {
        generators: vec![Box::new(generator)],
        ranking: Box::new(Unranked),
        vectors: None,
        meaning: None,
    }
}

fn ranked_by_vectors(config: &Config, generator: impl Generator + 'static) -> Pipeline {
    let (kind, paper_ranker) = (config.vectors.kind, config.paper_ranker.clone());
    Pipeline {
        generators: vec![Box::new(generator)],
        ranking: Box::new(VectorRanking { kind, paper_ranker }),
        vectors: Some(vectors(config)),
        meaning: None,
    }
}

fn ranked_by_features(
    config: &Config,
    mut generators: Vec<Box<dyn Generator>>,
    has_net: bool,
) -> Pipeline {
    let meaning = meaning(config);
    let by_meaning = meaning.as_ref().map(|stage| ByMeaning { params: stage.meaning.clone() });
    if let Some(by_meaning) = &by_meaning {
        // First: the index's scores of unseen posts are joined with those by meaning.
        generators.insert(0, Box::new(by_meaning.clone()));
    }
    let ranking = FeatureRanking {
        by_meaning,
        candidates: config.candidates.clone(),
        shortlist: config.shortlist.clone(),
        features: config.features.clone(),
        ranker_posts: config.ranker_posts,
        chosen_share: config.chosen_share,
        newest_share: config.newest_share,
        hidden_share: config.hidden_share,
        small_communities: config.small_communities.clone(),
        ranker_source: config.ranker_source,
        has_net,
        ranker: config.ranker.clone(),
        seed: config.seed,
    };
    Pipeline { generators, ranking: Box::new(ranking), vectors: None, meaning }
}

fn simple_generator(config: &Config) -> Simple {
    Simple { params: config.candidates.simple.clone() }
}

fn net(config: &Config, folds: Option<usize>) -> Net {
    Net {
        classifier: config.classifier.clone(),
        floret: config.floret.clone(),
        classifier_folds: folds,
    }
}

fn index(config: &Config) -> Index {
    Index { params: config.candidates.clone(), order: IndexOrder::Linear }
}

/// Only a ranker of features makes use of the linear classifier that knows about time.
fn timeless_index(config: &Config, order: IndexOrder) -> Index {
    let params = config.candidates.clone().with_recency(RecencyParams::none());
    Index { params, order }
}

fn meaning(config: &Config) -> Option<MeaningStage> {
    let (encoder, meaning) = (config.encoder.clone(), config.meaning.clone());
    let is_there = encoder.source() != EncoderKind::None;
    is_there.then_some(MeaningStage { encoder, meaning, host: None })
}

fn vectors(config: &Config) -> VectorStage {
    VectorStage { params: config.vectors.clone(), floret: config.floret.clone() }
}
