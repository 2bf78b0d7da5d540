//! From no posts to many: how well communities are served that the recommender was not trained on,
//! by how many of their posts are at hand.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fmt::Write as _,
    fs,
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use hashrec::{Learner, NewCommunity, Post, Ranker, Recommender, System, Trainer, evaluate};
use hashrec_examples::{Bars, Settings, exit, read_posts};
use rand::{SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

/// Trains without some communities, then takes them in: their hashtags are known (those of all
/// their training posts, with no word on how often each is used), and n of their posts, drawn at
/// random. Measures on their test posts: NDCG@10.
#[derive(Parser)]
struct Arguments {
    /// Posts to train on.
    #[arg(long)]
    train: PathBuf,
    /// Posts to measure on.
    #[arg(long)]
    test: PathBuf,
    /// The communities to hold out.
    #[arg(long, value_delimiter = ',', required = true)]
    hold_out: Vec<String>,
    /// How many of their posts are at hand.
    #[arg(long, value_delimiter = ',', default_values_t = [0, 5, 10, 20, 50])]
    sizes: Vec<usize>,
    /// Draws of posts for each size above 0 (with no posts there is one).
    #[arg(long, default_value_t = 4)]
    repetitions: u64,
    /// The seed of the first draw; the others count on.
    #[arg(long, default_value_t = 100)]
    first_seed: u64,
    /// Draws made elsewhere, to compare with other programs: a JSON file that gives for each
    /// community a list of draws, each the ids of its posts in the order they come in.
    #[arg(long)]
    draws: Option<PathBuf>,
    /// The systems to compare.
    #[arg(long, value_delimiter = ',',
          default_values = ["hashrec", "linear", "nearest-posts", "popular"])]
    systems: Vec<System>,
    /// A ranker, as `builtin_ranker` makes it, for the system `hashrec` to use instead of training
    /// one.
    #[arg(long)]
    ranker: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    /// Where to write few_posts.md and few_posts.json.
    #[arg(long)]
    out: PathBuf,
}

/// NDCG@10 of one system in one community with so many posts at hand, a mean over the draws.
#[derive(Clone, Debug, Serialize)]
struct Measured {
    system: System,
    community: String,
    posts: usize,
    ndcg: f64,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let train = read_posts(&arguments.train)?;
    let (held, kept): (Vec<Post>, Vec<Post>) =
        train.into_iter().partition(|post| arguments.hold_out.contains(&post.community));
    let held = by_community(held);
    let test = by_community(read_posts(&arguments.test)?);
    for name in &arguments.hold_out {
        if !held.contains_key(name) || !test.contains_key(name) {
            return Err(format!("no posts of community {name:?} to train or to measure on").into());
        }
    }
    let draws = draws(arguments, &held)?;
    let mut measured = Vec::new();
    for &system in &arguments.systems {
        let recommender = trained(arguments, system, &kept)?;
        for &size in &arguments.sizes {
            for community in &arguments.hold_out {
                let (posts, test) = (&held[community], &test[community]);
                let draws = &draws[community][..if size == 0 { 1 } else { draws[community].len() }];
                let ndcg = mean_of_draws(&recommender, posts, draws, size, test)?;
                let community = community.clone();
                measured.push(Measured { system, community, posts: size, ndcg });
            }
        }
    }
    fs::create_dir_all(&arguments.out)?;
    let table = table(arguments, &measured)?;
    fs::write(arguments.out.join("few_posts.md"), &table)?;
    let json = serde_json::to_string_pretty(&measured)? + "\n";
    fs::write(arguments.out.join("few_posts.json"), json)?;
    println!("{table}");
    Ok(())
}

fn by_community(posts: Vec<Post>) -> BTreeMap<String, Vec<Post>> {
    let mut all: BTreeMap<String, Vec<Post>> = BTreeMap::new();
    posts.into_iter().for_each(|post| all.entry(post.community.clone()).or_default().push(post));
    all
}

fn trained(
    arguments: &Arguments,
    system: System,
    posts: &[Post],
) -> Result<Recommender, Box<dyn Error>> {
    let config = arguments.settings.read()?.with_system(system);
    let mut bars = Bars::default();
    if let Some(file) = arguments.ranker.as_ref().filter(|_| system == System::Hashrec) {
        let ranker = Ranker::read(fs::read(file)?.into())?;
        let learner = Learner::new(config)?.with_ranker(ranker);
        let (recommender, _) =
            learner.with_progress(|progress| bars.show(progress)).learn(posts)?;
        bars.finish();
        return Ok(recommender);
    }
    let trainer = Trainer::new(config)?.with_progress(|progress| bars.show(progress));
    let (recommender, _) = trainer.train(posts)?;
    bars.finish();
    Ok(recommender)
}

/// The posts of a community, by position, in the order they come in.
type Draw = Vec<usize>;

/// For each held-out community its posts in several random orders.
fn draws(
    arguments: &Arguments,
    held: &BTreeMap<String, Vec<Post>>,
) -> Result<BTreeMap<String, Vec<Draw>>, Box<dyn Error>> {
    let given: Option<BTreeMap<String, Vec<Vec<String>>>> = match &arguments.draws {
        Some(path) => Some(serde_json::from_str(&fs::read_to_string(path)?)?),
        None => None,
    };
    let mut all = BTreeMap::new();
    for name in &arguments.hold_out {
        let posts = &held[name];
        let orders: Vec<Draw> = match &given {
            Some(given) => {
                let number: BTreeMap<&str, usize> =
                    posts.iter().zip(0..).map(|(post, number)| (&*post.id, number)).collect();
                let draws = given.get(name).ok_or_else(|| format!("no draws of {name:?}"))?;
                let order = |ids: &Vec<String>| -> Option<Draw> {
                    ids.iter().map(|id| number.get(&**id).copied()).collect()
                };
                draws.iter().map(order).collect::<Option<_>>()
            }
            .ok_or_else(|| format!("a draw of {name:?} has a post that it doesn't have"))?,
            None => (0..arguments.repetitions.max(1))
                .map(|draw| {
                    let mut order: Vec<usize> = (0..posts.len()).collect();
                    order.shuffle(&mut Pcg64Mcg::seed_from_u64(arguments.first_seed + draw));
                    order
                })
                .collect(),
        };
        if orders.is_empty() {
            return Err(format!("no draws of {name:?}").into());
        }
        all.insert(name.clone(), orders);
    }
    Ok(all)
}

/// The mean over draws of the first `size` posts.
fn mean_of_draws(
    recommender: &Recommender,
    posts: &[Post],
    draws: &[Draw],
    size: usize,
    test: &[Post],
) -> Result<f64, Box<dyn Error>> {
    let hashtags: BTreeSet<&str> =
        posts.iter().flat_map(|post| post.hashtags.iter().map(String::as_str)).collect();
    let empty = NewCommunity::new(&posts[0].community, hashtags);
    let mut sum = 0.0;
    for order in draws {
        let at_hand = order.iter().take(size).map(|&post| posts[post].clone());
        let with = recommender.with_community(&empty.clone().with_posts(at_hand))?;
        sum += evaluate(&with, test, 10)?.ndcg;
    }
    Ok(sum / draws.len() as f64)
}

/// One row for each community and system, and the means over communities.
fn table(arguments: &Arguments, measured: &[Measured]) -> Result<String, Box<dyn Error>> {
    let Arguments { hold_out, sizes, systems, .. } = arguments;
    let mut out = String::from("| NDCG@10 with n posts | |");
    sizes.iter().for_each(|size| _ = write!(out, " {size} |"));
    out += "\n|---|---|";
    sizes.iter().for_each(|_| out += "--:|");
    let mean = |system: System, size: usize, among: &[String]| {
        let of =
            |m: &&Measured| m.system == system && m.posts == size && among.contains(&m.community);
        let values: Vec<f64> = measured.iter().filter(of).map(|m| m.ndcg).collect();
        values.iter().sum::<f64>() / values.len().max(1) as f64
    };
    let groups = hold_out.iter().map(|name| (name.as_str(), std::slice::from_ref(name)));
    for (title, among) in groups.chain([("mean", &hold_out[..])]) {
        for &system in systems {
            write!(out, "\n| {title} | {system} |")?;
            for &size in sizes {
                write!(out, " {:.3} |", mean(system, size, among))?;
            }
        }
    }
    Ok(out + "\n")
}
