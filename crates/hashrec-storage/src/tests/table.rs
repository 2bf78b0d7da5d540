//! Tables as values.

use crate::Table;

#[test]
fn tables_with_the_same_elements_are_equal() {
    let table = |elements: &[u32]| Table::from(elements.to_vec());
    assert_eq!(table(&[1, 2]), table(&[1, 2]));
    assert_ne!(table(&[1, 2]), table(&[1, 3]));
    assert_ne!(table(&[1, 2]), table(&[1]));
    assert_eq!(format!("{:?}", table(&[1, 2])), "Table<u32>[2]");
}
