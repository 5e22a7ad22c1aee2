//! `cairn reproduce`: everything again, where nothing that must not matter is the same.

use crate::args::{Global, Reproduce};
use crate::commands::build;
use crate::error::{Failure, Kind, Result, doing};
use crate::output::Output;
use cairn_core::json::Value;
use std::fs;
use std::path::PathBuf;

/// Builds in a second, empty store beside the first and compares image by image.
pub fn run(global: &Global, args: &Reproduce, output: Output) -> Result<()> {
    let engine = build::engine(global, &args.how, false, output)?;
    let targets = build::targets(&engine.tree, &args.packages)?;
    let second = Second(engine.store.home().join(format!("tmp/reproduce-{}", std::process::id())));
    let told = &mut |name: &cairn_core::tree::Name| output.note(&format!("{name}: comparing"));
    let results = engine.reproduce(&targets, &second.0, args.all, told);
    let results =
        results.map_err(|e| Failure::failed("the second build did not come to its end").because(&e))?;
    let mut different = Vec::new();
    for result in &results {
        let equal = result.is_equal();
        let name = &result.first.record.name;
        let (first, second) = (result.first.record.image, result.second.record.image);
        if output.json {
            let value = Value::object([
                ("package", Value::from(name.as_str())),
                ("equal", Value::Bool(equal)),
                ("first", first.to_string().into()),
                ("second", second.to_string().into()),
                ("differences", Value::strings(result.differences.iter().map(ToString::to_string))),
            ]);
            println!("{}", value.compact());
        } else if equal {
            println!("equal {name} {first}");
        } else {
            println!("DIFFERENT {name}\n  first  {first}\n  second {second}");
            for difference in &result.differences {
                println!("  {difference}");
            }
        }
        if !equal {
            different.push(name.to_string());
        }
    }
    drop(second);
    match different.as_slice() {
        [] => Ok(()),
        names => Err(Failure::new(Kind::Differs, format!("not reproducible: {}", names.join(", ")))
            .hint("the lines above name file, bytes and the likely cause")),
    }
}

/// The second store; goes away with the comparison.
struct Second(PathBuf);

impl Drop for Second {
    fn drop(&mut self) {
        // A tree may have folders that their owner cannot enter; then `cairn gc` takes
        // what is left.
        let removed = fs::remove_dir_all(&self.0);
        if let Some(error) = removed.err().filter(|e| e.kind() != std::io::ErrorKind::NotFound) {
            let failure: Failure = doing(format!("remove {}", self.0.display()))(error);
            eprintln!("{}", failure.what);
        }
    }
}
