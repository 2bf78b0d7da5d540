//! The indexes of a small community in few bits.
//!
//! Most communities are small, and most of what a bundle has of them is their indexes: lists of few
//! posts, most of which have a feature once. In bits they take a quarter of the room. They are
//! unpacked when the community is first asked for, to the very same tables.

mod bits;
mod field;

use hashrec_storage::Table;

use self::bits::{BitReader, BitWriter};
use crate::{CommunityModel, features::FIELDS, index::FieldIndex};

/// Communities with more posts are not packed: to unpack them would take longer than an answer.
const MOST_POSTS: usize = 256;

/// The generators of a community, in as little memory as a store needs to write them.
#[derive(Clone, Debug, PartialEq)]
pub struct PackedModel {
    /// Without indexes if they are packed, but for the scales.
    pub(crate) model: CommunityModel,
    /// Empty if the community is too large to be packed.
    pub(crate) bits: Table<u8>,
}

impl From<CommunityModel> for PackedModel {
    fn from(mut model: CommunityModel) -> Self {
        let bits = pack(&model);
        if !bits.is_empty() {
            for field in &mut model.fields {
                *field = FieldIndex { scales: field.scales.clone(), ..FieldIndex::default() };
            }
        }
        Self { model, bits: bits.into() }
    }
}

/// The indexes of a model in bits; none if it is not packed.
fn pack(model: &CommunityModel) -> Vec<u8> {
    let posts = model.gold.view().posts();
    if posts > MOST_POSTS {
        return Vec::new();
    }
    let mut out = BitWriter::default();
    let packed = model
        .fields
        .iter()
        .all(|field| field.scales.len() == posts && field::pack(field, posts, &mut out).is_some());
    if packed { out.finish() } else { Vec::new() }
}

/// The indexes over posts of these scales; `None` if the bits are of none.
pub(crate) fn unpack(bits: &[u8], scales: [&[f32]; FIELDS]) -> Option<[FieldIndex; FIELDS]> {
    let mut reader = BitReader::new(bits);
    let [words, characters] = scales;
    let words = field::unpack(&mut reader, words)?;
    let characters = field::unpack(&mut reader, characters)?;
    (reader.left() < 8).then_some([words, characters])
}
