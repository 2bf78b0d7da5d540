//! The little of protocol buffers' wire format that a SentencePiece model needs.
//!
//! <https://protobuf.dev/programming-guides/encoding/>

/// One field's value.
#[derive(Debug, PartialEq)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
    /// A value of a kind that no field asked for has.
    Other,
}

impl<'a> Value<'a> {
    pub(super) fn number(&self) -> Option<u64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    pub(super) fn bytes(&self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(super) fn float(&self) -> Option<f32> {
        if let Self::Fixed32(bytes) = self { Some(f32::from_le_bytes(*bytes)) } else { None }
    }
}

/// The fields of a message, each with its number, in the order of the file. `None` ends a message
/// that is malformed.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => {
                self.take(8)?;
                Value::Other
            }
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Fixed32(self.take(4)?.try_into().ok()?),
            _ => return None,
        };
        Some((key >> 3, value))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.rest = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_of_field_is_read() {
        let message = [
            0x08, 0x96, 0x01, // 1: 150
            0x12, 0x02, b'h', b'i', // 2: "hi"
            0x1D, 0x00, 0x00, 0x80, 0x3F, // 3: 1.0
            0x21, 0, 0, 0, 0, 0, 0, 0, 0, // 4: 64 bits
        ];
        let fields: Vec<_> = Fields::new(&message).map(Option::unwrap).collect();
        assert_eq!(fields[0], (1, Value::Number(150)));
        assert_eq!(fields[1].1.bytes(), Some(&b"hi"[..]));
        assert_eq!(fields[2].1.float(), Some(1.0));
        assert_eq!(fields[3], (4, Value::Other));
        for cut in 1..message.len() {
            let whole = [3, 7, 12];
            let ends_well = Fields::new(&message[..cut]).all(|field| field.is_some());
            assert_eq!(ends_well, whole.contains(&cut), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            prop_assert!(Fields::new(&bytes).count() <= bytes.len());
        }
    }
}
