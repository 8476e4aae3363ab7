-- Every statement of the store, as its tests ran it; scripts/statements writes this file.

-- account_changes.rs
insert into account_changes (partner_id, customer_id, version, state, account_id, link_hash, sealed, asked_at, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);
select partner_id, customer_id, version, state, account_id, sealed, asked_at, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from from account_changes where link_hash = $1;
select partner_id, customer_id, version, state, account_id, sealed, asked_at, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from from account_changes where partner_id = $1 and customer_id = $2;
update account_changes set link_hash = $3 where partner_id = $1 and customer_id = $2;
update account_changes set version = version + 1, state = $4, account_id = $5, sealed = $6, asked_at = $7, code_hash = $8, code_sent_at = $9, wrong = $10, wrong_in_all = $11, locked_until = $12, sent = $13, counted_from = $14 where partner_id = $1 and customer_id = $2 and version = $3;

-- audit.rs
delete from audit_calls where id in (select id from audit_calls order by id limit 101) returning id, at, operator_id, operation, status, request_id, fingerprint, code;
insert into audit_calls (id, at, operator_id, operation, status, request_id, fingerprint, code) values ($1, $2, $3, $4, $5, $6, $7, $8);
insert into audit_entries (number, at, operator_id, operation, status, request_id, fingerprint, hash) values ($1, $2, $3, $4, $5, $6, $7, $8);
select hash from audit_entries where number = $1;
select number, at, operator_id, operation, status, request_id, fingerprint, hash from audit_entries where number < $1 order by number desc limit 101;
select number, at, operator_id, operation, status, request_id, fingerprint, hash from audit_entries where number > $1 order by number limit 101;
select number, hash from audit_head where id = 1;
select number, hash from audit_head where id = 1 for update;
update audit_head set number = $1, hash = $2 where id = 1 and number = $3;

-- bank_accounts.rs
insert into bank_accounts (partner_id, id, version, customer_id, sealed, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7);
select partner_id, id, version, customer_id, sealed, created_at, updated_at from bank_accounts where partner_id = $1 and customer_id = $2;
update bank_accounts set version = version + 1, sealed = $4, updated_at = $5 where partner_id = $1 and id = $2 and version = $3;

-- clocks.rs
select clock_offset from partners where id = $1;
select id, clock_offset from partners where clock_offset > 0;
select min(due) from ( select min(due_at) as due from jobs where partner_id = $1 and due_at > $2 union all select min(valid_until) from offers where partner_id = $1 and state = 'available' and valid_until > $2 union all select min(sign_by) from loans where partner_id = $1 and sign_by > $2 and state in ('contract_generated', 'awaiting_signatures') ) as dues;
update partners set clock_offset = $2 where id = $1 and clock_offset < $2;

-- contracts.rs
insert into contracts (partner_id, loan_id, copy, facts, created_at) values ($1, $2, $3, $4, $5);
select facts, sha256 from contracts where partner_id = $1 and loan_id = $2 and copy = 'issued';
select partner_id, loan_id, copy from contracts where blob_key is null order by created_at, partner_id, loan_id limit $1;
select sha256, blob_key from contracts where partner_id = $1 and loan_id = $2 and copy = $3;
update contracts set blob_key = $4 where partner_id = $1 and loan_id = $2 and copy = $3 and blob_key is null;
update contracts set sha256 = $4, size = $5 where partner_id = $1 and loan_id = $2 and copy = $3 and sha256 is null;

-- credentials.rs
insert into credentials (partner_id, client_id, version, name, scope, state, secret_hash, expires_at, last_used_at, created_at, updated_at, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
select count(*) from credentials where partner_id = $1 and state = 'active' and (expires_at is null or expires_at > $2);
select partner_id, client_id, version, name, scope, state, expires_at, last_used_at, created_at, updated_at, created_by from credentials where partner_id = $1 and client_id = $2;
select partner_id, client_id, version, name, scope, state, expires_at, last_used_at, created_at, updated_at, created_by from credentials where partner_id = $1 and created_by = $2 order by created_at, client_id;
select partner_id, client_id, version, name, scope, state, expires_at, last_used_at, created_at, updated_at, created_by, secret_hash from credentials where client_id = $1;
update credentials set last_used_at = $3 where partner_id = $1 and client_id = $2;
update credentials set version = version + 1, state = $4, updated_at = $5 where partner_id = $1 and client_id = $2 and version = $3;

-- credit.rs
insert into credit_decisions (partner_id, id, customer_id, outcome, terms, policy_version, reasons, inputs, sealed, decided_by, valid_days, decided_at) values ($1, $2, $3, $4, $5, $6, '', '', $7, $8, $9, $10);
select d.partner_id, d.id, d.customer_id, d.outcome, d.terms, d.policy_version, d.sealed, d.decided_by, d.valid_days, d.decided_at from credit_decisions d left join offers o on o.partner_id = d.partner_id and o.decision_id = d.id where d.partner_id = $1 and d.customer_id = $2 and d.outcome = 'approved' and o.id is null order by d.decided_at;
select d.partner_id, d.id, d.customer_id, d.outcome, d.terms, d.policy_version, d.sealed, d.decided_by, d.valid_days, d.decided_at, d.id from credit_decisions d where d.partner_id = $1 and d.customer_id = $2 order by d.decided_at desc, d.id desc limit 101;
select id from credit_decisions where partner_id = $1 and customer_id = $2 limit 101;

-- customers.rs
insert into customers (partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at from customers where partner_id = $1 and cpf_hash = $2;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at from customers where partner_id = $1 and id = $2;
select version from customers where partner_id = $1 and id = $2;
update customers set version = version + 1, state = $4, cnpj_hash = $5, name_code = $6, sealed = $7, kyc = $8, updated_at = $9 where partner_id = $1 and id = $2 and version = $3;

-- deliveries.rs
delete from deliveries where partner_id = $1 and endpoint_id = $2 and id in (select id from deliveries where partner_id = $1 and endpoint_id = $2 and id < $3 and (state <> 'pending' or not exists (select 1 from webhook_endpoints e where e.partner_id = $1 and e.id = $2 and e.state = 'active')) order by id limit $4);
delete from delivery_attempts where partner_id = $1 and delivery_id in (select delivery_id from delivery_attempts where partner_id = $1 and delivery_id < $2 order by delivery_id limit $3);
insert into deliveries (partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, sealed, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);
insert into delivery_attempts (partner_id, delivery_id, number, started_at, duration_ms, status, outcome, sealed) values ($1, $2, $3, $4, $5, $6, $7, $8);
select count(*), min(created_at) from deliveries where state = 'pending';
select id, version, endpoint_id, event_id, event_type, state, attempts, due_at, created_at, updated_at, leased_until from deliveries where partner_id = $1 and endpoint_id = $2 and id = $3;
select min(due_at) from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'pending';
select min(endpoint_id) from deliveries where partner_id = $1 and endpoint_id > $2;
select partner_id, id, version, due_at from (select e.partner_id, e.id, e.version, (select min(d.due_at) from deliveries d where d.partner_id = e.partner_id and d.endpoint_id = e.id and d.state = 'pending') as due_at from webhook_endpoints e where e.state = 'active') as lanes where due_at is not null;
select started_at, duration_ms, status, outcome, sealed, number from delivery_attempts where partner_id = $1 and delivery_id = $2 order by number;
update deliveries set version = version + 1, due_at = $1, leased_until = 0 where state = 'pending' and leased_until > $1;
update deliveries set version = version + 1, due_at = created_at, updated_at = $3 where partner_id = $1 and endpoint_id = $2 and state = 'pending' and due_at > $3 and leased_until <= $3;
update deliveries set version = version + 1, state = 'failed', updated_at = $1 where state = 'pending' and not exists (select 1 from webhook_endpoints e where e.partner_id = deliveries.partner_id and e.id = deliveries.endpoint_id);
update deliveries set version = version + 1, state = 'failed', updated_at = $3 where partner_id = $1 and endpoint_id = $2 and state = 'pending';
update deliveries set version = version + 1, state = 'pending', due_at = $5, leased_until = 0, updated_at = $5 where partner_id = $1 and endpoint_id = $2 and id = $3 and version = $4;
update deliveries set version = version + 1, state = 'pending', due_at = created_at, updated_at = $4 where partner_id = $1 and endpoint_id = $2 and created_at >= $3 and state <> 'delivered' and leased_until <= $4;
with due as materialized (select id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'pending' and due_at <= $3 order by due_at, id limit $5 ) update deliveries set version = version + 1, due_at = $4, leased_until = $4 where partner_id = $1 and endpoint_id = $2 and id in (select id from due) returning id, version, event_id, attempts, sealed;
with due as materialized (select id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'pending' and due_at <= $3 order by due_at, id limit $5 for update skip locked) update deliveries set version = version + 1, due_at = $4, leased_until = $4 where partner_id = $1 and endpoint_id = $2 and id in (select id from due) returning id, version, event_id, attempts, sealed;
with result (of_partner, of_endpoint, of_delivery, of_version, next_state, made, next_due) as (values (cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as bigint), cast($6 as text), cast($7 as bigint), cast($8 as bigint))) update deliveries set version = version + 1, state = next_state, attempts = made, due_at = next_due, leased_until = 0, updated_at = $1 from result where partner_id = of_partner || '' and endpoint_id = of_endpoint || '' and id = of_delivery || '' and version = of_version returning id;
with result (of_partner, of_endpoint, of_delivery, of_version, next_state, made, next_due) as (values (cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as bigint), cast($6 as text), cast($7 as bigint), cast($8 as bigint)), ($9, $10, $11, $12, $13, $14, $15)) update deliveries set version = version + 1, state = next_state, attempts = made, due_at = next_due, leased_until = 0, updated_at = $1 from result where partner_id = of_partner || '' and endpoint_id = of_endpoint || '' and id = of_delivery || '' and version = of_version returning id;

-- directory.rs
select partner_id from credentials where client_id = $1;
select partner_id from customers where id = $1;
select partner_id from kyc_documents where id = $1;
select partner_id from loans where id = $1;
select partner_id from mails where id = $1;
select partner_id from offers where id = $1;
select partner_id from payments where id = $1;
select partner_id from transactions where id = $1;

-- exposure.rs
insert into exposure_turns (lookup_hash, turn) values ($1, 1) on conflict (lookup_hash) do update set turn = exposure_turns.turn + 1;
select d.terms from customers c join credit_decisions d on d.partner_id = c.partner_id and d.customer_id = c.id left join offers o on o.partner_id = d.partner_id and o.decision_id = d.id where c.cnpj_hash = $1 and c.state <> 'denied' and d.outcome = 'approved' and o.id is null;
select d.terms from customers c join credit_decisions d on d.partner_id = c.partner_id and d.customer_id = c.id left join offers o on o.partner_id = d.partner_id and o.decision_id = d.id where c.cpf_hash = $1 and c.state <> 'denied' and d.outcome = 'approved' and o.id is null;
select l.quote, cast(case when l.state = 'active' then coalesce(( select sum(t.principal - t.paid_principal) from transactions t where t.partner_id = l.partner_id and t.loan_id = l.id), 0) else 0 end as bigint) from customers c join loans l on l.partner_id = c.partner_id and l.customer_id = c.id where c.cnpj_hash = $1 and l.state not in ('finished', 'cancelled', 'error');
select l.quote, cast(case when l.state = 'active' then coalesce(( select sum(t.principal - t.paid_principal) from transactions t where t.partner_id = l.partner_id and t.loan_id = l.id), 0) else 0 end as bigint) from customers c join loans l on l.partner_id = c.partner_id and l.customer_id = c.id where c.cpf_hash = $1 and l.state not in ('finished', 'cancelled', 'error');
select o.terms from customers c join offers o on o.partner_id = c.partner_id and o.customer_id = c.id where c.cnpj_hash = $1 and o.state = 'available';
select o.terms from customers c join offers o on o.partner_id = c.partner_id and o.customer_id = c.id where c.cpf_hash = $1 and o.state = 'available';

-- idempotency.rs
delete from idempotency_keys where created_at < $1;
insert into idempotency_keys (partner_id, key, fingerprint, status, created_at) values ($1, $2, $3, 0, $4) on conflict (partner_id, key) do update set fingerprint = $3, status = 0, location = null, sealed = null, created_at = $4 where idempotency_keys.created_at < $5;
select fingerprint, status, location, sealed, created_at from idempotency_keys where partner_id = $1 and key = $2;
update idempotency_keys set status = $3, location = $4, sealed = $5 where partner_id = $1 and key = $2;

-- jobs.rs
delete from jobs where partner_id = $1 and id = $2;
insert into jobs (partner_id, id, kind, subject_id, due_at, attempts) values ($1, $2, $3, $4, $5, $6);
insert into jobs (partner_id, id, kind, subject_id, due_at, attempts) values ($1, $2, $3, $4, $5, 0);
select j.partner_id from partners p join jobs j on j.partner_id = p.id where p.clock_offset > 0 and j.due_at <= $1 + p.clock_offset order by j.due_at limit $2;
select min(due) from ( select min(due_at) as due from jobs union all select min(j.due_at - p.clock_offset) from partners p join jobs j on j.partner_id = p.id where p.clock_offset > 0 ) as dues;
select partner_id from jobs where due_at <= $1 order by due_at limit $2;
select partner_id, id, kind, subject_id, due_at, attempts from jobs where partner_id = $1 and due_at <= $2 order by due_at, id limit $3;
select partner_id, id, kind, subject_id, due_at, attempts from jobs where partner_id = $1 and due_at <= $2 order by due_at, id limit $3 for update skip locked;
update jobs set attempts = attempts + 1, due_at = $3 where partner_id = $1 and id = $2;

-- kyc.rs
delete from blob_intents where partner_id = $1 and blob_key = $2;
delete from kyc_documents where partner_id = $1 and id = $2;
insert into biometrics_sessions (partner_id, id, version, customer_id, state, review_start, code_hash, expires_at, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);
insert into blob_intents (partner_id, blob_key, created_at) values ($1, $2, $3);
insert into blob_intents (partner_id, blob_key, created_at, customer_id) values ($1, $2, $3, $4);
insert into kyc_documents (partner_id, id, customer_id, blob_key, media_type, size, sha256, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8);
select count(*) from blob_intents where partner_id = $1 and customer_id = $2;
select count(*), cast(coalesce(sum(size), 0) as bigint) from kyc_documents where partner_id = $1 and customer_id = $2;
select customer_id, blob_key, media_type, size, sha256, created_at from kyc_documents where partner_id = $1 and id = $2;
select partner_id, blob_key from blob_intents where created_at < $1 order by created_at limit 101;
select partner_id, id, blob_key, replaced_at from kyc_documents where replaced_at < $1 order by replaced_at limit 101;
select partner_id, id, version, customer_id, state, review_start, expires_at, created_at from biometrics_sessions where code_hash = $1;
select partner_id, id, version, customer_id, state, review_start, expires_at, created_at from biometrics_sessions where page_hash = $1;
select partner_id, id, version, customer_id, state, review_start, expires_at, created_at from biometrics_sessions where partner_id = $1 and customer_id = $2 order by created_at desc limit 101;
select partner_id, id, version, customer_id, state, review_start, expires_at, created_at from biometrics_sessions where partner_id = $1 and id = $2;
update biometrics_sessions set page_hash = $3 where partner_id = $1 and id = $2;
update biometrics_sessions set version = version + 1, state = $4, expires_at = $5 where partner_id = $1 and id = $2 and version = $3;
update kyc_documents set replaced_at = $3 where partner_id = $1 and id = $2;

-- ledger.rs
insert into journal_entries (partner_id, id, loan_id, cause, subject, actor, entered_at) values ($1, $2, $3, $4, $5, $6, $7);
insert into journal_postings (partner_id, entry_id, account, amount) values ($1, $2, $3, $4);
select account, amount from journal_postings where partner_id = $1 and entry_id = $2;
select account, cast(sum(amount) as bigint) from journal_postings group by account;
select entry_id from journal_postings group by partner_id, entry_id having sum(amount) <> 0;
select p.account, cast(sum(p.amount) as bigint) from journal_entries e join journal_postings p on p.partner_id = e.partner_id and p.entry_id = e.id where e.partner_id = $1 and e.loan_id = $2 group by p.account;
select partner_id, id from loans where state in ('active', 'finished') and not exists ( select 1 from journal_entries e where e.partner_id = loans.partner_id and e.loan_id = loans.id) limit $1;
select partner_id, loan_id from ( select e.partner_id, e.loan_id, p.amount from journal_entries e join journal_postings p on p.partner_id = e.partner_id and p.entry_id = e.id where p.account = 'principal_receivable' union all select partner_id, loan_id, paid_principal - principal from transactions ) as held group by partner_id, loan_id having sum(amount) <> 0;

-- listing.rs
select created_at from credentials where partner_id = $1 and client_id = $2;
select created_at from customers where id = $1;
select created_at from customers where partner_id = $1 and id = $2;
select created_at from webhook_endpoints where partner_id = $1 and id = $2;
select entered_at from journal_entries where partner_id = $1 and id = $2;
select id from deliveries where partner_id = $1 and id = $2;
select id, cause, subject, actor, entered_at, id from journal_entries where partner_id = $1 and loan_id = $2 and (entered_at, id) > ($3, $4) order by entered_at asc, id asc limit 101;
select id, cause, subject, actor, entered_at, id from journal_entries where partner_id = $1 and loan_id = $2 order by entered_at asc, id asc limit 101;
select id, name, created_at, id from partners order by created_at asc, id asc limit 101;
select id, name, created_at, id from partners order by created_at desc, id desc limit 101;
select id, name, created_at, revoked_at, id from operators order by created_at desc, id desc limit 101;
select id, version, endpoint_id, event_id, event_type, state, attempts, due_at, created_at, updated_at, leased_until, id from deliveries where partner_id = $1 and endpoint_id = $2 and (id, id) < ($3, $4) order by id desc, id desc limit 101;
select id, version, endpoint_id, event_id, event_type, state, attempts, due_at, created_at, updated_at, leased_until, id from deliveries where partner_id = $1 and endpoint_id = $2 and (id, id) > ($3, $4) order by id asc, id asc limit 101;
select id, version, endpoint_id, event_id, event_type, state, attempts, due_at, created_at, updated_at, leased_until, id from deliveries where partner_id = $1 and endpoint_id = $2 and created_at < $3 order by id desc, id desc limit 101;
select id, version, endpoint_id, event_id, event_type, state, attempts, due_at, created_at, updated_at, leased_until, id from deliveries where partner_id = $1 and endpoint_id = $2 and created_at >= $3 order by id desc, id desc limit 101;
select id, version, endpoint_id, event_id, event_type, state, attempts, due_at, created_at, updated_at, leased_until, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 order by id desc, id desc limit 101;
select id, version, endpoint_id, event_id, event_type, state, attempts, due_at, created_at, updated_at, leased_until, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 order by id asc, id asc limit 101;
select id, version, endpoint_id, event_id, event_type, state, attempts, due_at, created_at, updated_at, leased_until, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 order by id desc, id desc limit 101;
select id, version, endpoint_id, event_id, event_type, state, attempts, due_at, created_at, updated_at, leased_until, id from deliveries where partner_id = $1 and endpoint_id = $2 order by id desc, id desc limit 101;
select id, version, generation, url, patterns, state, sealed, failing_since, created_at, updated_at, id from webhook_endpoints where partner_id = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
select id, version, generation, url, patterns, state, sealed, failing_since, created_at, updated_at, id from webhook_endpoints where partner_id = $1 and (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
select id, version, generation, url, patterns, state, sealed, failing_since, created_at, updated_at, id from webhook_endpoints where partner_id = $1 order by created_at desc, id desc limit 101;
select name_code from customers where partner_id = $1 and id = $2;
select partner_id, client_id, version, name, scope, state, expires_at, last_used_at, created_at, updated_at, created_by, client_id from credentials where partner_id = $1 and (created_at, client_id) < ($2, $3) order by created_at desc, client_id desc limit 101;
select partner_id, client_id, version, name, scope, state, expires_at, last_used_at, created_at, updated_at, created_by, client_id from credentials where partner_id = $1 order by created_at desc, client_id desc limit 101;
select partner_id, id, attempts, sealed, created_at, state, reason, changed_at, id from mails where partner_id = $1 order by id desc, id desc limit 101;
select partner_id, id, attempts, sealed, created_at, state, reason, changed_at, id from mails where state = $1 order by id desc, id desc limit 101;
select partner_id, id, loan_id, sealed, amount, paid_at, kind, recorded_at, reversed_at, recorded_by, id from payments where partner_id = $1 and loan_id = $2 and (recorded_at, id) < ($3, $4) order by recorded_at desc, id desc limit 101;
select partner_id, id, loan_id, sealed, amount, paid_at, kind, recorded_at, reversed_at, recorded_by, id from payments where partner_id = $1 and loan_id = $2 order by recorded_at asc, id asc limit 101;
select partner_id, id, loan_id, sealed, amount, paid_at, kind, recorded_at, reversed_at, recorded_by, id from payments where partner_id = $1 and loan_id = $2 order by recorded_at desc, id desc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, sealed, sign_by, created_at, updated_at, id from loans order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, sealed, sign_by, created_at, updated_at, id from loans where state = $1 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where customer_id = $1 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and customer_id = $2 and state = $3 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and customer_id = $2 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and state = $2 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where state = $1 order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where (created_at, id) < ($1, $2) order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where cnpj_hash = $1 order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and (name_code, id) > ($2, $3) order by name_code asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and (updated_at, id) < ($2, $3) order by updated_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and cpf_hash = $2 order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and external_id = $2 order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 order by created_at asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 order by name_code asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 order by updated_at asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 order by updated_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at, id from customers where state = $1 order by created_at desc, id desc limit 101;
select recorded_at from payments where partner_id = $1 and id = $2;
select updated_at from customers where partner_id = $1 and id = $2;

-- loans.rs
insert into ccb_counters (year, last) values ($1, 1) on conflict (year) do update set last = ccb_counters.last + 1 returning last;
insert into loans (partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, sealed, link_hash, sign_by, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);
select l.partner_id, l.id from partners p join loans l on l.partner_id = p.id where p.clock_offset > 0 and l.state in ('contract_generated', 'awaiting_signatures') and l.sign_by < $1 + p.clock_offset limit $2;
select partner_id, id from loans where state = 'awaiting_signatures' and not exists ( select 1 from contracts c where c.partner_id = loans.partner_id and c.loan_id = loans.id) limit $1;
select partner_id, id from loans where state in ('contract_generated', 'awaiting_signatures') and sign_by < $1 order by sign_by limit $2;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, sealed, sign_by, created_at, updated_at from loans where partner_id = $1 and customer_id = $2 and state in ('awaiting_signatures', 'signed', 'disbursing', 'active', 'finished') and exists ( select 1 from signatures s where s.partner_id = loans.partner_id and s.loan_id = loans.id) order by created_at desc, id desc;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, sealed, sign_by, created_at, updated_at from loans where partner_id = $1 and id = $2;
select version from loans where partner_id = $1 and id = $2;
update loans set version = version + 1, state = $4, state_document = $5, sealed = $6, updated_at = $7 where partner_id = $1 and id = $2 and version = $3;

-- mails.rs
delete from mails where created_at < $1 and state <> 'waiting';
insert into mails (partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at) values ($1, $2, $3, $4, $5, $6, $7, '', $8, $8);
select min(due_at) from mails where state = 'waiting';
select partner_id from mails where state = 'waiting' and due_at <= $1 order by due_at limit $2;
select partner_id, id, attempts, sealed, created_at from mails where partner_id = $1 and state = 'waiting' and due_at <= $2 order by due_at limit $3;
select partner_id, id, attempts, sealed, created_at from mails where partner_id = $1 and state = 'waiting' and due_at <= $2 order by due_at limit $3 for update skip locked;
select partner_id, id, attempts, sealed, created_at, id from mails where address_hash = $1 and state = 'kept' order by created_at desc, id desc limit $2;
select partner_id, id, attempts, sealed, created_at, id from mails where partner_id = $1 and state = 'kept' order by created_at desc, id desc limit $2;
select partner_id, id, attempts, sealed, created_at, state, reason, changed_at from mails where partner_id = $1 and id = $2;
update mails set attempts = $3, due_at = $4 where partner_id = $1 and id = $2 and state = 'waiting';
update mails set state = $4, attempts = 0, due_at = $5, reason = '', changed_at = $6 where partner_id = $1 and id = $2 and state = $3;
update mails set state = $4, reason = $5, changed_at = $6 where partner_id = $1 and id = $2 and state = $3;

-- migrations/mod.rs
select version, serves_from, checksum, steps, done, place from schema_history order by version;

-- migrations/run.rs
insert into schema_history (version, name, serves_from, checksum, steps, done, place) values ($1, $2, $3, $4, $5, 0, '') on conflict (version) do nothing;
select count(*) from pg_index where indexrelid = to_regclass($1) and not indisvalid;
select count(*) from sqlite_master where name = $1;
select count(to_regclass($1));
select pg_try_advisory_lock(7105317);
update schema_history set done = done + 1, place = '' where version = $1 and done = $2;
update schema_history set place = $3 where version = $1 and done = $2 and place = $4;

-- offers.rs
insert into offers (partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
select o.partner_id, o.id from partners p join offers o on o.partner_id = p.id where p.clock_offset > 0 and o.state = 'available' and o.valid_until < $1 + p.clock_offset limit $2;
select partner_id, id from offers where state = 'available' and valid_until < $1 order by valid_until limit $2;
select partner_id, id, version, customer_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id) from offers where partner_id = $1 and id = $2;
update offers set version = version + 1, state = $4, loan_id = $5, updated_at = $6 where partner_id = $1 and id = $2 and version = $3;

-- operators.rs
insert into operators (id, name, token_hash, data_key, created_at) values ($1, $2, $3, $4, $5);
select data_key from operators where id = $1;
select id, name, created_at, revoked_at from operators where token_hash = $1;
update operators set revoked_at = $2 where id = $1 and revoked_at is null;

-- outbox.rs
delete from events where partner_id = $1 and id in (select id from events where partner_id = $1 and id < $2 and place is not null order by id limit $3);
insert into events (partner_id, id, kind, sealed, occurred_at) values ($1, $2, $3, $4, $5);
insert into feeds (partner_id, last_place, spread, last_made) values ($1, 0, 0, 0);
select count(*) from events where place is null;
select last_place, spread, last_made from feeds where partner_id = $1;
select last_place, spread, last_made from feeds where partner_id = $1 for update skip locked;
select partner_id from events where place is null and partner_id > $1 order by partner_id limit 101;
select partner_id, id, kind, sealed, occurred_at from events where partner_id = $1 and id = $2;
select partner_id, id, kind, sealed, occurred_at from events where partner_id = $1 and place is null order by arrival limit $2;
select partner_id, id, kind, sealed, occurred_at from events where partner_id = $1 and place is null order by rowid limit $2;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) and place < $4 and occurred_at < $5 order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) and place < $4 and occurred_at < $5 order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) and place >= $4 and occurred_at >= $5 and place < $6 and occurred_at < $7 order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) and place >= $4 and occurred_at >= $5 and place < $6 and occurred_at < $7 order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) and place >= $4 and occurred_at >= $5 order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) and place >= $4 and occurred_at >= $5 order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind not in ($2) and place < $3 and occurred_at < $4 order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind not in ($2) and place < $3 and occurred_at < $4 order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind not in ($2) and place >= $3 and occurred_at >= $4 and place < $5 and occurred_at < $6 order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind not in ($2) and place >= $3 and occurred_at >= $4 and place < $5 and occurred_at < $6 order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind not in ($2) and place >= $3 and occurred_at >= $4 order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind not in ($2) and place >= $3 and occurred_at >= $4 order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind not in ($2) and place >= $4 and occurred_at >= $5 and place < $6 and occurred_at < $7 order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind not in ($2) and place >= $4 and occurred_at >= $5 order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind not in ($2) and place >= $6 and occurred_at >= $7 and place < $8 and occurred_at < $9 order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind not in ($2) and place >= $6 and occurred_at >= $7 order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind not in ($2) order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and kind not in ($2) order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and place < $2 and kind not in ($3) order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and place < $2 order by place desc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and place > $2 and kind = $3 and kind not in ($4) order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and place > $2 and kind not in ($3) order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and place > $2 order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and place >= $2 and kind not in ($3) order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null and place >= $2 order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null order by place asc limit 101;
select partner_id, id, kind, sealed, occurred_at, id from events where partner_id = $1 and place is not null order by place desc limit 101;
select place from events where partner_id = $1 and id = $2 and place is not null;
select spread from feeds where partner_id = $1;
update feeds set last_place = $4, spread = $5, last_made = $6 where partner_id = $1 and last_place = $2 and last_made = $3;
with given (of_event, given_place) as (values (cast($2 as text), cast($3 as bigint))) update events set place = given_place from given where partner_id = $1 and id = of_event || '' and place is null;
with given (of_event, given_place) as (values (cast($2 as text), cast($3 as bigint)), ($4, $5)) update events set place = given_place from given where partner_id = $1 and id = of_event || '' and place is null;

-- partners.rs
insert into partners (id, name, data_key, version, created_at) values ($1, $2, $3, 1, $4);
select data_key from partners where id = $1;
select id from partners limit 101;
select name, created_at from partners where id = $1;
update partners set version = version + 1 where id = $1;

-- payments.rs
insert into payments (partner_id, id, loan_id, sealed, amount, paid_at, kind, recorded_at, reversed_at, recorded_by, reference_hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
select count(*) from payments where partner_id = $1 and loan_id = $2;
select partner_id, id, loan_id, sealed, amount, paid_at, kind, recorded_at, reversed_at, recorded_by from payments where partner_id = $1 and id = $2;
select partner_id, id, loan_id, sealed, amount, paid_at, kind, recorded_at, reversed_at, recorded_by from payments where partner_id = $1 and loan_id = $2 and reversed_at is null order by paid_at, id;
select partner_id, id, loan_id, sealed, amount, paid_at, kind, recorded_at, reversed_at, recorded_by from payments where partner_id = $1 and reference_hash = $2;
update payments set reversed_at = $3 where partner_id = $1 and id = $2 and reversed_at is null;

-- settings.rs
insert into settings (name, value) values ($1, $2) on conflict (name) do nothing;
select value from settings where name = $1;

-- signing.rs
insert into signatures (partner_id, loan_id, subject_id, signed_at, document_sha256, sealed) values ($1, $2, $3, $4, $5, $6);
insert into signing_invitations (partner_id, loan_id, subject_id, version, link_hash, wrong) values ($1, $2, $3, $4, $5, 0);
select partner_id, id from loans where link_hash = $1;
select partner_id, loan_id from signing_invitations where link_hash = $1;
select partner_id, loan_id, subject_id, signed_at, document_sha256, sealed, subject_id from signatures where partner_id = $1 and loan_id = $2 order by signed_at, subject_id;
select version, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from from signing_invitations where partner_id = $1 and loan_id = $2 and subject_id = $3;
update signing_invitations set link_hash = $4 where partner_id = $1 and loan_id = $2 and subject_id = $3;
update signing_invitations set version = version + 1, code_hash = $5, code_sent_at = $6, wrong = $7, wrong_in_all = $8, locked_until = $9, sent = $10, counted_from = $11 where partner_id = $1 and loan_id = $2 and subject_id = $3 and version = $4;

-- simulations.rs
insert into simulations (partner_id, id, offer_id, quote, valid_until, created_at) values ($1, $2, $3, $4, $5, $6);
select id, quote, valid_until, created_at from simulations where partner_id = $1 and offer_id = $2 order by created_at desc, id desc limit 101;
update simulations set quote = $3 where partner_id = $1 and id = $2 and quote is null;
update simulations set quote = null where partner_id = $1 and id = $2 and quote is not null;

-- system_keys.rs
insert into system_keys (id, purpose, material, created_at) values ($1, $2, $3, $4);
select id, material, created_at from system_keys where purpose = $1 order by created_at desc, id desc limit 101;
select material from system_keys where id = $1;

-- transactions.rs
insert into transactions (partner_id, id, loan_id, number, due, principal, interest, paid_charges, paid_interest, paid_principal, discount, charges_due, charged_to, paid_at, monthly_rate, created_at, updated_at, late_curve) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);
select number from transactions where partner_id = $1 and loan_id = $2 and id = $3;
select partner_id, id, loan_id, number, due, principal, interest, paid_charges, paid_interest, paid_principal, discount, charges_due, charged_to, paid_at, monthly_rate, created_at, updated_at, late_curve from transactions where partner_id = $1 and id = $2;
select partner_id, id, loan_id, number, due, principal, interest, paid_charges, paid_interest, paid_principal, discount, charges_due, charged_to, paid_at, monthly_rate, created_at, updated_at, late_curve from transactions where partner_id = $1 and loan_id = $2 order by number;
select partner_id, id, loan_id, number, due, principal, interest, paid_charges, paid_interest, paid_principal, discount, charges_due, charged_to, paid_at, monthly_rate, created_at, updated_at, late_curve, id from transactions where partner_id = $1 and loan_id = $2 and number > $3 order by number limit 101;
update transactions set paid_charges = $3, paid_interest = $4, paid_principal = $5, discount = $6, charges_due = $7, charged_to = $8, paid_at = $9, updated_at = $10, late_curve = $11 where partner_id = $1 and id = $2;

-- verify.rs
select blob_key from kyc_documents where partner_id = $1 and id = $2;
select count(*) from contracts where blob_key is not null;
select count(*) from customers;
select count(*) from kyc_documents where blob_key is not null;
select id, data_key from operators order by id;
select id, data_key from partners order by id;
select id, material from system_keys order by id;
select partner_id, customer_id, 'account_changes:' || customer_id || '@' || cast(version as text), sealed from account_changes order by partner_id, customer_id limit 101;
select partner_id, delivery_id, number, 'delivery_attempts:' || delivery_id || '@' || cast(number as text), sealed from delivery_attempts order by partner_id, delivery_id, number limit 101;
select partner_id, endpoint_id, id, 'deliveries:' || id, sealed from deliveries order by partner_id, endpoint_id, id limit 101;
select partner_id, id, 'bank_accounts:' || id || '@' || cast(version as text), sealed from bank_accounts order by partner_id, id limit 101;
select partner_id, id, 'credit_decisions:' || id, sealed from credit_decisions order by partner_id, id limit 101;
select partner_id, id, 'customers:' || id || '@' || cast(version as text), sealed from customers order by partner_id, id limit 101;
select partner_id, id, 'events:' || id, sealed from events order by partner_id, id limit 101;
select partner_id, id, 'loans:' || id || '@' || cast(version as text), sealed from loans order by partner_id, id limit 101;
select partner_id, id, 'mails:' || id, sealed from mails order by partner_id, id limit 101;
select partner_id, id, 'payments:' || id, sealed from payments order by partner_id, id limit 101;
select partner_id, id, 'webhook_endpoints:' || id || '@' || cast(version as text), sealed from webhook_endpoints order by partner_id, id limit 101;
select partner_id, id, blob_key, sha256 from kyc_documents where blob_key is not null and (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, id, blob_key, sha256 from kyc_documents where blob_key is not null order by partner_id, id limit 101;
select partner_id, key, 'idempotency_keys:' || key || '@' || cast(created_at as text), sealed from idempotency_keys order by partner_id, key limit 101;
select partner_id, loan_id, copy, 'contracts:' || loan_id || ':facts', facts from contracts order by partner_id, loan_id, copy limit 101;
select partner_id, loan_id, copy, blob_key, sha256 from contracts where blob_key is not null order by partner_id, loan_id, copy limit 101;
select partner_id, loan_id, subject_id, 'signatures:' || loan_id || ':' || subject_id, sealed from signatures order by partner_id, loan_id, subject_id limit 101;

-- webhook_endpoints.rs
delete from webhook_endpoints where partner_id = $1 and id = $2 and version = $3;
insert into webhook_endpoints (partner_id, id, version, generation, url, patterns, state, sealed, failing_since, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
select count(*) from webhook_endpoints where partner_id = $1;
select id from webhook_endpoints where id = $1 and partner_id <> $2;
select id, version, generation, patterns, state from webhook_endpoints where partner_id = $1 order by id;
select id, version, generation, url, patterns, state, sealed, failing_since, created_at, updated_at from webhook_endpoints where partner_id = $1 and id = $2;
select sealed from webhook_endpoints where partner_id = $1 and id = $2 and version = $3;
select version from webhook_endpoints where partner_id = $1 and id = $2;
select version, state, failing_since from webhook_endpoints where partner_id = $1 and id = $2;
update webhook_endpoints set version = version + 1, state = $4, failing_since = $5, updated_at = $6, sealed = $7 where partner_id = $1 and id = $2 and version = $3;
update webhook_endpoints set version = version + 1, url = $4, patterns = $5, state = $6, sealed = $7, failing_since = $8, updated_at = $9 where partner_id = $1 and id = $2 and version = $3;
