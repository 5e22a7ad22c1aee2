//! How a build shows itself: a live view on a terminal, plain lines elsewhere, JSON for scripts.
//!
//! Progress goes to standard error, results to standard output, so that
//! `cairn build core/zlib | cut -d' ' -f1` gives the digest and nothing else. With
//! `--json` every event is one object a line on standard output.

mod events;
mod live;
mod plain;

pub use events::{json_string, members, milliseconds};

use crate::args::{Colour, Global};
use cairn_build::Progress;
use cairn_build::progress::Silent;
use std::io::IsTerminal;
use std::sync::Arc;

/// The ways to show things, decided once from the options and the terminal.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    pub json: bool,
    pub quiet: bool,
    /// For standard error.
    pub colours: bool,
    live: bool,
}

impl Output {
    pub fn new(global: &Global) -> Output {
        let terminal = std::io::stderr().is_terminal();
        let dumb = std::env::var_os("TERM").is_none_or(|t| t == "dumb");
        let colours = match global.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && !dumb && std::env::var_os("NO_COLOR").is_none(),
        };
        Output { json: global.json, quiet: global.quiet, colours, live: terminal && !dumb }
    }

    /// The receiver of a build's events.
    pub fn progress(&self) -> Arc<dyn Progress> {
        if self.json {
            Arc::new(events::JsonLines)
        } else if self.quiet {
            Arc::new(Silent)
        } else if self.live {
            Arc::new(live::Live::new(self.colours))
        } else {
            Arc::new(plain::Plain::default())
        }
    }

    /// A remark that is no result: standard error, unless quiet or JSON.
    pub fn note(&self, text: &str) {
        if !self.quiet && !self.json {
            eprintln!("{text}");
        }
    }
}

/// `75.2` as `1 m 15 s`, `3.14` as `3.1 s`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        _ if seconds < 9.95 => format!("{seconds:.1} s"),
        0..=59 => format!("{whole} s"),
        60..=3599 => format!("{} m {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} m", whole / 3600, whole / 60 % 60),
    }
}

/// `1536` as `1.5 KiB`.
pub fn size(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", units[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_read_as_a_person_would_say_them() {
        let times =
            [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.6, "1 m 00 s"), (3700.0, "1 h 01 m")];
        for (seconds, text) in times {
            assert_eq!(duration(seconds), text);
        }
        for (bytes, text) in [(1023, "1023 B"), (1536, "1.5 KiB"), (84_547_844, "80.6 MiB")] {
            assert_eq!(size(bytes), text);
        }
    }
}
