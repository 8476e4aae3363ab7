-- The request log. On SQLite it is in a file of its own, on PostgreSQL beside the other tables.
--
-- No table of the rest refers to these tables, and losing them loses nothing else. {blob} and {in_key} are explained in
-- 0001_foundation.sql.

-- A call of a partner. id begins with the moment of the call. request_id may be the caller's own, so it is not unique.
-- address_hash: a keyed hash of the caller's address. marks: the marks of the call in request_marks, by which the purge
-- finds them. sealed: path, query, address, program and problem.
create table request_calls (
    partner_id text not null,
    id text not null,
    at bigint not null,
    generation text not null,
    request_id text not null,
    method text not null,
    route text not null,
    status bigint not null,
    took bigint not null,
    client_id text not null,
    idempotency_key text,
    replayed boolean not null,
    address_hash text not null,
    marks text not null,
    sealed {blob} not null,
    primary key (partner_id, id)
);
create index request_calls_by_id on request_calls (id);
create index request_calls_by_request on request_calls (request_id, partner_id, id);

-- Names by which a call is found: the ids in its path and its answer, and its idempotency key.
create table request_marks (
    partner_id text not null,
    mark text not null,
    call_id text not null,
    primary key (partner_id, mark, call_id)
){in_key};

-- The masked bodies of a call, in the sandbox only. sealed: both bodies.
create table request_bodies (
    partner_id text not null,
    id text not null,
    sealed {blob} not null,
    primary key (partner_id, id)
);
create index request_bodies_by_id on request_bodies (id);

-- Visits of the pages that a borrower opens by a link. subject: the loan or the customer. id begins with the first moment
-- of the ten minutes in which visits of one page from one kind of device are one.
create table page_visits (
    partner_id text not null,
    subject text not null,
    id text not null,
    at bigint not null,
    on_clock bigint not null,
    page text not null,
    device text not null,
    primary key (partner_id, subject, id)
){in_key};
create index page_visits_by_id on page_visits (id);
