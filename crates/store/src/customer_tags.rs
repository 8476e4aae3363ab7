//! Tags of operators on customers. The text is sealed, because it may name people; the keyed hash of its identity finds
//! the customers with a tag.
//!
//! A reader of the database without the key learns which customers of all partners share a tag.

use std::collections::BTreeMap;

use domain::customer::{CustomerState, MOST_TAGS, Tag};
use domain::id::{CustomerId, PartnerId};
use domain::page::Order;

use crate::db::{Arg, LONGEST, ToArg, owned_by, row_count};
use crate::document::corrupt;
use crate::listing::Cursor;
use crate::listing::text::{Comparison, Condition, Role, Statement, Test};
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A tag as it is stored. `place`: 1 to 10. The unique place keeps the limit if two operators add tags at once.
    struct TagRow in "customer_tags" by (partner_id, customer_id, place) {
        partner_id: PartnerId,
        customer_id: CustomerId,
        place: i64,
        tag_hash: String,
        sealed: Vec<u8>,
    }
}

impl TagRow {
    fn context(customer: CustomerId, tag_hash: &str) -> String {
        format!("customer_tags:{customer}:{tag_hash}")
    }

    fn open(&self, tx: &mut Tx<'_>) -> Result<Tag, StoreError> {
        let context = Self::context(self.customer_id, &self.tag_hash);
        let text = tx.unseal(self.partner_id, &context, &self.sealed)?;
        Tag::parse(&String::from_utf8(text).map_err(corrupt)?).map_err(corrupt)
    }
}

fn hash(tx: &Tx<'_>, tag: &Tag) -> String {
    tx.keyring().lookup("tag", &tag.identity())
}

/// The result of adding a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// The customer has the tag now.
    Done,
    /// The customer has had it before.
    Known,
    /// The customer has the most tags that it may have.
    Full,
}

/// Gives a customer a tag. If the customer got another one meanwhile, the script runs again.
pub fn add(
    tx: &mut Tx<'_>, partner_id: PartnerId, customer_id: CustomerId, tag: &Tag,
) -> Result<Added, StoreError> {
    let own = args![partner_id, customer_id];
    let rows = tx.find_all::<TagRow>("where partner_id = $1 and customer_id = $2", own)?;
    let tag_hash = hash(tx, tag);
    if rows.iter().any(|row| row.tag_hash == tag_hash) {
        return Ok(Added::Known);
    }
    let is_free = |place: &i64| rows.iter().all(|row| row.place != *place);
    let Some(place) = (1..=row_count(MOST_TAGS)).find(is_free) else { return Ok(Added::Full) };
    let context = TagRow::context(customer_id, &tag_hash);
    let sealed = tx.seal(partner_id, &context, tag.as_str().as_bytes())?;
    tx.insert(&TagRow { partner_id, customer_id, place, tag_hash, sealed })?;
    Ok(Added::Done)
}

/// Takes a tag from a customer; `false` if it does not have the tag.
pub fn remove(
    tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId, tag: &Tag,
) -> Result<bool, StoreError> {
    let sql = "delete from customer_tags where partner_id = $1 and customer_id = $2 and tag_hash = $3";
    Ok(tx.execute(sql, args![partner, customer, hash(tx, tag)])? > 0)
}

/// The tags of these customers of these partners, in the order of the alphabet. An unreadable tag is logged and missing.
pub fn of_customers(
    tx: &mut Tx<'_>, partners: &[PartnerId], customers: &[CustomerId],
) -> Result<BTreeMap<CustomerId, Vec<Tag>>, StoreError> {
    let mut found: BTreeMap<CustomerId, Vec<Tag>> = BTreeMap::new();
    for chunk in customers.chunks(LONGEST) {
        let (rest, args) = owned_by(partners, chunk);
        for row in tx.find_all::<TagRow>(&rest, &args)? {
            match row.open(tx) {
                Ok(tag) => found.entry(row.customer_id).or_default().push(tag),
                Err(StoreError::Corrupt(reason)) => {
                    let customer = row.customer_id.to_string();
                    tracing::error!(customer.id = customer, reason, "a tag of a customer cannot be read");
                }
                Err(other) => return Err(other),
            }
        }
    }
    for tags in found.values_mut() {
        tags.sort_unstable();
    }
    Ok(found)
}

/// The customers with a tag, of one partner or of all: at most `limit`, in the order of their registration.
pub fn tagged(
    tx: &mut Tx<'_>, tag: &Tag, partner: Option<PartnerId>, state: Option<CustomerState>,
    cursor: &Cursor<CustomerId>,
) -> Result<Vec<CustomerId>, StoreError> {
    let (side, direction) = match cursor.order {
        Order::Ascending => (Comparison::More, "asc"),
        Order::Descending => (Comparison::Less, "desc"),
    };
    let mut conditions = vec![Condition::equal("t.tag_hash", Arg::Text(hash(tx, tag).into()))];
    conditions.extend(partner.as_ref().map(|partner| Condition::equal("t.partner_id", partner.to_arg())));
    conditions.extend(
        cursor.after.as_ref().map(|after| {
            Condition::new(Role::Filters, Test::Compared("t.customer_id", side, after.to_arg()))
        }),
    );
    let joined = if let Some(state) = &state {
        let same = "c.partner_id = t.partner_id and c.id = t.customer_id".into();
        conditions.push(Condition::new(Role::Filters, Test::Text(same)));
        conditions.push(Condition::equal("c.state", state.to_arg()));
        " cross join customers c"
    } else {
        ""
    };
    // The ids are in the order of time.
    let order = format!(" order by t.customer_id {direction} limit {}", cursor.limit.get() + 1);
    let select = format!("select t.customer_id from customer_tags t{joined}");
    let Statement { sql, args } = Statement::of(select).filter(&conditions).text(&order);
    tx.fetch_all(&sql, &args)
}
