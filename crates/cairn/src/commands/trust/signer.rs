//! Making a signature with the tools that people's keys already live in.
//!
//! cairn never sees a secret key. `gpg` signs for OpenPGP keys, so smartcards and
//! agents work as they do elsewhere; `ssh-keygen -Y sign` signs for SSH keys, from the
//! agent or from the private key file beside the public one.

use crate::error::{Failure, Result, doing};
use cairn_trust::envelope::SSH_NAMESPACE;
use cairn_trust::people::{Key, KeyKind, Person};
use cairn_trust::statement::Statement;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A person's key that can sign here.
pub struct Signer<'a> {
    pub person: &'a Person,
    key: &'a Key,
    /// For SSH: the key file to hand to ssh-keygen.
    ssh: PathBuf,
}

impl<'a> Signer<'a> {
    /// The first key of `person` that counts today and whose secret half is here.
    /// `ssh_key` names a private key file; `trust` is the tree's `trust/`.
    pub fn find(person: &'a Person, ssh_key: Option<&Path>, trust: &Path, now: i64) -> Result<Signer<'a>> {
        let usable = |key: &&Key| key.revoked.is_none() && (key.not_before.0..key.not_after.0).contains(&now);
        for key in person.keys.iter().filter(usable) {
            let public = trust.join("keys").join(&person.id).join(&key.file);
            let ssh = ssh_key.map_or(public, Path::to_owned);
            let signer = Signer { person, key, ssh };
            let fits = match key.kind {
                KeyKind::Openpgp => ssh_key.is_none() && has_secret(&key.fingerprint),
                KeyKind::Ssh => signer.sign_bytes(b"test\n").is_ok(),
            };
            if fits {
                return Ok(signer);
            }
        }
        Err(Failure::failed(format!("no key of {} can sign here", person.id))
            .cause("its keys are revoked, outside their days, or their secret halves are elsewhere")
            .hint("gpg --list-secret-keys   or   --ssh-key FILE   or   ssh-add FILE"))
    }

    /// A whole signature file.
    pub fn sign(&self, statement: &Statement) -> Result<Vec<u8>> {
        let mut bytes = statement.to_bytes();
        match self.key.kind {
            KeyKind::Openpgp => self.sign_bytes(&bytes),
            KeyKind::Ssh => {
                bytes.push(b'\n');
                let armor = self.sign_bytes(&bytes)?;
                bytes.extend(armor);
                Ok(bytes)
            }
        }
    }

    /// `PERSON.KEY.KIND.sig`; KEY is the end of the fingerprint, in letters a file may have.
    pub fn file_name(&self, kind: &str) -> String {
        let plain: String = self.key.fingerprint.chars().filter(char::is_ascii_alphanumeric).collect();
        let end = &plain[plain.len().saturating_sub(16)..];
        format!("{}.{}.{kind}.sig", self.person.id, end.to_lowercase())
    }

    /// Any bytes as an OpenPGP message with SHA-256, the only hash that in-toto reads.
    pub fn sign_openpgp(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        match self.key.kind {
            KeyKind::Openpgp => piped(self.gpg("SHA256"), bytes),
            KeyKind::Ssh => Err(Failure::failed(format!("{} signs with an SSH key", self.person.id))
                .cause("in-toto verifies OpenPGP keys, and no SSH keys")
                .hint("leave out --in-toto")),
        }
    }

    /// `PERSON.KEY.link`: no signature file, so no verifier of ours reads it.
    pub fn link_name(&self) -> String {
        format!("{}.{}.link", self.person.id, self.key.fingerprint)
    }

    fn sign_bytes(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        match self.key.kind {
            KeyKind::Openpgp => piped(self.gpg("SHA512"), bytes),
            KeyKind::Ssh => {
                let mut ssh = Command::new("ssh-keygen");
                ssh.args(["-q", "-Y", "sign", "-n", SSH_NAMESPACE, "-f"]).arg(&self.ssh);
                piped(ssh, bytes)
            }
        }
    }

    fn gpg(&self, hash: &str) -> Command {
        let mut gpg = Command::new("gpg");
        // `!` is gpg's way to say: this key, not one of its subkeys.
        let user = format!("{}!", self.key.fingerprint);
        gpg.args(["--quiet", "--no-armor", "--digest-algo", hash, "--compress-algo", "none"]);
        gpg.args(["--local-user", &user, "--sign", "--output", "-"]);
        gpg
    }
}

/// What a signing program answers to these bytes.
fn piped(mut command: Command, bytes: &[u8]) -> Result<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(doing(format!("start {name}")))?;
    let mut stdin = child.stdin.take().expect("it was asked for");
    // The statement may be longer than a pipe holds, and so may the answer.
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(bytes));
        child.wait_with_output()
    });
    let output = output.map_err(doing(format!("run {name}")))?;
    if !output.status.success() || output.stdout.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::failed(format!("{name} made no signature")).cause(said.trim()));
    }
    Ok(output.stdout)
}

fn has_secret(fingerprint: &str) -> bool {
    let listed = Command::new("gpg")
        .args(["--batch", "--list-secret-keys", fingerprint])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    listed.is_ok_and(|status| status.success())
}
