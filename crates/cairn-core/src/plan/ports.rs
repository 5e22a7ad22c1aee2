//! `EXPOSE 80 443/tcp 8000-8010/udp`.

use std::net::IpAddr;

/// All ports of one specification, `number/protocol`, in ascending order.
///
/// The form `[ip:]host:container` of the command line is accepted, and only the
/// container's ports count, as in BuildKit. The error says what would be right.
pub(super) fn parse(text: &str) -> Result<Vec<String>, &'static str> {
    const WRONG: &str = "a port or range of ports, with /tcp, /udp or /sctp, as 8000-8010/udp";
    let mut parts = text.rsplitn(3, ':');
    let container = parts.next().unwrap_or_default();
    let host = parts.next().unwrap_or_default();
    let address = parts.next().unwrap_or_default();
    let (ports, protocol) = container.split_once('/').unwrap_or((container, "tcp"));
    let protocol = match protocol.to_ascii_lowercase().as_str() {
        "" => "tcp".to_owned(),
        known @ ("tcp" | "udp" | "sctp") => known.to_owned(),
        _ => return Err(WRONG),
    };
    let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
    if !bare.is_empty() && bare.parse::<IpAddr>().is_err() {
        return Err(WRONG);
    }
    let (first, last) = range(ports).ok_or(WRONG)?;
    if !host.is_empty() {
        let (from, to) = range(host).ok_or(WRONG)?;
        if first != last && to - from != last - first {
            return Err("as many ports of the host as of the container");
        }
    }
    Ok((first..=last).map(|port| format!("{port}/{protocol}")).collect())
}

fn range(text: &str) -> Option<(u16, u16)> {
    let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit()).then(|| text.parse().ok());
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (digits(first)??, digits(last)??);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_ranges_become_single_ports() {
        let table: &[(&str, &[&str])] = &[
            ("80", &["80/tcp"]),
            ("80/", &["80/tcp"]),
            ("53/UDP", &["53/udp"]),
            ("8000-8002/tcp", &["8000/tcp", "8001/tcp", "8002/tcp"]),
            ("8080:80", &["80/tcp"]),
            ("127.0.0.1:8080:80/sctp", &["80/sctp"]),
            ("[::1]:8080:80", &["80/tcp"]),
            ("0", &["0/tcp"]),
        ];
        for (text, want) in table {
            assert_eq!(parse(text).expect("the table is valid"), *want, "{text}");
        }
        let wrong = ["", "/tcp", "80/icmp", "65536", "9-8", "a", "+80", "1-2-3", "x:1:2", "1-3:1-2", "-1"];
        for text in wrong {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
