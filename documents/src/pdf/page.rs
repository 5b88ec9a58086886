//! Pages to glyphs, by hayro's interpreter. Nothing is drawn, and no picture is decoded.

use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, interpret_page,
};

use super::layout::{Layout, Placed};
use super::wire::{Order, Refusal};

/// Coordinates of a glyph's own for the size of its font.
const UNITS_PER_EM: f64 = 1000.0;

/// Of a font that does not say how wide a glyph is.
const USUAL_ADVANCE: f64 = 500.0;

/// One in this many glyphs may be unknown, and is a replacement character then: bullets and logos often are.
const UNKNOWN_PART: usize = 10;

/// The text of all pages.
pub(super) fn text(bytes: Vec<u8>, order: Order) -> Result<String, Refusal> {
    let pdf = Pdf::new(bytes).map_err(|error| match error {
        LoadPdfError::Decryption(
            DecryptionError::PasswordProtected | DecryptionError::UnsupportedAlgorithm,
        ) => Refusal::Encrypted,
        LoadPdfError::Decryption(_) | LoadPdfError::Invalid => Refusal::Damaged,
    })?;
    match pdf.pages().len() {
        0 => return Err(Refusal::Damaged),
        count if count > order.pages => return Err(Refusal::TooManyPages),
        _ => {}
    }
    let mut reader = Reader::new(order.text_chars);
    let cache = InterpreterCache::new();
    for page in pdf.pages().iter() {
        // The page's area only matters to those who draw.
        let area = Rect::new(0.0, 0.0, 1.0, 1.0);
        let settings = InterpreterSettings::default();
        let mut context = Context::new(Affine::IDENTITY, area, &cache, page.xref(), settings);
        interpret_page(page, &mut context, &mut reader);
        reader.layout.end_page();
        if reader.layout.is_full() {
            return Err(Refusal::TooMuchText);
        }
    }
    reader.finish()
}

/// A device that keeps nothing but text.
struct Reader {
    layout: Layout,
    glyphs: usize,
    unknown: usize,
}

impl Reader {
    fn new(chars: usize) -> Self {
        Self {
            layout: Layout::new(chars),
            glyphs: 0,
            unknown: 0,
        }
    }

    fn finish(self) -> Result<String, Refusal> {
        if self.unknown * UNKNOWN_PART > self.glyphs {
            return Err(Refusal::UnknownCharacters);
        }
        let text = self.layout.finish();
        if text.is_empty() {
            return Err(Refusal::NoText);
        }
        Ok(text)
    }
}

impl Device<'_> for Reader {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        for glyph in run.glyphs() {
            self.glyphs += 1;
            let text = match glyph.as_unicode() {
                Some(BfString::Char(char)) => char.to_string(),
                Some(BfString::String(text)) => text,
                None => {
                    self.unknown += 1;
                    char::REPLACEMENT_CHARACTER.to_string()
                }
            };
            let transform = props.transform * glyph.transform();
            let advance = match &**glyph {
                Glyph::Outline(glyph) => glyph.advance_width(),
                Glyph::Type3(glyph) => glyph.advance_width(),
            };
            let advance = advance.map_or(USUAL_ADVANCE, f64::from);
            let (along, across) = match run.writing_mode() {
                WritingMode::Horizontal => (Point::new(1.0, 0.0), Point::new(0.0, UNITS_PER_EM)),
                WritingMode::Vertical => (Point::new(0.0, -1.0), Point::new(UNITS_PER_EM, 0.0)),
            };
            let origin = transform * Point::ZERO;
            let advance = match run.writing_mode() {
                WritingMode::Horizontal => advance,
                WritingMode::Vertical => UNITS_PER_EM,
            };
            self.layout.place(&Placed {
                text: &text,
                origin,
                end: transform * (along.to_vec2() * advance).to_point(),
                size: (transform * across - origin).hypot(),
            });
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
