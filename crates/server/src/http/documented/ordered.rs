//! Writes a document with the operations of a path in the order of a resource's life.

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{PathItem, Paths};

/// A document that is written in reading order.
pub(super) struct Ordered<'a>(pub(super) &'a OpenApi);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let document = self.0;
        let mut whole = serializer.serialize_struct("OpenApi", 9)?;
        whole.serialize_field("openapi", &document.openapi)?;
        whole.serialize_field("info", &document.info)?;
        whole.serialize_field("servers", &document.servers)?;
        whole.serialize_field("tags", &document.tags)?;
        whole.serialize_field("security", &document.security)?;
        whole.serialize_field("paths", &OrderedPaths(&document.paths))?;
        if let Some(webhooks) = &document.webhooks {
            whole.serialize_field("webhooks", &OrderedPaths(webhooks))?;
        }
        whole.serialize_field("components", &document.components)?;
        whole.end()
    }
}

struct OrderedPaths<'a>(&'a Paths);

impl Serialize for OrderedPaths<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.paths.iter().map(|(path, item)| (path, OrderedItem(item))))
    }
}

struct OrderedItem<'a>(&'a PathItem);

impl Serialize for OrderedItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let item = self.0;
        let mut operations = serializer.serialize_map(None)?;
        let in_order =
            [("post", &item.post), ("get", &item.get), ("patch", &item.patch), ("delete", &item.delete)];
        for (method, operation) in in_order {
            if let Some(operation) = operation {
                operations.serialize_entry(method, operation)?;
            }
        }
        operations.end()
    }
}
