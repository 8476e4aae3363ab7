-- Wrong codes in a link's life.
alter table signing_invitations add column wrong_in_all bigint not null default 0;

-- A change of a customer's account that the borrower has to confirm by a code, as a contract is signed for the account
-- that stands. At most one a customer. Of link and code only hashes are kept. sealed: the account, and the address.
create table account_changes (
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
create index account_changes_by_link on account_changes (link_hash);
