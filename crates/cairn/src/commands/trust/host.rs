//! What a signature says of the machine: enough to count diversity, nothing personal.

use cairn_trust::statement::Host;
use std::fs;

/// Facts of this machine; `engine` is what built the image.
pub fn facts(engine: &str) -> Host {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let field = |name: &str| os_release(&release, name);
    let distribution = match (field("ID"), field("VERSION_ID")) {
        (id, version) if version.is_empty() => id,
        (id, version) => format!("{id}-{version}"),
    };
    Host {
        engine: engine.split(' ').next().unwrap_or_default().to_owned(),
        cpu: cpu_vendor(&cpuinfo),
        distribution,
        kernel: kernel.trim().split('.').take(2).collect::<Vec<_>>().join("."),
    }
}

/// `vendor_id` on x86; ARM says `CPU implementer`.
fn cpu_vendor(cpuinfo: &str) -> String {
    let value = |name: &str| {
        let line = cpuinfo.lines().find(|l| l.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    value("vendor_id").or_else(|| value("CPU implementer")).unwrap_or_default()
}

fn os_release(text: &str, name: &str) -> String {
    let value = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_kinds_of_machine_are_told_apart() {
        assert_eq!(cpu_vendor("processor\t: 0\nvendor_id\t: AuthenticAMD\n"), "AuthenticAMD");
        assert_eq!(cpu_vendor("processor\t: 0\nCPU implementer\t: 0x41\n"), "0x41");
        let release = "PRETTY_NAME=\"Debian\"\nVERSION_ID=\"12\"\nID=debian\n";
        assert_eq!(
            (os_release(release, "ID"), os_release(release, "VERSION_ID")),
            ("debian".into(), "12".into())
        );
    }
}
