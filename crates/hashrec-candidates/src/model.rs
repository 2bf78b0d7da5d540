//! Copying the generators of a community out of a store.

use hashrec_data::CommunityId;
use hashrec_storage::{Element, Table};

use crate::{
    CandidateStore, CommunityModel, CommunityView, PackedModel, features::FIELDS, gold::GoldTables,
    index::FieldIndex, recent::RecentModel, sums::Sums,
};

impl CandidateStore {
    /// A copy of the generators of a community, for another store; `None` if the community is not in
    /// this one. What is packed stays so.
    pub fn model(&self, community: CommunityId) -> Option<PackedModel> {
        let (view, bits) = self.as_stored(community)?;
        let mut model = CommunityModel::copy(&view);
        if !bits.is_empty() {
            let (least, scales) = self.as_packed(community)?;
            model.least = least;
            for (field, scales) in model.fields.iter_mut().zip(scales) {
                *field = FieldIndex { scales: copied(scales), ..FieldIndex::default() };
            }
        }
        Some(PackedModel { model, bits: copied(bits) })
    }
}

impl CommunityModel {
    /// Copies the tables that a view refers to.
    fn copy(view: &CommunityView<'_>) -> Self {
        let fields: [FieldIndex; FIELDS] = match view.fields {
            None => Default::default(),
            Some(fields) => fields.map(|field| FieldIndex {
                starts: copied(field.vocabulary.starts()),
                keys: copied(field.vocabulary.keys()),
                offsets: copied(field.postings.offsets),
                narrow: copied(field.postings.narrow),
                wide: copied(field.postings.wide),
                counts: copied(field.postings.counts),
                scales: copied(field.postings.scales),
            }),
        };
        Self {
            least: view.fields.map_or(1, |[words, _]| words.least),
            fields,
            gold: GoldTables::copy(view.gold),
            support: copied(view.linear.support),
            weights: copied(view.linear.weights),
            bias: copied(view.linear.bias),
            recent: RecentModel {
                times: copied(view.recent.times),
                mixed: view.recent.mixed,
                weights: copied(view.recent.linear.weights),
                bias: copied(view.recent.linear.bias),
            },
            sums: Sums {
                columns: view.sums.columns.map(copied),
                linear: copied(view.sums.linear),
                recent: copied(view.sums.recent),
                knots: copied(view.sums.knots),
                near: copied(view.sums.near),
            },
            nearest: view.nearest.clone(),
            recency: view.recent.params.clone(),
            mixture: view.recent.mixture.clone(),
            extractor: view.extractor.clone(),
        }
    }
}

fn copied<T: Element>(values: &[T]) -> Table<T> {
    values.to_vec().into()
}
