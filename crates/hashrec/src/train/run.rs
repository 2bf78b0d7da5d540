//! One training run, step by step.

use std::path::Path;

use hashrec_candidates::{SimpleStoreBuilder, TagInput};
use hashrec_data::{CommunityId, HashtagId, HashtagSpace, Post};
use hashrec_storage::Bytes;
use hashrec_tokenize::{TextTokenizer, Tokens};
use rand::{SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

use super::{Reporter, classify, features, kept::Kept, rows, tokens, vectors};
use crate::{
    Config, Manifest, Stage, System, TrainError,
    bundle::{FORMAT_VERSION, WRITTEN_BY, entries},
    fingerprint::posts_hasher,
    fit::{LabelledPost, gold},
    model::{Model, Parts, in_memory},
    system::Ranking,
    vectors::Vectors,
};

/// The stream of random numbers that draws the posts the ranker learns from.
const TEACHING: u64 = 0x7465_6163;

/// What every step may look at.
pub(super) struct Run<'a> {
    pub(super) config: &'a Config,
    pub(super) threads: usize,
    pub(super) posts: &'a [Post],
    pub(super) space: HashtagSpace,
    pub(super) tokenizer: TextTokenizer,
    pub(super) tokens: Vec<Tokens>,
    /// The community of each post.
    pub(super) communities: Vec<CommunityId>,
    /// The hashtags of each post, in its community's space.
    pub(super) gold: Vec<Vec<HashtagId>>,
    /// What earlier runs left for this one.
    pub(super) kept: Kept,
}

impl Run<'_> {
    /// The posts of each community that carry hashtags, by position, in the order of ids. A post
    /// without any doesn't say that none fits: nothing is learned from it but words.
    pub(super) fn by_community(&self) -> Vec<Vec<usize>> {
        let mut groups = vec![Vec::new(); self.space.len()];
        for (position, community) in self.communities.iter().enumerate() {
            if !self.gold[position].is_empty() {
                groups[community.index()].push(position);
            }
        }
        groups
    }

    /// Which posts the ranker learns from: all that carry hashtags, or as many of them as it may,
    /// drawn at random. It knows no community, so it needs no post of each.
    pub(super) fn teaching(&self) -> Vec<bool> {
        let mut teaching: Vec<bool> = self.gold.iter().map(|gold| !gold.is_empty()).collect();
        let mut drawn: Vec<usize> = (0..teaching.len()).filter(|&post| teaching[post]).collect();
        if drawn.len() > self.config.ranker_posts {
            drawn.shuffle(&mut Pcg64Mcg::seed_from_u64(self.config.seed ^ TEACHING));
            drawn.drain(..self.config.ranker_posts);
            drawn.into_iter().for_each(|post| teaching[post] = false);
        }
        teaching
    }

    /// A post as the fits take it.
    pub(super) fn labelled(&self, post: usize) -> LabelledPost<'_> {
        LabelledPost { post: &self.posts[post], tokens: &self.tokens[post], gold: &self.gold[post] }
    }

    fn system(&self) -> System {
        self.config.system
    }
}

/// Trains everything the configured system needs.
pub(super) fn run(
    config: &Config,
    threads: usize,
    posts: &[Post],
    finished_steps: Option<&Path>,
    reporter: &mut Reporter<'_>,
) -> Result<Model, TrainError> {
    let space = HashtagSpace::from_posts(posts);
    if space.hashtags() == 0 {
        let problem = "no post of a community large enough carries a hashtag; lower `min_posts` \
                       or give more posts";
        return Err(TrainError::NoPosts { problem: problem.into() });
    }
    let tokenizer = tokens::tokenizer(config, &space)?;
    let tokens = tokens::tokens(&tokenizer, posts, reporter)?;
    let communities: Vec<CommunityId> =
        posts.iter().filter_map(|post| space.community_id(&post.community)).collect();
    let gold = posts.iter().zip(&communities).map(|(post, &community)| {
        space.community(community).map_or(Vec::new(), |space| gold(space, post))
    });
    let gold = gold.collect();
    let tokenizer_part = tokenizer.write().map_err(TrainError::step(Stage::Tokens))?;
    let mut common = posts_hasher(posts);
    common.update(&tokenizer_part).update(&config.seed.to_le_bytes());
    common.update(&(threads as u64).to_le_bytes());
    let kept = Kept::new(finished_steps, common.finalize().as_bytes())?;
    let run = Run { config, threads, posts, space, tokenizer, tokens, communities, gold, kept };

    let mut parts = Parts::new();
    let space_part = run.space.write().map_err(TrainError::step(Stage::Tokens))?;
    parts.insert("space".to_owned(), space_part.into());
    parts.insert("tokenizer".to_owned(), tokenizer_part.into());

    let table = if config.needs_floret() { Some(vectors::floret(&run, reporter)?) } else { None };
    if run.system().has_vectors() {
        let vectors = vectors::add(&run, table.as_ref(), &mut parts, reporter)?;
        if run.system().has_simple() {
            parts.insert("simple".to_owned(), simple(&run, &vectors)?.into());
        }
    }
    let mut add = |name: &str, bytes: Vec<u8>| parts.insert(name.to_owned(), Bytes::from(bytes));
    let mut unseen = None;
    if run.system().has_classifier() {
        let classifier = classify::train(&run, table.as_ref(), None, reporter)?;
        add("classifier", classifier.write().map_err(TrainError::step(Stage::Classifier))?);
        if run.system().ranking() == Ranking::Features {
            unseen = Some(classify::out_of_fold(&run, table.as_ref(), reporter)?);
        }
    }
    if run.system().has_index() {
        let fits = match run.system().ranking() {
            Ranking::Features => Some(features::fit(&run, reporter)?),
            _ => None,
        };
        let (index, rows) = rows::candidates(&run, fits.as_ref(), unseen.as_deref(), reporter)?;
        add("candidates", index);
        if let Some(fits) = fits {
            add("features", fits.into_store()?);
        }
        if let Some(rows) = rows {
            add("ranker", rows::train_ranker(&run, rows, reporter)?);
        }
    }
    if run.system().ranking() == Ranking::Vectors {
        let model = Model::read_unfinished(manifest(&run, &parts), parts.clone(), in_memory())?;
        // The vectors' part stands for what made them.
        let vectors = parts.get("vectors").map(|bytes| blake3::hash(bytes).to_hex().to_string());
        let inputs = (config.vectors.kind, vectors, &config.paper_ranker);
        let ranker = run.kept.get_or_make("ranker", &inputs, || {
            let rows = rows::vectors(&run, &model, reporter)?;
            rows::train_ranker(&run, rows, reporter)
        })?;
        parts.insert("ranker".to_owned(), ranker.into());
    }
    Ok(Model::read(manifest(&run, &parts), parts, in_memory())?)
}

fn manifest(run: &Run<'_>, parts: &Parts) -> Manifest {
    // Where dictionary and transformer lay is nobody's business: their content is in the bundle.
    let mut config = Config { dictionary: None, ..run.config.clone() };
    config.vectors.transformer.folder = None;
    config.vectors.transformer.dictionary = None;
    Manifest {
        format_version: FORMAT_VERSION,
        written_by: WRITTEN_BY.to_owned(),
        fingerprint: fingerprint(&config, run.posts),
        train_posts: run.posts.len() as u64,
        config,
        parts: entries(parts),
    }
}

/// A hash of the configuration and the posts.
fn fingerprint(config: &Config, posts: &[Post]) -> String {
    let mut hasher = posts_hasher(posts);
    hasher.update(format!("{config:?}").as_bytes());
    hasher.finalize().to_hex().to_string()
}

/// The paper's simple generator of every community.
fn simple(run: &Run<'_>, vectors: &Vectors) -> Result<Vec<u8>, TrainError> {
    let failed = || TrainError::step(Stage::Candidates);
    let mut builder = SimpleStoreBuilder::new(vectors.dim());
    for (id, space) in run.space.communities() {
        let hashtags: Vec<TagInput<'_>> = (0..)
            .zip(space.hashtags())
            .map(|(tag, name)| TagInput {
                name,
                uses: space.count(HashtagId(tag)),
                vector: vectors.hashtag(id, HashtagId(tag)),
            })
            .collect();
        builder.add(id, &hashtags).map_err(failed())?;
    }
    builder.write().map_err(failed())
}
