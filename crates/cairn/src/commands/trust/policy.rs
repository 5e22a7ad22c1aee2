//! `cairn policy`: the root documents that make people and policy trusted.

use super::signer::Signer;
use super::{export, load, now, write_whole};
use crate::args::{Global, PolicyCommand, PolicyPropose, PolicySign};
use crate::error::{Failure, Result, doing};
use crate::output::Output;
use crate::project::{self, Project};
use cairn_core::digest::Digest;
use cairn_trust::date::{self, DAY};
use cairn_trust::folder::{self, root_folder};
use cairn_trust::people::{People, Person, Role};
use cairn_trust::policy::Policy;
use cairn_trust::statement::{self, Root, Statement};
use std::fs;

pub fn run(global: &Global, command: &PolicyCommand, output: Output) -> Result<()> {
    let project = Project::find(global)?;
    match command {
        PolicyCommand::Show => show(global, &project),
        PolicyCommand::Propose(args) => propose(&project, args, output),
        PolicyCommand::Sign(args) => sign(&project, args, output),
        PolicyCommand::Export { dir } => {
            export::run(&project, &project::store(global)?, &load(global, &project)?, dir, output)
        }
    }
}

fn show(global: &Global, project: &Project) -> Result<()> {
    let trust = load(global, project)?;
    let people: Vec<_> = trust.root.people.iter().map(|(id, _)| id.as_str()).collect();
    println!("root {}: {}", trust.root.version, trust.known.digest);
    println!("  {} of {} sign the next one", trust.root.threshold, people.join(", "));
    println!("  until {}", date::show(trust.root.expires));
    println!("repository {}", trust.policy.repository);
    for person in trust.people.iter() {
        println!("  {} ({}), {} keys", person.id, person.organisation, person.keys.len());
    }
    Ok(())
}

/// Everybody in `trust/keys`, unsigned as yet.
fn people(project: &Project) -> Result<People> {
    let folder = project.root.join("trust/keys");
    let mut people = Vec::new();
    for path in folder::list(&project.root.join("trust")).map_err(doing("list trust/"))? {
        if let Some(id) = path.strip_prefix("keys/").and_then(|p| p.strip_suffix("/person.toml")) {
            let file = folder.join(id).join("person.toml");
            let text = fs::read_to_string(&file).map_err(doing(format!("read {}", file.display())))?;
            people.push(Person::parse(id, &text).map_err(doing("use trust/keys"))?);
        }
    }
    People::new(people).map_err(doing("use trust/keys"))
}

/// Writes the next root document over the files as they are now.
fn propose(project: &Project, args: &PolicyPropose, output: Output) -> Result<()> {
    let trust = project.root.join("trust");
    let people = people(project)?;
    let text = fs::read_to_string(trust.join("policy.toml")).map_err(doing("read trust/policy.toml"))?;
    Policy::parse(&text, &people).map_err(doing("use trust/policy.toml"))?;
    let versions = folder::root_versions(&project.root).map_err(doing("read trust/root"))?;
    let last = versions.last().copied().unwrap_or(0);
    let mut files = Vec::new();
    for path in folder::list(&trust).map_err(doing("list trust/"))? {
        let bytes = fs::read(trust.join(&path)).map_err(doing(format!("read trust/{path}")))?;
        files.push((path, Digest::of(&bytes)));
    }
    let now = now()?;
    let live = |p: &Person| -> Vec<String> {
        p.keys
            .iter()
            .filter(|k| k.revoked.is_none() && k.not_after.0 > now)
            .map(|k| k.fingerprint.clone())
            .collect()
    };
    let roots: Vec<(String, Vec<String>)> = people
        .with(Role::Root)
        .map(|p| (p.id.clone(), live(p)))
        .filter(|(_, keys)| !keys.is_empty())
        .collect();
    if args.threshold < 1 || args.threshold as usize > roots.len() {
        return Err(Failure::usage(format!(
            "the threshold must be between 1 and {}, the people with the role root",
            roots.len()
        )));
    }
    let root = Root {
        version: last + 1,
        expires: now + i64::from(args.days) * DAY,
        threshold: i64::from(args.threshold),
        people: roots,
        files,
    };
    let path = root_folder(&project.root, root.version).join("root.json");
    let (version, need) = (root.version, root.threshold);
    write_whole(&path, &Statement::Root(root).to_bytes())?;
    output.note(&format!(
        "{}: now {need} of the roots, old and new: cairn policy sign --as PERSON",
        path.display()
    ));
    println!("root {version}");
    Ok(())
}

/// Adds a signature to the newest root document.
fn sign(project: &Project, args: &PolicySign, output: Output) -> Result<()> {
    let versions = folder::root_versions(&project.root).map_err(doing("read trust/root"))?;
    let newest = *versions.last().ok_or_else(|| {
        Failure::failed("there is no root document to sign").hint("cairn policy propose --threshold K")
    })?;
    let folder = root_folder(&project.root, newest);
    let document = fs::read(folder.join("root.json")).map_err(doing("read the root document"))?;
    let root = statement::parse(&document).map_err(doing("read the root document"))?;
    let people = people(project)?;
    let person = people
        .get(&args.person)
        .ok_or_else(|| Failure::usage(format!("nobody in trust/keys is called {}", args.person)))?;
    if let Statement::Root(root) = &root {
        stale(project, root)?;
    }
    let signer = Signer::find(person, args.ssh_key.as_deref(), &project.root.join("trust"), now()?)?;
    let path = folder.join(signer.file_name("root"));
    write_whole(&path, &signer.sign(&root)?)?;
    output.note(&format!("{}", path.display()));
    Ok(())
}

/// Nobody signs a list of files that are not the ones he sees.
fn stale(project: &Project, root: &Root) -> Result<()> {
    let trust = project.root.join("trust");
    for (path, digest) in &root.files {
        let bytes = fs::read(trust.join(path)).map_err(doing(format!("read trust/{path}")))?;
        if Digest::of(&bytes) != *digest {
            return Err(Failure::failed(format!(
                "trust/{path} changed since the root document was proposed"
            ))
            .hint("cairn policy propose"));
        }
    }
    Ok(())
}
