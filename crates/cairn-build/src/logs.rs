//! What the steps of a package printed, one file a step.
//!
//! ```text
//! logs/core-zlib/index          one line a step: FILE TAB STATE TAB LINE TAB TEXT
//! logs/core-zlib/003.log
//! ```
//!
//! The folder holds the last build that really ran something. `STATE` is `running`,
//! `done` or `failed`; the last line of a step counts.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use cairn_core::tree::Name;

/// How many lines of a log an error shows.
pub const TAIL_LINES: usize = 20;

/// How much of the end of a log is read for that.
const TAIL_BYTES: u64 = 32 * 1024;

/// The logs of one package.
#[derive(Debug)]
pub struct Logs {
    folder: PathBuf,
    next: u32,
}

/// One step in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its output.
    pub path: PathBuf,
    /// `running`, `done` or `failed`.
    pub state: String,
    /// Where it stands in the recipe, as `path:line`.
    pub place: String,
    /// The instruction in one line.
    pub text: String,
}

impl Logs {
    /// Logs for `name`, below the folder `logs` of a store. What an earlier build
    /// left is removed with the first step that runs.
    pub fn new(logs: &Path, name: &Name) -> Self {
        Self { folder: logs.join(name.flat()), next: 0 }
    }

    /// Starts the log of a step.
    pub fn start(&mut self, place: &str, text: &str) -> io::Result<(Entry, File)> {
        if self.next == 0 {
            let _ = fs::remove_dir_all(&self.folder);
            fs::create_dir_all(&self.folder)?;
        }
        self.next += 1;
        let path = self.folder.join(format!("{:03}.log", self.next));
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let entry = Entry {
            path,
            state: "running".to_owned(),
            place: place.to_owned(),
            text: text.replace(['\n', '\t'], " "),
        };
        self.note(&entry)?;
        Ok((entry, file))
    }

    /// Records how the step ended.
    pub fn end(&self, entry: &mut Entry, succeeded: bool) -> io::Result<()> {
        entry.state = if succeeded { "done" } else { "failed" }.to_owned();
        self.note(entry)
    }

    fn note(&self, entry: &Entry) -> io::Result<()> {
        let file = entry.path.file_name().unwrap_or_default().to_string_lossy();
        let line = format!("{file}\t{}\t{}\t{}\n", entry.state, entry.place, entry.text);
        // Another process that builds a package of this name may have cleared it.
        fs::create_dir_all(&self.folder)?;
        let index = self.folder.join("index");
        OpenOptions::new().create(true).append(true).open(index)?.write_all(line.as_bytes())
    }
}

/// The steps of the last build of `name` that ran something, in order.
pub fn list(logs: &Path, name: &Name) -> io::Result<Vec<Entry>> {
    let folder = logs.join(name.flat());
    let index = match fs::read_to_string(folder.join("index")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        index => index?,
    };
    let mut entries: Vec<Entry> = Vec::new();
    for line in index.lines() {
        let mut fields = line.splitn(4, '\t');
        let mut field = || fields.next().unwrap_or_default().to_owned();
        let entry = Entry { path: folder.join(field()), state: field(), place: field(), text: field() };
        match entries.iter_mut().find(|known| known.path == entry.path) {
            Some(known) => *known = entry,
            None => entries.push(entry),
        }
    }
    Ok(entries)
}

/// The step a person asks for: the one that failed, otherwise the last one.
pub fn last(logs: &Path, name: &Name) -> io::Result<Option<Entry>> {
    let entries = list(logs, name)?;
    let failed = entries.iter().rfind(|entry| entry.state == "failed");
    Ok(failed.or(entries.last()).cloned())
}

/// The last lines of a log.
pub fn tail(path: &Path) -> Vec<String> {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        Ok(end)
    };
    // A log that cannot be read must not hide the error it belongs to.
    let end = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&end);
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(TAIL_LINES);
    lines[from..].iter().map(|line| (*line).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failed_step_is_the_one_shown() {
        let folder = std::env::temp_dir().join(format!("cairn-logs-{}", std::process::id()));
        let name: Name = "core/zlib".parse().expect("a good name");
        let run = || -> io::Result<()> {
            assert_eq!(last(&folder, &name)?, None);
            let mut logs = Logs::new(&folder, &name);
            let (mut first, mut out) = logs.start("Containerfile:3", "RUN\tone\ntwo")?;
            for line in 0..100 {
                writeln!(out, "line {line}")?;
            }
            logs.end(&mut first, false)?;
            let (mut second, _) = logs.start("Containerfile:4", "RUN three")?;
            logs.end(&mut second, true)?;
            let shown = last(&folder, &name)?.expect("two steps were logged");
            assert_eq!((shown.text.as_str(), shown.state.as_str()), ("RUN one two", "failed"));
            assert_eq!(tail(&shown.path).len(), TAIL_LINES);
            assert_eq!(tail(&shown.path)[19], "line 99");
            assert_eq!(list(&folder, &name)?.len(), 2);
            Ok(())
        };
        let result = run();
        fs::remove_dir_all(&folder).expect("just written");
        result.expect("the temporary folder is writable");
    }
}
