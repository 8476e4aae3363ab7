//! The pages of customers' documents as images, which a process of its own renders.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::console::{Person, text};
use crate::inputs::JPEG;
use crate::operator::Operator;
use crate::support::{Partner, Setup, TestApp};

/// A PDF of 737 bytes whose only page grows to four gigabytes.
const GROWS: &[u8] = include_bytes!("samples/grows.pdf");

/// A PDF of these objects; `trailer` is added to its trailer.
fn pdf(objects: &[&str], trailer: &str) -> Vec<u8> {
    let mut file = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(file.len());
        write!(file, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let (table, size) = (file.len(), objects.len() + 1);
    write!(file, "xref\n0 {size}\n0000000000 65535 f \n").unwrap();
    for place in places {
        writeln!(file, "{place:010} 00000 n ").unwrap();
    }
    write!(file, "trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n").unwrap();
    file.into_bytes()
}

/// A PDF of two pages: one upright and one across.
fn two_pages(trailer: &str) -> Vec<u8> {
    let page =
        |size: &str| format!("<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 {size} ] /Contents 5 0 R >>");
    let (upright, across) = (page("210 297"), page("297 210"));
    let square = "<< /Length 28 >>\nstream\n1 0 0 rg 50 50 100 100 re f \nendstream";
    let pages = "<< /Type /Pages /Kids [ 3 0 R 4 0 R ] /Count 2 >>";
    let password = format!(
        "<< /Filter /Standard /V 1 /R 2 /Length 40 /P -44 /O <{}> /U <{}> >>",
        "28bf4e5e".repeat(8),
        "5e4ebf28".repeat(8)
    );
    pdf(&["<< /Type /Catalog /Pages 2 0 R >>", pages, &upright, &across, square, &password], trailer)
}

/// Uploads a document; returns the address of its pages.
async fn uploaded(partner: &Partner, number: u32, file: &[u8]) -> (String, String) {
    let customer = partner.customer(number, "manual").await;
    let id = partner.upload(&customer, "cnh", file).await.expect(201).id();
    (customer, format!("/documents/{id}/pages"))
}

/// The width and the height of a PNG.
fn size(png: &[u8]) -> (u32, u32) {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (side(16), side(20))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_page_of_a_pdf_is_an_image_that_a_browser_never_runs() {
    let (_app, partner, operator) = TestApp::with_operator().await;
    let (customer, pages) = uploaded(&partner, 529_982_247, &two_pages("")).await;
    for (number, upright) in [(1, true), (2, false)] {
        let page = operator.get(&format!("{pages}/{number}")).await.expect(200);
        assert_eq!(page.header("content-type"), Some("image/png"));
        assert_eq!(page.header("document-pages"), Some("2"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert!(page.header("content-security-policy").unwrap().contains("sandbox"));
        let (width, height) = size(&page.bytes);
        assert_eq!(height > width, upright, "{width} x {height}");
        assert!(width.max(height) > 1_000 && width.max(height) <= 1_640, "{width} x {height}");
    }
    let trail = operator.get("/audit?limit=1").await.expect(200).body["data"][0].clone();
    assert_eq!(trail["operation"], format!("GET /operator/v1{pages}/2"));
    for unknown in ["0", "3", "200", "x", "70000"] {
        operator.get(&format!("{pages}/{unknown}")).await.expect_problem(404, "resource_not_found");
    }
    // The review shows the same pages as images of its own page.
    let person = Person::with_roles(&partner.app, "analyst".parse().unwrap()).await;
    let review = text(&person.page(&format!("/console/customers/{customer}")).await.expect(200).bytes);
    for page in ["1", "2"] {
        assert!(review.contains(&format!("src=\"/console{pages}/{page}\"")), "{review}");
    }
    assert!(review.contains("página 2 de 2") && !review.contains("<iframe"), "{review}");
    let page = person.page(&format!("/console{pages}/2")).await.expect(200);
    assert_eq!(
        (page.header("content-type"), page.header("cache-control")),
        (Some("image/png"), Some("no-store"))
    );
    person.page(&format!("/console{pages}/3")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_that_is_broken_locked_or_too_large_is_refused_with_the_reason() {
    let (_app, partner, operator) = TestApp::with_operator().await;
    let locked = two_pages(
        "/Encrypt 6 0 R /ID [ <00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff> ]",
    );
    let files = [
        (529_982_247, b"%PDF-1.7\n% a document".to_vec(), "not a PDF that can be read"),
        (111_444_777, locked, "it has a password"),
        (123_456_789, GROWS.to_vec(), "too much memory or time"),
    ];
    let person = Person::with_roles(&partner.app, "analyst".parse().unwrap()).await;
    for (number, file, why) in files {
        let (customer, pages) = uploaded(&partner, number, &file).await;
        let refused = operator.get(&format!("{pages}/1")).await.expect_problem(422, "invalid_format");
        assert!(refused.body["detail"].as_str().unwrap().contains(why), "{:?}", refused.body);
        let original = operator.get(pages.trim_end_matches("/pages")).await.expect(200);
        assert_eq!(original.bytes, file);
        person.page(&format!("/console{pages}/1")).await.expect(422);
        person.page(&format!("/console/customers/{customer}")).await.expect(200);
    }
}

#[tokio::test]
async fn the_only_page_of_a_photograph_is_the_photograph() {
    let (_app, partner, operator) = TestApp::with_operator().await;
    let (_, pages) = uploaded(&partner, 529_982_247, JPEG).await;
    let page = operator.get(&format!("{pages}/1")).await.expect(200);
    assert_eq!((page.header("content-type"), page.header("document-pages")), (Some("image/jpeg"), Some("1")));
    assert_eq!(page.bytes, JPEG);
    operator.get(&format!("{pages}/2")).await.expect_problem(404, "resource_not_found");
}

#[tokio::test]
async fn a_page_that_no_process_can_render_now_is_asked_for_again() {
    let program = PathBuf::from("/nowhere/dinie");
    let app = TestApp::with(Setup { program, ..Setup::default() }).await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    let (customer, pages) = uploaded(&partner, 529_982_247, &two_pages("")).await;
    let busy = operator.get(&format!("{pages}/1")).await.expect_problem(503, "unavailable");
    assert_eq!(busy.header("retry-after"), Some("2"));
    let person = Person::with_roles(&app, "analyst".parse().unwrap()).await;
    let review = text(&person.page(&format!("/console/customers/{customer}")).await.expect(200).bytes);
    assert!(review.contains("Recarregue em alguns segundos"), "{review}");
}
