//! COPY, ADD and WORKDIR: from the plan to a tree.

use std::fs;

use cairn_core::plan;

use super::context::is_root;
use super::stage::{At, Build, Files, Made, Output};
use crate::chain::Chain;
use crate::copy::upper::{Content, Upper};
use crate::copy::{Copy, archive};
use crate::error::Cause;
use crate::owner::Owner;
use crate::progress::Event;
use crate::steps::Key;
use crate::users;
use crate::view::{Node, View};

impl Build<'_> {
    /// Executes a COPY, or stacks a whole image or stage.
    pub(super) fn copy_step(&mut self, at: At<'_>, op: &plan::Copy, files: &mut Files) -> Result<(), Cause> {
        let from = self.chain_of(&op.from)?;
        if let Some(from) = &from
            && at.output == Output::Tree
            && is_whole(op)
            && from.is_plain()
            && self.stackable(from, &files.chain)?
        {
            files.chain.stack(from);
            self.done(at, 0.0, true);
            return Ok(());
        }
        let below = self.package.engine.trees.view(&files.chain)?;
        let owner = op.chown.as_ref().map(|who| users::resolve(who, &below)).transpose()?;
        // A linked copy with permissions is an ordinary one, as in BuildKit.
        let link = op.link && op.chmod.is_none();
        let mut key = Key::new("copy 1");
        key.number(at.output as u64).number(link.into());
        if !link {
            key.digests(&files.chain.ids());
        }
        key.text(if from.is_some() { "chain" } else { "context" });
        self.add_sources(&mut key, from.as_ref(), &op.sources)?;
        key.list(&op.sources, |key, source| {
            key.text(source);
        });
        key.list(&op.inline, |key, file| {
            key.text(&file.name).bytes(&file.data);
        });
        key.list(&op.exclude, |key, pattern| {
            key.text(pattern);
        });
        key.text(&op.dest).number(op.parents.into()).number(op.unpack.into());
        add_attributes(&mut key, owner, op.chmod.as_ref());
        let copy = Copy {
            origin: self.origin(&op.from),
            sources: &op.sources,
            inline: &op.inline,
            dest: &op.dest,
            owner,
            mode: op.chmod.as_ref(),
            parents: op.parents,
            exclude: &op.exclude,
            unpack: op.unpack,
        };
        let from = self.view_of(from.as_ref())?;
        let nothing = self.package.engine.trees.nothing();
        self.produce(at, key.finish(), files, |_, root| {
            let mut upper = Upper::new(root.to_owned(), if link { &nothing } else { &below })?;
            copy.run(&from, &mut upper)?;
            Ok(Made { links: upper.finish()?, plain: true })
        })
    }

    /// Whether copying all of `from` onto `below` gives what stacking gives: nowhere
    /// does a directory meet something else. The answer is remembered.
    fn stackable(&self, from: &Chain, below: &Chain) -> Result<bool, Cause> {
        if below.trees().is_empty() {
            return Ok(true);
        }
        let mut key = Key::new("stackable 1");
        key.digests(&below.ids()).digests(&from.ids());
        let key = key.finish();
        let store = &self.package.engine.store;
        match store.get_step(&key)?.as_deref() {
            Some(b"yes") => return Ok(true),
            Some(b"no") => return Ok(false),
            _ => {}
        }
        let trees = &self.package.engine.trees;
        let (from, below) = (trees.view(from)?, trees.view(below)?);
        let answer = match (from.root()?, below.root()?) {
            (Some(root), Some(place)) => fits(&from, &root, &below, &place)?,
            _ => true,
        };
        store.put_step(&key, if answer { b"yes" } else { b"no" })?;
        Ok(answer)
    }

    /// Executes an ADD from the network.
    pub(super) fn fetch_step(
        &mut self,
        at: At<'_>,
        op: &plan::Fetch,
        files: &mut Files,
    ) -> Result<(), Cause> {
        let below = self.package.engine.trees.view(&files.chain)?;
        let owner = op.chown.as_ref().map(|who| users::resolve(who, &below)).transpose()?;
        let link = op.link && op.chmod.is_none();
        let mut key = Key::new("fetch 1");
        key.number(at.output as u64).number(link.into());
        if !link {
            key.digests(&files.chain.ids());
        }
        key.bytes(op.checksum.as_bytes()).text(&op.file_name).text(&op.dest);
        key.number(op.unpack.into());
        add_attributes(&mut key, owner, op.chmod.as_ref());
        let copy =
            Copy { owner, mode: op.chmod.as_ref(), ..plain_copy(op.source.to_string(), &[], &op.dest) };
        let nothing = self.package.engine.trees.nothing();
        self.produce(at, key.finish(), files, |build, root| {
            let mut file = fs::File::open(build.fetch(op)?)?;
            let mut upper = Upper::new(root.to_owned(), if link { &nothing } else { &below })?;
            let unpacked = op.unpack && archive::unpack_file(&copy, &mut file, &op.file_name, &mut upper)?;
            if !unpacked {
                let name = op.file_name.as_bytes();
                copy.bytes(&mut upper, name, &mut Content::File(&file), 0o600)?;
            }
            Ok(Made { links: upper.finish()?, plain: true })
        })
    }

    fn fetch(&self, op: &plan::Fetch) -> Result<std::path::PathBuf, Cause> {
        let location = op.source.to_string();
        let mut told = |bytes, total| {
            let package = self.package.name.clone();
            let location = location.clone();
            self.package.tell(&Event::Fetch { package, location, bytes, total });
        };
        Ok(self.package.engine.sources.fetch(&op.source, &op.checksum, &mut told)?)
    }

    /// Executes a WORKDIR.
    pub(super) fn mkdir_step(
        &mut self,
        at: At<'_>,
        op: &plan::Mkdir,
        files: &mut Files,
    ) -> Result<(), Cause> {
        let below = self.package.engine.trees.view(&files.chain)?;
        let there = below.locate(op.path.as_bytes())?.1;
        if at.output == Output::Tree && there.is_some_and(|node| node.meta.is_dir()) {
            self.done(at, 0.0, true);
            return Ok(());
        }
        let owner = op.owner.as_ref().map(|who| users::resolve(who, &below)).transpose()?;
        let mut key = Key::new("mkdir 1");
        key.number(at.output as u64).digests(&files.chain.ids()).text(&op.path);
        add_attributes(&mut key, owner, None);
        self.produce(at, key.finish(), files, |_, root| {
            let mut upper = Upper::new(root.to_owned(), &below)?;
            upper.make_directories(op.path.as_bytes(), owner.unwrap_or((0, 0)))?;
            Ok(Made { links: upper.finish()?, plain: true })
        })
    }
}

fn add_attributes(key: &mut Key, owner: Option<Owner>, mode: Option<&plan::Mode>) {
    match owner {
        None => key.text("kept"),
        Some((user, group)) => key.number(user.into()).number(group.into()),
    };
    key.text(&format!("{mode:?}"));
}

/// A copy without any flag.
pub fn plain_copy<'a>(origin: String, sources: &'a [String], dest: &'a str) -> Copy<'a> {
    Copy {
        origin,
        sources,
        inline: &[],
        dest,
        owner: None,
        mode: None,
        parents: false,
        exclude: &[],
        unpack: false,
    }
}

/// `COPY --from=X . /`: everything to the root, nothing changed on the way.
fn is_whole(op: &plan::Copy) -> bool {
    op.sources.iter().all(|source| is_root(source))
        && op.sources.len() == 1
        && is_root(&op.dest)
        && op.inline.is_empty()
        && op.chown.is_none()
        && op.chmod.is_none()
        && op.exclude.is_empty()
        && !op.parents
}

/// Whether `dir` of `from` can be laid over `place` of `below`.
fn fits(from: &View, dir: &Node, below: &View, place: &Node) -> std::io::Result<bool> {
    for node in from.children(dir)? {
        let Some(there) = below.child(place, node.name())? else { continue };
        if node.meta.is_dir() != there.meta.is_dir() {
            return Ok(false);
        }
        if node.meta.is_dir() && !fits(from, &node, below, &there)? {
            return Ok(false);
        }
    }
    Ok(true)
}
