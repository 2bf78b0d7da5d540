//! Times as ISO 8601 text.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// The expected form of a time, for messages.
pub(crate) const EXPECTED: &str = "an ISO 8601 time such as 2024-05-01T09:30:00+09:00, or null";

/// The Unix seconds of an ISO 8601 time or date. A time without an offset is in UTC; fractions of a
/// second are dropped.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let instant = text.parse::<Timestamp>().ok().or_else(|| {
        let civil = text.parse::<DateTime>().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })?;
    // Rounding down before 1970 too keeps the order of instants.
    let second = instant.as_second();
    Some(if instant.subsec_nanosecond() < 0 { second - 1 } else { second })
}

/// The time in ISO 8601 with a final `Z`; `None` outside the years −9999 to 9999.
pub(crate) fn format(seconds: i64) -> Option<String> {
    Timestamp::from_second(seconds).ok().map(|instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_offsets_plain_times_and_dates() {
        assert_eq!(parse("1970-01-01T00:00:01Z"), Some(1));
        assert_eq!(parse("1970-01-01T09:00:00+09:00"), Some(0));
        assert_eq!(parse("1970-01-01 00:01:00"), Some(60));
        assert_eq!(parse("1970-01-02"), Some(86_400));
        assert_eq!(parse(" 2024-02-29T12:00:00.999Z "), Some(1_709_208_000));
        assert_eq!(parse("1969-12-31T23:59:59.5Z"), Some(-1));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in ["", "yesterday", "2023-02-29", "1700000000", "2024-13-01T00:00:00Z"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for seconds in [0, -1, 1_709_208_000, 253_402_207_200] {
            assert_eq!(parse(&format(seconds).unwrap()), Some(seconds));
        }
        assert_eq!(format(i64::MAX), None);
    }
}
