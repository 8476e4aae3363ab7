create table bank_accounts (
    partner_id text not null,
    id text not null,
    version bigint not null,
    customer_id text not null,
    sealed {blob} not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, id),
    unique (partner_id, customer_id),
    foreign key (partner_id, customer_id) references customers (partner_id, id)
);

-- The secret under which a browser goes on with a session after its code was exchanged.
alter table biometrics_sessions add column page_hash text;
create index biometrics_sessions_by_page on biometrics_sessions (page_hash);
