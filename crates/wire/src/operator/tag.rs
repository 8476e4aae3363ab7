//! Tags of operators on customers.

use domain::customer::Tag;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::read::{Wrong, one, string};

/// A tag to add or to remove.
#[derive(Debug, ToSchema)]
#[schema(as = CustomerTag)]
pub struct TagBody {
    /// The tag: letters and digits, joined by hyphens. Case and accents do not count, and spaces become hyphens.
    #[schema(
        value_type = String,
        min_length = 2,
        max_length = 30,
        example = "renda-a-conferir"
    )]
    pub tag: Tag,
}

impl TagBody {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Tag, Problem> {
        one(body, "tag", |value| Tag::parse(string(value)?).map_err(|wrong| Wrong::format(wrong.to_string())))
    }
}

/// The tags of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerTags {
    /// The tags, in the order of the alphabet.
    #[schema(max_items = 10, example = json!(["renda-a-conferir"]))]
    pub tags: Vec<String>,
}

impl CustomerTags {
    /// Renders tags.
    pub fn of(tags: &[Tag]) -> Self {
        Self { tags: tags.iter().map(ToString::to_string).collect() }
    }
}
