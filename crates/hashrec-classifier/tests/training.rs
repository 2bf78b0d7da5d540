//! Training: what it learns, that it repeats itself, and how it stops.

#![cfg(feature = "train")]

mod common;

use std::ops::ControlFlow;

use common::{Corpus, SPACES, params, silent};
use hashrec_classifier::{
    Classifier, ClassifierError, ClassifierParams, ClassifierPost, Loss, TrainingSession,
    WordVectors,
};
use hashrec_data::{CommunityId, HashtagId};

fn bytes(params: &ClassifierParams) -> Vec<u8> {
    let corpus = Corpus::new(80);
    Classifier::train(&corpus.posts(), &SPACES, None, params, &mut silent).unwrap().write().unwrap()
}

#[test]
fn learns_which_words_mean_which_tag() {
    let corpus = Corpus::new(400);
    let params = params().with_epochs(12).with_patience(12);
    let trained = Classifier::train(&corpus.posts(), &SPACES, None, &params, &mut silent).unwrap();
    let summary = trained.summary();
    assert_eq!((summary.posts, summary.without_hashtags), (400, 50));
    assert_eq!(summary.validation_posts, 70);
    assert_eq!((summary.losses.len(), summary.validation.len()), (12, 12));
    assert!(summary.losses[11] < 0.5 * summary.losses[0], "{:?}", summary.losses);
    let best = summary.validation[summary.best_epoch - 1];
    assert!(summary.validation.iter().all(|&ndcg| ndcg <= best));
    assert!(best > 0.9, "{:?}", summary.validation);
    let scores = trained.logits(CommunityId(0), ["hello", "bug", "the"]).unwrap();
    assert_eq!((0..6).max_by(|&a, &b| scores[a].total_cmp(&scores[b])), Some(2), "{scores:?}");
}

#[test]
fn the_same_seed_and_threads_give_the_same_bytes() {
    for threads in [1, 3] {
        let params = params().with_threads(threads);
        assert_eq!(bytes(&params), bytes(&params));
    }
    assert_ne!(bytes(&params()), bytes(&params().with_seed(2)));
}

#[test]
fn a_resumed_run_ends_like_an_uninterrupted_one() {
    let corpus = Corpus::new(80);
    let posts = corpus.posts();
    let params = params().with_threads(2).with_patience(4);
    let mut whole = TrainingSession::start(&posts, &SPACES, None, &params).unwrap();
    for _ in 0..4 {
        whole.epoch(&mut silent).unwrap();
    }
    assert!(whole.is_done());
    let mut half = TrainingSession::start(&posts, &SPACES, None, &params).unwrap();
    half.epoch(&mut silent).unwrap();
    half.epoch(&mut silent).unwrap();
    let saved = half.checkpoint().unwrap();
    drop(half);
    let mut rest = TrainingSession::resume(&posts, saved.clone().into()).unwrap();
    assert_eq!(rest.checkpoint().unwrap(), saved);
    rest.epoch(&mut silent).unwrap();
    rest.epoch(&mut silent).unwrap();
    assert_eq!(rest.checkpoint().unwrap(), whole.checkpoint().unwrap());
    assert_eq!(rest.finish().unwrap().write().unwrap(), whole.finish().unwrap().write().unwrap());
}

/// Every strategy, and repeated posts.
fn strategies() -> Vec<ClassifierParams> {
    let losses = [
        Loss::Plain,
        Loss::CommunityBalanced { beta: 0.9 },
        Loss::Dynamic { strength: 2.0, smoothing: 0.5, limit: 4.0 },
        Loss::asymmetric(),
        Loss::distribution_balanced(),
        Loss::Listwise,
    ];
    let mut all: Vec<_> = losses.map(|loss| params().with_loss(loss)).into();
    all.push(params().with_oversampling(0.5));
    all
}

/// A corpus with a small community: half of the posts of the third are left out.
fn uneven(corpus: &Corpus) -> Vec<ClassifierPost<'_>> {
    let mut seen = 0;
    let mut posts = corpus.posts();
    posts.retain(|post| {
        seen += usize::from(post.community == CommunityId(2));
        post.community != CommunityId(2) || seen % 2 == 0
    });
    posts
}

#[test]
fn every_strategy_repeats_itself_and_resumes_exactly() {
    let corpus = Corpus::new(80);
    let posts = uneven(&corpus);
    let mut all = std::collections::BTreeSet::new();
    for params in strategies() {
        let params = params.with_threads(2).with_patience(4);
        let run = || Classifier::train(&posts, &SPACES, None, &params, &mut silent).unwrap();
        let whole = run().write().unwrap();
        assert_eq!(whole, run().write().unwrap(), "{:?}", params.loss);
        // Saved in the middle of the third epoch, after weights have moved.
        let mut half = TrainingSession::start(&posts, &SPACES, None, &params).unwrap();
        let mut stop = |progress: &hashrec_classifier::ClassifierProgress| match progress.epoch {
            3 if progress.step == 2 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        while half.epoch(&mut stop).is_ok() {}
        let saved = half.checkpoint().unwrap();
        let mut rest = TrainingSession::resume(&posts, saved.clone().into()).unwrap();
        assert_eq!(rest.checkpoint().unwrap(), saved, "{:?}", params.loss);
        while !rest.is_done() {
            rest.epoch(&mut silent).unwrap();
        }
        assert_eq!(rest.finish().unwrap().write().unwrap(), whole, "{:?}", params.loss);
        all.insert(whole);
    }
    assert_eq!(all.len(), strategies().len(), "two strategies trained the same net");
}

#[test]
fn every_strategy_learns() {
    let corpus = Corpus::new(400);
    for params in strategies() {
        let params = params.with_epochs(12).with_patience(12);
        let net = Classifier::train(&corpus.posts(), &SPACES, None, &params, &mut silent).unwrap();
        let best = net.summary().validation[net.summary().best_epoch - 1];
        assert!(best > 0.9, "{:?}: {:?}", params.loss, net.summary().validation);
    }
}

#[test]
fn the_dynamic_strategy_does_without_validation() {
    let corpus = Corpus::new(30);
    let posts = corpus.posts();
    let params = params().with_validation(0.0).with_epochs(2);
    let train = |params: &ClassifierParams| {
        Classifier::train(&posts, &SPACES, None, params, &mut silent).unwrap().write().unwrap()
    };
    assert_eq!(train(&params.clone().with_loss(Loss::dynamic())), train(&params));
}

#[test]
fn a_run_cancelled_in_the_middle_of_an_epoch_goes_on_exactly() {
    let corpus = Corpus::new(80);
    let posts = corpus.posts();
    let mut run = TrainingSession::start(&posts, &SPACES, None, &params()).unwrap();
    let mut heard = 0;
    let error = run
        .epoch(&mut |progress| {
            heard += 1;
            assert_eq!((progress.epoch, progress.step, progress.epoch_done), (1, heard, false));
            if heard == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap_err();
    assert!(matches!(error, ClassifierError::Cancelled { epoch: 1, step: 3 }), "{error}");
    let mut run = TrainingSession::resume(&posts, run.checkpoint().unwrap().into()).unwrap();
    while !run.is_done() {
        run.epoch(&mut silent).unwrap();
    }
    assert_eq!(run.finish().unwrap().write().unwrap(), bytes(&params()));
}

#[test]
fn a_checkpoint_belongs_to_its_posts() {
    let (corpus, other) = (Corpus::new(80), Corpus::new(81));
    let run = TrainingSession::start(&corpus.posts(), &SPACES, None, &params()).unwrap();
    let saved = run.checkpoint().unwrap();
    assert!(matches!(
        TrainingSession::resume(&other.posts(), saved.into()),
        Err(ClassifierError::OtherPosts)
    ));
}

#[test]
fn damaged_checkpoints_are_errors() {
    for loss in [Loss::Plain, Loss::dynamic()] {
        damaged(loss);
    }
}

fn damaged(loss: Loss) {
    let corpus = Corpus::new(12);
    let posts = corpus.posts();
    let small = params().with_embedding_dim(2).with_hidden(1).with_heads(1).with_community_dim(1);
    let small = small.with_loss(loss);
    let mut run = TrainingSession::start(&posts, &SPACES, None, &small.with_epochs(1)).unwrap();
    run.epoch(&mut silent).unwrap();
    let whole = run.checkpoint().unwrap();
    for len in (0..whole.len()).step_by(7) {
        assert!(
            TrainingSession::resume(&posts, whole[..len].to_vec().into()).is_err(),
            "cut at {len}"
        );
    }
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        if let Ok(run) = TrainingSession::resume(&posts, bytes.into()) {
            let _ = run.is_done();
        }
    }
}

#[test]
fn progress_tells_the_way() {
    let corpus = Corpus::new(80);
    let mut events = Vec::new();
    Classifier::train(&corpus.posts(), &SPACES, None, &params(), &mut |progress| {
        events.push(*progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    // 70 posts have hashtags, 14 are kept aside: 56 in batches of 8.
    let of_first: Vec<_> = events.iter().filter(|event| event.epoch == 1).collect();
    assert_eq!(of_first.len(), 8);
    assert!(of_first.iter().all(|event| (event.steps, event.epochs) == (7, 4)));
    assert!(of_first[..7].iter().all(|event| event.validation.is_none() && !event.epoch_done));
    assert!(of_first[7].epoch_done && of_first[7].validation.is_some());
    assert!(events.iter().all(|event| event.loss > 0.0 && event.posts_per_second > 0.0));
    assert!(events[0].remaining > std::time::Duration::ZERO);
}

#[test]
fn early_stopping_keeps_the_best_epoch() {
    let corpus = Corpus::new(80);
    let posts = corpus.posts();
    // So large a rate that the score soon falls.
    let params = params().with_learning_rate(0.5).with_epochs(50).with_patience(2);
    let trained = Classifier::train(&posts, &SPACES, None, &params, &mut silent).unwrap();
    let summary = trained.summary();
    assert!(summary.validation.len() < 50);
    assert_eq!(summary.validation.len(), summary.best_epoch + 2);
    let first_best = summary
        .validation
        .iter()
        .position(|&ndcg| ndcg == summary.validation[summary.best_epoch - 1]);
    assert_eq!(first_best, Some(summary.best_epoch - 1));
}

#[test]
fn without_validation_the_last_epoch_counts() {
    let corpus = Corpus::new(30);
    let params = params().with_validation(0.0).with_epochs(3);
    let trained = Classifier::train(&corpus.posts(), &SPACES, None, &params, &mut silent).unwrap();
    assert_eq!(trained.summary().best_epoch, 3);
    assert!(trained.summary().validation.is_empty());
}

struct Constant(f32);

impl WordVectors for Constant {
    fn dim(&self) -> usize {
        3
    }
    fn word_vector(&self, word: &str, out: &mut [f32]) {
        out.fill(self.0);
        out[0] = word.len() as f32;
    }
}

#[test]
fn initial_vectors_set_the_width_and_must_be_finite() {
    let corpus = Corpus::new(30);
    let posts = corpus.posts();
    let train =
        |init: &Constant| Classifier::train(&posts, &SPACES, Some(init), &params(), &mut silent);
    train(&Constant(1.0)).unwrap();
    assert!(matches!(
        train(&Constant(f32::NAN)),
        Err(ClassifierError::InitialVector { word }) if !word.is_empty()
    ));
}

#[test]
fn a_diverging_run_is_an_error_not_a_classifier() {
    let corpus = Corpus::new(80);
    let params = params().with_learning_rate(1e30).with_clip_norm(1e30).with_warmup(0);
    let error =
        Classifier::train(&corpus.posts(), &SPACES, None, &params, &mut silent).unwrap_err();
    assert!(matches!(error, ClassifierError::Diverged { epoch: 1, .. }), "{error}");
}

#[test]
fn bad_posts_and_parameters_are_named() {
    let gold = [HashtagId(1)];
    let post = |community, gold| ClassifierPost {
        words: vec!["a"],
        community: CommunityId(community),
        gold,
    };
    let start = |posts: &[ClassifierPost<'_>], spaces: &[usize], params: &ClassifierParams| {
        TrainingSession::start(posts, spaces, None, params).map(|_| ()).unwrap_err()
    };
    let good = params();
    assert!(matches!(
        start(&[post(1, &gold)], &[2], &good),
        ClassifierError::UnknownCommunity { community: CommunityId(1), known: 1 }
    ));
    assert!(matches!(
        start(&[post(0, &[]), post(0, &gold)], &[1], &good),
        ClassifierError::UnknownHashtag { post: 1, hashtag: HashtagId(1), tags: 1, .. }
    ));
    assert!(matches!(
        start(&[post(0, &[])], &[1], &good),
        ClassifierError::NothingToLearn { posts: 1 }
    ));
    assert!(matches!(start(&[], &[], &good), ClassifierError::NothingToLearn { posts: 0 }));
    assert!(matches!(
        start(&[post(0, &gold)], &[2], &good.clone().with_heads(5)),
        ClassifierError::Parameter { name: "heads", .. }
    ));
    let limitless = Loss::Dynamic { strength: 1.0, smoothing: 0.5, limit: 0.0 };
    assert!(matches!(
        start(&[post(0, &gold)], &[2], &good.clone().with_loss(limitless)),
        ClassifierError::Parameter { name: "loss.limit", .. }
    ));
    assert!(matches!(
        start(&[post(0, &gold)], &[2], &good.clone().with_oversampling(-0.5)),
        ClassifierError::Parameter { name: "oversampling", .. }
    ));
}
