//! ZIP archives of stored entries (PKWARE's APPNOTE 4.3 and 4.4), written around contents that stay where they are: the caller
//! puts [`Zip::add`]'s header before each content and [`Zip::end`] behind the last. Nothing is compressed: results are PDFs,
//! pictures and short texts, and a compressor would cost every visitor more than it saves.

/// Bit 11 of the general purpose flags: names are UTF-8.
const UTF8_NAMES: u16 = 1 << 11;
/// Version 2.0 can read it.
const VERSION: u16 = 20;
/// 1980-01-01, the format's first day, as date and time.
const NO_TIME: u32 = 0x0021_0000;

/// An archive under way.
#[derive(Default)]
pub struct Zip {
    directory: Vec<u8>,
    names: Vec<String>,
    offset: u32,
}

impl Zip {
    /// The header of one more entry; its content has to follow. The name is made safe and unlike all before. `None`: the archive
    /// would be larger than the format can say (4 GiB).
    pub fn add(&mut self, name: &str, size: u64, crc: u32) -> Option<Vec<u8>> {
        let name = self.free_name(name);
        let size = u32::try_from(size).ok()?;
        let mut shared = Vec::with_capacity(26);
        put16(&mut shared, &[VERSION, UTF8_NAMES, 0]);
        put32(&mut shared, &[NO_TIME, crc, size, size]);
        put16(&mut shared, &[u16::try_from(name.len()).ok()?, 0]);
        let header_size = 4 + shared.len() as u32 + name.len() as u32;
        let end = self.offset.checked_add(header_size)?.checked_add(size)?;

        let mut header = b"PK\x03\x04".to_vec();
        header.extend(&shared);
        header.extend(name.bytes());

        self.directory.extend(b"PK\x01\x02");
        put16(&mut self.directory, &[VERSION]);
        self.directory.extend(&shared);
        put16(&mut self.directory, &[0, 0, 0]);
        put32(&mut self.directory, &[0, self.offset]);
        self.directory.extend(name.bytes());

        self.names.push(name);
        self.offset = end;
        Some(header)
    }

    /// What stands at the end.
    pub fn end(self) -> Vec<u8> {
        let mut end = self.directory;
        let (size, count) = (end.len() as u32, self.names.len() as u16);
        end.extend(b"PK\x05\x06");
        put16(&mut end, &[0, 0, count, count]);
        put32(&mut end, &[size, self.offset]);
        put16(&mut end, &[0]);
        end
    }

    /// A name that leads nowhere else and that no entry has: `a.txt`, `a (2).txt`.
    fn free_name(&self, name: &str) -> String {
        let safe: String = name
            .chars()
            .map(|char| match char {
                '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
                char if char.is_control() => '_',
                char => char,
            })
            .collect();
        let safe = match safe.trim_matches([' ', '.']) {
            "" => "file",
            safe => safe,
        };
        let (stem, extension) = match safe.rfind('.') {
            Some(dot) if dot > 0 => safe.split_at(dot),
            _ => (safe, ""),
        };
        let is_free = |name: &String| {
            let mut known = self.names.iter();
            !known.any(|known| known.eq_ignore_ascii_case(name))
        };
        let numbered = |number: u32| match number {
            1 => safe.to_owned(),
            number => [stem, " (", &number.to_string(), ")", extension].concat(),
        };
        (1..).map(numbered).find(is_free).unwrap_or_default()
    }
}

fn put16(out: &mut Vec<u8>, values: &[u16]) {
    values
        .iter()
        .for_each(|value| out.extend(value.to_le_bytes()));
}

fn put32(out: &mut Vec<u8>, values: &[u32]) {
    values
        .iter()
        .for_each(|value| out.extend(value.to_le_bytes()));
}

/// CRC-32 (ISO 3309) of bytes that come in parts.
pub struct Crc32(u32);

impl Default for Crc32 {
    fn default() -> Self {
        Self(!0)
    }
}

impl Crc32 {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let half = |crc: u32| TABLE[(crc & 15) as usize] ^ (crc >> 4);
        self.0 = bytes
            .iter()
            .fold(self.0, |crc, &byte| half(half(crc ^ u32::from(byte))));
    }

    /// Of all bytes so far.
    pub fn value(&self) -> u32 {
        !self.0
    }
}

/// By half bytes: sixteen entries instead of a kilobyte that each visitor would load.
static TABLE: [u32; 16] = table();

const fn table() -> [u32; 16] {
    let mut table = [0; 16];
    let mut at = 0;
    while at < 16 {
        let (mut crc, mut bit) = (at as u32, 0);
        while bit < 4 {
            crc = if crc & 1 == 1 {
                0xedb8_8320 ^ (crc >> 1)
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[at] = crc;
        at += 1;
    }
    table
}

// The reader that proves it is none of the browser's.
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    fn archive(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
        let (mut zip, mut bytes) = (Zip::default(), Vec::new());
        for (name, content) in entries {
            let mut crc = Crc32::default();
            content.chunks(7).for_each(|chunk| crc.update(chunk));
            bytes.extend(zip.add(name, content.len() as u64, crc.value()).unwrap());
            bytes.extend(content);
        }
        bytes.extend(zip.end());
        bytes
    }

    fn entries(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut entries = Vec::new();
        for at in 0..zip.len() {
            let mut entry = zip.by_index(at).unwrap();
            let mut content = Vec::new();
            // The reader checks the CRC.
            entry.read_to_end(&mut content).unwrap();
            entries.push((entry.name().unwrap().into_owned(), content));
        }
        entries
    }

    #[test]
    fn names_are_safe_and_unlike_each_other() {
        let names = [
            "결과.txt",
            "결과.TXT",
            "결과.txt",
            "../../etc/passwd",
            "..",
            "a\u{0}b:c",
            ".env",
        ];
        let given: Vec<_> = names.map(|name| (name.to_owned(), b"x".to_vec())).into();
        let read = entries(archive(&given));
        let read: Vec<&str> = read.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            read,
            [
                "결과.txt",
                "결과 (2).TXT",
                "결과 (3).txt",
                "_.._etc_passwd",
                "file",
                "a_b_c",
                "env"
            ]
        );
    }

    #[test]
    fn what_the_format_cannot_say_is_refused() {
        let mut zip = Zip::default();
        assert!(zip.add("large", 1 << 32, 0).is_none());
        assert!(zip.add("a", u64::from(u32::MAX) - 100, 0).is_some());
        assert!(zip.add("b", 1_000, 0).is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_contents_are_read_back(contents in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 0..200), 0..6)) {
            let given: Vec<_> = contents.into_iter().enumerate().map(|(at, content)| (format!("{at}.bin"), content)).collect();
            proptest::prop_assert_eq!(entries(archive(&given)), given);
        }
    }
}
