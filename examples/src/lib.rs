//! What the examples share: progress bars, exit codes, arguments, reading posts, a baseline.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod bars;
mod exit;
mod most_frequent;
#[cfg(feature = "trainer")]
mod notes;
mod posts;
mod save;
#[cfg(feature = "trainer")]
mod settings;

pub use bars::Bars;
pub use exit::exit;
pub use most_frequent::most_frequent;
#[cfg(feature = "trainer")]
pub use notes::{Notes, read_notes};
pub use posts::{Posts, SAMPLE_POSTS, hold_out, read_posts, tell_merged};
pub use save::save;
#[cfg(feature = "trainer")]
pub use settings::Settings;

/// The Rust code of the documents, compiled as documentation tests.
#[cfg(doctest)]
mod documents {
    macro_rules! compiled {
        ($($name:ident: $file:literal),* $(,)?) => {
            $(#[doc = include_str!($file)] pub struct $name;)*
        };
    }

    compiled! {
        Readme: "../../README.md",
        ReadmeJa: "../../docs/README.ja.md",
        BuiltinRanker: "../../docs/builtin-ranker.md",
        Encoders: "../../docs/encoders.md",
        Evaluating: "../../docs/evaluating.md",
        NewCommunities: "../../docs/new-communities.md",
        Serving: "../../docs/serving.md",
        Tutorial: "../../docs/tutorial.md",
    }
}
