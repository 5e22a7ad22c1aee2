//! Names of users and groups, looked up in the files of a stage.
//!
//! `/etc/passwd` holds `name:password:uid:gid:…`, `/etc/group` holds
//! `name:password:gid:…`. Links are followed inside the stage, nothing of the host is
//! read.

use std::io;

use cairn_core::plan::{Account, Id};

use crate::owner::Owner;
use crate::view::View;

/// The largest such file that is read.
const LIMIT: u64 = 1 << 20;

/// Why an account has no numbers.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error("no user {0:?} in /etc/passwd of this stage: COPY the file first, or write a number")]
    NoUser(String),
    #[error("no group {0:?} in /etc/group of this stage: COPY the file first, or write a number")]
    NoGroup(String),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The numbers of `account` in the stage that `view` shows. Without a group it is
/// the one of the user's line, otherwise 0.
pub fn resolve(account: &Account, view: &View) -> Result<Owner, Error> {
    // The common case reads nothing.
    if let (Id::Number(user), Some(Id::Number(group))) = (&account.user, &account.group) {
        return Ok((*user, *group));
    }
    let passwd = read(view, b"etc/passwd")?;
    let line = match &account.user {
        Id::Number(uid) => user_by(&passwd, |_, id| id == *uid),
        Id::Name(name) => user_by(&passwd, |entry, _| entry == name),
    };
    let uid = match (&account.user, line) {
        (Id::Number(uid), _) => *uid,
        (Id::Name(_), Some((uid, _))) => uid,
        (Id::Name(name), None) => return Err(Error::NoUser(name.clone())),
    };
    let gid = match &account.group {
        None => line.map_or(0, |(_, gid)| gid),
        Some(Id::Number(gid)) => *gid,
        Some(Id::Name(name)) => {
            let groups = read(view, b"etc/group")?;
            group_by(&groups, name).ok_or_else(|| Error::NoGroup(name.clone()))?
        }
    };
    Ok((uid, gid))
}

/// The home directory of a user, as container runtimes set `HOME`: `/` if the stage
/// does not know the user.
pub fn home(uid: u32, view: &View) -> io::Result<String> {
    let passwd = read(view, b"etc/passwd")?;
    let line =
        passwd.lines().find(|line| line.split(':').nth(2).and_then(|field| field.parse().ok()) == Some(uid));
    let home = line.and_then(|line| line.split(':').nth(5)).filter(|home| !home.is_empty());
    Ok(home.unwrap_or("/").to_owned())
}

fn read(view: &View, path: &[u8]) -> io::Result<String> {
    match view.lookup(path, true)? {
        Some(node) if node.meta.is_file() => {
            Ok(String::from_utf8_lossy(&view.read(&node, LIMIT)?).into_owned())
        }
        _ => Ok(String::new()),
    }
}

/// User and group number of the first line that is `wanted`.
fn user_by(passwd: &str, wanted: impl Fn(&str, u32) -> bool) -> Option<Owner> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        wanted(name, uid).then_some((uid, gid))
    })
}

fn group_by(group: &str, wanted: &str) -> Option<u32> {
    group.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let gid = fields.nth(1)?.parse().ok()?;
        (name == wanted).then_some(gid)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "# comment\nroot:x:0:0:r:/root:/bin/sh\nbad:x:y:1::\nann:x:7:70::/:\n";

    #[test]
    fn a_line_is_found_by_name_or_number() {
        assert_eq!(user_by(PASSWD, |name, _| name == "ann"), Some((7, 70)));
        assert_eq!(user_by(PASSWD, |_, id| id == 7), Some((7, 70)));
        assert_eq!(user_by(PASSWD, |name, _| name == "bad"), None);
        assert_eq!(group_by("wheel:x:10:ann\nann:x:70:", "ann"), Some(70));
        assert_eq!(group_by("wheel:x:10:ann", "ann"), None);
    }
}
