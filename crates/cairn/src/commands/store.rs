//! `cairn gc` and `cairn fsck`.

use crate::args::{Fsck, Global, How};
use crate::commands::build;
use crate::error::{Failure, Result, doing};
use crate::output::{Output, size};
use crate::project;
use cairn_build::progress::Silent;
use cairn_core::json::Value;
use cairn_core::tree::Tree;
use std::sync::Arc;

/// Re-hashes everything.
pub fn fsck(global: &Global, args: &Fsck, output: Output) -> Result<()> {
    let store = project::store(global)?;
    let problems = store.verify().map_err(doing("read the store"))?;
    for problem in &problems {
        if output.json {
            let path = problem.path.to_string_lossy().into_owned();
            let value =
                Value::object([("path", Value::from(path)), ("problem", Value::from(problem.what.as_str()))]);
            println!("{}", value.compact());
        } else {
            println!("{problem}");
        }
        if args.delete {
            let failed = format!("delete {}", problem.path.display());
            std::fs::remove_file(&problem.path).map_err(doing(failed))?;
        }
    }
    match problems.len() {
        n if n > 0 && args.delete => {
            output.note(&format!("{n} damaged files deleted"));
            Ok(())
        }
        0 => {
            output.note(&format!("{}: everything is what its name says", store.home().display()));
            Ok(())
        }
        n => Err(Failure::failed(format!("{n} damaged files in {}", store.home().display()))
            .hint("cairn fsck --delete    # what is needed is fetched or built again")),
    }
}

/// Removes what the packages of this tree, as they are now, do not lead to.
pub fn gc(global: &Global, output: Output) -> Result<()> {
    // With the tests: what they gave is kept, too.
    let mut engine = build::engine_on(global, &How::default(), false, output, Tree::with_tests)?;
    engine.progress = Arc::new(Silent);
    let store = engine.store.clone();
    let waiting = || output.note("waiting until no other cairn uses the store");
    store.exclude(waiting).map_err(doing("have the store alone"))?;
    let roots = engine.roots().map_err(|e| build::failure(&e))?;
    drop(engine);
    let store = Arc::into_inner(store).expect("only the engine had it besides");
    let freed = store.gc(&roots).map_err(doing("remove what is not needed"))?;
    if output.json {
        let number = |n: u64| Value::Number(i64::try_from(n).unwrap_or(i64::MAX));
        let value = Value::object([("removed", number(freed.items)), ("bytes", number(freed.bytes))]);
        println!("{}", value.compact());
    }
    output.note(&format!("{} items removed, {} freed", freed.items, size(freed.bytes)));
    Ok(())
}
