-- Who decides for the lender; of a token only a hash is kept.
create table operators (
    id text not null primary key,
    name text not null,
    token_hash text not null unique,
    data_key {blob} not null,
    created_at bigint not null,
    revoked_at bigint
);

-- Append-only: each entry's hash covers the one before.
create table audit_entries (
    number bigint not null primary key,
    at bigint not null,
    operator_id text not null,
    operation text not null,
    status bigint not null,
    request_id text not null,
    fingerprint text not null,
    hash text not null
);
create table audit_head (
    id bigint not null primary key,
    number bigint not null,
    hash text not null
);
insert into audit_head (id, number, hash) values (1, 0, '');

-- Operators look across partners.
create index customers_by_id on customers (id);
create index customers_by_work on customers (state, created_at, id);
create index customers_by_age_of_all on customers (created_at, id);
create index offers_by_id on offers (id);
create index offers_by_age_of_all on offers (created_at, id);
create index loans_by_id on loans (id);
create index loans_by_work on loans (state, created_at, id);
create index loans_by_age_of_all on loans (created_at, id);
create index loans_by_customer on loans (partner_id, customer_id, created_at, id);
create index payments_by_id on payments (id);
create index kyc_documents_by_id on kyc_documents (id);

-- What a decision was made of, and who made it.
alter table credit_decisions add column inputs text not null default '[]';
alter table credit_decisions add column decided_by text not null default 'sandbox';

-- Who recorded what moves money.
alter table journal_entries add column actor text not null default 'sandbox';
alter table payments add column recorded_by text not null default 'sandbox';
alter table credit_decisions add column valid_days bigint;
