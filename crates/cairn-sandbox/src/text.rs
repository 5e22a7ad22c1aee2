//! A short string on the stack, for where nothing may be allocated.

use std::ffi::CStr;

/// At most `N - 1` bytes; what does not fit is cut off, and the kernel then refuses the
/// name it does not know.
pub struct Text<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Text<N> {
    pub fn new() -> Text<N> {
        Text { bytes: [0; N], length: 0 }
    }

    pub fn push(&mut self, more: &[u8]) -> &mut Text<N> {
        for &byte in more {
            if self.length + 1 < N {
                self.bytes[self.length] = byte;
                self.length += 1;
            }
        }
        self
    }

    pub fn push_number(&mut self, number: u32) -> &mut Text<N> {
        let mut digits = [0u8; 10];
        let mut first = digits.len();
        let mut rest = number;
        while first > 0 {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.push(&digits[first..])
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Ends at the first zero byte; there always is one.
    pub fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or(c"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_overflow() {
        for (number, expected) in [(0, "/0"), (7, "/7"), (4_294_967_295, "/4294967295")] {
            let mut text: Text<16> = Text::new();
            text.push(b"/").push_number(number);
            assert_eq!(text.as_bytes(), expected.as_bytes());
        }
        let mut text: Text<4> = Text::new();
        assert_eq!(text.push(b"abcdef").as_c_str(), c"abc");
    }
}
