//! What git knows of a package's folder.

use crate::error::{Failure, Result};
use crate::project::Project;
use cairn_core::digest::Digest;
use cairn_core::plan::{self, Source};
use cairn_core::tree::{Name, RECIPE};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};

/// One package's folder through time.
pub struct History {
    root: PathBuf,
    name: Name,
    folder: String,
}

impl History {
    pub fn new(project: &Project, name: &Name) -> History {
        History { root: project.root.clone(), name: name.clone(), folder: format!("packages/{name}") }
    }

    /// The full hash of a revision.
    pub fn commit(&self, revision: &str) -> Result<String> {
        let wanted = format!("{revision}^{{commit}}");
        let found = self.git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]);
        match found.filter(|output| output.status.success()) {
            Some(output) => Ok(text(&output).trim().to_owned()),
            None => Err(Failure::usage(format!("git knows no revision {revision}"))),
        }
    }

    /// The newest commit of `digests/GROUP.txt` in which the package had a digest and
    /// another folder than now. `None` without such a commit, or without git.
    pub fn recorded_before(&self) -> Option<String> {
        let file = format!("digests/{}.txt", self.name.group());
        let commits = self.git(&["log", "--format=%H", "--", &file]).filter(|o| o.status.success())?;
        let recorded = |commit: &&str| {
            let shown = self.git(&["show", &format!("{commit}:./{file}")]);
            let base = self.name.base();
            shown.is_some_and(|o| text(&o).lines().any(|line| line.split(' ').nth(1) == Some(base)))
        };
        let other = |commit: &&str| {
            let same = self.git(&["diff", "--quiet", commit, "--", &self.folder]);
            same.is_some_and(|o| o.status.code() == Some(1))
        };
        let commits = text(&commits);
        commits.lines().find(|commit| recorded(commit) && other(commit)).map(str::to_owned)
    }

    /// The difference of the folder as it lies here, files that git does not know included.
    pub fn changes(&self, base: &str) -> Result<String> {
        let difference = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", base, "--", &self.folder];
        let mut shown = self.must(&difference)?;
        let unknown = self.must(&["ls-files", "-z", "--others", "--exclude-standard", "--", &self.folder])?;
        for path in unknown.split('\0').filter(|path| !path.is_empty()) {
            // With --no-index the status says that they differ, which they do.
            let new = self.git(&["diff", "--no-color", "--no-index", "--", "/dev/null", path]);
            shown += &new.map(|output| text(&output)).unwrap_or_default();
        }
        Ok(shown)
    }

    /// The sources that the definition named at `base`.
    pub fn sources(&self, base: &str) -> Result<BTreeMap<Digest, Source>> {
        let path = format!("{}/{RECIPE}", self.folder);
        let Some(shown) = self.git(&["show", &format!("{base}:./{path}")]).filter(|o| o.status.success())
        else {
            return Ok(BTreeMap::new());
        };
        let bad = |error: cairn_core::containerfile::Error| {
            Failure::failed(format!("{path} of {base} cannot be read")).because(&error)
        };
        let recipe = cairn_core::containerfile::parse(&path, &text(&shown)).map_err(bad)?;
        Ok(plan::needs(&recipe, &BTreeMap::new()).map_err(bad)?.sources)
    }

    fn must(&self, arguments: &[&str]) -> Result<String> {
        match self.git(arguments) {
            Some(output) if output.status.success() => Ok(text(&output)),
            Some(output) => Err(Failure::failed(format!("git {} failed", arguments[0]))
                .cause(String::from_utf8_lossy(&output.stderr).trim())),
            None => Err(Failure::failed("git cannot be started").hint("install git")),
        }
    }

    fn git(&self, arguments: &[&str]) -> Option<Output> {
        Command::new("git").arg("-C").arg(&self.root).args(arguments).output().ok()
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
