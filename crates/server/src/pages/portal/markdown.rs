//! `CommonMark` as HTML: headings with anchors, tables, task lists, and boxes of code (docs/decisions/0040).

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::code::{Block, boxes};
use super::html::{anchor, escape, escaped};
use crate::pages::texts::Texts;

/// A text as HTML, with what the rest of its page and the search need.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    pub(super) html: String,
    /// The headings of the second level, for the table of contents.
    pub(super) contents: Vec<Heading>,
    /// The words below each heading. The first section is above all headings and has no anchor.
    pub(super) sections: Vec<Section>,
}

/// A heading and its anchor.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    pub(super) anchor: String,
    pub(super) text: String,
}

/// A part of a text for the search.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) heading: Heading,
    pub(super) text: String,
}

/// Renders a text. `link` gives the address of a link, or `None` if the link is to become plain words.
pub(super) fn render(text: &str, t: &'static Texts, link: impl Fn(&str) -> Option<String>) -> Rendered {
    let mut writer = Writer::new(t, link);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS) {
        writer.event(event);
    }
    writer.flush();
    writer.done
}

struct Writer<L> {
    t: &'static Texts,
    link: L,
    done: Rendered,
    /// Blocks of code without text between them.
    blocks: Vec<Block>,
    /// The block that is being read: the words after its fence, and its text.
    fence: Option<(String, String)>,
    /// The heading that is being read: its plain text, and the place of its HTML.
    heading: Option<(String, usize)>,
    is_head: bool,
    /// Whether each open link is one. The others become plain words.
    links: Vec<bool>,
}

impl<L: Fn(&str) -> Option<String>> Writer<L> {
    fn new(t: &'static Texts, link: L) -> Self {
        let top =
            Section { heading: Heading { anchor: String::new(), text: String::new() }, text: String::new() };
        let done = Rendered { sections: vec![top], ..Rendered::default() };
        Self {
            t,
            link,
            done,
            blocks: Vec::new(),
            fence: None,
            heading: None,
            is_head: false,
            links: Vec::new(),
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.into_string(),
                    CodeBlockKind::Indented => "text".to_owned(),
                };
                self.fence = Some((info, String::new()));
            }
            Event::End(TagEnd::CodeBlock) => {
                let read = self.fence.take();
                let before = self.blocks.last().and_then(|block| block.panel.clone());
                self.blocks.extend(read.map(|(info, text)| block(&info, text, before)));
            }
            Event::Text(text) => match &mut self.fence {
                Some((_, code)) => code.push_str(&text),
                None => self.words(&text),
            },
            other => {
                self.flush();
                self.outside_code(other);
            }
        }
    }

    fn outside_code(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Code(code) => {
                self.push("<code>");
                self.words(&code);
                self.push("</code>");
            }
            Event::SoftBreak => self.words(" "),
            Event::HardBreak => self.push("<br>"),
            Event::Rule => self.push("<hr class=\"rule\">"),
            Event::TaskListMarker(_) => self.push("<span class=\"task\" aria-hidden=\"true\"></span>"),
            // The texts have no HTML but comments, which are for programs.
            _comment_or_unused => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.push("<p>"),
            Tag::Heading { .. } => self.heading = Some((String::new(), self.done.html.len())),
            Tag::List(None) => self.push("<ul>"),
            Tag::List(Some(_)) => self.push("<ol>"),
            Tag::Item => self.push("<li>"),
            Tag::Emphasis => self.push("<em>"),
            Tag::Strong => self.push("<strong>"),
            Tag::BlockQuote(_) => self.push("<div class=\"note-box\"><div>"),
            Tag::Table(_) => {
                let label = escaped(self.t.portal.table);
                self.push(&format!(
                    "<div class=\"card\"><div class=\"table-wrap\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\">\
                     <table class=\"table\">"
                ));
            }
            Tag::TableHead => {
                self.is_head = true;
                self.push("<thead><tr>");
            }
            Tag::TableRow => self.push("<tr>"),
            Tag::TableCell if self.is_head => self.push("<th scope=\"col\">"),
            Tag::TableCell => self.push("<td>"),
            Tag::Link { dest_url, .. } => {
                let place = (self.link)(&dest_url);
                self.links.push(place.is_some());
                if let Some(place) = place {
                    self.push(&format!("<a href=\"{}\">", escaped(&place)));
                }
            }
            _unused => {}
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Paragraph => self.push("</p>"),
            TagEnd::Heading(level) => self.end_heading(level),
            TagEnd::List(false) => self.push("</ul>"),
            TagEnd::List(true) => self.push("</ol>"),
            TagEnd::Item => self.push("</li>"),
            TagEnd::Emphasis => self.push("</em>"),
            TagEnd::Strong => self.push("</strong>"),
            TagEnd::BlockQuote(_) => self.push("</div></div>"),
            TagEnd::Table => self.push("</tbody></table></div></div>"),
            TagEnd::TableHead => {
                self.is_head = false;
                self.push("</tr></thead><tbody>");
            }
            TagEnd::TableRow => self.push("</tr>"),
            TagEnd::TableCell => self.push(if self.is_head { "</th>" } else { "</td>" }),
            TagEnd::Link if self.links.pop() == Some(true) => self.push("</a>"),
            _unused => {}
        }
        if matches!(end, TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell) {
            self.section().text.push(' ');
        }
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let Some((text, at)) = self.heading.take() else { return };
        let words = self.done.html.split_off(at);
        let plain = anchor(&text);
        let same = self.done.sections.iter().filter(|known| anchor(&known.heading.text) == plain).count();
        let place = if same == 0 { plain } else { format!("{plain}-{same}") };
        let heading = Heading { anchor: place, text };
        self.push(&format!("<{level} id=\"{}\">{words}</{level}>", heading.anchor));
        if level == HeadingLevel::H2 {
            self.done.contents.push(heading.clone());
        }
        self.done.sections.push(Section { heading, text: String::new() });
    }

    /// Writes the blocks of code before anything else follows them.
    fn flush(&mut self) {
        if !self.blocks.is_empty() {
            let html = boxes(&self.blocks, self.t);
            self.push(&html);
            self.blocks.clear();
        }
    }

    fn push(&mut self, html: &str) {
        self.done.html.push_str(html);
    }

    fn words(&mut self, text: &str) {
        escape(&mut self.done.html, text);
        match &mut self.heading {
            Some((heading, _)) => heading.push_str(text),
            None => self.section().text.push_str(text),
        }
    }

    fn section(&mut self) -> &mut Section {
        self.done.sections.last_mut().expect("the first section exists from the beginning")
    }
}

/// A block from the words after its fence. `before` is the panel of the block before it in the same group.
fn block(info: &str, text: String, before: Option<String>) -> Block {
    let mut words = info.split_whitespace();
    let language = words.next().unwrap_or("text").to_owned();
    let words: Vec<&str> = words.collect();
    let is_output = words.contains(&"output");
    let named = words.iter().find_map(|word| word.strip_prefix("for="));
    let panel = match named {
        Some("all") => None,
        Some(panel) => Some(panel.to_owned()),
        None if is_output => before,
        None if matches!(language.as_str(), "text" | "json") => None,
        None => Some(language.clone()),
    };
    let file = words.iter().find_map(|word| word.strip_prefix("file=")).map(str::to_owned);
    Block { panel, language, file, is_output, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::texts::Language;

    fn html(text: &str) -> Rendered {
        render(text, Language::English.texts(), |to| to.strip_prefix("ok:").map(str::to_owned))
    }

    #[test]
    fn fences_in_a_row_share_a_box_with_a_panel_for_each_language() {
        let shown = html(
            "```bash run\na\n```\n```text output\nb\n```\n```python\nc\n```\n\nText.\n\n```go\nd\n```\n",
        )
        .html;
        assert_eq!(shown.matches("class=\"codebox\"").count(), 2);
        assert_eq!(shown.matches("class=\"codebox\" data-tabs").count(), 1);
        assert_eq!(
            shown.matches("class=\"panel\"").count(),
            3,
            "the output belongs to the panel of its block"
        );
    }

    #[test]
    fn a_fence_for_all_readers_is_outside_the_panels() {
        let shown = html("```bash for=all\na\n```\n```bash\nb\n```\n```python\nc\n```\n").html;
        assert_eq!(shown.matches("class=\"codebox\"").count(), 2);
    }

    #[test]
    fn equal_headings_have_different_anchors_and_comments_are_left_out() {
        let shown = html("## Same\n\n- [ ] item [l](ok:/docs) [m](no) <!-- check: x -->\n\n## Same\n");
        let anchors: Vec<&str> = shown.contents.iter().map(|heading| heading.anchor.as_str()).collect();
        assert_eq!(anchors, ["same", "same-1"]);
        assert!(shown.html.contains("<a href=\"/docs\">l</a> m") && !shown.html.contains("check"));
    }
}
