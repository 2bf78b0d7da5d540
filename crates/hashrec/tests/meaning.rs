//! Recommendations by what texts mean: an encoder of the program around, and one from a folder.
#![cfg(all(feature = "train", feature = "encoder"))]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use hashrec::{
    BundleError, Config, EncoderKind, EncoderParams, HashtagNotes, LearnError, Learner, LoadParams,
    NewCommunity, Post, Ranker, RankerCorpus, RecommendError, Recommender, Request, Stage, System,
    TextEncoder, TextRole, TrainError, Trainer, VectorizeError,
};
use hashrec_vectorize::StaticTable;

/// Words that mean the same. The first is a hashtag, the last two are in no post.
const WORDS: [[&str; 11]; 6] = [
    ["Baking", "bread", "loaf", "oven", "dough", "flour", "yeast", "cake", "bun", "crust", "rye"],
    [
        "Music", "song", "guitar", "choir", "piano", "drum", "opera", "tune", "lute", "violin",
        "duet",
    ],
    ["Garden", "tulip", "soil", "spade", "hedge", "lawn", "rose", "seed", "mulch", "weed", "fern"],
    ["Cycling", "bike", "pedal", "wheel", "tyre", "gear", "ride", "track", "brake", "hub", "spoke"],
    [
        "Sewing", "needle", "thread", "cloth", "button", "seam", "zip", "hem", "felt", "stitch",
        "silk",
    ],
    ["Pets", "cat", "dog", "puppy", "kitten", "leash", "fur", "paw", "vet", "collar", "parrot"],
];

/// Words of no hashtag.
const SAILING: [&str; 4] = ["rope", "anchor", "harbour", "mast"];

const DIM: usize = WORDS.len() + 1;

/// The direction of a word, if it has one.
fn direction(word: &str) -> Option<usize> {
    let word = word.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|own| own.to_lowercase() == word);
    let found = WORDS.iter().position(|words| has(words));
    found.or_else(|| has(&SAILING).then_some(WORDS.len()))
}

/// What the encoder of a program does.
#[derive(Clone, Copy, PartialEq)]
enum Habit {
    Right,
    /// Another meaning for each word.
    Turned,
    /// Right, but doesn't say which encoder it is.
    Unnamed,
    Longer,
    /// Gives a number too few.
    Short,
    /// Says that vectors have no numbers.
    Empty,
    Fails,
    /// Gives that number in texts about bikes.
    Odd(f32),
}

/// Finds words in a list: the sum of their directions, of length 1.
struct WordList {
    habit: Habit,
    breaks: AtomicBool,
    /// The posts that it has read.
    seen: Mutex<Vec<String>>,
}

impl WordList {
    fn new(habit: Habit) -> Arc<Self> {
        Arc::new(Self { habit, breaks: false.into(), seen: Mutex::default() })
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0f32; self.dim()];
        let words = text.split(|c: char| !c.is_alphanumeric());
        for place in words.filter_map(direction) {
            let turned = if self.habit == Habit::Turned { 1 } else { 0 };
            vector[(place + turned) % DIM] += 1.0;
        }
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        vector.iter_mut().for_each(|value| *value /= length.max(1.0));
        match self.habit {
            Habit::Odd(value) if text.contains("bike") => vector[1] = value,
            _ => {}
        }
        vector
    }
}

impl TextEncoder for WordList {
    fn dim(&self) -> usize {
        match self.habit {
            Habit::Longer => DIM + 1,
            Habit::Empty => 0,
            _ => DIM,
        }
    }

    fn encode(&self, texts: &[&str], role: TextRole) -> Result<Vec<f32>, VectorizeError> {
        if self.habit == Habit::Fails || self.breaks.load(Ordering::Relaxed) {
            return Err(VectorizeError::Encoder { source: "the service is down".into() });
        }
        if role == TextRole::Post {
            self.seen.lock().unwrap().extend(texts.iter().map(|&text| text.to_owned()));
        }
        let mut all: Vec<f32> = texts.iter().flat_map(|text| self.vector(text)).collect();
        if self.habit == Habit::Short {
            all.pop();
        }
        Ok(all)
    }

    fn identity(&self) -> Option<String> {
        let name = if self.habit == Habit::Turned { "turned words" } else { "words" };
        (self.habit != Habit::Unnamed).then(|| name.to_owned())
    }
}

fn host() -> Arc<dyn TextEncoder> {
    WordList::new(Habit::Right)
}

/// Posts of two communities, each with one hashtag, two of its words and one of another.
fn posts() -> Vec<Post> {
    let mut posts = Vec::new();
    for community in ["town", "club"] {
        for number in 0..72 {
            let words = &WORDS[number % WORDS.len()];
            let turn = number / WORDS.len();
            let (one, other) = (words[1 + turn % 8], words[1 + (turn * 3 + 2) % 8]);
            let aside = WORDS[(number + 1) % WORDS.len()][1 + turn % 8];
            let text = format!("About the {one} and a {other}, not the {aside}\nWe talked of it");
            let time = Some(1_700_000_000 + number as i64 * 86_400);
            posts.push(Post::new(format!("{number}"), community, text, [words[0]], time));
        }
    }
    posts.iter_mut().enumerate().for_each(|(n, post)| post.id = format!("{n}"));
    posts
}

/// A post about each thing that uses none of the words of the posts, and its hashtag.
fn synonyms() -> Vec<(String, &'static str)> {
    let asked = |words: &[&'static str; 11]| {
        let (name, words) = (words[0], &words[9..]);
        words.iter().map(move |word| (format!("About the {word}"), name)).collect::<Vec<_>>()
    };
    WORDS.iter().flat_map(asked).collect()
}

fn config(encoder: EncoderParams) -> Config {
    common::config(System::Hashrec).with_encoder(encoder)
}

fn host_config() -> Config {
    config(EncoderParams::default().with_kind(EncoderKind::Host))
}

/// A ranker that knows what cosines of names are worth.
static RANKER: LazyLock<Ranker> = LazyLock::new(|| {
    let encoder = EncoderParams::default().with_kind(EncoderKind::Host);
    let corpus = RankerCorpus { posts: posts(), encoder, ..RankerCorpus::default() };
    let trainer = Trainer::new(host_config()).unwrap().with_encoder(host());
    trainer.train_ranker([corpus]).unwrap()
});

fn learner<'a>(config: Config) -> Learner<'a> {
    Learner::new(config).unwrap().with_ranker(RANKER.clone())
}

fn learn_with(encoder: Arc<dyn TextEncoder>) -> Result<Recommender, LearnError> {
    Ok(learner(host_config()).with_encoder(encoder).learn(&posts())?.0)
}

static LEARNED: LazyLock<Recommender> = LazyLock::new(|| learn_with(host()).unwrap());

static TRAINED: LazyLock<Recommender> = LazyLock::new(|| {
    let trainer = Trainer::new(host_config()).unwrap().with_encoder(host());
    trainer.train(&posts()).unwrap().0
});

fn first(of: &Recommender, community: &str, text: &str) -> String {
    of.recommend(community, text, 1).unwrap().remove(0).hashtag
}

/// How many of the posts without a known word get their hashtag first.
fn right(of: &Recommender, community: &str) -> usize {
    synonyms().iter().filter(|(text, tag)| first(of, community, text) == *tag).count()
}

/// All answers to all posts without a known word.
fn answers(of: &Recommender) -> Vec<Vec<hashrec::Recommendation>> {
    let communities: Vec<&str> = of.communities().collect();
    let asked = communities.iter().flat_map(|name| synonyms().into_iter().map(move |a| (name, a)));
    asked.map(|(name, (text, _))| of.recommend(name, &text, 9).unwrap()).collect()
}

fn load(folder: &Path, encoder: Arc<dyn TextEncoder>) -> Result<Recommender, BundleError> {
    Recommender::load_with_encoder(folder, &LoadParams::default(), encoder)
}

/// All reasons of an error in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(error.source(), |&error| error.source());
    sources.fold(error.to_string(), |all, error| format!("{all}: {error}"))
}

#[test]
fn a_synonym_is_understood_with_the_encoder_alone() {
    let plain = config(EncoderParams::default());
    let (learned, _) = Learner::new(plain.clone()).unwrap().learn(&posts()).unwrap();
    let (trained, _) = Trainer::new(plain).unwrap().train(&posts()).unwrap();
    let built_in = Learner::new(host_config()).unwrap().with_encoder(host());
    let (built_in, _) = built_in.learn(&posts()).unwrap();
    for community in ["town", "club"] {
        for (with, without) in [(&*LEARNED, &learned), (&built_in, &learned), (&*TRAINED, &trained)]
        {
            assert_eq!(right(with, community), 12, "{:?}", answers(with));
            // One of six by chance.
            assert!(right(without, community) <= 4, "{}", right(without, community));
        }
    }
}

#[test]
fn a_bundle_needs_its_encoder_again() {
    let folder = tempfile::tempdir().unwrap();
    for (number, made) in [&*LEARNED, &*TRAINED].into_iter().enumerate() {
        let bundle = folder.path().join(format!("bundle-{number}"));
        made.save(&bundle).unwrap();
        let loaded = load(&bundle, host()).unwrap();
        assert_eq!(answers(&loaded), answers(made));
        assert_eq!(loaded.manifest_hash(), made.manifest_hash());
        let error = Recommender::load(&bundle).unwrap_err();
        assert!(matches!(error, BundleError::NoEncoder), "{error}");
        for habit in [Habit::Longer, Habit::Empty] {
            let error = load(&bundle, WordList::new(habit)).unwrap_err();
            assert!(matches!(&error, BundleError::Part { .. }), "{error:?}");
        }
        // Who has one that nobody asks is let through.
        let plain = folder.path().join(format!("plain-{number}"));
        common::train(System::Popular, 12).save(&plain).unwrap();
        assert!(load(&plain, host()).is_ok());
    }
}

#[test]
fn without_the_programs_encoder_nothing_is_made() {
    let error = Learner::new(host_config()).unwrap().learn(&posts()).unwrap_err();
    assert!(matches!(&error, LearnError::Bundle { source: BundleError::NoEncoder }), "{error:?}");
    let error = Trainer::new(host_config()).unwrap().train(&posts()).unwrap_err();
    assert!(chain(&error).contains("load_with_encoder"), "{error:?}");
}

/// A community with two hashtags whose names say nothing.
fn newcomers() -> NewCommunity {
    let names = WORDS.iter().map(|words| words[0]).chain(["Zephyr", "Mistral"]);
    NewCommunity::new("new", names)
}

#[test]
fn names_alone_are_enough_for_a_list() {
    for made in [&*LEARNED, &*TRAINED] {
        let with = made.with_community(&newcomers()).unwrap();
        assert_eq!(with.posts("new"), Some(0));
        assert!(right(&with, "new") >= 11, "{}", right(&with, "new"));
        for community in ["town", "club"] {
            assert_eq!(right(&with, community), 12);
        }
    }
    // A list is learned as it is added.
    let learner = learner(host_config()).with_encoder(host());
    let (alone, _) = learner.learn_communities(&[newcomers()]).unwrap();
    assert!(right(&alone, "new") >= 11, "{}", right(&alone, "new"));
}

#[test]
fn a_description_makes_the_difference() {
    let score = |of: &Recommender, name: &str| {
        let found = of.recommend("new", "About the mast", 9).unwrap();
        found.iter().find(|one| one.hashtag == name).unwrap().score
    };
    let of_town = |post: Post| Post { community: "new".to_owned(), ..post };
    let own: Vec<Post> = posts().into_iter().take(72).map(of_town).collect();
    for made in [&*LEARNED, &*TRAINED] {
        for community in [newcomers(), newcomers().with_posts(own.clone())] {
            let with = |name: &str| {
                let notes = HashtagNotes::default().with_description("rope, anchor and harbour");
                made.with_community(&community.clone().with_notes([(name, notes)])).unwrap()
            };
            let untold = made.with_community(&community).unwrap();
            for [name, other] in [["Zephyr", "Mistral"], ["Mistral", "Zephyr"]] {
                let told = with(name);
                assert_eq!(first(&told, "new", "About the mast"), name);
                assert!(score(&told, name) > score(&told, other));
                assert!(score(&told, name) > score(&untold, name));
                assert!(right(&told, "new") >= 11, "{}", right(&told, "new"));
            }
            // A description that says nothing changes nothing.
            let vague = HashtagNotes::default().with_description("This and that");
            let vague = made.with_community(&community.clone().with_notes([("Zephyr", vague)]));
            assert_eq!(score(&vague.unwrap(), "Zephyr"), score(&untold, "Zephyr"));
        }
    }
}

#[test]
fn aliases_and_parents_are_read_too() {
    for notes in [
        HashtagNotes::default().with_aliases(["anchor"]),
        HashtagNotes::default().with_parents(["harbour"]),
    ] {
        for (made, name) in [(&*LEARNED, "Zephyr"), (&*LEARNED, "Mistral"), (&*TRAINED, "Mistral")]
        {
            let community = newcomers().with_notes([(name, notes.clone())]);
            let with = made.with_community(&community).unwrap();
            assert_eq!(first(&with, "new", "About the mast"), name);
        }
    }
}

#[test]
fn notes_on_hashtags_of_posts_are_read_too() {
    let score = |of: &Recommender| {
        let found = of.recommend("town", "About the anchor", 9).unwrap();
        found.iter().find(|one| one.hashtag == "Sewing").unwrap().score
    };
    let notes = || [("Sewing", HashtagNotes::default().with_aliases(["anchor"]))];
    let learner = learner(host_config()).with_encoder(host()).with_notes("town", notes());
    let (learned, _) = learner.learn(&posts()).unwrap();
    let trainer = Trainer::new(host_config()).unwrap().with_encoder(host());
    let (trained, _) = trainer.with_notes(" town", notes()).train(&posts()).unwrap();
    for (told, untold) in [(&learned, &*LEARNED), (&trained, &*TRAINED)] {
        assert_ne!(told.manifest().fingerprint, untold.manifest().fingerprint);
        assert!(score(told) > score(untold), "{} {}", score(told), score(untold));
    }
    let list = NewCommunity::new("town", ["Sewing", "Pets"]);
    let learner = Learner::new(host_config()).unwrap().with_encoder(host());
    let (listed, _) = learner.with_notes("town", notes()).learn_communities(&[list]).unwrap();
    assert_eq!(first(&listed, "town", "About the anchor"), "Sewing");
}

#[test]
fn joined_saved_loaded_and_compacted_answers_are_the_same() {
    let of_town = |post: Post| Post { community: "new".to_owned(), ..post };
    let own = posts().into_iter().take(36).map(of_town);
    let community = newcomers().with_posts(own);
    let folder = tempfile::tempdir().unwrap();
    for (number, made) in [&*LEARNED, &*TRAINED].into_iter().enumerate() {
        let with = made.with_community(&community).unwrap();
        assert_eq!(right(&with, "new"), 12);
        let expected = answers(&with);
        let compacted = with.compacted().unwrap();
        assert_eq!(answers(&compacted), expected);
        for (name, which) in [("joined", &with), ("compacted", &compacted)] {
            let bundle = folder.path().join(format!("{name}-{number}"));
            which.save(&bundle).unwrap();
            assert!(matches!(Recommender::load(&bundle), Err(BundleError::NoEncoder)));
            let loaded = load(&bundle, host()).unwrap();
            assert_eq!(answers(&loaded), expected);
            // What was loaded takes in more.
            let more =
                loaded.with_community(&NewCommunity::new("list", ["Pets", "Music"])).unwrap();
            assert_eq!(first(&more, "list", "About the violin"), "Music");
            assert_eq!(first(&more, "list", "About the parrot"), "Pets");
        }
    }
}

#[test]
fn alone_in_a_batch_and_on_threads_a_post_gets_the_same_answer() {
    let texts: Vec<String> = synonyms().into_iter().map(|(text, _)| text).collect();
    let request = |n: usize| {
        let community = ["town", "club"][n % 2];
        Request::new(community, &texts[n % texts.len()]).with_k(6)
    };
    let requests: Vec<Request> = (0..200).map(request).collect();
    for made in [&*LEARNED, &*TRAINED] {
        let alone: Vec<_> = requests.iter().map(|one| made.recommend_for(one).unwrap()).collect();
        let batch: Vec<_> =
            made.recommend_batch(&requests).into_iter().map(Result::unwrap).collect();
        assert!(batch == alone);
        thread::scope(|scope| {
            let ask = || requests.iter().map(|one| made.recommend_for(one).unwrap()).collect();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
            for thread in threads {
                let found: Vec<_> = thread.join().unwrap();
                assert!(found == alone);
            }
        });
    }
    // Nor does it matter how many threads learned.
    let learner = learner(host_config().with_threads(3)).with_encoder(host());
    assert_eq!(answers(&learner.learn(&posts()).unwrap().0), answers(&LEARNED));
}

/// A tokenizer that knows the words of the list.
fn tokenizer() -> String {
    let words = WORDS.iter().flatten().chain(&SAILING).map(|word| word.to_lowercase());
    let vocabulary: BTreeMap<String, usize> =
        std::iter::once("[UNK]".to_owned()).chain(words).zip(0..).collect();
    let vocabulary: Vec<String> =
        vocabulary.iter().map(|(word, id)| format!("\"{word}\": {id}")).collect();
    format!(
        r###"{{"normalizer": {{"type": "BertNormalizer"}},
        "pre_tokenizer": {{"type": "BertPreTokenizer"}},
        "model": {{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": {{{}}}}}}}"###,
        vocabulary.join(", ")
    )
}

/// A static table of the list, in a folder.
fn write_table(folder: &Path) {
    let tokenizer = tokenizer();
    let words = WORDS.iter().flatten().chain(&SAILING);
    let mut vectors = vec![0.0; DIM];
    for word in words {
        let mut vector = [0.0; DIM];
        vector[direction(word).unwrap()] = 2.0;
        vectors.extend(vector);
    }
    let table = StaticTable::new(tokenizer.as_bytes(), vectors, DIM).unwrap();
    table.save_folder(folder, tokenizer.as_bytes()).unwrap();
}

#[test]
fn a_table_from_a_folder_lives_on_in_the_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let (table, cache) = (folder.path().join("my-table"), folder.path().join("my-cache"));
    write_table(&table);
    let encoder = EncoderParams::default().with_folder(&table).with_cache(&cache);
    let config = config(encoder);
    let (learned, _) = learner(config.clone()).learn(&posts()).unwrap();
    let (trained, _) = Trainer::new(config).unwrap().train(&posts()).unwrap();
    let bundles = [("learned", learned), ("trained", trained)].map(|(name, made)| {
        let with = made.with_community(&newcomers()).unwrap();
        for community in ["town", "club"] {
            assert_eq!(right(&with, community), 12);
        }
        assert!(right(&with, "new") >= 11);
        let bundle = folder.path().join(name);
        with.save(&bundle).unwrap();
        (bundle, answers(&with))
    });
    fs::remove_dir_all(&table).unwrap();
    fs::remove_dir_all(&cache).unwrap();
    for (bundle, expected) in bundles {
        let manifest = fs::read_to_string(bundle.join("manifest.json")).unwrap();
        for local in [folder.path().to_str().unwrap(), "my-table", "my-cache"] {
            assert!(!manifest.contains(local), "{local}");
        }
        let loaded = Recommender::load(&bundle).unwrap();
        let params = &loaded.manifest().config.encoder;
        assert_eq!((&params.folder, params.kind), (&None, EncoderKind::Folder));
        assert_eq!(answers(&loaded), expected);
        let more = loaded.with_community(&NewCommunity::new("list", ["Pets", "Music"])).unwrap();
        assert_eq!(first(&more, "list", "About the violin"), "Music");
    }
}

#[test]
fn a_folder_that_is_missing_or_no_encoder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let learn = |encoder: EncoderParams| {
        Learner::new(config(encoder)).unwrap().learn(&posts()).map(|_| ()).unwrap_err()
    };
    let error = learn(EncoderParams::default().with_kind(EncoderKind::Folder));
    assert!(matches!(error, LearnError::NoEncoderFolder), "{error}");
    for path in [folder.path().to_owned(), folder.path().join("none")] {
        let error = learn(EncoderParams::default().with_folder(path));
        assert!(matches!(error, LearnError::Step { .. } | LearnError::Bundle { .. }), "{error:?}");
    }
    let table = folder.path().join("table");
    write_table(&table);
    fs::write(table.join("model.safetensors"), b"short").unwrap();
    let error = learn(EncoderParams::default().with_folder(table));
    assert!(matches!(error, LearnError::Step { stage: Stage::Vectors, .. }), "{error:?}");
}

#[test]
fn with_a_cache_posts_are_encoded_once() {
    let folder = tempfile::tempdir().unwrap();
    let cached = |folder: &Path| {
        let encoder = EncoderParams::default().with_kind(EncoderKind::Host);
        config(encoder.with_cache(folder))
    };
    let learn = |posts: &[Post], habit| {
        let encoder = WordList::new(habit);
        let learner = learner(cached(folder.path())).with_encoder(encoder.clone());
        let (learned, _) = learner.learn(posts).unwrap();
        let seen = encoder.seen.lock().unwrap().clone();
        (learned, seen)
    };
    let mut posts = posts();
    let (learned, seen) = learn(&posts, Habit::Right);
    // Text and title of each post, but each text once.
    assert!(seen.len() > 50 && seen.len() <= 2 * posts.len(), "{}", seen.len());
    let (again, seen) = learn(&posts, Habit::Right);
    assert!(seen.is_empty(), "{seen:?}");
    assert_eq!(again.manifest_hash(), learned.manifest_hash());
    assert_eq!(learned.manifest_hash(), LEARNED.manifest_hash());
    // A trainer with the same cache needs no more.
    let encoder = WordList::new(Habit::Right);
    let trainer = Trainer::new(cached(folder.path())).unwrap().with_encoder(encoder.clone());
    let (trained, _) = trainer.train(&posts).unwrap();
    assert!(encoder.seen.lock().unwrap().is_empty());
    assert_eq!(answers(&trained), answers(&TRAINED));
    // Another encoder reads all of them, and what it says is not mixed up.
    let (turned, seen) = learn(&posts, Habit::Turned);
    assert!(seen.len() > 50, "{}", seen.len());
    assert_eq!(
        turned.manifest_hash(),
        learn_with(WordList::new(Habit::Turned)).unwrap().manifest_hash()
    );
    // Nothing is kept of an encoder that doesn't say which it is.
    for _ in 0..2 {
        assert!(learn(&posts, Habit::Unnamed).1.len() > 50);
    }
    // Only what is new is read.
    posts.push(Post::new("last", "town", "About another rose", ["Garden"], None));
    let (_, seen) = learn(&posts, Habit::Right);
    assert_eq!(seen, ["About another rose"]);
}

#[test]
fn an_encoder_that_fails_makes_typed_errors() {
    for (habit, reason) in [
        (Habit::Fails, "the service is down"),
        (Habit::Short, "numbers for"),
        (Habit::Empty, "1 to 65536"),
    ] {
        let error = learn_with(WordList::new(habit)).unwrap_err();
        assert!(matches!(&error, LearnError::Step { stage: Stage::Vectors, .. }), "{error:?}");
        assert!(chain(&error).contains(reason), "{}", chain(&error));
        let trainer = Trainer::new(host_config()).unwrap().with_encoder(WordList::new(habit));
        let error: TrainError = trainer.train(&posts()).unwrap_err();
        assert!(chain(&error).contains(reason), "{}", chain(&error));
    }
    let folder = tempfile::tempdir().unwrap();
    LEARNED.save(folder.path().join("bundle")).unwrap();
    let encoder = WordList::new(Habit::Right);
    let loaded = load(&folder.path().join("bundle"), encoder.clone()).unwrap();
    let short = load(&folder.path().join("bundle"), WordList::new(Habit::Short)).unwrap();
    encoder.breaks.store(true, Ordering::Relaxed);
    for (broken, reason) in [(&loaded, "the service is down"), (&short, "numbers for")] {
        let error = broken.recommend("town", "About the crust", 3).unwrap_err();
        assert!(matches!(&error, RecommendError::Score { .. }), "{error:?}");
        assert!(chain(&error).contains(reason), "{}", chain(&error));
        let requests = vec![Request::new("club", "About the fern"); 40];
        for answer in broken.recommend_batch(&requests) {
            assert!(matches!(answer, Err(RecommendError::Score { .. })), "{answer:?}");
        }
        let error = broken.with_community(&newcomers()).unwrap_err();
        assert!(matches!(&error, LearnError::Fit { community, .. } if community == "new"));
        let town = Post { community: "new".to_owned(), ..posts().remove(0) };
        let error = broken.with_community(&newcomers().with_posts([town])).unwrap_err();
        assert!(matches!(&error, LearnError::Step { stage: Stage::Vectors, .. }), "{error:?}");
    }
    // It comes back.
    encoder.breaks.store(false, Ordering::Relaxed);
    assert_eq!(answers(&loaded), answers(&LEARNED));
}

#[test]
fn numbers_that_are_not_finite_spoil_nothing() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
        let odd = || WordList::new(Habit::Odd(value));
        let learned = learn_with(odd()).unwrap();
        let trainer = Trainer::new(host_config()).unwrap().with_encoder(odd());
        let trained = trainer.train(&posts()).unwrap().0;
        for made in [&learned, &trained] {
            let with = made.with_community(&newcomers()).unwrap();
            for community in ["town", "club", "new"] {
                let texts = ["About the bike", "bike\nA violin", "A violin\nand a bike", "", "?"];
                for text in texts {
                    let found = with.recommend(community, text, 9).unwrap();
                    assert!(found.len() >= 6);
                    assert!(found.iter().all(|one| one.score.is_finite()), "{value}: {found:?}");
                }
                // What the others mean is known as before.
                let found = right(&with, community);
                assert!(found >= 10, "{found} with {value} in {community}");
            }
        }
    }
}

#[test]
fn texts_without_a_known_word_are_answered() {
    for made in [&*LEARNED, &*TRAINED] {
        for text in ["", "\n", "Nothing of the kind", "今週のお知らせ"] {
            let found = made.recommend("town", text, 6).unwrap();
            assert_eq!(found.len(), 6);
            assert!(found.iter().all(|one| one.score.is_finite()));
        }
    }
}
