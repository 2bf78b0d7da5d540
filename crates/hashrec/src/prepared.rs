//! Posts as every step takes them: with their tokens, communities and hashtags. Pure data.

use hashrec_candidates::{MeaningInput, PostInput};
use hashrec_data::{CommunityId, CommunitySpace, HashtagId, HashtagSpace, Post};
use hashrec_features::{Analysis, PostView};
use hashrec_tokenize::{TextTokenizer, Tokenizer, Tokens};
use rayon::prelude::*;

use crate::notes::Notes;

/// Posts that are worked on together: enough to keep all threads busy, few enough to hold what is
/// computed for them in memory.
pub(crate) const CHUNK: usize = 256;

/// Posts and what is known of each; the vectors have one element per post.
pub(crate) struct Prepared<'a> {
    pub(crate) posts: &'a [Post],
    pub(crate) space: HashtagSpace,
    pub(crate) tokens: Vec<Tokens>,
    pub(crate) communities: Vec<CommunityId>,
    /// The hashtags that the post carries and its community's space has.
    pub(crate) gold: Vec<Vec<HashtagId>>,
    /// What posts and hashtags mean, if that is known.
    pub(crate) encoded: Encoded,
    /// What is known of hashtags beside their names.
    pub(crate) notes: Notes,
}

impl<'a> Prepared<'a> {
    /// Posts of the communities of a space.
    pub(crate) fn new(posts: &'a [Post], space: HashtagSpace, tokens: Vec<Tokens>) -> Self {
        let communities: Vec<CommunityId> =
            posts.iter().filter_map(|post| space.community_id(&post.community)).collect();
        let gold_of = |(post, &community): (&Post, &CommunityId)| {
            space.community(community).map_or(Vec::new(), |space| gold(space, post))
        };
        let gold = posts.iter().zip(&communities).map(gold_of).collect();
        let (encoded, notes) = (Encoded::default(), Notes::default());
        Self { posts, space, tokens, communities, gold, encoded, notes }
    }

    /// The posts of each community that carry hashtags, by position, in the order of community
    /// ids. A post without hashtags doesn't mean that none fits: only its words are learned from.
    pub(crate) fn by_community(&self) -> Vec<Vec<usize>> {
        let mut groups = vec![Vec::new(); self.space.len()];
        for (position, community) in self.communities.iter().enumerate() {
            if !self.gold[position].is_empty() {
                groups[community.index()].push(position);
            }
        }
        groups
    }

    /// A post by position.
    pub(crate) fn labelled(&self, post: usize) -> LabelledPost<'_> {
        LabelledPost {
            post: &self.posts[post],
            tokens: &self.tokens[post],
            gold: &self.gold[post],
            meaning: self.encoded.post(post),
        }
    }

    /// All posts that carry hashtags.
    pub(crate) fn labelled_posts(&self) -> impl Iterator<Item = LabelledPost<'_>> {
        let all = (0..self.posts.len()).map(|post| self.labelled(post));
        all.filter(|labelled| !labelled.gold.is_empty())
    }
}

/// What posts and hashtags mean: vectors of an encoder; empty if there is none.
#[derive(Default)]
pub(crate) struct Encoded {
    /// Of each post the vector of its text, then that of its title.
    pub(crate) posts: Vec<f32>,
    /// The vectors of the names of each community's hashtags, by community id.
    pub(crate) names: Vec<Vec<f32>>,
    /// Floats in a vector.
    pub(crate) dim: usize,
}

impl Encoded {
    /// The vectors of a post by position; empty if there are none.
    pub(crate) fn post(&self, post: usize) -> &[f32] {
        let width = 2 * self.dim;
        self.posts.get(post * width..(post + 1) * width).unwrap_or_default()
    }

    /// The vectors of the names of a community's hashtags; empty if there are none.
    pub(crate) fn names(&self, community: CommunityId) -> &[f32] {
        self.names.get(community.index()).map_or(&[], Vec::as_slice)
    }
}

/// A post, its tokens, and its hashtags in the space of its community.
#[derive(Clone, Copy)]
pub(crate) struct LabelledPost<'a> {
    pub(crate) post: &'a Post,
    pub(crate) tokens: &'a Tokens,
    pub(crate) gold: &'a [HashtagId],
    /// The vectors of its text and its title; empty if they are not known.
    pub(crate) meaning: &'a [f32],
}

impl LabelledPost<'_> {
    /// The post as the features see it.
    pub(crate) fn view(&self) -> PostView<'_> {
        PostView::new(&self.post.text, self.tokens, self.post.created_at)
    }

    /// The post, read for the ranker's rows.
    pub(crate) fn analysis(&self) -> Analysis {
        Analysis::new(&self.view())
    }
}

/// Posts as the index takes them.
pub(crate) fn inputs<'a>(posts: impl IntoIterator<Item = LabelledPost<'a>>) -> Vec<PostInput<'a>> {
    let input = |labelled: LabelledPost<'a>| PostInput {
        tokens: labelled.tokens,
        text: &labelled.post.text,
        created_at: labelled.post.created_at,
        meaning: labelled.meaning,
        gold: labelled.gold,
    };
    posts.into_iter().map(input).collect()
}

/// Posts as the candidates by meaning take them.
pub(crate) fn meaning_inputs<'a>(posts: &[LabelledPost<'a>]) -> Vec<MeaningInput<'a>> {
    posts.iter().map(|post| MeaningInput { vector: post.meaning, gold: post.gold }).collect()
}

/// The hashtags of a post that its community's space has.
pub(crate) fn gold(space: &CommunitySpace, post: &Post) -> Vec<HashtagId> {
    post.hashtags.iter().filter_map(|tag| space.id(tag)).collect()
}

/// The tokens of posts, in order, on all threads.
pub(crate) fn tokenize<'a>(
    tokenizer: &'a TextTokenizer,
    posts: &'a [Post],
) -> impl IndexedParallelIterator<Item = Tokens> + 'a {
    posts.par_iter().map_init(
        || (tokenizer.worker(), Tokens::default()),
        |(worker, tokens), post| {
            worker.tokenize(&post.text, tokens);
            // A copy takes no more memory than it needs.
            tokens.clone()
        },
    )
}

/// The tokens of all posts, in order; `report` hears of how many posts they are, and may stop.
pub(crate) fn all_tokens<E>(
    tokenizer: &TextTokenizer,
    posts: &[Post],
    mut report: impl FnMut(usize) -> Result<(), E>,
) -> Result<Vec<Tokens>, E> {
    let mut all = Vec::with_capacity(posts.len());
    for chunk in posts.chunks(CHUNK * 8) {
        all.par_extend(tokenize(tokenizer, chunk));
        report(all.len())?;
    }
    Ok(all)
}
