//! A minimal host application: one bundle, many threads, and async code.

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    thread,
};

use clap::Parser;
use hashrec::{Recommender, Request};
use hashrec_examples::exit;

/// Loads a bundle once, recommends from many threads and from async code.
#[derive(Parser)]
struct Arguments {
    /// The bundle.
    #[arg(long)]
    bundle: PathBuf,
    /// How many threads ask at the same time.
    #[arg(long, default_value_t = 8)]
    threads: usize,
    /// What they ask about.
    #[arg(long, allow_hyphen_values = true, default_value = "新機能の説明会を開きます")]
    text: String,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    // Once, at start-up. Clones share everything; there is no lock on the way of a request.
    let recommender = Arc::new(Recommender::load(&arguments.bundle)?);
    let community =
        recommender.communities().next().ok_or("the bundle has no community")?.to_owned();

    // From threads: share the Arc and call.
    let mut out = io::stdout().lock();
    thread::scope(|scope| {
        let ask = || recommender.recommend(&community, &arguments.text, 3);
        let threads: Vec<_> = (0..arguments.threads).map(|_| scope.spawn(ask)).collect();
        for (number, thread) in threads.into_iter().enumerate() {
            match thread.join() {
                Ok(Ok(hashtags)) => writeln!(out, "thread {number}: {}", names(&hashtags))?,
                Ok(Err(error)) => writeln!(out, "thread {number}: {error}")?,
                Err(_) => writeln!(out, "thread {number} panicked")?,
            }
        }
        io::Result::Ok(())
    })?;

    // From async code: a recommendation is a millisecond or so of pure computation, so it must not
    // run on a thread that drives other tasks. Hand it to the runtime's blocking pool.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let answer = runtime.block_on(handle(recommender, community, arguments.text.clone()))?;
    writeln!(out, "async: {answer}")?;
    Ok(())
}

/// What a request handler of a web service would look like.
async fn handle(
    recommender: Arc<Recommender>,
    community: String,
    text: String,
) -> Result<String, Box<dyn Error>> {
    let hashtags = tokio::task::spawn_blocking(move || {
        recommender.recommend_for(&Request::new(community, text).with_k(5))
    })
    .await??;
    Ok(names(&hashtags))
}

fn names(hashtags: &[hashrec::Recommendation]) -> String {
    hashtags.iter().map(|r| format!("#{}", r.hashtag)).collect::<Vec<_>>().join(" ")
}
