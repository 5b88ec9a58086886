//! What a camera and its owner write into a picture: place, time, device, names. It does not go to a provider.
//!
//! It is taken out when the picture is read for a request, so that uploads stay streamed; the stored file has it until
//! it expires, and is served to nobody.

use std::io::Cursor;

use bytes::Bytes;
use exif::{In, Reader, Tag};
use img_parts::ImageEXIF as _;
use img_parts::jpeg::{Jpeg, markers};
use img_parts::png::Png;
use img_parts::webp::WebP;

/// Text, time and EXIF chunks of PNG.
const PNG_CHUNKS: [[u8; 4]; 5] = [*b"eXIf", *b"tEXt", *b"zTXt", *b"iTXt", *b"tIME"];

/// The picture without EXIF, XMP, IPTC and comments, its orientation kept; `None` if its container cannot be read.
pub(super) fn without(media_type: &str, bytes: Bytes) -> Option<Bytes> {
    let turned = orientation(&bytes).map(|value| Bytes::from(oriented(value)));
    match media_type {
        "image/jpeg" => {
            let mut jpeg = Jpeg::from_bytes(bytes).ok()?;
            for marker in [markers::APP1, markers::APP13, markers::COM] {
                jpeg.remove_segments_by_marker(marker);
            }
            jpeg.set_exif(turned);
            Some(jpeg.encoder().bytes())
        }
        "image/png" => {
            let mut png = Png::from_bytes(bytes).ok()?;
            for kind in PNG_CHUNKS {
                png.remove_chunks_by_type(kind);
            }
            Some(png.encoder().bytes())
        }
        "image/webp" => {
            let mut webp = WebP::from_bytes(bytes).ok()?;
            webp.remove_chunks_by_id(*b"XMP ");
            // Last, because it rewrites the flags of what the file holds.
            webp.set_exif(turned);
            Some(webp.encoder().bytes())
        }
        _ => None,
    }
}

/// EXIF's orientation where it is not the upright one: without it, a phone's portrait would lie on its side.
fn orientation(bytes: &Bytes) -> Option<u8> {
    let found = Reader::new()
        .read_from_container(&mut Cursor::new(bytes))
        .ok()?;
    let value = found
        .get_field(Tag::Orientation, In::PRIMARY)?
        .value
        .get_uint(0)?;
    u8::try_from(value)
        .ok()
        .filter(|value| (2..=8).contains(value))
}

/// EXIF that holds the orientation alone: TIFF header, one entry (tag 0x0112, one SHORT), no further directory.
fn oriented(value: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tiff.extend_from_slice(&[value, 0, 0, 0, 0, 0, 0, 0]);
    tiff
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// EXIF with an orientation and a copyright text that stands for what gives its owner away.
    fn telling() -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0".to_vec();
        tiff.extend_from_slice(b"\x98\x82\x02\0\x07\0\0\0\x26\0\0\0\0\0\0\0secret\0");
        tiff
    }

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], body].concat()
    }

    #[test]
    fn a_jpeg_loses_what_it_tells_and_keeps_its_orientation() {
        let exif = [b"Exif\0\0", telling().as_slice()].concat();
        let jpeg = [
            b"\xff\xd8".to_vec(),
            segment(0xe1, &exif),
            segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x>secret</x>"),
            segment(0xed, b"Photoshop 3.0\0secret"),
            segment(0xfe, b"secret"),
            segment(0xda, &[1, 1, 0, 0, 63, 0]),
            b"\x12\x34\xff\xd9".to_vec(),
        ]
        .concat();
        let clean = without("image/jpeg", jpeg.into()).unwrap();
        assert!(!clean.windows(6).any(|window| window == b"secret"));
        assert!(clean.ends_with(b"\x12\x34\xff\xd9"));
        assert_eq!(orientation(&clean), Some(6));
    }

    #[test]
    fn a_png_loses_its_texts() {
        let chunk = |kind: &[u8; 4], body: &'static [u8]| {
            img_parts::png::PngChunk::new(*kind, Bytes::from_static(body))
                .encoder()
                .bytes()
        };
        let png = [
            Bytes::from_static(b"\x89PNG\r\n\x1a\n"),
            chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"),
            chunk(b"tEXt", b"Location\0secret"),
            chunk(b"IDAT", b"pixels"),
            chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0secret"),
            chunk(b"IEND", b""),
        ]
        .concat();
        let clean = without("image/png", png.into()).unwrap();
        assert!(!clean.windows(6).any(|window| window == b"secret"));
        assert!(clean.windows(6).any(|window| window == b"pixels"));
    }

    #[test]
    fn a_webp_loses_exif_and_xmp_and_the_flags_that_announce_them() {
        let chunk = |kind: &[u8; 4], body: &[u8]| {
            let length = u32::try_from(body.len()).unwrap().to_le_bytes();
            let padding: &[u8] = if body.len() % 2 == 1 { &[0] } else { &[] };
            [&kind[..], &length, body, padding].concat()
        };
        let chunks = [
            chunk(b"VP8X", &[0b0000_1100, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            chunk(b"VP8 ", b"pixels"),
            chunk(b"EXIF", &telling()),
            chunk(b"XMP ", b"<x>secret</x>"),
        ]
        .concat();
        let webp = chunk(b"RIFF", &[b"WEBP", chunks.as_slice()].concat());
        let clean = without("image/webp", webp.into()).unwrap();
        assert!(!clean.windows(6).any(|window| window == b"secret"));
        assert!(clean.windows(6).any(|window| window == b"pixels"));
        assert_eq!(orientation(&clean), Some(6));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_picture_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in 0usize..3) {
            let kinds: [(&str, &[u8]); 3] = [
                ("image/png", b"\x89PNG\r\n\x1a\n"), ("image/jpeg", b"\xff\xd8\xff\xe1"), ("image/webp", b"RIFF\x40\0\0\0WEBP"),
            ];
            let (media_type, magic) = kinds[kind];
            let _ = without(media_type, [magic, &bytes].concat().into());
        }
    }
}
