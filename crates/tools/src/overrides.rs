//! Values that a caller of `dinie trigger` gives instead of the invented ones: `--override loan.requested_amount=5000.00`, or
//! a file of JSON with the same names.

use std::path::Path;

use domain::money::Cents;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::partner::new_registration;

/// The invented amount of a loan.
const REQUESTED: Cents = Cents::new(300_000);
/// The names of a loan's values.
const OF_LOAN: [&str; 2] = ["requested_amount", "installments"];

/// The given values.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    customer: Map<String, Value>,
    requested: Option<Cents>,
    installments: Option<u16>,
}

impl Overrides {
    /// Reads a fixture, and then the flags, which win over it.
    pub(crate) fn read(fixture: Option<&Path>, flags: &[String]) -> Result<Self, Failure> {
        let mut overrides = Self::default();
        if let Some(path) = fixture {
            let unusable = |why: String| Failure::Settings(format!("the fixture {}: {why}", path.display()));
            let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
            let fixture: Map<String, Value> =
                serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
            for (resource, values) in fixture {
                for (name, value) in values.as_object().into_iter().flatten() {
                    overrides.take(&resource, name, value.clone())?;
                }
            }
        }
        for flag in flags {
            let wrong =
                || Failure::Usage(format!("--override {flag} is not like loan.requested_amount=5000.00"));
            let (key, value) = flag.split_once('=').ok_or_else(wrong)?;
            let (resource, name) = key.split_once('.').ok_or_else(wrong)?;
            overrides.take(resource, name, value.into())?;
        }
        Ok(overrides)
    }

    fn take(&mut self, resource: &str, name: &str, value: Value) -> Result<(), Failure> {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let wrong = |what: &str| Failure::Usage(format!("{resource}.{name} must be {what}, not {text}"));
        match (resource, name) {
            ("customer", name) => {
                self.customer.insert(name.to_owned(), value);
            }
            ("loan", "requested_amount") => {
                let amount = Cents::parse(&text).map_err(|_no_amount| wrong("an amount such as 5000.00"))?;
                self.requested = Some(amount);
            }
            ("loan", "installments") => {
                self.installments = Some(text.parse().map_err(|_no_number| wrong("a number"))?);
            }
            ("loan", other) => {
                let known = OF_LOAN.join(", ");
                return Err(Failure::Usage(format!(
                    "a loan has no value {other} to override; it has {known}"
                )));
            }
            (other, _) => {
                let why = format!("there is nothing to override of {other}; there are customer and loan");
                return Err(Failure::Usage(why));
            }
        }
        Ok(())
    }

    /// A new customer. Its address also carries the tags, which lead the sandbox to the event.
    pub(crate) fn registration(&self, tags: &str) -> Value {
        let mut registration = new_registration(tags);
        for (name, value) in &self.customer {
            let tagged = value.as_str().and_then(|text| text.split_once('@'));
            registration[name.as_str()] = match tagged {
                Some((local, domain)) if name == "email" && !tags.is_empty() => {
                    format!("{local}+{tags}@{domain}").into()
                }
                Some(_) | None => value.clone(),
            };
        }
        registration
    }

    /// The amount that the customer requests.
    pub(crate) fn requested(&self) -> Cents {
        self.requested.unwrap_or(REQUESTED)
    }

    /// The number of installments.
    pub(crate) fn installments(&self, invented: u16) -> u16 {
        self.installments.unwrap_or(invented)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_fixture_and_tags_stay_in_the_address() {
        let fixture = tempfile::NamedTempFile::new().unwrap();
        let text = r#"{"customer": {"name": "Rui Lima"}, "loan": {"installments": 6}}"#;
        std::fs::write(fixture.path(), text).unwrap();
        let flags =
            ["customer.email=rui@example.com", "loan.requested_amount=5000.00", "loan.installments=10"];
        let flags = flags.map(str::to_owned);
        let overrides = Overrides::read(Some(fixture.path()), &flags).unwrap();
        let registration = overrides.registration("denied");
        assert_eq!(registration["email"], "rui+denied@example.com");
        assert_eq!(registration["name"], "Rui Lima");
        assert_eq!(overrides.requested(), Cents::new(500_000));
        assert_eq!(overrides.installments(12), 10);
        assert_eq!(Overrides::default().installments(12), 12);
    }

    #[test]
    fn an_unknown_value_is_refused() {
        for flag in ["loan.colour=red", "offer.amount=1", "loan.requested_amount=x", "loan", "name=x"] {
            assert!(Overrides::read(None, &[flag.to_owned()]).is_err(), "{flag}");
        }
    }
}
