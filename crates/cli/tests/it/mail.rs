//! E-mails are sent by SMTP to a mail server that sometimes refuses them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use server::config::MailServer;
use server::outbound_mail::{Letter, Mailer};
use server::workers::mail;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::console::invited;
use crate::operator::Operator;
use crate::support::{Setup, TestApp};

/// A mail server that refuses its first e-mails and keeps the rest.
#[derive(Clone)]
pub(crate) struct Server {
    mails: Arc<Mutex<Vec<String>>>,
    refusals: Arc<Mutex<u32>>,
    /// The reply to each receiver's address: 250 unless a test sets another.
    to_receivers: Arc<Mutex<&'static str>>,
}

impl Server {
    pub(crate) async fn start(refusals: u32) -> (Self, MailServer) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (refusals, to_receivers) = (Arc::new(Mutex::new(refusals)), Arc::new(Mutex::new("250 ok")));
        let server = Self { mails: Arc::default(), refusals, to_receivers };
        let running = server.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let server = running.clone();
                tokio::spawn(async move { server.talk(connection).await });
            }
        });
        let from = domain::person::Email::parse("credito@example.com").unwrap();
        (server, MailServer { url: url.into(), from })
    }

    async fn talk(self, connection: TcpStream) -> std::io::Result<()> {
        let mut connection = BufReader::new(connection);
        connection.write_all(b"220 mail.test\r\n").await?;
        let mut line = String::new();
        let mut receiver = String::new();
        loop {
            line.clear();
            if connection.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let to_receiver = format!("{}\r\n", self.to_receivers.lock().unwrap());
            let answer: &[u8] = match line.split_whitespace().next().unwrap_or_default() {
                "EHLO" => b"250-mail.test\r\n250 8BITMIME\r\n",
                "RCPT" => {
                    line.clone_into(&mut receiver);
                    to_receiver.as_bytes()
                }
                "DATA" => {
                    connection.write_all(b"354 go on\r\n").await?;
                    let mail = Self::data(&mut connection).await?;
                    if self.is_unwilling() {
                        let words = format!("451 not now for {}\r\n", receiver.trim());
                        connection.write_all(words.as_bytes()).await?;
                        continue;
                    }
                    self.mails.lock().unwrap().push(mail);
                    b"250 taken\r\n"
                }
                "QUIT" => b"221 bye\r\n",
                _any => b"250 ok\r\n",
            };
            connection.write_all(answer).await?;
        }
    }

    async fn data(connection: &mut BufReader<TcpStream>) -> std::io::Result<String> {
        let (mut mail, mut line) = (String::new(), String::new());
        while connection.read_line(&mut line).await? > 0 && line != ".\r\n" {
            mail.push_str(&line);
            line.clear();
        }
        Ok(mail)
    }

    /// Whether this e-mail is refused: the first few are, or all.
    fn is_unwilling(&self) -> bool {
        let mut left = self.refusals.lock().unwrap();
        let refused = *left > 0;
        if *left != ALL {
            *left = left.saturating_sub(1);
        }
        refused
    }
}

/// The count that refuses every e-mail.
const ALL: u32 = u32::MAX;

#[tokio::test]
async fn a_refused_email_is_retried_until_it_is_sent_once() {
    let (server, config) = Server::start(3).await;
    let mailer = Mailer::new(&config).unwrap();
    let app = TestApp::with(Setup { mail: Some(config), ..Setup::default() }).await;
    let partner = app.partner().await;
    let loan = partner.loan(529_982_247, "never_signs").await;
    let url = loan.body["signing_url"].as_str().unwrap().to_owned();
    let letter = Letter {
        id: "ml_0190f3b4c5d67e8f90a1b2c3d4e5f607".parse().unwrap(),
        to: &domain::person::Email::parse("vera@example.com").unwrap(),
        subject: "a",
        text: "b",
    };
    let error = mailer.send(letter).await.unwrap_err().to_string();
    assert!(error.contains("451") && !error.contains("vera"), "the log names no receiver: {error}");
    // After two refusals the next attempt waits for its time.
    assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 1);
    assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 0);
    app.clock.advance(Duration::from_secs(31));
    assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 1);
    assert!(server.mails.lock().unwrap().is_empty());
    app.clock.advance(Duration::from_secs(61));
    assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 1);
    app.clock.advance(Duration::from_secs(86_400));
    assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 0, "a sent e-mail is not sent again");
    let mails = server.mails.lock().unwrap().clone();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert!(
        mail.contains("To: ana+never_signs@example.com")
            && mail.contains("From: Dinie <credito@example.com>")
    );
    assert!(mail.contains("Subject: Assine a CCB-2026-000001"));
    // Long lines are split, and other characters than ASCII are encoded.
    let text = mail.replace("=\r\n", "").replace("=3D", "=");
    assert!(text.contains(&url) && text.contains("Ol=C3=A1, Ana Souza,"), "{text}");
}

#[tokio::test]
async fn an_email_without_success_fails_after_a_day_and_delays_no_other() {
    let (_server, config) = Server::start(ALL).await;
    let mailer = Mailer::new(&config).unwrap();
    let app = TestApp::with(Setup { mail: Some(config), ..Setup::default() }).await;
    app.partner().await.loan(529_982_247, "never_signs").await;
    let mut tries = 0;
    for _ in 0..200 {
        tries += mail::tick(&app.state, &mailer).await.unwrap();
        app.clock.advance(Duration::from_secs(600));
    }
    assert_eq!(tries, 12);
    assert_eq!(app.state.store.read(app::mails::next_due).await.unwrap(), None);
}

#[tokio::test]
async fn a_permanently_refused_email_is_listed_and_sent_again_by_an_operator_on_sqlite() {
    let (server, config) = Server::start(0).await;
    let app = TestApp::with(Setup { mail: Some(config.clone()), ..Setup::default() }).await;
    refused_for_good(&app, server, &config).await;
}

#[tokio::test]
async fn a_permanently_refused_email_is_listed_and_sent_again_by_an_operator_on_postgresql() {
    let (server, config) = Server::start(0).await;
    if let Some(app) =
        TestApp::on_postgres_with(Setup { mail: Some(config.clone()), ..Setup::default() }).await
    {
        refused_for_good(&app, server, &config).await;
    }
}

async fn refused_for_good(app: &TestApp, server: Server, config: &MailServer) {
    let mailer = Mailer::new(config).unwrap();
    let partner = app.partner().await;
    *server.to_receivers.lock().unwrap() = "550 no such user ana";
    let loan = partner.loan(529_982_247, "never_signs").await;
    assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 1);
    app.clock.advance(Duration::from_secs(86_400));
    assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 0, "a 5xx reply is permanent");

    let operator = Operator::of(app).await;
    let failed = operator.get("/mails?status=failed").await.expect(200).body;
    let [mail] = &failed["data"].as_array().unwrap()[..] else { panic!("{failed}") };
    assert_eq!(mail["to"], "ana+never_signs@example.com");
    assert_eq!(mail["reason"], "the mail server refused it: status 550");
    assert_eq!(mail["attempts"], 1, "the refused attempt counts");
    assert_eq!(mail["subject"], "Assine a CCB-2026-000001");
    assert_eq!(mail["partner_id"], partner.id.to_string());
    let id = mail["id"].as_str().unwrap();
    assert_eq!(operator.get("/mails?status=sent").await.expect(200).body["data"], json!([]));
    let others = operator.get(&format!("/mails?partner_id={}", app.partner().await.id)).await.expect(200);
    assert_eq!(others.body["data"], json!([]));

    *server.to_receivers.lock().unwrap() = "250 ok";
    let again = format!("/mails/{id}/send-again");
    let waiting = operator.act(&again).await.expect(200).body;
    assert_eq!(
        (&waiting["status"], &waiting["attempts"], &waiting["reason"]),
        (&json!("waiting"), &json!(0), &json!(null))
    );
    operator.act(&again).await.expect_problem(409, "invalid_state");
    assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 1);
    assert_eq!(server.mails.lock().unwrap().len(), 1);
    let sent = operator.get("/mails?status=sent").await.expect(200).body;
    assert_eq!(sent["data"][0]["id"], id);
    operator
        .act("/mails/ml_0190f3b4c5d67e8f90a1b2c3d4e5f607/send-again")
        .await
        .expect_problem(404, "resource_not_found");
    let trail = operator.get("/audit").await.expect(200).body;
    let noted = trail["data"].as_array().unwrap().iter();
    let noted = noted
        .filter(|entry| entry["operation"] == format!("POST /operator/v1{again}") && entry["status"] == 200);
    assert_eq!(noted.count(), 1);

    // A code is not sent again, because it expires before anybody reads it.
    *server.to_receivers.lock().unwrap() = "550 no such user ana";
    let link = loan.body["signing_url"].as_str().unwrap().trim_start_matches("https://dinie.test").to_owned();
    app.press(&format!("{link}/code"), "").await.expect(200);
    mail::tick(&app.state, &mailer).await.unwrap();
    let failed = operator.get("/mails?status=failed").await.expect(200).body;
    assert_eq!(failed["data"][0]["subject"], json!(null), "the hidden subject contains the code");
    let code = failed["data"][0]["id"].as_str().unwrap();
    operator.act(&format!("/mails/{code}/send-again")).await.expect_problem(409, "invalid_state");
    // Somebody has seen it: it leaves the queue.
    assert_eq!(app.check_queues().await["mails_failed"], 1);
    let closed = operator.act(&format!("/mails/{code}/close")).await.expect(200).body;
    assert_eq!(closed["status"], "closed");
    assert_eq!(operator.get(&format!("/mails/{code}")).await.expect(200).body, closed);
    operator.act(&format!("/mails/{code}/close")).await.expect_problem(409, "invalid_state");
    operator.act(&format!("/mails/{id}/close")).await.expect_problem(409, "invalid_state");
    assert_eq!(app.check_queues().await["mails_failed"], 0);
}

#[tokio::test]
async fn emails_are_sent_once_the_mail_server_accepts_the_sender() {
    let (server, config) = Server::start(0).await;
    let mailer = Mailer::new(&config).unwrap();
    let app = TestApp::with(Setup { mail: Some(config), ..Setup::default() }).await;
    *server.to_receivers.lock().unwrap() = "530 authentication required";
    app.partner().await.loan(529_982_247, "never_signs").await;
    assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 1);
    *server.to_receivers.lock().unwrap() = "250 ok";
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 1);
    assert_eq!(server.mails.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_retried_and_sent_once_and_a_refused_one_ends() {
    for with_postgres in [false, true] {
        let (server, config) = Server::start(2).await;
        let mailer = Mailer::new(&config).unwrap();
        let setup = Setup { mail: Some(config), ..Setup::default() };
        let app = if with_postgres {
            TestApp::on_postgres_with(setup).await
        } else {
            Some(TestApp::with(setup).await)
        };
        let Some(app) = app else { continue };
        let (_, email, link) = invited(&app, "Rui Tavares", "credit".parse().unwrap()).await;
        assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 1);
        assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 0, "the next attempt waits");
        for seconds in [31, 61] {
            app.clock.advance(Duration::from_secs(seconds));
            assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 1);
        }
        app.clock.advance(Duration::from_secs(86_400));
        assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 0, "a sent e-mail is not sent again");
        let mails = server.mails.lock().unwrap().clone();
        let [sent] = &mails[..] else { panic!("{mails:?}") };
        assert!(sent.contains(&format!("To: {email}")), "{sent}");
        assert!(sent.replace("=\r\n", "").contains(&format!("/sign-in/link/{link}")), "{sent}");

        *server.to_receivers.lock().unwrap() = "550 no such user";
        invited(&app, "Ana Lima", "credit".parse().unwrap()).await;
        assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 1);
        app.clock.advance(Duration::from_secs(86_400));
        assert_eq!(mail::tick(&app.state, &mailer).await.unwrap(), 0, "a 5xx reply is permanent");
        assert_eq!(app.state.store.read(app::mails::people::next_due).await.unwrap(), None);
    }
}
