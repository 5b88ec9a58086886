//! The module once more, packed: IIS does not compress `.wasm` by itself, and the module is most of what a visitor waits for.
//! The page unpacks it with the browser's own `DecompressionStream`; browsers without one, and hosts that meddle with the
//! packed file, get the plain module.

use std::{fs, io::Write as _, path::Path};

use flate2::{Compression, write::GzEncoder};

use super::script;
use crate::error::{Error, Result};

/// How the plain module's name ends.
pub(crate) const MODULE: &str = "_bg.wasm";

/// How the packed module's name ends. Not `.gz`: IIS does not serve it, and other hosts unpack it on the way.
pub(crate) const PACKED: &str = "_bg.bin";

/// Writes the packed module beside the plain one; answers the page that loads it.
///
/// # Errors
/// When the file cannot be written, or the page does not start as Trunk makes it.
pub(super) fn pack(dir: &Path, page: &str, name: &str, module: &[u8]) -> Result<String> {
    let packed = densest_gzip(module);
    write(dir, name, &packed)?;
    let plain_file = format!("{name}{MODULE}");
    page_with_packed(page, &plain_file, &format!("{name}{PACKED}"))
        .map(|page| page.replace(&script::integrity(module), &script::integrity(&packed)))
        .ok_or_else(|| {
            Error::Unmet(format!(
                "`index.html` does not load `{plain_file}` as Trunk does"
            ))
        })
}

/// Writes a packed module beside its plain one.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn write(dir: &Path, name: &str, packed: &[u8]) -> Result<()> {
    let path = dir.join(format!("{name}{PACKED}"));
    fs::write(&path, packed).map_err(Error::path("write", &path))
}

/// At the highest level, without a time stamp: the same bytes for the same content.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("writing to a vector cannot fail")
}

/// Some 4 % smaller than the highest level of the usual encoders, for seconds of work at each release build.
pub(super) fn densest_gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    zopfli::compress(
        zopfli::Options::default(),
        zopfli::Format::Gzip,
        bytes,
        &mut packed,
    )
    .expect("writing to a vector cannot fail");
    packed
}

fn page_with_packed(page: &str, plain_file: &str, packed_file: &str) -> Option<String> {
    const BEFORE: &str = "await init({ module_or_path: '";
    const AFTER: &str = "' });";
    let (head, rest) = page.split_once(BEFORE)?;
    let (url, tail) = rest.split_once(AFTER)?;
    let packed_url = format!("{}{packed_file}", url.strip_suffix(plain_file)?);
    let start = format!(
        "await fetch('{packed_url}')\n\
         .then(packed => {{ if (packed.ok) return packed.body.pipeThrough(new DecompressionStream('gzip')); throw packed.status; }})\n\
         .then(body => init({{ module_or_path: new Response(body, {{ headers: {{ 'Content-Type': 'application/wasm' }} }}) }}))\n\
         .catch(() => init({{ module_or_path: '{url}' }}));"
    );
    // The preload: what is fetched first is the packed file.
    let tail = tail
        .replace(plain_file, packed_file)
        .replace("type=application/wasm", "type=application/octet-stream");
    Some(format!("{head}{start}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<script type=module>const wasm = await init({ module_or_path: '/a-1_bg.wasm' });\n</script>\
                        <link as=fetch href=/a-1_bg.wasm integrity=x rel=preload type=application/wasm>";

    #[test]
    fn the_page_fetches_the_packed_module_and_falls_back_to_the_plain_one() {
        let page = page_with_packed(PAGE, "a-1_bg.wasm", "a-1_bg.bin").unwrap();
        assert!(
            page.contains("const wasm = await fetch('/a-1_bg.bin')"),
            "{page}"
        );
        assert!(
            page.contains(".catch(() => init({ module_or_path: '/a-1_bg.wasm' }));\n</script>"),
            "{page}"
        );
        assert!(page.ends_with("<link as=fetch href=/a-1_bg.bin integrity=x rel=preload type=application/octet-stream>"), "{page}");
    }

    #[test]
    fn a_page_that_starts_otherwise_is_refused() {
        assert!(page_with_packed("<script>start()</script>", "a_bg.wasm", "a_bg.bin").is_none());
    }

    #[test]
    fn packing_twice_gives_the_same_bytes_and_unpacking_the_module() {
        use std::io::Read as _;
        let module = b"\0asm".repeat(1000);
        let packed = densest_gzip(&module);
        assert_eq!(packed, densest_gzip(&module));
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&packed[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, module);
    }
}
