//! `cairn gc` and `cairn fsck`.

use crate::args::{Global, How};
use crate::commands::build;
use crate::error::{Failure, Result, doing};
use crate::output::{Output, size};
use crate::project;
use cairn_core::json::Value;

/// Re-hashes everything.
pub fn fsck(global: &Global, output: Output) -> Result<()> {
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
    }
    match problems.len() {
        0 => {
            output.note(&format!("{}: everything is what its name says", store.home().display()));
            Ok(())
        }
        n => Err(Failure::failed(format!("{n} damaged files in {}", store.home().display()))
            .hint("delete them: what is needed is fetched or built again")),
    }
}

/// Removes what the packages of this tree, as they are now, do not lead to.
pub fn gc(global: &Global, output: Output) -> Result<()> {
    let engine = build::engine(global, &How::default(), false, output)?;
    let roots = engine.roots().map_err(|e| build::failure(&e))?;
    drop(engine);
    let store = project::store(global)?;
    let freed = store.gc(&roots).map_err(doing("remove what is not needed"))?;
    output.note(&format!("{} items removed, {} freed", freed.items, size(freed.bytes)));
    Ok(())
}
