//! What the image says about itself, and words that engines put differently.

use super::Linter;
use crate::containerfile::{Arg, Kind, Span};

const LICENCES: &str = "org.opencontainers.image.licenses";
const VERSION: &str = "org.opencontainers.image.version";

impl Linter<'_> {
    pub(super) fn labels(&mut self) {
        let Some(stage) = self.plan.stages.last() else { return };
        let labels = stage.config.labels.clone();
        let span = self.recipe.stages[stage.index].span;
        for (label, rule, example) in
            [(LICENCES, "licence", "Zlib, an SPDX expression"), (VERSION, "version", "${VERSION}")]
        {
            match labels.get(label).map(String::as_str) {
                Some("") => self.find(
                    span,
                    rule,
                    format!("the label {label} is empty"),
                    "ARG VERSION=… in this very stage: one of another stage is not seen here",
                ),
                None => {
                    self.find(span, rule, format!("no label {label}"), format!("LABEL {label}={example}"))
                }
                Some(_) => {}
            }
        }
        if labels.get(LICENCES).is_some_and(|text| !is_licence(text)) {
            let message = format!("the label {LICENCES} is no SPDX expression");
            self.find(span, "licence", message, "as MIT OR Apache-2.0");
        }
        self.version(labels.get(VERSION).map(String::as_str));
    }

    /// `ARG VERSION` has one value, and it is that of the label.
    fn version(&mut self, label: Option<&str>) {
        let mut values: Vec<(Span, String)> = Vec::new();
        let mut see = |arg: &Arg| {
            if let ("VERSION", Some(default)) = (arg.name.as_str(), &arg.default) {
                values.push((arg.span, default.text.clone()));
            }
        };
        self.recipe.global_args.iter().for_each(&mut see);
        for stage in &self.recipe.stages {
            for line in &stage.instructions {
                if let Kind::Arg(args) = &line.kind {
                    args.iter().for_each(&mut see);
                }
            }
        }
        let Some((_, first)) = values.first().cloned() else {
            let fetches = !self.package.needs.sources.is_empty();
            if fetches {
                let message = "no ARG VERSION, though there are sources";
                self.find(
                    Span::default(),
                    "version",
                    message,
                    "ARG VERSION=1.2.3, used in the address and the label",
                );
            }
            return;
        };
        for (span, value) in values {
            if value != first {
                let message = format!("VERSION is {value} here and {first} above");
                self.find(span, "version", message, "one version");
            } else if let Some(label) = label.filter(|label| !label.is_empty() && *label != value) {
                let message = format!("VERSION is {value}, and the label says {label}");
                self.find(span, "version", message, format!("LABEL {VERSION}=${{VERSION}}"));
            }
        }
    }

    /// BuildKit 0.13 and later ones write two lines of history differently, so an image
    /// that has them is another one with each.
    pub(super) fn wording(&mut self) {
        let mut found = Vec::new();
        for index in self.chain() {
            for line in &self.recipe.stages[index].instructions {
                match &line.kind {
                    Kind::Expose(_) => found.push((line.span, "EXPOSE", "no EXPOSE: it opens nothing")),
                    Kind::Arg(args) => found.extend(
                        args.iter()
                            .filter(|arg| arg.default.is_none())
                            .map(|arg| (arg.span, "ARG without a value", "ARG NAME=VALUE")),
                    ),
                    _ => {}
                }
            }
        }
        for (span, what, hint) in found {
            let message = format!("{what} is put differently into the history by different BuildKits");
            self.find(span, "wording", message, hint);
        }
    }
}

/// Names, operators and brackets of an SPDX expression, roughly.
fn is_licence(text: &str) -> bool {
    let word = |word: &str| {
        matches!(word, "AND" | "OR" | "WITH")
            || word.starts_with(|c: char| c.is_ascii_alphanumeric())
                && word.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'+' | b':'))
    };
    let balanced = text.matches('(').count() == text.matches(')').count();
    balanced && text.replace(['(', ')'], " ").split_whitespace().all(word)
}
