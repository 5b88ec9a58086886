//! Text of unknown encoding: UTF-8, UTF-16 by its byte order mark, else CP949 (EUC-KR is a part of it), else an error. Never a
//! replacement character that was not in the file.

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
        file.by_ref().take(3).read_to_end(&mut head)?;
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
                korean.validate(file)?;
                is_korean(file)?
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

/// Much of what other encodings write is valid CP949 by chance; the frequencies tell.
fn is_korean(file: &mut (impl Read + Seek)) -> Result<bool, Problem> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    file.seek(SeekFrom::Start(0))?;
    chunks(file, |bytes, is_last| {
        detector.feed(bytes, is_last);
        Ok(())
    })?;
    Ok(detector.guess(Some(b"kr"), Utf8Detection::Deny) == EUC_KR)
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
