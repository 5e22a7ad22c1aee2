//! Plans, held against what a real BuildKit recorded.
//!
//! For every case of `tests/golden`, the configuration that planning gives, assembled
//! with the recorded layers, must be the recorded image to the last byte. Layers are
//! tested where they are made; here it is words, arguments and history.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use cairn_core::containerfile::parse;
use cairn_core::digest::Digest;
use cairn_core::image::{Layer, assemble};
use cairn_core::plan::plan;

#[test]
fn every_plan_gives_the_image_that_buildkit_recorded() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    let expected = fs::read_to_string(golden.join("expected.txt")).expect("recorded digests");
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for line in expected.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let case = words.next().expect("a line names its case");
        seen.insert(case.to_owned());
        let digests: Vec<Digest> = words.map(|word| word.parse().expect("a line holds digests")).collect();
        if let Err(error) = compare(&golden, case, &digests) {
            wrong.push(format!("{case}: {error}"));
        }
    }
    assert!(seen.len() >= 60, "only {} cases were recorded", seen.len());
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), seen.len(), wrong.join("\n\n"));
}

fn compare(golden: &Path, case: &str, digests: &[Digest]) -> Result<(), String> {
    let file = golden.join(format!("cases/{case}.Containerfile"));
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let recipe = parse(case, &text).map_err(|error| error.to_string())?;
    let plan = plan(&recipe, None, &BTreeMap::new(), &|_| None).map_err(|error| error.to_string())?;
    let config = &plan.stages.last().expect("a plan has a target").config;
    let layers: Vec<Layer> = digests[2..].iter().map(|digest| Layer { digest: *digest, size: 0 }).collect();
    let assembled = assemble(config, &layers);
    if assembled.config_digest == digests[1] {
        return Ok(());
    }
    let document = golden.join(format!("documents/{case}.config.json"));
    let recorded = fs::read_to_string(document).unwrap_or_default();
    let ours = String::from_utf8_lossy(&assembled.config_bytes).into_owned();
    let at = ours.bytes().zip(recorded.bytes()).take_while(|(a, b)| a == b).count();
    let shown = |text: &str| {
        let from = at.saturating_sub(60);
        String::from_utf8_lossy(&text.as_bytes()[from.min(text.len())..(at + 100).min(text.len())])
            .into_owned()
    };
    Err(format!("differs at byte {at}\n  recorded …{}\n  planned  …{}", shown(&recorded), shown(&ours)))
}
