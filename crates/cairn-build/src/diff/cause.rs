//! A guess at why two files differ, from the bytes around their first difference.
//!
//! `cairn reproduce` makes its second build differ in things that are easy to recognise,
//! and says in which ([`Known`]); then most guesses are certain. Two images from elsewhere
//! leave only what bytes look like.

use std::fmt;

/// How far around the difference is looked.
const AROUND: usize = 40;

/// What is known to have been different on purpose; the first build's value stands first.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Processors that a command sees.
    pub cpus: Option<(u32, u32)>,
    /// Host names inside.
    pub hostnames: Option<(String, String)>,
    /// Seconds by which the second clock is ahead.
    pub clock_ahead: Option<u32>,
    /// The number of the host's user who built the second.
    pub user: Option<u32>,
}

/// What may have got into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A date, a time of day, or seconds since 1970.
    Time,
    /// The same lines or words in another order: of a directory, or of what runs at once.
    Order,
    /// The same lines, sorted by other rules.
    Locale,
    /// A folder of the machine.
    Path,
    /// A file name that nobody chose.
    TemporaryName,
    /// The number of processors.
    Processors,
    /// The name of the machine.
    HostName,
    /// The version of the kernel.
    Kernel,
    /// Who builds.
    User,
    /// An address in memory.
    Address,
    /// Digits or letters without any pattern.
    Random,
    /// One file goes on where the other ends.
    Length,
    /// Nothing that can be named.
    Unknown,
}

impl Cause {
    /// One word for scripts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Order => "order",
            Self::Locale => "locale",
            Self::Path => "path",
            Self::TemporaryName => "temporary-name",
            Self::Processors => "processors",
            Self::HostName => "host-name",
            Self::Kernel => "kernel",
            Self::User => "user",
            Self::Address => "address",
            Self::Random => "random",
            Self::Length => "length",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "the time",
            Self::Order => "the same in another order: of a directory, or of what ran at once",
            Self::Locale => "the same, sorted by the rules of another locale",
            Self::Path => "a path of the machine",
            Self::TemporaryName => "a name made at random",
            Self::Processors => "the number of processors",
            Self::HostName => "the name of the machine",
            Self::Kernel => "the version of the kernel",
            Self::User => "the user who builds",
            Self::Address => "an address in memory",
            Self::Random => "random",
            Self::Length => "one goes on where the other ends",
            Self::Unknown => "the cause is not plain",
        })
    }
}

/// Guesses from the bytes around `offset`, the first at which the two differ.
pub fn guess(a: &[u8], b: &[u8], offset: usize, known: &Known) -> Cause {
    if let Some(cause) = order(a, b) {
        return cause;
    }
    let (near_a, near_b) = (around(a, offset), around(b, offset));
    let (word_a, word_b) = (word(a, offset), word(b, offset));
    if named(&near_a, &near_b, known) {
        return Cause::HostName;
    }
    if known.user.is_some_and(|user| near_b.contains(&user.to_string())) {
        return Cause::User;
    }
    if let Some(cause) = numbers(&word_a, &word_b, known) {
        return cause;
    }
    // A number in the name of a temporary file can look like seconds since 1970.
    let temporary = |word: &str| word.contains("/tmp/") || word.contains("/dev/shm/");
    let paths = path(&word_a, &word_b);
    if paths == Some(Cause::TemporaryName) && temporary(&word_a) && temporary(&word_b) {
        return Cause::TemporaryName;
    }
    if is_time(&near_a) && is_time(&near_b) || binary_time(a, b, offset, known) {
        return Cause::Time;
    }
    if is_kernel(&near_a) && is_kernel(&near_b) && word_a != word_b {
        return Cause::Kernel;
    }
    if let Some(cause) = paths {
        return cause;
    }
    if is_address(&word_a) && is_address(&word_b) {
        return Cause::Address;
    }
    if about_hosts(&near_a, &word_a) && about_hosts(&near_b, &word_b) {
        return Cause::HostName;
    }
    let about_processors = ["cpu", "proc", "core", "thread", "job"];
    let lower = near_a.to_lowercase();
    if small(&word_a) && small(&word_b) && about_processors.iter().any(|word| lower.contains(word)) {
        return Cause::Processors;
    }
    match () {
        () if is_random(&word_a, &word_b) || noise(a, b, offset) => Cause::Random,
        () if offset == a.len() || offset == b.len() => Cause::Length,
        () => Cause::Unknown,
    }
}

/// Whether both have the same lines, or else words, in different orders.
fn order(a: &[u8], b: &[u8]) -> Option<Cause> {
    if a.len() != b.len() || std::str::from_utf8(a).is_err() {
        return None;
    }
    let by_lines = |byte: &u8| *byte == b'\n';
    let by_words = |byte: &u8| byte.is_ascii_whitespace();
    for split in [by_lines as fn(&u8) -> bool, by_words] {
        let list = |bytes: &'_ [u8]| bytes.split(split).map(<[u8]>::to_vec).collect::<Vec<_>>();
        let (list_a, list_b) = (list(a), list(b));
        if sorted(&list_a) != sorted(&list_b) {
            continue;
        }
        let plain = |list: &[Vec<u8>]| is_sorted(list, |item| item.to_vec());
        let folded = |list: &[Vec<u8>]| is_sorted(list, |item| item.to_ascii_lowercase());
        let other_rules = plain(&list_a) && folded(&list_b) || folded(&list_a) && plain(&list_b);
        return Some(if other_rules { Cause::Locale } else { Cause::Order });
    }
    None
}

fn sorted(list: &[Vec<u8>]) -> Vec<&Vec<u8>> {
    let mut list: Vec<_> = list.iter().collect();
    list.sort_unstable();
    list
}

/// Whether the items, empty ones aside, stand in the order of their keys. One or two may
/// do so by chance.
fn is_sorted(list: &[Vec<u8>], key: fn(&[u8]) -> Vec<u8>) -> bool {
    let keys: Vec<_> = list.iter().filter(|item| !item.is_empty()).map(|item| key(item)).collect();
    keys.len() > 2 && keys.is_sorted()
}

fn around(bytes: &[u8], offset: usize) -> String {
    let from = offset.saturating_sub(AROUND).min(bytes.len());
    String::from_utf8_lossy(&bytes[from..(offset + AROUND).min(bytes.len())]).into_owned()
}

/// The word around `offset`: up to blanks, quotes or bytes that are no characters.
fn word(bytes: &[u8], offset: usize) -> String {
    let part = |byte: &&u8| byte.is_ascii_graphic() && !b"\"'()<>{}[],;=|".contains(byte);
    let before = bytes[..offset.min(bytes.len())].iter().rev().take(200).take_while(part).count();
    let after = bytes[offset.min(bytes.len())..].iter().take(200).take_while(part).count();
    String::from_utf8_lossy(&bytes[offset - before..offset + after]).into_owned()
}

fn named(a: &str, b: &str, known: &Known) -> bool {
    known.hostnames.as_ref().is_some_and(|(first, second)| a.contains(first) && b.contains(second))
}

/// Whether a text says that it is a machine's name, or writes one behind a user's.
fn about_hosts(text: &str, word: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || ".-_@".contains(c);
    let text = text.to_lowercase();
    word.len() > 1
        && word.chars().all(name)
        && (word.contains('@') || ["host", "machine", "node"].iter().any(|noun| text.contains(noun)))
}

/// Two words that are what the two builds saw.
fn numbers(a: &str, b: &str, known: &Known) -> Option<Cause> {
    let (first, second) = known.cpus?;
    let last = |word: &str| -> Option<u32> {
        let digits = word.rfind(|c: char| !c.is_ascii_digit()).map_or(word, |at| &word[at + 1..]);
        digits.parse().ok()
    };
    (last(a) == Some(first) && last(b) == Some(second)).then_some(Cause::Processors)
}

fn small(word: &str) -> bool {
    word.parse::<u32>().is_ok_and(|number| (1..=1024).contains(&number))
}

/// A number of 4 bytes around the difference that is a time in both files.
fn binary_time(a: &[u8], b: &[u8], offset: usize, known: &Known) -> bool {
    // From 2015 to 2037.
    let recent = |time: u32| (1_420_000_000..2_145_000_000).contains(&time);
    let ahead = |first: u32, second: u32| match known.clock_ahead {
        // The second build starts when the first has ended: within a month.
        Some(ahead) => second.checked_sub(first).is_some_and(|by| by >= ahead && by - ahead < 30 * 86400),
        None => true,
    };
    (offset.saturating_sub(3)..=offset).any(|at| {
        let four = |bytes: &[u8]| -> Option<[u8; 4]> { bytes.get(at..at + 4)?.try_into().ok() };
        let (Some(a), Some(b)) = (four(a), four(b)) else { return false };
        let text = |bytes: [u8; 4]| bytes.iter().all(is_text);
        let both = |first, second| recent(first) && recent(second) && ahead(first, second);
        !(text(a) && text(b))
            && (both(u32::from_le_bytes(a), u32::from_le_bytes(b))
                || both(u32::from_be_bytes(a), u32::from_be_bytes(b)))
    })
}

/// Whether a text holds a date, a time of day, or seconds since 1970 of this century.
fn is_time(text: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let numbers: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).collect();
    let year = numbers.iter().any(|digits| digits.len() == 4 && digits.starts_with("20"));
    let seconds = numbers.iter().any(|digits| digits.len() == 10 && "12".contains(&digits[..1]));
    let day = numbers.iter().any(|digits| digits.len() == 8 && digits.starts_with("20"));
    let clock = text
        .as_bytes()
        .windows(5)
        .any(|w| w[2] == b':' && [w[0], w[1], w[3], w[4]].iter().all(u8::is_ascii_digit));
    seconds
        || clock
        || day
        || year && (MONTHS.iter().any(|month| text.contains(month)) || text.contains(['-', '/']))
}

/// Whether a text holds three numbers with points between them, as kernels are named.
fn is_kernel(text: &str) -> bool {
    let version = |word: &str| {
        let parts: Vec<&str> = word.split(['.', '-']).collect();
        parts.len() >= 3
            && parts[..3]
                .iter()
                .all(|p| !p.is_empty() && p.len() < 4 && p.bytes().all(|b| b.is_ascii_digit()))
    };
    text.split(|c: char| c.is_whitespace() || "\"'()".contains(c)).any(version)
}

/// Paths that part; in their last name if one folder has them both.
fn path(a: &str, b: &str) -> Option<Cause> {
    const PLACES: [&str; 7] = ["/tmp/", "/home/", "/root/", "/build/", "/var/", "/dev/shm/", "/usr/src/"];
    if !PLACES.iter().any(|place| a.contains(place) || b.contains(place)) {
        return None;
    }
    // Where temporary files are, their names may be of any length; elsewhere of much the same.
    let place = [a, b].iter().all(|path| path.contains("/tmp/") || path.contains("/dev/shm/"));
    let alike = |a: &str, b: &str| place || a.len().abs_diff(b.len()) < 3;
    let mut pairs = a.split('/').zip(b.split('/')).filter(|(a, b)| a != b);
    let temporary = pairs.all(|(a, b)| alike(a, b) && mixed(a) && mixed(b));
    Some(if temporary { Cause::TemporaryName } else { Cause::Path })
}

/// As `mktemp` and compilers name files: with a digit, or with capitals among small letters.
fn mixed(name: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| name.bytes().any(|byte| kind(&byte));
    has(u8::is_ascii_digit) || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
}

fn is_address(word: &str) -> bool {
    let digits = word.strip_prefix("0x").unwrap_or_default();
    digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Two words with many different characters in common places.
fn is_random(a: &str, b: &str) -> bool {
    let plain = |word: &str| {
        word.len() >= 4 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+/_.".contains(&b))
    };
    let different = a.bytes().zip(b.bytes()).filter(|(a, b)| a != b).count();
    let numbers = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    plain(a) && plain(b) && a.len() == b.len() && different >= 4 && mixed(a) && mixed(b)
        || numbers(a) && numbers(b) && a.len().max(b.len()) > 2
}

/// Bytes that are no text and have next to nothing in common.
fn noise(a: &[u8], b: &[u8], offset: usize) -> bool {
    let piece = |bytes: &'_ [u8]| bytes[offset.min(bytes.len())..(offset + 16).min(bytes.len())].to_vec();
    let (a, b) = (piece(a), piece(b));
    let same = a.iter().zip(&b).filter(|(a, b)| a == b).count();
    a.len() >= 8 && b.len() >= 8 && same <= 3 && !a.iter().all(is_text) && !b.iter().all(is_text)
}

fn is_text(byte: &u8) -> bool {
    byte.is_ascii_graphic() || byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(a: &[u8], b: &[u8], known: &Known) -> Cause {
        let offset = a.iter().zip(b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
        guess(a, b, offset, known)
    }

    #[test]
    fn the_cause_of_a_difference_is_guessed_from_its_bytes() {
        let table = [
            ("built Nov 22 2026", "built Nov 23 2026", Cause::Time),
            ("t=1763832000;", "t=1763835600;", Cause::Time),
            ("at 18:45 today", "at 18:46 today", Cause::Time),
            ("v20261122", "v20350209", Cause::Time),
            ("b\na\n", "a\nb\n", Cause::Order),
            ("c a b ", "a b c ", Cause::Order),
            ("B\na\nc\n", "a\nB\nc\n", Cause::Locale),
            ("in /home/ann/src/y", "in /home/bob/src/y", Cause::Path),
            ("in /tmp/tmp.Ab3xZ9/y", "in /tmp/tmp.qQ81mn/y", Cause::TemporaryName),
            ("/tmp/cc4711.o", "/tmp/cc815.o", Cause::TemporaryName),
            ("in /tmp/cc1169627841.o", "in /tmp/cc2608221734.o", Cause::TemporaryName),
            ("from /tmp/cc1234567890.o", "from /tmp/cc42.o", Cause::TemporaryName),
            ("/home/ann/a1", "/home/bob/a1", Cause::Path),
            ("make -j 2 # jobs", "make -j 8 # jobs", Cause::Processors),
            ("Linux 6.1.0-9 x86", "Linux 2.6.78 x86", Cause::Kernel),
            ("at 0x7f0012ab", "at 0x7f99bc01", Cause::Address),
            ("on host build-7", "on host elsewhere.example", Cause::HostName),
            ("by root@a", "by root@b", Cause::HostName),
            ("id 9f86d081884c7d65", "id 60303ae22b998861", Cause::Random),
            ("seed 17230", "seed 4242", Cause::Random),
            ("abc", "abcd", Cause::Length),
            ("abc", "abd", Cause::Unknown),
            ("red", "blue", Cause::Unknown),
        ];
        for (a, b, wanted) in table {
            assert_eq!(guessed(a.as_bytes(), b.as_bytes(), &Known::default()), wanted, "{a} / {b}");
        }
    }

    #[test]
    fn what_was_made_different_on_purpose_is_recognised() {
        let known = Known {
            cpus: Some((2, 5)),
            hostnames: Some(("cairn".into(), "elsewhere.example".into())),
            clock_ahead: Some(1000),
            user: Some(61705),
        };
        assert_eq!(guessed(b"mode=755 a", b"mode=755,uid=61705 a", &known), Cause::User);
        assert_eq!(guessed(b"n=2", b"n=5", &known), Cause::Processors);
        assert_eq!(guessed(b"n=2", b"n=6", &known), Cause::Unknown);
        assert_eq!(guessed(b"by root@cairn", b"by root@elsewhere.example", &known), Cause::HostName);
        let time = |time: u32| [b"\x01\x02".as_slice(), &time.to_le_bytes(), b"\x03"].concat();
        assert_eq!(guessed(&time(1_763_832_000), &time(1_763_833_007), &known), Cause::Time);
        assert_ne!(guessed(&time(1_763_832_000), &time(1_763_832_007), &known), Cause::Time);
    }

    #[test]
    fn bytes_without_pattern_are_random() {
        let (a, b) = (Vec::from_iter(0x80..0xa0u8), Vec::from_iter((0xa0..0xc0u8).rev()));
        assert_eq!(guessed(&a, &b, &Known::default()), Cause::Random);
    }
}
