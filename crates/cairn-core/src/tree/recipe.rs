//! A recipe that is parsed when somebody looks at it.

use std::ops::Deref;
use std::sync::OnceLock;

use crate::containerfile::{Error, Recipe, parse};

/// Text that is known to be a recipe. Behaves as the [`Recipe`] itself.
///
/// A build that has nothing to do needs no recipe at all, only what it depends on.
#[derive(Clone, Debug)]
pub struct LazyRecipe {
    path: String,
    text: String,
    parsed: OnceLock<Recipe>,
}

impl LazyRecipe {
    /// Parses now: the text may be wrong.
    pub fn parse(path: &str, text: String) -> Result<Self, Error> {
        let recipe = parse(path, &text)?;
        let parsed = OnceLock::from(recipe);
        Ok(Self { path: path.to_owned(), text, parsed })
    }

    /// Text that this version of cairn has parsed before.
    pub(super) fn known(path: &str, text: String) -> Self {
        Self { path: path.to_owned(), text, parsed: OnceLock::new() }
    }
}

impl Deref for LazyRecipe {
    type Target = Recipe;

    fn deref(&self) -> &Recipe {
        let again = || parse(&self.path, &self.text).expect("the same text was parsed before");
        self.parsed.get_or_init(again)
    }
}
