//! `STOPSIGNAL`: names and numbers of Linux signals.

const NAMES: [&str; 35] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
    "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU",
    "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN",
];

/// `SIGTERM`, `term`, `15`, `RTMIN+3`, `SIGRTMAX-2`.
pub(super) fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<u32>() {
        return number != 0;
    }
    let name = text.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let offset = |prefix, limit| {
        let number = name.strip_prefix(prefix).and_then(|number: &str| number.parse::<u32>().ok());
        number.is_some_and(|number| (1..=limit).contains(&number))
    };
    NAMES.contains(&name) || name == "RTMAX" || offset("RTMIN+", 15) || offset("RTMAX-", 14)
}

#[cfg(test)]
mod tests {
    #[test]
    fn signals_are_known_by_name_and_number() {
        for right in ["SIGTERM", "term", "9", "SIGRTMIN+3", "rtmax-14", "SigUsr1"] {
            assert!(super::is_signal(right), "{right}");
        }
        for wrong in ["", "0", "SIGNOPE", "RTMIN+16", "RTMIN+0", "SIGRTMAX-15", "-1", "TERM "] {
            assert!(!super::is_signal(wrong), "{wrong}");
        }
    }
}
