//! The habits of a package that no law enforces.
//!
//! ```text
//! base      what it is built with      COPY --from=core/gcc . /   sorted by name
//! fetch     its sources                ADD --checksum=…
//! build     compiling, as a user       RUN
//! install   into a directory           RUN
//! package   the image                  FROM scratch, LABEL, COPY --from=install
//! ```
//!
//! Stages may be left out, `meta` (labels that `package` inherits) may come first, and a
//! long build may have more stages in front of `build` or `install`.
//! A finding is never an error: the package builds all the same.

mod habits;
mod labels;
mod stages;
mod test;

pub use test::lint_test;

use crate::containerfile::{Error, Instruction, Recipe, Span};
use crate::image::Config;
use crate::plan::{self, Base, Plan};
use crate::tree::Package;

/// One thing that could be better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub span: Span,
    /// The name of the rule, for a person who wants to talk about it.
    pub rule: &'static str,
    /// What is not as it should be.
    pub message: String,
    /// What would be better.
    pub hint: String,
}

impl Finding {
    /// The finding drawn at its line, as errors are.
    pub fn show(&self, recipe: &Recipe) -> Error {
        recipe.error(self.span, format!("{} [{}]", self.message, self.rule), self.hint.clone())
    }
}

/// Everything that could be better, in the order of the file.
pub fn lint(package: &Package) -> Vec<Finding> {
    let recipe = &package.recipe;
    let scratch = |_: &plan::ImageRef| Some(Config::scratch("amd64"));
    // What cannot be planned is an error long before anybody asks for habits.
    let Ok(plan) = plan::plan(recipe, None, &package.args, &scratch) else { return Vec::new() };
    let mut linter = Linter { package, recipe, plan, findings: Vec::new() };
    linter.comment();
    linter.stages();
    linter.dependencies();
    linter.labels();
    linter.wording();
    linter.habits();
    linter.undefined();
    linter.ignore_file();
    linter.findings.sort_by(|a, b| (a.span, a.rule).cmp(&(b.span, b.rule)));
    linter.findings.dedup();
    linter.findings
}

/// A recipe while it is looked through.
struct Linter<'a> {
    package: &'a Package,
    recipe: &'a Recipe,
    plan: Plan,
    findings: Vec<Finding>,
}

impl Linter<'_> {
    fn find(&mut self, span: Span, rule: &'static str, message: impl Into<String>, hint: impl Into<String>) {
        self.findings.push(Finding { span, rule, message: message.into(), hint: hint.into() });
    }

    /// Why a package exists cannot be read off its instructions.
    fn comment(&mut self) {
        if self.recipe.comment.iter().all(|line| line.is_empty()) {
            let hint = format!("# {}: what it is and who needs it", self.package.name.base());
            self.find(Span::default(), "comment", "no comment at the top", hint);
        }
    }

    /// A name that nothing defines is nothing.
    fn undefined(&mut self) {
        for entry in self.plan.undefined.clone() {
            let message = format!("${} has no value here", entry.name);
            let hint = "an ARG or ENV above, in this stage; ${NAME:-} if nothing is meant";
            self.find(entry.span, "undefined", message, hint);
        }
    }

    /// Docker reads only one of the two names.
    fn ignore_file(&mut self) {
        let has = |name: &str| self.package.dir.join(name).exists();
        if has(".containerignore") && !has(".dockerignore") {
            let message = "Docker does not read .containerignore and would copy what it hides";
            self.find(Span::default(), "ignore-file", message, "the name .dockerignore");
        }
    }

    /// The stages whose configuration becomes that of the image, the last one first.
    fn chain(&self) -> Vec<usize> {
        let mut chain = Vec::new();
        let mut next = self.plan.stages.len().checked_sub(1);
        while let Some(place) = next {
            chain.push(self.plan.stages[place].index);
            next = match self.plan.stages[place].base {
                Base::Stage(base) => Some(base),
                Base::Scratch | Base::Image(_) => None,
            };
        }
        chain
    }

    /// All instructions with the name of their stage.
    fn instructions(&self) -> impl Iterator<Item = (&str, &Instruction)> {
        self.recipe.stages.iter().flat_map(|stage| {
            let name = stage.name.as_deref().unwrap_or_default();
            stage.instructions.iter().map(move |instruction| (name, instruction))
        })
    }
}

#[cfg(test)]
mod tests;
