-- Where each installment stands after its loan's payments.
alter table transactions drop column paid;
alter table transactions add column paid_charges bigint not null default 0;
alter table transactions add column paid_interest bigint not null default 0;
alter table transactions add column paid_principal bigint not null default 0;
alter table transactions add column discount bigint not null default 0;
alter table transactions add column charges_due bigint not null default 0;
alter table transactions add column charged_to text;

create table payments (
    partner_id text not null,
    id text not null,
    loan_id text not null,
    reference text not null,
    amount bigint not null,
    paid_at bigint not null,
    kind text not null,
    recorded_at bigint not null,
    reversed_at bigint,
    primary key (partner_id, id),
    unique (partner_id, reference),
    foreign key (partner_id, loan_id) references loans (partner_id, id)
);
create index payments_by_loan on payments (partner_id, loan_id, paid_at, id);

create table journal_entries (
    partner_id text not null,
    id text not null,
    loan_id text not null,
    cause text not null,
    subject text not null,
    entered_at bigint not null,
    primary key (partner_id, id),
    foreign key (partner_id, loan_id) references loans (partner_id, id)
);
create index journal_entries_by_loan on journal_entries (partner_id, loan_id, id);

create table journal_postings (
    partner_id text not null,
    entry_id text not null,
    account text not null,
    amount bigint not null,
    primary key (partner_id, entry_id, account),
    foreign key (partner_id, entry_id) references journal_entries (partner_id, id)
);
