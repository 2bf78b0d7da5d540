//! Times as text.

use jiff::{
    SignedDuration,
    civil::{Date, DateTime},
    fmt::{
        rfc2822,
        temporal::{Pieces, TimeZoneAnnotationKind},
    },
};

use crate::{names::trim, nothing::is_nothing};

/// The expected form of a time, for messages.
pub(crate) const EXPECTED: &str =
    "an ISO 8601 time such as 2024-05-01T09:30:00+09:00, Unix seconds, or null";

/// The same, for a time that stands in a time zone given by name alone.
const EXPECTED_OFFSET: &str = "an offset such as +09:00 in place of, or before, the name of a time zone: names are not looked up, because the result would depend on the machine";

/// Where a time lies that is not written, for messages.
pub(crate) const UNWRITABLE: &str = "outside the years -9999 to 9998, or in the years 0 or 1";

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The years whose times stand for "never" or "unknown" in databases: MySQL's zero date, the first
/// year of .NET and Go, and the last that has four digits.
const NEVER: [i16; 3] = [0, 1, 9999];

/// The Unix seconds of a time; `None` if the text says that there is none, as `NULL` does, or any
/// time of the years 0, 1 and 9999.
///
/// A time is ISO 8601, a date with the year first (`2025/4/1 6:30`), an e-mail's (RFC 2822), or a
/// number: Unix seconds of 10 digits, or milli-, micro- or nanoseconds of 13, 16 or 19. A time
/// without an offset is in UTC; fractions of a second are dropped.
///
/// # Errors
/// What is expected instead.
pub(crate) fn parse(text: &str) -> Result<Option<i64>, &'static str> {
    let text = trim(text);
    let zero = text.starts_with("0000-00-00") || text.starts_with("0000/00/00");
    if is_nothing(text) || zero || matches!(text, "infinity" | "-infinity") {
        return Ok(None);
    }
    if let Some(seconds) = number(text) {
        return Ok(Some(seconds));
    }
    if (text.contains(',') || text.ends_with("GMT"))
        && let Some(seconds) = mail(text)
    {
        return Ok(Some(seconds));
    }
    iso(&normal(text))
}

/// The time in ISO 8601 with a final `Z`; `None` where [`parse`] would not give it back.
pub(crate) fn format(seconds: i64) -> Option<String> {
    let civil = EPOCH.checked_add(SignedDuration::from_secs(seconds)).ok()?;
    (!NEVER.contains(&civil.year())).then(|| format!("{civil}Z"))
}

/// Seconds and their fractions since 1970, told apart by the number of digits: 10 digits of seconds
/// last from 2001 to 2286. Other numbers could as well be dates.
fn number(text: &str) -> Option<i64> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
    let per_second = match digits.len() {
        10 => 1,
        13 => 1_000,
        16 => 1_000_000,
        19 => 1_000_000_000,
        _ => return None,
    };
    if !digits.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse::<i64>().ok()? / per_second)
}

/// RFC 2822, as in e-mails and HTTP. Its rule that an unknown zone means UTC is not followed.
fn mail(text: &str) -> Option<i64> {
    let zone = text.rsplit(' ').next()?;
    let numeric = zone.starts_with(['+', '-']);
    if !numeric && !matches!(zone, "GMT" | "UT" | "UTC" | "Z") {
        return None;
    }
    let instant = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(instant.as_second())
}

fn iso(text: &str) -> Result<Option<i64>, &'static str> {
    let pieces = Pieces::parse(text).map_err(|_| EXPECTED)?;
    let civil = pieces.date().to_datetime(pieces.time().unwrap_or_default());
    if NEVER.contains(&civil.year()) {
        return Ok(None);
    }
    let offset = match (pieces.to_numeric_offset(), pieces.time_zone_annotation()) {
        (Some(offset), _) => i64::from(offset.seconds()),
        (None, None) => 0,
        (None, Some(annotation)) => match annotation.kind() {
            TimeZoneAnnotationKind::Offset(offset) => i64::from(offset.seconds()),
            _ => return Err(EXPECTED_OFFSET),
        },
    };
    // Without its fraction, a civil time is rounded down, before 1970 too.
    Ok(Some(whole_seconds(civil) - offset))
}

fn whole_seconds(civil: DateTime) -> i64 {
    let midnight = civil.date().to_datetime(jiff::civil::Time::midnight());
    let time = civil.time();
    midnight.duration_since(EPOCH).as_secs()
        + i64::from(time.hour()) * 3_600
        + i64::from(time.minute()) * 60
        + i64::from(time.second())
}

/// Brings the forms that differ from ISO 8601 in blanks and padding alone to it; leaves others.
fn normal(text: &str) -> String {
    let (date, rest) = match text.split_once([' ', 'T', 't', '\u{3000}']) {
        Some((date, rest)) => (date, rest.trim_start()),
        None => (text, ""),
    };
    let Some(date) = year_first(date) else { return text.to_owned() };
    if rest.is_empty() {
        return date.to_string();
    }
    let rest = match rest.strip_suffix("UTC").or_else(|| rest.strip_suffix("GMT")) {
        Some(time) => format!("{}Z", time.trim_end()),
        None => rest.replacen(" +", "+", 1).replacen(" -", "-", 1).replacen(" Z", "Z", 1),
    };
    let pad = if rest.as_bytes().get(1) == Some(&b':') { "0" } else { "" };
    format!("{date}T{pad}{rest}")
}

/// A date written as year, month and day with the same mark between them.
fn year_first(date: &str) -> Option<Date> {
    let marks = [("-", "-"), ("/", "/"), (".", "."), ("年", "月")];
    marks.iter().find_map(|(first, second)| {
        let (year, rest) = date.split_once(first)?;
        let (month, day) = rest.split_once(second)?;
        let day = if *first == "年" { day.strip_suffix('日')? } else { day };
        let number = |text: &str, most: usize| {
            let fits = text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
            fits.then(|| text.parse::<i16>().ok()).flatten()
        };
        let year = if year.len() == 4 { number(year, 4)? } else { return None };
        let (month, day) = (i8::try_from(number(month, 2)?), i8::try_from(number(day, 2)?));
        Date::new(year, month.ok()?, day.ok()?).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_offsets_plain_times_and_dates() {
        for (text, seconds) in [
            ("1970-01-01T00:00:01Z", 1),
            ("1970-01-01T09:00:00+09:00", 0),
            ("1970-01-01T09:00:00+0900", 0),
            ("1970-01-01 09:00:00+09", 0),
            ("1970-01-01 00:01:00", 60),
            ("1970-01-01T00:01", 60),
            ("1970-01-02", 86_400),
            ("19700102", 86_400),
            (" 2024-02-29T12:00:00.999Z ", 1_709_208_000),
            ("1969-12-31T23:59:59.5Z", -1),
            ("1969-12-31T15:00:00.5-09:00", 0),
        ] {
            assert_eq!(parse(text), Ok(Some(seconds)), "{text}");
        }
    }

    #[test]
    fn reads_what_differs_from_iso_8601_in_form_alone() {
        for text in [
            "2025/04/01 6:30",
            "2025/4/1 06:30:00",
            "2025.4.1 6:30",
            "2025年4月1日 6:30",
            "2025-04-01 06:30:00 UTC",
            "2025-04-01 06:30:00UTC",
            "2025-04-01 15:30:00 +0900",
            "2025-03-31 21:30:00 -09:00",
            "2025-04-01 06:30:00.25 Z",
            "2025-04-01　6:30",
            "Tue, 1 Apr 2025 15:30:00 +0900",
            "Tue, 01 Apr 2025 06:30:00 GMT",
            "1 Apr 2025 06:30:00 GMT",
            "1743489000",
            "1743489000.75",
            "1743489000123",
            "1743489000123456",
            "1743489000123456789",
            "2025-04-01T15:30:00+09:00[Asia/Tokyo]",
            "2025-04-01T06:30:00Z[Europe/Paris]",
            "2025-04-01T15:30:00[+09:00]",
            "2025-04-01T06:30:00[u-ca=japanese]",
        ] {
            assert_eq!(parse(text), Ok(Some(1_743_489_000)), "{text}");
        }
        assert_eq!(parse("2025/4/1"), parse("2025-04-01"));
    }

    #[test]
    fn refuses_what_is_no_time_or_could_be_two() {
        for text in [
            "yesterday",
            "2023-02-29",
            "2023/02/29 6:30",
            "2024-13-01T00:00:00Z",
            "12",
            "170000000",
            "17000000000",
            "1700000000x",
            "1700000000.x",
            "20250401213000",
            "01/04/2025",
            "25/04/01",
            "2025/04-01",
            "2025年4月1 6:30",
            "02025/04/01",
            "2025/004/01",
            "2025/04/01 6:30 PM",
            "2025-04-01T06:30:00 JST",
            "Tue, 1 Apr 2025 15:30:00 JST",
            "Tue, 1 Apr 2025 15:30:00 CST",
            "Tue, 1 Apr 2025 15:30:00 A",
            "2025-04-01T24:30:00Z",
        ] {
            assert_eq!(parse(text), Err(EXPECTED), "{text}");
        }
        for text in ["2025-04-01T21:30:00[Asia/Tokyo]", "2025/4/1 6:30[America/New_York]"] {
            assert_eq!(parse(text), Err(EXPECTED_OFFSET), "{text}");
        }
    }

    #[test]
    fn what_stands_for_no_time_is_none() {
        for text in [
            "",
            " NULL",
            "\\N",
            "NaT",
            "-",
            "0000-00-00 00:00:00",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59.9999999-12:00",
            "9999-12-30T15:00:00Z",
            "9999/12/31",
            "infinity",
            "-infinity",
        ] {
            assert_eq!(parse(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for seconds in [0, -1, 1_709_208_000, -62_104_060_800, 253_370_764_799, -99_999_999_999] {
            assert_eq!(parse(&format(seconds).unwrap()), Ok(Some(seconds)));
        }
        for seconds in [i64::MAX, i64::MIN, 253_370_764_800, 253_402_300_799, -62_135_596_800] {
            assert_eq!(format(seconds), None, "{seconds}");
        }
    }
}
