//! The command lines of Docker, Podman and Buildah.
//!
//! Each is asked for three things and nothing else: take an image in (`load`), build a
//! Containerfile without a network (`build`), give an image out (`save`). The commands
//! are the oldest spelling that still works, so that what Debian 12 ships will do and
//! so will newer ones.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

/// An engine that is not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// Through its daemon, `DOCKER_HOST` is honoured.
    Docker,
    /// With or without root.
    Podman,
    /// With or without root.
    Buildah,
}

/// An engine's command failed, or is not there.
#[derive(Debug, thiserror::Error)]
#[error("{command}: {problem}")]
pub struct ForeignError {
    /// The command line, cut after a few words.
    pub command: String,
    /// The end of what it printed.
    pub problem: String,
    /// The program is not installed.
    pub missing: bool,
}

impl Foreign {
    /// The program's name, and the engine's.
    pub fn name(self) -> &'static str {
        match self {
            Foreign::Docker => "docker",
            Foreign::Podman => "podman",
            Foreign::Buildah => "buildah",
        }
    }

    /// What the program says of itself, as in `podman version 4.3.1`; `None` if it is not there.
    pub fn version(self) -> Option<String> {
        let text = self.run(&["--version"], None).ok()?;
        Some(text.lines().next()?.trim().to_owned())
    }

    /// Whether it could build now: Docker needs a daemon.
    pub fn answers(self) -> bool {
        match self {
            Foreign::Docker => self.run(&["version"], None),
            Foreign::Podman | Foreign::Buildah => self.run(&["--version"], None),
        }
        .is_ok()
    }

    /// Whether the engine has an image of that name.
    pub fn has(self, tag: &str) -> bool {
        match self {
            Foreign::Docker | Foreign::Podman => self.run(&["image", "inspect", tag], None),
            Foreign::Buildah => self.run(&["inspect", "--type", "image", tag], None),
        }
        .is_ok()
    }

    /// Takes in the exported image at `file`, and calls it `tag`.
    pub fn load(self, file: &Path, tag: &str) -> Result<(), ForeignError> {
        match self {
            Foreign::Docker => self.run(&["load", "-q", "-i", path(file)], None).map(drop),
            // Their own `load` puts `docker.io/` in front of the name that the file has.
            Foreign::Podman | Foreign::Buildah => {
                let archive = format!("oci-archive:{}", file.display());
                let id = self.run(&["pull", "-q", &archive], None)?;
                self.run(&["tag", id.trim(), tag], None).map(drop)
            }
        }
    }

    /// Builds the folder's `Containerfile`, network off, as `tag`. What the engine prints
    /// goes to `log`.
    pub fn build(self, context: &Path, tag: &str, log: &Path) -> Result<(), ForeignError> {
        let file = context.join("Containerfile");
        let mut words: Vec<&str> = match self {
            Foreign::Docker => vec!["build", "--network=none", "--force-rm"],
            Foreign::Podman => vec!["build", "--network=none", "--pull=never", "--layers"],
            Foreign::Buildah => vec!["build", "--network=none", "--pull=never", "--layers"],
        };
        if let (Foreign::Podman | Foreign::Buildah, Some(runtime)) = (self, runtime()) {
            words.extend(["--runtime", runtime]);
        }
        words.extend(["-t", tag, "-f", path(&file), path(context)]);
        self.run(&words, Some(log)).map(drop)
    }

    /// Writes the image `tag` to `file` as a docker-archive.
    pub fn save(self, tag: &str, file: &Path) -> Result<(), ForeignError> {
        let archive = format!("docker-archive:{}:{tag}", file.display());
        match self {
            Foreign::Docker => self.run(&["save", "-o", path(file), tag], None),
            Foreign::Podman => {
                self.run(&["save", "-q", "--format", "docker-archive", "-o", path(file), tag], None)
            }
            Foreign::Buildah => self.run(&["push", "-q", tag, &archive], None),
        }
        .map(drop)
    }

    /// Runs the engine and gives what it printed on standard output.
    fn run(self, words: &[&str], log: Option<&Path>) -> Result<String, ForeignError> {
        let shown = words.iter().take(2).fold(self.name().to_owned(), |line, word| line + " " + word);
        let fail = |problem: String, missing| ForeignError { command: shown.clone(), problem, missing };
        // Docker's classic builder writes the layers that cairn expects; BuildKit needs a
        // plugin that Debian 12 does not have.
        let mut command = Command::new(self.name());
        command.args(words.iter().map(OsString::from)).env("DOCKER_BUILDKIT", "0").stdin(Stdio::null());
        let output =
            command.output().map_err(|e| fail(e.to_string(), e.kind() == std::io::ErrorKind::NotFound))?;
        let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        if let Some(log) = log {
            std::fs::write(log, &said).map_err(|e| fail(format!("{}: {e}", log.display()), false))?;
        }
        if !output.status.success() {
            return Err(fail(tail(&said), false));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// Debian's crun refuses hosts that mount both cgroup hierarchies; runc does not mind.
fn runtime() -> Option<&'static str> {
    let hybrid = Path::new("/sys/fs/cgroup/unified").exists();
    ["/usr/sbin/runc", "/usr/bin/runc"].into_iter().find(|runc| hybrid && Path::new(runc).exists())
}

/// The scratch folder is ours and its name plain ASCII.
fn path(path: &Path) -> &str {
    path.to_str().expect("the store's scratch folders have plain names")
}

fn tail(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
