//! Files with orders for the bank, and its answers: no money leaves twice, and no answer counts twice.

use domain::access::FourEyes;
use serde_json::{Value, json};

use crate::console::Person;
use crate::operator::Operator;
use crate::support::{Partner, TestApp};

pub(crate) const HEADER: &str = "contract,amount,outcome,reason\n";

/// Signed loans whose disbursement was ordered.
pub(crate) async fn ordered(partner: &Partner, operator: &Operator, numbers: &[u32]) -> Vec<Value> {
    let mut made = Vec::new();
    for number in numbers {
        made.push(partner.loan(*number, "never_signs").await.id());
    }
    // No time passes from here on, so the autopilot disburses nothing.
    for loan in &made {
        partner.sign_all(loan).await;
    }
    let mut loans = Vec::new();
    for loan in made {
        loans.push(operator.act(&format!("/loans/{loan}/disbursement")).await.expect(200).body);
    }
    loans
}

fn line(loan: &Value, outcome: &str) -> String {
    format!("{},{},{outcome},\n", loan["ccb_number"].as_str().unwrap(), loan["net_amount"].as_str().unwrap())
}

async fn status(operator: &Operator, loan: &Value) -> String {
    let path = format!("/loans/{}", loan["id"].as_str().unwrap());
    operator.get(&path).await.expect(200).body["status"].as_str().unwrap().to_owned()
}

pub(crate) fn effects(answer: &Value) -> Vec<&str> {
    answer["data"].as_array().unwrap().iter().map(|line| line["effect"].as_str().unwrap()).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_in_one_file_and_its_answer_counts_once() {
    for app in TestApp::on_each_engine().await {
        let (operator, partner) = (Operator::of(&app).await, app.partner().await);
        let nothing = operator.post("/bank-files", &json!({"format": "csv"})).await;
        nothing.expect_problem(409, "invalid_state");
        let loans = ordered(&partner, &operator, &[529_982_247, 111_444_777, 123_456_789]).await;
        let make = json!({"format": "csv"});
        let two = tokio::join!(operator.post("/bank-files", &make), operator.post("/bank-files", &make));
        let mut statuses = [two.0.status.as_u16(), two.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "two files at once share no order");
        let made = if two.0.status == 201 { two.0 } else { two.1 };
        assert_eq!((&made.body["orders"], &made.body["number"]), (&json!(3), &json!(1)));
        let path = format!("/bank-files/{}", made.id());
        let content = text(&operator.get(&path).await.expect(200).bytes);
        assert_eq!(content.lines().count(), 4, "{content}");
        let first = loans[0]["id"].as_str().unwrap();
        let cancel = operator.act(&format!("/loans/{first}/cancel")).await;
        cancel.expect_problem(409, "invalid_state");

        let (paid, back) = (line(&loans[0], "paid"), line(&loans[1], "returned"));
        let other = line(&loans[2], "paid").replace(loans[2]["net_amount"].as_str().unwrap(), "1.00");
        let content = format!("{HEADER}{paid}{back}{other}{paid}CCB-2026-999999,1.00,paid,\n");
        let answer = json!({ "content": content });
        let expected = ["confirms", "returns", "other_amount", "repeated", "unknown_contract"];
        let preview = operator.post("/bank-answers/preview", &answer).await.expect(200).body;
        assert_eq!(effects(&preview), expected);
        assert_eq!(status(&operator, &loans[0]).await, "disbursing", "a preview changes nothing");
        let done = operator.post("/bank-answers", &answer).await.expect(200).body;
        assert_eq!(effects(&done), expected);
        let states = [status(&operator, &loans[0]).await, status(&operator, &loans[1]).await];
        assert_eq!(states, ["active", "error"]);
        assert_eq!(status(&operator, &loans[2]).await, "disbursing");
        let again = operator.post("/bank-answers", &answer).await.expect(200).body;
        assert_eq!(effects(&again), ["done", "done", "other_amount", "repeated", "unknown_contract"]);
        let wrong = json!({"content": format!("{HEADER}{paid}x,1.00,paid,\n")});
        operator.post("/bank-answers", &wrong).await.expect(422);
        assert_eq!(text(&operator.get(&path).await.expect(200).bytes).lines().count(), 4, "the same file");
        app.check_ledger().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_cnab_has_records_of_240_characters_and_its_answer_is_read() {
    let app = TestApp::new().await;
    let (operator, partner) = (Operator::of(&app).await, app.partner().await);
    let loans = ordered(&partner, &operator, &[529_982_247, 111_444_777]).await;
    let made = operator.post("/bank-files", &json!({"format": "cnab240"})).await.expect(201);
    let content = text(&operator.get(&format!("/bank-files/{}", made.id())).await.expect(200).bytes);
    let records: Vec<&str> = content.lines().collect();
    assert!(records.iter().all(|record| record.len() == 240 && record.is_ascii()), "{content}");
    let kinds: String = records.iter().map(|record| &record[7..8]).collect();
    assert_eq!(kinds, "01333359");
    let segments: String = records[2..6].iter().map(|record| &record[13..14]).collect();
    assert_eq!(segments, "ABAB");
    assert_eq!(records[0][142..143], *"1");
    assert_eq!(records[1][8..16], *"C2045046");
    let cents = loans[0]["net_amount"].as_str().unwrap().replace('.', "");
    assert_eq!(records[2][119..134], format!("{cents:0>15}"));
    assert_eq!(records[2][73..93].trim(), loans[0]["ccb_number"].as_str().unwrap());
    assert_eq!(&records[2][17..20], "009");
    assert_eq!(&records[7][23..29], "000008", "all records");

    // The bank answers with the same records and the occurrences of each order.
    let sent = json!({ "content": content });
    operator.post("/bank-answers", &sent).await.expect(422);
    let occurrences = |record: &str, code: &str| format!("{}{code:<10}\n", &record[..230]);
    let header = format!("{}2{}\n", &records[0][..142], &records[0][143..]);
    let answer = [
        header,
        format!("{}\n", records[1]),
        occurrences(records[2], "00"),
        format!("{}\n", records[3]),
        occurrences(records[4], "AG"),
    ];
    let answer = json!({ "content": answer.concat() });
    let done = operator.post("/bank-answers", &answer).await.expect(200).body;
    assert_eq!(effects(&done), ["confirms", "returns"]);
    assert!(done["data"][1]["reason"].as_str().unwrap().contains("AG"));
    assert_eq!(effects(&operator.post("/bank-answers", &answer).await.expect(200).body), ["done", "done"]);
    app.check_ledger().await;
}

/// Whatever the bank answers in whatever order and how often, each loan gets its money once, and the ledger is right.
#[tokio::test(flavor = "multi_thread")]
async fn no_order_of_answers_moves_money_twice() {
    for app in TestApp::on_each_engine().await {
        let (operator, partner) = (Operator::of(&app).await, app.partner().await);
        let numbers: Vec<u32> = (0..6).map(|number| 100_000_001 + number).collect();
        let loans = ordered(&partner, &operator, &numbers).await;
        operator.post("/bank-files", &json!({"format": "csv"})).await.expect(201);
        let mut seed = 7_u64;
        let mut ended = vec![None; loans.len()];
        for _ in 0..12 {
            let mut content = HEADER.to_owned();
            let mut named = Vec::new();
            for _ in 0..4 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let place = usize::try_from(seed >> 33).unwrap() % loans.len();
                let outcome = ["paid", "returned", "pending"][usize::try_from(seed >> 20).unwrap() % 3];
                content.push_str(&line(&loans[place], outcome));
                if !named.contains(&place) {
                    named.push(place);
                    if ended[place].is_none() && outcome != "pending" {
                        ended[place] = Some(if outcome == "paid" { "active" } else { "error" });
                    }
                }
            }
            operator.post("/bank-answers", &json!({ "content": content })).await.expect(200);
            for (loan, end) in loans.iter().zip(&ended) {
                assert_eq!(status(&operator, loan).await, end.unwrap_or("disbursing"), "{content}");
            }
        }
        app.check_ledger().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_make_files_and_apply_answers_after_a_preview() {
    let app = TestApp::new().await;
    assert_eq!(app.state.config.four_eyes, FourEyes::Off);
    let (operator, partner) = (Operator::of(&app).await, app.partner().await);
    let treasurer = Person::with_roles(&app, "treasury".parse().unwrap()).await;
    assert!(text(&treasurer.page("/console/money").await.expect(200).bytes).contains("Nada para enviar"));
    treasurer.press("/console/money/files", "format=csv").await.expect(409);
    let loans = ordered(&partner, &operator, &[529_982_247, 111_444_777]).await;
    let page = text(&treasurer.page("/console/money").await.expect(200).bytes);
    assert!(page.contains("Fazer arquivo CSV de R$") && page.contains("2 ordens"), "{page}");
    treasurer.press("/console/money/files", "format=csv").await.expect(303);
    let page = text(&treasurer.page("/console/money").await.expect(200).bytes);
    assert!(page.contains("Arquivo 1") && page.contains("Nada para enviar"), "{page}");
    let file = page.split("href=\"/console/money/files/").nth(1).unwrap().split('"').next().unwrap();
    let file = treasurer.page(&format!("/console/money/files/{file}")).await.expect(200);
    assert!(file.header("content-disposition").unwrap().starts_with("attachment"));
    assert_eq!(text(&file.bytes).lines().count(), 3);

    let content = format!("{HEADER}{}{}", line(&loans[0], "paid"), line(&loans[1], "pending"));
    let preview = text(&treasurer.upload("/console/money/answers", &content).await.expect(200).bytes);
    assert!(
        preview.contains("Confirma 1, devolve 0, e 1 linhas") && preview.contains("Aplicar 1 linha"),
        "{preview}"
    );
    assert_eq!(status(&operator, &loans[0]).await, "disbursing");
    let encoded = content.replace(',', "%2C").replace('\n', "%0A");
    for words in ["Confirmou 1", "Confirmou 0"] {
        let done = treasurer.press("/console/money/answers/apply", &format!("content={encoded}")).await;
        let done = text(&done.expect(200).bytes);
        assert!(done.contains(words), "{done}");
    }
    assert_eq!(status(&operator, &loans[0]).await, "active");
    let wrong = treasurer.upload("/console/money/answers", "a,b\n").await.expect(422);
    assert!(text(&wrong.bytes).contains("nada mudou"));
    app.check_ledger().await;
}
