//! `1000:1000`, `nobody`, and the modes of `--chmod`.

use super::{Account, Id, Mode, ModeChange};

impl Account {
    /// Who runs a program: `USER`, or root if there was none.
    ///
    /// The error says what would be right.
    pub(super) fn for_process(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Ok(Self::ROOT);
        }
        Self::parse(text)
    }

    /// Who owns files: a lone number is the group too.
    pub(super) fn for_files(text: &str) -> Result<Self, &'static str> {
        let mut account = Self::parse(text)?;
        if let (Id::Number(id), None) = (&account.user, &account.group) {
            account.group = Some(Id::Number(*id));
        }
        Ok(account)
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        Ok(Self { user: Id::parse(user)?, group: group.map(Id::parse).transpose()? })
    }
}

impl Id {
    fn parse(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "USER or USER:GROUP, each a name or a number up to 4294967294";
        let name = |c: char| c.is_ascii_graphic() && !matches!(c, ':' | '/' | ',');
        match text.parse::<u32>() {
            Ok(u32::MAX) => Err(WRONG),
            Ok(id) if !text.starts_with('+') => Ok(Self::Number(id)),
            _ if text.is_empty() || !text.chars().all(name) => Err(WRONG),
            _ if text.bytes().all(|c| c.is_ascii_digit()) => Err(WRONG),
            _ => Ok(Self::Name(text.to_owned())),
        }
    }
}

impl Mode {
    /// Octal, or clauses like `u=rwX,go=rX`. The error says what would be right.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "an octal number up to 7777, or clauses as u=rwX,go=rX";
        if text.bytes().all(|c| c.is_ascii_digit()) {
            return match u32::from_str_radix(text, 8) {
                Ok(mode) if mode <= 0o7777 => Ok(Self::Octal(mode)),
                _ => Err(WRONG),
            };
        }
        let mut changes = Vec::new();
        for clause in text.split(',') {
            clauses(clause, &mut changes).ok_or(WRONG)?;
        }
        Ok(Self::Symbolic(changes))
    }

    /// The mode of a file after this change; `mode` are its permissions so far.
    pub fn apply(&self, mode: u32, is_dir: bool) -> u32 {
        match self {
            Self::Octal(mode) => *mode,
            Self::Symbolic(changes) => {
                changes.iter().fold(mode & 0o7777, |mode, change| change.apply(mode, is_dir))
            }
        }
    }
}

/// `go+rX-w`: someone, then at least one operator with its permissions.
///
/// Who must be said: what a lone `+x` means depends on the umask of whoever runs it.
fn clauses(text: &str, changes: &mut Vec<ModeChange>) -> Option<()> {
    let who_end = text.find(['+', '-', '='])?;
    let mut who = 0;
    for c in text[..who_end].chars() {
        who |= match c {
            'u' => 4,
            'g' => 2,
            'o' => 1,
            'a' => 7,
            _ => return None,
        };
    }
    let mut rest = &text[who_end..];
    while let Some(operator) = rest.chars().next() {
        let end = rest[1..].find(['+', '-', '=']).map_or(rest.len(), |end| end + 1);
        changes.push(change(who, operator, &rest[1..end])?);
        rest = &rest[end..];
    }
    (who != 0).then_some(())
}

fn change(who: u8, operator: char, permissions: &str) -> Option<ModeChange> {
    let mut change = ModeChange {
        who,
        operator,
        bits: 0,
        execute_if_any: false,
        set_id: false,
        sticky: false,
        copy_from: None,
    };
    if let "u" | "g" | "o" = permissions {
        change.copy_from = permissions.chars().next();
        return Some(change);
    }
    for c in permissions.chars() {
        match c {
            'r' => change.bits |= 4,
            'w' => change.bits |= 2,
            'x' => change.bits |= 1,
            'X' => change.execute_if_any = true,
            's' => change.set_id = true,
            't' => change.sticky = true,
            _ => return None,
        }
    }
    Some(change)
}

impl ModeChange {
    fn apply(self, mode: u32, is_dir: bool) -> u32 {
        let mut bits = u32::from(self.bits);
        if self.execute_if_any && (is_dir || mode & 0o111 != 0) {
            bits |= 1;
        }
        match self.copy_from {
            Some('u') => bits = mode >> 6 & 7,
            Some('g') => bits = mode >> 3 & 7,
            Some(_) => bits = mode & 7,
            None => {}
        }
        let (mut set, mut all) = (0, 0);
        for (flag, shift, set_id) in [(4, 6, 0o4000), (2, 3, 0o2000), (1, 0, 0)] {
            if self.who & flag != 0 {
                set |= bits << shift | if self.set_id { set_id } else { 0 };
                all |= 7 << shift | set_id;
            }
        }
        if self.sticky {
            set |= 0o1000;
        }
        if self.who == 7 {
            all |= 0o1000;
        }
        match self.operator {
            '+' => mode | set,
            '-' => mode & !set,
            _ => mode & !all | set,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_number_owns_files_with_its_group_but_runs_without() {
        let number = |id| Id::Number(id);
        let table = [
            ("1000", number(1000), None, Some(number(1000))),
            ("1000:5", number(1000), Some(number(5)), Some(number(5))),
            ("nobody", Id::Name("nobody".into()), None, None),
            ("a:b", Id::Name("a".into()), Some(Id::Name("b".into())), Some(Id::Name("b".into()))),
        ];
        for (text, user, running, owning) in table {
            let run = Account { user: user.clone(), group: running };
            assert_eq!(Account::for_process(text), Ok(run), "{text}");
            assert_eq!(Account::for_files(text), Ok(Account { user, group: owning }), "{text}");
        }
        assert_eq!(Account::for_process(""), Ok(Account::ROOT));
        for wrong in [":1", "1:", "4294967295", "99999999999", "a b", "a:b:c", "a/b", "-1:é"] {
            assert!(Account::for_files(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn modes_change_as_chmod_changes_them() {
        let table = [
            ("755", 0o4644, false, 0o755),
            ("4755", 0o644, false, 0o4755),
            ("0", 0o644, false, 0),
            ("u=rwX,go=rX", 0o600, false, 0o644),
            ("u=rwX,go=rX", 0o700, false, 0o755),
            ("u=rwX,go=rX", 0o600, true, 0o755),
            ("a+x", 0o644, false, 0o755),
            ("go-w", 0o666, false, 0o644),
            ("u+s", 0o755, false, 0o4755),
            ("g+s,a-x", 0o755, false, 0o2644),
            ("a+t", 0o777, true, 0o1777),
            ("g=u", 0o750, false, 0o770),
            ("u+x-w", 0o600, false, 0o500),
            ("a=", 0o4755, false, 0),
            ("u=", 0o4755, false, 0o055),
        ];
        for (text, before, is_dir, after) in table {
            let mode = Mode::parse(text).expect("the table is valid");
            assert_eq!(mode.apply(before, is_dir), after, "{text} on {before:o}");
        }
        for wrong in ["8", "10000", "+x", "u", "u=q", "u=rwx,", "", "z+x", "+755"] {
            assert!(Mode::parse(wrong).is_err(), "{wrong}");
        }
    }
}
