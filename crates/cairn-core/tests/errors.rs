//! What a person is told about a Containerfile that is wrong.
//!
//! `errors.txt` holds the cases: a title behind `===`, the file, `---`, and the message.
//! After a change of wording, `CAIRN_BLESS=1 cargo test -p cairn-core --test errors`
//! writes the messages anew; read the difference before it is committed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cairn_core::containerfile::parse;
use cairn_core::plan::plan;

#[test]
fn every_mistake_is_shown_at_its_place() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors.txt");
    let text = fs::read_to_string(&path).expect("the cases are beside this file");
    let mut blessed = String::new();
    let mut wrong = Vec::new();
    let cases: Vec<&str> = text.split("=== ").skip(1).collect();
    for case in &cases {
        let (title, rest) = case.split_once('\n').expect("a title stands on its line");
        let (file, expected) = rest.split_once("---\n").expect("--- parts file and message");
        let shown = message(file);
        blessed += &format!("=== {title}\n{file}---\n{shown}\n\n");
        if shown != expected.trim_end() {
            wrong.push(format!("{title}\nexpected:\n{}\ngot:\n{shown}\n", expected.trim_end()));
        }
    }
    if std::env::var_os("CAIRN_BLESS").is_some() {
        fs::write(&path, blessed).expect("the cases can be written");
        return;
    }
    assert!(cases.len() >= 40, "only {} cases", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The first error in parsing or, if there is none, in planning. A case may write
/// `<NUL>` and `<TAB>`.
fn message(file: &str) -> String {
    let file = file.replace("<NUL>", "\0").replace("<TAB>", "\t");
    let planned = parse("Containerfile", &file)
        .and_then(|recipe| plan(&recipe, None, &BTreeMap::new(), &|_| None).map(|_| ()));
    match planned {
        Err(error) => error.to_string().replace('\0', "<NUL>"),
        Ok(()) => "no error".to_owned(),
    }
}
