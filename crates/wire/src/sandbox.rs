//! The sandbox's own resources: the partner's clocks and the mailbox.

use domain::clock::{self, ClockName, ClockStatus, Goal};
use domain::time::{self, RealTime, Timestamp as Moment};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::{Code, Problem};
use crate::read::{Fields, Wrong, integer, string};
use crate::text_scalar::{Money, Timestamp, timestamp};

/// Most days that a clock can be ahead of the real time: ten years. No loan runs longer, and late charges stay within
/// the range of an amount.
pub const MOST_DAYS: i64 = 3_653;

/// The time for which a call that moved a clock to a moment can be sent again. No such call takes longer.
const REPEATABLE: std::time::Duration = std::time::Duration::from_mins(10);

/// The partner's clock.
#[derive(Debug, Serialize, ToSchema)]
pub struct Clock {
    /// The time of the partner's resources.
    #[schema(example = "2026-12-31T23:59:59Z")]
    now: Timestamp,
    /// Seconds by which the clock is ahead of the real time.
    #[schema(minimum = 0, example = 3_110_399)]
    offset_seconds: u64,
}

impl Clock {
    /// A clock that shows `now` while the real time is `real`.
    pub fn of(now: Moment, real: RealTime) -> Self {
        Self { now: Timestamp(now), offset_seconds: now.since(real.unmoved()).as_secs() }
    }
}

/// A clock that the partner made beside its main clock.
#[derive(Debug, Serialize, ToSchema)]
pub struct SandboxClock {
    /// Identifies the clock in paths, and in the `clock_id` of customers and lists.
    #[schema(pattern = "^clk_[0-9a-f]{32}$", example = "clk_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The name that the partner gave.
    #[schema(example = "Twelve months of payments")]
    name: String,
    /// `running`: it runs with the real time. `advancing`: it is moved ahead now, and cannot be deleted.
    #[schema(value_type = String, example = "running")]
    status: &'static str,
    /// The time of everything on the clock.
    now: Timestamp,
    /// Seconds by which the clock is ahead of the real time.
    #[schema(minimum = 0, example = 3_110_399)]
    offset_seconds: u64,
    /// The real time of its making.
    created_at: Timestamp,
}

impl SandboxClock {
    /// The clock at the real time `real`.
    pub fn of(clock: &clock::SandboxClock, real: RealTime) -> Self {
        Self {
            id: clock.id.to_string(),
            name: clock.name.clone(),
            status: status_name(clock.status(real)),
            now: Timestamp(real.on_clock(clock.ahead)),
            offset_seconds: clock.ahead.as_secs(),
            created_at: Timestamp(clock.created_at.unmoved()),
        }
    }
}

fn status_name(status: ClockStatus) -> &'static str {
    match status {
        ClockStatus::Running => "running",
        ClockStatus::Advancing => "advancing",
    }
}

/// The clock to make.
#[derive(Debug, Clone, ToSchema)]
#[schema(example = json!({"name": "Twelve months of payments"}))]
pub struct CreateClock {
    /// A name for people, of at most 60 characters. Several clocks may have the same one.
    #[schema(value_type = String, min_length = 1, max_length = 60, example = "Twelve months of payments")]
    pub name: ClockName,
    /// The clock's first time, or a day: it then begins at the end of that day in São Paulo. It must not be before the
    /// real time, and at most 3,653 days after it. Without it, the clock begins at the time of the main clock.
    #[schema(
        value_type = Option<String>,
        pattern = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?Z)?$",
        example = "2035-12-31"
    )]
    pub begins_at: Option<Moment>,
}

impl CreateClock {
    /// Reads the body at the real time `real`.
    pub fn read(body: &Value, real: RealTime) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let name = fields.required("name", clock_name);
        let begins_at = fields.optional("begins_at", |value| {
            let moment = moment_or_day(value)?;
            if moment < real.unmoved() {
                return Err(Wrong::format("must not be before the real time"));
            }
            if moment > latest(real) {
                return Err(Wrong::format(too_far()));
            }
            Ok(moment)
        });
        let name = fields.all(name)?;
        Ok(Self { name, begins_at })
    }
}

fn clock_name(value: &Value) -> Result<ClockName, Wrong> {
    let wrong =
        || Wrong::format(format!("must be 1 to {} readable characters, and no address", ClockName::MOST));
    ClockName::parse(string(value)?).map_err(|_unfit| wrong())
}

fn too_far() -> String {
    format!("the clock can be at most {MOST_DAYS} days ahead of the real time")
}

/// The latest time of a clock while the real time is `real`.
pub fn latest(real: RealTime) -> Moment {
    real.unmoved().plus(time_of_days(MOST_DAYS.unsigned_abs()))
}

/// The time that is to pass: either `days` or `until`.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(example = json!({"days": 30}))]
pub struct AdvanceClock {
    /// Days that are to pass. The clock can be at most 3,653 days ahead of the real time.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 3653, example = 30)]
    pub days: Option<i64>,
    /// The clock's new time, or a day: the clock then stops at the end of that day in São Paulo. The clock never goes back. If
    /// it passed this time within the last ten minutes, the call has no effect, so that it can be sent again.
    #[schema(
        value_type = Option<String>,
        pattern = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?Z)?$",
        example = "2035-12-31"
    )]
    pub until: Option<Moment>,
}

impl AdvanceClock {
    /// Reads the body and returns where the clock is to stop. `now` is the partner's time at the real time `real`.
    pub fn read(body: &Value, now: Moment, real: RealTime) -> Result<Goal, Problem> {
        let mut fields = Fields::of(body)?;
        let days: Option<u64> = fields.optional("days", integer(1, MOST_DAYS));
        let until = fields.optional("until", moment_or_day);
        fields.finish()?;
        let wrong = |param: &str, detail: String| Problem::of_field(param, Code::InvalidFormat, detail);
        let ahead = now.since(real.unmoved());
        let (param, goal) = match (days, until) {
            (Some(days), None) => ("days", Goal::Ahead(ahead.saturating_add(time_of_days(days)))),
            (None, Some(until)) if until > now => ("until", Goal::At(until)),
            (None, Some(until)) if now.since(until) <= REPEATABLE => ("until", Goal::At(now)),
            (None, Some(_)) => {
                return Err(wrong("until", "must be after the clock's time: it never goes back".to_owned()));
            }
            (Some(_), Some(_)) => return Err(wrong("until", "give either days or until".to_owned())),
            (None, None) => {
                let detail = "give either days or until";
                return Err(Problem::of_field("days", Code::MissingRequiredField, detail));
            }
        };
        if goal.at(real) > latest(real) {
            return Err(wrong(param, too_far()));
        }
        Ok(goal)
    }
}

/// A time of a query: a moment, or a day, which stands for its end in São Paulo.
pub fn moment_of_query(text: &str) -> Option<Moment> {
    moment_or_day(&Value::String(text.to_owned())).ok()
}

fn time_of_days(days: u64) -> std::time::Duration {
    std::time::Duration::from_secs(days * 86_400)
}

fn moment_or_day(value: &Value) -> Result<Moment, Wrong> {
    let day: Option<time::Date> = string(value)?.parse().ok().filter(|_| value.as_str().is_some_and(is_day));
    match day {
        Some(day) => Ok(Moment::end_of_business_date(day)),
        None => timestamp(value).map_err(|_| {
            Wrong::format("must be a moment such as 2026-04-01T23:59:59Z or a day such as 2026-04-01")
        }),
    }
}

fn is_day(text: &str) -> bool {
    text.len() == 10
}

/// Something that will happen to a resource of the partner.
#[derive(Debug, Serialize, ToSchema)]
pub struct Upcoming {
    /// Time at which it happens, by the partner's clock.
    pub at: Timestamp,
    /// What happens: `analyse_credit`, `send_files`, `review_kyc`, `finish_biometrics`, `take_loan`, `sign_loan`,
    /// `start_disbursement`, `settle_disbursement`, `pay_installment`, `offer_expires`, `signing_link_expires`, `installment_due` or
    /// `installment_overdue`.
    #[schema(example = "installment_due")]
    pub kind: &'static str,
    /// Identifier of the customer, hosted session, offer or loan.
    #[schema(example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub resource_id: String,
    /// Number of the installment within its loan; null if it happens to no installment.
    #[schema(required, minimum = 1, example = 1)]
    pub installment_number: Option<u16>,
    /// Unpaid principal and interest of the installment, without late charges; null if it happens to none.
    #[schema(required)]
    pub unpaid_amount: Option<Money>,
    /// Name of the event that follows, as `/v3` names it. `null` if no event follows, or if it depends on a decision.
    #[schema(required, example = "credit_offer.expired")]
    pub event: Option<&'static str>,
}

/// An e-mail that the sandbox keeps and does not send.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptMail {
    /// Identifier of the e-mail.
    #[schema(pattern = "^ml_[0-9a-f]{32}$", example = "ml_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// E-mail address of the recipient.
    #[schema(example = "ana@example.com")]
    pub to: String,
    /// Subject of the e-mail, in Portuguese.
    #[schema(example = "Seu código para assinar: 123456")]
    pub subject: String,
    /// Text of the e-mail, in Portuguese.
    #[schema(example = "Olá, Ana Souza. O código para assinar o contrato CCB-2026-001234 é 123456.")]
    pub text: String,
    /// Time at which the e-mail was written.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_clock_is_moved_by_days_or_to_a_time() {
        let now = Moment::from_seconds(1_768_478_400);
        let read = |body: Value| AdvanceClock::read(&body, now, now.unmoved());
        assert_eq!(read(json!({"days": 2})).unwrap(), Goal::Ahead(time_of_days(2)));
        let end = read(json!({"until": "2026-02-15"})).unwrap().at(now.unmoved());
        assert_eq!(end.business_date().to_string(), "2026-02-15");
        assert!(read(json!({"until": "2026-01-16T00:00:00Z"})).is_ok());
        // The clock is there already, or has run on since the same call was made. It is 12:00.
        for passed in ["2026-01-15T12:00:00Z", "2026-01-15T11:50:00Z"] {
            assert_eq!(read(json!({"until": passed})).unwrap(), Goal::At(now), "{passed}");
        }
        for (wrong, param) in [
            (json!({}), "days"),
            (json!({"days": 0}), "days"),
            (json!({"days": 1.5}), "days"),
            (json!({"days": "3"}), "days"),
            (json!({"days": 4000}), "days"),
            (json!({"days": 1, "until": "2026-02-15"}), "until"),
            (json!({"until": "2026-01-14"}), "until"),
            (json!({"until": "2026-01-15T11:49:59Z"}), "until"),
            (json!({"until": "2099-01-01"}), "until"),
            (json!({"until": "9999-12-31"}), "until"),
            (json!({"until": "9999-12-30T20:00:00Z"}), "until"),
            (json!({"until": "soon"}), "until"),
            (json!({"until": 7}), "until"),
        ] {
            let problem = read(wrong.clone()).unwrap_err();
            assert_eq!(problem.errors[0].param, param, "{wrong}");
        }
    }

    #[test]
    fn a_clock_is_at_most_ten_years_ahead_of_the_real_time() {
        let real = Moment::from_seconds(1_768_478_400);
        let ahead = real.plus(time_of_days(3_650));
        let read = |body: Value| AdvanceClock::read(&body, ahead, real.unmoved());
        assert_eq!(read(json!({"days": 3})).unwrap().at(real.unmoved()), real.plus(time_of_days(3_653)));
        assert_eq!(read(json!({"days": 4})).unwrap_err().errors[0].param, "days");
        assert_eq!(read(json!({"until": "2036-02-01"})).unwrap_err().errors[0].param, "until");
        // A clock may already be ahead by more than the limit, from before the limit. It can be read but not moved.
        assert!(AdvanceClock::read(&json!({"days": 1}), Moment::MAX, real.unmoved()).is_err());
    }
}
