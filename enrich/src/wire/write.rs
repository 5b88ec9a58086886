use super::Tree;

pub(super) fn number(mut number: usize, out: &mut Vec<u8>) {
    while number >= 0x80 {
        // The low seven bits.
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(super) fn text(text: &str, out: &mut Vec<u8>) {
    number(text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn tree(tree: &Tree, out: &mut Vec<u8>) {
    match tree {
        Tree::Text(content) => {
            out.push(0);
            text(content, out);
        }
        Tree::Element {
            name,
            attributes,
            children,
        } => {
            number(name + 1, out);
            number(attributes.len(), out);
            for (name, value) in attributes {
                number(*name, out);
                text(value, out);
            }
            number(children.len(), out);
            for child in children {
                self::tree(child, out);
            }
        }
    }
}
