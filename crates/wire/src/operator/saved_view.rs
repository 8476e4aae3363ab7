//! Saved views of queues.

use std::time::Duration;

use domain::money::Cents;
use domain::queue::{self, Filter, Queue, Who};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::queue::QueueName;
use crate::problem::Problem;
use crate::read::{Fields, Wrong, label, string};
use crate::text_scalar::{Money, Timestamp};

/// Longest name of a view, in characters.
const LONGEST_NAME: usize = 60;

/// A view to save: a filter of a queue under a name. A filter that is absent or null does not matter.
#[derive(Debug, ToSchema)]
pub struct SaveView {
    /// The queue.
    #[schema(value_type = QueueName)]
    pub queue: Queue,
    /// Name of the view. A view of the queue with the same name is replaced.
    #[schema(example = "Acima de 50 mil", max_length = 60)]
    pub name: String,
    /// Only cases of this partner.
    #[schema(
        value_type = Option<String>,
        required = false,
        pattern = "^ptr_[0-9a-f]{32}$",
        example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607"
    )]
    pub partner_id: Option<domain::id::PartnerId>,
    /// Only cases that this operator has taken: `me`, `nobody` or the id of an operator.
    #[schema(
        value_type = Option<String>,
        required = false,
        pattern = "^(me|nobody|op_[0-9a-f]{32})$",
        example = "nobody"
    )]
    pub assignee: Option<Who>,
    /// Only cases that have waited longer, in seconds.
    #[schema(value_type = Option<i32>, required = false, minimum = 0, example = 14400)]
    pub older_than_s: Option<u64>,
    /// Only cases of at least this amount.
    #[schema(
        value_type = Option<String>,
        required = false,
        pattern = r"^(0|[1-9]\d{0,8})\.\d{2}$",
        example = "50000.00"
    )]
    pub amount_from: Option<Cents>,
}

impl SaveView {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let queue = |value: &Value| {
            string(value)?.parse::<Queue>().map_err(|_| Wrong::format("is not the name of a queue"))
        };
        let queue = fields.required("queue", queue);
        let name = fields.required("name", label(LONGEST_NAME));
        let partner_id = fields.optional("partner_id", |value| {
            string(value)?.parse().map_err(|_| Wrong::format("must be the id of a partner"))
        });
        let assignee = fields
            .optional("assignee", |value| string(value)?.parse().map_err(|_| Wrong::format(Who::WRONG)));
        let older_than_s = fields.optional("older_than_s", |value| {
            let seconds = value.as_u64().filter(|seconds| i32::try_from(*seconds).is_ok());
            seconds.ok_or_else(|| Wrong::format("must be 0 to 2147483647 seconds"))
        });
        let amount_from = fields.optional("amount_from", |value| {
            Cents::parse(string(value)?).map_err(|_| Wrong::format("must be an amount such as 5000.00"))
        });
        let both = queue.zip(name);
        let read = |(queue, name)| Self { queue, name, partner_id, assignee, older_than_s, amount_from };
        fields.all(both.map(read))
    }

    /// The filter.
    pub fn filter(&self) -> Filter {
        Filter {
            partner: self.partner_id,
            who: self.assignee,
            older_than: self.older_than_s.map(Duration::from_secs),
            least: self.amount_from,
        }
    }
}

/// A saved view: a filter of a queue under a name. Only the operator who saved it sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedView {
    /// Identifier of the view.
    #[schema(pattern = "^view_[0-9a-f]{32}$", example = "view_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The queue.
    queue: QueueName,
    /// Name of the view.
    #[schema(example = "Acima de 50 mil")]
    name: String,
    /// Only cases of this partner; null for all.
    #[schema(required, pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: Option<String>,
    /// Only cases that this operator has taken: `me`, `nobody` or the id of an operator; null for all.
    #[schema(required, example = "nobody")]
    assignee: Option<String>,
    /// Only cases that have waited longer, in seconds; null for all.
    #[schema(required, example = 14400)]
    older_than_s: Option<u64>,
    /// Only cases of at least this amount; null for all.
    #[schema(required, example = "50000.00")]
    amount_from: Option<Money>,
    /// Time of saving.
    saved_at: Timestamp,
}

impl SavedView {
    /// Renders a view.
    pub fn of(view: &queue::SavedView) -> Self {
        Self {
            id: view.id.to_string(),
            queue: view.queue.into(),
            name: view.name.clone(),
            partner_id: view.filter.partner.map(|partner| partner.to_string()),
            assignee: view.filter.who.map(|who| who.to_string()),
            older_than_s: view.filter.older_than.map(|span| span.as_secs()),
            amount_from: view.filter.least.map(Money),
            saved_at: Timestamp::real(view.saved_at),
        }
    }
}

/// The saved views of an operator.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedViewList {
    /// Every view, oldest first, at most fifty.
    pub data: Vec<SavedView>,
}
