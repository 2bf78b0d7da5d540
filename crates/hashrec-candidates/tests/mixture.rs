//! The second linear classifier where it mixes words, meaning and time.
#![cfg(feature = "train")]

use hashrec_candidates::{
    CandidateParams, CandidateStore, CandidateStoreBuilder, CommunityModel, IndexScores,
    LinearParams, MixtureParams, PackedModel, PostFeatures, PostInput, RecencyParams, Scratch,
};
use hashrec_data::{CommunityId, HashtagId};
use hashrec_tokenize::Tokens;

const DAY: i64 = 86_400;

/// A post of two vectors of two floats each.
#[derive(Clone)]
struct Post {
    text: &'static str,
    meaning: Vec<f32>,
    created_at: Option<i64>,
    gold: Vec<HashtagId>,
}

/// Text and title point at that angle, in degrees.
fn post(text: &'static str, angle: f32, gold: &[u32]) -> Post {
    let (sin, cos) = angle.to_radians().sin_cos();
    let gold = gold.iter().copied().map(HashtagId).collect();
    Post { text, meaning: vec![cos, sin, cos, sin], created_at: None, gold }
}

/// Eight posts of the same words: only what they mean, and when they were written, differs.
fn same_words() -> Vec<Post> {
    [0.0, 10.0, 20.0, 30.0, 90.0, 100.0, 110.0, 125.0]
        .map(|angle| post("today news", angle, if angle < 50.0 { &[0] } else { &[1] }))
        .to_vec()
}

fn dated(posts: Vec<Post>) -> Vec<Post> {
    let days = [0, 5, 90, 100, 3, 8, 95, 120];
    let date = |(post, day): (Post, i64)| Post { created_at: Some(day * DAY), ..post };
    posts.into_iter().zip(days.into_iter().cycle()).map(date).collect()
}

fn tokens(text: &str) -> Tokens {
    let mut tokens = Tokens::default();
    text.split(' ').for_each(|word| tokens.push(word, 0..0));
    tokens
}

/// The model, and the recent scores of each post by a model without it.
fn fit(posts: &[Post], params: &CandidateParams) -> (CommunityModel, Vec<Option<Vec<f32>>>) {
    let tokens: Vec<Tokens> = posts.iter().map(|post| tokens(post.text)).collect();
    let inputs: Vec<PostInput<'_>> = (posts.iter().zip(&tokens))
        .map(|(post, tokens)| PostInput {
            tokens,
            text: post.text,
            created_at: post.created_at,
            meaning: &post.meaning,
            gold: &post.gold,
        })
        .collect();
    let (model, loo) = CommunityModel::fit_with_loo(&inputs, 2, params).unwrap();
    let mut scratch = Scratch::default();
    let scores = (0..posts.len()).map(|post| loo.scores(post, &[], &mut scratch).recent);
    let scores = scores.collect();
    (model, scores)
}

/// The mean cosine of a post's two vectors with those of each of the posts.
fn cosines(post: &Post, posts: &[Post]) -> Vec<f32> {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    posts.iter().map(|other| 0.5 * dot(&post.meaning, &other.meaning)).collect()
}

fn ask(model: &CommunityModel, post: &Post, cosines: Option<&[f32]>) -> IndexScores {
    let mut features = PostFeatures::default();
    model.view().extractor().extract(&tokens(post.text), post.text, &mut features);
    model.view().scores(&features, post.created_at, cosines, &[], &mut Scratch::default())
}

fn recent(model: &CommunityModel, post: &Post, posts: &[Post]) -> Vec<f32> {
    ask(model, post, Some(&cosines(post, posts))).recent.unwrap()
}

fn params() -> CandidateParams {
    let mixture = MixtureParams { share: 0.4, ..MixtureParams::default() };
    CandidateParams::default().with_mixture(mixture)
}

#[test]
fn meaning_tells_apart_posts_of_the_same_words() {
    for posts in [same_words(), dated(same_words())] {
        let (model, _) = fit(&posts, &params());
        let [near, far] = [15.0, 105.0].map(|angle| post("today news", angle, &[]));
        let [of_near, of_far] = [&near, &far].map(|post| recent(&model, post, &posts));
        assert!(of_near[0] > of_near[1] + 0.2, "{of_near:?}");
        assert!(of_far[1] > of_far[0] + 0.2, "{of_far:?}");
        // The first classifier knows words only.
        let words = [&near, &far].map(|post| ask(&model, post, None).linear);
        assert_eq!(words[0], words[1]);
    }
}

#[test]
fn recent_scores_leave_the_post_out() {
    for posts in [same_words(), dated(same_words())] {
        let (_, loo) = fit(&posts, &params());
        for (number, left_out) in posts.iter().enumerate() {
            let mut rest = posts.clone();
            rest.remove(number);
            // All posts have the same words: a refit knows the same ones.
            let expected = recent(&fit(&rest, &params()).0, left_out, &rest);
            let found = loo[number].as_ref().unwrap();
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 0.015, "{number}: {found} and {expected}");
            }
        }
    }
}

#[test]
fn a_share_of_one_forgets_the_words_and_one_of_zero_the_meaning() {
    let posts = dated(vec![
        post("bread oven", 0.0, &[0]),
        post("bread butter", 10.0, &[0]),
        post("race day", 90.0, &[1]),
        post("race shoes", 100.0, &[1]),
    ]);
    let with = |share| params().with_mixture(MixtureParams { share, ..MixtureParams::default() });
    let (model, _) = fit(&posts, &with(1.0));
    let asked = ["race day", "bread oven"].map(|text| post(text, 5.0, &[]));
    let scores = asked.each_ref().map(|asked| recent(&model, asked, &posts));
    assert_eq!(scores[0], scores[1]);
    assert!(scores[0][0] > scores[0][1] + 0.3, "{scores:?}");

    let (model, _) = fit(&posts, &with(0.0));
    let wordless: Vec<Post> =
        posts.iter().map(|post| Post { meaning: Vec::new(), ..post.clone() }).collect();
    assert_eq!(model, fit(&wordless, &with(0.0)).0);
    let score = |cosines| ask(&model, &asked[0], cosines).recent.unwrap();
    assert_eq!(score(None), score(Some(&[1.0, 0.5, 0.0, -1.0])));
    assert!(score(None)[1] > score(None)[0] + 0.1);
}

#[test]
fn times_count_beside_the_meaning() {
    let posts: Vec<Post> = (0..12)
        .map(|n: i64| {
            let gold: &[u32] = if n < 6 { &[0] } else { &[1] };
            let time = Some(n * 20 * DAY);
            Post { created_at: time, ..post("today news", 3.0 * (n % 6) as f32, gold) }
        })
        .collect();
    let (model, _) = fit(&posts, &params());
    let at = |day: i64| Post { created_at: Some(day * DAY), ..post("today news", 7.0, &[]) };
    let (early, late) = (recent(&model, &at(10), &posts), recent(&model, &at(230), &posts));
    assert!(early[0] > early[1] && late[1] > late[0], "{early:?} {late:?}");
    // Without times in the fit, the time of a new post says nothing.
    let undated: Vec<Post> =
        posts.iter().map(|post| Post { created_at: None, ..post.clone() }).collect();
    for (posts, params) in
        [(&undated, params()), (&posts, params().with_recency(RecencyParams::none()))]
    {
        let (model, _) = fit(posts, &params);
        assert_eq!(recent(&model, &at(10), posts), recent(&model, &at(230), posts));
    }
}

#[test]
fn without_cosines_mixed_scores_are_missing() {
    for posts in [same_words(), dated(same_words())] {
        let (model, _) = fit(&posts, &params());
        let asked = post("today news", 15.0, &[]);
        for wrong in [None, Some(&[][..]), Some(&[1.0; 7]), Some(&[1.0; 9])] {
            let scores = ask(&model, &asked, wrong);
            assert_eq!(scores.recent, None);
            assert!(scores.linear.iter().any(|&score| score != 0.0));
        }
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
            let scores = ask(&model, &asked, Some(&[bad; 8]));
            assert!(scores.recent.unwrap().iter().all(|score| score.is_finite()), "{bad}");
        }
    }
}

#[test]
fn meaning_counts_only_where_it_is_known_of_each_post() {
    let mut posts = dated(same_words());
    posts[3].meaning = Vec::new();
    let wordless: Vec<Post> =
        posts.iter().map(|post| Post { meaning: Vec::new(), ..post.clone() }).collect();
    assert_eq!(fit(&posts, &params()), fit(&wordless, &params()));
    let undated: Vec<Post> =
        posts.into_iter().map(|post| Post { created_at: None, ..post }).collect();
    let (model, loo) = fit(&undated, &params());
    assert_eq!(ask(&model, &undated[0], Some(&[1.0; 8])).recent, None);
    assert_eq!(loo, vec![None; 8]);
}

#[test]
fn vectors_that_are_not_numbers_make_finite_scores() {
    for bad in [f32::NAN, f32::INFINITY, f32::MAX] {
        let mut posts = dated(same_words());
        posts[2].meaning = vec![bad; 4];
        posts[6].meaning = vec![0.0; 4];
        let (model, loo) = fit(&posts, &params());
        let asked = post("today news", 15.0, &[]);
        let cosines = cosines(&asked, &same_words());
        let scores = ask(&model, &asked, Some(&cosines)).recent.unwrap();
        assert!(scores.iter().all(|score| score.is_finite()), "{bad}: {scores:?}");
        assert!(loo.iter().flatten().flatten().all(|score| score.is_finite()), "{bad}");
    }
}

#[test]
fn with_every_post_a_landmark_little_changes() {
    let scaled = params().with_linear(LinearParams::default().with_exact_up_to(0));
    for posts in [same_words(), dated(same_words())] {
        let (scaled, exact) = (fit(&posts, &scaled), fit(&posts, &params()));
        for angle in [0.0, 60.0, 115.0] {
            let asked = post("today news", angle, &[]);
            let scores = [&scaled.0, &exact.0].map(|model| recent(model, &asked, &posts));
            for (a, b) in scores[0].iter().zip(&scores[1]) {
                assert!((a - b).abs() < 0.02, "{angle}: {scores:?}");
            }
        }
    }
}

fn store() -> (Vec<u8>, Vec<(CommunityId, Vec<Post>)>) {
    let wordless = |post| Post { meaning: Vec::new(), ..post };
    let communities = vec![
        (CommunityId(3), same_words()),
        (CommunityId(5), dated(same_words())),
        (CommunityId(8), dated(same_words()).into_iter().map(wordless).collect()),
        (CommunityId(9), same_words()[..1].to_vec()),
        (CommunityId(12), Vec::new()),
    ];
    let mut builder = CandidateStoreBuilder::new(&params());
    for (id, posts) in &communities {
        builder.add(*id, fit(posts, &params()).0).unwrap();
    }
    (builder.write().unwrap(), communities)
}

#[test]
fn a_store_answers_as_its_models_do_and_gives_them_back() {
    let (bytes, communities) = store();
    let store = CandidateStore::read(bytes.clone().into()).unwrap();
    let mut again = CandidateStoreBuilder::new(&params());
    for (id, posts) in communities {
        let (model, _) = fit(&posts, &params());
        let asked = post("today news", 15.0, &[]);
        let cosines = cosines(&asked, &posts);
        let mut features = PostFeatures::default();
        let view = store.community(id).unwrap();
        view.extractor().extract(&tokens(asked.text), asked.text, &mut features);
        for cosines in [Some(&cosines[..]), None] {
            let found = view.scores(&features, Some(DAY), cosines, &[], &mut Scratch::default());
            let asked = Post { created_at: Some(DAY), ..asked.clone() };
            assert_eq!(found, ask(&model, &asked, cosines), "{id:?}");
            let mixed = posts.len() > 1 && posts.iter().all(|post| !post.meaning.is_empty());
            let timed = posts.len() > 1 && posts.iter().all(|post| post.created_at.is_some());
            let expected = if mixed { cosines.is_some() } else { timed };
            assert_eq!(found.recent.is_some(), expected, "{id:?}");
        }
        let copy = store.model(id).unwrap();
        assert_eq!(copy, PackedModel::from(model));
        again.add(id, copy).unwrap();
    }
    assert_eq!(again.write().unwrap(), bytes);
}

#[test]
fn every_truncation_and_every_flipped_byte_is_harmless() {
    let (whole, communities) = store();
    for len in 0..whole.len() {
        assert!(CandidateStore::read(whole[..len].to_vec().into()).is_err(), "cut at {len}");
    }
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= [0xff, 0x40, 0x01][at % 3];
        let Ok(store) = CandidateStore::read(bytes.into()) else { continue };
        for (id, posts) in &communities {
            let Some(view) = store.community(*id) else { continue };
            let asked = post("today news", 15.0, &[]);
            let mut features = PostFeatures::default();
            view.extractor().extract(&tokens(asked.text), asked.text, &mut features);
            let cosines = cosines(&asked, posts);
            let mut scratch = Scratch::default();
            let scores = view.scores(&features, Some(DAY), Some(&cosines), &[], &mut scratch);
            let recent = scores.recent.iter().flatten();
            let all = scores.linear.iter().chain(recent).chain(&scores.nearest);
            assert!(all.chain(&scores.centroid).all(|score| score.is_finite()), "byte {at}");
        }
    }
}
