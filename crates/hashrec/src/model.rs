//! Everything a bundle holds, in memory.

use std::{collections::BTreeMap, path::Path};

use hashrec_candidates::{CandidateStore, SimpleStore};
use hashrec_classifier::Classifier;
use hashrec_data::{CommunityId, HashtagSpace};
use hashrec_features::{FEATURES, FeatureStore, SCHEMA_VERSION};
use hashrec_floret::FloretTable;
use hashrec_ranker::{Columns, Ranker};
use hashrec_storage::Bytes;
use hashrec_tokenize::TextTokenizer;
use hashrec_vectorize::{FloretMean, TfIdfSvd};

use crate::{
    BundleError, Config, Manifest,
    serve::vector_row_names,
    system::Ranking,
    vectors::{TextVectorizer, Vectors},
};

/// The parts of a bundle by name.
pub(crate) type Parts = BTreeMap<String, Bytes>;

/// A bundle's parts, read. A trained system goes through its bytes too, so that what was trained
/// and what is loaded later are the same thing.
pub(crate) struct Model {
    pub(crate) manifest: Manifest,
    pub(crate) parts: Parts,
    pub(crate) space: HashtagSpace,
    pub(crate) tokenizer: TextTokenizer,
    pub(crate) index: Option<CandidateStore>,
    pub(crate) simple: Option<SimpleStore>,
    pub(crate) features: Option<FeatureStore>,
    pub(crate) vectors: Option<Vectors>,
    pub(crate) classifier: Option<Classifier>,
    pub(crate) ranker: Option<Ranker>,
    /// The ranker's columns in the rows that are computed.
    pub(crate) columns: Columns,
}

/// Reads a part if it is there.
fn read<T, E>(
    parts: &Parts,
    name: &'static str,
    parse: impl FnOnce(Bytes) -> Result<T, E>,
) -> Result<Option<T>, BundleError>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let Some(bytes) = parts.get(name) else { return Ok(None) };
    parse(bytes.clone()).map(Some).map_err(BundleError::part(name))
}

/// What turns texts into vectors, if the bundle has such a part.
#[cfg_attr(not(feature = "encoder"), expect(unused_variables))]
fn text_vectorizer(parts: &Parts, config: &Config) -> Result<Option<TextVectorizer>, BundleError> {
    #[cfg(feature = "encoder")]
    if let Some(text) = crate::vectors::transformer::read(parts, &config.vectors.transformer)? {
        return Ok(Some(text));
    }
    if let Some(table) = read(parts, "floret", FloretTable::read)? {
        return Ok(Some(TextVectorizer::Floret(FloretMean::new(table))));
    }
    Ok(read(parts, "svd", TfIdfSvd::read)?.map(TextVectorizer::Svd))
}

/// What errors call a bundle that is not on disk.
#[cfg(feature = "train")]
pub(crate) fn in_memory() -> &'static Path {
    Path::new("(bundle in memory)")
}

fn missing(part: &str, path: &Path) -> BundleError {
    BundleError::MissingPart { path: path.to_owned(), part: part.to_owned() }
}

impl Model {
    /// Reads the parts, whose bytes are verified already. `path` is only named in errors.
    pub(crate) fn read(manifest: Manifest, parts: Parts, path: &Path) -> Result<Self, BundleError> {
        let mut model = Self::read_unfinished(manifest, parts, path)?;
        model.check_complete(path)?;
        model.columns = model.check_consistent()?;
        Ok(model)
    }

    /// Reads what parts there are: while training, the ranker is still to come.
    pub(crate) fn read_unfinished(
        manifest: Manifest,
        parts: Parts,
        path: &Path,
    ) -> Result<Self, BundleError> {
        let space = read(&parts, "space", HashtagSpace::read)?;
        let tokenizer = read(&parts, "tokenizer", TextTokenizer::read)?;
        let vectors = match text_vectorizer(&parts, &manifest.config)? {
            Some(text) => read(&parts, "vectors", |bytes| Vectors::read(text, bytes))?,
            None => None,
        };
        Ok(Self {
            space: space.ok_or_else(|| missing("space", path))?,
            tokenizer: tokenizer.ok_or_else(|| missing("tokenizer", path))?,
            index: read(&parts, "candidates", CandidateStore::read)?,
            simple: read(&parts, "simple", SimpleStore::read)?,
            features: read(&parts, "features", FeatureStore::read)?,
            vectors,
            classifier: read(&parts, "classifier", Classifier::read)?,
            ranker: read(&parts, "ranker", Ranker::read)?,
            columns: Columns::default(),
            manifest,
            parts,
        })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.manifest.config
    }

    fn check_complete(&self, path: &Path) -> Result<(), BundleError> {
        let system = self.config().system;
        for (needed, part, there) in [
            (system.has_index(), "candidates", self.index.is_some()),
            (system.has_simple(), "simple", self.simple.is_some()),
            (system.ranking() == Ranking::Features, "features", self.features.is_some()),
            (system.has_vectors(), "vectors", self.vectors.is_some()),
            (system.has_classifier(), "classifier", self.classifier.is_some()),
            (system.ranking() != Ranking::None, "ranker", self.ranker.is_some()),
        ] {
            if needed && !there {
                return Err(missing(part, path));
            }
        }
        Ok(())
    }

    /// Checks that the parts belong together: the same communities with as many hashtags, and a
    /// ranker of the rows that will be computed. Gives the ranker's columns in them.
    pub(crate) fn check_consistent(&self) -> Result<Columns, BundleError> {
        let fits = |part: &str, there: bool, sizes: &dyn Fn(CommunityId) -> Option<usize>| {
            let mut spaces = self.space.communities();
            if !there || spaces.all(|(id, space)| sizes(id) == Some(space.len())) {
                return Ok(());
            }
            let problem =
                format!("part {part:?} is of other communities or hashtags than part \"space\"");
            Err(BundleError::Inconsistent { problem })
        };
        let index = |id| Some(self.index.as_ref()?.community(id)?.hashtags());
        fits("candidates", self.index.is_some(), &index)?;
        let simple = |id| Some(self.simple.as_ref()?.community(id)?.hashtags());
        fits("simple", self.simple.is_some(), &simple)?;
        let features = |id| Some(self.features.as_ref()?.community(id)?.hashtags());
        fits("features", self.features.is_some(), &features)?;
        let vectors = |id| self.vectors.as_ref()?.hashtags(id);
        fits("vectors", self.vectors.is_some(), &vectors)?;
        let classifier = |id| self.classifier.as_ref()?.tags(id);
        fits("classifier", self.classifier.is_some(), &classifier)?;

        let Some(ranker) = &self.ranker else { return Ok(Columns::default()) };
        if self.config().system.ranking() == Ranking::Features {
            ranker.expect_schema_version(SCHEMA_VERSION).map_err(BundleError::part("ranker"))?;
            return ranker.columns_among(FEATURES).map_err(BundleError::part("ranker"));
        }
        let dim = self.vectors.as_ref().map_or(0, Vectors::dim);
        let names = vector_row_names(self.config().vectors.kind, dim);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        ranker.expect_features(&names).map_err(BundleError::part("ranker"))?;
        Ok(Columns::default())
    }
}
