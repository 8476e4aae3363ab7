//! One word for each value of a closed set.
//!
//! [`spelled!`](crate::spelled) takes a list of the words of an enum and makes both writing and reading from it. So
//! they cannot disagree, and a variant without a word does not compile.

/// No value of the set has this word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{set} has no value {word:?}")]
pub struct UnknownWord {
    /// The name of the enum.
    pub set: &'static str,
    /// The word that was read.
    pub word: String,
}

/// The words of a set in a sentence: `a, b or c`.
pub fn one_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The known word that a mistyped one resembles: few letters differ, one and one more for each six letters.
pub fn resembled<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = word.to_ascii_lowercase();
    let far = |known: &str| strsim::damerau_levenshtein(&written, known);
    let nearest = known.into_iter().min_by_key(|known| far(known))?;
    (far(nearest) <= 1 + nearest.len() / 6).then_some(nearest)
}

/// Gives words to an enum: `ALL` and `NAMES` in the order of the list, `name()`, and `FromStr`.
///
/// ```
/// #[derive(Debug, Clone, Copy, PartialEq, Eq)]
/// enum Side {
///     Front,
///     Back,
/// }
///
/// domain::spelled!(Side { Front = "front", Back = "back" });
///
/// assert_eq!(Side::ALL, [Side::Front, Side::Back]);
/// assert_eq!(Side::NAMES, ["front", "back"]);
/// assert_eq!(Side::Back.name(), "back");
/// assert_eq!("front".parse(), Ok(Side::Front));
/// assert!("edge".parse::<Side>().is_err());
/// ```
///
/// An enum with data gets a second enum without data, which `kind()` returns:
///
/// ```
/// enum Parcel {
///     Packed,
///     Sent { to: String },
/// }
///
/// domain::spelled!(ParcelKind of Parcel { Packed = "packed", Sent = "sent" });
///
/// let parcel = Parcel::Sent { to: "Ana".to_owned() };
/// assert_eq!(parcel.kind(), ParcelKind::Sent);
/// assert_eq!(parcel.name(), "sent");
/// assert_eq!("packed".parse(), Ok(ParcelKind::Packed));
/// ```
#[macro_export]
macro_rules! spelled {
    ($type:ident { $($variant:ident $(($($inner:tt)+))? = $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order of the list.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant $(($($inner)+))?),+];

            /// The words in the same order.
            pub const NAMES: [&'static str; Self::ALL.len()] = [$($word),+];

            /// The word for the value.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant $(($($inner)+))? => $word,)+
                }
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::spelling::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant $(($($inner)+))?),)+
                    other => Err($crate::spelling::UnknownWord {
                        set: stringify!($type),
                        word: other.to_owned(),
                    }),
                }
            }
        }
    };
    ($kind:ident of $type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        #[doc = concat!("A [`", stringify!($type), "`] without its data, as columns and filters name it.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $kind {
            $(#[doc = concat!("`", $word, "`.")] $variant,)+
        }

        $crate::spelled!($kind { $($variant = $word),+ });

        impl $type {
            /// The value without its data.
            pub const fn kind(&self) -> $kind {
                match self {
                    $(Self::$variant { .. } => $kind::$variant,)+
                }
            }

            /// The word for the value, without its data.
            pub const fn name(&self) -> &'static str {
                self.kind().name()
            }
        }
    };
}
