-- What a delivery tells, by its name in the endpoint's generation, and how partners list them.
alter table deliveries add column event_type text not null default '';
create index deliveries_by_endpoint on deliveries (partner_id, endpoint_id, created_at, id);
