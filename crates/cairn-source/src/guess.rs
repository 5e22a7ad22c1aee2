//! What a person would see at first sight of a source archive: how it is built, its
//! version, its licence. Guesses, for a definition that its author then reads.

use std::io::Read;

use crate::archive::{self, Error, Limits};
use crate::scan::Root;

/// How sources are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// `./configure && make`
    Configure,
    /// The same, after `autoreconf`.
    Autoconf,
    /// CMakeLists.txt
    CMake,
    /// meson.build
    Meson,
    /// Only a Makefile.
    Make,
    /// None of these.
    Unknown,
}

/// What is at the top of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// How it is built.
    pub system: System,
    /// All files are in one folder.
    pub in_folder: bool,
    /// The file that states the licence.
    pub licence_file: Option<String>,
    /// Its SPDX name, if the text is a known one.
    pub licence: Option<&'static str>,
}

/// How much of a licence is read.
const MAX_LICENCE: u64 = 64 << 10;

/// Files that may hold the licence, the likeliest first.
const LICENCE_FILES: [&str; 9] = [
    "LICENSE",
    "LICENCE",
    "COPYING",
    "LICENSE.txt",
    "LICENSE.md",
    "COPYRIGHT",
    "COPYING.LESSER",
    "LICENCE.txt",
    "COPYING.LIB",
];

/// Looks at the top of an archive.
///
/// # Errors
///
/// As [`archive::walk`].
pub fn project(source: impl Read, limits: Limits) -> Result<Project, Error> {
    let mut root = Root::default();
    let mut files: Vec<String> = Vec::new();
    let mut texts: Vec<(String, String)> = Vec::new();
    archive::walk(source, limits, &mut |path, content| {
        root.see(path);
        if path.split('/').count() <= 2 {
            let name = path.rsplit('/').next().unwrap_or_default();
            if LICENCE_FILES.contains(&name) {
                let mut text = Vec::new();
                content.take(MAX_LICENCE).read_to_end(&mut text)?;
                texts.push((path.to_owned(), String::from_utf8_lossy(&text).into_owned()));
            }
            files.push(path.to_owned());
        }
        Ok(())
    })?;
    let prefix = root.prefix();
    let top: Vec<&str> =
        files.iter().filter_map(|path| path.get(prefix..)).filter(|path| !path.contains('/')).collect();
    let rank = |name: &str| LICENCE_FILES.iter().position(|known| *known == name);
    let mut texts: Vec<(usize, &str, &str)> = texts
        .iter()
        .filter_map(|(path, text)| Some((rank(path.get(prefix..)?)?, path.get(prefix..)?, text.as_str())))
        .collect();
    texts.sort();
    Ok(Project {
        system: system(&top),
        in_folder: prefix > 0,
        licence_file: texts.first().map(|(_, name, _)| (*name).to_owned()),
        licence: texts.iter().find_map(|(_, _, text)| licence(text)),
    })
}

fn system(top: &[&str]) -> System {
    let has = |name: &str| top.contains(&name);
    match () {
        () if has("configure") => System::Configure,
        () if has("meson.build") => System::Meson,
        () if has("CMakeLists.txt") => System::CMake,
        () if has("configure.ac") || has("configure.in") => System::Autoconf,
        () if has("Makefile") || has("makefile") || has("GNUmakefile") => System::Make,
        () => System::Unknown,
    }
}

/// Name and version in the name of an archive: `lz4-1.10.0.tar.gz`, and as Debian
/// writes it `lz4_1.10.0.orig.tar.gz`.
pub fn name_and_version(file: &str) -> Option<(String, String)> {
    let endings = [".gz", ".bz2", ".xz", ".lz", ".zst", ".tar", ".tgz", ".orig"];
    let mut stem = file;
    while let Some(shorter) = endings.iter().find_map(|ending| stem.strip_suffix(ending)) {
        stem = shorter;
    }
    let starts = stem.char_indices().filter(|(at, c)| {
        matches!(c, '-' | '_')
            && stem[at + 1..].trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit())
    });
    let (at, _) = starts.into_iter().next()?;
    let version = stem[at + 1..].trim_start_matches('v');
    Some((stem[..at].to_owned(), version.to_owned()))
}

/// The SPDX name of a licence, by sentences that only it has.
pub fn licence(text: &str) -> Option<&'static str> {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let known: [(&[&str], &'static str); 15] = [
        (&["gnu affero general public license", "version 3"], "AGPL-3.0-or-later"),
        (&["gnu lesser general public license", "version 3, 29 june"], "LGPL-3.0-or-later"),
        (&["gnu lesser general public license", "version 2.1, february"], "LGPL-2.1-or-later"),
        (&["gnu library general public license", "version 2, june"], "LGPL-2.0-or-later"),
        (&["gnu general public license", "version 3, 29 june"], "GPL-3.0-or-later"),
        (&["gnu general public license", "version 2, june"], "GPL-2.0-or-later"),
        (&["apache license", "version 2.0, january 2004"], "Apache-2.0"),
        (&["mozilla public license", "version 2.0"], "MPL-2.0"),
        (
            &[
                "permission is hereby granted, free of charge",
                "the above copyright notice and this permission",
            ],
            "MIT",
        ),
        (
            &[
                "permission to use, copy, modify, and",
                "distribute this software for any purpose",
                "appear in all copies",
            ],
            "ISC",
        ),
        (&["altered source versions must be plainly marked", "not be misrepresented"], "Zlib"),
        (&["this is free and unencumbered software released into the public domain"], "Unlicense"),
        (&["redistribution and use in source and binary forms", "neither the name"], "BSD-3-Clause"),
        (&["redistribution and use in source and binary forms"], "BSD-2-Clause"),
        (&["boost software license - version 1.0"], "BSL-1.0"),
    ];
    known.into_iter().find(|(all, _)| all.iter().all(|part| flat.contains(part))).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_archive_gives_name_and_version() {
        for (file, want) in [
            ("lz4-1.10.0.tar.gz", Some(("lz4", "1.10.0"))),
            ("lz4_1.10.0.orig.tar.gz", Some(("lz4", "1.10.0"))),
            ("zlib_1.3.dfsg+really1.3.1.orig.tar.xz", Some(("zlib", "1.3.dfsg+really1.3.1"))),
            ("automake-1.16_1.16.5.orig.tar.xz", Some(("automake", "1.16_1.16.5"))),
            ("foo-bar-v2.tgz", Some(("foo-bar", "2"))),
            ("v2.tar.gz", None),
        ] {
            let got = name_and_version(file);
            assert_eq!(got.as_ref().map(|(n, v)| (n.as_str(), v.as_str())), want, "{file}");
        }
    }

    #[test]
    fn the_build_system_is_that_which_needs_least() {
        for (top, want) in [
            (&["configure", "CMakeLists.txt", "Makefile"][..], System::Configure),
            (&["CMakeLists.txt", "Makefile"], System::CMake),
            (&["meson.build"], System::Meson),
            (&["configure.ac", "Makefile"], System::Autoconf),
            (&["Makefile", "main.c"], System::Make),
            (&["main.c"], System::Unknown),
        ] {
            assert_eq!(system(top), want, "{top:?}");
        }
    }

    #[test]
    fn a_licence_is_known_by_its_sentences() {
        let table = [
            (
                "Permission is hereby granted,\n  free of charge, … The above copyright notice and this permission notice",
                Some("MIT"),
            ),
            ("GNU GENERAL PUBLIC LICENSE\n Version 2, June 1991", Some("GPL-2.0-or-later")),
            ("GNU GENERAL PUBLIC LICENSE Version 3, 29 June 2007", Some("GPL-3.0-or-later")),
            ("Redistribution and use in source and binary forms … Neither the name of", Some("BSD-3-Clause")),
            ("Redistribution and use in source and binary forms", Some("BSD-2-Clause")),
            ("All rights reserved.", None),
        ];
        for (text, want) in table {
            assert_eq!(licence(text), want, "{text}");
        }
    }
}
