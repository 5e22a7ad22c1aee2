//! HTTP downloads that go on where they were broken off.
//!
//! A download appends to its `.part` file. A retry, or a later run, asks for the rest
//! with a `Range` header; a server that does not know ranges answers 200 and the file
//! starts anew. Answers that asking again will not change (4xx other than 408, 416 and
//! 429, unknown host) end at once; others are tried [`TRIES`] times with growing pauses.

use super::{AttemptError, OnProgress, Progress};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body};

/// The largest source, in bytes: 4 GiB. An endless answer ends here.
pub const MAX_BYTES: u64 = 4 << 30;
/// Attempts at one URL.
const TRIES: u32 = 4;
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// The longest silence in the middle of a download.
const READ_LIMIT: Duration = Duration::from_secs(60);

/// One connection pool for all downloads.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    pub(super) pause: Duration,
}

impl Default for Client {
    fn default() -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(CONNECT_LIMIT))
            .timeout_recv_response(Some(READ_LIMIT))
            .http_status_as_error(false)
            .user_agent(concat!("cairn/", env!("CARGO_PKG_VERSION")))
            .build();
        Client { agent: config.into(), pause: Duration::from_millis(500) }
    }
}

/// Whether a failed try is worth another.
enum Failure {
    Final(AttemptError),
    Passing(AttemptError),
}

impl Client {
    /// Brings `url` to `part`, whose earlier bytes are kept if the server allows.
    pub(super) fn download(
        &self,
        url: &str,
        part: &Path,
        progress: OnProgress<'_>,
    ) -> Result<(), AttemptError> {
        let mut pause = self.pause;
        for tried in 1.. {
            match self.once(url, part, progress) {
                Ok(()) => return Ok(()),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(error)) if tried == TRIES => return Err(error),
                Err(Failure::Passing(_)) => std::thread::sleep(pause),
            }
            pause *= 3;
        }
        unreachable!("the loop ends by returning")
    }

    fn once(&self, url: &str, part: &Path, progress: OnProgress<'_>) -> Result<(), Failure> {
        let have = part.metadata().map_or(0, |m| m.len());
        let mut request = self.agent.get(url);
        if have > 0 {
            request = request.header("Range", format!("bytes={have}-"));
        }
        let response = request.call().map_err(classify)?;
        match response.status().as_u16() {
            200 => receive(response, File::create(part), 0, progress),
            206 if resumes_at(&response, have) => {
                receive(response, OpenOptions::new().append(true).open(part), have, progress)
            }
            // The rest that was asked for does not fit the server's file: start anew.
            206 | 416 if have > 0 => {
                fs::remove_file(part).map_err(|e| Failure::Final(e.into()))?;
                Err(Failure::Passing(AttemptError::Status(416)))
            }
            code @ (408 | 429 | 500..=599) => Err(Failure::Passing(AttemptError::Status(code))),
            code => Err(Failure::Final(AttemptError::Status(code))),
        }
    }
}

fn classify(error: ureq::Error) -> Failure {
    let final_answer =
        matches!(error, ureq::Error::HostNotFound | ureq::Error::BadUri(_) | ureq::Error::TooManyRedirects);
    let error = AttemptError::Network(error.to_string());
    if final_answer { Failure::Final(error) } else { Failure::Passing(error) }
}

/// `Content-Range: bytes HAVE-…`: the server starts where our bytes end.
fn resumes_at(response: &Response<Body>, have: u64) -> bool {
    let range = response.headers().get("content-range");
    range
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("bytes "))
        .and_then(|v| v.split('-').next())
        .and_then(|start| start.parse().ok())
        == Some(have)
}

fn receive(
    response: Response<Body>,
    file: io::Result<File>,
    have: u64,
    progress: OnProgress<'_>,
) -> Result<(), Failure> {
    let mut file = file.map_err(|e| Failure::Final(e.into()))?;
    let total = response.body().content_length().map(|rest| have + rest);
    let mut body = response.into_body().into_reader();
    let mut buffer = vec![0; 64 * 1024];
    let mut bytes = have;
    loop {
        let n = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) => return Err(Failure::Passing(AttemptError::Network(e.to_string()))),
        };
        bytes += n as u64;
        if bytes > MAX_BYTES {
            return Err(Failure::Final(AttemptError::TooLarge(MAX_BYTES)));
        }
        file.write_all(&buffer[..n]).map_err(|e| Failure::Final(e.into()))?;
        progress(Progress { bytes, total });
    }
    match total {
        Some(total) if bytes < total => Err(Failure::Passing(AttemptError::Network(format!(
            "the connection ended after {bytes} of {total} bytes"
        )))),
        _ => Ok(()),
    }
}
