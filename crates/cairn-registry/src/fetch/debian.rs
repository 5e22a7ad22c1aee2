//! `${DEBIAN_MIRROR}/pool/…`: files of a Debian archive, through the machine's own apt.
//!
//! apt knows the mirrors and the proxies of this machine, so cairn asks it and keeps
//! no configuration of its own: `apt-get indextargets` prints the archives in use, and
//! `apt-helper download-file URL FILE SHA256:…` downloads and checks. A pool file is
//! the same in every suite, so any configured archive that still carries it will do.
//! On a machine without apt, set `DEBIAN_MIRROR` to a base URL instead.

use super::{AttemptError, OnProgress, Progress};
use cairn_core::digest::Digest;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How a definition spells the base of a Debian archive.
pub const VARIABLE: &str = "${DEBIAN_MIRROR}";

/// Where Debian's apt package keeps the helper; it is not in `PATH`.
const HELPER: &str = "/usr/lib/apt/apt-helper";

/// The path below the archive's base, if `location` names one.
pub fn pool_path(location: &str) -> Option<&str> {
    location
        .strip_prefix(VARIABLE)
        .or_else(|| location.strip_prefix("$DEBIAN_MIRROR"))
        .or_else(|| location.strip_prefix("debian:"))
        .map(|rest| rest.trim_start_matches('/'))
}

/// Downloads `path` from the first configured archive that has it.
pub(super) fn download(
    path: &str,
    checksum: &Digest,
    part: &Path,
    progress: OnProgress<'_>,
) -> Result<(), AttemptError> {
    if !Path::new(HELPER).exists() {
        return Err(AttemptError::Apt(
            "this machine has no apt: set DEBIAN_MIRROR to the base URL of a Debian archive, \
             or CAIRN_SOURCES to a folder that has the file"
                .to_owned(),
        ));
    }
    let mut last = "apt has no archive configured".to_owned();
    for base in archives()? {
        let url = format!("{}/{path}", base.trim_end_matches('/'));
        match helper(&url, checksum, part, progress) {
            Ok(()) => return Ok(()),
            Err(AttemptError::Apt(message)) => last = message,
            Err(other) => return Err(other),
        }
    }
    Err(AttemptError::Apt(last))
}

/// The base URLs in apt's configuration, in its order, security archives last.
fn archives() -> Result<Vec<String>, AttemptError> {
    let output = Command::new("apt-get")
        .args(["indextargets", "--format", "$(REPO_URI)"])
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        return Err(AttemptError::Apt(format!("apt-get indextargets: {}", last_line(&output.stderr))));
    }
    Ok(order_archives(&String::from_utf8_lossy(&output.stdout)))
}

fn order_archives(listing: &str) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for line in listing.lines().filter(|l| !l.is_empty()) {
        if !seen.iter().any(|s| s == line) {
            seen.push(line.to_owned());
        }
    }
    seen.sort_by_key(|base| base.trim_end_matches('/').ends_with("-security"));
    seen
}

fn helper(url: &str, checksum: &Digest, part: &Path, progress: OnProgress<'_>) -> Result<(), AttemptError> {
    let child = Command::new(HELPER)
        .arg("download-file")
        .arg(url)
        .arg(part)
        .arg(format!("SHA256:{}", checksum.hex()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let output = watch(child, part, progress)?;
    if output.status.success() {
        return Ok(());
    }
    // apt leaves what failed its check as FILE.FAILED; nothing wrong may stay behind.
    let mut failed = part.as_os_str().to_owned();
    failed.push(".FAILED");
    for leftover in [part.as_os_str(), failed.as_os_str()] {
        match std::fs::remove_file(leftover) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
            _ => {}
        }
    }
    Err(AttemptError::Apt(format!("apt: {}", last_line(&output.stderr))))
}

/// Waits for apt and tells the growing file's size meanwhile. What apt prints on
/// standard error is a few lines, far below a pipe's capacity.
fn watch(mut child: Child, part: &Path, progress: OnProgress<'_>) -> std::io::Result<std::process::Output> {
    while child.try_wait()?.is_none() {
        if let Ok(meta) = part.metadata() {
            progress(Progress { bytes: meta.len(), total: None });
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.wait_with_output()
}

/// apt's own words, without the address of the machine's mirror in front of them.
fn last_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().map(str::trim).rfind(|l| !l.is_empty());
    line.unwrap_or("failed without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_mirror_names_the_same_file() {
        for spelling in ["${DEBIAN_MIRROR}/pool/main/x", "$DEBIAN_MIRROR/pool/main/x", "debian:pool/main/x"] {
            assert_eq!(pool_path(spelling), Some("pool/main/x"));
        }
        assert_eq!(pool_path("https://deb.example/pool/main/x"), None);
    }

    #[test]
    fn the_main_archive_is_asked_before_the_security_one() {
        let listing = "http://m/debian-security/\nhttp://m/debian/\nhttp://m/debian/\n";
        assert_eq!(order_archives(listing), ["http://m/debian/", "http://m/debian-security/"]);
    }
}
