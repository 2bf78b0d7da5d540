//! The posts of one step, as the net reads them.

use std::{collections::BTreeMap, sync::Arc};

use candle_core::{Device, Result, Tensor};

use crate::sequences::Sequences;

/// Packed posts and their communities on the device that computes the net.
pub(super) struct Batch {
    pub(super) device: Device,
    /// The words, packed: [`Sequences`] numbers the rows of all tensors of tokens and posts.
    pub(super) sequences: Arc<Sequences>,
    /// The posts of each community, by community.
    pub(super) members: BTreeMap<usize, Vec<u32>>,
    /// For every post the position of its community in `members`: `[posts]`.
    pub(super) places: Tensor,
}

impl Batch {
    /// A batch of packed words; `communities` holds one community for each post, in packed order.
    pub(super) fn new(
        sequences: Sequences,
        communities: &[usize],
        device: &Device,
    ) -> Result<Self> {
        let mut members: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for (post, &community) in communities.iter().enumerate() {
            members.entry(community).or_default().push(post as u32);
        }
        let place = |community: &usize| members.range(..community).count() as u32;
        let places: Vec<u32> = communities.iter().map(place).collect();
        let places = Tensor::new(places, device)?;
        Ok(Self { device: device.clone(), sequences: Arc::new(sequences), members, places })
    }

    /// How to pad the posts of this batch.
    pub(super) fn padding(&self) -> Result<Padding> {
        let (posts, longest) = (self.sequences.posts(), self.sequences.longest());
        let (mut index, mut mask) = (vec![0u32; posts * longest], vec![0u8; posts * longest]);
        let (mut places, mut lengths) = (Vec::new(), Vec::with_capacity(posts));
        for post in 0..posts {
            let tokens = self.sequences.tokens_of(post);
            lengths.push(tokens.len() as f32);
            for (token, place) in tokens.zip(post * longest..) {
                (index[place], mask[place]) = (token as u32, 1);
                places.push(place as u32);
            }
        }
        Ok(Padding {
            index: Tensor::new(index, &self.device)?,
            places: Tensor::new(places, &self.device)?,
            mask: Tensor::from_vec(mask, (posts, longest), &self.device)?,
            lengths: Tensor::from_vec(lengths, (posts, 1), &self.device)?,
        })
    }
}

/// The way between packed tokens and posts padded to the longest.
pub(super) struct Padding {
    /// The token at every place of the padded posts; padding repeats the first token of the batch.
    index: Tensor,
    /// The place of every token.
    places: Tensor,
    /// 1 where there is a token, 0 where there is padding: `[posts, longest]`.
    pub(super) mask: Tensor,
    /// Tokens of each post: `[posts, 1]`.
    pub(super) lengths: Tensor,
}

impl Padding {
    /// `[tokens, width]` → `[posts, longest, width]`. What stands in the padding must be masked.
    pub(super) fn pad(&self, x: &Tensor) -> Result<Tensor> {
        let (posts, longest) = self.mask.dims2()?;
        x.index_select(&self.index, 0)?.reshape((posts, longest, x.dim(1)?))
    }

    /// `[posts, longest, width]` → `[tokens, width]`.
    pub(super) fn unpad(&self, x: &Tensor) -> Result<Tensor> {
        let (posts, longest, width) = x.dims3()?;
        x.reshape((posts * longest, width))?.index_select(&self.places, 0)
    }
}
