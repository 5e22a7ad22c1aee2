//! Whether a package is tried by anybody.

use super::Finding;
use crate::containerfile::{Kind, Recipe, Span};
use crate::plan::ImageRef;
use crate::tree::Package;

/// What is wrong with the test of a package; its span is in the test's recipe, or in
/// the package's if there is no test.
pub fn lint_test(package: &Package, test: Option<&Package>) -> Option<Finding> {
    let name = &package.name;
    let find = |message: String, hint: &str| {
        Some(Finding { span: Span::default(), rule: "test", message, hint: hint.to_owned() })
    };
    let Some(test) = test else {
        let message = format!("no test: nobody would see that {name} does not work");
        return find(message, "a Containerfile called test beside this one");
    };
    if !test.needs.images.contains_key(&ImageRef::Package(name.clone())) {
        return find(format!("the test does not use {name}"), &format!("COPY --from={name} . /"));
    }
    if !runs(&test.recipe) {
        return find("the test runs nothing".to_owned(), "a RUN that fails if the package does not work");
    }
    None
}

fn runs(recipe: &Recipe) -> bool {
    let mut lines = recipe.stages.iter().flat_map(|stage| &stage.instructions);
    lines.any(|line| matches!(line.kind, Kind::Run(_)))
}
