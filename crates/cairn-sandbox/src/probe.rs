//! What this machine can and cannot do for the sandbox, for `cairn doctor`.

/// One thing tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was tried, as a short noun: "user namespaces".
    pub name: &'static str,
    /// What was found, one line.
    pub found: String,
    /// Whether builds work with what was found.
    pub ok: bool,
    /// A command or setting that mends it, when there is one.
    pub fix: Option<String>,
}
