use super::{ATTRIBUTES, ELEMENTS, MAX_TREE_DEPTH, Tree};

/// Reads from the front; `None` where the bytes say something else.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    pub(super) fn number(&mut self) -> Option<usize> {
        let mut number = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            let bits = u32::from(byte & 0x7f);
            number |= bits
                .checked_shl(shift)
                .filter(|moved| moved >> shift == bits)?;
            if byte < 0x80 {
                return usize::try_from(number).ok();
            }
        }
        None
    }

    pub(super) fn id(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    pub(super) fn text(&mut self) -> Option<String> {
        let length = self.number()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    pub(super) fn tree(&mut self, depth: usize) -> Option<Tree> {
        let Some(name) = self.number()?.checked_sub(1) else {
            return self.text().map(Tree::Text);
        };
        if name >= ELEMENTS.len() || depth >= MAX_TREE_DEPTH {
            return None;
        }
        let mut attributes = Vec::new();
        for _ in 0..self.number()? {
            let name = self.number().filter(|name| *name < ATTRIBUTES.len())?;
            attributes.push((name, self.text()?));
        }
        let mut children = Vec::new();
        for _ in 0..self.number()? {
            children.push(self.tree(depth + 1)?);
        }
        Some(Tree::Element {
            name,
            attributes,
            children,
        })
    }
}
