//! Small real pictures, written by hand so that the harness needs no image library.

/// A PNG of one colour, `side` × `side` pixels (RGB, 8 bits; at most 100 pixels a side).
///
/// # Panics
///
/// When the side is 0 or above 100.
pub fn png(side: u8, [red, green, blue]: [u8; 3]) -> Vec<u8> {
    assert!(
        (1..=100).contains(&side),
        "a picture has 1 to 100 pixels a side"
    );
    let mut pixels = Vec::new();
    for _ in 0..side {
        pixels.push(0); // no filter
        pixels.extend([red, green, blue].repeat(side.into()));
    }
    let mut header = vec![0, 0, 0, side, 0, 0, 0, side];
    header.extend([8, 2, 0, 0, 0]); // 8 bits, RGB, and the only methods there are
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    add_chunk(&mut png, *b"IHDR", &header);
    add_chunk(&mut png, *b"IDAT", &zlib_stored(&pixels));
    add_chunk(&mut png, *b"IEND", &[]);
    png
}

fn add_chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).expect("a picture of 100 × 100 pixels is small");
    let mut body = kind.to_vec();
    body.extend(data);
    png.extend(length.to_be_bytes());
    png.extend(&body);
    png.extend(crc32(&body).to_be_bytes());
}

/// A zlib stream of stored blocks (RFC 1950, RFC 1951).
fn zlib_stored(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let length = u16::try_from(data.len()).expect("a picture of 100 × 100 pixels fits one block");
    stream.push(1); // the last block, stored
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(data);
    stream.extend(adler32(data).to_be_bytes());
    stream
}

fn crc32(data: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            }
        })
    };
    !data.iter().fold(u32::MAX, step)
}

fn adler32(data: &[u8]) -> u32 {
    let (low, high) = data.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    (high << 16) | low
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_check_sums_are_those_of_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }

    #[test]
    fn the_pixels_come_out_again() {
        let png = png(3, [1, 2, 3]);
        let start = png.windows(4).position(|window| window == b"IDAT").unwrap() + 4;
        let mut pixels = Vec::new();
        flate2::read::ZlibDecoder::new(&png[start..])
            .read_to_end(&mut pixels)
            .unwrap();
        assert_eq!(pixels, [0, 1, 2, 3, 1, 2, 3, 1, 2, 3].repeat(3));
    }
}
