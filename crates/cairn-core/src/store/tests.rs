//! What a user would lose if the store did not keep its promises.

use std::io::{Read, Write};
use std::process::Command;
use std::time::Duration;

use super::*;
use crate::tar::Owners;

/// A store in a directory of its own, removed at the end.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Home {
        let path = std::env::temp_dir().join(format!("cairn-store-{name}-{}", std::process::id()));
        fs::create_dir(&path).expect("the name is unique");
        Home(path)
    }

    fn open(&self) -> Store {
        Store::open(&self.0).expect("the store can be opened")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = tree::remove(&self.0);
    }
}

fn owners(store: &Store) -> Owners {
    if store.is_root() {
        return Owners::Disk;
    }
    Owners::Logical { default: (0, 0), others: Default::default() }
}

fn put_tree(store: &Store, id: &Digest, text: &str) {
    let dir = store.tmp_dir().expect("writable");
    fs::write(dir.path().join("file"), text).expect("writable");
    store.commit_tree(dir.path(), id, &owners(store)).expect("writable");
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).expect("writable");
}

#[test]
fn what_was_stored_is_there_after_opening_again() {
    let home = Home::new("again");
    let (blob, key) = {
        let store = home.open();
        let blob = store.put_blob(b"content").expect("writable");
        let key = Digest::of(b"key");
        store.put_step(&key, b"value").expect("writable");
        put_tree(&store, &key, "x");
        (blob, key)
    };
    let store = home.open();
    assert_eq!(blob, Digest::of(b"content"));
    assert_eq!(store.read_blob_small(&blob, 7).expect("it is there"), b"content");
    let mut text = String::new();
    store.open_blob(&blob).expect("whole").read_to_string(&mut text).expect("readable");
    assert_eq!(text, "content");
    assert_eq!(store.get_step(&key).expect("readable"), Some(b"value".to_vec()));
    assert_eq!(store.get_step(&blob).expect("readable"), None);
    assert!(store.has_tree(&key) && store.has_blob(&blob));
    assert_eq!(store.tree_owners(&key).expect("readable"), owners(&store));
    assert!(store.verify().expect("readable").is_empty());
    assert_eq!(fs::read_dir(home.0.join("tmp")).expect("it is there").count(), 0);
}

#[test]
fn a_flipped_byte_is_found_before_it_is_used() {
    let home = Home::new("flip");
    let store = home.open();
    let blob = store.put_blob(&[7; 100_000]).expect("writable");
    let mut writer = store.source_writer().expect("writable");
    writer.write_all(b"source").expect("writable");
    let source = writer.commit(None).expect("writable").0;
    let key = Digest::of(b"key");
    store.put_step(&key, b"a value").expect("writable");
    assert!(store.verify().expect("readable").is_empty());

    flip(&store.blob_path(&blob));
    flip(&store.source_path(&source));
    flip(&home.0.join("steps").join(key.hex()));
    let damaged = |result: Result<()>| matches!(result, Err(Error::Damaged { .. }));
    assert!(damaged(store.open_blob(&blob).map(drop)));
    assert!(damaged(store.read_blob_small(&blob, 1 << 20).map(drop)));
    assert!(damaged(store.copy_blob(&blob, io::sink()).map(drop)));
    assert!(damaged(store.open_source(&source).map(drop)));
    assert_eq!(store.get_step(&key).expect("readable"), None);
    assert_eq!(store.verify().expect("readable").len(), 3);

    let again = store.put_blob(&[7; 100_000]).expect("a damaged blob can be replaced");
    assert!(store.open_blob(&again).is_ok());
}

#[test]
fn a_blob_of_any_length_gets_its_own_digest() {
    let home = Home::new("lengths");
    let store = home.open();
    let block = hashing::BLOCK;
    for length in [0, 1, block - 1, block, block + 1, 2 * block, 7 * block + 5] {
        let data: Vec<u8> = (0..length).map(|n| (n >> 8 ^ n) as u8).collect();
        let mut writer = store.blob_writer().expect("writable");
        data.chunks(70_001).for_each(|piece| writer.write_all(piece).expect("writable"));
        let committed = writer.commit(None).expect("writable");
        assert_eq!(committed, (Digest::of(&data), length as u64));
        let limit = length as u64;
        assert!(store.read_blob_small(&committed.0, limit).expect("whole") == data);
    }
}

#[test]
fn a_record_cut_short_counts_as_none() {
    let home = Home::new("record");
    let store = home.open();
    let key = Digest::of(b"key");
    store.put_step(&key, b"a value").expect("writable");
    let path = home.0.join("steps").join(key.hex());
    let whole = fs::read(&path).expect("it is there");
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).expect("writable");
        assert_eq!(store.get_step(&key).expect("readable"), None, "{length}");
    }
    fs::write(&path, [&whole[..], b"x"].concat()).expect("writable");
    assert_eq!(store.get_step(&key).expect("readable"), None);
}

#[test]
fn the_wrong_bytes_leave_nothing_behind() {
    let home = Home::new("wrong");
    let store = home.open();
    let mut writer = store.blob_writer().expect("writable");
    writer.write_all(b"other").expect("writable");
    let expected = Digest::of(b"wanted");
    let result = writer.commit(Some(expected));
    assert!(matches!(result, Err(Error::WrongDigest { .. })));
    assert!(!store.has_blob(&expected) && !store.has_blob(&Digest::of(b"other")));
    drop(store.blob_writer().expect("writable"));
    assert_eq!(fs::read_dir(home.0.join("tmp")).expect("it is there").count(), 0);
    assert!(matches!(store.open_blob(&expected), Err(Error::Missing { .. })));
    let long = store.put_blob(b"four").expect("writable");
    assert!(matches!(store.read_blob_small(&long, 3), Err(Error::TooLong { .. })));
}

#[test]
fn the_first_of_two_equal_trees_stays() {
    let home = Home::new("trees");
    let store = home.open();
    let id = Digest::of(b"tree");
    put_tree(&store, &id, "first");
    put_tree(&store, &id, "second");
    let file = store.tree_path(&id).join("file");
    assert_eq!(fs::read_to_string(file).expect("it is there"), "first");
    assert_eq!(fs::read_dir(home.0.join("tmp")).expect("it is there").count(), 0);
}

#[test]
fn owners_of_links_survive_whatever_their_names_are() {
    let home = Home::new("owners");
    let store = home.open();
    let odd = b"a\nb 1:2\xff".to_vec();
    let others = [(odd, (1, 2)), (b"z".to_vec(), (0, u32::MAX - 1))].into_iter().collect();
    let logical = Owners::Logical { default: (0, 0), others };
    let dir = store.tmp_dir().expect("writable");
    let id = Digest::of(b"tree");
    store.commit_tree(dir.path(), &id, &logical).expect("writable");
    let user = Store { root: false, ..store };
    assert_eq!(user.tree_owners(&id).expect("readable"), logical);
}

#[test]
fn a_store_of_root_is_not_an_ordinary_users() {
    let home = Home::new("mode");
    let other = if home.open().is_root() { "user\n" } else { "root\n" };
    fs::write(home.0.join("mode"), other).expect("writable");
    let error = Store::open(&home.0).expect_err("the store is somebody else's").to_string();
    assert!(error.contains("a store made by"), "{error}");
}

#[test]
fn gc_keeps_what_the_roots_lead_to() {
    let home = Home::new("gc");
    let store = home.open();
    let layer = store.put_blob(b"layer").expect("writable");
    let config = store.put_blob(format!("{{\"diff\":\"{layer}\"}}").as_bytes()).expect("writable");
    let (key, other) = (Digest::of(b"key"), Digest::of(b"other"));
    store.put_step(&key, format!("tree {layer} config {config}").as_bytes()).expect("writable");
    put_tree(&store, &layer, "kept");
    let loose = store.put_blob(b"loose").expect("writable");
    store.put_step(&other, b"value").expect("writable");
    put_tree(&store, &other, "gone");
    fs::write(home.0.join("tmp/left-behind"), b"by a killed process").expect("writable");

    let freed = store.gc(&[key]).expect("nobody else uses it");
    assert_eq!(freed.items, 4);
    assert!(freed.bytes >= (b"loose".len() + b"gone".len()) as u64, "{freed:?}");
    let store = home.open();
    assert!(store.has_blob(&layer) && store.has_blob(&config) && store.has_tree(&layer));
    assert!(store.get_step(&key).expect("readable").is_some());
    assert!(!store.has_blob(&loose) && !store.has_tree(&other));
    assert_eq!(store.get_step(&other).expect("readable"), None);
}

#[test]
fn gc_waits_for_whoever_uses_the_store() {
    let home = Home::new("gc-waits");
    let user = home.open();
    let collector = home.open();
    let blob = user.put_blob(b"just made").expect("writable");
    let thread = std::thread::spawn(move || collector.gc(&[]));
    std::thread::sleep(Duration::from_millis(100));
    assert!(user.has_blob(&blob) && !thread.is_finished());
    drop(user);
    let freed = thread.join().expect("it does not panic").expect("nobody else uses it");
    assert_eq!(freed.items, 1);
}

#[test]
fn a_lock_is_held_by_one() {
    let home = Home::new("lock");
    let store = home.open();
    let guard = store.lock("a-name", Lock::Exclusive).expect("free");
    let second = home.open();
    let thread = std::thread::spawn(move || second.lock("a-name", Lock::Shared).map(drop));
    std::thread::sleep(Duration::from_millis(50));
    assert!(!thread.is_finished());
    drop(guard);
    thread.join().expect("it does not panic").expect("free again");
}

#[test]
fn many_writers_at_once_lose_nothing() {
    let home = Home::new("many");
    let (first, second) = (home.open(), home.open());
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            let store = if thread % 2 == 0 { &first } else { &second };
            scope.spawn(move || {
                for n in 0..50u8 {
                    let blob = store.put_blob(&[n; 1000]).expect("writable");
                    assert!(store.open_blob(&blob).is_ok());
                    store.put_step(&blob, &[n; 100]).expect("writable");
                    assert_eq!(store.get_step(&blob).expect("readable"), Some(vec![n; 100]));
                    put_tree(store, &blob, "same");
                }
            });
        }
    });
    assert_eq!(fs::read_dir(home.0.join("blobs/sha256")).expect("it is there").count(), 50);
    assert_eq!(fs::read_dir(home.0.join("tmp")).expect("it is there").count(), 0);
    assert!(first.verify().expect("readable").is_empty());
}

#[test]
fn after_a_crash_of_the_machine_no_tree_is_trusted() {
    let home = Home::new("crash");
    let (blob, id) = (Digest::of(b"blob"), Digest::of(b"tree"));
    let fill = || {
        let store = home.open();
        store.put_blob(b"blob").expect("writable");
        store.put_step(&id, b"value").expect("writable");
        put_tree(&store, &id, "text");
        store
    };
    let markers = || fs::read_dir(home.0.join("dirty")).expect("it is there").count();
    let pretend_another_boot = || {
        for entry in fs::read_dir(home.0.join("dirty")).expect("it is there") {
            let path = entry.expect("readable").path();
            fs::rename(path, home.0.join("dirty/another-boot.x")).expect("writable");
        }
    };

    drop(fill());
    assert_eq!(markers(), 1);
    assert!(home.open().has_tree(&id), "the same boot: a killed process loses nothing");
    pretend_another_boot();
    let store = home.open();
    assert!(!store.has_tree(&id) && store.get_step(&id).expect("readable").is_none());
    assert!(store.open_blob(&blob).is_ok(), "blobs are checked when they are opened");
    assert_eq!(markers(), 0);
    drop(store);

    fill().sync().expect("the disk works");
    assert_eq!(markers(), 0);
    pretend_another_boot();
    assert!(home.open().has_tree(&id), "synced: it is on the disk");
}

/// The body of the process that the next test kills.
#[test]
#[ignore = "run by a_killed_writer_leaves_a_store_that_verifies"]
fn write_until_killed() {
    let Some(home) = std::env::var_os("CAIRN_TEST_HOME") else { return };
    let store = Store::open(Path::new(&home)).expect("the store can be opened");
    for n in 0u32.. {
        let text = n.to_string().repeat(5000);
        let blob = store.put_blob(text.as_bytes()).expect("writable");
        store.put_step(&blob, text.as_bytes()).expect("writable");
        put_tree(&store, &blob, &text);
    }
}

#[test]
fn a_killed_writer_leaves_a_store_that_verifies() {
    let home = Home::new("killed");
    let count = |dir: &str| fs::read_dir(home.0.join(dir)).map_or(0, Iterator::count);
    let program = std::env::current_exe().expect("tests are programs");
    for round in 0..10 {
        let mut child = Command::new(&program)
            .args(["--exact", "store::tests::write_until_killed", "--ignored"])
            .env("CAIRN_TEST_HOME", &home.0)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the program is there");
        // However slow the machine is: killed while it writes, not before.
        let before = count("trees");
        while count("trees") < before + 3 {
            std::thread::sleep(Duration::from_millis(5));
            assert!(child.try_wait().expect("it is our child").is_none(), "it ended by itself");
        }
        std::thread::sleep(Duration::from_millis(3 * round));
        child.kill().expect("it runs until killed");
        child.wait().expect("it was killed");
        let store = home.open();
        assert_eq!(store.verify().expect("readable"), []);
        for entry in fs::read_dir(home.0.join("trees")).expect("it is there") {
            let path = entry.expect("readable").path();
            let text = fs::read(path.join("file")).expect("a tree is whole");
            let id = path.file_name().and_then(|name| name.to_str()).expect("a digest");
            assert_eq!(Digest::of(&text).hex(), id);
        }
    }
    home.open().gc(&[]).expect("nobody uses it");
    assert_eq!(count("tmp") + count("trees") + count("steps") + count("blobs/sha256"), 0);
}

#[test]
fn a_full_disk_is_an_error_and_leaves_a_store_that_verifies() {
    let home = Home::new("full");
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&home.0);
    let mounted = mount.stderr(std::process::Stdio::null()).status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("not root: a small file system cannot be mounted");
        return;
    }
    let result = std::panic::catch_unwind(|| {
        let store = home.open();
        let small = store.put_blob(b"small").expect("there is room");
        let mut writer = store.blob_writer().expect("there is room for a name");
        assert!(writer.write_all(&vec![1; 4 << 20]).is_err());
        drop(writer);
        assert!(store.open_blob(&small).is_ok());
        assert_eq!(store.verify().expect("readable"), []);
        store.put_blob(&vec![2; 500_000]).expect("there is room again");
    });
    let unmounted = Command::new("umount").arg(&home.0).status();
    assert!(unmounted.is_ok_and(|status| status.success()));
    result.expect("see above");
}
