//! `cairn key`: who is trusted with what, and adding somebody.

use super::{load, now, write_whole};
use crate::args::{Global, KeyAdd, KeyCommand};
use crate::error::{Failure, Result, doing};
use crate::output::Output;
use crate::project::Project;
use cairn_core::json::Value;
use cairn_trust::date;
use cairn_trust::people::{Person, Role};
use std::process::Command;

pub fn run(global: &Global, command: &KeyCommand, output: Output) -> Result<()> {
    let project = Project::find(global)?;
    match command {
        KeyCommand::List => list(global, &project, output),
        KeyCommand::Add(args) => add(&project, args, output),
    }
}

fn list(global: &Global, project: &Project, output: Output) -> Result<()> {
    let trust = load(global, project)?;
    let now = now()?;
    for person in trust.people.iter() {
        let roles: Vec<String> = person.roles.iter().map(|r| format!("{r:?}").to_lowercase()).collect();
        for key in &person.keys {
            let state = match key.revoked {
                Some(day) => format!("revoked on {}", date::show(day.0)),
                None if now < key.not_before.0 => format!("from {}", date::show(key.not_before.0)),
                None if now >= key.not_after.0 => format!("ended on {}", date::show(key.not_after.0)),
                None => format!("until {}", date::show(key.not_after.0)),
            };
            if output.json {
                let value = Value::object([
                    ("person", Value::from(person.id.as_str())),
                    ("organisation", person.organisation.as_str().into()),
                    ("roles", Value::strings(roles.clone())),
                    ("key", key.fingerprint.as_str().into()),
                    ("state", state.into()),
                ]);
                println!("{}", value.compact());
            } else {
                println!(
                    "{} ({})  {}  {}  {state}",
                    person.id,
                    person.organisation,
                    roles.join(" "),
                    key.fingerprint
                );
            }
        }
    }
    Ok(())
}

/// Writes `trust/keys/PERSON/`: the key's public half and `person.toml`.
fn add(project: &Project, args: &KeyAdd, output: Output) -> Result<()> {
    let folder = project.root.join("trust/keys").join(&args.person);
    let toml = folder.join("person.toml");
    let (kind, file, fingerprint, public) = match (&args.gpg, &args.ssh) {
        (Some(wanted), None) => {
            let fingerprint = gpg_fingerprint(wanted)?;
            let public =
                output_of(Command::new("gpg").args(["--batch", "--armor", "--export", &fingerprint]))?;
            ("openpgp", format!("{}.asc", &fingerprint[fingerprint.len() - 16..]), fingerprint, public)
        }
        (None, Some(path)) => {
            let public = std::fs::read(path).map_err(doing(format!("read {}", path.display())))?;
            let listed = output_of(Command::new("ssh-keygen").args(["-l", "-E", "sha256", "-f"]).arg(path))?;
            let listed = String::from_utf8_lossy(&listed).into_owned();
            let fingerprint = listed.split(' ').nth(1).unwrap_or_default().to_owned();
            let plain: String = fingerprint.chars().filter(char::is_ascii_alphanumeric).collect();
            let end = plain[plain.len().saturating_sub(16)..].to_lowercase();
            ("ssh", format!("{end}.pub"), fingerprint, public)
        }
        _ => return Err(Failure::usage("give one key: --gpg FINGERPRINT or --ssh FILE.pub")),
    };
    let key = format!(
        "\n[[key]]\nkind = \"{kind}\"\nfile = \"{file}\"\nfingerprint = \"{fingerprint}\"\n\
         not-before = \"{}\"\nnot-after = \"{}\"\n",
        date::show(now()?),
        args.not_after
    );
    let text = match std::fs::read_to_string(&toml) {
        Ok(old) => old + &key,
        Err(_) => format!(
            "name = \"{}\"\norganisation = \"{}\"\nroles = [{}]\n{key}",
            args.name.as_deref().unwrap_or(&args.person),
            args.organisation.as_deref().unwrap_or("none"),
            args.roles.iter().map(|r| format!("\"{r}\"")).collect::<Vec<_>>().join(", ")
        ),
    };
    // What could not be loaded again is not written.
    let person = Person::parse(&args.person, &text)
        .map_err(|e| Failure::usage("this would be no good person.toml").because(&e))?;
    write_whole(&folder.join(&file), &public)?;
    write_whole(&toml, text.as_bytes())?;
    output.note(&format!("{}: {} keys; {}", toml.display(), person.keys.len(), next_step(&person)));
    Ok(())
}

fn next_step(person: &Person) -> &'static str {
    if person.roles.contains(&Role::Root) {
        "now cairn policy propose --root …, then enough roots: cairn policy sign"
    } else {
        "now cairn policy propose, then enough roots: cairn policy sign"
    }
}

/// The primary key's fingerprint, lower case.
fn gpg_fingerprint(wanted: &str) -> Result<String> {
    let listing = output_of(Command::new("gpg").args(["--batch", "--with-colons", "--fingerprint", wanted]))?;
    let listing = String::from_utf8_lossy(&listing).into_owned();
    let mut fingerprints =
        listing.lines().skip_while(|l| !l.starts_with("pub:")).filter(|l| l.starts_with("fpr:"));
    let fingerprint = fingerprints.next().and_then(|l| l.split(':').nth(9)).map(str::to_lowercase);
    let keys = listing.lines().filter(|l| l.starts_with("pub:")).count();
    match (keys, fingerprint) {
        (1, Some(fingerprint)) if fingerprint.len() >= 40 => Ok(fingerprint),
        (n, _) => Err(Failure::usage(format!("{wanted} names {n} keys in gpg's keyring, not one"))
            .hint("gpg --list-keys --with-fingerprint")),
    }
}

fn output_of(command: &mut Command) -> Result<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(doing(format!("run {name}")))?;
    if !output.status.success() || output.stdout.is_empty() {
        return Err(
            Failure::failed(format!("{name} failed")).cause(String::from_utf8_lossy(&output.stderr).trim())
        );
    }
    Ok(output.stdout)
}
