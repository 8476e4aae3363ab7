-- The tables of the platform, for SQLite and PostgreSQL alike.
--
-- Times are microseconds since the epoch, money is cents, rates are units of 10^-8. Ids, states and JSON documents are
-- text. There are no engine times, enums, triggers or JSON operators. The only sequence, arrival, is the order in which
-- events were inserted; SQLite has it as the rowid. {blob} is the engine's type of bytes. {in_bytes} makes ids compare
-- byte by byte, as SQLite always does. {months_of_*} divides a table into months by an id; SQLite has no months.
-- {in_key} stores small rows in the primary key.
-- Personal data is in columns named sealed. A value that must be found has a keyed hash in a column named *_hash.
-- partner_id leads every primary and unique key of partners' data, so that the tables can be distributed by partner.
-- An index *_of_all or *_by_id without partner_id serves the operators, who look across partners.

-- ---------------------------------------------------------------------------------------------------------------
-- The database and its owners
-- ---------------------------------------------------------------------------------------------------------------

-- Settings of the database itself, such as its environment.
create table settings (
    name text not null primary key,
    value text not null
);

-- Master keys by their fingerprints; the keys themselves are never stored. The current one wraps new keys. version: changes
-- with each new key, so that a rotation and new keys take turns.
create table master_keys (
    fingerprint text not null primary key,
    version bigint not null,
    role text not null,
    created_at bigint not null
);

-- Keys of the database: look-up, audit trail, token signing. master_key: the fingerprint of the master key that wraps it.
create table system_keys (
    id text not null primary key,
    purpose text not null,
    master_key text not null,
    material {blob} not null,
    created_at bigint not null
);

-- Servers that use the database. master_keys: the fingerprints that each knows, with spaces between them.
create table nodes (
    id text not null primary key,
    master_keys text not null,
    started_at bigint not null,
    seen_at bigint not null
);

-- Keys of partners and operators. A sealed value begins with the number of its key. partner_id: a partner or an operator.
create table data_keys (
    partner_id text not null,
    number bigint not null,
    master_key text not null,
    material {blob} not null,
    created_at bigint not null,
    primary key (partner_id, number)
);
create index data_keys_by_master_key on data_keys (master_key, partner_id, number);

-- clock_offset: microseconds by which the partner's clock is ahead of the real
-- time; it only grows, and only in the sandbox. version: makes transactions that count credentials or endpoints take
-- turns.
-- requests_per_10s: the partner's own limit for each credential; null for the configuration's. limits_version: changes with
-- the limits alone, and version with every change.
-- clock_of: the partner that made this clock, if the row is a clock of the sandbox. Everything of the clock's customers is
-- stored under the row's id. advancing_until: the end of the lease of the advance under way.
create table partners (
    id text not null primary key,
    name text not null,
    version bigint not null,
    created_at bigint not null,
    clock_offset bigint not null default 0,
    requests_per_10s bigint,
    limits_version bigint not null default 1,
    clock_of text,
    advancing_until bigint
);
create index partners_with_moved_clocks on partners (id) where clock_offset > 0;
create index partners_clocks on partners (clock_of, created_at, id) where clock_of is not null;

-- created_by: the client id of another credential, an operator's id, or command_line.
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
    created_by text,
    primary key (partner_id, client_id)
);
create index credentials_by_client on credentials (client_id);
create index credentials_by_age on credentials (partner_id, created_at, client_id);
create index credentials_by_maker on credentials (partner_id, created_by);

-- ---------------------------------------------------------------------------------------------------------------
-- Operators and their audit trail
-- ---------------------------------------------------------------------------------------------------------------

-- People and programs that decide for the lender. A token is kept as a hash only. roles: names with spaces between them.
create table operators (
    id text not null primary key,
    version bigint not null,
    kind text not null,
    name text not null,
    roles text not null,
    team_of text,
    team_role text,
    token_hash text not null unique,
    created_by text not null,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint,
    revoked_at bigint
);
create index operators_by_team on operators (team_of, created_at, id) where team_of is not null;

-- People who sign in to the console: each is an operator. account_hash: of the account at the lender's provider, if the
-- person signs in there. sealed: address, account, password, second factors.
create table people (
    id text not null primary key references operators (id),
    version bigint not null,
    email_hash text not null unique,
    account_hash text unique,
    sealed {blob} not null,
    created_at bigint not null
);

-- Links that sign a person in once.
create table entries (
    secret_hash text not null primary key,
    operator_id text not null references operators (id),
    version bigint not null,
    purpose text not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);
create index entries_by_operator on entries (operator_id);
create index entries_by_expiry on entries (expires_at);

-- Programs that ask for a credential. confirmed_for: the partner whose credential it will be. confirmed_by: the person.
create table program_logins (
    secret_hash text not null primary key,
    code text not null unique,
    name text not null,
    confirmed_for text,
    confirmed_by text,
    created_at bigint not null,
    expires_at bigint not null
);
create index program_logins_by_expiry on program_logins (expires_at);

-- E-mails to people who sign in. sealed: address, subject and text. reason: why it was given up.
create table person_mails (
    operator_id text not null references operators (id),
    id text not null,
    state text not null,
    attempts bigint not null,
    due_at bigint not null,
    address_hash text not null,
    sealed {blob} not null,
    reason text not null,
    created_at bigint not null,
    changed_at bigint not null,
    request_id text,
    traceparent text,
    primary key (operator_id, id)
);
create index person_mails_by_id on person_mails (id);
create index person_mails_due on person_mails (due_at) where state = 'waiting';
create index person_mails_by_address on person_mails (address_hash, created_at);
create index person_mails_by_age on person_mails (created_at);

-- Sessions of people in the console. sealed: where they were opened.
create table sessions (
    operator_id text not null references operators (id),
    id text not null,
    version bigint not null,
    secret_hash text not null unique,
    proof text not null,
    sealed {blob} not null,
    created_at bigint not null,
    proved_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null,
    ended_at bigint,
    primary key (operator_id, id)
);
create index sessions_by_id on sessions (id);
create index sessions_by_expiry on sessions (expires_at);

-- Challenges that a browser's passkey answers, one a session. sealed: what the answer is checked against.
create table challenges (
    operator_id text not null references operators (id),
    session_id text not null,
    sealed {blob} not null,
    expires_at bigint not null,
    primary key (operator_id, session_id)
);
create index challenges_by_session on challenges (session_id);
create index challenges_by_expiry on challenges (expires_at);

-- Decisions of operators that wait for a second person, or waited for one. subject_id: the id of a resource of of_partner,
-- of an operator, or of a version of the credit policy. roles: those that an operator will have.
create table proposals (
    id text not null primary key,
    version bigint not null,
    action text not null,
    roles text,
    of_partner text,
    subject_id text not null,
    subject_version bigint not null,
    amount bigint,
    state text not null,
    proposed_by text not null references operators (id),
    proposed_at bigint not null,
    expires_at bigint not null,
    decided_by text references operators (id),
    decided_at bigint,
    note text
);
create index proposals_by_age on proposals (proposed_at, id);
create index proposals_by_state on proposals (state, proposed_at, id);
create index proposals_by_partner on proposals (of_partner) where of_partner is not null;
create index proposals_by_subject on proposals (subject_id);
create unique index proposals_open on proposals (subject_id, action) where state = 'proposed';

-- The grounds of proposals that have some. sealed: terms, facts and reasons.
create table proposal_grounds (
    partner_id text not null references partners (id),
    id text not null,
    sealed {blob} not null,
    primary key (partner_id, id)
);

-- What waits for an operator now, one row for each subject in a queue. It is written and deleted together with the
-- subject's change. partner_id: null for the lender's own operators. since: in real time. sign_by: on the partner's clock. Overdue loans have a row only while somebody
-- has taken them.
create table cases (
    partner_id text references partners (id),
    subject_id text not null,
    queue text not null,
    customer_id text,
    amount bigint,
    sign_by bigint,
    since bigint not null,
    assignee text,
    primary key (subject_id, queue)
);
create index cases_by_age on cases (queue, since, subject_id);
create index cases_by_partner on cases (partner_id, queue, since, subject_id);
create index cases_by_assignee on cases (assignee, queue);

-- Cases that ended within the last day. With the present cases they give the movements of each hour.
create table case_ends (
    partner_id text references partners (id),
    subject_id text not null,
    queue text not null,
    left_at bigint not null,
    since bigint not null,
    customer_id text,
    amount bigint,
    primary key (subject_id, queue, left_at)
);
create index case_ends_by_departure on case_ends (queue, left_at);
create index case_ends_by_arrival on case_ends (queue, since);
create index case_ends_by_age on case_ends (left_at);

-- Operators who look at a case. A mark lives for half a minute, and its open page renews it.
create table case_visits (
    subject_id text not null,
    operator_id text not null references operators (id),
    seen_at bigint not null,
    primary key (subject_id, operator_id)
);

-- Filters of queues that operators saved under a name. older_than: microseconds.
create table saved_views (
    operator_id text not null references operators (id),
    id text not null,
    queue text not null,
    name text not null,
    of_partner text,
    assignee text,
    older_than bigint,
    amount_from bigint,
    saved_at bigint not null,
    primary key (operator_id, id)
);

-- Append-only: each entry's hash is an HMAC over the entry and the previous hash. day: the business date of the entry.
-- state_before, state_after: of the subject, empty without a change. sealed: the address and the browser of the call.
create table audit_entries (
    number bigint not null primary key,
    at bigint not null,
    day text not null,
    operator_id text not null,
    operation text not null,
    status bigint not null,
    request_id text not null,
    fingerprint text not null,
    state_before text not null,
    state_after text not null,
    sealed {blob} not null,
    hash text not null
);
create index audit_entries_by_day on audit_entries (day, number);
create index audit_entries_by_request on audit_entries (request_id, number);
create index audit_entries_by_operator on audit_entries (operator_id, number);

-- Calls that were committed with their changes and are not in the trail yet. The next batch moves them there. code: an
-- HMAC over the call and its id.
create table audit_calls (
    id text not null primary key,
    at bigint not null,
    operator_id text not null,
    operation text not null,
    status bigint not null,
    request_id text not null,
    fingerprint text not null,
    state_before text not null,
    state_after text not null,
    sealed {blob} not null,
    code text not null
);

-- The last entry of the trail, in one row. Batches take turns on it.
create table audit_head (
    id bigint not null primary key,
    number bigint not null,
    hash text not null
);
insert into audit_head (id, number, hash) values (1, 0, '');

-- ---------------------------------------------------------------------------------------------------------------
-- Customers, their KYC and their accounts
-- ---------------------------------------------------------------------------------------------------------------

-- sealed: registration and people. kyc: the packed requirements, without personal data. name_code: sorts by name.
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
    kyc {blob} not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, id),
    unique (cpf_hash, partner_id)
);
create index customers_by_age on customers (partner_id, created_at, id);
create index customers_by_change on customers (partner_id, state, updated_at, id);
create index customers_by_name on customers (partner_id, state, name_code, id);
create index customers_by_state on customers (partner_id, state, created_at, id);
create index customers_by_external_id on customers (external_id, partner_id);
create index customers_by_id on customers (id);
create index customers_by_work on customers (state, created_at, id);
-- Exposure is summed over all partners by the keyed hashes of CPF and CNPJ.
create index customers_by_cnpj on customers (cnpj_hash, partner_id);

-- Tags of operators on customers. place: 1 to 10, so that no customer has more. tag_hash: the keyed hash of the tag, by
-- which all customers with it are found. sealed: the tag.
create table customer_tags (
    partner_id text not null,
    customer_id text not null,
    place bigint not null,
    tag_hash text not null,
    sealed {blob} not null,
    primary key (partner_id, customer_id, place),
    foreign key (partner_id, customer_id) references customers (partner_id, id)
);
create index customer_tags_by_tag on customer_tags (tag_hash, customer_id);

-- The index of operators' searches, over all partners. code: the keyed hash of a part of a name, of a contact, of a
-- co-owner's CPF or of a bank account, in 48 bits. customer: the bytes of a customer's id.
create table search_codes (
    code bigint not null,
    customer {blob} not null,
    primary key (code, customer)
){in_key};

-- The progress of that index. after_id: customers up to this id are filled in; null once all are. place: customers whose
-- registration has a place up to this one are in the index.
create table search_feeds (
    partner_id text not null primary key references partners (id),
    version bigint not null,
    after_id text,
    place bigint not null
);

-- Half of a file's key; the other half is the data key of its partner. A file without its secret can be opened by nobody,
-- wherever a copy of it is. file: the file's name without the number of its key.
create table file_secrets (
    partner_id text not null references partners (id),
    file text not null,
    secret {blob} not null,
    primary key (partner_id, file)
);

-- replaced_at: the time at which a newer document replaced it before a review. Its file is deleted an hour later.
create table kyc_documents (
    partner_id text not null,
    id text not null,
    customer_id text not null,
    blob_key text not null,
    media_type text not null,
    size bigint not null,
    sha256 text not null,
    created_at bigint not null,
    replaced_at bigint,
    primary key (partner_id, id),
    foreign key (partner_id, customer_id) references customers (partner_id, id)
);
create index kyc_documents_by_customer on kyc_documents (partner_id, customer_id);
create index kyc_documents_by_id on kyc_documents (id);
create index kyc_documents_by_content on kyc_documents (sha256);
create index kyc_documents_replaced on kyc_documents (replaced_at) where replaced_at is not null;

-- A file is written before its row. If the row never comes, the purge finds the file by its intent. customer_id: the
-- customer whose KYC the file is for. Files that are still being written count too.
create table blob_intents (
    partner_id text not null,
    blob_key text not null,
    created_at bigint not null,
    customer_id text,
    primary key (partner_id, blob_key)
);
create index blob_intents_by_age on blob_intents (created_at);
create index blob_intents_by_customer on blob_intents (partner_id, customer_id);

-- page_hash: the hash of the secret with which a browser continues a session after the exchange of its code.
create table biometrics_sessions (
    partner_id text not null,
    id text not null,
    version bigint not null,
    customer_id text not null,
    state text not null,
    review_start text not null,
    code_hash text not null,
    page_hash text,
    expires_at bigint not null,
    created_at bigint not null,
    primary key (partner_id, id),
    foreign key (partner_id, customer_id) references customers (partner_id, id)
);
create index biometrics_sessions_by_code on biometrics_sessions (code_hash);
create index biometrics_sessions_by_page on biometrics_sessions (page_hash);
create index biometrics_sessions_by_customer on biometrics_sessions (partner_id, customer_id, created_at);

-- A person's wish for the erasure of its data. due_at: the partner's time from which no law makes the lender keep it.
-- erased_at: compare-and-set by whoever erases it first.
create table erasures (
    partner_id text not null,
    customer_id text not null,
    asked_by text not null,
    asked_at bigint not null,
    due_at bigint not null,
    erased_at bigint,
    primary key (partner_id, customer_id),
    foreign key (partner_id, customer_id) references customers (partner_id, id)
);
create index erasures_due on erasures (due_at) where erased_at is null;
create index erasures_due_by_partner on erasures (partner_id, due_at) where erased_at is null;

-- sealed: the account. A customer has at most one.
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

-- A change of the account that receives a signed contract's money. The borrower confirms it by a code. A customer has
-- at most one. The link and the code are kept as hashes only. sealed: the account, and the address of the e-mail.
create table bank_account_changes (
    partner_id text not null,
    customer_id text not null,
    version bigint not null,
    state text not null,
    account_id text not null,
    link_hash text not null,
    sealed {blob} not null,
    asked_at bigint not null,
    code_hash text,
    code_sent_at bigint,
    wrong bigint not null,
    wrong_in_all bigint not null,
    locked_until bigint,
    sent bigint not null,
    counted_from bigint,
    primary key (partner_id, customer_id),
    foreign key (partner_id, customer_id) references customers (partner_id, id)
);
create index account_changes_by_link on bank_account_changes (link_hash);

-- ---------------------------------------------------------------------------------------------------------------
-- Credit: decisions, offers, simulations
-- ---------------------------------------------------------------------------------------------------------------

-- sealed: reasons and inputs, which name people and their figures. decided_by: the maker of the decision.
create table credit_decisions (
    partner_id text not null,
    id text not null,
    customer_id text not null,
    outcome text not null,
    terms text,
    policy_version text not null,
    sealed {blob} not null,
    decided_by text not null,
    valid_days bigint,
    decided_at bigint not null,
    primary key (partner_id, id),
    foreign key (partner_id, customer_id) references customers (partner_id, id)
);
create index credit_decisions_by_customer on credit_decisions (partner_id, customer_id, decided_at);
-- A new policy is compared with the one in force on these.
create index credit_decisions_of_policy on credit_decisions (decided_at, id) where decided_by = 'policy';

-- Uploaded versions of the credit policy. The file of the configuration is version zero and has no row. adopted: counted
-- from 1 in the order in which versions came into force; the highest is in force. comparison: what it would have decided.
-- base: the number of the version with which it was compared; 0 for the file.
create table policy_versions (
    id text not null primary key,
    version bigint not null,
    name text not null,
    content text not null,
    sha256 text not null,
    comparison text not null,
    uploaded_by text not null references operators (id),
    uploaded_at bigint not null,
    base bigint not null,
    adopted bigint unique,
    adopted_at bigint,
    adopted_by text references operators (id)
);
create index policy_versions_by_age on policy_versions (uploaded_at, id);

-- Analyses of one person or company take turns on its row, over all partners.
create table exposure_turns (
    lookup_hash text not null primary key,
    turn bigint not null
);

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
create index offers_by_customer on offers (partner_id, customer_id, created_at, id);
create index offers_by_state on offers (partner_id, state, created_at, id);
create index offers_by_end on offers (valid_until) where state = 'available';
create index offers_by_partner_end on offers (partner_id, valid_until) where state = 'available';
create index offers_by_id on offers (id);
create index offers_by_work on offers (state, created_at, id);

-- quote: null while a loan made of it has the quote.
create table simulations (
    partner_id text not null,
    id text not null,
    offer_id text not null,
    quote text,
    valid_until bigint not null,
    created_at bigint not null,
    primary key (partner_id, id),
    foreign key (partner_id, offer_id) references offers (partner_id, id)
);
create index simulations_by_offer on simulations (partner_id, offer_id, created_at, id);

-- ---------------------------------------------------------------------------------------------------------------
-- Loans, contracts and signatures
-- ---------------------------------------------------------------------------------------------------------------

-- sealed: signers, signing links and the destination of the money.
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
    orders bigint not null,
    sealed {blob} not null,
    sign_by bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, id),
    foreign key (partner_id, offer_id) references offers (partner_id, id)
);
create index loans_by_deadline on loans (sign_by) where state in ('contract_generated', 'awaiting_signatures');
create index loans_by_partner_deadline on loans (partner_id, sign_by)
    where state in ('contract_generated', 'awaiting_signatures');
create index loans_by_customer on loans (partner_id, customer_id, created_at, id);
create index loans_by_id on loans (id);
-- Operators look up a contract by its number.
create index loans_by_ccb on loans (ccb_year, ccb_number) where ccb_number is not null;
create index loans_by_work on loans (state, created_at, id);
create index loans_by_state on loans (partner_id, state, created_at, id);

-- The last contract number of each year. The numbers have no gap.
create table ccb_counters (
    year bigint not null primary key,
    last bigint not null
);

-- copy: issued, or signed with the signature page. facts: the facts of the issued copy, sealed and never changed.
-- sha256, size: of the PDF, written once when it is rendered and never changed. blob_key: the file, once it is written.
create table contracts (
    partner_id text not null,
    loan_id text not null,
    copy text not null,
    facts {blob},
    sha256 text,
    size bigint,
    blob_key text,
    created_at bigint not null,
    primary key (partner_id, loan_id, copy),
    foreign key (partner_id, loan_id) references loans (partner_id, id)
);
create index contracts_unstored on contracts (created_at, partner_id, loan_id) where blob_key is null;

-- Files with orders for the bank. number: counted from 1 over all files.
create table bank_files (
    id text not null primary key,
    number bigint not null,
    format text not null,
    orders bigint not null,
    amount bigint not null,
    made_by text not null,
    made_at bigint not null
);
create unique index bank_files_by_number on bank_files (number);
create index bank_files_by_age on bank_files (made_at, id);

-- The order of a loan in its file. Each order is in one file only. attempt, line: counted from 1.
create table bank_orders (
    partner_id text not null,
    loan_id text not null,
    attempt bigint not null,
    file_id text not null,
    line bigint not null,
    primary key (partner_id, loan_id, attempt),
    foreign key (partner_id, loan_id) references loans (partner_id, id)
);
create index bank_orders_by_file on bank_orders (file_id, line);

-- One row for each signer: the link, and the last sent code. Both are kept as hashes only. wrong: wrong codes since the
-- last right one. wrong_in_all: wrong codes in the link's life.
create table signing_invitations (
    partner_id text not null,
    loan_id text not null,
    subject_id text not null,
    version bigint not null,
    link_hash text not null,
    code_hash text,
    code_sent_at bigint,
    wrong bigint not null,
    wrong_in_all bigint not null,
    locked_until bigint,
    sent bigint not null,
    counted_from bigint,
    primary key (partner_id, loan_id, subject_id),
    foreign key (partner_id, loan_id) references loans (partner_id, id)
);
create index signing_invitations_by_link on signing_invitations (link_hash);

-- Evidence of each signature (MP 2.200-2/2001 art. 10 par. 2). Append-only. sealed: signer, origin and consent.
create table signatures (
    partner_id text not null,
    loan_id text not null,
    subject_id text not null,
    signed_at bigint not null,
    document_sha256 text not null,
    sealed {blob} not null,
    primary key (partner_id, loan_id, subject_id),
    foreign key (partner_id, loan_id) references loans (partner_id, id)
);

-- ---------------------------------------------------------------------------------------------------------------
-- Money after disbursement
-- ---------------------------------------------------------------------------------------------------------------

-- The installments of a loan, each with its position after the loan's payments. late_curve: the unpaid amount of a late
-- installment, by day. Its late charges are computed from this.
create table installments (
    partner_id text not null,
    id text not null,
    loan_id text not null,
    number bigint not null,
    due text not null,
    principal bigint not null,
    interest bigint not null,
    paid_charges bigint not null,
    paid_interest bigint not null,
    paid_principal bigint not null,
    discount bigint not null,
    charges_due bigint not null,
    charged_to text,
    late_curve text,
    paid_at bigint,
    monthly_rate bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, id),
    unique (partner_id, loan_id, number),
    foreign key (partner_id, loan_id) references loans (partner_id, id)
);
-- A payer names an installment by its id alone.
create index installments_by_id on installments (id);
-- The queue of overdue loans, and its sums, which are read from the index alone. SQLite needs paid_at in it for that,
-- although it is always null there.
create index installments_unpaid on installments
    (due, loan_id, partner_id, number, interest, principal, paid_interest, paid_principal, paid_at) where paid_at is null;
create index installments_unpaid_of_partner on installments
    (partner_id, due, loan_id, number, interest, principal, paid_interest, paid_principal, paid_at) where paid_at is null;

-- sealed: the reference by which the payment is known outside. reference_hash: the keyed hash of that reference.
create table payments (
    partner_id text not null,
    id text not null,
    loan_id text not null,
    reference_hash text not null,
    sealed {blob} not null,
    amount bigint not null,
    paid_at bigint not null,
    kind text not null,
    recorded_at bigint not null,
    recorded_by text not null,
    reversed_at bigint,
    primary key (partner_id, id),
    unique (partner_id, reference_hash),
    foreign key (partner_id, loan_id) references loans (partner_id, id)
);
create index payments_by_loan on payments (partner_id, loan_id, paid_at, id);
create index payments_by_id on payments (id);

-- The journal is stored by loan, so that the entries of a loan are neighbours. actor: the one who moved the money.
create table journal_entries (
    partner_id text not null,
    loan_id text not null,
    id text not null,
    cause text not null,
    subject text not null,
    actor text not null,
    entered_at bigint not null,
    primary key (partner_id, loan_id, id),
    foreign key (partner_id, loan_id) references loans (partner_id, id)
){in_key};
-- The volumes of a partner, read from the index and the postings alone.
create index journal_disbursements on journal_entries (partner_id, entered_at, loan_id, id)
    where cause = 'disbursement';
-- The entries of a day. An id begins with the moment of its entry.
create index journal_entries_by_id on journal_entries (id);

-- The postings of an entry sum to zero.
create table journal_postings (
    partner_id text not null,
    loan_id text not null,
    entry_id text not null,
    account text not null,
    amount bigint not null,
    primary key (partner_id, loan_id, entry_id, account),
    foreign key (partner_id, loan_id, entry_id) references journal_entries (partner_id, loan_id, id)
){in_key};

-- Entries that are not in the sums yet. A worker adds them to the sums and deletes their rows here in one transaction.
-- day: the business date of the entry.
create table journal_waiting (
    partner_id text not null,
    entry_id text not null,
    loan_id text not null,
    day text not null,
    primary key (partner_id, entry_id)
){in_key};

-- Sums of the postings of a day, a month or a year by account, without those of waiting entries. begins: the first day
-- of the period. debits, credits: the numbers of postings.
create table journal_sums (
    partner_id text not null,
    period text not null,
    begins text not null,
    account text not null,
    debit bigint not null,
    credit bigint not null,
    debits bigint not null,
    credits bigint not null,
    primary key (partner_id, period, begins, account)
){in_key};

-- ---------------------------------------------------------------------------------------------------------------
-- Events, webhooks and e-mails
-- ---------------------------------------------------------------------------------------------------------------

-- sealed: signing secrets and description.
-- failing_since, warned_at: the beginning of the present series of failed attempts, and when the team was told of it.
create table webhook_endpoints (
    partner_id text not null references partners (id),
    id text not null,
    version bigint not null,
    generation text not null,
    url text not null,
    patterns text not null,
    state text not null,
    sealed {blob} not null,
    failing_since bigint,
    warned_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, id)
);
create index webhook_endpoints_by_age on webhook_endpoints (partner_id, created_at, id);
-- The id of an endpoint in a cursor may belong to another partner.
create index webhook_endpoints_by_id on webhook_endpoints (id);

-- subject: the bytes of the id of the customer, offer or loan. Its index finds the events of one resource. sealed: the
-- resource as it was at the event. place: the event's place among the partner's events. The fan-out gives it in the order
-- of the commits; until then it is null. Only events with a place are listed. first_delivery: the beginning of the ids of
-- the event's deliveries, as a number. With it the key of deliveries finds those of an event, without an index.
-- clock_id: the clock of the resource, if it is not the partner's main clock. Until the fan-out such an event is stored
-- under the clock's tenant, and from then on under the partner. request_id and traceparent: the request that caused the
-- event, and the recorded span in which it happened. Jobs, letters and bodies of webhooks have the same two columns.
create table events (
    partner_id text not null,
    id text{in_bytes} not null,
    kind text not null,
    subject {blob} not null,
    sealed {blob} not null,
    occurred_at bigint not null,
    place bigint,
    first_delivery bigint,
    clock_id text,
    request_id text,
    traceparent text,
    {arrival_column}
    primary key (partner_id, id)
){months_of_id};
create index events_waiting on events (partner_id{arrival_key}) where place is null;
-- SQLite compares indexes in their order here, and takes this one for a kind.
create index events_by_kind on events (partner_id, kind, place) where place is not null;
create index events_by_place on events (partner_id, place) where place is not null;
create index events_by_subject on events (subject);
create index events_by_request on events (partner_id, request_id) where request_id is not null;
create index events_by_clock on events (partner_id, clock_id) where clock_id is not null;

-- The end of each partner's events in their order. last_place: changed by compare-and-set when places are given.
-- spread: the most microseconds by which a place is ahead of its event's moment. last_made: the moment in the last
-- deliveries' ids.
create table feeds (
    partner_id text not null primary key references partners (id),
    last_place bigint not null,
    spread bigint not null,
    last_made bigint not null
);

-- Deliveries are stored by endpoint: each endpoint is a lane. A lease moves a delivery to the lease's end in the lane's
-- order. It only keeps two nodes from doing the same work: a result counts by the compare-and-set on version. body_id:
-- the body that is sent. event_type: the name in the endpoint's generation.
create table deliveries (
    partner_id text not null,
    endpoint_id text not null,
    id text{in_bytes} not null,
    version bigint not null,
    event_id text not null,
    event_type text not null,
    state text not null,
    attempts bigint not null,
    due_at bigint not null,
    leased_until bigint not null,
    body_id text{in_bytes} not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (partner_id, endpoint_id, id)
){in_key}{months_of_id};
create index deliveries_by_type on deliveries (partner_id, endpoint_id, event_type, state, id);
create index deliveries_due on deliveries (partner_id, endpoint_id, due_at) where state = 'pending';
create index deliveries_failed on deliveries (partner_id, endpoint_id, id) where state = 'failed';

-- Rendered bodies, the same bytes for every attempt. Deliveries that a fan-out made of one event may share one. The
-- body then has the id of the first of them. Bodies are written once and never changed.
create table delivery_bodies (
    partner_id text not null,
    id text{in_bytes} not null,
    sealed {blob} not null,
    request_id text,
    traceparent text,
    primary key (partner_id, id)
){months_of_id};

-- sealed: the beginning of the answer.
create table delivery_attempts (
    partner_id text not null,
    delivery_id text{in_bytes} not null,
    number bigint not null,
    started_at bigint not null,
    duration_ms bigint not null,
    status bigint,
    outcome text not null,
    sealed {blob} not null,
    primary key (partner_id, delivery_id, number)
){in_key}{months_of_delivery_id};

-- Changes of all deliveries of an endpoint, some rows at a time. They become due again, or fail if the endpoint was
-- deleted. after_id: deliveries up to this id are done. until_id: the last delivery of the change.
create table lane_changes (
    partner_id text not null references partners (id),
    endpoint_id text not null,
    version bigint not null,
    after_id text not null,
    until_id text not null,
    primary key (partner_id, endpoint_id)
);

-- E-mails to people. An e-mail commits with its cause. sealed: address, subject and text. reason: why it was given up.
create table mails (
    partner_id text not null,
    id text not null,
    state text not null,
    attempts bigint not null,
    due_at bigint not null,
    address_hash text not null,
    sealed {blob} not null,
    reason text not null,
    created_at bigint not null,
    changed_at bigint not null,
    request_id text,
    traceparent text,
    primary key (partner_id, id)
);
create index mails_due on mails (due_at) where state = 'waiting';
create index mails_due_by_partner on mails (partner_id, due_at) where state = 'waiting';
create index mails_by_address on mails (address_hash, created_at);
create index mails_by_age on mails (created_at);
create index mails_by_partner on mails (partner_id, state, id);
-- The sandbox's mailbox. Elsewhere no e-mail is kept.
create index mails_kept on mails (partner_id, created_at, id) where state = 'kept';
create index mails_by_id on mails (id);
create index mails_by_state on mails (state, id);
create index mails_by_request on mails (partner_id, request_id) where request_id is not null;

-- Notes of operators on a customer or a loan. sealed: the text, which is written once and never changed.
create table notes (
    partner_id text not null references partners (id),
    id text not null,
    subject_id text not null,
    author text not null,
    sealed {blob} not null,
    written_at bigint not null,
    struck_at bigint,
    primary key (partner_id, id)
);
create index notes_by_subject on notes (partner_id, subject_id, written_at, id);
create index notes_by_id on notes (id);

-- ---------------------------------------------------------------------------------------------------------------
-- Stored answers and planned work
-- ---------------------------------------------------------------------------------------------------------------

-- partner_id: the id of a partner or an operator. sealed: the stored answer.
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
    request_id text,
    traceparent text,
    primary key (partner_id, id)
);
create index jobs_due on jobs (due_at);
create index jobs_by_partner on jobs (partner_id, due_at);
create index jobs_by_request on jobs (partner_id, request_id) where request_id is not null;
