//! Large files with little text, as scans with a cover page are.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Files of exactly so many bytes, each with a name of its own. They share their bytes on the disk.
pub(super) fn write(folder: &Path, count: usize, bytes: usize) -> io::Result<Vec<PathBuf>> {
    let first = folder.join("document 1.pdf");
    let mut writer = BufWriter::new(File::create(&first)?);
    pdf(&mut writer, bytes)?;
    writer.flush()?;
    let mut files = vec![first.clone()];
    for number in 2..=count {
        let file = folder.join(format!("document {number}.pdf"));
        fs::hard_link(&first, &file)?;
        files.push(file);
    }
    Ok(files)
}

/// A page of text, and noise in an object that no page shows (ISO 32000-1, 7.5).
pub(super) fn pdf(writer: &mut impl Write, bytes: usize) -> io::Result<()> {
    let content = "BT /F 12 Tf 72 720 Td (A cover page) Tj ET";
    let shown = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R \
        /Resources << /Font << /F 4 0 R >> >> >>"
            .to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ),
    ];
    let mut head = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut places = Vec::new();
    for (at, object) in shown.iter().enumerate() {
        places.push(head.len());
        write!(head, "{} 0 obj\n{object}\nendobj\n", at + 1)?;
    }
    places.push(head.len());
    // Long enough for a table whose only changing part is one number of fixed width.
    let tail = tail(&places, 0);
    let start = format!("{} 0 obj\n<< /Length {:010} >>\nstream\n", places.len(), 0);
    let end = "\nendstream\nendobj\n";
    let noise = bytes.saturating_sub(head.len() + start.len() + end.len() + tail.len());
    writer.write_all(&head)?;
    write!(
        writer,
        "{} 0 obj\n<< /Length {noise:010} >>\nstream\n",
        places.len()
    )?;
    write_noise(writer, noise)?;
    writer.write_all(end.as_bytes())?;
    let table = head.len() + start.len() + noise + end.len();
    writer.write_all(self::tail(&places, table).as_bytes())
}

fn tail(places: &[usize], table: usize) -> String {
    let entries: String = places
        .iter()
        .map(|place| format!("{place:010} 00000 n \n"))
        .collect();
    let size = places.len() + 1;
    format!(
        "xref\n0 {size}\n0000000000 65535 f \n{entries}trailer\n<< /Size {size} /Root 1 0 R >>\n\
        startxref\n{table:010}\n%%EOF\n"
    )
}

fn write_noise(writer: &mut impl Write, bytes: usize) -> io::Result<()> {
    let mut random = fastrand::Rng::with_seed(4);
    let mut chunk = [0; 4096];
    let mut left = bytes;
    while left > 0 {
        let part = left.min(chunk.len());
        random.fill(&mut chunk[..part]);
        writer.write_all(&chunk[..part])?;
        left -= part;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_document_of_exactly_so_many_bytes() {
        let mut file = Vec::new();
        pdf(&mut file, 100_000).unwrap();
        assert_eq!(file.len(), 100_000);
        let text = String::from_utf8_lossy(&file);
        let table: usize = text.rsplit("startxref\n").next().unwrap()[..10]
            .parse()
            .unwrap();
        assert!(file[table..].starts_with(b"xref\n"));
    }
}
