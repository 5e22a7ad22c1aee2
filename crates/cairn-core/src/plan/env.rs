//! Variables in the order BuildKit hands them to a program, and what a word becomes.

use std::cell::{Cell, RefCell};

use super::{DEBIAN_MIRROR, Undefined};
use crate::containerfile::expand::{self, Rules};
use crate::containerfile::{Error, Recipe, Word};

/// Names and values; a name set again moves to the end.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Env(Vec<(String, String)>);

impl Env {
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value.to_owned()));
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn to_vec(&self) -> Vec<(String, String)> {
        self.0.clone()
    }
}

/// Splits `NAME=value` as an image configuration holds it.
pub(super) fn split(entry: &str) -> (&str, &str) {
    entry.split_once('=').unwrap_or((entry, ""))
}

/// Expands the words of one recipe.
pub(super) struct Expander<'a> {
    pub recipe: &'a Recipe,
    pub undefined: RefCell<Vec<Undefined>>,
}

/// What `${DEBIAN_MIRROR}` means in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mirror {
    /// It was not declared: a variable like others.
    Unknown,
    /// It stands for itself: the source of an `ADD`.
    Symbol,
    /// It may not be used, or the mirror would get into a digest.
    Forbidden,
}

impl Expander<'_> {
    /// A word of an instruction.
    pub fn word(&self, word: &Word, env: &Env, mirror: Mirror) -> Result<String, Error> {
        let rules = Rules::word(self.recipe.escape);
        self.run(word, env, mirror, |lookup| expand::expand(&word.text, rules, lookup))
    }

    /// The body of a here-document.
    pub fn heredoc(&self, body: &Word, env: &Env, mirror: Mirror) -> Result<String, Error> {
        let rules = Rules::heredoc();
        self.run(body, env, mirror, |lookup| expand::expand(&body.text, rules, lookup))
    }

    /// A word that may become several, or none.
    pub fn split(&self, word: &Word, env: &Env, mirror: Mirror) -> Result<Vec<String>, Error> {
        let rules = Rules::word(self.recipe.escape);
        self.run(word, env, mirror, |lookup| expand::expand_split(&word.text, rules, lookup))
    }

    fn run<T>(
        &self,
        word: &Word,
        env: &Env,
        mirror: Mirror,
        expand: impl FnOnce(&mut dyn FnMut(&str) -> Option<String>) -> Result<T, expand::Problem>,
    ) -> Result<T, Error> {
        let leaked = Cell::new(false);
        let mut lookup = |name: &str| {
            if name == DEBIAN_MIRROR && mirror != Mirror::Unknown {
                leaked.set(mirror == Mirror::Forbidden);
                return Some(format!("${{{DEBIAN_MIRROR}}}"));
            }
            let value = env.get(name).map(str::to_owned);
            if value.is_none() {
                self.note(word, name);
            }
            value
        };
        let expanded = expand(&mut lookup).map_err(|problem| {
            let span = word.locate_range(problem.range);
            self.recipe.error(span, problem.message, problem.expected)
        })?;
        if leaked.get() {
            let message = format!("${DEBIAN_MIRROR} would bring the name of a mirror into the build");
            return Err(self.recipe.error(word.span(), message, "it only in the source of an ADD"));
        }
        Ok(expanded)
    }

    /// Remembers an unset variable, unless the word says what then.
    fn note(&self, word: &Word, name: &str) {
        let is_meant = [":-", "-", ":+", "+", ":?", "?"]
            .iter()
            .any(|operator| word.text.contains(&format!("${{{name}{operator}")));
        // `$$`, `$?` and the like are never set.
        let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if !is_meant && is_name {
            let entry = Undefined { span: word.span(), name: name.to_owned() };
            self.undefined.borrow_mut().push(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_set_again_moves_to_the_end() {
        let mut env = Env::default();
        for (name, value) in [("A", "1"), ("B", "2"), ("A", "3")] {
            env.set(name, value);
        }
        assert_eq!(env.to_vec(), [("B".into(), "2".into()), ("A".into(), "3".into())]);
        assert_eq!(env.get("A"), Some("3"));
        assert_eq!(split("A=b=c"), ("A", "b=c"));
        assert_eq!(split("A"), ("A", ""));
    }
}
