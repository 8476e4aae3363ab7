//! The BR Code of a payment, which a bank's app reads from a QR image or as pasted text.
//!
//! It is a list of fields (EMV QRCPS): two digits of id, two of length, then the value. The last field is a check
//! sum. The code has no amount: the payer's bank fetches the charge from its location.
//!
//! Reasons: docs/decisions/0009.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::person::Name;
use crate::tax_id::{Cnpj, Cpf};

/// The receiver of a payment, in plain capitals and as short as the code needs.
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
    /// The person, if the customer has no CNPJ.
    Person(Cpf, Option<Name>),
}

/// The text of a BR Code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrCode(String);

/// The location is too long for the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a Pix location has at most {MOST_LOCATION} characters, without its scheme")]
pub struct LocationTooLong;

/// Most characters of a location. The receiver's field holds 99, and its other parts take 22.
pub const MOST_LOCATION: usize = 77;
const MOST_NAME: usize = 25;
const MOST_CITY: usize = 15;

impl Receiver {
    /// Folds and cuts a name and a city to fit the code; `None` if nothing is left of one.
    pub fn new(name: &str, city: &str) -> Option<Self> {
        let (name, city) = (folded(name, MOST_NAME), folded(city, MOST_CITY));
        (!name.is_empty() && !city.is_empty()).then_some(Self { name, city })
    }
}

impl BrCode {
    /// The code of the charge at `location`, an HTTPS URL without its scheme.
    pub fn dynamic(location: &str, receiver: &Receiver) -> Result<Self, LocationTooLong> {
        if location.len() > MOST_LOCATION || !location.is_ascii() {
            return Err(LocationTooLong);
        }
        let account = [field("00", "br.gov.bcb.pix"), field("25", location)].concat();
        let fields = [
            field("00", "01"),
            // This code is for one payment only.
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

    /// The text of the code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn field(id: &str, value: &str) -> String {
    format!("{id}{:02}{value}", value.len())
}

/// Plain capitals, digits and spaces, at most `most` of them. Every bank's app reads these.
fn folded(text: &str, most: usize) -> String {
    // Decomposition separates letters from their marks. Letters that do not decompose are spelt out.
    let apart: String = text.nfkd().filter(|character| !is_combining_mark(*character)).map(spelt).collect();
    let plain = apart.chars().filter(|character| character.is_ascii_alphanumeric() || *character == ' ');
    plain.take(most).map(|character| character.to_ascii_uppercase()).collect::<String>().trim().to_owned()
}

/// The plain spelling of a Latin letter that does not decompose.
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

/// CRC-16/CCITT-FALSE: polynomial 0x1021, initial value 0xFFFF.
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
    fn check_sums_match_the_published_ones() {
        assert_eq!(crc16(b"123456789"), 0x29B1);
        let published = "00020101021226700014br.gov.bcb.pix2548pix.example.com/8b3da2f39a4140d1a91abd93113bd441\
                         5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***6304";
        assert_eq!(crc16(published.as_bytes()), 0x64E4);
    }

    #[test]
    fn the_published_code_is_made_from_its_parts() {
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
    fn letters_lose_their_marks_and_a_name_without_plain_letters_is_no_receiver() {
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
        /// The fields, read one by one, end exactly at the check sum, and the check sum is right.
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
