//! What a person reads when something failed: what, why, and the next command.
//!
//! Every library error is turned into a [`Failure`] here and nowhere else:
//!
//! ```text
//! Error: core/zlib: source does not match its checksum
//! Caused by: expected sha256:9a93…, got sha256:0c11… (https://zlib.net/…)
//! Hint: compare the two files before you change the definition
//! ```

use std::process::ExitCode;

/// The exit statuses that cairn promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 1: something could not be done.
    Failed,
    /// 2: the command line makes no sense.
    Usage,
    /// 3: a digest is not the recorded one.
    Differs,
    /// 4: too few people vouch for it, or somebody objects.
    Untrusted,
}

impl Kind {
    pub fn status(self) -> u8 {
        match self {
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::Differs => 3,
            Kind::Untrusted => 4,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Failed => "failed",
            Kind::Usage => "usage",
            Kind::Differs => "differs",
            Kind::Untrusted => "untrusted",
        }
    }
}

/// One failed command.
#[derive(Debug)]
pub struct Failure {
    pub kind: Kind,
    /// One line: whose problem and what.
    pub what: String,
    /// Outermost first; each may have several lines.
    pub causes: Vec<String>,
    /// Commands or steps to try next.
    pub hints: Vec<String>,
}

pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub fn new(kind: Kind, what: impl Into<String>) -> Failure {
        Failure { kind, what: what.into(), causes: Vec::new(), hints: Vec::new() }
    }

    pub fn failed(what: impl Into<String>) -> Failure {
        Failure::new(Kind::Failed, what)
    }

    pub fn usage(what: impl Into<String>) -> Failure {
        Failure::new(Kind::Usage, what)
    }

    pub fn cause(mut self, cause: impl ToString) -> Failure {
        self.causes.push(cause.to_string());
        self
    }

    /// Adds an error and everything below it.
    pub fn because(mut self, error: &dyn std::error::Error) -> Failure {
        let mut next = Some(error);
        while let Some(error) = next {
            let text = error.to_string();
            // A library that repeats its source in its own text says it once here.
            if !self.causes.iter().any(|c| c.contains(&text)) {
                self.causes.push(text);
            }
            next = error.source();
        }
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hints.push(hint.into());
        self
    }

    /// Prints to standard error, or as one JSON object to standard output.
    pub fn report(&self, json: bool, colours: bool) -> ExitCode {
        if json {
            println!("{}", self.json());
        } else {
            eprint!("{}", self.text(colours));
        }
        ExitCode::from(self.kind.status())
    }

    fn text(&self, colours: bool) -> String {
        let (red, bold, end) = if colours { ("\x1b[1;31m", "\x1b[1m", "\x1b[0m") } else { ("", "", "") };
        let mut text = format!("{red}Error:{end} {}\n", self.what);
        for cause in &self.causes {
            text += &format!("{bold}Caused by:{end} {}\n", cause.trim_end());
        }
        for hint in &self.hints {
            text += &format!("{bold}Hint:{end} {hint}\n");
        }
        text
    }

    fn json(&self) -> String {
        use crate::output::json_string as s;
        let list = |items: &[String]| items.iter().map(|i| s(i)).collect::<Vec<_>>().join(",");
        format!(
            r#"{{"event":"error","kind":{},"status":{},"message":{},"causes":[{}],"hints":[{}]}}"#,
            s(self.kind.name()),
            self.kind.status(),
            s(&self.what),
            list(&self.causes),
            list(&self.hints)
        )
    }
}

/// `doing("write out.tgz")` turns an I/O error into a sentence.
pub fn doing<E: std::error::Error>(what: impl Into<String>) -> impl FnOnce(E) -> Failure {
    let what = what.into();
    move |error| Failure::failed(format!("cannot {what}")).because(&error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_why_and_what_next_in_that_order() {
        let failure = Failure::new(Kind::Differs, "core/zlib: the digest differs")
            .cause("expected sha256:aa, got sha256:bb")
            .hint("cairn diff core/zlib");
        assert_eq!(
            failure.text(false),
            "Error: core/zlib: the digest differs\n\
             Caused by: expected sha256:aa, got sha256:bb\n\
             Hint: cairn diff core/zlib\n"
        );
        assert_eq!(failure.kind.status(), 3);
    }

    #[test]
    fn a_script_reads_the_same_facts_as_json() {
        let failure = Failure::usage("no such \"thing\"").hint("cairn graph");
        assert_eq!(
            failure.json(),
            r#"{"event":"error","kind":"usage","status":2,"message":"no such \"thing\"","causes":[],"hints":["cairn graph"]}"#
        );
    }
}
