//! The Pix code of a payment: the BR Code, which a bank's application reads from a QR image or as pasted text.
//!
//! A list of fields (EMV QRCPS): two digits of id, two of length, the value; the last is a check sum. The amount is
//! not in it: whoever pays fetches the charge at its location.
//!
//! Reasons: docs/decisions/0009.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::person::Name;
use crate::tax_id::{Cnpj, Cpf};

/// The receiver, in plain capitals, as short as the code requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    name: String,
    city: String,
}

/// The payer of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payer {
    /// The borrowing company.
    Company(Cnpj, Option<Name>),
    /// The person, where no company was given.
    Person(Cpf, Option<Name>),
}

/// The text that is paid with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrCode(String);

/// The location has no room in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a Pix location has at most {MOST_LOCATION} characters, without its scheme")]
pub struct LocationTooLong;

/// The field of the receiver holds 99 characters, of which its own fields take 22.
pub const MOST_LOCATION: usize = 77;
const MOST_NAME: usize = 25;
const MOST_CITY: usize = 15;

impl Receiver {
    /// Folds and cuts a name and a city to what the code holds; `None` where nothing is left of one.
    pub fn new(name: &str, city: &str) -> Option<Self> {
        let (name, city) = (folded(name, MOST_NAME), folded(city, MOST_CITY));
        (!name.is_empty() && !city.is_empty()).then_some(Self { name, city })
    }
}

impl BrCode {
    /// The code of a charge that waits at `location`, an HTTPS URL without its scheme.
    pub fn dynamic(location: &str, receiver: &Receiver) -> Result<Self, LocationTooLong> {
        if location.len() > MOST_LOCATION || !location.is_ascii() {
            return Err(LocationTooLong);
        }
        let account = [field("00", "br.gov.bcb.pix"), field("25", location)].concat();
        let fields = [
            field("00", "01"),
            // Several uses are not allowed: this code is for one payment.
            field("01", "12"),
            field("26", &account),
            field("52", "0000"),
            field("53", "986"),
            field("58", "BR"),
            field("59", &receiver.name),
            field("60", &receiver.city),
            field("62", &field("05", "***")),
        ];
        let mut code = fields.concat();
        code.push_str("6304");
        let sum = crc16(code.as_bytes());
        Ok(Self(format!("{code}{sum:04X}")))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn field(id: &str, value: &str) -> String {
    format!("{id}{:02}{value}", value.len())
}

/// Plain capitals, digits and spaces, at most `most` of them: what every bank's reader takes.
fn folded(text: &str, most: usize) -> String {
    // Letters come apart into themselves and their marks; those that have no mark to lose are spelt out.
    let apart: String = text.nfkd().filter(|character| !is_combining_mark(*character)).map(spelt).collect();
    let plain = apart.chars().filter(|character| character.is_ascii_alphanumeric() || *character == ' ');
    plain.take(most).map(|character| character.to_ascii_uppercase()).collect::<String>().trim().to_owned()
}

/// A Latin letter that does not decompose, as it is written without it.
fn spelt(letter: char) -> String {
    let plain = match letter {
        'ß' | 'ẞ' => "SS",
        'æ' | 'Æ' => "AE",
        'œ' | 'Œ' => "OE",
        'þ' | 'Þ' => "TH",
        'ø' | 'Ø' => "O",
        'ł' | 'Ł' => "L",
        'đ' | 'Đ' | 'ð' | 'Ð' => "D",
        'ħ' | 'Ħ' => "H",
        'ı' => "I",
        'ŋ' | 'Ŋ' => "N",
        'ŧ' | 'Ŧ' => "T",
        other => return other.into(),
    };
    plain.to_owned()
}

/// CRC-16/CCITT-FALSE: polynomial 0x1021, beginning with 0xFFFF.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum, byte| {
        (0..8).fold(sum ^ (u16::from(*byte) << 8), |sum: u16, _| {
            if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_published_check_sums() {
        assert_eq!(crc16(b"123456789"), 0x29B1);
        let published = "00020101021226700014br.gov.bcb.pix2548pix.example.com/8b3da2f39a4140d1a91abd93113bd441\
                         5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***6304";
        assert_eq!(crc16(published.as_bytes()), 0x64E4);
    }

    #[test]
    fn the_published_code_is_made_of_its_parts() {
        let receiver = Receiver { name: "Fulano de Tal".into(), city: "BRASILIA".into() };
        let code = BrCode::dynamic("pix.example.com/8b3da2f39a4140d1a91abd93113bd441", &receiver).unwrap();
        assert_eq!(
            code.as_str(),
            "00020101021226700014br.gov.bcb.pix2548pix.example.com/8b3da2f39a4140d1a91abd93113bd441\
             5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***630464E4"
        );
    }

    #[test]
    fn names_are_folded_and_cut_and_a_location_that_is_too_long_is_refused() {
        let receiver =
            Receiver::new("Dinie Sociedade de Crédito Direto S.A.", "São José dos Campos").unwrap();
        assert_eq!(
            (receiver.name.as_str(), receiver.city.as_str()),
            ("DINIE SOCIEDADE DE CREDIT", "SAO JOSE DOS CA")
        );
        assert!(BrCode::dynamic(&"a".repeat(77), &receiver).is_ok());
        assert_eq!(BrCode::dynamic(&"a".repeat(78), &receiver), Err(LocationTooLong));
    }

    #[test]
    fn letters_with_marks_lose_them_and_what_folds_to_nothing_is_no_receiver() {
        for (name, plain) in [
            ("Muñoz Citroën", "MUNOZ CITROEN"),
            ("Pînhão Ròla Ÿ", "PINHAO ROLA Y"),
            ("Ångström Dvořák", "ANGSTROM DVORAK"),
            ("Straße Øre Łódź", "STRASSE ORE LODZ"),
            ("Nguyễn ﬁn Ａ", "NGUYEN FIN A"),
            ("E\u{301}cole", "ECOLE"),
        ] {
            assert_eq!(Receiver::new(name, "Natal").unwrap().name, plain, "{name}");
        }
        assert_eq!(Receiver::new("信用", "Natal"), None);
        assert_eq!(Receiver::new("Dinie", "· — ·"), None);
        assert_eq!(Receiver::new("   ", "Natal"), None);
    }

    proptest! {
        /// Whoever reads the fields one by one comes out exactly at the check sum, which agrees.
        #[test]
        fn every_code_reads_field_by_field(location in "[a-z0-9./]{1,77}", name in ".{0,40}", city in ".{0,40}") {
            let receiver = Receiver::new(&format!("A{name}"), &format!("B{city}")).unwrap();
            let code = BrCode::dynamic(&location, &receiver).unwrap();
            let (mut rest, mut ids) = (code.as_str(), Vec::new());
            while !rest.is_empty() {
                let length: usize = rest[2..4].parse().unwrap();
                ids.push(&rest[..2]);
                rest = &rest[4 + length..];
            }
            prop_assert_eq!(ids, ["00", "01", "26", "52", "53", "58", "59", "60", "62", "63"]);
            let (body, sum) = code.as_str().split_at(code.as_str().len() - 4);
            prop_assert_eq!(sum, format!("{:04X}", crc16(body.as_bytes())));
        }
    }
}
