//! The layout of the document: line breaks, aligned tables, page breaks.
#![expect(clippy::float_arithmetic, reason = "positions on a page are no money")]

use super::block::{Block, NotSet};
use super::faces::{Face, Weight};

/// A4, in points.
pub(super) const WIDTH: f32 = 595.276;
pub(super) const HEIGHT: f32 = 841.89;
const MARGIN: f32 = 54.0;
/// The height of each page's foot, in points.
const FOOT: f32 = 60.0;
const TEXT: f32 = 9.0;
const LEADING: f32 = 12.5;
const SMALL: f32 = 8.0;
const TITLE: f32 = 16.0;
const HEADING: f32 = 10.5;
/// The width of the column with the names of facts, in points.
const NAMES: f32 = 150.0;

/// A line of text with its position.
pub(super) struct Line {
    /// From the left and from the top, in points.
    pub(super) at: (f32, f32),
    pub(super) size: f32,
    pub(super) weight: Weight,
    pub(super) text: String,
}

/// A horizontal rule at a height.
pub(super) struct Rule {
    pub(super) y: f32,
}

/// One page.
#[derive(Default)]
pub(super) struct Page {
    pub(super) lines: Vec<Line>,
    pub(super) rules: Vec<Rule>,
}

/// The pages of a document, filled from the top.
pub(super) struct Layout {
    regular: &'static Face,
    bold: &'static Face,
    pages: Vec<Page>,
    y: f32,
}

pub(super) const LEFT: f32 = MARGIN;
pub(super) const RIGHT: f32 = WIDTH - MARGIN;

impl Layout {
    pub(super) fn new() -> Result<Self, NotSet> {
        let face = |weight| Face::of(weight).ok_or_else(|| NotSet("a font file cannot be read".into()));
        let (regular, bold) = (face(Weight::Regular)?, face(Weight::Bold)?);
        Ok(Self { regular, bold, pages: vec![Page::default()], y: MARGIN })
    }

    /// Sets the title, with the number of the contract below it.
    pub(super) fn title(&mut self, title: &str, number: &str) {
        self.y += TITLE;
        self.put(LEFT, TITLE, Weight::Bold, title);
        self.y += LEADING + 4.0;
        self.put(LEFT, HEADING, Weight::Regular, number);
        self.y += 8.0;
        self.rule();
        self.y += 4.0;
    }

    /// Sets a block.
    pub(super) fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(text) => self.heading(text),
            Block::Paragraph(text) => self.paragraph(text),
            Block::Facts(pairs) => self.facts(pairs),
            Block::Table { columns, rows } => self.table(columns, rows),
            Block::NewPage => self.next_page(),
        }
    }

    /// Ends the layout: each page gets its foot.
    pub(super) fn end(mut self, foot: &str) -> Vec<Page> {
        let count = self.pages.len();
        let face = self.regular;
        for (page, number) in self.pages.iter_mut().zip(1..) {
            let counted = format!("Página {number} de {count}");
            let line = |x: f32, text: String| {
                let (at, weight) = ((x, HEIGHT - 32.0), Weight::Regular);
                Line { at, size: SMALL, weight, text }
            };
            page.lines.push(line(RIGHT - face.width(&counted, SMALL), counted));
            page.lines.push(line(LEFT, foot.to_owned()));
            page.rules.push(Rule { y: HEIGHT - 44.0 });
        }
        self.pages
    }

    fn page(&mut self) -> &mut Page {
        if self.pages.is_empty() {
            self.pages.push(Page::default());
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    fn face(&self, weight: Weight) -> &'static Face {
        match weight {
            Weight::Regular => self.regular,
            Weight::Bold => self.bold,
        }
    }

    fn next_page(&mut self) {
        self.pages.push(Page::default());
        self.y = MARGIN;
    }

    /// Begins a new page if `height` does not fit on this one.
    fn need(&mut self, height: f32) {
        if self.y + height > HEIGHT - FOOT {
            self.next_page();
        }
    }

    fn put(&mut self, x: f32, size: f32, weight: Weight, text: &str) {
        let line = Line { at: (x, self.y), size, weight, text: self.face(weight).printable(text) };
        self.page().lines.push(line);
    }

    fn rule(&mut self) {
        let y = self.y;
        self.page().rules.push(Rule { y });
    }

    /// A heading stays with the lines that follow it.
    fn heading(&mut self, text: &str) {
        self.need(18.0 + 4.0 * LEADING);
        self.y += 20.0;
        self.put(LEFT, HEADING, Weight::Bold, text);
        self.y += 3.0;
    }

    fn paragraph(&mut self, text: &str) {
        for line in self.broken(text, RIGHT - LEFT, TEXT) {
            self.need(LEADING);
            self.y += LEADING;
            self.put(LEFT, TEXT, Weight::Regular, &line);
        }
        self.y += 3.0;
    }

    fn facts(&mut self, pairs: &[(String, String)]) {
        for (name, value) in pairs {
            let name_lines = self.broken(name, NAMES - 8.0, TEXT);
            let value_lines = self.broken(value, RIGHT - LEFT - NAMES, TEXT);
            let count = name_lines.len().max(value_lines.len());
            self.need(LEADING * f32::from(u16::try_from(count).expect("a fact has few lines")) + 2.0);
            for index in 0..count {
                self.y += LEADING;
                if let Some(line) = name_lines.get(index) {
                    self.put(LEFT, TEXT, Weight::Bold, line);
                }
                if let Some(line) = value_lines.get(index) {
                    self.put(LEFT + NAMES, TEXT, Weight::Regular, line);
                }
            }
            self.y += 2.0;
        }
    }

    /// Sets a table: the first two columns to the left, amounts to the right. The names of the columns are repeated on
    /// each page.
    fn table(&mut self, columns: &[&str], rows: &[Vec<String>]) {
        self.need(4.0 * LEADING);
        self.table_head(columns);
        for row in rows {
            if self.y + LEADING > HEIGHT - FOOT {
                self.next_page();
                self.table_head(columns);
            }
            self.y += LEADING;
            self.table_row(row, Weight::Regular);
        }
        self.y += 5.0;
        self.rule();
    }

    fn table_head(&mut self, columns: &[&str]) {
        self.y += LEADING + 2.0;
        let names: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        self.table_row(&names, Weight::Bold);
        self.y += 4.0;
        self.rule();
    }

    fn table_row(&mut self, cells: &[String], weight: Weight) {
        // Number and date are narrow; the amounts share the rest.
        let (number, date) = (30.0, 76.0);
        let amounts = u16::try_from(cells.len().saturating_sub(2).max(1)).expect("a table has few columns");
        let each = (RIGHT - LEFT - number - date) / f32::from(amounts);
        let mut end = LEFT + number + date;
        for (index, cell) in cells.iter().enumerate() {
            let x = match index {
                0 => LEFT,
                1 => LEFT + number,
                _ => {
                    end += each;
                    end - self.face(weight).width(cell, TEXT)
                }
            };
            self.put(x, TEXT, weight, cell);
        }
    }

    /// Breaks a text at its spaces. A word that is wider than a line is broken inside.
    fn broken(&self, text: &str, width: f32, size: f32) -> Vec<String> {
        // Bold is the wider face, so a text that fits in bold fits in both.
        let face = self.bold;
        let with = |ems: f32, text: &str| text.chars().fold(ems, |sum, letter| sum + face.advance(letter));
        let (mut lines, mut line, mut ems) = (Vec::new(), String::new(), 0.0);
        for word in text.split(' ') {
            let joined = if line.is_empty() { with(0.0, word) } else { with(ems + face.advance(' '), word) };
            if joined * size <= width {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
                ems = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                ems = 0.0;
            }
            for letter in word.chars() {
                if !line.is_empty() && (ems + face.advance(letter)) * size > width {
                    lines.push(std::mem::take(&mut line));
                    ems = 0.0;
                }
                line.push(letter);
                ems += face.advance(letter);
            }
        }
        lines.push(line);
        lines
    }
}
