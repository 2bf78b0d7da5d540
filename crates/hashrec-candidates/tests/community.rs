//! Fitting, writing, reading and asking whole communities.
#![cfg(feature = "train")]

use hashrec_candidates::{
    CandidateParams, CandidateStore, CandidateStoreBuilder, CandidatesError, CommunityModel,
    CommunityView, IndexScores, LinearParams, PostFeatures, PostInput, RecencyParams, Scratch,
};
use hashrec_data::{CommunityId, HashtagId};
use hashrec_tokenize::Tokens;
use hashrec_vectorize::{SparseVector, TfIdf, TfIdfParams};
use proptest::prelude::*;

struct Post {
    text: String,
    tokens: Tokens,
    created_at: Option<i64>,
    gold: Vec<HashtagId>,
}

impl Post {
    /// Written that many days after the first of January 1970.
    fn on_day(self, day: i64) -> Self {
        Self { created_at: Some(day * 86_400), ..self }
    }
}

fn post(text: &str, gold: &[u32]) -> Post {
    let mut tokens = Tokens::default();
    text.split(' ').for_each(|word| tokens.push(word, 0..0));
    let gold = gold.iter().map(|&h| HashtagId(h)).collect();
    Post { text: text.into(), tokens, created_at: None, gold }
}

fn inputs(posts: &[Post]) -> Vec<PostInput<'_>> {
    posts
        .iter()
        .map(|Post { text, tokens, created_at, gold }| PostInput {
            tokens,
            text,
            created_at: *created_at,
            meaning: &[],
            gold,
        })
        .collect()
}

fn bakery() -> Vec<Post> {
    vec![
        post("new oven for bread", &[0, 1]),
        post("bread and butter", &[0]),
        post("新機能 の お知らせ", &[2]),
        post("パン の お知らせ", &[0, 2]),
        post("bread bread bread oven", &[0, 1]),
    ]
}

fn running() -> Vec<Post> {
    vec![post("trail running race", &[0]), post("running shoes", &[1, 1]), post("race day", &[0])]
}

fn fit(posts: &[Post], hashtags: usize, params: &CandidateParams) -> CommunityModel {
    CommunityModel::fit_with_loo(&inputs(posts), hashtags, params).unwrap().0
}

/// The same posts, of two times a hundred days apart and one not known.
fn timed_bakery() -> Vec<Post> {
    let days = [Some(0), Some(3), None, Some(101), Some(104)];
    let timed = |(post, day): (Post, Option<i64>)| match day {
        Some(day) => post.on_day(day),
        None => post,
    };
    bakery().into_iter().zip(days).map(timed).collect()
}

fn ask(model: &CommunityModel, text: &str) -> IndexScores {
    ask_on(model, text, None)
}

fn ask_on(model: &CommunityModel, text: &str, day: Option<i64>) -> IndexScores {
    ask_view_on(model.view(), text, day)
}

fn ask_view(view: CommunityView<'_>, text: &str) -> IndexScores {
    ask_view_on(view, text, None)
}

fn ask_view_on(view: CommunityView<'_>, text: &str, day: Option<i64>) -> IndexScores {
    let asked = post(text, &[]);
    let mut features = PostFeatures::default();
    view.extractor().extract(&asked.tokens, &asked.text, &mut features);
    let time = day.map(|day| day * 86_400);
    view.scores(&features, time, None, &[], &mut Scratch::default())
}

/// So many posts, a day apart, most words of which are their own: in a community like this sums of
/// the others pay off.
fn market(posts: usize) -> Vec<Post> {
    let common = ["xoxo", "yaya", "zuzu"];
    let own = |i: usize| -> String {
        [7, 11, 13].iter().map(|m| char::from(b'a' + (i / m % 23) as u8)).collect()
    };
    (0..posts)
        .map(|i| {
            let text =
                format!("{}{i} {}", own(i), if i % 2 == 0 { common[i / 2 % 3] } else { "q" });
            let post = post(&text, &[i as u32 % 5]);
            if i % 10 == 9 { post } else { post.on_day(i as i64) }
        })
        .collect()
}

fn with_sums_from(from: usize) -> CandidateParams {
    CandidateParams::default().with_linear(LinearParams::default().with_summed_from(from))
}

fn store() -> Vec<u8> {
    let params = CandidateParams::default();
    let mut builder = CandidateStoreBuilder::new(&params);
    builder.add(CommunityId(9), fit(&running(), 2, &params)).unwrap();
    builder.add(CommunityId(1), fit(&[], 3, &params)).unwrap();
    builder.add(CommunityId(4), fit(&bakery(), 3, &params)).unwrap();
    builder.add(CommunityId(6), fit(&timed_bakery(), 3, &params)).unwrap();
    builder.add(CommunityId(7), fit(&market(120), 5, &with_sums_from(19))).unwrap();
    builder.write().unwrap()
}

#[test]
fn a_post_gets_the_hashtags_of_its_like() {
    let model = fit(&bakery(), 3, &CandidateParams::default());
    let scores = ask(&model, "お知らせ");
    assert_eq!(scores.linear_candidates(1)[0].hashtag, HashtagId(2));
    assert_eq!(scores.nearest_candidates(3)[0].hashtag, HashtagId(2));
    assert!(scores.nearest_best[2] > 0.0 && scores.nearest_best[2] <= scores.nearest_max);
    let nothing = ask(&model, "");
    assert!(nothing.nearest.iter().all(|&vote| vote == 0.0));
    assert_eq!(nothing.nearest_max, 0.0);
}

#[test]
fn similarity_is_the_mean_of_two_cosines() {
    let posts = bakery();
    let model = fit(&posts, 3, &CandidateParams::default());
    let extract = |post: &Post| {
        let mut features = PostFeatures::default();
        model.view().extractor().extract(&post.tokens, &post.text, &mut features);
        features
    };
    let features: Vec<PostFeatures> = posts.iter().map(extract).collect();
    let tfidf = |field: fn(&PostFeatures) -> &[u64]| {
        TfIdf::fit(features.iter().map(field), &TfIdfParams::default()).unwrap()
    };
    let (words, characters) = (tfidf(PostFeatures::words), tfidf(PostFeatures::characters));
    let cosine = |tfidf: &TfIdf, a: &[u64], b: &[u64]| {
        let (mut x, mut y) = (SparseVector::default(), SparseVector::default());
        tfidf.transform(a, &mut x);
        tfidf.transform(b, &mut y);
        x.dot(&y)
    };
    for text in ["bread oven", "お知らせ bread bread", "パン", "unheard of", ""] {
        let asked = extract(&post(text, &[]));
        let mut scratch = Scratch::default();
        let similarities = model.view().similarities(&asked, &mut scratch);
        assert_eq!(similarities.len(), posts.len());
        for (found, other) in similarities.iter().zip(&features) {
            let expected = 0.5 * cosine(&words, asked.words(), other.words())
                + 0.5 * cosine(&characters, asked.characters(), other.characters());
            assert!((found - expected).abs() < 1e-5, "{text}: {found}, expected {expected}");
        }
    }
}

/// Sixty posts of common words, and two about something that no other is about.
fn rare_bakery() -> Vec<Post> {
    let common = ["bread", "oven", "butter", "flour", "salt"];
    let mut posts: Vec<Post> = (0..60)
        .map(|i| post(&format!("{} {}", common[i % 5], common[(i / 5) % 5]), &[i as u32 % 5]))
        .collect();
    posts.push(post("xo bread", &[5]));
    posts.push(post("xo oven", &[5]));
    posts
}

#[test]
fn a_new_post_is_compared_as_the_posts_of_the_fit_are() {
    let mut posts = rare_bakery();
    let whole = inputs(&posts);
    let (_, loo) = CommunityModel::fit_with_loo(&whole, 6, &CandidateParams::default()).unwrap();
    let expected = loo.scores(61, &[], &mut Scratch::default());
    let left_out = posts.pop().unwrap();
    // Now one post is about it: the word counts again once another asks for it.
    let model = fit(&posts, 6, &CandidateParams::default());
    let found = ask(&model, &left_out.text);
    // Half of a similarity is that of words; n-grams of one post stay out.
    let (found_best, expected_best) = (found.nearest_best[5], expected.nearest_best[5]);
    assert!((0.35..0.5).contains(&found_best) && found_best < expected_best, "{found_best}");
    assert_eq!(found.linear_candidates(1)[0].hashtag, HashtagId(5));
    assert_eq!(ask(&model, "oven").nearest_best[5], 0.0);
}

#[test]
fn a_store_knows_which_words_need_a_new_post_to_count() {
    let params = CandidateParams::default();
    let mut posts = rare_bakery();
    let left_out = posts.pop().unwrap();
    let model = fit(&posts, 6, &params);
    let mut builder = CandidateStoreBuilder::new(&params);
    builder.add(CommunityId(3), model.clone()).unwrap();
    let store = CandidateStore::read(builder.write().unwrap().into()).unwrap();
    let view = store.community(CommunityId(3)).unwrap();
    assert_eq!(ask_view(view, &left_out.text), ask(&model, &left_out.text));
}

#[test]
fn small_communities_are_packed_and_answer_the_same() {
    let params = CandidateParams::default();
    let part = |posts: &[Post]| {
        let model = fit(posts, 5, &params);
        let mut builder = CandidateStoreBuilder::new(&params);
        builder.add(CommunityId(0), model.clone()).unwrap();
        (builder.write().unwrap(), model)
    };
    let ((small, of_small), (large, of_large)) = (part(&market(250)), part(&market(260)));
    assert!(5 * small.len() < 4 * large.len(), "{} and {}", small.len(), large.len());
    for (bytes, model) in [(small, of_small), (large, of_large)] {
        let store = CandidateStore::read(bytes.into()).unwrap();
        assert_eq!(store.hashtags(CommunityId(0)), Some(5));
        // A clone answers from what was unpacked for the other.
        for store in [store.clone(), store] {
            let view = store.community(CommunityId(0)).unwrap();
            let text = "bread on the market";
            assert_eq!(ask_view(view, text), ask(&model, text));
        }
    }
}

#[test]
fn a_new_post_is_no_more_than_the_same_as_another() {
    let posts = rare_bakery();
    let model = fit(&posts, 6, &CandidateParams::default());
    for Post { text, .. } in &posts {
        let most = ask(&model, text).nearest_max;
        assert!((0.95..1.0001).contains(&most), "{text}: {most}");
    }
}

#[test]
fn a_word_that_nobody_else_uses_makes_a_post_no_longer() {
    let asked = |rare: &str| {
        let mut posts = rare_bakery();
        posts[0] = post(&format!("bread bread {rare}"), &[0]);
        ask(&fit(&posts, 6, &CandidateParams::default()), "bread bread").nearest_max
    };
    assert!((asked("") - asked("xyzzy")).abs() < 0.02);
    // In a small community every word counts.
    let small = |rare: &str| {
        let posts = [post(&format!("bread {rare}"), &[0]), post("butter", &[1])];
        ask(&fit(&posts, 2, &CandidateParams::default()), "bread").nearest_max
    };
    assert!(small("") > small("xyzzy") + 0.1);
}

#[test]
fn a_post_of_the_fit_is_scored_without_itself() {
    let posts = bakery();
    let inputs = inputs(&posts);
    let (model, loo) =
        CommunityModel::fit_with_loo(&inputs, 3, &CandidateParams::default()).unwrap();
    assert_eq!(loo.len(), 5);
    let mut scratch = Scratch::default();
    for (position, input) in inputs.iter().enumerate() {
        let left_out = loo.scores(position, &[], &mut scratch);
        let seen = ask(&model, input.text);
        assert!((seen.nearest_max - 1.0).abs() < 1e-5);
        assert!(left_out.nearest_max < 0.999);
        for hashtag in input.gold {
            let hashtag = hashtag.0 as usize;
            assert!(left_out.linear[hashtag] < seen.linear[hashtag]);
        }
    }
    // The only post with hashtag 2 beside "パン の お知らせ" can't vouch for itself.
    assert_eq!(loo.linear(99), &[] as &[f32]);
    assert_eq!(loo.scores(99, &[], &mut scratch).linear, [0.0; 3]);
}

#[test]
fn posts_that_were_not_asked_for_have_no_scores() {
    let posts = bakery();
    let inputs = inputs(&posts);
    let params = CandidateParams::default();
    let (whole, all) = CommunityModel::fit_with_loo(&inputs, 3, &params).unwrap();
    // Twice, out of order and past the end: asked for once, or not at all.
    let (model, some) =
        CommunityModel::fit_with_loo_for(&inputs, 3, &params, &[3, 1, 3, 99]).unwrap();
    assert_eq!(model, whole);
    assert_eq!(CommunityModel::fit(&inputs, 3, &params).unwrap(), whole);
    assert_eq!(some.len(), 5);
    let mut scratch = Scratch::default();
    for post in [1, 3] {
        assert_eq!(some.linear(post), all.linear(post));
        assert_eq!(some.scores(post, &[], &mut scratch), all.scores(post, &[], &mut scratch));
    }
    assert_eq!(some.linear(0), &[] as &[f32]);
    let none = some.scores(0, &[HashtagId(0)], &mut scratch);
    assert_eq!((&none.linear[..], &none.nearest[..]), (&[0.0; 3][..], &[0.0; 3][..]));
}

#[test]
fn chosen_hashtags_bring_in_their_company() {
    let posts = bakery();
    let inputs = inputs(&posts);
    let (model, loo) =
        CommunityModel::fit_with_loo(&inputs, 3, &CandidateParams::default()).unwrap();
    let mut scratch = Scratch::default();
    let mut features = PostFeatures::default();
    let asked = post("bread", &[]);
    model.view().extractor().extract(&asked.tokens, &asked.text, &mut features);
    let mut cooccurrence = |chosen: &[HashtagId]| {
        model.view().scores(&features, None, None, chosen, &mut scratch).cooccurrence
    };
    assert_eq!(cooccurrence(&[]), None);
    // Every post with 1 carries 0 as well, none carries 2.
    assert_eq!(cooccurrence(&[HashtagId(1)]), Some(vec![1.0, 1.0, 0.0]));
    assert_eq!(
        cooccurrence(&[HashtagId(2)]),
        Some(vec![0.0; 3]),
        "no such post is like the asked one"
    );
    assert_eq!(cooccurrence(&[HashtagId(7)]), Some(vec![0.0; 3]));

    // The post itself does not count: among the others only a post without 0 carries 2.
    let left_out = loo.scores(3, &[HashtagId(2)], &mut Scratch::default());
    assert_eq!(left_out.cooccurrence, Some(vec![0.0, 0.0, 1.0]));
    assert_eq!(loo.scores(3, &[], &mut Scratch::default()).cooccurrence, None);
}

#[test]
fn the_order_of_posts_does_not_matter() {
    let mut posts = bakery();
    let forward = fit(&posts, 3, &CandidateParams::default());
    posts.reverse();
    let backward = fit(&posts, 3, &CandidateParams::default());
    for text in ["bread oven", "お知らせ", "butter"] {
        let (a, b) = (ask(&forward, text), ask(&backward, text));
        let pairs = [
            (&a.linear, &b.linear),
            (&a.nearest, &b.nearest),
            (&a.nearest_best, &b.nearest_best),
            (&a.centroid, &b.centroid),
        ];
        for (a, b) in pairs.iter().flat_map(|(a, b)| a.iter().zip(b.iter())) {
            assert!((a - b).abs() < 5e-3, "{text}: {a} and {b}");
        }
    }
}

#[test]
fn with_every_post_a_landmark_little_changes() {
    let scaled = LinearParams::default().with_exact_up_to(0);
    let scaled = fit(&bakery(), 3, &CandidateParams::default().with_linear(scaled));
    let exact = fit(&bakery(), 3, &CandidateParams::default());
    for text in ["bread oven", "お知らせ"] {
        for (a, b) in ask(&exact, text).linear.iter().zip(&ask(&scaled, text).linear) {
            assert!((a - b).abs() < 5e-3, "{text}: {a} and {b}");
        }
    }
}

/// A community that calls the same thing by another name from the hundredth day on.
fn renamed() -> Vec<Post> {
    (0..200)
        .step_by(10)
        .map(|day| post("fresh bread", &[u32::from(day >= 100)]).on_day(day))
        .collect()
}

#[test]
fn posts_close_in_time_count_more_in_the_recent_scores() {
    let recency = RecencyParams { scale_days: 30.0, ..RecencyParams::default() };
    let model = fit(&renamed(), 2, &CandidateParams::default().with_recency(recency));
    let (early, late) = (ask_on(&model, "bread", Some(5)), ask_on(&model, "bread", Some(195)));
    let recent = |scores: &IndexScores| scores.recent.clone().unwrap();
    assert!(recent(&early)[0] > recent(&early)[1] + 0.3, "{early:?}");
    assert!(recent(&late)[1] > recent(&late)[0] + 0.3, "{late:?}");
    assert_eq!(early.linear, late.linear);
    // Without a time a post is as new as the newest.
    assert_eq!(recent(&ask(&model, "bread")), recent(&ask_on(&model, "bread", Some(190))));
}

#[test]
fn recent_scores_leave_the_post_out() {
    let posts = renamed();
    let inputs = inputs(&posts);
    let (model, loo) =
        CommunityModel::fit_with_loo(&inputs, 2, &CandidateParams::default()).unwrap();
    // All posts have the same features: a refit without one of them knows the same words.
    for left_out in [0, 7, 12] {
        let mut rest = renamed();
        let post = rest.remove(left_out);
        let refitted = fit(&rest, 2, &CandidateParams::default());
        let day = post.created_at.map(|time| time / 86_400);
        let expected = ask_on(&refitted, &post.text, day).recent.unwrap();
        let found = loo.scores(left_out, &[], &mut Scratch::default()).recent.unwrap();
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-2, "{found}, expected {expected}");
        }
        let seen = ask_on(&model, &post.text, day).recent.unwrap();
        assert!(found[post.gold[0].0 as usize] < seen[post.gold[0].0 as usize]);
    }
}

#[test]
fn without_times_or_without_recency_there_are_no_recent_scores() {
    let params = CandidateParams::default();
    assert_eq!(ask(&fit(&bakery(), 3, &params), "bread").recent, None);
    assert!(ask(&fit(&timed_bakery(), 3, &params), "bread").recent.is_some());
    let none = params.with_recency(RecencyParams::none());
    assert_eq!(ask(&fit(&timed_bakery(), 3, &none), "bread").recent, None);
}

#[test]
fn with_every_post_a_landmark_recent_scores_stay() {
    let scaled = LinearParams::default().with_exact_up_to(0);
    let scaled = CandidateParams::default().with_linear(scaled);
    let (scaled, exact) =
        (fit(&timed_bakery(), 3, &scaled), fit(&timed_bakery(), 3, &CandidateParams::default()));
    for day in [Some(50), None] {
        let ask = |model| ask_on(model, "bread oven", day).recent.unwrap();
        for (a, b) in ask(&exact).iter().zip(&ask(&scaled)) {
            assert!((a - b).abs() < 5e-3, "{a} and {b}");
        }
    }
}

#[test]
fn communities_without_posts_give_zeros() {
    for posts in [vec![], vec![post("bread", &[1])]] {
        let inputs = inputs(&posts);
        let (model, loo) =
            CommunityModel::fit_with_loo(&inputs, 2, &CandidateParams::default()).unwrap();
        for scores in [ask(&model, "bread"), loo.scores(0, &[], &mut Scratch::default())] {
            assert_eq!((scores.linear, scores.nearest), (vec![0.0; 2], vec![0.0; 2]));
            assert_eq!((scores.centroid, scores.nearest_max), (vec![0.0; 2], 0.0));
        }
    }
    let (model, _) = CommunityModel::fit_with_loo(&[], 0, &CandidateParams::default()).unwrap();
    assert!(ask(&model, "bread").linear_candidates(3).is_empty());
}

#[test]
fn hashtags_of_another_space_are_refused() {
    let posts = [post("bread", &[3])];
    let error = CommunityModel::fit_with_loo(&inputs(&posts), 3, &CandidateParams::default()).err();
    assert!(matches!(error, Some(CandidatesError::Hashtag { hashtag: 3, .. })));
    let bad = CandidateParams::default().with_threads(0);
    assert!(CommunityModel::fit_with_loo(&[], 3, &bad).is_err());
}

#[test]
fn a_store_answers_as_its_models_do() {
    let store = CandidateStore::read(store().into()).unwrap();
    let ids: Vec<u32> = store.communities().map(|community| community.0).collect();
    assert_eq!(ids, [1, 4, 6, 7, 9]);
    let params = CandidateParams::default();
    for (community, model) in [
        (1, fit(&[], 3, &params)),
        (4, fit(&bakery(), 3, &params)),
        (6, fit(&timed_bakery(), 3, &params)),
        (7, fit(&market(120), 5, &with_sums_from(19))),
        (9, fit(&running(), 2, &params)),
    ] {
        let view = store.community(CommunityId(community)).unwrap();
        let asked = post("race for bread お知らせ", &[]);
        let mut features = PostFeatures::default();
        view.extractor().extract(&asked.tokens, &asked.text, &mut features);
        let mut scratch = Scratch::default();
        let scores = view.scores(&features, Some(0), None, &[], &mut scratch);
        let expected = model.view().scores(&features, Some(0), None, &[], &mut scratch);
        assert_eq!(scores, expected);
        assert_eq!(scores.recent.is_some(), [6, 7].contains(&community));
        assert_eq!(scores.linear.len(), view.hashtags());
        assert_eq!(view.posts(), model.view().posts());
    }
    assert_eq!(store.community(CommunityId(9)).unwrap().gold(1), [1]);
    assert!(store.community(CommunityId(2)).is_none());
}

fn assert_near(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < tolerance, "{found}, expected {expected}");
    }
}

#[test]
fn sums_change_nothing_but_the_time_it_takes() {
    let posts = market(200);
    let exact = |from| with_sums_from(from);
    let scaled = |from| {
        let linear = LinearParams::default().with_exact_up_to(0).with_landmarks(120);
        CandidateParams::default().with_linear(linear.with_summed_from(from))
    };
    let untimed: Vec<Post> =
        market(200).into_iter().map(|post| Post { created_at: None, ..post }).collect();
    // Weights of landmarks are large, and so is what is lost where they are kept in 16 bits.
    for (tolerance, with, without) in [
        (2e-3, fit(&posts, 5, &exact(12)), fit(&posts, 5, &exact(0))),
        (2e-3, fit(&untimed, 5, &exact(12)), fit(&untimed, 5, &exact(0))),
        (2e-2, fit(&posts, 5, &scaled(8)), fit(&posts, 5, &scaled(0))),
    ] {
        assert_ne!(with, without);
        for text in ["xoxo", "yaya q zuzu xoxo", "never heard of", "", &posts[31].text] {
            for day in [None, Some(-50), Some(0), Some(63), Some(150), Some(199), Some(900)] {
                let (found, expected) = (ask_on(&with, text, day), ask_on(&without, text, day));
                assert_near(&found.linear, &expected.linear, tolerance);
                assert_eq!(found.recent.is_some(), expected.recent.is_some());
                let (found_recent, recent) = (found.recent, expected.recent.unwrap_or_default());
                assert_near(&found_recent.unwrap_or_default(), &recent, tolerance);
                assert_near(&found.nearest, &expected.nearest, 1e-4);
                assert_near(&found.centroid, &expected.centroid, 1e-4);
            }
        }
    }
}

#[test]
fn small_communities_have_no_sums() {
    let many = market(120);
    assert_ne!(fit(&many, 5, &with_sums_from(19)), fit(&many, 5, &with_sums_from(0)));
    let few = market(20);
    assert_eq!(fit(&few, 5, &with_sums_from(2)), fit(&few, 5, &with_sums_from(0)));
}

#[test]
fn the_same_posts_give_the_same_bytes() {
    assert_eq!(store(), store());
    let mut builder = CandidateStoreBuilder::new(&CandidateParams::default());
    let model = fit(&running(), 2, &CandidateParams::default());
    builder.add(CommunityId(1), model.clone()).unwrap();
    assert!(matches!(builder.add(CommunityId(1), model), Err(CandidatesError::Twice { .. })));
}

/// Asks every community; only its own hashtags and finite scores may come back.
fn use_store(bytes: Vec<u8>) {
    let Ok(store) = CandidateStore::read(bytes.into()) else { return };
    let asked = post("race for bread お知らせ", &[]);
    for community in store.communities() {
        let view = store.community(community).unwrap();
        let mut features = PostFeatures::default();
        view.extractor().extract(&asked.tokens, &asked.text, &mut features);
        let scores = view.scores(&features, Some(0), None, &[], &mut Scratch::default());
        assert_eq!(scores.nearest.len(), view.hashtags());
        let all = scores.linear.iter().chain(&scores.nearest).chain(&scores.nearest_best);
        let all = all.chain(scores.recent.iter().flatten());
        assert!(all.chain(&scores.centroid).all(|score| score.is_finite()));
        assert!(
            (0..view.posts()).all(|p| {
                view.gold(p).iter().all(|&hashtag| (hashtag as usize) < view.hashtags())
            })
        );
    }
}

#[test]
fn models_taken_out_of_a_store_make_the_same_store() {
    let whole = store();
    let read = CandidateStore::read(whole.clone().into()).unwrap();
    let mut builder = CandidateStoreBuilder::new(&CandidateParams::default());
    for community in read.communities() {
        builder.add(community, read.model(community).unwrap()).unwrap();
    }
    assert_eq!(builder.write().unwrap(), whole);
    assert!(read.model(CommunityId(u32::MAX)).is_none());
}

#[test]
fn every_truncation_and_every_flipped_byte_is_harmless() {
    let whole = store();
    for len in 0..whole.len() {
        assert!(CandidateStore::read(whole[..len].to_vec().into()).is_err(), "cut at {len}");
    }
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        use_store(bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_posts_can_be_fitted_and_asked(
        texts in prop::collection::vec("[abあい ]{0,12}", 0..12),
        gold in prop::collection::vec(prop::collection::vec(0u32..4, 0..3), 12),
        asked in "[abあい ]{0,12}",
        at in any::<prop::sample::Index>(), mask in 1u8..,
    ) {
        let posts: Vec<Post> = texts.iter().zip(&gold).map(|(t, g)| post(t, g)).collect();
        let params = CandidateParams::default();
        let inputs = inputs(&posts);
        let (model, loo) = CommunityModel::fit_with_loo(&inputs, 4, &params).unwrap();
        let scores = ask(&model, &asked);
        prop_assert_eq!(scores.linear.len(), 4);
        prop_assert!(scores.linear.iter().all(|s| s.is_finite()));
        let votes: f32 = scores.nearest.iter().sum();
        prop_assert!(votes <= 4.001);
        for position in 0..posts.len() {
            let scores = loo.scores(position, &[], &mut Scratch::default());
            prop_assert!(scores.linear.iter().all(|s| s.is_finite()));
        }
        let mut builder = CandidateStoreBuilder::new(&params);
        builder.add(CommunityId(0), model).unwrap();
        let mut bytes = builder.write().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= mask;
        use_store(bytes);
    }
}
