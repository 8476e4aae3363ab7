//! Generated values for types of columns. A test writes them to each table and reads them back.

use std::borrow::Cow;
use std::time::Duration;

use domain::access::RoleNames;
use domain::actor::Actor;
use domain::cause::SpanPlace;
use domain::credential::{ClientId, Environment, Maker};
use domain::id::ResourceId as _;
use domain::loan::iof::IofRegime;
use domain::loan::late::{LateCurve, Step};
use domain::loan::pricing::{Charges, Product};
use domain::money::{Cents, Rate};
use domain::offer::{OfferTerms, Term};
use domain::queue::CaseSubject;
use domain::time::{Date, RealTime, Timestamp};

/// Whether nullable columns are null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// Every one is null.
    All,
    /// None is null.
    None,
}

/// A source of values. Ids of one type are equal, so that rows refer to each other; all other values differ.
#[derive(Debug)]
pub struct Samples {
    seed: u8,
    nulls: Nulls,
    count: u16,
}

impl Samples {
    /// A source of values that differ from those of another seed.
    pub fn new(seed: u8, nulls: Nulls) -> Self {
        Self { seed, nulls, count: u16::from(seed) * 1_000 }
    }

    /// A number that is returned once.
    pub(crate) fn next(&mut self) -> u16 {
        self.count += 1;
        self.count
    }

    /// One of some values.
    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::from(self.next()) % all.len()]
    }

    fn moment(&self) -> Timestamp {
        Timestamp::from_seconds(1_780_000_000 + i64::from(self.seed))
    }
}

/// A type of column with generated values.
pub(crate) trait Sample {
    fn sample(samples: &mut Samples) -> Self;
}

impl<T: Sample> Sample for Option<T> {
    fn sample(samples: &mut Samples) -> Self {
        match samples.nulls {
            Nulls::All => None,
            Nulls::None => Some(T::sample(samples)),
        }
    }
}

/// Implements `Sample` by values from the source.
macro_rules! sampled {
    ($($type:ty: $make:expr;)+) => {$(
        impl Sample for $type {
            fn sample(samples: &mut Samples) -> Self {
                let make: fn(&mut Samples) -> $type = $make;
                make(samples)
            }
        }
    )+};
}

macro_rules! ids {
    ($($type:ident),+ $(,)?) => {
        sampled! { $(domain::id::$type: |samples| domain::id::$type::new(samples.moment(), [samples.seed; 10]);)+ }
    };
}

ids!(
    PartnerId,
    CustomerId,
    SubjectId,
    DocumentId,
    BankAccountId,
    JournalEntryId,
    PaymentId,
    BiometricsSessionId,
    DecisionId,
    OfferId,
    SimulationId,
    LoanId,
    InstallmentId,
    EndpointId,
    EventId,
    DeliveryId,
    JobId,
    OperatorId,
    ProposalId,
    BankFileId,
    PolicyVersionId,
    SavedViewId,
    NoteId,
    SessionId,
    MailId,
    LoggedRequestId,
    ClockId,
);

sampled! {
    bool: |samples| samples.next().is_multiple_of(2);
    i64: |samples| i64::from(samples.next());
    u16: Samples::next;
    u32: |samples| u32::from(samples.next());
    i16: |samples| i16::from(samples.seed) + 2_000;
    String: |samples| format!("sample ção {}", samples.next());
    Cow<'static, str>: |samples| Cow::Owned(String::sample(samples));
    Vec<u8>: |samples| [&[0, 255, samples.seed][..], &samples.next().to_be_bytes()].concat();
    Cents: |samples| Cents::new(-i64::from(samples.next()));
    Rate: |samples| Rate::from_scaled(i64::from(samples.next()));
    Timestamp: |samples| samples.moment().plus(Duration::from_micros(u64::from(samples.next())));
    RealTime: |samples| RealTime::from_micros(Timestamp::sample(samples).micros());
    Duration: |samples| Duration::from_micros(u64::from(samples.next()));
    Date: |samples| Date::constant(2028, 2, i8::try_from(samples.next() % 29 + 1).expect("a day of a month"));
    ClientId: |samples| ClientId::new(Environment::Sandbox, RealTime::sample(samples), [samples.seed; 10]);
    SpanPlace: |samples| SpanPlace { trace: u128::from(samples.next()), span: u64::from(samples.next()) };
    Actor: |samples| Actor::Operator(Sample::sample(samples));
    domain::queue::Who: |samples| domain::queue::Who::Operator(Sample::sample(samples));
    CaseSubject: |samples| CaseSubject::Loan(Sample::sample(samples));
    RoleNames: |samples| format!("credit-{} treasury", samples.next()).parse().expect("names of roles");
    Maker: |samples| Maker::Credential(Sample::sample(samples));
    LateCurve: |samples| LateCurve::of_steps(vec![
        Step { since: Sample::sample(samples), unpaid: Cents::new(2) },
        Step { since: Sample::sample(samples), unpaid: Cents::new(1) },
    ]);
    OfferTerms: |samples| OfferTerms {
        approved_amount: Cents::new(2_000),
        min_amount: Cents::new(1_000),
        interest_rate: Sample::sample(samples),
        term: Term::Range { min: 3, max: 24 },
        product: Product {
            fee: Sample::sample(samples),
            regime: samples.one_of(&IofRegime::ALL),
            charges: samples.one_of(&Charges::ALL),
        },
    };
}
