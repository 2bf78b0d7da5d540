//! A small corpus and small settings that every integration test shares.
#![allow(dead_code, unreachable_pub)] // Each test file is a crate of its own and uses some of it.

use hashrec::{Config, Post, Recommender, System, Trainer};
use hashrec_ranker::Ranker;

const BAKING: [(&str, &[&str]); 4] = [
    ("天然酵母のパンを焼きました", &["パン", "天然酵母"]),
    ("クッキーの型抜きに挑戦", &["クッキー", "お菓子"]),
    ("オーブンの温度がむずかしい", &["オーブン", "質問"]),
    ("新機能のレシピ検索が便利です", &["新機能", "お知らせ"]),
];
const RUNNING: [(&str, &[&str]); 4] = [
    ("朝ラン10kmで自己ベスト", &["朝ラン", "記録"]),
    ("厚底シューズを買いました", &["シューズ", "レビュー"]),
    ("膝が痛いときのストレッチ", &["けが", "質問"]),
    ("新機能の距離計測について", &["新機能", "お知らせ"]),
];
const CODING: [(&str, &[&str]); 3] = [
    ("How to borrow a C++ string in Rust", &["rust", "c++"]),
    ("Async runtimes compared", &["async", "rust"]),
    ("Naming things in Node.js", &["node.js", "style"]),
];

/// `count` posts of each of three communities, with times.
pub fn posts(count: usize) -> Vec<Post> {
    let mut posts = Vec::new();
    for (community, parts) in
        [("baking", &BAKING[..]), ("coding", &CODING[..]), ("running", &RUNNING[..])]
    {
        for number in 0..count {
            let (first, tags) = parts[number % parts.len()];
            let (second, _) = parts[(number / parts.len()) % parts.len()];
            posts.push(Post::new(
                format!("{community}-{number}"),
                community,
                format!("{first}\n{second}。今日は{number}回目です。"),
                tags.iter(),
                Some(1_700_000_000 + number as i64 * 86_400),
            ));
        }
    }
    posts
}

/// Settings small enough for tests, of every part a system may have.
pub fn config(system: System) -> Config {
    let mut config = Config::default().with_system(system).with_threads(1);
    // Which ranker is taken is the matter of `ranker_choice.rs`.
    config.ranker_source = hashrec::RankerSource::Posts;
    config.floret = config.floret.with_dim(16).with_bucket(500).with_epochs(1).with_min_count(1);
    config.classifier.hidden = 8;
    config.classifier.heads = 2;
    config.classifier.community_dim = 4;
    config.classifier.max_words = 16;
    config.classifier.epochs = 2;
    config.ranker = config.ranker.with_trees(15).with_min_rows_in_leaf(5);
    config.paper_ranker = config.paper_ranker.with_trees(15).with_min_rows_in_leaf(5);
    config
}

/// Trains on the small corpus.
pub fn train(system: System, count: usize) -> Recommender {
    let trainer = Trainer::new(config(system)).unwrap();
    trainer.train(&posts(count)).unwrap().0
}

/// How many posts the ranker of a recommender was given, those without a gold candidate included.
pub fn posts_of_ranker(recommender: &Recommender) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bundle");
    recommender.save(&folder).unwrap();
    let bytes = std::fs::read(folder.join("ranker.part")).unwrap();
    let ranker = Ranker::read(bytes.into()).unwrap();
    let training = ranker.training().unwrap();
    training.posts + training.skipped_posts
}
