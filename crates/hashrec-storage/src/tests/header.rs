//! Headers as values.

use proptest::prelude::*;

use crate::{Part, PartWriter};

fn read_again(number: f64) -> f64 {
    let mut writer = PartWriter::new("test", 1);
    writer.header(&number).unwrap();
    let part = Part::parse(writer.to_bytes().unwrap().into(), "test", 1).unwrap();
    part.header().unwrap()
}

#[test]
fn a_number_of_many_digits_is_not_read_as_its_neighbour() {
    assert_eq!(read_again(1.4222222222222223), 1.4222222222222223);
}

proptest! {
    #[test]
    fn numbers_are_read_as_they_were_written(number in any::<f64>()) {
        prop_assert_eq!(read_again(number).to_bits(), number.to_bits());
    }
}
