//! The document's two faces, Roboto (Apache-2.0), and how wide text is in them.

use std::collections::HashMap;
use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

/// A weight of the face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// A face, read once.
pub(super) struct Face {
    pub(super) font: Font,
    /// Each character's glyph and its width in ems.
    glyphs: HashMap<char, (u32, f32)>,
}

static REGULAR: LazyLock<Option<Face>> =
    LazyLock::new(|| Face::read(include_bytes!("../../fonts/Roboto-Regular.ttf")));
static BOLD: LazyLock<Option<Face>> =
    LazyLock::new(|| Face::read(include_bytes!("../../fonts/Roboto-Bold.ttf")));

/// What stands for a character that the face does not have.
const SUBSTITUTE: char = '?';

impl Face {
    /// The face of a weight; `None` where the file that comes with the program does not read.
    pub(super) fn of(weight: Weight) -> Option<&'static Self> {
        match weight {
            Weight::Regular => REGULAR.as_ref(),
            Weight::Bold => BOLD.as_ref(),
        }
    }

    #[expect(clippy::float_arithmetic, reason = "widths on a page are no money")]
    fn read(bytes: &'static [u8]) -> Option<Self> {
        let file = FontRef::new(bytes).ok()?;
        let font = Font::new(bytes.into(), 0)?;
        let metrics = file.glyph_metrics(Size::unscaled(), LocationRef::default());
        let em = font.units_per_em();
        let glyphs = file.charmap().mappings().filter_map(|(code, glyph)| {
            let width = metrics.advance_width(glyph)? / em;
            Some((char::from_u32(code)?, (glyph.to_u32(), width)))
        });
        Some(Self { glyphs: glyphs.collect(), font })
    }

    fn glyph(&self, character: char) -> (u32, f32) {
        let known = self.glyphs.get(&character).or_else(|| self.glyphs.get(&SUBSTITUTE));
        *known.expect("the face has a question mark")
    }

    /// The text with what the face does not have replaced, so that what is read out is what is printed.
    pub(super) fn printable(&self, text: &str) -> String {
        let known = |character| if self.glyphs.contains_key(&character) { character } else { SUBSTITUTE };
        text.chars().map(known).collect()
    }

    /// How wide a text is at a size.
    #[expect(clippy::float_arithmetic, reason = "widths on a page are no money")]
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|character| self.glyph(character).1).sum::<f32>() * size
    }

    /// The glyphs of a text.
    pub(super) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(at, character): (usize, char)| {
            let (glyph, width) = self.glyph(character);
            let range = at..at + character.len_utf8();
            KrillaGlyph::new(GlyphId::new(glyph), width, 0.0, 0.0, 0.0, range, None)
        };
        text.char_indices().map(glyph).collect()
    }
}
