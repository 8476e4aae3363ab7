//! Passkeys in the console, made and used by an authenticator in software.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::Session;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::answer::Answer;
use crate::console::{Person, text, trail};
use crate::console_sign_in::{Enrolled, PASSWORD, half_open, password_form, sign_in};
use crate::support::TestApp;

const ORIGIN: &str = "https://dinie.test";
const FIRST: &str = "/sign-in/authenticator";
const MORE: &str = "/me/passkeys";
const CODE: &str = "/sign-in/code";
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const WITH_KEY: u8 = 0x40;

/// An authenticator with one passkey.
struct Device {
    key: EcdsaKeyPair,
    id: [u8; 16],
    counter: u32,
    origin: &'static str,
    flags: u8,
}

fn text64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Device {
    fn new(number: u8) -> Self {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref(), &random).unwrap();
        Self { key, id: [number; 16], counter: 0, origin: ORIGIN, flags: PRESENT | VERIFIED }
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let party = Sha256::digest(b"dinie.test");
        [&party[..], &[flags], &self.counter.to_be_bytes()].concat()
    }

    /// Makes the passkey that a page asks for.
    fn make(&mut self, options: &Value) -> String {
        self.counter += 1;
        let point = self.key.public_key().as_ref();
        // The public key as COSE: an elliptic curve, ES256, P-256, and both coordinates.
        let key: [&[u8]; 4] =
            [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], &point[1..33], &[0x22, 0x58, 32], &point[33..]];
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data = self.data(self.flags | WITH_KEY);
        let data = [&data[..], &[0; 16], &length, &self.id, &key.concat()].concat();
        let length = u8::try_from(data.len()).unwrap();
        let head = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58";
        let attestation = [&head[..], &[length], &data].concat();
        let client = self.client_data("webauthn.create", options);
        self.answer(&json!({
            "attestationObject": text64(&attestation), "clientDataJSON": text64(&client), "transports": ["internal"],
        }))
    }

    /// Signs the challenge of a page.
    fn give(&mut self, options: &Value) -> String {
        self.counter += 1;
        let (data, client) = (self.data(self.flags), self.client_data("webauthn.get", options));
        let signed = [&data[..], &Sha256::digest(&client)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        self.answer(&json!({
            "authenticatorData": text64(&data), "clientDataJSON": text64(&client),
            "signature": text64(signature.as_ref()), "userHandle": null,
        }))
    }

    fn answer(&self, response: &Value) -> String {
        let id = text64(&self.id);
        let kind = "public-key";
        json!({
            "id": id, "rawId": id, "type": kind, "response": response, "clientExtensionResults": {},
        })
        .to_string()
    }
}

fn encoded(text: &str) -> String {
    text.bytes().flat_map(|byte| format!("%{byte:02X}").into_bytes()).map(char::from).collect()
}

/// The options that a page has for the browser.
async fn options(person: &Person, page: &str) -> Value {
    options_in(&text(&person.page(page).await.expect(200).bytes))
}

fn options_in(page: &str) -> Value {
    let options = page.split("data-options=\"").nth(1).unwrap().split('"').next().unwrap();
    serde_json::from_str(&options.replace("&#34;", "\"").replace("&#38;", "&")).unwrap()
}

async fn send(person: &Person, path: &str, answer: &str) -> Answer {
    person.press(path, &format!("name=Notebook&answer={}", encoded(answer))).await
}

/// A person whose only second factor is a passkey, and the device.
async fn with_passkey(app: &TestApp) -> (Person, String, Device) {
    let (invited, email) = half_open(app).await;
    let chosen = invited.press("/sign-in/password", &password_form()).await.expect(303);
    let half = invited.after(&chosen);
    let mut device = Device::new(1);
    let answer = device.make(&options(&half, FIRST).await);
    let made = send(&half, FIRST, &answer).await.expect(200);
    assert_eq!(text(&made.bytes).matches("<code>").count(), 10, "recovery codes come with the first factor");
    half.page("/console").await.expect(303);
    (half.after(&made), email.to_string(), device)
}

/// The form that adds a passkey to a person's account.
pub(crate) async fn adding_form(person: &Person, number: u8) -> String {
    let answer = Device::new(number).make(&options(person, MORE).await);
    format!("name=Notebook&answer={}", encoded(&answer))
}

/// The form that removes one of two passkeys.
pub(crate) async fn removing_form(person: &Person) -> String {
    for number in [1, 2] {
        let form = adding_form(person, number).await;
        person.press(MORE, &form).await;
    }
    format!("id={}", text64(&[2; 16]))
}

/// The person in the session that a right password opens.
async fn gave_password(person: &Person, email: &str) -> Person {
    let answer = sign_in(&person.app, email, PASSWORD, "198.51.100.7").await.expect(303);
    assert_eq!(answer.header("location"), Some(CODE));
    person.after(&answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_made_at_the_first_sign_in_and_completes_the_next_ones() {
    for app in TestApp::on_each_engine().await {
        let (person, email, mut device) = with_passkey(&app).await;
        person.page("/console").await.expect(200);
        for _ in 0..2 {
            let half = gave_password(&person, &email).await;
            let answer = device.give(&options(&half, CODE).await);
            let whole = send(&half, CODE, &answer).await.expect(303);
            half.page("/console").await.expect(303);
            let whole = half.after(&whole);
            let account = whole.read("/me").await;
            assert!(account.contains("Notebook") && account.contains("chave de acesso"), "{account}");
            assert!(!account.contains("passkeys/remove"), "it is the last second factor");
        }
        let whole = serde_json::to_string(&trail(&app).await).unwrap();
        assert!(whole.contains("POST /sign-in/code") && !whole.contains("Notebook"));
    }
}

#[tokio::test]
async fn a_passkey_of_another_site_is_refused() {
    let app = TestApp::new().await;
    let (person, email, mut device) = with_passkey(&app).await;
    let half = gave_password(&person, &email).await;
    device.origin = "https://dinie.evil.example";
    let refused = device.give(&options(&half, CODE).await);
    let page = send(&half, CODE, &refused).await.expect(422);
    assert!(text(&page.bytes).contains("não foi aceita"));
    device.origin = ORIGIN;
    let answer = device.give(&options_in(&text(&page.bytes)));
    send(&half, CODE, &answer).await.expect(303);

    let mut other = Device { origin: "http://dinie.test", ..Device::new(2) };
    let refused = other.make(&options(&person, MORE).await);
    send(&person, MORE, &refused).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_answered_once_and_in_its_time() {
    for app in TestApp::on_each_engine().await {
        let (person, email, mut device) = with_passkey(&app).await;
        let half = gave_password(&person, &email).await;
        let used = device.give(&options(&half, CODE).await);
        send(&half, CODE, &used).await.expect(303);
        let half = gave_password(&person, &email).await;
        send(&half, CODE, &used).await.expect(422);
        let replaced = device.give(&options(&half, CODE).await);
        let newer = options(&half, CODE).await;
        send(&half, CODE, &replaced).await.expect(422);
        let late = device.give(&newer);
        app.clock.advance(Duration::from_mins(5));
        send(&half, CODE, &late).await.expect(422);
        let answer = device.give(&options(&half, CODE).await);
        send(&half, CODE, &answer).await.expect(303);

        let mut other = Device::new(2);
        let made = other.make(&options(&person, MORE).await);
        send(&person, MORE, &made).await.expect(303);
        send(&person, MORE, &made).await.expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_answers_to_one_challenge_at_once_sign_in_once() {
    for app in TestApp::on_each_engine().await {
        let (person, email, mut device) = with_passkey(&app).await;
        let half = gave_password(&person, &email).await;
        let answer = device.give(&options(&half, CODE).await);
        let (one, other) = tokio::join!(send(&half, CODE, &answer), send(&half, CODE, &answer));
        let whole = [one, other].into_iter().filter(|answer| answer.header("set-cookie").is_some());
        assert_eq!(whole.count(), 1);
    }
}

#[tokio::test]
async fn a_counter_that_goes_back_and_an_unverified_person_are_refused() {
    let app = TestApp::new().await;
    let (person, email, mut device) = with_passkey(&app).await;
    let half = gave_password(&person, &email).await;
    let answer = device.give(&options(&half, CODE).await);
    send(&half, CODE, &answer).await.expect(303);

    let half = gave_password(&person, &email).await;
    device.counter -= 1;
    let copy = device.give(&options(&half, CODE).await);
    send(&half, CODE, &copy).await.expect(422);
    device.flags = PRESENT;
    let unverified = device.give(&options(&half, CODE).await);
    send(&half, CODE, &unverified).await.expect(422);
    device.flags = PRESENT | VERIFIED;
    let answer = device.give(&options(&half, CODE).await);
    send(&half, CODE, &answer).await.expect(303);
}

#[tokio::test]
async fn a_passkey_of_somebody_else_and_a_malformed_answer_are_refused() {
    let app = TestApp::new().await;
    let (person, email, _) = with_passkey(&app).await;
    let (_, _, mut others) = with_passkey(&app).await;
    let half = gave_password(&person, &email).await;
    let answer = others.give(&options(&half, CODE).await);
    send(&half, CODE, &answer).await.expect(422);
    for answer in ["", "{}", "null", "[1]"] {
        send(&half, CODE, answer).await.expect(422);
        send(&person, MORE, answer).await.expect(422);
    }
    let made = others.make(&options(&person, MORE).await);
    send(&half, CODE, &made).await.expect(422);
    let unnamed = format!("name=&answer={}", encoded(&made));
    person.press(MORE, &unnamed).await.expect(422);
}

#[tokio::test]
async fn passkeys_are_added_and_removed_only_with_a_fresh_proof_and_never_the_last() {
    let app = TestApp::new().await;
    let (person, email, mut device) = with_passkey(&app).await;
    let remove = |device: &Device| format!("id={}", text64(&device.id));
    person.press("/me/passkeys/remove", &remove(&device)).await.expect(303);
    person.page("/console").await.expect(200);
    assert!(person.read("/me").await.contains("Notebook"), "the last one stays");

    app.clock.advance(Session::FRESH);
    let proof = Some("/sign-in/proof?to=%2Fme");
    assert_eq!(person.page(MORE).await.expect(303).header("location"), proof);
    for (path, form) in [(MORE, "name=a&answer=".to_owned()), ("/me/passkeys/remove", remove(&device))] {
        let place = person.press(path, &form).await.expect(303).header("location").unwrap().to_owned();
        assert!(place.starts_with("/sign-in/proof"), "{path}: {place}");
    }
    let answer = device.give(&options(&person, "/sign-in/proof").await);
    let proved = send(&person, "/sign-in/proof", &answer).await.expect(303);
    let person = person.after(&proved);

    let elsewhere = gave_password(&person, &email).await;
    let answer = device.give(&options(&elsewhere, CODE).await);
    let elsewhere = elsewhere.after(&send(&elsewhere, CODE, &answer).await.expect(303));
    let mut spare = Device::new(2);
    let made = spare.make(&options(&person, MORE).await);
    send(&person, MORE, &made).await.expect(303);
    assert_eq!(person.read("/me").await.matches("passkeys/remove").count(), 2);
    person.press("/me/passkeys/remove", &remove(&device)).await.expect(303);
    person.page("/console").await.expect(200);
    elsewhere.page("/console").await.expect(303);
    let half = gave_password(&person, &email).await;
    let gone = device.give(&options(&half, CODE).await);
    send(&half, CODE, &gone).await.expect(422);
    let answer = spare.give(&options(&half, CODE).await);
    send(&half, CODE, &answer).await.expect(303);
}

#[tokio::test]
async fn a_passkey_is_added_to_an_authenticator_app_and_either_signs_in() {
    let app = TestApp::new().await;
    let enrolled = Enrolled::new(&app).await;
    let mut device = Device::new(1);
    let made = device.make(&options(&enrolled.person, MORE).await);
    send(&enrolled.person, MORE, &made).await.expect(303);
    let half = enrolled.gave_password().await;
    let answer = device.give(&options(&half, CODE).await);
    send(&half, CODE, &answer).await.expect(303);
    let half = enrolled.gave_password().await;
    half.press(CODE, &format!("code={}", enrolled.recovery_codes[0])).await.expect(303);
}
