//! Writes the document as PDF/A-2b. The same arguments make the same bytes: no clock, no randomness.
//!
//! Reasons: docs/decisions/0008.
#![expect(clippy::float_arithmetic, reason = "positions on a page are no money")]

use domain::loan::contract::Contract;
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use super::block::{Block, NotSet};
use super::faces::Face;
use super::layout::{HEIGHT, LEFT, Layout, Page, RIGHT, WIDTH};
use super::text::TITLE;

/// Renders a document.
pub(super) fn set(contract: &Contract, blocks: &[Block]) -> Result<Vec<u8>, NotSet> {
    let number = contract.number.to_string();
    let mut layout = Layout::new()?;
    layout.title(&TITLE.to_uppercase(), &format!("Nº {number}"));
    for block in blocks {
        layout.block(block);
    }
    let foot = format!("{TITLE} nº {number} · {}", contract.creditor.name);
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_B)
        .finish()
        .map_err(|error| NotSet(format!("{error:?}")))?;
    let mut document =
        Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    document.set_metadata(metadata(contract, &number));
    for page in layout.end(&foot) {
        draw(&mut document, &page)?;
    }
    document.finish().map_err(|error| NotSet(format!("{error:?}")))
}

fn metadata(contract: &Contract, number: &str) -> Metadata {
    let day = contract.issued_on;
    let created = DateTime::new(day.year().unsigned_abs())
        .month(day.month().unsigned_abs())
        .day(day.day().unsigned_abs())
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(-3);
    Metadata::new()
        .title(format!("{TITLE} {number}"))
        .authors(vec![contract.creditor.name.clone()])
        .language("pt-BR".into())
        .document_id(number.to_owned())
        .creation_date(created)
}

fn draw(document: &mut Document, page: &Page) -> Result<(), NotSet> {
    let settings =
        PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| NotSet("the page has no size".into()))?;
    let mut pdf_page = document.start_page_with(settings);
    let mut surface = pdf_page.surface();
    surface.set_fill(Some(Fill { paint: rgb::Color::new(20, 20, 20).into(), ..Fill::default() }));
    for line in &page.lines {
        let face = Face::of(line.weight).ok_or_else(|| NotSet("a font file cannot be read".into()))?;
        let at = Point::from_xy(line.at.0, line.at.1);
        surface.draw_glyphs(at, &face.glyphs(&line.text), face.font.clone(), &line.text, line.size, false);
    }
    for rule in &page.rules {
        draw_rule(&mut surface, rule.y);
    }
    surface.finish();
    pdf_page.finish();
    Ok(())
}

fn draw_rule(surface: &mut Surface<'_>, y: f32) {
    let Some(thin) = Rect::from_ltrb(LEFT, y, RIGHT, y + 0.5) else { return };
    let mut path = PathBuilder::new();
    path.push_rect(thin);
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}
