//! Whether everything that nobody can read is deleted before use or has its reason.

use std::collections::{BTreeMap, BTreeSet};

use cairn_core::containerfile::ignore::{BadPattern, Patterns};

use crate::kind::Kind;
use crate::listed::Line;
use crate::scan::Found;

/// Files of one folder that are neither deleted nor listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexplained {
    /// The folder, empty for that of the archive; or the file, if it is one.
    pub path: String,
    /// What they are, in one line.
    pub what: String,
}

/// What a person has to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// By folder.
    pub unexplained: Vec<Unexplained>,
    /// Numbers of the lines of `opaque` that fit nothing.
    pub idle: Vec<usize>,
    /// How many images, fonts and the like there are; nobody has to explain those.
    pub data: usize,
}

/// Holds what was `found` against the patterns `removed` before use and the list.
///
/// # Errors
///
/// A pattern of `removed` that means nothing.
pub fn review(found: &[Found], removed: &[String], listed: &[Line]) -> Result<Review, BadPattern> {
    let removed = Patterns::new(removed)?;
    let mut review = Review::default();
    let mut used = BTreeSet::new();
    let mut open: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for one in found {
        if !one.kind.is_opaque() {
            review.data += 1;
            continue;
        }
        let mut explained = one.names().any(|path| removed.fit(path));
        for line in listed.iter().filter(|line| one.names().any(|path| line.fits(path))) {
            used.insert(line.number);
            explained = true;
        }
        if !explained {
            open.entry(folder(&one.path)).or_default().push(one);
        }
    }
    review.unexplained = open.into_iter().map(|(folder, files)| unexplained(folder, &files)).collect();
    review.idle = listed.iter().map(|line| line.number).filter(|number| !used.contains(number)).collect();
    Ok(review)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn unexplained(folder: &str, files: &[&Found]) -> Unexplained {
    if let [one] = files {
        let what = format!("{}, {} bytes", one.kind.describe(), one.bytes);
        return Unexplained { path: one.path.clone(), what };
    }
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    files.iter().for_each(|one| *kinds.entry(one.kind).or_default() += 1);
    let kinds: Vec<String> =
        kinds.iter().map(|(kind, count)| format!("{count} × {}", kind.describe())).collect();
    let first = files.first().map_or("", |one| one.path.as_str());
    let first = first.rsplit('/').next().unwrap_or_default();
    Unexplained { path: folder.to_owned(), what: format!("{}, as {first}", kinds.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listed;

    #[test]
    fn everything_is_deleted_or_listed_or_said() {
        let file = |path: &str, kind| Found { path: path.to_owned(), kind, bytes: 7 };
        let found = [
            file("a.o", Kind::Program("ELF")),
            file("doc/logo.png", Kind::Data("PNG")),
            file("tests/1.xz", Kind::Packed("xz")),
            file("tests/2.xz", Kind::Packed("xz")),
            file("tests/2.tar!bin/x", Kind::Program("ELF")),
            file("tests/b", Kind::Unknown),
        ];
        let look = |removed: &[&str], listed: &str| {
            let removed: Vec<String> = removed.iter().map(ToString::to_string).collect();
            let listed = listed::parse(listed).expect("a good list");
            let review = review(&found, &removed, &listed).expect("good patterns");
            let open = review.unexplained.iter().map(|one| format!("{}: {}", one.path, one.what));
            (open.collect::<Vec<_>>(), review.idle, review.data)
        };
        let program = "a.o: a program (ELF), 7 bytes".to_owned();
        let archives = "tests: 2 × an archive (xz), 1 × bytes of no known kind, as 1.xz".to_owned();
        let inner = "tests/2.tar!bin/x: a program (ELF), 7 bytes".to_owned();
        assert_eq!(look(&[], ""), (vec![program.clone(), archives, inner.clone()], vec![], 1));
        assert_eq!(look(&["tests"], ""), (vec![program], vec![], 1));
        assert_eq!(look(&["*.o"], "tests  data\n*.dll  old\n").1, [2]);
        let bytes = "tests/b: bytes of no known kind, 7 bytes".to_owned();
        assert_eq!(look(&["*.o", "tests/*.xz"], "").0, [bytes.clone(), inner]);
        assert_eq!(look(&["*.o", "tests/*.xz"], "bin/x  in the archive inside\n").0, [bytes]);
        assert_eq!(look(&["*.o"], "tests  data\n").0, Vec::<String>::new());
    }
}
