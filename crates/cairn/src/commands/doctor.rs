//! `cairn doctor`: what this machine lacks, and the command that fixes it.

use crate::args::Global;
use crate::error::{Failure, Result};
use crate::output::Output;
use crate::project;
use cairn_build::drivers::Foreign;
use cairn_core::json::Value;
use cairn_sandbox::{Check, probe};
use std::path::Path;

pub fn run(global: &Global, output: Output) -> Result<()> {
    let mut checks = probe();
    checks.push(apt());
    checks.push(store(global));
    checks.extend([Foreign::Docker, Foreign::Podman, Foreign::Buildah].map(engine));
    for check in &checks {
        show(check, output);
    }
    let broken = checks.iter().filter(|c| !c.ok).count();
    match broken {
        0 => Ok(()),
        n => Err(Failure::failed(format!("{n} of {} checks failed", checks.len()))),
    }
}

fn show(check: &Check, output: Output) {
    if output.json {
        let fix = check.fix.as_deref().map_or(Value::Null, Value::from);
        let value = Value::object([
            ("check", Value::from(check.name)),
            ("ok", Value::Bool(check.ok)),
            ("found", Value::from(check.found.as_str())),
            ("fix", fix),
        ]);
        println!("{}", value.compact());
        return;
    }
    let mark = match (check.ok, &check.fix) {
        (true, None) => "ok     ",
        (true, Some(_)) => "missing",
        (false, _) => "FAILED ",
    };
    println!("{mark} {}: {}", check.name, check.found);
    if let Some(fix) = &check.fix {
        println!("        to fix: {fix}");
    }
}

/// Sources that only Debian carries come through apt.
fn apt() -> Check {
    let there = Path::new("/usr/lib/apt/apt-helper").exists();
    let mirror = std::env::var("DEBIAN_MIRROR").is_ok();
    Check {
        name: "sources from Debian",
        found: match (there, mirror) {
            (_, true) => "DEBIAN_MIRROR is set".to_owned(),
            (true, _) => "through apt".to_owned(),
            _ => "no apt on this machine".to_owned(),
        },
        ok: there || mirror,
        fix: (!there && !mirror).then(|| {
            "export DEBIAN_MIRROR=BASE-URL of any Debian archive, or CAIRN_SOURCES=FOLDER".to_owned()
        }),
    }
}

fn store(global: &Global) -> Check {
    let opened = project::home(global).and_then(|home| project::store(global).map(|_| home));
    let (found, ok, fix) = match opened {
        Ok(home) => (home.display().to_string(), true, None),
        Err(failure) => (
            [failure.what.as_str()]
                .into_iter()
                .chain(failure.causes.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join(": "),
            false,
            Some("export CAIRN_HOME=FOLDER, one for each user".to_owned()),
        ),
    };
    Check { name: "store", found, ok, fix }
}

/// Another engine is a second witness, not a need.
fn engine(engine: Foreign) -> Check {
    let name = engine.name();
    let (found, fix) = match engine.version() {
        None => {
            let package = if engine == Foreign::Docker { "docker.io" } else { name };
            (
                "not installed".to_owned(),
                Some(format!("apt-get install {package}   (only for --engine {name})")),
            )
        }
        Some(version) if !engine.answers() => (
            format!("{version}, and no daemon answers"),
            Some("systemctl start docker, or export DOCKER_HOST=unix:///PATH".to_owned()),
        ),
        Some(version) => match lacks(engine) {
            Some((what, fix)) => (format!("{version}, and {what}"), Some(fix.to_owned())),
            None => (version, None),
        },
    };
    Check { name, ok: true, fix, found }
}

/// What Podman and Buildah need besides themselves.
fn lacks(engine: Foreign) -> Option<(&'static str, &'static str)> {
    let program = |name: &str| {
        ["/usr/bin", "/usr/sbin", "/usr/local/bin"].iter().any(|folder| Path::new(folder).join(name).exists())
    };
    if engine == Foreign::Docker {
        return None;
    }
    if !rustix::process::geteuid().is_root() && !program("newuidmap") {
        return Some(("it cannot give files to several users", "apt-get install uidmap"));
    }
    // crun refuses to run where both control group hierarchies are mounted.
    let hybrid = Path::new("/sys/fs/cgroup/unified").exists();
    (hybrid && !program("runc")).then_some(("crun cannot run here", "apt-get install runc"))
}
