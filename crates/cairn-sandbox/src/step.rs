//! The steps from a fork to a running command, so that a failure can be told by name.

use rustix::io::Errno;

/// One step. Some are about one layer or mount of many, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Step {
    Watch,
    Descriptors,
    Ceiling,
    UserMap,
    Propagation,
    Loopback,
    HostName,
    Layer,
    Stage,
    Overlay,
    Proc,
    ProcPoint,
    Dev,
    DevPoint,
    Mount,
    MountPoint,
    Pivot,
    Start,
    CommandMap,
    Directory,
    Identity,
    Limits,
    Filter,
    Exec,
}

/// Each step with its words, in the order of the numbers.
const WORDS: &[(Step, &str)] = &[
    (Step::Watch, "follow the caller into death"),
    (Step::Descriptors, "close files of the caller"),
    (Step::Ceiling, "limit the number of processes"),
    (Step::UserMap, "map users into a new user namespace"),
    (Step::Propagation, "keep mounts from spreading"),
    (Step::Loopback, "bring up the loopback interface"),
    (Step::HostName, "set the host name"),
    (Step::Layer, "open a layer"),
    (Step::Stage, "prepare mount points in memory"),
    (Step::Overlay, "mount the layers with overlayfs"),
    (Step::Proc, "mount /proc"),
    (Step::ProcPoint, "/proc"),
    (Step::Dev, "mount /dev"),
    (Step::DevPoint, "/dev"),
    (Step::Mount, "mount"),
    (Step::MountPoint, "mount point"),
    (Step::Pivot, "change to the new root"),
    (Step::Start, "start the command's process in a user namespace of its own"),
    (Step::CommandMap, "map users for the command"),
    (Step::Directory, "working directory"),
    (Step::Identity, "take the command's user and capabilities"),
    (Step::Limits, "set resource limits"),
    (Step::Filter, "install the system call filter"),
    (Step::Exec, "execute"),
];

impl Step {
    pub fn from_number(number: u32) -> Option<Step> {
        WORDS.get(number as usize).map(|&(step, _)| step)
    }

    pub fn words(self) -> &'static str {
        WORDS.get(self as usize).map_or("", |&(_, words)| words)
    }
}

/// A step that the kernel refused.
#[derive(Debug, Clone, Copy)]
pub struct Failure {
    pub step: Step,
    /// Which layer or mount.
    pub index: u32,
    pub errno: Errno,
}

/// Say which step an error belongs to.
pub trait At<T> {
    fn at(self, step: Step) -> Result<T, Failure>;
    fn at_index(self, step: Step, index: usize) -> Result<T, Failure>;
}

impl<T> At<T> for Result<T, Errno> {
    fn at(self, step: Step) -> Result<T, Failure> {
        self.at_index(step, 0)
    }

    fn at_index(self, step: Step, index: usize) -> Result<T, Failure> {
        self.map_err(|errno| Failure { step, index: index as u32, errno })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_the_order_of_the_numbers() {
        for (number, (step, _)) in WORDS.iter().enumerate() {
            assert_eq!(*step as usize, number);
        }
        assert_eq!(Step::from_number(WORDS.len() as u32), None);
    }
}
