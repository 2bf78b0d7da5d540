//! Any request to a recommender of any system: the answer is finite, of the community, allowed, not
//! denied, and no longer than asked for; the same request gets the same answer.
//!
//! The bundles are those of the target `bundle`.
#![no_main]

#[path = "../../tests/common/mutate.rs"]
mod mutate;
mod started;

use std::sync::LazyLock;

use hashrec::{Recommender, Request};
use libfuzzer_sys::fuzz_target;

static RECOMMENDERS: LazyLock<Vec<Recommender>> = LazyLock::new(|| {
    started::folders().iter().map(|folder| Recommender::load(folder).unwrap()).collect()
});

type Lists = (Vec<String>, Vec<String>, Option<Vec<String>>);

fuzz_target!(|input: (u8, u8, u64, usize, Option<i64>, Option<f32>, Lists, String)| {
    let (system, community, own_names, k, created_at, min_score, lists, text) = input;
    let recommender = &RECOMMENDERS[usize::from(system) % RECOMMENDERS.len()];
    let communities: Vec<&str> = recommender.communities().collect();
    let community = communities[usize::from(community) % communities.len()].to_owned();
    let own: Vec<String> =
        recommender.hashtags(&community).unwrap().map(str::to_owned).collect();
    let (mut chosen, mut denied, mut allowed) = lists;
    // Names that the community has, in each list.
    for (at, name) in own.iter().enumerate().take(21) {
        match own_names >> (3 * at) & 7 {
            1 => chosen.push(name.clone()),
            2 => denied.push(name.clone()),
            3 => allowed.get_or_insert_default().push(name.clone()),
            _ => {}
        }
    }
    let request = Request { community, text, k, chosen, denied, allowed, min_score, created_at };
    mutate::check(recommender, &request, &own);
    let twice = [(); 2].map(|()| recommender.recommend_for(&request).unwrap());
    assert_eq!(twice[0], twice[1]);
});
