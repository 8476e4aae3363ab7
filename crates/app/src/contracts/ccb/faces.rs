//! The document's two faces, Roboto (Apache-2.0), and the width of text in them.

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
    /// Glyph and width in ems of each Latin letter, by its code. Nearly every letter of a contract is one of them.
    latin: Vec<Option<(u32, f32)>>,
    /// Glyph and width in ems of every character.
    others: HashMap<char, (u32, f32)>,
}

/// The first code after the blocks of Latin letters.
const LATIN_END: u32 = 0x250;

static REGULAR: LazyLock<Option<Face>> =
    LazyLock::new(|| Face::read(include_bytes!("../../../fonts/Roboto-Regular.ttf")));
static BOLD: LazyLock<Option<Face>> =
    LazyLock::new(|| Face::read(include_bytes!("../../../fonts/Roboto-Bold.ttf")));

/// The substitute for a character that the face does not have.
const SUBSTITUTE: char = '?';

impl Face {
    /// The face of a weight; `None` if the program's own font file cannot be read.
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
        let others: HashMap<char, (u32, f32)> = glyphs.collect();
        let latin = |code| char::from_u32(code).and_then(|character| others.get(&character).copied());
        Some(Self { latin: (0..LATIN_END).map(latin).collect(), others, font })
    }

    fn known(&self, character: char) -> Option<(u32, f32)> {
        let place = usize::try_from(u32::from(character)).expect("a character's code fits");
        match self.latin.get(place) {
            Some(latin) => *latin,
            None => self.others.get(&character).copied(),
        }
    }

    fn glyph(&self, character: char) -> (u32, f32) {
        let known = self.known(character).or_else(|| self.known(SUBSTITUTE));
        known.expect("the face has a question mark")
    }

    /// The width of a character, in ems.
    pub(super) fn advance(&self, character: char) -> f32 {
        self.glyph(character).1
    }

    /// The text with a substitute for each character that the face does not have. So the text that a screen reader
    /// reads is the printed text.
    pub(super) fn printable(&self, text: &str) -> String {
        let known = |character| if self.known(character).is_some() { character } else { SUBSTITUTE };
        text.chars().map(known).collect()
    }

    /// The width of a text at a size, in points.
    #[expect(clippy::float_arithmetic, reason = "widths on a page are no money")]
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|character| self.advance(character)).sum::<f32>() * size
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
