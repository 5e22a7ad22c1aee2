//! A real server on the loopback interface that behaves as badly as servers do.

use super::*;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const BODY: &[u8] = b"a source of some bytes, enough to be cut in the middle";

/// Serves `answer(request number, first byte asked for)` until dropped.
struct Server {
    url: String,
    ranges: Arc<Mutex<Vec<usize>>>,
}

fn serve(answer: impl Fn(usize, usize, &mut TcpStream) + Send + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/x.tar", listener.local_addr().expect("bound"));
    let ranges = Arc::new(Mutex::new(Vec::new()));
    let seen = ranges.clone();
    let count = AtomicUsize::new(0);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let start = read_request(&stream);
            seen.lock().expect("no panic").push(start);
            answer(count.fetch_add(1, Ordering::SeqCst), start, &mut stream);
        }
    });
    Server { url, ranges }
}

fn read_request(stream: &TcpStream) -> usize {
    let mut start = 0;
    for line in BufReader::new(stream).lines() {
        let line = line.expect("a request line").to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            start = range.trim_end_matches('-').parse().expect("a number");
        }
    }
    start
}

fn whole(stream: &mut TcpStream, body: &[u8]) {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
}

fn status(stream: &mut TcpStream, line: &str) {
    let text = format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(text.as_bytes());
}

fn rest(stream: &mut TcpStream, start: usize) {
    let total = BODY.len();
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{}/{total}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        total - 1,
        total - start
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&BODY[start..]);
}

/// Runs one fetch in a fresh folder; gives the result and the folder.
fn fetch(location: &str, fetcher: &Fetcher) -> (Result<(), FetchError>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let result = fetcher.fetch(location, &Digest::of(BODY), &folder.path().join("source"), &mut |_| {});
    (result, folder)
}

fn impatient() -> Fetcher {
    let mut fetcher = Fetcher::default();
    fetcher.http.pause = std::time::Duration::from_millis(1);
    fetcher
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_good_source_arrives_whole_and_alone() {
    let server = serve(|_, _, s| whole(s, BODY));
    let (result, folder) = fetch(&server.url, &impatient());
    result.expect("fetched");
    assert_eq!(names(folder.path()), ["source"]);
    assert_eq!(fs::read(folder.path().join("source")).expect("read"), BODY);
}

#[test]
fn a_wrong_hash_leaves_nothing_and_says_expected_got_and_where() {
    let server = serve(|_, _, s| whole(s, b"something else"));
    let (result, folder) = fetch(&server.url, &impatient());
    let error = result.expect_err("refused");
    assert!(error.wrong_hash());
    let text = error.to_string();
    for part in [Digest::of(BODY).to_string(), Digest::of(b"something else").to_string(), server.url.clone()]
    {
        assert!(text.contains(&part), "{text} lacks {part}");
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_broken_connection_goes_on_where_it_ended() {
    let server = serve(|n, start, s| match n {
        0 => {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", BODY.len());
            let _ = s.write_all(head.as_bytes());
            let _ = s.write_all(&BODY[..20]);
        }
        _ => rest(s, start),
    });
    let (result, _folder) = fetch(&server.url, &impatient());
    result.expect("fetched at the second try");
    assert_eq!(*server.ranges.lock().expect("no panic"), [0, 20]);
}

#[test]
fn bytes_left_by_another_run_are_dropped_when_they_turn_out_wrong() {
    let server = serve(|_, start, s| if start > 0 { rest(s, start) } else { whole(s, BODY) });
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("source.part"), b"not ours").expect("written");
    let into = folder.path().join("source");
    impatient().fetch(&server.url, &Digest::of(BODY), &into, &mut |_| {}).expect("fetched anew");
    assert_eq!(fs::read(into).expect("read"), BODY);
}

#[test]
fn a_server_in_trouble_is_asked_again_and_a_missing_file_is_not() {
    let server = serve(|n, _, s| match n {
        0 | 1 => status(s, "503 Service Unavailable"),
        _ => whole(s, BODY),
    });
    fetch(&server.url, &impatient()).0.expect("third time lucky");

    let server = serve(|_, _, s| status(s, "404 Not Found"));
    let (result, _folder) = fetch(&server.url, &impatient());
    assert!(result.expect_err("not there").to_string().contains("404"));
    assert_eq!(server.ranges.lock().expect("no panic").len(), 1);
}

#[test]
fn the_mirror_table_serves_what_the_location_has_not() {
    let gone = serve(|_, _, s| status(s, "404 Not Found"));
    let there = serve(|_, _, s| whole(s, BODY));
    let table = format!("{}\t{}\n", Digest::of(BODY).hex(), there.url);
    let mut fetcher = impatient();
    fetcher.mirrors = Mirrors::parse(&table).expect("a good table");
    fetch(&gone.url, &fetcher).0.expect("fetched from the mirror");
}

#[test]
fn a_local_folder_is_asked_before_any_server_and_believed_no_more() {
    let shelf = tempfile::tempdir().expect("a folder");
    fs::write(shelf.path().join("x.tar"), BODY).expect("written");
    let mut fetcher = impatient();
    fetcher.folders.push(shelf.path().to_owned());
    fetch("https://nowhere.invalid/x.tar", &fetcher).0.expect("found by name");

    fs::write(shelf.path().join("x.tar"), b"tampered").expect("written");
    let server = serve(|_, _, s| whole(s, BODY));
    fetch(&server.url, &fetcher).0.expect("the server has the right bytes");
}

#[test]
fn a_location_of_an_unknown_kind_is_named() {
    let (result, _folder) = fetch("gopher://old/x.tar", &impatient());
    assert!(result.expect_err("refused").to_string().contains("gopher://old/x.tar"));
}
