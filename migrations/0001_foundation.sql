-- The tables of the platform, for SQLite and PostgreSQL alike.
-- Times are microseconds since the epoch, money is cents, rates are units of 10^-8, ids and states are
-- text. What is personal is sealed; what must be found is a keyed hash. partner_id leads every primary and
-- unique key, so that the tables can be distributed by partner.

-- What the database is for: its environment.
create table settings (
    name text not null primary key,
    value text not null
);

create table partners (
    id text not null primary key,
    name text not null,
    data_key {blob} not null,
    version bigint not null,
    created_at bigint not null
);

create table system_keys (
    id text not null primary key,
    purpose text not null,
    material {blob} not null,
    created_at bigint not null
);

create table credentials (
    partner_id text not null references partners (id),
    client_id text not null,
    version bigint not null,
    name text not null,
    scope text not null,
    state text not null,
    secret_hash text not null,
    expires_at bigint,
    last_used_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, client_id)
);
create index credentials_by_client on credentials (client_id);
create index credentials_by_age on credentials (partner_id, created_at, client_id);

-- sealed: registration and subjects. kyc: the requirements, without anything personal.
create table customers (
    partner_id text not null references partners (id),
    id text not null,
    version bigint not null,
    state text not null,
    legal_nature text not null,
    cpf_hash text not null,
    cnpj_hash text,
    external_id text,
    name_code text not null,
    sealed {blob} not null,
    kyc text not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, id),
    unique (partner_id, cpf_hash)
);
create index customers_by_age on customers (partner_id, created_at, id);
create index customers_by_change on customers (partner_id, updated_at, id);
create index customers_by_name on customers (partner_id, name_code, id);
create index customers_by_state on customers (partner_id, state, created_at, id);
create index customers_by_external_id on customers (partner_id, external_id, created_at, id);

create table kyc_documents (
    partner_id text not null,
    id text not null,
    customer_id text not null,
    blob_key text not null,
    media_type text not null,
    size bigint not null,
    sha256 text not null,
    created_at bigint not null,
    primary key (partner_id, id),
    foreign key (partner_id, customer_id) references customers (partner_id, id)
);

-- A file is written before its row; what never gets a row is deleted by its intent.
create table blob_intents (
    partner_id text not null,
    blob_key text not null,
    created_at bigint not null,
    primary key (partner_id, blob_key)
);
create index blob_intents_by_age on blob_intents (created_at);

create table biometrics_sessions (
    partner_id text not null,
    id text not null,
    version bigint not null,
    customer_id text not null,
    state text not null,
    review_start text not null,
    code_hash text not null,
    expires_at bigint not null,
    created_at bigint not null,
    primary key (partner_id, id),
    foreign key (partner_id, customer_id) references customers (partner_id, id)
);
create index biometrics_sessions_by_code on biometrics_sessions (code_hash);
create index biometrics_sessions_by_customer on biometrics_sessions (partner_id, customer_id, created_at);

create table credit_decisions (
    partner_id text not null,
    id text not null,
    customer_id text not null,
    outcome text not null,
    terms text,
    policy_version text not null,
    reasons text not null,
    decided_at bigint not null,
    primary key (partner_id, id),
    foreign key (partner_id, customer_id) references customers (partner_id, id)
);
create index credit_decisions_by_customer on credit_decisions (partner_id, customer_id, decided_at);

create table offers (
    partner_id text not null,
    id text not null,
    version bigint not null,
    customer_id text not null,
    decision_id text not null,
    state text not null,
    loan_id text,
    terms text not null,
    valid_until bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, id),
    unique (partner_id, decision_id),
    foreign key (partner_id, customer_id) references customers (partner_id, id)
);
create index offers_by_age on offers (partner_id, created_at, id);
create index offers_by_customer on offers (partner_id, customer_id, created_at, id);
create index offers_by_state on offers (partner_id, state, created_at, id);
create index offers_by_end on offers (valid_until) where state = 'available';

create table simulations (
    partner_id text not null,
    id text not null,
    offer_id text not null,
    quote text not null,
    valid_until bigint not null,
    created_at bigint not null,
    primary key (partner_id, id),
    foreign key (partner_id, offer_id) references offers (partner_id, id)
);
create index simulations_by_offer on simulations (partner_id, offer_id, created_at, id);

-- sealed: signers and the signing link's secret.
create table loans (
    partner_id text not null,
    id text not null,
    version bigint not null,
    customer_id text not null,
    offer_id text not null,
    simulation_id text not null,
    state text not null,
    state_document text not null,
    quote text not null,
    ccb_year bigint,
    ccb_number bigint,
    sealed {blob} not null,
    link_hash text,
    sign_by bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, id),
    foreign key (partner_id, offer_id) references offers (partner_id, id)
);
create index loans_by_link on loans (link_hash);
create index loans_by_deadline on loans (sign_by) where state in ('contract_generated', 'awaiting_signatures');

create table ccb_counters (
    year bigint not null primary key,
    last bigint not null
);

create table transactions (
    partner_id text not null,
    id text not null,
    loan_id text not null,
    number bigint not null,
    due text not null,
    principal bigint not null,
    interest bigint not null,
    paid bigint not null,
    paid_at bigint,
    monthly_rate bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, id),
    unique (partner_id, loan_id, number),
    foreign key (partner_id, loan_id) references loans (partner_id, id)
);

-- sealed: the signing secrets.
create table webhook_endpoints (
    partner_id text not null references partners (id),
    id text not null,
    version bigint not null,
    generation text not null,
    url text not null,
    patterns text not null,
    description text,
    state text not null,
    sealed {blob} not null,
    failing_since bigint,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, id)
);
create index webhook_endpoints_by_age on webhook_endpoints (partner_id, created_at, id);

-- sealed: the resource as it was when the event happened.
create table events (
    partner_id text not null,
    id text not null,
    kind text not null,
    sealed {blob} not null,
    occurred_at bigint not null,
    waiting boolean not null,
    primary key (partner_id, id)
);
create index events_waiting on events (id) where waiting;

-- sealed: the rendered body, the same bytes for every attempt. The lease only keeps two nodes from doing
-- the same work; what makes a result count is the compare-and-set on version.
create table deliveries (
    partner_id text not null,
    id text not null,
    version bigint not null,
    endpoint_id text not null,
    event_id text not null,
    state text not null,
    attempts bigint not null,
    due_at bigint not null,
    leased_until bigint not null,
    sealed {blob} not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, id),
    unique (partner_id, endpoint_id, event_id)
);
create index deliveries_due on deliveries (due_at) where state = 'pending';

-- sealed: the beginning of the answer, which may say anything.
create table delivery_attempts (
    partner_id text not null,
    delivery_id text not null,
    number bigint not null,
    started_at bigint not null,
    duration_ms bigint not null,
    status bigint,
    outcome text not null,
    sealed {blob} not null,
    primary key (partner_id, delivery_id, number)
);

-- sealed: the stored answer.
create table idempotency_keys (
    partner_id text not null,
    key text not null,
    fingerprint text not null,
    status bigint not null,
    location text,
    sealed {blob},
    created_at bigint not null,
    primary key (partner_id, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

create table jobs (
    partner_id text not null,
    id text not null,
    kind text not null,
    subject_id text not null,
    due_at bigint not null,
    attempts bigint not null,
    primary key (partner_id, id)
);
create index jobs_due on jobs (due_at);
