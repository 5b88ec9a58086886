//! The bytes of a fuzzer as a text and its cuts.

/// A text and the sizes of the pieces in which it comes, in characters, used over and over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Any text.
    pub text: String,
    /// At least one, none of them 0.
    pub sizes: Vec<usize>,
}

/// Bytes that tell the sizes of the pieces.
const SIZES: usize = 3;

impl Input {
    /// Three bytes tell the sizes, the rest is the text; what is no UTF-8 becomes replacement characters.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let (sizes, text) = bytes.split_at(SIZES.min(bytes.len()));
        let size = |byte: &u8| 1 + usize::from(byte % 24);
        let sizes: Vec<usize> = sizes.iter().map(size).collect();
        Self {
            text: String::from_utf8_lossy(text).into_owned(),
            sizes: if sizes.is_empty() { vec![1] } else { sizes },
        }
    }

    /// The bytes of which such an input comes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let sizes = self.sizes.iter().cycle().take(SIZES);
        let mut bytes: Vec<u8> = sizes.map(|size| (size - 1) as u8).collect();
        bytes.extend(self.text.as_bytes());
        bytes
    }

    /// The pieces of the text.
    pub fn pieces(&self) -> Vec<&str> {
        let mut pieces = Vec::new();
        let mut rest = self.text.as_str();
        for size in self.sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let end = rest.char_indices().nth(*size).map(|(at, _)| at);
            let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_its_bytes_and_its_pieces_are_its_text() {
        let input = Input::from_bytes(b"\x00\x01\x17ab\xffc");
        assert_eq!(input.sizes, [1, 2, 24]);
        assert_eq!(input.pieces(), ["a", "b\u{fffd}", "c"]);
        assert_eq!(Input::from_bytes(&input.to_bytes()), input);
        assert_eq!(Input::from_bytes(b"").pieces(), [""; 0]);
    }
}
