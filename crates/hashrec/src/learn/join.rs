//! A recommender's communities and new ones, joined.

use std::collections::BTreeMap;

use hashrec_candidates::{CandidateStore, CandidateStoreBuilder, CandidatesError};
use hashrec_data::{CommunityId, HashtagSpace};
use hashrec_features::{CommunityFeatures, FeatureError, FeatureStore};
use hashrec_ranker::Columns;

use super::Fitted;
use crate::{
    BundleError, Config, LearnError, Manifest,
    bundle::{FORMAT_VERSION, WRITTEN_BY, entries},
    model::{Model, Parts},
};

/// The model with these communities beside its own, or in their place. What doesn't depend on
/// communities is shared with it; the rest goes through its bytes as in training, so that what is
/// made and what is loaded later are the same thing.
pub(super) fn join(model: &Model, fitted: BTreeMap<&str, Fitted>) -> Result<Model, LearnError> {
    let joined = Joined::new(model, fitted);
    let mut parts = model.parts.clone();
    let space = joined.space.write().map_err(part("space"))?;
    parts.insert("space".to_owned(), space.into());
    let index = match &model.index {
        Some(store) => {
            let bytes = joined.index(store, model.config()).map_err(part("candidates"))?;
            parts.insert("candidates".to_owned(), bytes.clone().into());
            Some(CandidateStore::read(bytes.into()).map_err(part("candidates"))?)
        }
        None => None,
    };
    let features = match &model.features {
        Some(store) => {
            let bytes = joined.features(store).map_err(part("features"))?;
            parts.insert("features".to_owned(), bytes.clone().into());
            Some(FeatureStore::read(bytes.into()).map_err(part("features"))?)
        }
        None => None,
    };
    let mut model = Model {
        manifest: manifest(&model.manifest, joined.fingerprint, &parts),
        parts,
        space: joined.space,
        tokenizer: model.tokenizer.clone(),
        index,
        simple: None,
        features,
        vectors: None,
        classifier: None,
        ranker: model.ranker.clone(),
        columns: Columns::default(),
    };
    model.columns = model.check_consistent()?;
    Ok(model)
}

fn part<E>(name: &'static str) -> impl FnOnce(E) -> LearnError
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |source| LearnError::Bundle { source: BundleError::part(name)(source) }
}

fn manifest(old: &Manifest, fingerprint: String, parts: &Parts) -> Manifest {
    Manifest {
        format_version: FORMAT_VERSION,
        written_by: WRITTEN_BY.to_owned(),
        fingerprint,
        train_posts: old.train_posts,
        config: old.config.clone(),
        parts: entries(parts),
    }
}

/// Where a community of the joined space comes from.
enum Origin {
    /// The model's own, by its number there.
    Own(CommunityId),
    New(Box<Fitted>),
}

struct Joined {
    space: HashtagSpace,
    /// In the order of ids.
    origins: Vec<Origin>,
    fingerprint: String,
}

impl Joined {
    fn new(model: &Model, mut fitted: BTreeMap<&str, Fitted>) -> Self {
        let mut fingerprint = blake3::Hasher::new();
        fingerprint.update(model.manifest.fingerprint.as_bytes());
        for (name, made) in &fitted {
            fingerprint.update(name.as_bytes()).update(made.hash.as_bytes());
        }
        let own = model.space.communities().map(|(_, community)| community);
        let new = fitted.values().filter_map(|made| made.space.community(CommunityId(0)));
        let space = own.chain(new).fold(HashtagSpace::builder(), |all, one| all.community(one));
        let space = space.build();
        let origins = space
            .communities()
            .filter_map(|(_, community)| {
                let name = community.name();
                let new = fitted.remove(name).map(Box::new).map(Origin::New);
                new.or_else(|| model.space.community_id(name).map(Origin::Own))
            })
            .collect();
        Self { space, origins, fingerprint: fingerprint.finalize().to_hex().to_string() }
    }

    /// The part of the generators. The communities' indexes are copied from the old one.
    fn index(&self, old: &CandidateStore, config: &Config) -> Result<Vec<u8>, CandidatesError> {
        let mut builder = CandidateStoreBuilder::new(&config.candidate_params());
        for (id, origin) in (0..).map(CommunityId).zip(&self.origins) {
            let model = match origin {
                Origin::Own(own) => old.model(*own),
                Origin::New(made) => made.index.clone(),
            };
            if let Some(model) = model {
                builder.add(id, model)?;
            }
        }
        builder.write()
    }

    /// The part of the features.
    fn features(&self, old: &FeatureStore) -> Result<Vec<u8>, FeatureError> {
        let of = |origin: &Origin| -> Option<CommunityFeatures> {
            match origin {
                Origin::Own(own) => old.community(*own).cloned(),
                Origin::New(made) => made.features.clone(),
            }
        };
        FeatureStore::new(old.rarity().clone(), self.origins.iter().filter_map(of).collect())
            .write()
    }
}
