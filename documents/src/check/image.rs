//! Whether a picture is whole, without decoding it.

use std::io::{BufReader, Read, Seek, SeekFrom};

use crate::{Kind, Problem};

/// Chunks of a PNG; real ones have a few thousand at most.
const MAX_CHUNKS: usize = 100_000;

pub(super) fn check(
    kind: Kind,
    file: &mut (impl Read + Seek),
    bytes: u64,
    pixels: u64,
) -> Result<(), Problem> {
    let is_whole = match kind {
        Kind::Png => png_is_whole(file, bytes),
        Kind::Jpeg => jpeg_is_whole(file),
        _ => webp_is_whole(file, bytes),
    };
    if !is_whole? {
        return Err(Problem::Damaged);
    }
    file.seek(SeekFrom::Start(0))?;
    let size = imagesize::reader_size(BufReader::new(file)).map_err(|_| Problem::Damaged)?;
    match size.width as u128 * size.height as u128 {
        0 => Err(Problem::Damaged),
        count if count > u128::from(pixels) => Err(Problem::TooManyPixels { limit: pixels }),
        _ => Ok(()),
    }
}

/// Walks from chunk to chunk (PNG 5.3): the last one is `IEND`, and nothing follows it.
fn png_is_whole(file: &mut (impl Read + Seek), bytes: u64) -> Result<bool, Problem> {
    let mut at = 8;
    for _ in 0..MAX_CHUNKS {
        if at + 12 > bytes {
            return Ok(false);
        }
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        file.read_exact(&mut head)?;
        let [a, b, c, d, name @ ..] = head;
        at += 12 + u64::from(u32::from_be_bytes([a, b, c, d]));
        if &name == b"IEND" {
            return Ok(at == bytes);
        }
    }
    Ok(false)
}

/// Walks over the segments to the scan (ITU T.81, B.1.1) and looks for the end mark behind it. What cameras append (a film, a
/// second picture) is left alone. A thumbnail's end mark lies inside of a segment and does not count.
fn jpeg_is_whole(file: &mut (impl Read + Seek)) -> Result<bool, Problem> {
    file.seek(SeekFrom::Start(2))?;
    let mut reader = BufReader::with_capacity(64 * 1024, file);
    loop {
        let mut marker = [0; 2];
        if reader.read_exact(&mut marker).is_err() || marker[0] != 0xff {
            return Ok(false);
        }
        if marker[1] == 0xff {
            // Fill bytes may stand before a marker.
            reader.seek_relative(-1)?;
            continue;
        }
        let mut length = [0; 2];
        if reader.read_exact(&mut length).is_err() {
            return Ok(false);
        }
        let length = i64::from(u16::from_be_bytes(length));
        if length < 2 {
            return Ok(false);
        }
        reader.seek_relative(length - 2)?;
        if marker[1] == 0xda {
            return holds_end_mark(reader);
        }
    }
}

fn holds_end_mark(reader: impl Read) -> Result<bool, Problem> {
    let mut reader = reader;
    let mut chunk = vec![0; 64 * 1024];
    let mut last = 0;
    loop {
        let read = reader.read(&mut chunk)?;
        if read == 0 {
            return Ok(false);
        }
        let bytes = &chunk[..read];
        let starts_with_end = last == 0xff && bytes[0] == 0xd9;
        if starts_with_end || bytes.windows(2).any(|pair| pair == [0xff, 0xd9]) {
            return Ok(true);
        }
        last = bytes[read - 1];
    }
}

/// The size in the RIFF header is the file's, but for the header and a byte of padding.
fn webp_is_whole(file: &mut (impl Read + Seek), bytes: u64) -> Result<bool, Problem> {
    file.seek(SeekFrom::Start(4))?;
    let mut size = [0; 4];
    file.read_exact(&mut size)?;
    let size = u64::from(u32::from_le_bytes(size)) + 8;
    Ok(bytes == size || bytes == size + size % 2)
}
