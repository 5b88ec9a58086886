//! Text of unknown encoding: UTF-8, UTF-16 by its byte order mark, else CP949 (EUC-KR is a part of it), else an error. Never a
//! replacement character that was not in the file.
//!
//! What is valid UTF-8 is read as such. CP949 is that only by chance, in texts of a syllable or two ("타" has the bytes of "Ÿ").

use std::io::{self, Read, Seek, SeekFrom};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, EUC_KR, Encoding, UTF_8};

use crate::Problem;

const CHUNK_BYTES: usize = 16 * 1024;

/// How a text file is encoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encoded {
    encoding: &'static Encoding,
    /// Bytes of the byte order mark.
    mark: u64,
}

impl Encoded {
    /// Reads all of a file, a chunk at a time.
    ///
    /// # Errors
    /// [`Problem::Empty`], [`Problem::UnknownEncoding`] (which binary data is, too) or the disk's.
    pub(crate) fn detect(file: &mut (impl Read + Seek)) -> Result<Self, Problem> {
        file.seek(SeekFrom::Start(0))?;
        let mut head = Vec::new();
        file.by_ref().take(4).read_to_end(&mut head)?;
        let (encoding, mark) = Encoding::for_bom(&head).unwrap_or((UTF_8, 0));
        if head.len() == mark {
            return Err(Problem::Empty);
        }
        let found = Self {
            encoding,
            mark: mark as u64,
        };
        match found.validate(file) {
            Err(Problem::UnknownEncoding) if mark == 0 => {
                let korean = Self {
                    encoding: EUC_KR,
                    mark: 0,
                };
                let letters = korean.letters(file)?;
                is_korean(file, letters)?
                    .then_some(korean)
                    .ok_or(Problem::UnknownEncoding)
            }
            other => other.map(|()| found),
        }
    }

    /// The whole text, without the byte order mark.
    ///
    /// # Errors
    /// [`Problem::TooMuchText`], [`Problem::UnknownEncoding`] or the disk's.
    pub(crate) fn read(
        self,
        file: &mut (impl Read + Seek),
        limit: usize,
    ) -> Result<String, Problem> {
        let mut text = String::new();
        let mut chars = 0;
        self.decode(file, |part| {
            chars += part.chars().count();
            if chars > limit {
                return Err(Problem::TooMuchText { limit });
            }
            text.push_str(part);
            Ok(())
        })?;
        Ok(text)
    }

    fn letters(self, file: &mut (impl Read + Seek)) -> Result<Letters, Problem> {
        let mut letters = Letters::default();
        self.decode(file, |part| {
            let foreign = part.chars().filter(|char| !char.is_ascii());
            foreign
                .filter(|char| char.is_alphabetic())
                .for_each(|char| letters.count(char));
            Ok(())
        })?;
        Ok(letters)
    }

    fn validate(self, file: &mut (impl Read + Seek)) -> Result<(), Problem> {
        self.decode(file, |_| Ok(()))
    }

    /// Hands the text on in parts. NUL is in no text.
    fn decode(
        self,
        file: &mut (impl Read + Seek),
        mut sink: impl FnMut(&str) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        file.seek(SeekFrom::Start(self.mark))?;
        let mut decoder = self.encoding.new_decoder_without_bom_handling();
        let mut text = String::with_capacity(3 * CHUNK_BYTES + 16);
        chunks(file, |bytes, is_last| {
            text.clear();
            decode_chunk(&mut decoder, bytes, &mut text, is_last)?;
            if text.contains('\0') {
                return Err(Problem::UnknownEncoding);
            }
            sink(&text)
        })
    }
}

fn decode_chunk(
    decoder: &mut Decoder,
    bytes: &[u8],
    text: &mut String,
    is_last: bool,
) -> Result<(), Problem> {
    let mut rest = bytes;
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(rest, text, is_last);
        rest = &rest[read..];
        match result {
            DecoderResult::InputEmpty => return Ok(()),
            DecoderResult::OutputFull => text.reserve(3 * rest.len() + 16),
            DecoderResult::Malformed(..) => return Err(Problem::UnknownEncoding),
        }
    }
}

/// Letters beyond ASCII.
#[derive(Clone, Copy, Debug, Default)]
struct Letters {
    all: usize,
    /// Of Hangul.
    syllables: usize,
    /// Of them those of KS X 1001, which nearly all words are made of.
    usual: usize,
}

impl Letters {
    fn count(&mut self, char: char) {
        self.all += 1;
        if matches!(char, '가'..='힣') {
            self.syllables += 1;
            let mut buffer = [0; 4];
            let (bytes, ..) = EUC_KR.encode(char.encode_utf8(&mut buffer));
            self.usual += usize::from(bytes.iter().all(|byte| *byte >= 0xa1));
        }
    }
}

/// Much of what other encodings write is valid CP949 by chance; the frequencies tell. A few words are too few for them: those are
/// taken for Korean if nothing in them looks foreign.
fn is_korean(file: &mut (impl Read + Seek), letters: Letters) -> Result<bool, Problem> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    file.seek(SeekFrom::Start(0))?;
    chunks(file, |bytes, is_last| {
        detector.feed(bytes, is_last);
        Ok(())
    })?;
    let is_likely = |domain| detector.guess(domain, Utf8Detection::Deny) == EUC_KR;
    let by_frequency = is_likely(None) && 2 * letters.syllables >= letters.all;
    Ok(by_frequency || is_likely(Some(b"kr")) && letters.usual == letters.all)
}

/// From the position on; the last chunk, told as such, is empty.
fn chunks(
    file: &mut impl Read,
    mut sink: impl FnMut(&[u8], bool) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return sink(&[], true),
            Ok(read) => sink(&chunk[..read], false)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        }
    }
}
