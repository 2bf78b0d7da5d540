//! The whole way in a couple of minutes: train on the sample posts, measure, save, load, recommend.

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use hashrec::{Config, HashSplit, Recommender, Split, System, Trainer, evaluate};
use hashrec_examples::{Bars, SAMPLE_POSTS, exit, read_posts};

/// Trains on the sample data, measures it beside a most-frequent-hashtags baseline, and recommends
/// for a few new posts.
#[derive(Parser)]
struct Arguments {
    /// The posts.
    #[arg(long, default_value = SAMPLE_POSTS)]
    posts: PathBuf,
    /// Where to save the bundle.
    #[arg(long, default_value = "target/quickstart-bundle")]
    bundle: PathBuf,
    /// A compiled MeCab dictionary or a folder of MeCab sources.
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

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    Recommender::check_target(&arguments.bundle)?;
    let mut out = io::stdout().lock();
    let split = Split::by_hash(read_posts(&arguments.posts)?, &HashSplit::default())?;
    writeln!(out, "{} posts to train on, {} to measure on", split.train.len(), split.test.len())?;

    let mut config = Config::default();
    match &arguments.dictionary {
        Some(path) => config = config.with_dictionary(path),
        None => writeln!(out, "no MeCab dictionary given: using the embedded tokenizer")?,
    }
    let (baseline, _) =
        Trainer::new(config.clone().with_system(System::Popular))?.train(&split.train)?;
    let mut bars = Bars::default();
    let (recommender, _) =
        Trainer::new(config)?.with_progress(|progress| bars.show(progress)).train(&split.train)?;
    bars.finish();

    recommender.save(&arguments.bundle)?;
    let recommender = Recommender::load(&arguments.bundle)?;
    writeln!(out, "\nsaved to {} and loaded again\n", arguments.bundle.display())?;

    let before = evaluate(&baseline, &split.test, 10)?;
    let after = evaluate(&recommender, &split.test, 10)?;
    writeln!(
        out,
        "{:24} {:>9} {:>7} {:>7} {:>7} {:>7} {:>11}",
        "@10", "precision", "recall", "MAP", "MRR", "NDCG", "macro NDCG"
    )?;
    for (name, r) in [("most frequent hashtags", before), ("hashrec", after)] {
        writeln!(
            out,
            "{name:24} {:9.3} {:7.3} {:7.3} {:7.3} {:7.3} {:11.3}",
            r.precision, r.recall, r.map, r.mrr, r.ndcg, r.ndcg_macro
        )?;
    }
    for (community, text) in NEW_POSTS {
        writeln!(out, "\n[{community}] {}", text.replace('\n', " / "))?;
        for r in recommender.recommend(community, text, 5)? {
            writeln!(out, "  {:.3}  #{}", r.score, r.hashtag)?;
        }
    }
    Ok(())
}
