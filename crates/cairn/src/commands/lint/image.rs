//! What the image of a package holds that is not meant for its users, and what it lacks.
//!
//! Only an image that was built from the definition as it is now is looked at; nothing is
//! built for it.

use super::Finding;
use crate::commands::build;
use crate::error::{Failure, Result, doing};
use cairn_build::Engine;
use cairn_build::reproduce::read_image;
use cairn_core::tar::{Accept, Entry, Kind, Reader};
use cairn_core::tree::Package;
use std::io::BufReader;

/// Where installers put what people read elsewhere.
const MANUALS: [&[u8]; 4] = [b"usr/share/doc/", b"usr/share/gtk-doc/", b"usr/share/info/", b"usr/share/man/"];

/// The user that packages are built by, before stage install.
const BUILDER: u64 = 1000;

/// What is to be said about the last image of a package; `None` if there is none.
pub fn lint(engine: &Engine, package: &Package) -> Result<Option<Vec<Finding>>> {
    let Some(built) = engine.finished(&package.name).map_err(|e| build::failure(&e))? else {
        return Ok(None);
    };
    let damaged = |why: String| {
        Failure::failed(format!("the image of {} cannot be read", package.name))
            .cause(why)
            .hint("cairn fsck finds damaged files")
    };
    let image =
        read_image(&engine.store.home().join("blobs/sha256"), &built.record.image).map_err(damaged)?;
    let mut seen = Seen::default();
    for layer in &image.layers {
        let file = engine.store.open_blob(&layer.digest).map_err(doing("read the store"))?;
        let mut layer = Reader::new(BufReader::new(file), Accept::Layer);
        while let Some(entry) = layer.next_entry().map_err(|e| damaged(e.to_string()))? {
            seen.entry(&entry);
        }
    }
    // What only builds other packages is given to nobody.
    let distributed = package.name.group() != "bootstrap" && !package.needs.sources.is_empty();
    let found = seen.findings(distributed).into_iter();
    Ok(Some(found.map(|(rule, what)| finding(package, rule, &what)).collect()))
}

fn finding(package: &Package, rule: &'static str, what: &str) -> Finding {
    let place = format!("packages/{}/Containerfile", package.name);
    let hint = match rule {
        "licence" => "install -Dm644 COPYING rootfs/usr/share/licenses/NAME/COPYING",
        "owner" => "chown -R 0:0 rootfs; install -p, cp -a and tar keep owners",
        _ => "rm, in stage install",
    };
    Finding::about(rule, place, format!("its image: {what}"), hint.to_owned())
}

/// What went by of an image's entries.
#[derive(Default)]
struct Seen {
    manuals: Files,
    libtool: Files,
    top: Files,
    foreign: Files,
    licences: usize,
}

/// How many, and the first of them.
#[derive(Default)]
struct Files {
    count: usize,
    first: String,
}

impl Files {
    fn add(&mut self, path: &[u8]) {
        if self.count == 0 {
            self.first = String::from_utf8_lossy(path).into_owned();
        }
        self.count += 1;
    }
}

impl Seen {
    fn entry(&mut self, entry: &Entry) {
        // As an ordinary user a RUN sees only files of its own: what keeps owners differs there.
        if entry.uid == BUILDER && !entry.path.starts_with(b"home/") {
            self.foreign.add(&entry.path);
        }
        if !matches!(entry.kind, Kind::File { .. } | Kind::Hardlink { .. } | Kind::Symlink { .. }) {
            return;
        }
        let path = &entry.path;
        if MANUALS.iter().any(|folder| path.starts_with(folder)) {
            self.manuals.add(path);
        } else if path.ends_with(b".la") {
            self.libtool.add(path);
        } else if path.starts_with(b"usr/share/licenses/") {
            self.licences += 1;
        } else if !path.contains(&b'/') && matches!(entry.kind, Kind::File { .. }) {
            self.top.add(path);
        }
    }

    /// `distributed`: the package is somebody's work, not only others put together, and for users.
    fn findings(&self, distributed: bool) -> Vec<(&'static str, String)> {
        let rules = [
            ("manual", &self.manuals, "pages of manuals", true),
            ("libtool", &self.libtool, "files that only libtool reads", true),
            ("top", &self.top, "files in / itself", true),
            ("owner", &self.foreign, "files of the user who built them", distributed),
        ];
        let broken = rules.into_iter().filter(|(_, files, _, applies)| *applies && files.count > 0);
        let mut found: Vec<_> = broken
            .map(|(rule, files, what, _)| {
                (rule, format!("{} {what}, {} the first", files.count, files.first))
            })
            .collect();
        if distributed && self.licences == 0 {
            found.push(("licence", "no licence in usr/share/licenses".to_owned()));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(paths: &[&str], distributed: bool) -> Vec<&'static str> {
        owned(0, paths, distributed)
    }

    fn owned(uid: u64, paths: &[&str], distributed: bool) -> Vec<&'static str> {
        let mut seen = Seen::default();
        for path in paths {
            let kind = Kind::File { size: 1 };
            seen.entry(&Entry { path: path.as_bytes().to_vec(), kind, mode: 0o644, uid, gid: uid });
        }
        seen.findings(distributed).into_iter().map(|(rule, _)| rule).collect()
    }

    const LICENCE: &str = "usr/share/licenses/a/COPYING";

    #[test]
    fn what_only_installers_leave_is_told() {
        assert_eq!(rules(&[LICENCE, "usr/share/man/man1/a.1"], true), ["manual"]);
        assert_eq!(rules(&[LICENCE, "usr/lib/liba.la"], true), ["libtool"]);
        assert_eq!(rules(&[LICENCE, "a.0"], true), ["top"]);
        assert_eq!(rules(&["usr/bin/a"], true), ["licence"]);
    }

    #[test]
    fn files_of_the_builder_are_told_but_not_its_home() {
        assert_eq!(owned(1000, &[LICENCE], true), ["owner"]);
        assert_eq!(owned(1000, &["home/user", "home/user/.profile"], false), [""; 0]);
        assert_eq!(owned(1000, &["bin/sh"], false), [""; 0]);
    }

    #[test]
    fn an_ordinary_image_is_not_blamed() {
        assert_eq!(rules(&[LICENCE, "usr/bin/man", "usr/share/manual/a", "usr/share/a.lang"], true), [""; 0]);
        assert_eq!(rules(&["etc/passwd"], false), [""; 0]);
    }
}
