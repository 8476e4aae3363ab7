//! The type of a file, decided by its first bytes and never by its name or its declared type.
//!
//! A PDF's header may start anywhere within the first 1,024 bytes, and PDF readers accept this. Some programs write a
//! byte-order mark, blank lines or the head of an e-mail before it.

use crate::spelled;

/// A type of file that KYC accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaType {
    /// Portable Document Format.
    Pdf,
    /// JPEG.
    Jpeg,
    /// Portable Network Graphics.
    Png,
}

// The names are those of IANA.
spelled!(MediaType { Pdf = "application/pdf", Jpeg = "image/jpeg", Png = "image/png" });

const PDF: &[u8] = b"%PDF-";

impl MediaType {
    /// The number of bytes that decide.
    pub const HEAD: usize = 1_023 + PDF.len();

    /// The type of a file by its first [`MediaType::HEAD`] bytes. Later bytes change nothing.
    pub fn of_content(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"\xff\xd8\xff") {
            return Some(Self::Jpeg);
        }
        if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        let head = &head[..head.len().min(Self::HEAD)];
        head.windows(PDF.len()).any(|bytes| bytes == PDF).then_some(Self::Pdf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_content_decides_the_type() {
        assert_eq!(MediaType::of_content(b"%PDF-1.7\n"), Some(MediaType::Pdf));
        assert_eq!(MediaType::of_content(b"\xef\xbb\xbf%PDF-1.4"), Some(MediaType::Pdf));
        assert_eq!(MediaType::of_content(b"\r\n\r\n  %PDF-1.4"), Some(MediaType::Pdf));
        let after = |count: usize| [&vec![b' '; count][..], b"%PDF-1.7"].concat();
        assert_eq!(MediaType::of_content(&after(1_023)), Some(MediaType::Pdf));
        assert_eq!(MediaType::of_content(&after(1_024)), None);
        assert_eq!(MediaType::of_content(b"\xff\xd8\xff\xe0rest"), Some(MediaType::Jpeg));
        assert_eq!(MediaType::of_content(b"\x89PNG\r\n\x1a\nrest"), Some(MediaType::Png));
        for head in [&b""[..], b"%PD", b"GIF89a", b"<html>", b"\x89PNG\n"] {
            assert_eq!(MediaType::of_content(head), None);
        }
    }
}
