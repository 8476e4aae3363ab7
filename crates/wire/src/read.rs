//! Reads a JSON object field by field and collects everything that is wrong with it.
//!
//! Unknown fields are ignored. `null` means "not given", unless a reader says otherwise.

use domain::change::Change;
use domain::person::{Email, Name, Phone};
use domain::tax_id::{Cnpj, Cpf};
use domain::visible;
use serde_json::{Map, Value};

use crate::problem::{Code, FieldError, Problem};

/// The reason why a value was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    code: Code,
    pub(crate) detail: String,
}

impl Wrong {
    /// What is wrong with the value.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// A value of the right type with the wrong content.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// A value of the wrong type or form.
    pub fn format(detail: impl Into<String>) -> Self {
        Self::new(Code::InvalidFormat, detail)
    }
}

/// The reader of one JSON object, which remembers the faults.
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    /// Path of the object within the body, such as `bank_account.`; empty for the body itself.
    path: String,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// Begins to read a body, which must be an object.
    pub fn of(body: &'a Value) -> Result<Self, Problem> {
        let object = body.as_object().ok_or_else(|| {
            Problem::of_field("body", Code::InvalidFormat, "the body must be a JSON object")
        })?;
        Ok(Self { object, path: String::new(), errors: Vec::new() })
    }

    /// Begins to read an object within the body, the field `name`.
    pub fn within(name: &str, value: &'a Value) -> Result<Self, Problem> {
        let object = value
            .as_object()
            .ok_or_else(|| Problem::of_field(name, Code::InvalidFormat, "must be a JSON object"))?;
        Ok(Self { object, path: format!("{name}."), errors: Vec::new() })
    }

    /// Reads a required field.
    pub fn required<T>(&mut self, name: &str, read: impl Fn(&Value) -> Result<T, Wrong>) -> Option<T> {
        if let Some(value) = self.given(name) {
            self.value_or_fault(name, read(value))
        } else {
            self.fault(name, Wrong::new(Code::MissingRequiredField, "this field is required"));
            None
        }
    }

    /// Reads a field that may be absent or null.
    pub fn optional<T>(&mut self, name: &str, read: impl Fn(&Value) -> Result<T, Wrong>) -> Option<T> {
        let value = self.given(name)?;
        self.value_or_fault(name, read(value))
    }

    /// Reads a field that a PATCH may set but not clear.
    pub fn change<T>(&mut self, name: &str, read: impl Fn(&Value) -> Result<T, Wrong>) -> Option<T> {
        let value = self.object.get(name)?;
        self.value_or_fault(name, read(value))
    }

    /// Reads a field that a PATCH may set, or clear with null.
    pub fn nullable_change<T>(&mut self, name: &str, read: impl Fn(&Value) -> Result<T, Wrong>) -> Change<T> {
        match self.object.get(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Clear,
            Some(value) => self.value_or_fault(name, read(value)).map_or(Change::Keep, Change::Set),
        }
    }

    /// Refuses a field that a PATCH must not name.
    pub fn immutable(&mut self, name: &str) {
        if self.object.contains_key(name) {
            self.fault(name, Wrong::new(Code::ImmutableField, "this field cannot be changed"));
        }
    }

    /// Reads a list item by item. A wrong item is named `name[2]`.
    pub fn list<T>(
        &mut self, name: &str, most: usize, read: impl Fn(&Value) -> Result<T, Wrong>,
    ) -> Option<Vec<T>> {
        let value = self.given(name)?;
        let Some(items) = value.as_array() else {
            let one = if value.is_string() { "; one item needs brackets too" } else { "" };
            self.fault(name, Wrong::format(format!("must be a list of at most {most} items{one}")));
            return None;
        };
        if items.len() > most {
            self.fault(name, Wrong::format(format!("has {} items; {most} are allowed", items.len())));
            return None;
        }
        let mut read_items = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            if let Some(item) = self.value_or_fault(&format!("{name}[{index}]"), read(item)) {
                read_items.push(item);
            }
        }
        Some(read_items)
    }

    /// Reads a list for which absent, null and empty are the same.
    pub fn list_or_empty<T>(
        &mut self, name: &str, most: usize, read: impl Fn(&Value) -> Result<T, Wrong>,
    ) -> Vec<T> {
        self.list(name, most, read).into_iter().flatten().collect()
    }

    /// Ends the reading. If there are faults, one problem names all of them.
    pub fn finish(self) -> Result<(), Problem> {
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::of_fields(self.errors)) }
    }

    /// Ends the reading and returns the required values: one, or a tuple of them. Without faults all of them are there.
    pub fn all<G: Given>(self, given: G) -> Result<G::Values, Problem> {
        self.finish()?;
        given.values().ok_or_else(unread)
    }

    fn given(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn value_or_fault<T>(&mut self, name: &str, value: Result<T, Wrong>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.fault(name, wrong);
                None
            }
        }
    }

    /// Keeps only the first fault of each field. A field that must be absent can also have a wrong value.
    fn fault(&mut self, name: &str, wrong: Wrong) {
        let param = format!("{}{name}", self.path);
        if !self.errors.iter().any(|error| error.param == param) {
            self.errors.push(FieldError::new(param, wrong.code, wrong.detail));
        }
    }
}

/// Reads a body with one required field.
pub fn one<T>(body: &Value, name: &str, read: impl Fn(&Value) -> Result<T, Wrong>) -> Result<T, Problem> {
    let mut fields = Fields::of(body)?;
    let value = fields.required(name, read);
    fields.all(value)
}

/// Values that [`Fields::required`] has read.
pub trait Given {
    /// The values themselves.
    type Values;

    /// The values, if all of them are there.
    fn values(self) -> Option<Self::Values>;
}

impl<T> Given for Option<T> {
    type Values = T;

    fn values(self) -> Option<T> {
        self
    }
}

macro_rules! given_tuples {
    ($(($($part:ident $place:tt),+);)+) => {$(
        impl<$($part),+> Given for ($(Option<$part>,)+) {
            type Values = ($($part,)+);

            fn values(self) -> Option<Self::Values> {
                Some(($(self.$place?,)+))
            }
        }
    )+};
}

given_tuples! {
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
}

/// The problem of a reader without faults and without a value. This cannot happen: a missing or wrong field is a fault.
pub fn unread() -> Problem {
    Problem::new(Code::InvalidFormat, "the body could not be read")
}

/// Any text of at most `most` characters without control characters.
pub fn text(most: usize) -> impl Fn(&Value) -> Result<String, Wrong> {
    move |value| {
        let text = string(value)?;
        if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
            return Err(Wrong::format(format!("must have 1 to {most} characters and no control characters")));
        }
        Ok(text.to_owned())
    }
}

/// A name that people read: of a partner, a credential.
pub fn label(most: usize) -> impl Fn(&Value) -> Result<String, Wrong> {
    move |value| {
        let label = text(most)(value)?;
        visible::check_name(&label).map_err(|unfit| Wrong::format(unfit.to_string()))?;
        Ok(label)
    }
}

/// A note that people read, which may hold addresses.
pub fn note(most: usize) -> impl Fn(&Value) -> Result<String, Wrong> {
    move |value| {
        let note = text(most)(value)?;
        visible::check_note(&note).map_err(|unfit| Wrong::format(unfit.to_string()))?;
        Ok(note)
    }
}

/// A JSON string.
pub fn string(value: &Value) -> Result<&str, Wrong> {
    value.as_str().ok_or_else(|| Wrong::format("must be a string"))
}

/// A whole number from `least` to `most`. Both must fit the type.
pub fn integer<T: TryFrom<i64>>(least: i64, most: i64) -> impl Fn(&Value) -> Result<T, Wrong> {
    move |value| {
        let number = whole(value).filter(|number| (least..=most).contains(number));
        let number = number.and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| Wrong::format(format!("must be a whole number from {least} to {most}")))
    }
}

/// The whole number in a JSON number, in any notation: `12`, `12.0` and `1.2e1` are the same number.
///
/// A number with a fraction or an exponent arrives here as a float. Its shortest decimal form shows whether it is
/// whole. From 10^16 on, that form has an exponent and is refused; no field needs such numbers.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    let number = value.as_number()?;
    number.as_i64().or_else(|| number.to_string().strip_suffix(".0")?.parse().ok())
}

/// A CPF, punctuated or not.
pub fn cpf(value: &Value) -> Result<Cpf, Wrong> {
    Cpf::parse(string(value)?).map_err(|error| Wrong::new(Code::InvalidCpf, error.to_string()))
}

/// A CNPJ, punctuated or not.
pub fn cnpj(value: &Value) -> Result<Cnpj, Wrong> {
    Cnpj::parse(string(value)?).map_err(|error| Wrong::new(Code::InvalidCnpj, error.to_string()))
}

/// A person's or company's name.
pub fn name(value: &Value) -> Result<Name, Wrong> {
    Name::parse(string(value)?).map_err(|error| Wrong::format(error.to_string()))
}

/// An e-mail address.
pub fn email(value: &Value) -> Result<Email, Wrong> {
    Email::parse(string(value)?).map_err(|error| Wrong::format(error.to_string()))
}

/// A telephone number in E.164.
pub fn phone(value: &Value) -> Result<Phone, Wrong> {
    Phone::parse(string(value)?).map_err(|error| Wrong::format(error.to_string()))
}

/// An id of one kind.
pub fn id<I: domain::id::ResourceId>(value: &Value) -> Result<I, Wrong> {
    string(value)?
        .parse()
        .map_err(|_| Wrong::format(format!("must be an id that begins with {}_", I::PREFIX)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_says_why_it_is_none() {
        let body = json!({"one": "a", "three": ["a", "b", "c"]});
        let mut fields = Fields::of(&body).unwrap();
        assert!(fields.list("one", 2, text(9)).is_none());
        assert!(fields.list("three", 2, text(9)).is_none());
        let problem = fields.finish().unwrap_err();
        let details: Vec<_> = problem.errors.iter().map(|fault| fault.detail.as_str()).collect();
        assert_eq!(
            details,
            ["must be a list of at most 2 items; one item needs brackets too", "has 3 items; 2 are allowed"]
        );
    }

    #[test]
    fn a_problem_names_every_wrong_field() {
        let body = json!({"cpf": "1", "email": 7, "phone": null, "events": ["a", 3]});
        let mut fields = Fields::of(&body).unwrap();
        assert!(fields.required("cpf", cpf).is_none());
        assert!(fields.optional("email", email).is_none());
        assert!(fields.required("phone", phone).is_none());
        assert_eq!(fields.list("events", 5, text(9)), Some(vec!["a".to_owned()]));
        let problem = fields.finish().unwrap_err();
        let faults: Vec<_> = problem.errors.iter().map(|e| (e.param.as_str(), e.code)).collect();
        assert_eq!(
            faults,
            [
                ("cpf", Code::InvalidCpf),
                ("email", Code::InvalidFormat),
                ("phone", Code::MissingRequiredField),
                ("events[1]", Code::InvalidFormat),
            ]
        );
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_fraction_or_an_exponent() {
        let read = |text: &str| integer::<u16>(0, 1_000)(&serde_json::from_str(text).unwrap());
        for (text, number) in
            [("12", 12), ("12.0", 12), ("1.2e1", 12), ("12.000", 12), ("1E3", 1_000), ("-0.0", 0)]
        {
            assert_eq!(read(text), Ok(number), "{text}");
        }
        for text in
            ["12.5", "1.25e1", "1e4", "-1.0", "1e-1", "1e300", "18446744073709551615", "\"12\"", "true"]
        {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Value>("1e400").is_err());
        let read = |text: &str| whole(&serde_json::from_str(text).unwrap());
        assert_eq!(read("253402207199.0"), Some(253_402_207_199));
        assert_eq!(read("9e15"), Some(9_000_000_000_000_000));
        assert_eq!(read("1e16"), None);
    }

    #[test]
    fn a_problem_names_each_field_once() {
        let body = json!({"name": 7, "bank": {"name": 7}});
        let mut fields = Fields::of(&body).unwrap();
        fields.immutable("name");
        assert!(fields.change("name", name).is_none());
        let problem = fields.finish().unwrap_err();
        assert_eq!(problem.errors.len(), 1);
        assert_eq!(problem.errors[0].code, Code::ImmutableField);
    }

    #[test]
    fn a_patch_distinguishes_absent_from_null() {
        let body = json!({"cnpj": null, "trading_name": "Loja"});
        let mut fields = Fields::of(&body).unwrap();
        assert_eq!(fields.nullable_change("cnpj", cnpj), Change::Clear);
        assert_eq!(fields.nullable_change("trading_name", text(9)), Change::Set("Loja".to_owned()));
        assert_eq!(fields.nullable_change("other", text(9)), Change::<String>::Keep);
        fields.immutable("cnpj");
        assert_eq!(fields.finish().unwrap_err().code, Code::ImmutableField);
    }

    #[test]
    fn a_body_that_is_not_an_object_is_refused() {
        assert_eq!(Fields::of(&json!([1])).err().unwrap().code, Code::InvalidFormat);
    }
}
