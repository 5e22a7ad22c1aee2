//! In what the second build differs from the first, inside a RUN.

use cairn_sandbox::Conditions;

use crate::diff::Known;
use crate::request::Circumstances;

/// Eight years, two months, and hours and minutes of their own, so that every part of a date
/// differs. Seconds must fit into 31 bits on both sides until 2029.
const AHEAD: u32 = 2_990 * 86_400 + 11 * 3_600 + 17 * 60 + 23;

/// What `cairn reproduce` may be told to leave as it is: to find out which of them a
/// difference comes from, or because a build cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Same {
    /// The user who builds.
    User,
    /// The time of day.
    Clock,
    /// The order in which directories are listed.
    Directories,
    /// The number of processors.
    Cpus,
    /// The name of the machine.
    Hostname,
    /// Where programs and stacks lie in memory.
    Addresses,
    /// What `uname -r` says.
    Kernel,
}

/// Circumstances that differ from `ours` in all that must not matter, but for `same`.
pub fn other(ours: &Circumstances, same: &[Same]) -> Circumstances {
    let differs = |what: Same| !same.contains(&what);
    let mut theirs = ours.clone();
    let conditions: &mut Conditions = &mut theirs.conditions;
    if differs(Same::Clock) {
        conditions.clock_ahead = AHEAD;
    }
    if differs(Same::Directories) {
        conditions.reversed_directories = !ours.conditions.reversed_directories;
    }
    if differs(Same::Hostname) {
        conditions.hostname = "elsewhere.example".to_owned();
    }
    if differs(Same::Addresses) {
        conditions.aslr = !ours.conditions.aslr;
    }
    if differs(Same::Kernel) {
        conditions.old_kernel_name = !ours.conditions.old_kernel_name;
    }
    if differs(Same::Cpus) {
        theirs.cpus = if ours.cpus == 1 { 3 } else { 1 };
    }
    theirs
}

/// What a comparison may know of two circumstances.
pub fn known(first: &Circumstances, second: &Circumstances) -> Known {
    let names = (first.conditions.hostname.clone(), second.conditions.hostname.clone());
    let ahead = second.conditions.clock_ahead.checked_sub(first.conditions.clock_ahead);
    Known {
        cpus: Some((first.cpus, second.cpus)).filter(|(a, b)| a != b),
        hostnames: Some(names).filter(|(a, b)| a != b),
        clock_ahead: ahead.filter(|ahead| *ahead > 0),
        user: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_differs_but_what_was_asked_to_stay() {
        let ours = Circumstances::default();
        let all = [Same::Clock, Same::Directories, Same::Cpus, Same::Hostname, Same::Addresses, Same::Kernel];
        assert_eq!(other(&ours, &all), ours);
        for what in all {
            let rest: Vec<Same> = all.into_iter().filter(|other| *other != what).collect();
            assert_ne!(other(&ours, &rest), ours, "{what:?}");
        }
        // What the law gives every RUN is no circumstance.
        assert_eq!(other(&ours, &[]).conditions.umask, 0o022);
    }

    #[test]
    fn the_clock_stays_within_31_bits() {
        let year_2029: u32 = 1_861_920_000;
        assert!(year_2029.checked_add(AHEAD).is_some_and(|time| time <= i32::MAX as u32 - 86_400));
    }
}
