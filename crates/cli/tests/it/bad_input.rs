//! Bodies that are wrong as a whole: each gets its problem, and no file or row is left.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::answer::Answer;
use crate::inputs::{JPEG, PDF, form, registration};
use crate::support::{Partner, TestApp};

async fn raw(partner: &Partner, content_type: Option<&str>, body: Vec<u8>) -> Answer {
    let mut request =
        Request::post("/v3/customers").header("authorization", format!("Bearer {}", partner.token));
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    partner.app.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn malformed_bodies_get_their_problems() {
    let partner = TestApp::new().await.partner().await;
    let json = Some("application/json");
    let deep = format!("{}1{}", "[".repeat(33), "]".repeat(33));
    let big = json!({"cpf": "x".repeat(256 * 1024)}).to_string();
    for (content_type, body, status, code) in [
        (json, b"{".to_vec(), 400, "malformed_body"),
        (json, b"{} {}".to_vec(), 400, "malformed_body"),
        (json, b"{\"cpf\": \"\xff\"}".to_vec(), 400, "malformed_body"),
        (json, Vec::new(), 400, "malformed_body"),
        (json, deep.into_bytes(), 400, "malformed_body"),
        (json, b"[]".to_vec(), 422, "invalid_format"),
        (json, b"null".to_vec(), 422, "invalid_format"),
        (Some("text/plain"), b"{}".to_vec(), 400, "invalid_content_type"),
        (None, b"{}".to_vec(), 400, "invalid_content_type"),
        (json, big.into_bytes(), 413, "payload_too_large"),
    ] {
        raw(&partner, content_type, body).await.expect_problem(status, code);
    }
    let with_parameter = registration(529_982_247, "").to_string().into_bytes();
    raw(&partner, Some("application/json; charset=utf-8"), with_parameter).await.expect(201);
}

#[tokio::test]
async fn all_wrong_fields_are_reported_at_once() {
    let partner = TestApp::new().await.partner().await;
    let body = json!({
        "cpf": "529.982.247-26", "cnpj": "00000000000000", "name": "", "email": "x", "phone": "11999999999",
        "trading_name": 5, "external_id": "x".repeat(256)
    });
    let answer = partner.post("/v3/customers", &body).await.expect_problem(422, "invalid_cpf");
    let expected = [
        ("cpf", "invalid_cpf"),
        ("cnpj", "invalid_cnpj"),
        ("name", "invalid_format"),
        ("email", "invalid_format"),
        ("phone", "invalid_format"),
        ("trading_name", "invalid_format"),
        ("external_id", "invalid_format"),
    ];
    assert_eq!(answer.faults(), expected.map(|(param, code)| (param.to_owned(), code.to_owned())));
    assert_eq!(partner.get("/v3/customers").await.body["data"], json!([]));
}

#[tokio::test]
async fn a_change_reports_each_wrong_field_once() {
    let (_, partner, customer) = TestApp::with_customer("manual").await;
    let body = json!({"name": 7, "cpf": 1, "external_id": null, "email": "x"});
    let reference = partner.patch(&format!("/v3/customers/{customer}"), &body).await.expect(422);
    let params = |answer: &Answer| answer.faults().into_iter().map(|(param, _)| param).collect::<Vec<_>>();
    assert_eq!(params(&reference), ["cpf", "external_id", "email", "name"]);
    // The customer has a name. So the other generation accepts no new name, and reports this fault only once.
    let sdk = partner.patch(&format!("/api/v3/customers/{customer}"), &body).await.expect(422);
    assert_eq!(params(&sdk), ["cpf", "external_id", "name", "email"]);
}

#[tokio::test]
async fn a_malformed_url_is_reported_as_such() {
    let partner = TestApp::new().await.partner().await;
    for generation in ["/v3", "/api/v3"] {
        let endpoints = format!("{generation}/webhooks/endpoints");
        let made = partner.post(&endpoints, &json!({"url": "https://example.com/hook"})).await.expect(201);
        let one = format!("{endpoints}/{}", made.id());
        let long = format!("https://example.com/{}", "x".repeat(2_048));
        for url in ["", " ", "a\nb", "example.com", &long] {
            let body = json!({"url": url});
            partner.post(&endpoints, &body).await.expect_problem(422, "invalid_url");
            partner.patch(&one, &body).await.expect_problem(422, "invalid_url");
        }
        partner.post(&endpoints, &json!({"url": 7})).await.expect_problem(422, "invalid_format");
    }
}

#[tokio::test]
async fn whole_numbers_may_be_written_with_a_fraction_or_an_exponent() {
    let (app, partner) = TestApp::with_partner().await;
    let offer = partner.offer(529_982_247, "never_signs").await;
    for generation in ["/v3", "/api/v3"] {
        let (amount, shown) = match generation {
            "/v3" => ("\"10000.00\"", "number_of_installments"),
            _sdk => ("1e4", "installment_count"),
        };
        let simulate = async |count: &str| {
            let body = format!("{{\"requested_amount\": {amount}, \"installment_count\": {count}}}");
            let request = Request::post(format!("{generation}/credit-offers/{offer}/simulations"))
                .header("authorization", format!("Bearer {}", partner.token))
                .header("content-type", "application/json");
            app.send(request.body(Body::from(body)).unwrap()).await
        };
        for count in ["12", "12.0", "1.2e1"] {
            assert_eq!(simulate(count).await.expect(201).body[shown], 12, "{count}");
        }
        for count in ["12.5", "1.25e1", "\"12\""] {
            simulate(count).await.expect_problem(422, "invalid_format");
        }
        simulate("1e400").await.expect_problem(400, "malformed_body");
    }
    let credential = |end: f64| json!({"name": "float", "expires_at": end});
    partner.post("/api/v3/auth/credentials", &credential(1_800_000_000.0)).await.expect(201);
    let refused = partner.post("/api/v3/auth/credentials", &credential(1_800_000_000.5)).await;
    refused.expect_problem(422, "invalid_format");
}

#[tokio::test]
async fn malformed_forms_get_their_problems() {
    let (app, partner, customer) = TestApp::with_customer("").await;
    let path = format!("/v3/customers/{customer}/documents");
    let send = async |body: Vec<u8>| partner.send_form(&path, &body, "b", None).await;
    let file = ("file", Some("a.pdf"), PDF);
    let kind = ("type", None, &b"cnh"[..]);
    let whole = form("b", &[kind, file]);
    for (body, status, code) in [
        (form("b", &[kind]), 400, "missing_file"),
        (form("b", &[]), 400, "missing_file"),
        (form("b", &[file]), 422, "missing_required_field"),
        (form("b", &[("type", None, b""), file]), 422, "missing_required_field"),
        (form("b", &[kind, ("file", Some("a"), b"")]), 400, "missing_file"),
        (form("b", &[kind, file, file]), 400, "malformed_body"),
        (form("b", &[kind, kind, file]), 400, "malformed_body"),
        (form("b", &[("type", None, b"\xff"), file]), 400, "malformed_body"),
        (form("b", &[kind, ("file", Some("a"), b"GIF89a")]), 422, "unsupported_file_type"),
        (form("b", &[("type", None, b"passport"), file]), 422, "invalid_document_type"),
        (form("b", &[("type", None, b"biometrics"), file]), 422, "done_in_session"),
        (whole[..whole.len() - 12].to_vec(), 400, "malformed_body"),
        (b"no form at all".to_vec(), 400, "malformed_body"),
    ] {
        send(body.clone()).await.expect_problem(status, code);
    }
    let no_boundary = Request::post(&path)
        .header("authorization", format!("Bearer {}", partner.token))
        .header("content-type", "multipart/form-data")
        .body(Body::from(whole.clone()))
        .unwrap();
    app.send(no_boundary).await.expect_problem(400, "malformed_body");
    partner.post(&path, &json!({})).await.expect_problem(400, "invalid_content_type");
    let large = [PDF, &vec![b'x'; 10 * 1024 * 1024]].concat();
    send(form("b", &[kind, ("file", Some("a"), &large)])).await.expect_problem(413, "payload_too_large");

    assert_eq!(files(&app), 0, "no file of a refused upload is left");
    let most = [PDF, &vec![b'x'; 10 * 1024 * 1024 - PDF.len()]].concat();
    send(form("b", &[kind, ("file", Some("a"), &most)])).await.expect(201);
    assert_eq!(files(&app), 1);
}

#[tokio::test]
async fn a_form_has_at_most_twenty_parts() {
    let (app, partner, customer) = TestApp::with_customer("").await;
    let path = format!("/v3/customers/{customer}/documents");
    let send = async |more: usize| {
        let names: Vec<String> = (0..more).map(|number| format!("x{number}")).collect();
        let more = names.iter().map(|name| (name.as_str(), None, &b""[..]));
        let parts: Vec<_> = more.chain([("type", None, &b"cnh"[..]), ("file", Some("a.pdf"), PDF)]).collect();
        partner.send_form(&path, &form("b", &parts), "b", None).await
    };
    send(19).await.expect_problem(400, "malformed_body");
    send(100_000).await.expect_problem(400, "malformed_body");
    assert_eq!(files(&app), 0);
    send(18).await.expect(201);
    let attachments = Request::post(format!("/api/v3/customers/{customer}/kyc-attachments"))
        .header("authorization", format!("Bearer {}", partner.token))
        .header("content-type", "application/x-www-form-urlencoded");
    let body = (0..21).map(|number| format!("x{number}=")).collect::<Vec<_>>().join("&");
    app.send(attachments.body(Body::from(body)).unwrap()).await.expect_problem(400, "malformed_body");
}

#[tokio::test]
async fn a_parts_name_is_its_name_parameter_in_any_case() {
    let (_, partner, customer) = TestApp::with_customer("").await;
    let path = format!("/v3/customers/{customer}/documents");
    let send = async |disposition: &str| {
        let head = "--b\r\ncontent-disposition: form-data; name=\"type\"\r\n\r\ncnh\r\n--b\r\n";
        let body = format!("{head}Content-Disposition: {disposition}\r\n\r\n%PDF-1.7\r\n--b--\r\n");
        partner.send_form(&path, body.as_bytes(), "b", None).await
    };
    for disposition in [
        r#"form-data; filename="a; name=type.pdf"; name="file""#,
        r#"form-data; filename="a; name=\"type\"; x.pdf"; name="file""#,
        r#"Form-Data; NAME="file"; FileName="a.pdf""#,
        "form-data;name=file;filename=a.pdf",
        r#"form-data; name = "file" ; filename="C:\dir\a.pdf";"#,
        r#"form-data; filename*=UTF-8''cr%C3%A9dito.pdf; name="file"; filename="crédito.pdf""#,
    ] {
        send(disposition).await.expect(201);
    }
    for (disposition, code) in [
        (r#"form-data; filename="a; name=file.pdf""#, "missing_file"),
        (r#"form-data; name="file"; name="type""#, "malformed_body"),
        (r#"form-data; name="file"#, "malformed_body"),
        (r#"attachment; name="file""#, "malformed_body"),
    ] {
        send(disposition).await.expect_problem(400, code);
    }
}

#[tokio::test]
async fn compressed_bodies_are_refused_with_their_encoding() {
    let (app, partner, customer) = TestApp::with_customer("").await;
    let gzip = b"\x1f\x8b\x08\x00";
    for (path, content_type) in [
        ("/v3/customers".to_owned(), "application/json"),
        (format!("/v3/customers/{customer}/documents"), "multipart/form-data; boundary=b"),
        (format!("/api/v3/customers/{customer}/kyc-attachments"), "application/x-www-form-urlencoded"),
        ("/v3/auth/token".to_owned(), "application/x-www-form-urlencoded"),
        ("/api/v3/auth/token".to_owned(), "application/json"),
    ] {
        for encoding in ["gzip", "GZIP", "identity, br"] {
            let request = Request::post(&path)
                .header("authorization", format!("Bearer {}", partner.token))
                .header("content-type", content_type)
                .header("content-encoding", encoding);
            // The token endpoint reads another kind of credential from this header.
            let mut request = request.body(Body::from(&gzip[..])).unwrap();
            if path.ends_with("/token") {
                request.headers_mut().remove("authorization");
            }
            let answer = app.send(request).await.expect_problem(415, "unsupported_content_encoding");
            assert_eq!(answer.body["title"], "Unsupported Media Type");
            assert_eq!(answer.header("accept-encoding"), Some("identity"));
        }
    }
    let body = registration(52_998_224, "").to_string();
    let plain = Request::post("/v3/customers")
        .header("authorization", format!("Bearer {}", partner.token))
        .header("content-type", "application/json")
        .header("content-encoding", "Identity");
    app.send(plain.body(Body::from(body)).unwrap()).await.expect(201);
}

#[tokio::test]
async fn answers_are_not_cached_and_their_types_are_not_guessed() {
    let (app, partner) = TestApp::with_partner().await;
    let answers = [
        partner.get("/v3/customers").await.expect(200),
        partner.get("/v3/nothing").await.expect(404),
        app.get("/v3/customers").await.expect(401),
        app.get("/operator/v1/customers").await.expect(401),
        app.get("/health").await.expect(200),
        app.get("/").await.expect(200),
    ];
    for answer in answers {
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        // The test's server runs behind a proxy that ends TLS.
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
    }
    assert_eq!(app.get("/assets/page.css").await.expect(200).header("cache-control"), Some("no-cache"));
}

/// Number of files in the blob store.
pub(crate) fn files(app: &TestApp) -> usize {
    crate::machine::files_under(&app.state.config.data.join("blobs")).len()
}

#[tokio::test]
async fn stored_files_are_sealed_and_readable_again() {
    let (app, partner, customer) = TestApp::with_customer("").await;
    let content = [JPEG, &vec![b'q'; 200_000]].concat();
    partner.upload(&customer, "selfie", &content).await.expect(201);
    let folder = app.state.config.data.join("blobs").join(partner.id.to_string());
    let file = std::fs::read_dir(folder).unwrap().flatten().next().unwrap();
    let sealed = std::fs::read(file.path()).unwrap();
    assert!(!sealed.windows(8).any(|window| window == b"qqqqqqqq"));
    let (tenant, name) = (partner.id, format!("{}/{}", partner.id, file.file_name().to_string_lossy()));
    let of_file = name.clone();
    let key = move |tx: &mut store::Tx<'_>| store::blob::BlobKey::of_file(tx, tenant, &of_file);
    let key = app.state.store.read(key).await.unwrap();
    assert_eq!(app.state.blobs.get(&key, &name).await.unwrap(), content);
    let mut tampered = sealed.clone();
    tampered[100_000] ^= 1;
    std::fs::write(file.path(), &tampered).unwrap();
    app.state.blobs.get(&key, &name).await.unwrap_err();
    std::fs::write(file.path(), &sealed[..7 + 2 * (64 * 1024 + 16)]).unwrap();
    app.state.blobs.get(&key, &name).await.expect_err("a file cut at a segment's end cannot be opened");
}

#[tokio::test]
async fn well_formed_request_ids_are_kept() {
    let app = TestApp::new().await;
    let ask = async |id: &str| {
        let request = Request::get("/health").header("x-request-id", id).body(Body::empty()).unwrap();
        app.send(request).await.expect(200).header("x-request-id").unwrap().to_owned()
    };
    assert_eq!(ask("my-id.1").await, "my-id.1");
    assert_eq!(ask(&"x".repeat(128)).await, "x".repeat(128));
    for id in ["", "has space", &"x".repeat(129)] {
        assert!(ask(id).await.starts_with("req_"), "{id}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_and_too_many_headers_are_refused() {
    let partner = TestApp::new().await.partner().await;
    partner.get("/v3/nothing").await.expect_problem(404, "route_not_found");
    partner.get("/").await.expect(200);
    let answer = partner.call(axum::http::Method::PUT, "/v3/customers", None).await;
    let answer = answer.expect_problem(405, "method_not_allowed");
    let mut allowed: Vec<&str> = answer.header("allow").unwrap().split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
    let long = "x".repeat(17 * 1024);
    partner
        .call_with(axum::http::Method::GET, "/v3/customers", None, &[("x-long", &long)])
        .await
        .expect_problem(400, "invalid_request");
}
