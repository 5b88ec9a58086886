use std::fmt::Write as _;

use crate::sample::deflated;

/// Objects of a file; the first one is the catalogue.
pub(crate) struct Pdf {
    objects: Vec<Vec<u8>>,
    trailer: String,
}

const CATALOGUE: usize = 1;
const PAGES: usize = 2;
const FONT: usize = 3;

impl Pdf {
    /// With a composite font whose glyph numbers mean nothing but by its `ToUnicode` table, as Korean documents have, and
    /// without a page.
    pub(crate) fn new() -> Self {
        let mut pdf = Self {
            objects: vec![Vec::new(); 3],
            trailer: String::new(),
        };
        pdf.set(CATALOGUE, b"<< /Type /Catalog /Pages 2 0 R >>");
        let descendant = pdf.add(
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Batang /DW 1000 \
            /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        );
        let table = pdf.add_stream("", to_unicode().as_bytes());
        pdf.set(
            FONT,
            format!(
                "<< /Type /Font /Subtype /Type0 /BaseFont /Batang /Encoding /Identity-H \
                /DescendantFonts [{descendant} 0 R] /ToUnicode {table} 0 R >>"
            )
            .as_bytes(),
        );
        pdf
    }

    /// One page of these lines.
    pub(crate) fn of_lines(lines: &[&str]) -> Self {
        let mut pdf = Self::new();
        pdf.page_of(&lines_content(lines));
        pdf
    }

    /// A page with this content.
    pub(crate) fn page_of(&mut self, content: &str) {
        let content = self.add_stream("", content.as_bytes());
        self.page(&format!("/Contents {content} 0 R"));
    }

    /// A page with these entries.
    pub(crate) fn page(&mut self, entries: &str) {
        self.add(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] \
                /Resources << /Font << /F 3 0 R >> >> {entries} >>"
            )
            .as_bytes(),
        );
    }

    pub(crate) fn add(&mut self, object: &[u8]) -> usize {
        self.objects.push(object.to_vec());
        self.objects.len()
    }

    /// A compressed stream.
    pub(crate) fn add_stream(&mut self, entries: &str, content: &[u8]) -> usize {
        let packed = deflated(content);
        let head = format!(
            "<< /Filter /FlateDecode /Length {} {entries} >>\nstream\n",
            packed.len()
        );
        self.add(&[head.as_bytes(), &packed, b"\nendstream"].concat())
    }

    pub(crate) fn set(&mut self, number: usize, object: &[u8]) {
        self.objects[number - 1] = object.to_vec();
    }

    pub(crate) fn trailer(&mut self, entries: &str) {
        self.trailer = entries.to_owned();
    }

    pub(crate) fn bytes(mut self) -> Vec<u8> {
        if self.objects[PAGES - 1].is_empty() {
            let pages: Vec<String> = (1..=self.objects.len())
                .filter(|number| self.objects[number - 1].starts_with(b"<< /Type /Page /Parent"))
                .map(|number| format!("{number} 0 R"))
                .collect();
            let tree = format!(
                "<< /Type /Pages /Count {} /Kids [{}] >>",
                pages.len(),
                pages.join(" ")
            );
            self.set(PAGES, tree.as_bytes());
        }
        let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", self.objects.len() + 1);
        for (at, object) in self.objects.iter().enumerate() {
            writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
            file.extend(format!("{} 0 obj\n", at + 1).bytes());
            file.extend(object);
            file.extend(b"\nendobj\n");
        }
        let start = file.len();
        let size = self.objects.len() + 1;
        let trailer = format!(
            "{table}trailer\n<< /Size {size} /Root 1 0 R {} >>\nstartxref\n{start}\n%%EOF\n",
            self.trailer
        );
        file.extend(trailer.bytes());
        file
    }
}

/// What shows a text: glyph numbers are the syllable's place, from 1.
pub(crate) fn shown(text: &str) -> String {
    let codes: String = text
        .chars()
        .map(|char| format!("{:04X}", code(char)))
        .collect();
    format!("<{codes}> Tj")
}

pub(crate) fn lines_content(lines: &[&str]) -> String {
    let mut content = String::from("BT /F 12 Tf 18 TL 72 770 Td\n");
    for line in lines {
        writeln!(content, "{} T*", shown(line)).unwrap();
    }
    content + "ET"
}

/// Hangul syllables from 1 on, the rest far behind.
fn code(char: char) -> u32 {
    match u32::from(char) {
        syllable @ 0xac00..=0xd7a3 => syllable - 0xac00 + 1,
        ascii => 0xf000 + ascii,
    }
}

fn to_unicode() -> String {
    let mut table = String::from(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def\n\
        1 begincodespacerange <0000> <FFFF> endcodespacerange\n",
    );
    // A range may not cross a last byte of 255.
    let syllables: Vec<u32> = (0xac00..=0xd7a3).collect();
    let ranges: Vec<&[u32]> = syllables
        .chunk_by(|one, next| code_of(*one) & 0xff00 == code_of(*next) & 0xff00)
        .collect();
    writeln!(table, "{} beginbfrange", ranges.len() + 1).unwrap();
    for range in ranges {
        let (first, last) = (range[0], range[range.len() - 1]);
        writeln!(
            table,
            "<{:04X}> <{:04X}> <{first:04X}>",
            code_of(first),
            code_of(last)
        )
        .unwrap();
    }
    table + "<F020> <F07E> <0020>\nendbfrange endcmap end end"
}

fn code_of(syllable: u32) -> u32 {
    syllable - 0xac00 + 1
}
