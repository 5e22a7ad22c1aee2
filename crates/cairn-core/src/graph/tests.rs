use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::digest::Digest;
use crate::plan;
use crate::tree::{FileEntry, FileKind, LazyRecipe, Package};

fn name(text: &str) -> Name {
    text.parse().expect("a name of the test is valid")
}

fn package(package: &str, text: &str) -> Package {
    let recipe = LazyRecipe::parse(package, text.to_owned()).unwrap_or_else(|error| panic!("{error}"));
    let args = Arc::new(BTreeMap::new());
    let needs = plan::needs(&recipe, &args).unwrap_or_else(|error| panic!("{error}"));
    let kind = FileKind::File { digest: Digest::of(text.as_bytes()), executable: false };
    let containerfile = FileEntry { path: "Containerfile".into(), kind };
    let files = vec![containerfile.clone()];
    Package { name: name(package), dir: PathBuf::new(), recipe, containerfile, files, needs, args }
}

/// `x: y z` is a package `t/x` that copies from `t/y` and `t/z`.
fn tree(lines: &[&str]) -> Tree {
    let mut tree = Tree::default();
    for line in lines {
        let (base, needs) = line.split_once(':').expect("a line names a package");
        let copies: String =
            needs.split_whitespace().map(|need| format!("COPY --from=t/{need} / /\n")).collect();
        let package = package(&format!("t/{base}"), &format!("FROM scratch\n{copies}"));
        tree.packages.insert(package.name.clone(), package);
    }
    tree
}

fn ordered(tree: &Tree, targets: &[&str]) -> String {
    let targets: Vec<Name> = targets.iter().map(|base| name(&format!("t/{base}"))).collect();
    match order(tree, &targets) {
        Ok(nodes) => nodes.iter().map(|node| node.name.base()).collect::<Vec<_>>().join(" "),
        Err(error) => error.to_string(),
    }
}

#[test]
fn needs_come_first_and_the_rest_is_by_name() {
    let tree = tree(&["a: c", "b:", "c: d e", "d:", "e: d", "f: a", "x:"]);
    assert_eq!(ordered(&tree, &["a"]), "d e c a");
    assert_eq!(ordered(&tree, &["f", "b"]), "b d e c a f");
    assert_eq!(ordered(&tree, &["x", "x"]), "x");
    assert_eq!(ordered(&tree, &[]), "");
}

#[test]
fn the_shortest_circle_is_named() {
    let table: &[(&[&str], &str)] = &[
        (&["a: b", "b: c", "c: a"], "t/a -> t/b -> t/c -> t/a"),
        (&["a: b", "b: c", "c: d", "d: a c"], "t/c -> t/d -> t/c"),
        (&["a: z", "z: y", "y: z x", "x: x"], "t/x -> t/x"),
        (&["a: c b", "b: a", "c: a"], "t/a -> t/b -> t/a"),
    ];
    for (lines, want) in table {
        let found = ordered(&tree(lines), &["a"]);
        assert_eq!(found, format!("these packages need each other: {want}"), "{lines:?}");
    }
    assert_eq!(ordered(&tree(&["a:", "b: c", "c: b"]), &["a"]), "a");
}

#[test]
fn a_name_that_is_not_there_is_shown_with_its_line() {
    let tree = tree(&["alpha: beta", "bete:"]);
    assert_eq!(
        ordered(&tree, &["alpha"]),
        "t/alpha:2:1: there is no package t/beta\n   2 | COPY --from=t/beta / /\n     | \
         ^^^^^^^^^^^^^^^^^^^^^^\n     = perhaps t/bete"
    );
    assert_eq!(ordered(&tree, &["alpho"]), "there is no package t/alpho; perhaps t/alpha");
    assert_eq!(ordered(&tree, &["zzzzzz"]), "there is no package t/zzzzzz");
}

#[test]
fn a_broken_package_stops_only_who_needs_it() {
    let mut tree = tree(&["a: b", "c:"]);
    let error = crate::tree::Error::NoRecipe { path: "packages/t/b".into() };
    tree.broken.insert(name("t/b"), error);
    assert_eq!(ordered(&tree, &["a"]), "packages/t/b has no Containerfile");
    assert_eq!(ordered(&tree, &["c"]), "c");
}

#[test]
fn the_longest_chain_has_the_largest_weight() {
    let tree = tree(&["a: b c", "b: d", "c:", "d:"]);
    let nodes = order_by(&tree, &[name("t/a")], &|name| if name.base() == "c" { 10 } else { 1 });
    let weights: Vec<(String, u64)> = nodes
        .unwrap_or_else(|error| panic!("{error}"))
        .into_iter()
        .map(|node| (node.name.base().to_owned(), node.weight))
        .collect();
    let want = [("c", 11), ("d", 3), ("b", 2), ("a", 1)];
    assert_eq!(weights, want.map(|(base, weight)| (base.to_owned(), weight)));
}

#[test]
fn why_gives_the_shortest_chain() {
    let tree = tree(&["a: b c", "b: c", "c: d", "d:", "e:"]);
    let why = |from: &str, to: &str| {
        let path = why(&tree, &name(&format!("t/{from}")), &name(&format!("t/{to}")));
        path.unwrap_or_else(|error| panic!("{error}"))
            .map(|path| path.iter().map(Name::base).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(why("a", "d").as_deref(), Some("a c d"));
    assert_eq!(why("a", "a").as_deref(), Some("a"));
    assert_eq!(why("a", "e"), None);
    assert_eq!(tree.dependents(&name("t/c")), [&name("t/a"), &name("t/b")]);
}

#[test]
fn the_definition_is_the_documented_text() {
    let sum = "1".repeat(64);
    let text = format!(
        "FROM core/gcc\nCOPY --from=x@sha256:{sum} / /\nADD --checksum=sha256:{sum} https://a.org/b /\n"
    );
    let mut package = package("core/zlib", &text);
    let digest = Digest::of(b"content");
    let entry = |path: &str, kind| FileEntry { path: path.into(), kind };
    package.files = vec![
        entry("a/run", FileKind::File { digest, executable: true }),
        entry("b", FileKind::Link { target: "a".into() }),
        entry("c", FileKind::EmptyDir),
    ];
    let arg = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    package.args = Arc::new([arg("A", "1\n2"), arg("DEBIAN_MIRROR", "x")].into());
    let image = Digest::of(b"image");
    let images = BTreeMap::from([(name("core/gcc"), image)]);
    assert_eq!(
        definition_list(&package, &images),
        format!(
            "cairn definition 1\npackage core/zlib\narg A 3\n1\n2\nrecipe {} Containerfile\n\
             file 755 {digest} a/run\nlink {} b\ndir c\nsource sha256:{sum}\n\
             image core/gcc {image}\nimage x@sha256:{sum} sha256:{sum}\n",
            Digest::of(text.as_bytes()),
            Digest::of(b"a"),
        )
    );
    // Computed with sha256sum; it may only change together with the first line.
    package.args = Arc::default();
    assert_eq!(
        definition_digest(&package, &images).to_string(),
        "sha256:d2ed67d3a24c26611dc99be5ae34eb3ef113582184b0473cebf34f0d8f91fbcd"
    );
}
