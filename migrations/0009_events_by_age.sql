-- How partners list what happened to their resources. The kind is there so that a filter for a rare one reads the index
-- alone on its way.
create index events_by_age on events (partner_id, occurred_at, id, kind);
