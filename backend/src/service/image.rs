//! What a picture is by its first bytes. Nothing is decoded.

use imagesize::ImageType;

/// Bytes within which a picture's size must be found: a camera's thumbnails and colour profiles stand before it.
pub(super) const HEAD_BYTES: usize = 1024 * 1024;

/// Bytes without which nothing can be said.
pub(super) const MAGIC_BYTES: usize = 12;

/// A picture's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// By content.
    pub(super) media_type: &'static str,
    /// Pixels.
    pub(super) width: u32,
    /// Pixels.
    pub(super) height: u32,
}

/// The extension of a file name, lower case, if it is one that uploads may have.
pub(super) fn allowed_extension(name: &str) -> Result<(), String> {
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase())
        .unwrap_or_default();
    if aicon_protocol::ai::UPLOAD_FORMATS.contains(&extension.as_str()) {
        return Ok(());
    }
    let printable: String = extension
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(16)
        .collect();
    Err(if printable.is_empty() {
        "unknown".to_owned()
    } else {
        printable
    })
}

/// The media type by the first bytes, or what they seem to be instead.
pub(super) fn media_type(head: &[u8]) -> Result<&'static str, &'static str> {
    let webp = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
    match head {
        _ if webp => Ok("image/webp"),
        [0xff, 0xd8, 0xff, ..] => Ok("image/jpeg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok("image/png"),
        [b'G', b'I', b'F', b'8', ..] => Err("gif"),
        [b'%', b'P', b'D', b'F', ..] => Err("pdf"),
        [b'M', b'Z', ..] => Err("exe"),
        [b'P', b'K', 3, 4, ..] => Err("zip"),
        [b'B', b'M', ..] => Err("bmp"),
        [b'<', ..] => Err("svg"),
        _ => Err("unknown"),
    }
}

/// The header, once `head` holds enough of it.
pub(super) fn header(head: &[u8]) -> Option<Header> {
    let media_type = media_type(head).ok()?;
    let same_kind = match imagesize::image_type(head).ok()? {
        ImageType::Jpeg => media_type == "image/jpeg",
        ImageType::Png => media_type == "image/png",
        ImageType::Webp => media_type == "image/webp",
        _ => false,
    };
    let size = imagesize::blob_size(head).ok()?;
    let (width, height) = (
        u32::try_from(size.width).ok()?,
        u32::try_from(size.height).ok()?,
    );
    (same_kind && width > 0 && height > 0).then_some(Header {
        media_type,
        width,
        height,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_name_must_end_in_an_allowed_extension() {
        assert!(allowed_extension("사진.JPG").is_ok());
        assert_eq!(allowed_extension("a.pdf").unwrap_err(), "pdf");
        assert_eq!(allowed_extension("a.png/../../x").unwrap_err(), "x");
        assert_eq!(allowed_extension("none").unwrap_err(), "unknown");
        assert_eq!(allowed_extension("a.<script>\0").unwrap_err(), "script");
    }

    #[test]
    fn what_is_not_a_picture_is_named() {
        assert_eq!(media_type(b"MZ\x90\0\0\0\0\0\0\0\0\0"), Err("exe"));
        assert_eq!(media_type(b"<svg xmlns="), Err("svg"));
        assert_eq!(media_type(b"RIFF\0\0\0\0WAVE"), Err("unknown"));
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_header_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..256), kind in 0usize..3) {
            let magic: [&[u8]; 3] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP"];
            let _ = header(&[magic[kind], &bytes].concat());
        }
    }
}
