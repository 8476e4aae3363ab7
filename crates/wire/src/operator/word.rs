//! Words that operators see as the domain spells them.

/// Declares a type of one word: a value of a set that the domain spells. `as` gives the schema another name, `by` the
/// values other words, and `in` lists the words of the schema in another order than the set.
macro_rules! word {
    ($(#[doc = $doc:literal])+ pub $Word:ident of $Set:ty $(, as $schema:ident)? $(, by $name:path)? $(, in $names:expr)?) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $Word(&'static str);

        impl From<$Set> for $Word {
            fn from(value: $Set) -> Self {
                Self($crate::operator::word::either!($($name)?, <$Set>::name)(value))
            }
        }

        impl serde::Serialize for $Word {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0)
            }
        }

        impl utoipa::PartialSchema for $Word {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let names: Vec<&str> = $crate::operator::word::either!($($names)?, <$Set>::NAMES).into();
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .description(Some(concat!($($doc),+).trim()))
                    .enum_values(Some(names))
                    .into()
            }
        }

        impl utoipa::ToSchema for $Word {
            fn name() -> std::borrow::Cow<'static, str> {
                $crate::operator::word::either!($(stringify!($schema))?, stringify!($Word)).into()
            }
        }
    };
}

/// The first of two values, if it is given.
macro_rules! either {
    (, $other:expr) => {
        $other
    };
    ($given:expr, $other:expr) => {
        $given
    };
}

pub(super) use {either, word};
