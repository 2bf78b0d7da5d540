//! A trie in one array, read in place.
//!
//! The layout is that of *darts-clone*, which SentencePiece's rules use as well. A node's children
//! are at the exclusive or of its base and their byte; a node's value is at its base.

/// The most bytes of a key that is looked for: damaged tries may go round in circles.
pub(super) const LONGEST: usize = 1 << 10;
/// The bit of units that hold a value.
pub(super) const VALUE: u32 = 1 << 31;
/// The bit of nodes that have a value.
pub(super) const HAS_VALUE: u32 = 1 << 8;
/// The bit of nodes whose base is far away, and counted in blocks.
pub(super) const FAR: u32 = 1 << 9;
/// Where a node's way to its base begins; its byte stands below.
pub(super) const WAY: u32 = 10;

/// A trie. Any numbers make one, though not a sensible one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trie<'a>(pub(super) &'a [u32]);

/// A place in a trie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    base: usize,
    has_value: bool,
}

impl Trie<'_> {
    /// Where every key begins.
    pub(super) fn root(&self) -> Node {
        self.node(0).unwrap_or(Node { base: 0, has_value: false })
    }

    fn node(&self, at: usize) -> Option<Node> {
        let unit = *self.0.get(at)?;
        let way = ((unit >> WAY) as usize) << ((unit & FAR) >> 6);
        Some(Node { base: at ^ way, has_value: unit & HAS_VALUE != 0 })
    }

    /// Where a byte leads from a node.
    #[inline]
    pub(super) fn step(&self, node: Node, byte: u8) -> Option<Node> {
        let at = node.base ^ usize::from(byte);
        let unit = *self.0.get(at)?;
        // Zero marks values: it never stands in a key.
        if byte == 0 || unit & (VALUE | 0xff) != u32::from(byte) {
            return None;
        }
        let way = ((unit >> WAY) as usize) << ((unit & FAR) >> 6);
        Some(Node { base: at ^ way, has_value: unit & HAS_VALUE != 0 })
    }

    /// Where bytes lead from a node.
    pub(super) fn walk(&self, from: Node, bytes: &[u8]) -> Option<Node> {
        bytes.iter().try_fold(from, |node, &byte| self.step(node, byte))
    }

    /// The value of the key that ends at a node.
    #[inline]
    pub(super) fn value(&self, node: Node) -> Option<u32> {
        let unit = node.has_value.then(|| self.0.get(node.base))??;
        Some(unit & !VALUE)
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &[u8]) -> Option<u32> {
        self.value(self.walk(self.root(), key)?)
    }

    /// The keys that `bytes` begin with, shortest first: their lengths and values. With a `from`
    /// other than the root: what is left of the keys that led there. Longer keys than [`LONGEST`]
    /// are not found.
    pub(super) fn prefixes(&self, from: Node, bytes: &[u8]) -> impl Iterator<Item = (usize, u32)> {
        let mut node = from;
        bytes
            .iter()
            .take(LONGEST)
            .map_while(move |&byte| {
                node = self.step(node, byte)?;
                Some(node)
            })
            .enumerate()
            .filter_map(|(at, node)| Some((at + 1, self.value(node)?)))
    }
}
