//! `cargo run -p cairn-source --release --example scan FILE…`: what in archives nobody can read.

use std::fs::File;

use cairn_source::archive::Limits;
use cairn_source::scan;

fn main() {
    for path in std::env::args().skip(1) {
        let found =
            File::open(&path).map_err(Into::into).and_then(|file| scan::scan(file, Limits::default()));
        match found {
            Ok(found) => {
                println!("{path}: {} files", found.len());
                print!("{}", scan::encode(&found));
            }
            Err(error) => println!("{path}: {error}"),
        }
    }
}
