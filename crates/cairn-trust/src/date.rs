//! Days as they stand in `person.toml`: `2027-06-30`, midnight UTC.

use serde::{Deserialize, Deserializer, de::Error};

/// Seconds in a day; leap seconds do not exist in Unix time.
pub const DAY: i64 = 86_400;

/// A moment, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub i64);

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = String::deserialize(from)?;
        parse(&text)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is no day: write it as \"2027-06-30\"")))
    }
}

/// `2027-06-30` as its first second. Years 1970 to 9999.
pub fn parse(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if !shape {
        return None;
    }
    let year: i64 = text[..4].parse().ok()?;
    let month: usize = text[5..7].parse().ok()?;
    let day: i64 = text[8..].parse().ok()?;
    let length = month.checked_sub(1).and_then(|m| months(year).get(m).copied())?;
    if year < 1970 || !(1..=length).contains(&day) {
        return None;
    }
    let before: i64 = (1970..year).map(|y| months(y).iter().sum::<i64>()).sum();
    let this: i64 = months(year)[..month - 1].iter().sum();
    Some(Date((before + this + day - 1) * DAY))
}

/// The first second of the year 10000: what a stranger's number may not loop beyond.
const END: i64 = 253_402_300_800;

/// The day of a moment, `2027-06-30`.
pub fn show(seconds: i64) -> String {
    if !(0..END).contains(&seconds) {
        return format!("second {seconds}");
    }
    let mut days = seconds.div_euclid(DAY);
    let mut year = 1970;
    while days >= months(year).iter().sum() {
        days -= months(year).iter().sum::<i64>();
        year += 1;
    }
    let mut month = 1;
    for length in months(year) {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", days + 1)
}

fn months(year: i64) -> [i64; 12] {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_on_the_day_its_owner_wrote() {
        for (text, seconds) in [("1970-01-01", 0), ("2000-03-01", 951_868_800), ("2026-11-22", 1_795_305_600)]
        {
            assert_eq!(parse(text), Some(Date(seconds)));
            assert_eq!(show(seconds + 3), text);
        }
        for bad in
            ["2026-02-29", "2026-13-01", "2026-00-01", "2026-1-01", "1969-12-31", "2026-01-32", "２026-01-01"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
