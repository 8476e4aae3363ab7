//! `dinie show-page`: renders a page of a customer's PDF for the server, which starts it with the file as its input.
//!
//! A file may be made to harm its reader. This process has no keys and little memory and time, and it can open no file and
//! no connection. A panic or a limit that ends it is an answer too: the page is not shown.
//!
//! Reasons: docs/decisions/0037.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use rlimit::Resource;
use server::page_pictures::{MOST_PAGES, NO_SUCH_PAGE, PASSWORD, UNREADABLE};

/// Most memory of the process, in bytes. A page that was scanned with 600 dots an inch needs a quarter of it.
const MEMORY: u64 = 1 << 30;
/// Most time on a processor, in seconds.
const SECONDS: u64 = 10;
/// The longer side of a picture, in pixels: an A4 page with about 140 dots an inch.
const LONGER_SIDE: f32 = 1_640.0;
/// A small page is not enlarged more than this.
const LARGEST_SCALE: f32 = 4.0;

/// The exit status of a process that shows no page.
struct NotShown(u8);

/// Reads a PDF and writes the number of its pages in four bytes, then the picture of a page as a PNG. Pages are counted
/// from 1. For page 0 no picture follows.
pub(super) fn run(number: u16) -> ExitCode {
    match written(number) {
        Ok(()) => ExitCode::SUCCESS,
        Err(NotShown(status)) => ExitCode::from(status),
    }
}

fn written(number: u16) -> Result<(), NotShown> {
    let unreadable = |_: std::io::Error| NotShown(UNREADABLE);
    confine().map_err(unreadable)?;
    let mut file = Vec::new();
    std::io::stdin().read_to_end(&mut file).map_err(unreadable)?;
    let pdf = Pdf::new(file).map_err(refused)?;
    let pages = pdf.pages().len().min(usize::from(MOST_PAGES));
    let count = u32::try_from(pages).expect("there are at most MOST_PAGES");
    let picture = match usize::from(number).checked_sub(1) {
        None => Vec::new(),
        Some(place) => {
            let page = pdf.pages().get(place).filter(|_| place < pages).ok_or(NotShown(NO_SUCH_PAGE))?;
            picture(page)?
        }
    };
    let mut output = std::io::stdout();
    output.write_all(&count.to_be_bytes()).and_then(|()| output.write_all(&picture)).map_err(unreadable)
}

/// Sets the limits of this process. Its input and output are already open.
fn confine() -> std::io::Result<()> {
    Resource::AS.set(MEMORY, MEMORY)?;
    Resource::CPU.set(SECONDS, SECONDS)?;
    Resource::CORE.set(0, 0)?;
    Resource::FSIZE.set(0, 0)?;
    Resource::NOFILE.set(0, 0)
}

fn refused(error: LoadPdfError) -> NotShown {
    NotShown(match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => PASSWORD,
        LoadPdfError::Decryption(_) | LoadPdfError::Invalid => UNREADABLE,
    })
}

fn picture(page: &Page<'_>) -> Result<Vec<u8>, NotShown> {
    let scale = scale(page);
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let cache = RenderCache::new();
    let picture =
        render(page, &cache, &InterpreterSettings::default(), &RenderSettings::default(), &settings);
    // A side of no pixels has no picture.
    picture.into_png().map_err(|_no_pixels| NotShown(UNREADABLE))
}

/// The scale at which the longer side of a page has its length.
#[expect(clippy::float_arithmetic, reason = "the length of a side of a page is no money")]
fn scale(page: &Page<'_>) -> f32 {
    let (width, height) = page.render_dimensions();
    (LONGER_SIDE / width.max(height).max(1.0)).min(LARGEST_SCALE)
}
