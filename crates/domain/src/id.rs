//! Identifiers: a prefix that names the kind and a UUIDv7, written as 32 lower-case hex digits.
//!
//! An id is made from the present time and ten random bytes, which the caller passes in. So the ids of one kind sort
//! by their creation, and the domain draws no random numbers.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::time::{Moment, Timestamp};

/// The text is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct InvalidId;

/// An identifier of one kind of resource.
pub trait ResourceId: Copy + Eq + fmt::Display + FromStr<Err = InvalidId> + Send + 'static {
    /// The beginning of the id's text, before the underscore.
    const PREFIX: &'static str;

    /// Wraps a UUID that is known to be of this kind.
    fn from_uuid(uuid: Uuid) -> Self;

    /// The bare UUID.
    fn uuid(self) -> Uuid;

    /// The bare UUID in sixteen bytes. They sort as the ids do.
    fn bytes(self) -> [u8; 16] {
        self.uuid().into_bytes()
    }

    /// The id with these bytes.
    fn of_bytes(bytes: [u8; 16]) -> Self {
        Self::from_uuid(Uuid::from_bytes(bytes))
    }

    /// The time from which the id was made, in whole milliseconds.
    fn moment(self) -> Timestamp {
        let millis = i64::try_from(self.uuid().as_u128() >> 80).expect("48 bits fit in 64");
        Timestamp::from_micros(millis * 1_000)
    }

    /// A new UUIDv7 from the present time and ten random bytes.
    fn new(now: impl Moment, random: [u8; 10]) -> Self {
        Self::from_uuid(uuid::Builder::from_unix_timestamp_millis(now.unix_millis(), &random).into_uuid())
    }
}

/// The value of each byte as a hex digit of an id; 255 for every other byte.
const DIGITS: [u8; 256] = {
    let mut values = [u8::MAX; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    values
};

fn parse_uuid(text: &str, prefix: &str) -> Result<Uuid, InvalidId> {
    let hex = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(InvalidId)?;
    let hex: &[u8; 32] = hex.as_bytes().try_into().map_err(|_| InvalidId)?;
    let (mut bytes, mut wrong) = ([0; 16], 0);
    for (byte, pair) in bytes.iter_mut().zip(hex.as_chunks::<2>().0) {
        let [high, low] = pair.map(|digit| DIGITS[usize::from(digit)]);
        // A hex digit has four bits, so only other bytes set the upper bits.
        wrong |= high | low;
        *byte = (high << 4) | (low & 15);
    }
    if wrong > 15 { Err(InvalidId) } else { Ok(Uuid::from_bytes(bytes)) }
}

/// The longest text of an id: a prefix of four letters, the underscore and the digits.
const LONGEST: usize = 4 + 1 + 32;

/// Writes an id in one piece, so that its text needs one allocation.
fn write_id(uuid: Uuid, prefix: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [b'_'; LONGEST];
    let digits = prefix.len() + 1;
    text[..prefix.len()].copy_from_slice(prefix.as_bytes());
    uuid.as_simple().encode_lower(&mut text[digits..]);
    f.write_str(std::str::from_utf8(&text[..digits + 32]).expect("an id is ASCII"))
}

macro_rules! resource_ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl ResourceId for $name {
            const PREFIX: &'static str = $prefix;

            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                const { assert!($prefix.len() + 1 + 32 <= LONGEST) };
                write_id(self.0, $prefix, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse_uuid(text, $prefix).map(Self)
            }
        }
    )*};
}

resource_ids! {
    /// A partner: the tenant that owns all its customers and their resources.
    PartnerId "ptr";
    /// A borrowing company and the person responsible for it.
    CustomerId "cust";
    /// A person whose identity a customer's KYC asks for.
    SubjectId "sub";
    /// A stored KYC file.
    DocumentId "doc";
    /// A customer's bank account.
    BankAccountId "ba";
    /// A hosted biometrics session.
    BiometricsSessionId "bss";
    /// A recorded credit decision.
    DecisionId "cd";
    /// A credit offer.
    OfferId "co";
    /// A priced simulation of an offer.
    SimulationId "sim";
    /// A loan.
    LoanId "ln";
    /// An installment of a loan; both partners' APIs call it a transaction.
    InstallmentId "tx";
    /// Money received for a loan.
    PaymentId "pay";
    /// An entry of the ledger's journal.
    JournalEntryId "je";
    /// A webhook endpoint.
    EndpointId "we";
    /// A domain event.
    EventId "evt";
    /// One event for one endpoint.
    DeliveryId "dlv";
    /// A scheduled piece of work.
    JobId "job";
    /// An e-mail to a customer.
    MailId "ml";
    /// A person or program that decides for the lender.
    OperatorId "op";
    /// A decision that waits for a second person.
    ProposalId "prop";
    /// A note of an operator on a customer or a loan.
    NoteId "note";
    /// A file with orders for the bank.
    BankFileId "bf";
    /// An uploaded version of the credit policy.
    PolicyVersionId "pol";
    /// A saved view of a queue.
    SavedViewId "view";
    /// A person's session in the console.
    SessionId "ses";
    /// A key that signs access tokens.
    SigningKeyId "key";
    /// A call of a partner in the request log.
    LoggedRequestId "rlog";
    /// A clock that a sandbox partner made beside its main clock.
    ClockId "clk";
}

/// The version in the UUID of a clock's tenant. All other ids have version 7.
const OF_CLOCK: u8 = 8;

impl ClockId {
    /// The tenant of everything on the clock. Its UUID is the clock's with another version, so no partner has it.
    pub fn tenant(self) -> PartnerId {
        PartnerId(with_version(self.0, OF_CLOCK))
    }
}

impl PartnerId {
    /// The clock, if this tenant is a clock of a partner and not the partner itself.
    pub fn clock(self) -> Option<ClockId> {
        let is_clock = self.0.get_version_num() == usize::from(OF_CLOCK);
        is_clock.then(|| ClockId(with_version(self.0, 7)))
    }
}

fn with_version(uuid: Uuid, version: u8) -> Uuid {
    let mut bytes = uuid.into_bytes();
    bytes[6] = (bytes[6] & 0x0f) | (version << 4);
    Uuid::from_bytes(bytes)
}

impl LoggedRequestId {
    /// No id is lower.
    pub const FIRST: Self = Self(Uuid::nil());

    /// No id that is made is higher.
    pub const LAST: Self = Self(Uuid::max());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_itself_and_sorts_by_creation() {
        let early = CustomerId::new(Timestamp::from_micros(1_700_000_000_000_000), [0xff; 10]);
        let late = CustomerId::new(Timestamp::from_micros(1_700_000_000_001_000), [0; 10]);
        assert_eq!(late.moment(), Timestamp::from_micros(1_700_000_000_001_000));
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse(), Ok(early));
        assert!(early.to_string().starts_with("cust_"));
    }

    #[test]
    fn the_tenant_of_a_clock_is_no_partner_and_names_its_clock() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let (partner, clock) = (PartnerId::new(now, [0xff; 10]), ClockId::new(now, [0xff; 10]));
        assert_eq!(partner.clock(), None);
        assert_ne!(clock.tenant(), partner);
        assert_eq!(clock.tenant().clock(), Some(clock));
        assert_eq!(clock.tenant().to_string().parse(), Ok(clock.tenant()));
    }

    #[test]
    fn an_id_with_another_prefix_case_or_length_is_refused() {
        let id = LoanId::new(Timestamp::from_micros(1_700_000_000_000_000), [0xab; 10]).to_string();
        assert!(id.parse::<CustomerId>().is_err());
        assert!(id.to_uppercase().parse::<LoanId>().is_err());
        let digits = "0190f3b4c5d67e8f90a1b2c3d4e5f607";
        assert_eq!(format!("ln_{digits}").parse::<LoanId>().unwrap().to_string(), format!("ln_{digits}"));
        for place in 0..32 {
            for wrong in ["g", "G", "A", "/", ":", "`", "_", " ", "\0"] {
                let text = format!("ln_{}{wrong}{}", &digits[..place], &digits[place + 1..]);
                assert!(text.parse::<LoanId>().is_err(), "{text}");
            }
        }
        for text in ["", "ln_", "ln", &id[..34], &format!("{id}0"), "ln_0190g000000000000000000000000000"] {
            assert!(text.parse::<LoanId>().is_err(), "{text}");
        }
    }
}
