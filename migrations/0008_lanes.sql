-- Deliveries lie by endpoint: each endpoint is a lane of its own, and a lease moves a delivery to its lease's end in
-- the lane's order. An endpoint's deliveries are listed by their ids, which are in the order of their making.
create table lane_deliveries (
    partner_id text not null,
    endpoint_id text not null,
    id text not null,
    version bigint not null,
    event_id text not null,
    event_type text not null,
    state text not null,
    attempts bigint not null,
    due_at bigint not null,
    leased_until bigint not null,
    sealed {blob} not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, endpoint_id, id)
);
insert into lane_deliveries
    select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts,
        case when leased_until > due_at then leased_until else due_at end,
        leased_until, sealed, created_at, updated_at
    from deliveries;
drop table deliveries;
alter table lane_deliveries rename to deliveries;
create index deliveries_due on deliveries (partner_id, endpoint_id, due_at) where state = 'pending';
