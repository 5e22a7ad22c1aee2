//! Which stage or image a name means, and which stages a target needs.

use std::str::FromStr;

use super::env::{Env, Expander, Mirror};
use super::{ImageRef, PLATFORM};
use crate::containerfile::{Error, Kind, Recipe, Stage, Word};
use crate::digest::Digest;
use crate::tree::Name;

/// What a stage starts from, by the numbering of the recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Scratch,
    Stage(usize),
    Image(ImageRef),
}

/// Reads the name of an image: a package of the tree, or anything with a digest.
///
/// The error says what would be right.
pub fn parse_image(text: &str) -> Result<ImageRef, String> {
    if let Some((name, digest)) = text.split_once('@') {
        let digest = Digest::from_str(digest)
            .map_err(|_| "a digest of the form sha256:… with 64 hexadecimal digits".to_owned())?;
        if !is_reference(name) {
            return Err("the name of an image in front of @".to_owned());
        }
        return Ok(ImageRef::Digest { name: name.to_owned(), digest });
    }
    Name::from_str(text).map(ImageRef::Package).map_err(|_| {
        "scratch, an earlier stage, a package as core/gcc, or an image pinned as NAME@sha256:…".to_owned()
    })
}

/// Host, path and tag of an image.
fn is_reference(text: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-' | b'/' | b':');
    !text.is_empty()
        && text.bytes().all(allowed)
        && text.split('/').all(|part| part.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

/// The origin of each stage, in the order of the recipe.
pub(super) fn origins(expander: &Expander<'_>, globals: &Env) -> Vec<Result<Origin, Error>> {
    let stages = &expander.recipe.stages;
    (0..stages.len()).map(|index| origin(expander, globals, index)).collect()
}

fn origin(expander: &Expander<'_>, globals: &Env, index: usize) -> Result<Origin, Error> {
    let recipe = expander.recipe;
    let stage = &recipe.stages[index];
    if let Some(word) = &stage.platform {
        let platform = expander.word(word, globals, Mirror::Unknown)?;
        if platform != PLATFORM && platform != "linux/amd64/v1" {
            let message = format!("platform {platform:?} is not supported");
            return Err(recipe.error(word.span(), message, PLATFORM));
        }
    }
    let name = expander.word(&stage.base, globals, Mirror::Forbidden)?;
    if name.is_empty() {
        let message = format!("{} is empty here", stage.base.text);
        let expected = "an image; FROM sees only ARGs in front of the first FROM";
        return Err(recipe.error(stage.base.span(), message, expected));
    }
    if name == "scratch" {
        return Ok(Origin::Scratch);
    }
    if let Some(earlier) = by_name(&recipe.stages[..index], &name) {
        return Ok(Origin::Stage(earlier));
    }
    image(recipe, index, &stage.base, &name).map(Origin::Image)
}

/// Where files come from with `--from=` or `from=`.
pub(super) fn source(recipe: &Recipe, index: usize, from: &Word) -> Result<Origin, Error> {
    let found = match from.text.parse::<usize>() {
        Ok(number) if number < recipe.stages.len() => Some(number),
        Ok(_) => {
            let message = format!("there is no stage number {}", from.text);
            return Err(recipe.error(from.span(), message, "the name of an earlier stage"));
        }
        Err(_) => by_name(&recipe.stages, &from.text),
    };
    match found {
        Some(stage) if stage < index => Ok(Origin::Stage(stage)),
        Some(stage) => {
            let what = if stage == index { "this very stage" } else { "a later stage" };
            let message = format!("{:?} is {what}", from.text);
            Err(recipe.error(from.span(), message, "an earlier stage"))
        }
        None if from.text == "scratch" => {
            Err(recipe.error(from.span(), "scratch has no files", "a stage or an image"))
        }
        None => image(recipe, index, from, &from.text).map(Origin::Image),
    }
}

/// Stage names are the same in capitals.
pub(super) fn by_name(stages: &[Stage], name: &str) -> Option<usize> {
    let name = name.to_ascii_lowercase();
    stages.iter().position(|stage| stage.name.as_deref() == Some(&name))
}

fn image(recipe: &Recipe, index: usize, word: &Word, name: &str) -> Result<ImageRef, Error> {
    parse_image(name).map_err(|expected| {
        let names: Vec<&str> =
            recipe.stages[..index].iter().filter_map(|stage| stage.name.as_deref()).collect();
        let near = crate::containerfile::nearest(name, &names);
        let (message, expected) = if recipe.stages[index..].iter().any(|s| s.name.as_deref() == Some(name)) {
            (format!("stage {name:?} does not stand above this line"), "an earlier stage".to_owned())
        } else if let Some(near) = near {
            (format!("{name:?} is no stage and no image"), format!("perhaps {near}"))
        } else if name.contains('@') {
            (format!("{name:?} is not pinned"), expected)
        } else if name.contains('/') || name.contains(':') {
            (format!("{name:?} may be another image tomorrow"), expected)
        } else {
            (format!("{name:?} is no stage and no image"), expected)
        };
        recipe.error(word.span(), message, expected)
    })
}

/// The stages that `target` needs, itself included, in the order of the recipe.
pub(super) fn needed(
    recipe: &Recipe,
    origins: &[Result<Origin, Error>],
    target: usize,
) -> Result<Vec<usize>, Error> {
    let mut wanted = vec![false; recipe.stages.len()];
    wanted[target] = true;
    // Nothing refers to a later stage, so one pass from the back finds all.
    for index in (0..=target).rev() {
        if !wanted[index] {
            continue;
        }
        if let Origin::Stage(base) = origins[index].clone()? {
            wanted[base] = true;
        }
        for from in recipe.stages[index].instructions.iter().flat_map(|i| froms(&i.kind)) {
            if let Origin::Stage(stage) = source(recipe, index, from)? {
                wanted[stage] = true;
            }
        }
    }
    Ok((0..wanted.len()).filter(|index| wanted[*index]).collect())
}

/// The names behind `--from` and in mounts of one instruction.
fn froms(kind: &Kind) -> Vec<&Word> {
    match kind {
        Kind::Copy(copy) => copy.from.iter().collect(),
        Kind::Run(run) => {
            let fields = run.mounts.iter().flat_map(|mount| &mount.fields);
            fields.filter(|(key, _)| key == "from").filter_map(|(_, value)| value.as_ref()).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_a_package_or_pinned() {
        let pin = format!("sha256:{}", "0".repeat(64));
        for text in ["core/gcc", "bootstrap/stage0", &format!("debian:12@{pin}")] {
            assert_eq!(parse_image(text).map(|image| image.to_string()).as_deref(), Ok(text));
        }
        let wrong = ["debian", "debian:12", "core/gcc:1", "a/b/c", "x@sha256:12", "@sha256:", "A/b"];
        for text in wrong.into_iter().chain([format!("@{pin}").as_str(), &format!("-x@{pin}")]) {
            assert!(parse_image(text).is_err(), "{text}");
        }
    }
}
