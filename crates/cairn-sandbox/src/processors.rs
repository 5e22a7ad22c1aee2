//! The processors that a build sees: as many as the request says, all alike.

use std::fmt::Write;

/// What every x86-64 processor can do.
const FLAGS: &str = "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 \
                     clflush mmx fxsr sse sse2 ht syscall nx lm";

/// `/proc/cpuinfo` of `count` processors.
pub fn cpuinfo(count: u32) -> String {
    let mut text = String::new();
    for n in 0..count {
        let _ = write!(
            text,
            "processor\t: {n}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 6\n\
             model name\t: x86-64\nstepping\t: 0\ncpu MHz\t\t: 1000.000\ncache size\t: 1024 KB\n\
             physical id\t: 0\nsiblings\t: {count}\ncore id\t\t: {n}\ncpu cores\t: {count}\n\
             apicid\t\t: {n}\nfpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: 13\nwp\t\t: yes\n\
             flags\t\t: {FLAGS}\nbogomips\t: 2000.00\nclflush size\t: 64\n\
             cache_alignment\t: 64\naddress sizes\t: 40 bits physical, 48 bits virtual\n\n"
        );
    }
    text
}

/// `/proc/stat` of `count` processors that have never worked.
pub fn stat(count: u32) -> String {
    let idle = "0 0 0 0 0 0 0 0 0 0";
    let mut text = format!("cpu  {idle}\n");
    for n in 0..count {
        let _ = writeln!(text, "cpu{n} {idle}");
    }
    text + "intr 0\nctxt 0\nbtime 0\nprocesses 0\nprocs_running 1\nprocs_blocked 0\nsoftirq 0\n"
}
