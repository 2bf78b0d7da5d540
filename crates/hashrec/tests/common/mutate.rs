//! Bundles with right hashes and wrong contents: valid tables of wrong values, headers with other
//! numbers, tables of other lengths or in each other's place.
//!
//! Everything is drawn from a source of numbers, so that a test can give it a seed and a fuzzer its
//! input.
#![allow(dead_code, unreachable_pub)] // Each user is a crate of its own and uses some of it.

use std::{collections::BTreeMap, fs, path::Path};

use hashrec::{RecommendError, Recommender, Request};
use serde_json::{Map, Value, value::RawValue};

/// A source of numbers.
pub type Source<'a> = dyn FnMut() -> u64 + 'a;

/// A sequence of numbers that depends only on where it starts.
pub fn numbers(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

fn below(source: &mut Source<'_>, end: usize) -> usize {
    (source() % end.max(1) as u64) as usize
}

/// A bundle, taken apart.
#[derive(Clone)]
pub struct Bundle {
    pub manifest: Value,
    /// By segment and name; those of the training are in segment 0.
    pub parts: BTreeMap<(usize, String), Part>,
}

/// A part, taken apart: the layout is that of safetensors.
#[derive(Clone)]
pub struct Part {
    /// What the part's owner wrote beside its tables.
    header: Value,
    tables: Vec<Table>,
}

#[derive(Clone)]
struct Table {
    name: String,
    dtype: String,
    bytes: Vec<u8>,
}

impl Table {
    fn width(&self) -> usize {
        match self.dtype.as_str() {
            "U8" | "I8" | "BOOL" => 1,
            "U16" | "I16" | "F16" | "BF16" => 2,
            "U32" | "I32" | "F32" => 4,
            _ => 8,
        }
    }

    fn len(&self) -> usize {
        self.bytes.len() / self.width()
    }

    fn element(&self, at: usize) -> &[u8] {
        &self.bytes[at * self.width()..(at + 1) * self.width()]
    }

    /// An odd value of the table's type.
    fn odd(&self, source: &mut Source<'_>) -> Vec<u8> {
        let len = self.len();
        let float = match below(source, 9) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => 3e38,
            4 => -3e38,
            5 => 1e-45,
            6 => 0.0,
            7 => f64::from_bits(source()),
            _ => source() as i64 as f64 * 1e10,
        };
        let near = if len > 0 { self.element(below(source, len)).to_vec() } else { Vec::new() };
        let near = near.iter().rev().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte));
        let integer = match below(source, 9) {
            0 => 0,
            1 => u64::MAX,
            2 => 1 << (8 * self.width() - 1),
            3 => near.wrapping_add(1),
            4 => near.wrapping_sub(1),
            5 => near,
            6 => len as u64,
            7 => source() % 256,
            _ => source(),
        };
        match self.dtype.as_str() {
            "F32" => (float as f32).to_le_bytes().to_vec(),
            "F64" => float.to_le_bytes().to_vec(),
            _ => integer.to_le_bytes()[..self.width()].to_vec(),
        }
    }

    fn set(&mut self, at: usize, value: &[u8]) {
        let width = self.width();
        self.bytes[at * width..(at + 1) * width].copy_from_slice(value);
    }
}

impl Part {
    fn read(bytes: &[u8]) -> Self {
        let len = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let head: Map<String, Value> = serde_json::from_slice(&bytes[8..8 + len]).unwrap();
        let header = head["__metadata__"]["hashrec"].as_str().unwrap();
        let mut tables: Vec<(u64, Table)> = Vec::new();
        for (name, entry) in head.iter().filter(|(name, _)| *name != "__metadata__") {
            let place = |at: usize| entry["data_offsets"][at].as_u64().unwrap();
            let (from, to) = (place(0), place(1));
            let bytes = bytes[8 + len + from as usize..8 + len + to as usize].to_vec();
            let dtype = entry["dtype"].as_str().unwrap().to_owned();
            tables.push((from, Table { name: name.clone(), dtype, bytes }));
        }
        tables.sort_by_key(|(from, _)| *from);
        let tables = tables.into_iter().map(|(_, table)| table).collect();
        Self { header: serde_json::from_str(header).unwrap(), tables }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut head = Map::new();
        let metadata = serde_json::json!({ "hashrec": self.header.to_string() });
        head.insert("__metadata__".to_owned(), metadata);
        let mut data: Vec<u8> = Vec::new();
        for table in &self.tables {
            let from = data.len();
            data.extend_from_slice(&table.bytes);
            let entry = serde_json::json!({
                "dtype": table.dtype, "shape": [table.len()], "data_offsets": [from, data.len()],
            });
            head.insert(table.name.clone(), entry);
        }
        let mut head = serde_json::to_vec(&head).unwrap();
        head.resize(head.len().next_multiple_of(8), b' ');
        [&(head.len() as u64).to_le_bytes()[..], &head, &data].concat()
    }

    fn change(&mut self, source: &mut Source<'_>) {
        let count = self.tables.len();
        let (at, other) = (below(source, count), below(source, count));
        match below(source, 8) {
            0 => change_json(&mut self.header, source),
            1 if self.tables[at].dtype == self.tables[other].dtype => {
                let bytes = self.tables[other].bytes.clone();
                self.tables[other].bytes = std::mem::replace(&mut self.tables[at].bytes, bytes);
            }
            2 => {
                let table = &mut self.tables[at];
                let len = [0, 1, table.len().saturating_sub(1), table.len() + 1, table.len() * 2]
                    [below(source, 5)];
                let (last, width) = (table.bytes.last().copied().unwrap_or(0), table.width());
                table.bytes.resize(len * width, last);
            }
            3 => {
                let table = &mut self.tables[at];
                let value = table.odd(source);
                (0..table.len()).for_each(|at| table.set(at, &value));
            }
            _ => {
                let table = &mut self.tables[at];
                for _ in 0..=below(source, 3) {
                    let value = table.odd(source);
                    if table.len() > 0 {
                        let place = below(source, table.len());
                        table.set(place, &value);
                    }
                }
            }
        }
    }
}

/// Changes one number, text or flag of a JSON value.
fn change_json(value: &mut Value, source: &mut Source<'_>) {
    match value {
        Value::Array(list) if !list.is_empty() => {
            let at = below(source, list.len());
            change_json(&mut list[at], source);
        }
        Value::Object(map) if !map.is_empty() => {
            let at = below(source, map.len());
            if let Some((_, value)) = map.iter_mut().nth(at) {
                change_json(value, source);
            }
        }
        Value::Bool(flag) => *flag = !*flag,
        Value::String(text) => {
            *text = ["", "x", "\u{0}", "linear", "floret"][below(source, 5)].into()
        }
        other => {
            let near = other.as_f64().unwrap_or(0.0);
            *other = match below(source, 9) {
                0 => 0.into(),
                1 => u64::MAX.into(),
                2 => i64::MIN.into(),
                3 => (near + 1.0).into(),
                4 => (near - 1.0).into(),
                5 => (near as i64).wrapping_add(1).into(),
                6 => (near as i64).wrapping_mul(1_000).into(),
                7 => 1e300.into(),
                _ => Value::Null,
            };
        }
    }
}

impl Bundle {
    pub fn read(folder: &Path) -> Self {
        let text = fs::read(folder.join("manifest.json")).unwrap();
        let sealed: Value = serde_json::from_slice(&text).unwrap();
        let manifest = sealed["manifest"].clone();
        let read = |entry: &Value| {
            let bytes = fs::read(folder.join(entry["file"].as_str().unwrap())).unwrap();
            Part::read(&bytes)
        };
        let segments = manifest["segments"].as_array().into_iter().flatten();
        let mut parts = BTreeMap::new();
        for (segment, entries) in [&manifest["parts"]].into_iter().chain(segments).enumerate() {
            let entries = entries.as_object().unwrap().iter();
            parts.extend(entries.map(|(name, entry)| ((segment, name.clone()), read(entry))));
        }
        Self { manifest, parts }
    }

    /// Writes the bundle with hashes that fit.
    pub fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        let mut manifest: hashrec::Manifest = match serde_json::from_value(self.manifest.clone()) {
            Ok(manifest) => manifest,
            // Not even the types fit: nothing that could be sealed.
            Err(_) => return fs::write(folder.join("manifest.json"), "{}").unwrap(),
        };
        for ((segment, name), part) in &self.parts {
            let bytes = part.to_bytes();
            let entries = match segment.checked_sub(1) {
                None => &mut manifest.parts,
                Some(added) => &mut manifest.segments[added],
            };
            let entry = entries.get_mut(name).unwrap();
            entry.length = bytes.len() as u64;
            entry.blake3 = blake3::hash(&bytes).to_hex().to_string();
            fs::write(folder.join(&entry.file), bytes).unwrap();
        }
        fs::write(folder.join("manifest.json"), sealed(&manifest)).unwrap();
    }

    /// One to three changes.
    pub fn changed(&self, source: &mut Source<'_>) -> Self {
        let mut changed = self.clone();
        for _ in 0..=below(source, 3) {
            let at = below(source, changed.parts.len() + 1);
            match changed.parts.values_mut().nth(at) {
                Some(part) => part.change(source),
                None => change_json(&mut changed.manifest["config"], source),
            }
        }
        changed
    }
}

/// `manifest.json` as a bundle has it.
fn sealed(manifest: &hashrec::Manifest) -> Vec<u8> {
    let text = serde_json::to_string_pretty(manifest).unwrap();
    let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
    let manifest = RawValue::from_string(text).unwrap();
    let mut bytes = format!("{{\"blake3\":\"{hash}\",\"manifest\":").into_bytes();
    bytes.extend_from_slice(manifest.get().as_bytes());
    bytes.extend_from_slice(b"}\n");
    bytes
}

/// Asks a recommender in every way. Answers are finite, of the community, not denied, not chosen, and
/// no more than asked for.
pub fn ask(recommender: &Recommender, source: &mut Source<'_>) {
    let names: Vec<String> = recommender.communities().map(str::to_owned).collect();
    for community in &names {
        let own: Vec<String> =
            recommender.hashtags(community).unwrap().map(str::to_owned).collect();
        let mut request = Request::new(community, TEXTS[below(source, TEXTS.len())])
            .with_k([0, 1, 5, usize::MAX][below(source, 4)]);
        let some = |source: &mut Source<'_>| -> Vec<String> {
            (0..below(source, 3)).map(|_| own[below(source, own.len())].clone()).collect()
        };
        if !own.is_empty() {
            (request.chosen, request.denied) = (some(source), some(source));
            if source().is_multiple_of(4) {
                request.allowed = Some(some(source));
            }
        }
        request.created_at =
            [None, Some(i64::MIN), Some(i64::MAX), Some(1_700_000_000)][below(source, 4)];
        check(recommender, &request, &own);
    }
    assert!(matches!(
        recommender.recommend("no such community", "text", 3),
        Err(RecommendError::UnknownCommunity { .. })
    ));
    for text in TEXTS {
        if let Ok(Some(vector)) = recommender.text_vector(text) {
            assert!(vector.iter().all(|value| value.is_finite()), "{vector:?}");
        }
    }
    recommender.importance();
}

/// Texts of every kind, short.
pub const TEXTS: [&str; 5] = [
    "",
    "天然酵母のパンを焼きました #パン",
    "How to borrow a C++ string in Rust\nnode.js async",
    "\u{FDFA}\u{301}\u{0}🏃 朝ラン10km",
    "新機能のお知らせ 新機能 新機能 質問",
];

/// Checks the answer to one request. An error is an answer too.
pub fn check(recommender: &Recommender, request: &Request, own: &[String]) {
    let Ok(found) = recommender.recommend_for(request) else { return };
    assert!(found.len() <= request.k);
    for one in &found {
        assert!(one.score.is_finite(), "{one:?}");
        assert!(own.contains(&one.hashtag), "{one:?}");
        let named = |names: &[String]| names.contains(&one.hashtag);
        assert!(!named(&request.denied) && !named(&request.chosen), "{one:?}");
        // Another spelling of an own hashtag allows it too.
        let spelled = |names: &[String]| names.iter().any(|name| !own.contains(name));
        let allows = |names: &[String]| named(names) || spelled(names);
        assert!(request.allowed.as_deref().is_none_or(allows), "{one:?}");
    }
}
