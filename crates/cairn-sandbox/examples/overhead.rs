//! What one run costs: a program that does nothing, 200 times.
//!
//! `cargo run --release --example overhead -p cairn-sandbox -- ROOTFS [LAYERS] PROGRAM [ARG…]`
//!
//! ROOTFS is an unpacked root filesystem; LAYERS adds that many empty layers.

use std::time::Instant;

use cairn_sandbox::{Request, Status, run};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let rootfs = arguments.next().ok_or("which root filesystem?")?;
    let layers: usize = arguments.next_if(|a| a.parse::<usize>().is_ok()).map_or(Ok(0), |a| a.parse())?;
    let argv: Vec<String> = arguments.collect();
    let dir = std::env::temp_dir().join(format!("overhead-{}", std::process::id()));
    for part in ["upper", "work"] {
        std::fs::create_dir_all(dir.join(part))?;
    }
    let mut request = Request::new(rootfs.into(), dir.join("upper"), dir.join("work"));
    for n in 0..layers {
        let layer = dir.join(format!("layer{n}"));
        std::fs::create_dir(&layer)?;
        request.lower.insert(0, layer);
    }
    request.argv = argv;
    let mut times = Vec::new();
    for _ in 0..200 {
        let start = Instant::now();
        let outcome = run(&request);
        times.push(start.elapsed());
        if !outcome.as_ref().is_ok_and(|outcome| outcome.status == Status::Exit(0)) {
            std::fs::remove_dir_all(&dir)?;
            return Err(format!("{outcome:?}").into());
        }
    }
    std::fs::remove_dir_all(&dir)?;
    times.sort();
    println!("median {:?}, fastest {:?}, 95 % below {:?}", times[100], times[0], times[190]);
    Ok(())
}
