//! Stages and dependencies: what stands where, and in which order.

use super::Linter;
use crate::containerfile::{Instruction, Kind, Span, Stage};
use crate::plan;

/// The stages of a package, in this order.
const STAGES: [&str; 6] = ["meta", "base", "fetch", "build", "install", "package"];

impl Linter<'_> {
    pub(super) fn stages(&mut self) {
        let stages = &self.recipe.stages;
        let place = |stage: &Stage| STAGES.iter().position(|known| stage.name.as_deref() == Some(known));
        let mut found: Vec<(Span, String, &str)> = Vec::new();
        let mut highest = 0;
        for (index, stage) in stages.iter().enumerate() {
            let name = stage.name.as_deref().unwrap_or("without a name");
            // A long build may have parts, each with a name of its own.
            let is_part =
                highest >= 1 && stages[index + 1..].iter().any(|later| matches!(place(later), Some(3 | 4)));
            match place(stage) {
                None if is_part && stage.name.is_some() => {}
                None => found.push((
                    stage.span,
                    format!("a stage {name}"),
                    "one of meta, base, fetch, build, install and package",
                )),
                Some(at) if at < highest => found.push((
                    stage.span,
                    format!("stage {name} stands too late"),
                    "the order meta, base, fetch, build, install, package",
                )),
                Some(at) => highest = at,
            }
        }
        if let Some(last) = stages.last()
            && last.name.as_deref() != Some("package")
        {
            found.push((last.span, "the last stage is not package".to_owned(), "FROM scratch AS package"));
        }
        let planned: Vec<usize> = self.plan.stages.iter().map(|stage| stage.index).collect();
        for (index, stage) in stages.iter().enumerate() {
            if !planned.contains(&index) {
                found.push((stage.span, "nothing uses this stage".to_owned(), "a stage less"));
            }
        }
        for (span, message, hint) in found {
            self.find(span, "stages", message, hint);
        }
        self.places();
    }

    /// Instructions in stages where nobody looks for them.
    fn places(&mut self) {
        let misplaced = |(stage, line): (&str, &Instruction)| match (&line.kind, stage) {
            (Kind::Add(add), stage) if stage != "fetch" && add.checksum.is_some() => {
                Some((line.span, "a source that is fetched outside the stage fetch", "it in fetch"))
            }
            (Kind::Run(_), "package" | "meta") => {
                Some((line.span, "a RUN in the stage that becomes the image", "it in install"))
            }
            (Kind::Run(_), "fetch") => Some((line.span, "a RUN among the sources", "it in build")),
            _ => None,
        };
        let found: Vec<_> = self.instructions().filter_map(misplaced).collect();
        for (span, message, hint) in found {
            self.find(span, "stages", message, hint);
        }
    }

    /// Dependencies stand together, sorted, each once.
    pub(super) fn dependencies(&mut self) {
        let mut found = Vec::new();
        for stage in &self.recipe.stages {
            let mut before: Option<&str> = None;
            for line in &stage.instructions {
                let Some(name) = dependency(&line.kind) else {
                    before = None;
                    continue;
                };
                match before {
                    Some(before) if before == name => {
                        found.push((line.span, format!("{name} a second time"), "it once".to_owned()));
                    }
                    Some(before) if before > name => {
                        let message = format!("{name} behind {before}");
                        found.push((line.span, message, "dependencies sorted by name".to_owned()));
                    }
                    _ => {}
                }
                before = Some(name);
            }
        }
        for (span, message, hint) in found {
            self.find(span, "sorted", message, hint);
        }
    }
}

/// The image of `COPY --from=core/gcc . /`.
fn dependency(kind: &Kind) -> Option<&str> {
    let Kind::Copy(copy) = kind else { return None };
    let from = copy.from.as_ref()?;
    let whole = copy.transfer.sources.iter().all(|source| matches!(source.text.as_str(), "." | "/"));
    (whole && plan::parse_image(&from.text).is_ok()).then_some(from.text.as_str())
}
