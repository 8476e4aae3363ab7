-- The contract as it was issued and, once everybody has signed, with its signature page. Append-only.
-- facts: what the document issued states, sealed. sealed: the document itself.
create table contracts (
    partner_id text not null,
    loan_id text not null,
    copy text not null,
    sha256 text not null,
    size bigint not null,
    facts {blob},
    sealed {blob} not null,
    created_at bigint not null,
    primary key (partner_id, loan_id, copy),
    foreign key (partner_id, loan_id) references loans (partner_id, id)
);

-- One a signer: their link, and the code that was last sent to them. Of both only hashes are kept.
create table signing_invitations (
    partner_id text not null,
    loan_id text not null,
    subject_id text not null,
    version bigint not null,
    link_hash text not null,
    code_hash text,
    code_sent_at bigint,
    wrong bigint not null,
    locked_until bigint,
    sent bigint not null default 0,
    counted_from bigint,
    primary key (partner_id, loan_id, subject_id),
    foreign key (partner_id, loan_id) references loans (partner_id, id)
);
create index signing_invitations_by_link on signing_invitations (link_hash);

-- Evidence of each signature (MP 2.200-2/2001 art. 10 par. 2). Append-only.
-- sealed: who, from where, with what consent.
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

-- Letters to people, committed with what they tell of. sealed: address, subject and text.
create table mails (
    partner_id text not null,
    id text not null,
    state text not null,
    attempts bigint not null,
    due_at bigint not null,
    address_hash text not null,
    sealed {blob} not null,
    created_at bigint not null,
    primary key (partner_id, id)
);
create index mails_due on mails (due_at) where state = 'waiting';
create index mails_by_address on mails (address_hash, created_at);
create index mails_by_age on mails (created_at);
create index mails_by_partner on mails (partner_id, created_at, id);

-- Whoever pays names an installment by its id alone.
create index transactions_by_id on transactions (id);
