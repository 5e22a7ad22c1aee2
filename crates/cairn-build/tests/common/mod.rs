//! A package tree and a store in a temporary folder, and images whose only program is
//! `tool.c`, compiled statically.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use cairn_build::progress::{Event, Progress};
use cairn_build::{Built, Engine, Error, Options};
use cairn_core::store::Store;
use cairn_core::tree::{Name, Tree};

/// Removed when it goes out of scope.
pub struct Area(pub PathBuf);

impl Area {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("cairn-build-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary folder is writable");
        Self(path)
    }

    pub fn home(&self) -> PathBuf {
        self.0.join("home")
    }

    /// Writes the package `name` with this Containerfile; `TOOL` begins the stage
    /// `base` that has `/tool` and an empty `/tmp`.
    pub fn package(&self, name: &str, recipe: &str) -> PathBuf {
        let dir = self.0.join("packages").join(name);
        fs::create_dir_all(&dir).expect("writable");
        let base = "FROM scratch AS base\nCOPY tool /tool\nCOPY empty /tmp\n";
        let recipe = format!("# A test.\n{}\n", recipe.replace("TOOL\n", base));
        if recipe.contains("COPY tool") {
            fs::copy(tool(), dir.join("tool")).expect("readable and writable");
            fs::create_dir_all(dir.join("empty")).expect("writable");
        }
        fs::write(dir.join("Containerfile"), recipe).expect("writable");
        dir
    }

    pub fn store(&self) -> Arc<Store> {
        Arc::new(Store::open(&self.home()).expect("the store opens"))
    }

    pub fn tree(&self) -> Arc<Tree> {
        Arc::new(Tree::load(&self.0.join("packages")).expect("the tree loads"))
    }

    pub fn engine(&self) -> (Engine, Arc<Seen>) {
        self.engine_with(Options::default())
    }

    pub fn engine_with(&self, options: Options) -> (Engine, Arc<Seen>) {
        let seen = Arc::new(Seen::default());
        let mut engine = Engine::new(self.store(), self.tree(), options);
        engine.progress = seen.clone();
        engine.load_digests(&self.0.join("digests")).expect("digests load");
        (engine, seen)
    }

    /// Builds `name` and gives it with what was seen.
    pub fn build(&self, name: &str) -> (Result<Arc<Built>, Error>, Arc<Seen>) {
        let (engine, seen) = self.engine();
        let name: Name = name.parse().expect("a good name");
        let built = engine.build(std::slice::from_ref(&name));
        let one = |all: Vec<Arc<Built>>| {
            all.into_iter().find(|built| built.record.name == name).expect("the target is built")
        };
        (built.map(one), seen)
    }

    /// Builds `name`, which must succeed; gives its image digest and what was seen.
    pub fn image(&self, name: &str) -> (String, Arc<Seen>) {
        let (built, seen) = self.build(name);
        let built = built.unwrap_or_else(|error| panic!("{error}"));
        (built.record.image.to_string(), seen)
    }

    /// Entries of the layers of a finished image, as `mode uid:gid kind path`.
    pub fn entries(&self, name: &str) -> Vec<String> {
        use cairn_core::tar::{Accept, Kind, Reader};
        let (built, _) = self.build(name);
        let built = built.unwrap_or_else(|error| panic!("{error}"));
        let store = self.store();
        let mut lines = Vec::new();
        for layer in &built.record.layers {
            let file = store.open_blob(layer).expect("the layer is whole");
            let mut reader = Reader::new(file, Accept::Canonical);
            while let Some(entry) = reader.next_entry().expect("the layer is canonical") {
                let path = String::from_utf8_lossy(&entry.path).into_owned();
                let tail = match &entry.kind {
                    Kind::Dir => format!("{path}/"),
                    Kind::File { size } => format!("{path} {size}"),
                    Kind::Symlink { target } => format!("{path} -> {}", String::from_utf8_lossy(target)),
                    Kind::Hardlink { target } => format!("{path} = {}", String::from_utf8_lossy(target)),
                    Kind::Whiteout => format!("{path} deleted"),
                    other => format!("{path} {other:?}"),
                };
                lines.push(format!("{:o} {}:{} {tail}", entry.mode, entry.uid, entry.gid));
            }
        }
        lines
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        if std::env::var_os("KEEP").is_some() {
            println!("kept {}", self.0.display());
        } else {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// The compiled `tool.c`, one for each user of the machine.
pub fn tool() -> &'static Path {
    static TOOL: OnceLock<PathBuf> = OnceLock::new();
    TOOL.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/common/tool.c");
        let user = rustix::process::geteuid().as_raw();
        let path = std::env::temp_dir().join(format!("cairn-test-tool-{user}"));
        let new = path.with_extension(std::process::id().to_string());
        let status = Command::new("cc").args(["-static", "-Os", "-o"]).arg(&new).arg(source).status();
        assert!(status.expect("Rust needs cc, too").success(), "cc -static needs the C library's libc.a");
        fs::rename(&new, &path).expect("it has just been made");
        path
    })
}

/// Remembers events.
#[derive(Default)]
pub struct Seen(Mutex<Vec<Event>>);

impl Progress for Seen {
    fn event(&self, event: &Event) {
        self.0.lock().expect("no panic while it is held").push(event.clone());
    }
}

impl Seen {
    pub fn all(&self) -> Vec<Event> {
        self.0.lock().expect("no panic while it is held").clone()
    }

    /// The instructions that were executed.
    pub fn executed(&self) -> Vec<String> {
        let text = |event: Event| match event {
            Event::StepStarted(step) => Some(step.text),
            _ => None,
        };
        self.all().into_iter().filter_map(text).collect()
    }

    /// The packages that were really built.
    pub fn built(&self) -> Vec<String> {
        let name = |event: Event| match event {
            Event::PackageStarted { package } => Some(package.to_string()),
            _ => None,
        };
        self.all().into_iter().filter_map(name).collect()
    }
}
