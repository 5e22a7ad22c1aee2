use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::digest::Digest;
use crate::tree::{FileEntry, FileKind, LazyRecipe};

fn package(text: &str) -> Package {
    let recipe =
        LazyRecipe::parse("Containerfile", text.to_owned()).unwrap_or_else(|error| panic!("{error}"));
    let args = Arc::new(BTreeMap::new());
    let needs = plan::needs(&recipe, &args).unwrap_or_else(|error| panic!("{error}"));
    let kind = FileKind::File { digest: Digest::of(b""), executable: false };
    Package {
        name: "core/zlib".parse().expect("a name"),
        dir: PathBuf::from("/nonexistent"),
        containerfile: FileEntry { path: "Containerfile".into(), kind },
        files: Vec::new(),
        recipe,
        needs,
        args,
    }
}

/// Every finding as `line rule: message`.
fn findings(text: &str) -> Vec<String> {
    let package = package(text);
    let shown = |finding: &Finding| {
        let error = finding.show(&package.recipe);
        format!("{} {}: {}", error.line, finding.rule, finding.message)
    };
    lint(&package).iter().map(shown).collect()
}

const GOOD: &str = "\
# zlib: DEFLATE compression, wanted by nearly everything above it.
FROM scratch AS meta
ARG VERSION=1.3.1
LABEL org.opencontainers.image.version=${VERSION} org.opencontainers.image.licenses=Zlib
FROM meta AS base
COPY --from=core/busybox . /
COPY --from=core/gcc . /
USER 1000:1000
WORKDIR /home/user
FROM base AS fetch
ADD --checksum=sha256:9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23 https://zlib.net/zlib-${VERSION}.tar.gz .
FROM fetch AS build
RUN tar xzf zlib-${VERSION}.tar.gz --strip-components=1 && ./configure && make
FROM build AS install
USER 0:0
RUN make DESTDIR=/home/user/rootfs install
FROM meta AS package
COPY --from=install /home/user/rootfs /
";

#[test]
fn a_good_package_has_no_findings() {
    assert_eq!(findings(GOOD), Vec::<String>::new());
}

#[test]
fn each_bad_habit_is_found() {
    let wording = "is put differently into the history by different BuildKits";
    let table: &[(&str, &str, &[&str])] = &[
        (
            "# zlib: DEFLATE compression, wanted by nearly everything above it.\n",
            "",
            &["1 comment: no comment at the top"],
        ),
        (
            "COPY --from=core/gcc . /\n",
            "COPY --from=core/gcc . /\nCOPY --from=core/bash . /\n",
            &["8 sorted: core/bash behind core/gcc"],
        ),
        (
            "COPY --from=core/gcc . /\n",
            "COPY --from=core/gcc / /\nCOPY --from=core/gcc . /\n",
            &["8 sorted: core/gcc a second time"],
        ),
        (
            "FROM meta AS package\n",
            "FROM meta AS final\n",
            &["17 stages: a stage final", "17 stages: the last stage is not package"],
        ),
        (
            "FROM fetch AS build\n",
            "FROM scratch AS old\nFROM fetch AS build\n",
            &["12 stages: nothing uses this stage"],
        ),
        (
            "FROM fetch AS build\n",
            "FROM fetch AS build\nADD --checksum=sha256:9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23 \
             https://zlib.net/more.tar .\n",
            &["13 stages: a source that is fetched outside the stage fetch"],
        ),
        (
            "COPY --from=install /home/user/rootfs /\n",
            "COPY --from=install /home/user/rootfs /\nRUN true\n",
            &["19 stages: a RUN in the stage that becomes the image"],
        ),
        (
            " org.opencontainers.image.licenses=Zlib",
            "",
            &["17 licence: no label org.opencontainers.image.licenses"],
        ),
        (
            "licenses=Zlib",
            "licenses=\"see COPYING!\"",
            &["17 licence: the label org.opencontainers.image.licenses is no SPDX expression"],
        ),
        (
            "LABEL org.opencontainers.image.version=${VERSION}",
            "LABEL org.opencontainers.image.version=1.2",
            &["3 version: VERSION is 1.3.1, and the label says 1.2"],
        ),
        (
            "FROM meta AS base",
            "FROM meta AS base\nARG VERSION=1.4",
            &["6 version: VERSION is 1.4 here and 1.3.1 above"],
        ),
        (
            "FROM meta AS package\n",
            "FROM scratch AS package\nLABEL org.opencontainers.image.version=${VERSION} org.opencontainers.image.licenses=Zlib\n",
            &[
                "17 version: the label org.opencontainers.image.version is empty",
                "18 undefined: $VERSION has no value here",
            ],
        ),
        (
            "ARG VERSION=1.3.1\n",
            "ARG VERSION=1.3.1\nARG TARGETARCH\nEXPOSE 80\n",
            &[&format!("4 wording: ARG without a value {wording}"), &format!("5 wording: EXPOSE {wording}")],
        ),
        ("RUN make", "RUN --network=none make", &["16 law: --network=none holds for every RUN"]),
        (
            "RUN make",
            "RUN --mount=type=cache,target=/c make",
            &["16 cache: --mount=type=cache,target=/c: a cache is empty at the start of every RUN"],
        ),
        (
            "RUN make",
            "RUN X=1 /usr/bin/curl -O x; git clone y && make",
            &[
                "16 network: curl in a RUN: there is no network",
                "16 network: git clone in a RUN: there is no network",
            ],
        ),
        (
            "RUN make",
            "RUN [\"make\",]\nRUN make",
            &["16 list: what looks like a list is no valid JSON, so it is a shell command"],
        ),
        (
            "RUN make",
            "run make \\\n\n  x",
            &[
                "16 spelling: an instruction in small letters",
                "16 spelling: a blank line inside a continued one will be an error in later BuildKits",
            ],
        ),
        ("USER 1000:1000\n", "", &["12 user: the build runs as root"]),
        (
            "FROM meta AS base\n",
            "FROM scratch AS old\nFROM meta AS base\n",
            &["5 stages: a stage old", "5 stages: nothing uses this stage"],
        ),
        ("USER 0:0\n", "USER 0\n", &["15 user: USER 0 alone fails in BuildKit without /etc/passwd"]),
        (
            "USER 1000:1000\n",
            "USER 1000:1000\nENV TZ=UTC\nENV A b\n",
            &["9 law: TZ is the same in every RUN", "10 old-form: A without ="],
        ),
    ];
    for (from, to, want) in table {
        assert!(GOOD.contains(from), "{from}");
        assert_eq!(findings(&GOOD.replacen(from, to, 1)), *want, "{from:?} -> {to:?}");
    }
}

#[test]
fn a_program_is_found_only_where_it_is_called() {
    for (script, called) in [
        ("curl x", true),
        ("a && /usr/bin/curl x", true),
        ("(curl x)", true),
        ("A=b exec curl", true),
        ("make curl", false),
        ("echo curl.c", false),
        ("cd curl-8; make", false),
    ] {
        assert_eq!(habits::calls(script, "curl", ""), called, "{script}");
    }
    assert!(!habits::calls("git log", "git", "clone"));
}

#[test]
fn a_test_is_there_uses_its_package_and_runs_something() {
    let zlib = package(GOOD);
    let found = |test: Option<&str>| {
        let test = test.map(package);
        lint_test(&zlib, test.as_ref()).map(|finding| finding.message)
    };
    assert_eq!(found(None).as_deref(), Some("no test: nobody would see that core/zlib does not work"));
    let other = "FROM core/gcc\nRUN true\n";
    assert_eq!(found(Some(other)).as_deref(), Some("the test does not use core/zlib"));
    assert_eq!(found(Some("FROM core/zlib\n")).as_deref(), Some("the test runs nothing"));
    assert_eq!(found(Some("FROM core/gcc\nCOPY --from=core/zlib . /\nRUN true\n")), None);
}
