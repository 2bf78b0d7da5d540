//! Numbers that stand for names, exact to the last digit.

/// The largest whole number up to which a floating-point number has every whole number.
const EXACT: u64 = 1 << 53;

/// A number in JSON's notation as a whole number; `None` if it isn't one.
///
/// Whole numbers keep their digits, however many. Numbers written with a point or an exponent went
/// through floating point: `1.0` and `1e3` are whole, but beyond 2⁵³ their last digits are made up.
pub(crate) fn whole(text: &str) -> Option<String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let digits = if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.to_owned()
    } else {
        float(digits)?
    };
    let negative = negative && digits.bytes().any(|digit| digit != b'0');
    Some(if negative { format!("-{digits}") } else { digits })
}

/// The digits of a whole number that is written as floating point.
fn float(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{before}{after}");
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if digits.bytes().all(|digit| digit == b'0') {
        return Some("0".into());
    }
    let point = i64::try_from(before.len()).ok()?.checked_add(exponent.parse().ok()?)?;
    let point = usize::try_from(point).ok()?;
    if point > digits.len() {
        // More zeros than 2⁵³ has digits make no number that could be exact.
        let zeros = point - digits.len();
        digits.extend(std::iter::repeat_n('0', zeros.min(17)));
    } else if !digits.split_off(point).bytes().all(|digit| digit == b'0') {
        return None;
    }
    let value: u64 = digits.trim_start_matches('0').parse().ok()?;
    (value <= EXACT).then(|| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn whole_numbers_keep_every_digit() {
        for (text, expected) in [
            ("7", "7"),
            ("-3", "-3"),
            ("-0", "0"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1.0", "1"),
            ("-2.50e1", "-25"),
            ("1e3", "1000"),
            ("1E+3", "1000"),
            ("1200e-2", "12"),
            ("0.0", "0"),
            ("-0.0e9", "0"),
            ("0e400", "0"),
            ("0.5e1", "5"),
            ("9007199254740992.0", "9007199254740992"),
        ] {
            assert_eq!(whole(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_whole_or_not_exact_is_refused() {
        for text in [
            "1.5",
            "1e-1",
            "0.1",
            "1.0000000000000000001",
            "9007199254740993.0",
            "1.2345678901234567e18",
            "1e400",
            "1e99999999999999999999",
            "12e-400",
        ] {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}
