//! CPF (of a person) and CNPJ (of a company), the tax numbers, with their check digits.
//!
//! They are read with or without punctuation and always written with it. `Debug` masks them, so that no log shows a
//! number by accident.

use std::fmt;

/// The text is not a CPF whose check digits agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid CPF: eleven digits whose check digits agree")]
pub struct InvalidCpf;

/// The text is not a CNPJ whose check digits agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid CNPJ: fourteen characters whose check digits agree")]
pub struct InvalidCnpj;

/// Cadastro de Pessoas Físicas: eleven digits, stored as ASCII.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cpf([u8; 11]);

/// Cadastro Nacional da Pessoa Jurídica: twelve of `[0-9A-Z]` and two digits (IN RFB 2.229/2024).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cnpj([u8; 14]);

/// The check digit of both numbers, as an ASCII digit: 0 if the sum mod 11 is below 2, or else 11 minus it.
fn check_digit(characters: &[u8], weights: impl Iterator<Item = u32>) -> u8 {
    let sum: u32 = characters.iter().zip(weights).map(|(c, weight)| u32::from(c - b'0') * weight).sum();
    let digit = if sum % 11 < 2 { 0 } else { 11 - sum % 11 };
    b'0' + u8::try_from(digit).expect("11 less a remainder of at least 2 is one digit")
}

/// The characters of `text`, which has either no punctuation or exactly that of `pattern`. A `#` in `pattern` is a
/// character.
fn unpunctuated<const N: usize>(text: &str, pattern: &str) -> Option<[u8; N]> {
    let bytes = text.as_bytes();
    if bytes.len() == N {
        return bytes.try_into().ok();
    }
    if bytes.len() != pattern.len() {
        return None;
    }
    let mut characters = [0; N];
    let mut next = 0;
    for (byte, expected) in bytes.iter().zip(pattern.bytes()) {
        if expected == b'#' {
            characters[next] = *byte;
            next += 1;
        } else if *byte != expected {
            return None;
        }
    }
    Some(characters)
}

/// Puts characters in the places of `pattern` that have a `#`.
fn punctuated<const LENGTH: usize>(characters: &[u8], pattern: &[u8; LENGTH]) -> [u8; LENGTH] {
    let mut characters = characters.iter();
    pattern
        .map(|mark| if mark == b'#' { characters.next().map_or(mark, |character| *character) } else { mark })
}

fn all_the_same(characters: &[u8]) -> bool {
    characters.windows(2).all(|pair| pair[0] == pair[1])
}

/// Writes a number with its punctuation.
macro_rules! written {
    ($number:ident as $pattern:literal) => {
        impl fmt::Display for $number {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = punctuated(&self.0, $pattern);
                f.write_str(std::str::from_utf8(&text).expect("a tax number is kept as ASCII"))
            }
        }
    };
}

written!(Cpf as b"###.###.###-##");
written!(Cnpj as b"##.###.###/####-##");

impl Cpf {
    /// Stands for the CPF of a person whose data was erased. Nobody has it, and [`Cpf::parse`] refuses it.
    pub const ERASED: Self = Self([b'0'; 11]);

    /// Reads a kept CPF, also [`Cpf::ERASED`].
    pub fn kept(digits: &str) -> Result<Self, InvalidCpf> {
        if digits.as_bytes() == Self::ERASED.0 { Ok(Self::ERASED) } else { Self::parse(digits) }
    }

    /// Reads `###.###.###-##` or eleven digits. Ten numbers repeat one digit; their check digits agree, but they are
    /// refused.
    pub fn parse(text: &str) -> Result<Self, InvalidCpf> {
        let digits: [u8; 11] = unpunctuated(text, "###.###.###-##").ok_or(InvalidCpf)?;
        if !digits.iter().all(u8::is_ascii_digit) || all_the_same(&digits) {
            return Err(InvalidCpf);
        }
        let first = check_digit(&digits[..9], (2..=10).rev());
        let second = check_digit(&digits[..10], (2..=11).rev());
        if digits[9..] == [first, second] { Ok(Self(digits)) } else { Err(InvalidCpf) }
    }

    /// The CPF of an invented person: its first nine digits are `number` mod 10⁹. `None` for the ten numbers that
    /// repeat one digit.
    pub fn of_number(number: u32) -> Option<Self> {
        let mut digits = [b'0'; 11];
        digits[..9].copy_from_slice(format!("{:09}", number % 1_000_000_000).as_bytes());
        digits[9] = check_digit(&digits[..9], (2..=10).rev());
        digits[10] = check_digit(&digits[..10], (2..=11).rev());
        (!all_the_same(&digits)).then_some(Self(digits))
    }

    /// The eleven digits without punctuation.
    pub fn digits(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a CPF is kept as ASCII digits")
    }
}

impl Cpf {
    /// `•••.456.789-••`, for lists that people see.
    pub fn masked(&self) -> String {
        let digits = self.digits();
        format!("•••.{}.{}-••", &digits[3..6], &digits[6..9])
    }
}

/// `***.456.789-**`, the form for logs.
impl fmt::Debug for Cpf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let d = self.digits();
        write!(f, "***.{}.{}-**", &d[3..6], &d[6..9])
    }
}

impl Cnpj {
    /// Reads `##.###.###/####-##` or fourteen characters. Letters may be lower-case.
    pub fn parse(text: &str) -> Result<Self, InvalidCnpj> {
        let mut characters: [u8; 14] = unpunctuated(text, "##.###.###/####-##").ok_or(InvalidCnpj)?;
        characters.make_ascii_uppercase();
        let well_formed = characters[..12].iter().all(|c| matches!(c, b'0'..=b'9' | b'A'..=b'Z'))
            && characters[12..].iter().all(u8::is_ascii_digit);
        if !well_formed || all_the_same(&characters) {
            return Err(InvalidCnpj);
        }
        let first = check_digit(&characters[..12], (2..=5).rev().chain((2..=9).rev()));
        let second = check_digit(&characters[..13], (2..=6).rev().chain((2..=9).rev()));
        if characters[12..] == [first, second] { Ok(Self(characters)) } else { Err(InvalidCnpj) }
    }

    /// The CNPJ of an invented company's first establishment: its first eight digits are `number` mod 10⁸.
    pub fn of_number(number: u32) -> Self {
        let mut characters = [b'0'; 14];
        characters[..8].copy_from_slice(format!("{:08}", number % 100_000_000).as_bytes());
        characters[8..12].copy_from_slice(b"0001");
        characters[12] = check_digit(&characters[..12], (2..=5).rev().chain((2..=9).rev()));
        characters[13] = check_digit(&characters[..13], (2..=6).rev().chain((2..=9).rev()));
        Self(characters)
    }

    /// The fourteen characters without punctuation.
    pub fn characters(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a CNPJ is kept as ASCII digits and letters")
    }
}

impl Cnpj {
    /// `••.222.333/0001-••`, for lists that people see.
    pub fn masked(&self) -> String {
        let characters = self.characters();
        format!("••.{}.{}/{}-••", &characters[2..5], &characters[5..8], &characters[8..12])
    }
}

/// `**.***.789/****-**`, the form for logs.
impl fmt::Debug for Cnpj {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "**.***.{}/****-**", &self.characters()[5..8])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn valid_cpfs_are_read_and_invalid_ones_refused() {
        for text in ["529.982.247-25", "111.444.777-35", "123.456.789-09", "255.248.930-33"] {
            assert_eq!(Cpf::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Cpf::parse("52998224725").unwrap().to_string(), "529.982.247-25");
        for text in [
            "529.982.247-26",
            "111.111.111-11",
            "5299822472",
            "529.982.24A-25",
            "123.456.789-00",
            "",
            "529-982-247.25",
            "529.982.247-25 ",
            "５２９.982.247-25",
        ] {
            assert_eq!(Cpf::parse(text), Err(InvalidCpf), "{text}");
        }
    }

    #[test]
    fn numeric_and_alphanumeric_cnpjs_are_read_and_invalid_ones_refused() {
        for text in ["11.222.333/0001-81", "12.345.678/0001-95", "33.000.167/0001-01", "12.ABC.345/01DE-35"] {
            assert_eq!(Cnpj::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Cnpj::parse("12abc34501de35").unwrap().to_string(), "12.ABC.345/01DE-35");
        assert!(Cnpj::parse("12ABC345000188").is_ok());
        for text in [
            "12ABC34501DE36",
            "12ABC34501DEA5",
            "12ABC34501DE3",
            "00000000000000",
            "12.345.678/0001-90",
            "",
            "11-222-333/0001.81",
        ] {
            assert_eq!(Cnpj::parse(text), Err(InvalidCnpj), "{text}");
        }
    }

    #[test]
    fn a_number_has_one_cpf_and_it_is_valid() {
        assert_eq!(Cpf::of_number(529_982_247), Cpf::parse("529.982.247-25").ok());
        assert_eq!(Cpf::of_number(111_111_111), None);
        for number in [0, 1, 999_999_999, u32::MAX] {
            let cpf = Cpf::of_number(number);
            assert!(cpf.is_none_or(|cpf| Cpf::parse(cpf.digits()) == Ok(cpf)), "{number}");
        }
    }

    #[test]
    fn a_number_has_one_cnpj_and_it_is_valid() {
        assert_eq!(Cnpj::of_number(12_345_678), Cnpj::parse("12.345.678/0001-95").unwrap());
        for number in [0, 1, 99_999_999, u32::MAX] {
            let cnpj = Cnpj::of_number(number);
            assert_eq!(Cnpj::parse(cnpj.characters()), Ok(cnpj), "{number}");
        }
    }

    #[test]
    fn debug_masks_tax_numbers() {
        assert_eq!(format!("{:?}", Cpf::parse("12345678909").unwrap()), "***.456.789-**");
        assert_eq!(format!("{:?}", Cnpj::parse("11222333000181").unwrap()), "**.***.333/****-**");
        assert_eq!(Cpf::parse("12345678909").unwrap().masked(), "•••.456.789-••");
        assert_eq!(Cnpj::parse("11222333000181").unwrap().masked(), "••.222.333/0001-••");
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(position in 0_usize..11, add in 1_u8..10) {
            let mut digits = *b"52998224725";
            digits[position] = b'0' + (digits[position] - b'0' + add) % 10;
            prop_assert_eq!(Cpf::parse(std::str::from_utf8(&digits).unwrap()), Err(InvalidCpf));
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in ".{0,20}") {
            prop_assert!(Cpf::parse(&text).is_err() && Cnpj::parse(&text).is_err());
        }
    }
}
