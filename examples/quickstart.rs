//! The whole way in seconds: learn from the sample posts, measure, save, load, recommend.

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use hashrec::{Config, HashSplit, Learner, Recommender, Report, Split, evaluate};
use hashrec_examples::{Bars, SAMPLE_POSTS, exit, most_frequent, read_posts};

/// Learns from the sample posts, measures the result beside the most frequent hashtags, and
/// recommends for a few new posts.
#[derive(Parser)]
struct Arguments {
    /// The posts.
    #[arg(long, default_value = SAMPLE_POSTS)]
    posts: PathBuf,
    /// Where to save the bundle.
    #[arg(long, default_value = "target/quickstart-bundle")]
    bundle: PathBuf,
    /// A compiled MeCab dictionary.
    #[arg(long)]
    dictionary: Option<PathBuf>,
}

/// New posts of the sample's communities.
const NEW_POSTS: [(&str, &str); 4] = [
    (
        "customer-success",
        "新機能の説明会を開きます\n投稿画面の新機能について、使い方を解説するオンラインイベントを水曜の19時から開きます。はじめての方もぜひ!",
    ),
    ("running", "はじめてのフルマラソン\n来月の大会に向けて30km走。膝の外側が少し痛みます。"),
    (
        "product-support",
        "機種変更したら口座の連携が切れました\n引き継ぎのあと、クレジットカードの明細が更新されません。",
    ),
    ("cats", "黒猫を迎えました\n保護猫の会から来た子です。病院での検査も無事に終わりました。"),
];

/// How many hashtags are measured.
const K: usize = 10;

/// What to do next.
const NEXT: &str = "\
The ranker that ordered these hashtags came with hashrec. A bundle from your own posts, in seconds:

    cargo run --release -p hashrec-examples --example learn -- --posts POSTS --bundle BUNDLE

A ranker that is trained on your posts orders the hashtags better. Training needs LightGBM, which is
C++. On Debian or Ubuntu, `cargo xtask setup` finds or installs the tools that compile it:

    cargo xtask setup && eval \"$(cargo xtask env)\"
    cargo run --release -p hashrec-examples --features train --example train -- \\
        --posts POSTS --bundle BUNDLE

POSTS is a file such as examples/data/posts.csv; docs/preparing-posts.md describes it.";

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    Recommender::check_target(&arguments.bundle)?;
    let mut out = io::stdout().lock();
    let split = Split::by_hash(read_posts(&arguments.posts)?, &HashSplit::default())?;
    let (known, held_out) = (split.train.len(), split.test.len());
    writeln!(out, "{known} posts to learn from, {held_out} held out to measure on")?;

    let mut config = Config::default();
    match &arguments.dictionary {
        Some(path) => config = config.with_dictionary(path),
        None => writeln!(out, "no MeCab dictionary given: using the built-in tokenizer")?,
    }
    let mut bars = Bars::default();
    let learner = Learner::new(config)?.with_progress(|progress| bars.show(progress));
    let (recommender, _) = learner.learn(&split.train)?;
    bars.finish();

    recommender.save(&arguments.bundle)?;
    let recommender = Recommender::load(&arguments.bundle)?;
    writeln!(out, "\nsaved to {} and loaded again\n", arguments.bundle.display())?;

    let reached = evaluate(&recommender, &split.test, K)?;
    table(&mut out, &[("most frequent hashtags", most_frequent(&split, K)), ("hashrec", reached)])?;
    for (community, text) in NEW_POSTS {
        writeln!(out, "\n[{community}] {}", text.replace('\n', " / "))?;
        for r in recommender.recommend(community, text, 5)? {
            writeln!(out, "  {:.3}  #{}", r.score, r.hashtag)?;
        }
    }
    writeln!(out, "\n{NEXT}")?;
    Ok(())
}

fn table(out: &mut impl Write, rows: &[(&str, Report)]) -> io::Result<()> {
    let [p, r, map, mrr, ndcg, macro_ndcg] =
        ["precision", "recall", "MAP", "MRR", "NDCG", "macro NDCG"];
    writeln!(out, "{:24} {p:>9} {r:>7} {map:>7} {mrr:>7} {ndcg:>7} {macro_ndcg:>11}", "@10")?;
    for (name, r) in rows {
        let Report { precision, recall, map, mrr, ndcg, ndcg_macro, .. } = r;
        writeln!(
            out,
            "{name:24} {precision:9.3} {recall:7.3} {map:7.3} {mrr:7.3} {ndcg:7.3} {ndcg_macro:11.3}"
        )?;
    }
    Ok(())
}
