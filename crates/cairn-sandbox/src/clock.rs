//! A time, written as the different calls write it.

use crate::calls::Clock;

/// Since 1970.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    pub seconds: i64,
    pub nanoseconds: i64,
}

/// What goes into the caller's memory.
#[derive(Debug)]
pub struct Told {
    bytes: [u8; 16],
    length: usize,
}

impl Time {
    /// Two words (one for [`Clock::Seconds`]) of 4 bytes for a `narrow` caller, else of 8. A
    /// second that does not fit into 4 bytes is the last one that does.
    pub fn tell(self, form: Clock, narrow: bool) -> Told {
        let fraction = if form == Clock::Microseconds { self.nanoseconds / 1000 } else { self.nanoseconds };
        let mut told = Told { bytes: [0; 16], length: 0 };
        told.push(self.seconds, narrow && form != Clock::WideNanoseconds);
        if form != Clock::Seconds {
            told.push(fraction, narrow && form != Clock::WideNanoseconds);
        }
        told
    }
}

impl Told {
    fn push(&mut self, value: i64, narrow: bool) {
        let size = if narrow { 4 } else { 8 };
        let value = if narrow { value.clamp(0, i64::from(i32::MAX)) } else { value };
        self.bytes[self.length..self.length + size].copy_from_slice(&value.to_le_bytes()[..size]);
        self.length += size;
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_the_layout_of_the_kernel() {
        let time = Time { seconds: 0x1_0203, nanoseconds: 5000 };
        let cases: &[(Clock, bool, &[u8])] = &[
            (Clock::Seconds, false, &[3, 2, 1, 0, 0, 0, 0, 0]),
            (Clock::Seconds, true, &[3, 2, 1, 0]),
            (Clock::Microseconds, true, &[3, 2, 1, 0, 5, 0, 0, 0]),
            (Clock::Nanoseconds, true, &[3, 2, 1, 0, 0x88, 0x13, 0, 0]),
            (Clock::WideNanoseconds, true, &[3, 2, 1, 0, 0, 0, 0, 0, 0x88, 0x13, 0, 0, 0, 0, 0, 0]),
        ];
        for (form, narrow, bytes) in cases {
            assert_eq!(time.tell(*form, *narrow).as_bytes(), *bytes, "{form:?} {narrow}");
        }
        let late = Time { seconds: 1 << 40, nanoseconds: 0 };
        assert_eq!(late.tell(Clock::Seconds, true).as_bytes(), i32::MAX.to_le_bytes());
    }
}
