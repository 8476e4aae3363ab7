//! Tags of operators on customers.

use std::collections::{BTreeSet, HashMap};

use domain::customer::{CustomerFile, MOST_TAGS, Tag};
use domain::id::{CustomerId, PartnerId};
use domain::page::Page;
use store::customer_tags::Added;
use store::customers::CustomerFilter;
use store::{Cursor, Failed, StoreError, Tx};

use crate::refused::{ListRefused, NotFound, not_found_in, page_or_refused};

/// A customer with its tags, in the order of the alphabet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// The customer.
    pub file: CustomerFile,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// The reason why a tag was not added or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagRefused {
    /// There is no such customer, or it does not have the tag.
    NotFound,
    /// The customer already has [`MOST_TAGS`] tags.
    TooMany,
}

not_found_in!(TagRefused);

/// Most tags of a customer.
pub const MOST: usize = MOST_TAGS;

/// Gives a customer a tag. It may have the tag already. Returns all its tags.
pub fn add(
    tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId, tag: &Tag,
) -> Result<Vec<Tag>, Failed<TagRefused>> {
    super::registration::exists(tx, tenant, customer)
        .map_err(|failed| failed.map_refused(TagRefused::from))?;
    match store::customer_tags::add(tx, tenant, customer, tag)? {
        Added::Done | Added::Known => Ok(of(tx, tenant, customer)?),
        Added::Full => Err(Failed::Refused(TagRefused::TooMany)),
    }
}

/// Takes a tag from a customer. Returns the tags that are left.
pub fn remove(
    tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId, tag: &Tag,
) -> Result<Vec<Tag>, Failed<TagRefused>> {
    if store::customer_tags::remove(tx, tenant, customer, tag)? {
        Ok(of(tx, tenant, customer)?)
    } else {
        Err(Failed::Refused(TagRefused::NotFound))
    }
}

/// The tags of a customer.
pub fn of(tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId) -> Result<Vec<Tag>, StoreError> {
    let tags = store::customer_tags::of_customers(tx, &[tenant], &[customer])?;
    Ok(tags.into_values().flatten().collect())
}

/// A customer with its tags.
pub fn with_tags(tx: &mut Tx<'_>, file: CustomerFile) -> Result<Tagged, StoreError> {
    let tags = of(tx, file.customer.partner, file.customer.id)?;
    Ok(Tagged { file, tags })
}

/// The partner's customer with its tags.
pub fn find(tx: &mut Tx<'_>, tenant: PartnerId, id: CustomerId) -> Result<Tagged, Failed<NotFound>> {
    let file = super::registration::find(tx, tenant, id)?;
    Ok(with_tags(tx, file)?)
}

/// A page of the customers of one partner or of all, with their tags.
///
/// Customers with a tag are found by the tag and come in the order of their registration. If the filter also names a
/// tax number or an identifier, its few customers are found first, so a page may have fewer of them.
pub fn list(
    tx: &mut Tx<'_>, tenant: Option<PartnerId>, filter: &CustomerFilter, tag: Option<&Tag>,
    cursor: &Cursor<CustomerId>,
) -> Result<Page<Tagged>, Failed<ListRefused>> {
    let is_found = filter.cpf.is_some() || filter.cnpj.is_some() || filter.external_id.is_some();
    let page = match tag {
        Some(tag) if !is_found => store::customers::tagged(tx, tenant, filter.state, tag, cursor)?,
        Some(_) | None => store::customers::list(tx, tenant, filter, cursor)?,
    };
    let page = page_or_refused(page)?;
    let partners = owners(page.items.iter());
    let ids: Vec<CustomerId> = page.items.iter().map(|file| file.customer.id).collect();
    let mut tags = store::customer_tags::of_customers(tx, &partners, &ids)?;
    let is_wanted =
        |tags: &[Tag]| tag.is_none_or(|tag| tags.iter().any(|one| one.identity() == tag.identity()));
    Ok(page.filter_map(|file| {
        let tags = tags.remove(&file.customer.id).into_iter().flatten().collect::<Vec<_>>();
        is_wanted(&tags).then_some(Tagged { file, tags })
    }))
}

/// The names of the partners of customers.
pub fn partners_of(tx: &mut Tx<'_>, customers: &[Tagged]) -> Result<HashMap<PartnerId, String>, StoreError> {
    store::partners::names(tx, &owners(customers.iter().map(|tagged| &tagged.file)))
}

fn owners<'f>(files: impl Iterator<Item = &'f CustomerFile>) -> Vec<PartnerId> {
    let owners: BTreeSet<PartnerId> = files.map(|file| file.customer.partner).collect();
    owners.into_iter().collect()
}
