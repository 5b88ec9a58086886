//! Small files of each type.

use std::io::{Cursor, Seek as _, Write as _};

use aicon_documents::{Extractor, Kind, Limits, PdfProgram, Problem};
use flate2::Compression;
use flate2::write::ZlibEncoder;

/// The kind of a file in memory.
pub(crate) fn kind(name: &str, bytes: &[u8]) -> Result<Kind, Problem> {
    kind_within(&Limits::default(), name, bytes)
}

pub(crate) fn kind_within(limits: &Limits, name: &str, bytes: &[u8]) -> Result<Kind, Problem> {
    aicon_documents::check(name, &mut Cursor::new(bytes), limits).map_err(|error| error.problem)
}

/// The text of a file on the disk, by the real program.
pub(crate) fn text_within(limits: Limits, kind: Kind, bytes: &[u8]) -> Result<String, Problem> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    let program = PdfProgram::at(env!("CARGO_BIN_EXE_aicon-pdf-text"));
    let extractor = Extractor::new(limits, program);
    let text = extractor.text("파일", kind, &mut file);
    text.map_err(|error| error.problem)
}

pub(crate) fn text(kind: Kind, bytes: &[u8]) -> Result<String, Problem> {
    text_within(Limits::default(), kind, bytes)
}

pub(crate) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A grey PNG that claims this size.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 0, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [
        (b"IHDR", header),
        (b"IDAT", deflated(&[0, 0])),
        (b"IEND", Vec::new()),
    ] {
        let chunk = [name.as_slice(), &data].concat();
        let mut sum = flate2::Crc::new();
        sum.update(&chunk);
        png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        png.extend(chunk);
        png.extend(sum.sum().to_be_bytes());
    }
    png
}

/// A JPEG with a thumbnail, whose end mark is not the picture's.
pub(crate) fn jpeg() -> Vec<u8> {
    let segment = |marker: u8, data: &[u8]| {
        let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], data].concat()
    };
    [
        &[0xff, 0xd8][..],
        &segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        &segment(0xe1, b"Exif\0\0 thumbnail \xff\xd8 \xff\xd9"),
        &segment(0xc0, &[8, 0, 2, 0, 3, 1, 1, 0x11, 0]),
        &segment(0xda, &[1, 1, 0, 0, 0x3f, 0]),
        &[1, 2, 3, 0xff, 0, 4, 0xff, 0xd9],
    ]
    .concat()
}

/// A lossless WebP of 2 by 2 pixels.
pub(crate) fn webp() -> Vec<u8> {
    let size = 1u32 | 1 << 14;
    let mut data = vec![0x2f];
    data.extend(size.to_le_bytes());
    data.push(0);
    let mut body = b"WEBPVP8L".to_vec();
    body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    body.extend(data);
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    [b"RIFF", &length[..], &body].concat()
}

pub(crate) fn zip() -> Vec<u8> {
    let mut archive = aicon_documents::Archive::new(Vec::new());
    let name = aicon_documents::SafeName::new("a.txt");
    archive.add(&name, &mut "a".as_bytes()).unwrap();
    archive.finish().unwrap()
}
