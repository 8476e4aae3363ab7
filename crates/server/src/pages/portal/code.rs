//! Boxes of code. A box with several languages has a panel for each: all are shown below each other with their names,
//! and `portal.js` makes tabs of them.

use super::highlight::highlighted;
use super::html::{escape, escaped, put};
use crate::pages::assets;
use crate::pages::texts::Texts;

/// One block of code.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// The panel to which the block belongs: a language. `None`: outside the panels, for every reader.
    pub(super) panel: Option<String>,
    /// The language of the code.
    pub(super) language: String,
    /// The name of the file, if the reader is to save the block.
    pub(super) file: Option<String>,
    /// Whether the block is what another one prints.
    pub(super) is_output: bool,
    pub(super) text: String,
}

impl Block {
    /// A block of a page without panels.
    pub(super) fn alone(language: &str, text: impl Into<String>) -> Self {
        Self { panel: None, language: language.to_owned(), file: None, is_output: false, text: text.into() }
    }

    /// The block of one language of a box with panels.
    pub(super) fn of_panel(panel: &str, language: &str, text: impl Into<String>) -> Self {
        Self { panel: Some(panel.to_owned()), ..Self::alone(language, text) }
    }
}

/// Blocks that follow each other without text between them, as boxes. Blocks of panels that follow each other share one.
pub(super) fn boxes(blocks: &[Block], t: &'static Texts) -> String {
    let mut out = String::new();
    for group in blocks.chunk_by(|one, next| one.panel.is_some() && next.panel.is_some()) {
        let mut panels: Vec<(&str, Vec<&Block>)> = Vec::new();
        for block in group {
            let name = block.panel.as_deref().unwrap_or(&block.language);
            match panels.iter_mut().find(|(known, _)| *known == name) {
                Some((_, blocks)) => blocks.push(block),
                None => panels.push((name, vec![block])),
            }
        }
        out.push_str(if panels.len() > 1 {
            "<div class=\"codebox\" data-tabs>"
        } else {
            "<div class=\"codebox\">"
        });
        for (name, blocks) in panels {
            put(&mut out, &format!("<div class=\"panel\" data-lang=\"{}\" data-name=\"", escaped(name)));
            escape(&mut out, shown_name(name));
            out.push_str("\">");
            for block in blocks {
                one(&mut out, name, block, t);
            }
            out.push_str("</div>");
        }
        out.push_str("</div>");
    }
    out
}

/// A block with its bar.
fn one(out: &mut String, panel: &str, block: &Block, t: &'static Texts) {
    let (label, is_plain) = match (&block.file, block.is_output) {
        (Some(file), _) => (file.as_str(), false),
        (None, true) => (t.portal.prints, false),
        // A command for every reader is no sample in a language.
        (None, false) if block.panel.is_none() && panel == "bash" => ("Terminal", true),
        (None, false) => (shown_name(panel), true),
    };
    let mark = if is_plain { " data-plain" } else { "" };
    let class = if block.is_output { "codebar codebar-out" } else { "codebar" };
    put(out, &format!("<div class=\"{class}\"{mark}><span>{}</span>", escaped(label)));
    if !block.is_output {
        copy_button(out, label, t);
    }
    let class = if block.is_output { " class=\"output\"" } else { "" };
    put(out, &format!("</div><pre{class} tabindex=\"0\"><code>"));
    out.push_str(&highlighted(&block.language, block.text.trim_end()));
    out.push_str("</code></pre>");
}

/// Hidden until the script can copy.
fn copy_button(out: &mut String, label: &str, t: &'static Texts) {
    let (icons, words) = (assets::folder(), escaped(&format!("{}: {label}", t.copy)));
    put(
        out,
        &format!(
            "<button class=\"copy push\" type=\"button\" data-copy-from aria-label=\"{words}\" hidden>\
         <svg class=\"icon\" aria-hidden=\"true\"><use href=\"{icons}/icons.svg#i-copy\"/></svg></button>"
        ),
    );
}

/// The name of a panel for readers.
fn shown_name(panel: &str) -> &str {
    match panel {
        "bash" => "curl",
        "python" => "Python",
        "javascript" => "JavaScript",
        "ruby" => "Ruby",
        "java" => "Java",
        "go" => "Go",
        "php" => "PHP",
        "json" => "JSON",
        "text" => "Terminal",
        other => other,
    }
}
