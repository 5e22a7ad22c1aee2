//! Documents that somebody made to be understood in two ways.

use super::*;

fn layer(text: &str) -> Layer {
    Layer { digest: Digest::of(text.as_bytes()), size: text.len() as u64 }
}

fn good() -> (String, String) {
    let history = |empty_layer| History {
        created_by: "COPY / / # buildkit".to_owned(),
        comment: "buildkit.dockerfile.v0".to_owned(),
        empty_layer,
    };
    let config = Config {
        user: "1000".to_owned(),
        labels: [("a".to_owned(), "<b>".to_owned())].into(),
        history: vec![history(false), history(true), history(false)],
        ..Config::scratch("amd64")
    };
    let assembled = assemble(&config, &[layer("one"), layer("two")]);
    let text = |bytes| String::from_utf8(bytes).expect("JSON is text");
    (text(assembled.manifest_bytes), text(assembled.config_bytes))
}

/// Reads the good image with `from` replaced by `to` in its manifest.
fn manifest_with(from: &str, to: &str) -> String {
    let (manifest, config) = good();
    assert!(manifest.contains(from), "{from} is not in {manifest}");
    outcome(&manifest.replacen(from, to, 1), &config)
}

/// The same for the config; the manifest names the changed config, as an attacker's
/// would.
fn config_with(from: &str, to: &str) -> String {
    let (manifest, config) = good();
    assert!(config.contains(from), "{from} is not in {config}");
    let changed = config.replacen(from, to, 1);
    let manifest = manifest
        .replace(&Digest::of(config.as_bytes()).to_string(), &Digest::of(changed.as_bytes()).to_string())
        .replace(&format!("\"size\": {}", config.len()), &format!("\"size\": {}", changed.len()));
    outcome(&manifest, &changed)
}

fn outcome(manifest: &str, config: &str) -> String {
    match read(manifest.as_bytes(), config.as_bytes()) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_assembled_is_read_back() {
    let (manifest, config) = good();
    let image = read(manifest.as_bytes(), config.as_bytes()).expect("nothing is wrong");
    assert_eq!(image.manifest, Digest::of(manifest.as_bytes()));
    assert_eq!(image.layers, [layer("one"), layer("two")]);
    assert_eq!(config_of(manifest.as_bytes()), Ok(image.config_digest));
    assert_eq!(assemble(&image.config, &image.layers).manifest_digest, image.manifest);
}

#[test]
fn manifests_that_mean_two_things_are_refused() {
    let index = "\"manifests\": [],\n  \"config\"";
    let other = layer("two").digest.to_string();
    let cases = [
        ("\"schemaVersion\": 2", "\"schemaVersion\": 1", "1 instead of 2"),
        ("\"schemaVersion\": 2", "\"schemaVersion\": \"2\"", "wrong type"),
        ("\"schemaVersion\": 2,", "", "missing"),
        ("image.manifest.v1+json", "image.index.v1+json", "instead of"),
        ("\"config\"", index, "manifests: unknown member"),
        ("\"layers\"", "\"layers\": [], \"layers\"", "comes twice"),
        ("\"layers\"", "\"Layers\"", "missing"),
        ("\"layers\"", "\"fsLayers\": [], \"layers\"", "unknown member"),
        ("\"layers\"", "\"subject\": {}, \"layers\"", "unknown member"),
        ("image.config.v1+json", "image.layer.v1.tar", "instead of"),
        ("image.layer.v1.tar", "image.layer.v1.tar+gzip", "instead of"),
        ("image.layer.v1.tar", "image.layer.nondistributable.v1.tar", "instead of"),
        ("\"size\": 3", "\"size\": -3", "wrong type"),
        ("\"size\": 3", "\"size\": 3.0", "only 64-bit integers"),
        ("\"size\": 3", "\"size\": 3, \"urls\": [\"http://x\"]", "urls: unknown member"),
        ("\"size\": 3", "\"size\": 3, \"data\": \"\"", "data: unknown member"),
        ("\"digest\": \"sha256:", "\"digest\": \"sha256:../../", "not a digest"),
        ("\"digest\": \"sha256:", "\"digest\": \"sha512:", "not a digest"),
        ("{", "\u{feff}{", "byte order mark"),
    ];
    for (from, to, expected) in cases {
        let got = manifest_with(from, to);
        assert!(got.contains(expected), "{from} -> {to}: {got}");
    }
    let swapped = manifest_with(&layer("one").digest.to_string(), &other);
    assert!(swapped.contains("layer 0 is"), "{swapped}");
    let (manifest, config) = good();
    let trailing = outcome(&format!("{manifest}\n{{}}"), &config);
    assert!(trailing.contains("bytes after"), "{trailing}");
    let other_config = outcome(&manifest, &config.replace("1000", "0"));
    assert!(other_config.contains("was given"), "{other_config}");
    let long = outcome(&format!("{manifest}{}", " ".repeat(MAX_DOCUMENT)), &config);
    assert!(long.contains("more than"), "{long}");
}

#[test]
fn configs_that_mean_two_things_are_refused() {
    let id = layer("one").digest.to_string();
    let cases = [
        ("\"User\":\"1000\"", "\"User\":\"1000\",\"User\":\"0\"", "comes twice"),
        ("\"User\":\"1000\"", "\"User\":\"1000\",\"user\":\"0\"", "unknown member"),
        ("\"User\":\"1000\"", "\"User\":1000", "wrong type"),
        ("\"User\":\"1000\"", "\"OnBuild\":[\"RUN x\"]", "unknown member"),
        ("\"User\":\"1000\"", "\"Healthcheck\":{}", "unknown member"),
        ("\"PATH=", "\"PATH", "has no '='"),
        ("{\"a\":", "{\"a\":null,\"b\":", "wrong type"),
        ("\"type\":\"layers\"", "\"type\":\"other\"", "instead of"),
        ("\"rootfs\":", "\"rootfs\":{},\"rootfs\":", "comes twice"),
        ("\"diff_ids\":[", "\"diff_ids\":[\"sha256:0\",", "not a digest"),
        (&format!("\"{id}\","), "", "2 layers and the config 1"),
        (&format!("\"{id}\","), &format!("\"{id}\",\"{id}\","), "2 layers and the config 3"),
        (",\"empty_layer\":true", "", "history makes 3 layers"),
        ("\\u003cb\\u003e", "\\ud800", "surrogate"),
    ];
    for (from, to, expected) in cases {
        let got = config_with(from, to);
        assert!(got.contains(expected), "{from} -> {to}: {got}");
    }
}

#[test]
fn more_layers_than_any_engine_stacks_are_refused() {
    let history = vec![History::default(); 128];
    let config = Config { history, ..Config::scratch("amd64") };
    let layers = vec![layer("one"); 128];
    let read = |layers: &[Layer]| {
        let config = Config { history: config.history[..layers.len()].to_vec(), ..config.clone() };
        let assembled = assemble(&config, layers);
        read(&assembled.manifest_bytes, &assembled.config_bytes)
    };
    assert!(read(&layers[..127]).is_ok());
    let error = read(&layers).expect_err("one too many").to_string();
    assert!(error.contains("more than 127"), "{error}");
}
