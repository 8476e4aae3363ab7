-- Every statement of the store, as its tests ran it; scripts/statements writes this file.

-- audit.rs
delete from audit_calls where id in (select id from audit_calls order by id limit 101) returning id, at, operator_id, operation, status, request_id, fingerprint, state_before, state_after, sealed, code;
insert into audit_calls (id, at, operator_id, operation, status, request_id, fingerprint, state_before, state_after, sealed, code) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
insert into audit_entries (number, at, day, operator_id, operation, status, request_id, fingerprint, state_before, state_after, sealed, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
select hash from audit_entries where number = $1;
select number from audit_entries where day = $1 order by number asc limit 101;
select number from audit_entries where day = $1 order by number desc limit 101;
select number, at, day, operator_id, operation, status, request_id, fingerprint, state_before, state_after, sealed, hash from audit_entries where number > $1 order by number limit 101;
select number, at, day, operator_id, operation, status, request_id, fingerprint, state_before, state_after, sealed, hash, number from audit_entries where number < $1 and number >= $2 and day = $3 order by number desc limit 101;
select number, at, day, operator_id, operation, status, request_id, fingerprint, state_before, state_after, sealed, hash, number from audit_entries where number < $1 and operator_id = $2 order by number desc limit 101;
select number, at, day, operator_id, operation, status, request_id, fingerprint, state_before, state_after, sealed, hash, number from audit_entries where number < $1 and request_id = $2 order by number desc limit 101;
select number, at, day, operator_id, operation, status, request_id, fingerprint, state_before, state_after, sealed, hash, number from audit_entries where number < $1 order by number desc limit 101;
select number, hash from audit_head where id = 1;
select number, hash from audit_head where id = 1 for update;
update audit_head set number = $1, hash = $2 where id = 1 and number = $3;

-- bank_account_changes.rs
insert into bank_account_changes (partner_id, customer_id, version, state, account_id, link_hash, sealed, asked_at, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);
select partner_id, customer_id, version, state, account_id, link_hash, sealed, asked_at, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from from bank_account_changes where link_hash = $1;
select partner_id, customer_id, version, state, account_id, link_hash, sealed, asked_at, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from from bank_account_changes where partner_id = $1 and customer_id = $2;
update bank_account_changes set link_hash = $3 where partner_id = $1 and customer_id = $2;
update bank_account_changes set version = version + 1, state = $4, account_id = $5, sealed = $6, asked_at = $7, code_hash = $8, code_sent_at = $9, wrong = $10, wrong_in_all = $11, locked_until = $12, sent = $13, counted_from = $14 where partner_id = $1 and customer_id = $2 and version = $3;

-- bank_accounts.rs
insert into bank_accounts (partner_id, id, version, customer_id, sealed, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7);
select partner_id, id, version, customer_id, sealed, created_at, updated_at from bank_accounts where partner_id = $1 and customer_id = $2;
select partner_id, id, version, customer_id, sealed, created_at, updated_at, id from bank_accounts where partner_id in ($1) and customer_id in ($2);
update bank_accounts set version = version + 1, sealed = $4, updated_at = $5 where partner_id = $1 and id = $2 and version = $3;

-- bank_files.rs
insert into bank_files (id, number, format, orders, amount, made_by, made_at) values ($1, $2, $3, $4, $5, $6, $7);
insert into bank_orders (partner_id, loan_id, attempt, file_id, line) values ($1, $2, $3, $4, $5);
select id, number, format, orders, amount, made_by, made_at from bank_files where id = $1;
select line from bank_orders where partner_id = $1 and loan_id = $2 and attempt = $3;
select loan_id, attempt from bank_orders where file_id = $1 order by line;
select number from bank_files order by number desc limit 101;

-- case_ends.rs
delete from case_ends where left_at <= (select max(left_at) from (select left_at from case_ends where left_at < $1 order by left_at limit $2) as oldest);
insert into case_ends (partner_id, subject_id, queue, left_at, since, customer_id, amount) select partner_id, subject_id, queue, $3, since, customer_id, amount from cases where subject_id = $1 and queue = $2 on conflict (subject_id, queue, left_at) do nothing;
insert into case_ends (partner_id, subject_id, queue, left_at, since, customer_id, amount) select partner_id, subject_id, queue, $4 - (select clock_offset from partners where id = $1), since, customer_id, amount from cases where partner_id = $1 and subject_id = $2 and queue <> $3 on conflict (subject_id, queue, left_at) do nothing;
insert into case_ends (partner_id, subject_id, queue, left_at, since, customer_id, amount) select partner_id, subject_id, queue, $4 - (select clock_offset from partners where id = $1), since, customer_id, amount from cases where partner_id = $1 and subject_id = $2 and queue = $3 on conflict (subject_id, queue, left_at) do nothing;
insert into case_ends (partner_id, subject_id, queue, left_at, since, customer_id, amount) select partner_id, subject_id, queue, $4, since, customer_id, amount from cases where partner_id = $1 and subject_id = $2 and queue = $3 on conflict (subject_id, queue, left_at) do nothing;
select count(*), cast(coalesce(sum(e.amount), 0) as bigint) from case_ends e where e.queue = $2 and e.left_at >= $1 and not exists (select 1 from cases r where r.partner_id = e.partner_id and r.subject_id = e.subject_id and r.queue = $3 and r.since = e.left_at) and not exists (select 1 from case_ends r where r.partner_id = e.partner_id and r.subject_id = e.subject_id and r.queue = $3 and r.since = e.left_at);
select queue, (left_at - $1) / 3600000000 as hour, count(*) from case_ends where queue in ('kyc_to_review', 'credit_referred', 'contracts_unsigned', 'waiting_for_money', 'disbursing', 'disbursements_returned', 'proposals', 'mails_failed') and left_at >= $1 group by queue, hour;
select queue, (since - $1) / 3600000000 as hour, count(*) from case_ends where queue in ('kyc_to_review', 'credit_referred', 'contracts_unsigned', 'waiting_for_money', 'disbursing', 'disbursements_returned', 'proposals', 'mails_failed') and since >= $1 group by queue, hour;
select queue, (since - $1) / 3600000000 as hour, count(*) from cases where queue in ('kyc_to_review', 'credit_referred', 'contracts_unsigned', 'waiting_for_money', 'disbursing', 'disbursements_returned', 'proposals', 'mails_failed') and since >= $1 group by queue, hour;
select subject_id, customer_id, amount, left_at from case_ends where queue = $1 order by left_at desc limit $2;
select subject_id, customer_id, amount, since from case_ends where queue = $1 order by since desc limit $2;
select subject_id, customer_id, amount, since from cases where queue = $1 order by since desc limit $2;

-- case_visits.rs
delete from case_visits where seen_at < $1;
insert into case_visits (subject_id, operator_id, seen_at) values ($1, $2, $3) on conflict (subject_id, operator_id) do update set seen_at = excluded.seen_at;
select v.subject_id, v.operator_id, o.name from case_visits v join operators o on o.id = v.operator_id where v.subject_id in ($1) and v.seen_at >= $2 order by v.seen_at, v.operator_id;

-- cases.rs
delete from cases where partner_id = $1 and subject_id = $2;
delete from cases where partner_id = $1 and subject_id = $2 and queue <> $3;
delete from cases where partner_id = $1 and subject_id = $2 and queue = $3;
delete from cases where subject_id = $1 and queue = $2;
delete from cases where subject_id = $1 and queue = $2 and assignee = $3;
insert into cases (partner_id, subject_id, queue, customer_id, amount, sign_by, since) values ($1, $2, $3, $4, $5, $6, $7 - (select clock_offset from partners where id = $1)) on conflict (subject_id, queue) do nothing;
insert into cases (partner_id, subject_id, queue, customer_id, amount, sign_by, since) values ($1, $2, $3, $4, $5, $6, $7) on conflict (subject_id, queue) do nothing;
insert into cases (partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee) values ($1, $2, $3, $4, $5, $6, $7, $8);
select count(*), cast(coalesce(sum(amount), 0) as bigint) from cases where queue = $1;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee from cases where subject_id = $1 and queue = $2;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee from cases where subject_id in ($1) and queue = $2;
select queue, count(*), min(since), count(case when since < case queue when 'kyc_to_review' then cast($2 as bigint) when 'credit_referred' then cast($3 as bigint) when 'contracts_unsigned' then cast($4 as bigint) when 'waiting_for_money' then cast($5 as bigint) when 'disbursing' then cast($6 as bigint) when 'disbursements_returned' then cast($7 as bigint) when 'proposals' then cast($8 as bigint) when 'mails_failed' then cast($9 as bigint) end then 1 end), count(case when assignee = $1 then 1 end) from cases group by queue;
update cases set assignee = $4 where subject_id = $1 and queue = $2 and coalesce(assignee, '') = $3;

-- challenges.rs
delete from challenges where operator_id = $1 and session_id = $2;
delete from challenges where session_id in (select session_id from challenges where expires_at < $1 order by expires_at limit $2);
insert into challenges (operator_id, session_id, sealed, expires_at) values ($1, $2, $3, $4);
select operator_id, session_id, sealed, expires_at from challenges where operator_id = $1 and session_id = $2;

-- clocks.rs
delete from data_keys where partner_id = $1;
delete from feeds where partner_id = $1;
delete from partners where id = $1 and clock_of = $2 and (advancing_until is null or advancing_until <= $3);
select clock_offset from partners where id = $1;
select clock_offset, advancing_until from partners where id = $1;
select id from partners where id = $1;
select id from partners where id = $1 for update skip locked;
select id, clock_offset from partners where clock_offset > 0;
select id, name, created_at, clock_offset, clock_of, advancing_until from partners where clock_of = $1 and clock_of is not null order by created_at, id limit 101;
select id, name, created_at, clock_offset, clock_of, advancing_until from partners where id = $1 and clock_of = $2;
select min(due) from ( select min(due_at) as due from jobs where partner_id = $1 and due_at > $2 union all select min(valid_until) from offers where partner_id = $1 and state = 'available' and valid_until > $2 union all select min(sign_by) from loans where partner_id = $1 and sign_by > $2 and state in ('contract_generated', 'awaiting_signatures') ) as dues;
update partners set advancing_until = null where id = $1;
update partners set clock_offset = $3, advancing_until = $4 where id = $1 and clock_offset = $2 and $3 >= clock_offset;
update partners set clock_offset = 0, advancing_until = null where id = $1 and (advancing_until is null or advancing_until <= $2);

-- contracts.rs
insert into contracts (partner_id, loan_id, copy, facts, sha256, size, blob_key, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8);
select facts, sha256 from contracts where partner_id = $1 and loan_id = $2 and copy = 'issued';
select partner_id, loan_id, copy from contracts where blob_key is null order by created_at, partner_id, loan_id limit $1;
select sha256, blob_key from contracts where partner_id = $1 and loan_id = $2 and copy = $3;
update contracts set blob_key = $4 where partner_id = $1 and loan_id = $2 and copy = $3 and blob_key is null;
update contracts set sha256 = $4, size = $5 where partner_id = $1 and loan_id = $2 and copy = $3 and sha256 is null;

-- credentials.rs
insert into credentials (partner_id, client_id, version, name, scope, state, secret_hash, expires_at, last_used_at, created_at, updated_at, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
select count(*) from credentials where partner_id = $1 and state = 'active' and (expires_at is null or expires_at > $2);
select partner_id, client_id, version, name, scope, state, secret_hash, expires_at, last_used_at, created_at, updated_at, created_by from credentials where client_id = $1;
select partner_id, client_id, version, name, scope, state, secret_hash, expires_at, last_used_at, created_at, updated_at, created_by from credentials where partner_id = $1 and client_id = $2;
select partner_id, client_id, version, name, scope, state, secret_hash, expires_at, last_used_at, created_at, updated_at, created_by from credentials where partner_id = $1 and created_by = $2 order by created_at, client_id;
select partner_id, client_id, version, name, scope, state, secret_hash, expires_at, last_used_at, created_at, updated_at, created_by, (select p.requests_per_10s from partners p where p.id = $1) from credentials where partner_id = $1 and client_id = $2;
update credentials set last_used_at = $3 where partner_id = $1 and client_id = $2;
update credentials set version = version + 1, state = $4, expires_at = $5, updated_at = $6 where partner_id = $1 and client_id = $2 and version = $3;

-- credit.rs
insert into credit_decisions (partner_id, id, customer_id, outcome, terms, policy_version, sealed, decided_by, valid_days, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
select count(*) from credit_decisions where partner_id = $1 and customer_id = $2;
select id from credit_decisions where partner_id = $1 and customer_id = $2;
select id from credit_decisions where partner_id = $1 and customer_id = $2 limit 101;
select partner_id, id, customer_id, outcome, terms, policy_version, sealed, decided_by, valid_days, decided_at from credit_decisions where partner_id = $1 and customer_id = $2 and outcome = 'approved' and not exists ( select 1 from offers o where o.partner_id = credit_decisions.partner_id and o.decision_id = credit_decisions.id) order by decided_at;
select partner_id, id, customer_id, outcome, terms, policy_version, sealed, decided_by, valid_days, decided_at, id from credit_decisions where partner_id = $1 and customer_id = $2 order by decided_at desc, id desc limit 101;
update credit_decisions set sealed = $3 where partner_id = $1 and id = $2;

-- customer_tags.rs
delete from customer_tags where partner_id = $1 and customer_id = $2 and tag_hash = $3;
insert into customer_tags (partner_id, customer_id, place, tag_hash, sealed) values ($1, $2, $3, $4, $5);
select partner_id, customer_id, place, tag_hash, sealed from customer_tags where partner_id = $1 and customer_id = $2;
select partner_id, customer_id, place, tag_hash, sealed from customer_tags where partner_id in ($1) and customer_id in ($2);
select t.customer_id from customer_tags t cross join customers c where t.tag_hash = $1 and c.partner_id = t.partner_id and c.id = t.customer_id and c.state = $2 order by t.customer_id asc limit 101;
select t.customer_id from customer_tags t cross join customers c where t.tag_hash = $1 and c.partner_id = t.partner_id and c.id = t.customer_id and c.state = $2 order by t.customer_id desc limit 101;
select t.customer_id from customer_tags t cross join customers c where t.tag_hash = $1 and t.customer_id < $2 and c.partner_id = t.partner_id and c.id = t.customer_id and c.state = $3 order by t.customer_id desc limit 101;
select t.customer_id from customer_tags t cross join customers c where t.tag_hash = $1 and t.customer_id > $2 and c.partner_id = t.partner_id and c.id = t.customer_id and c.state = $3 order by t.customer_id asc limit 101;
select t.customer_id from customer_tags t cross join customers c where t.tag_hash = $1 and t.partner_id = $2 and c.partner_id = t.partner_id and c.id = t.customer_id and c.state = $3 order by t.customer_id asc limit 101;
select t.customer_id from customer_tags t cross join customers c where t.tag_hash = $1 and t.partner_id = $2 and c.partner_id = t.partner_id and c.id = t.customer_id and c.state = $3 order by t.customer_id desc limit 101;
select t.customer_id from customer_tags t cross join customers c where t.tag_hash = $1 and t.partner_id = $2 and t.customer_id < $3 and c.partner_id = t.partner_id and c.id = t.customer_id and c.state = $4 order by t.customer_id desc limit 101;
select t.customer_id from customer_tags t cross join customers c where t.tag_hash = $1 and t.partner_id = $2 and t.customer_id > $3 and c.partner_id = t.partner_id and c.id = t.customer_id and c.state = $4 order by t.customer_id asc limit 101;
select t.customer_id from customer_tags t where t.tag_hash = $1 and t.customer_id < $2 order by t.customer_id desc limit 101;
select t.customer_id from customer_tags t where t.tag_hash = $1 and t.customer_id > $2 order by t.customer_id asc limit 101;
select t.customer_id from customer_tags t where t.tag_hash = $1 and t.partner_id = $2 and t.customer_id < $3 order by t.customer_id desc limit 101;
select t.customer_id from customer_tags t where t.tag_hash = $1 and t.partner_id = $2 and t.customer_id > $3 order by t.customer_id asc limit 101;
select t.customer_id from customer_tags t where t.tag_hash = $1 and t.partner_id = $2 order by t.customer_id asc limit 101;
select t.customer_id from customer_tags t where t.tag_hash = $1 and t.partner_id = $2 order by t.customer_id desc limit 101;
select t.customer_id from customer_tags t where t.tag_hash = $1 order by t.customer_id asc limit 101;
select t.customer_id from customer_tags t where t.tag_hash = $1 order by t.customer_id desc limit 101;

-- customers.rs
insert into customers (partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at from customers where partner_id = $1 and cpf_hash = $2;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at from customers where partner_id = $1 and id = $2;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where id in ($1);
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and id > $2 order by id limit $3;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and id in ($2);
select version from customers where partner_id = $1 and id = $2;
update customers set version = version + 1, state = $4, cnpj_hash = $5, name_code = $6, sealed = $7, kyc = $8, updated_at = $9 where partner_id = $1 and id = $2 and version = $3;
update customers set version = version + 1, state = $4, cpf_hash = $5, cnpj_hash = $6, external_id = $7, name_code = $8, sealed = $9, kyc = $10, updated_at = $11 where partner_id = $1 and id = $2 and version = $3;

-- data_keys.rs
insert into data_keys (partner_id, number, master_key, material, created_at) values ($1, $2, $3, $4, $5);
select number, master_key, material from data_keys where partner_id = $1 order by number desc limit 101;

-- deliveries/lanes.rs
select cast(coalesce(sum(case when e.state = 'active' and e.failing_since is null then w.pending else 0 end), 0) as bigint), cast(coalesce(sum(case when e.state = 'active' and e.failing_since is not null then w.pending else 0 end), 0) as bigint), cast(coalesce(sum(case when e.state <> 'active' then w.pending else 0 end), 0) as bigint) from (select partner_id, endpoint_id, count(*) as pending from deliveries where state = 'pending' group by partner_id, endpoint_id) w join webhook_endpoints e on e.partner_id = w.partner_id and e.id = w.endpoint_id;
select count(*), min(created_at) from deliveries where state = 'pending';
select min(due_at) from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'pending';
select partner_id, endpoint_id from deliveries where state = 'pending' and (partner_id, endpoint_id) > ($1, $2) order by partner_id, endpoint_id limit 101;
select partner_id, id, version, due_at from (select e.partner_id, e.id, e.version, (select min(d.due_at) from deliveries d where d.partner_id = e.partner_id and d.endpoint_id = e.id and d.state = 'pending') as due_at from webhook_endpoints e where e.state = 'active') as lanes where due_at is not null;
update deliveries set version = version + 1, due_at = $1, leased_until = 0 where state = 'pending' and leased_until > $1;
update deliveries set version = version + 1, due_at = $5, leased_until = 0 where partner_id = $1 and endpoint_id = $2 and id = $3 and version = $4;
update deliveries set version = version + 1, due_at = created_at, updated_at = $3 where partner_id = $1 and endpoint_id = $2 and 'pending' = state || '' and id in (select id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'pending' and due_at > $3 and leased_until <= $3 order by due_at desc limit 101);
update deliveries set version = version + 1, state = 'failed', updated_at = $3 where partner_id = $1 and endpoint_id = $2 and 'pending' = state || '' and id in (select id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'pending' order by due_at limit 101);
with due as materialized (select id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'pending' and due_at <= $3 order by due_at, id limit $5 ) update deliveries set version = version + 1, due_at = $4, leased_until = $4 where partner_id = $1 and endpoint_id = $2 and id in (select id from due) returning id, version, event_id, attempts, body_id;
with due as materialized (select id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'pending' and due_at <= $3 order by due_at, id limit $5 for update skip locked) update deliveries set version = version + 1, due_at = $4, leased_until = $4 where partner_id = $1 and endpoint_id = $2 and id in (select id from due) returning id, version, event_id, attempts, body_id;
with wanted (of_body) as (values (cast($2 as text))) select id, sealed, request_id, traceparent from wanted join delivery_bodies on partner_id = $1 and id = of_body || '';
with wanted (of_body) as (values (cast($2 as text)), ($3)) select id, sealed, request_id, traceparent from wanted join delivery_bodies on partner_id = $1 and id = of_body || '';

-- deliveries/list.rs
select b.id, b.sealed, b.request_id, b.traceparent from deliveries d join delivery_bodies b on b.partner_id = d.partner_id and b.id = d.body_id where d.partner_id = $1 and d.endpoint_id = $2 and d.id = $3;
select created_at, state, attempts from deliveries where partner_id = $1 and endpoint_id = $2 and id >= $3 order by id desc limit $4;
select delivery_id, partner_id, delivery_id, number, started_at, duration_ms, status, outcome, sealed from delivery_attempts where partner_id = $1 and delivery_id in ($2) order by delivery_id, number;
select id, event_id from deliveries where partner_id = $1 and endpoint_id = $2 and id > $3 and id < $4 order by id limit $5;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at from deliveries where partner_id = $1 and endpoint_id = $2 and id = $3;
with newest as materialized (select id from deliveries where partner_id = $1 and endpoint_id = $2 and id >= $3 order by id desc limit $4) select status, duration_ms from newest join delivery_attempts on partner_id = $1 and delivery_id = newest.id || '';

-- deliveries/mod.rs
insert into deliveries (partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);
insert into delivery_attempts (partner_id, delivery_id, number, started_at, duration_ms, status, outcome, sealed) values ($1, $2, $3, $4, $5, $6, $7, $8);
insert into delivery_bodies (partner_id, id, sealed, request_id, traceparent) values ($1, $2, $3, $4, $5);
update deliveries set version = version + 1, state = 'pending', due_at = $5, leased_until = 0, updated_at = $5 where partner_id = $1 and endpoint_id = $2 and id = $3 and version = $4;

-- deliveries/of_events.rs
with wanted (of_delivery, of_number) as (values (cast($2 as text), cast($3 as bigint))) select partner_id, delivery_id, number, started_at, duration_ms, status, outcome, sealed from wanted join delivery_attempts on partner_id = $1 and delivery_id = of_delivery || '' and number = of_number;
with wanted (of_delivery, of_number) as (values (cast($2 as text), cast($3 as bigint)), ($4, $5)) select partner_id, delivery_id, number, started_at, duration_ms, status, outcome, sealed from wanted join delivery_attempts on partner_id = $1 and delivery_id = of_delivery || '' and number = of_number;
with wanted (of_endpoint, of_delivery) as (values (cast($2 as text), cast($3 as text))) select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at from wanted join deliveries on partner_id = $1 and endpoint_id = of_endpoint || '' and id = of_delivery || '';
with wanted (of_endpoint, of_delivery) as (values (cast($2 as text), cast($3 as text)), ($4, $5)) select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at from wanted join deliveries on partner_id = $1 and endpoint_id = of_endpoint || '' and id = of_delivery || '';
with wanted (of_event, first_id, last_id) as (values (cast($2 as text), cast($3 as text), cast($4 as text))) select of_event, url, endpoint, found from (select of_event, e.url as url, e.id as endpoint, e.created_at as since, (select d.id from deliveries d where d.partner_id = $1 and d.endpoint_id = e.id and d.id >= first_id and d.id <= last_id and d.event_id = of_event limit 101) as found from webhook_endpoints e cross join wanted where e.partner_id = $1) as pairs where found is not null order by since, endpoint;
with wanted (of_event, first_id, last_id) as (values (cast($2 as text), cast($3 as text), cast($4 as text)), ($5, $6, $7)) select of_event, url, endpoint, found from (select of_event, e.url as url, e.id as endpoint, e.created_at as since, (select d.id from deliveries d where d.partner_id = $1 and d.endpoint_id = e.id and d.id >= first_id and d.id <= last_id and d.event_id = of_event limit 101) as found from webhook_endpoints e cross join wanted where e.partner_id = $1) as pairs where found is not null order by since, endpoint;

-- deliveries/purge.rs
delete from deliveries where partner_id = $1 and endpoint_id = $2 and id in (select id from deliveries where partner_id = $1 and endpoint_id = $2 and id < $3 and (state not in ('pending') or not exists (select 1 from webhook_endpoints e where e.partner_id = $1 and e.id = $2 and e.state = 'active')) order by id limit 101);
delete from delivery_attempts where partner_id = $1 and (delivery_id, number) in (select delivery_id, number from delivery_attempts where partner_id = $1 and delivery_id < $2 order by delivery_id, number limit 101);
delete from delivery_bodies where partner_id = $1 and id in (select id from delivery_bodies where partner_id = $1 and id < $2 order by id limit 101);
select body_id from deliveries where partner_id = $1 and endpoint_id = $2 and id < $3 order by id limit 101;
select min(endpoint_id) from deliveries where partner_id = $1 and endpoint_id > $2;

-- deliveries/record.rs
insert into delivery_attempts (partner_id, delivery_id, number, started_at, duration_ms, status, outcome, sealed) values ($1, $2, $3, $4, $5, $6, $7, $8);
with result (of_partner, of_endpoint, of_delivery, of_version, next_state, made, next_due) as (values (cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as bigint), cast($6 as text), cast($7 as bigint), cast($8 as bigint))) update deliveries set version = version + 1, state = next_state, attempts = made, due_at = next_due, leased_until = 0, updated_at = $1 from result where partner_id = of_partner || '' and endpoint_id = of_endpoint || '' and id = of_delivery || '' and version = of_version returning id;
with result (of_partner, of_endpoint, of_delivery, of_version, next_state, made, next_due) as (values (cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as bigint), cast($6 as text), cast($7 as bigint), cast($8 as bigint)), ($9, $10, $11, $12, $13, $14, $15)) update deliveries set version = version + 1, state = next_state, attempts = made, due_at = next_due, leased_until = 0, updated_at = $1 from result where partner_id = of_partner || '' and endpoint_id = of_endpoint || '' and id = of_delivery || '' and version = of_version returning id;

-- directory.rs
select partner_id from credentials where client_id = $1;
select partner_id from customers where id = $1;
select partner_id from installments where id = $1;
select partner_id from kyc_documents where id = $1;
select partner_id from loans where id = $1;
select partner_id from mails where id = $1;
select partner_id from notes where id = $1;
select partner_id from offers where id = $1;
select partner_id from payments where id = $1;

-- dues.rs
select id, customer_id, valid_until from offers where partner_id = $1 and state = 'available' and valid_until > $2 and valid_until <= $3 order by valid_until limit $4;
select id, sign_by from loans where partner_id = $1 and state in ('contract_generated', 'awaiting_signatures') and sign_by > $2 and sign_by <= $3 order by sign_by limit $4;
select loan_id, number, due, interest + principal - paid_interest - paid_principal from installments where partner_id = $1 and paid_at is null and due >= $2 and due <= $3 order by due, loan_id limit $4;

-- entries.rs
delete from entries where operator_id = $1 and purpose = $2 and used_at is null;
delete from entries where secret_hash in (select secret_hash from entries where expires_at < $1 order by expires_at limit $2);
insert into entries (secret_hash, operator_id, version, purpose, created_at, expires_at, used_at) values ($1, $2, $3, $4, $5, $6, $7);
select secret_hash, operator_id, version, purpose, created_at, expires_at, used_at from entries where operator_id = $1 and purpose = $2 order by created_at desc limit 101;
select secret_hash, operator_id, version, purpose, created_at, expires_at, used_at from entries where secret_hash = $1;
update entries set version = version + 1, used_at = $3 where secret_hash = $1 and version = $2;

-- erasing.rs
delete from bank_account_changes where partner_id = $1 and customer_id = $2;
delete from bank_accounts where partner_id = $1 and customer_id = $2;
delete from biometrics_sessions where partner_id = $1 and customer_id = $2;
delete from contracts where partner_id = $1 and loan_id = $2;
delete from customer_tags where partner_id = $1 and customer_id = $2;
delete from events where subject = $1;
delete from kyc_documents where partner_id = $1 and customer_id = $2;
delete from notes where partner_id = $1 and subject_id = $2;
delete from proposal_grounds where partner_id = $1 and id in (select id from proposals where subject_id = $2);
delete from signatures where partner_id = $1 and loan_id = $2;
delete from signing_invitations where partner_id = $1 and loan_id = $2;
select blob_key from contracts where partner_id = $1 and loan_id = $2 and blob_key is not null;
select blob_key from kyc_documents where partner_id = $1 and customer_id = $2;

-- erasures.rs
insert into erasures (partner_id, customer_id, asked_by, asked_at, due_at, erased_at) values ($1, $2, $3, $4, $5, $6);
select e.partner_id, e.customer_id from partners p join erasures e on e.partner_id = p.id where p.clock_offset > 0 and e.erased_at is null and e.due_at <= $1 + p.clock_offset limit $2;
select partner_id, customer_id, asked_by, asked_at, due_at, erased_at from erasures where erased_at is null and due_at <= $1 order by due_at limit $2;
select partner_id, customer_id, asked_by, asked_at, due_at, erased_at from erasures where partner_id = $1 and customer_id = $2;
update erasures set due_at = $3 where partner_id = $1 and customer_id = $2 and erased_at + 0 is null;
update erasures set erased_at = $3 where partner_id = $1 and customer_id = $2 and erased_at + 0 is null;

-- exposure.rs
insert into exposure_turns (lookup_hash, turn) values ($1, 1) on conflict (lookup_hash) do update set turn = exposure_turns.turn + 1;
select d.terms from customers c join credit_decisions d on d.partner_id = c.partner_id and d.customer_id = c.id left join offers o on o.partner_id = d.partner_id and o.decision_id = d.id where c.cnpj_hash = $1 and c.state not in ('denied') and d.outcome = 'approved' and o.id is null;
select d.terms from customers c join credit_decisions d on d.partner_id = c.partner_id and d.customer_id = c.id left join offers o on o.partner_id = d.partner_id and o.decision_id = d.id where c.cpf_hash = $1 and c.state not in ('denied') and d.outcome = 'approved' and o.id is null;
select l.quote, cast(case when l.state in ('active') then coalesce(( select sum(t.principal - t.paid_principal) from installments t where t.partner_id = l.partner_id and t.loan_id = l.id), 0) else 0 end as bigint) from customers c join loans l on l.partner_id = c.partner_id and l.customer_id = c.id where c.cnpj_hash = $1 and l.state in ('processing', 'contract_generated', 'awaiting_signatures', 'signed', 'disbursing', 'active', 'error');
select l.quote, cast(case when l.state in ('active') then coalesce(( select sum(t.principal - t.paid_principal) from installments t where t.partner_id = l.partner_id and t.loan_id = l.id), 0) else 0 end as bigint) from customers c join loans l on l.partner_id = c.partner_id and l.customer_id = c.id where c.cpf_hash = $1 and l.state in ('processing', 'contract_generated', 'awaiting_signatures', 'signed', 'disbursing', 'active', 'error');
select o.terms from customers c join offers o on o.partner_id = c.partner_id and o.customer_id = c.id where c.cnpj_hash = $1 and o.state = 'available';
select o.terms from customers c join offers o on o.partner_id = c.partner_id and o.customer_id = c.id where c.cpf_hash = $1 and o.state = 'available';

-- file_secrets.rs
delete from file_secrets where partner_id = $1 and file = $2;
insert into file_secrets (partner_id, file, secret) values ($1, $2, $3);
select secret from file_secrets where partner_id = $1 and file = $2;

-- idempotency.rs
delete from idempotency_keys where created_at < $2 and partner_id = $1 and key in ($3);
insert into idempotency_keys (partner_id, key, fingerprint, status, created_at) values ($1, $2, $3, 0, $4) on conflict (partner_id, key) do update set fingerprint = $3, status = 0, location = null, sealed = null, created_at = $4 where idempotency_keys.created_at < $5;
select partner_id, key from idempotency_keys where created_at < $1 order by created_at limit $2;
select partner_id, key, fingerprint, status, location, sealed, created_at from idempotency_keys where partner_id = $1 and key = $2;
update idempotency_keys set status = $3, location = $4, sealed = $5 where partner_id = $1 and key = $2;

-- installments.rs
insert into installments (partner_id, id, loan_id, number, due, principal, interest, paid_charges, paid_interest, paid_principal, discount, charges_due, charged_to, late_curve, paid_at, monthly_rate, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);
select number from installments where partner_id = $1 and loan_id = $2 and id = $3;
select partner_id, id, loan_id, number, due, principal, interest, paid_charges, paid_interest, paid_principal, discount, charges_due, charged_to, late_curve, paid_at, monthly_rate, created_at, updated_at from installments where partner_id = $1 and id = $2;
select partner_id, id, loan_id, number, due, principal, interest, paid_charges, paid_interest, paid_principal, discount, charges_due, charged_to, late_curve, paid_at, monthly_rate, created_at, updated_at from installments where partner_id = $1 and loan_id = $2 order by number;
select partner_id, id, loan_id, number, due, principal, interest, paid_charges, paid_interest, paid_principal, discount, charges_due, charged_to, late_curve, paid_at, monthly_rate, created_at, updated_at, id from installments where partner_id = $1 and loan_id = $2 and number > $3 order by number limit 101;
update installments set paid_charges = $3, paid_interest = $4, paid_principal = $5, discount = $6, charges_due = $7, charged_to = $8, paid_at = $9, updated_at = $10, late_curve = $11 where partner_id = $1 and id = $2;

-- jobs.rs
delete from jobs where partner_id = $1 and id = $2;
insert into jobs (partner_id, id, kind, subject_id, due_at, attempts, request_id, traceparent) values ($1, $2, $3, $4, $5, $6, $7, $8);
select min(due) from ( select min(due_at) as due from jobs union all select (select min(due_at) from jobs where partner_id = f.partner_id) - p.clock_offset from partners p join feeds f on f.partner_id = p.id where p.clock_offset > 0 ) as dues;
select partner_id from jobs where due_at <= $1 order by due_at limit $2;
select partner_id, due from ( select f.partner_id, p.clock_offset, (select min(due_at) from jobs where partner_id = f.partner_id) as due from partners p join feeds f on f.partner_id = p.id where p.clock_offset > 0 ) as moved where due <= $1 + clock_offset;
select partner_id, id, kind, subject_id, due_at, attempts, request_id, traceparent from jobs where partner_id = $1 and due_at <= $2 order by due_at, id limit $3;
select partner_id, id, kind, subject_id, due_at, attempts, request_id, traceparent from jobs where partner_id = $1 and due_at <= $2 order by due_at, id limit $3 for update skip locked;
select partner_id, id, kind, subject_id, due_at, attempts, request_id, traceparent from jobs where partner_id = $1 and due_at > $2 and due_at <= $3 order by due_at, id limit $4;
select partner_id, id, kind, subject_id, due_at, attempts, request_id, traceparent from jobs where partner_id = $1 and request_id = $2 limit 101;
update jobs set attempts = attempts + 1, due_at = $3 where partner_id = $1 and id = $2;

-- journal_sums.rs
delete from journal_waiting where partner_id = $1 and entry_id in ($2);
insert into journal_sums (partner_id, period, begins, account, debit, credit, debits, credits) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (partner_id, period, begins, account) do update set debit = journal_sums.debit + excluded.debit, credit = journal_sums.credit + excluded.credit, debits = journal_sums.debits + excluded.debits, credits = journal_sums.credits + excluded.credits;
insert into journal_waiting (partner_id, entry_id, loan_id, day) values ($1, $2, $3, $4);
select account, cast(sum(case when day < $3 then debit - credit else 0 end) as bigint), cast(sum(case when day = $3 then debit else 0 end) as bigint), cast(sum(case when day = $3 then credit else 0 end) as bigint), cast(sum(case when day = $3 then debits else 0 end) as bigint), cast(sum(case when day = $3 then credits else 0 end) as bigint) from (select s.account as account, s.begins as day, s.debit as debit, s.credit as credit, s.debits as debits, s.credits as credits from partners p cross join journal_sums s where s.partner_id = p.id and s.period = 'year' and s.begins < $1 and p.id = $4 union all select s.account as account, s.begins as day, s.debit as debit, s.credit as credit, s.debits as debits, s.credits as credits from partners p cross join journal_sums s where s.partner_id = p.id and s.period = 'month' and s.begins >= $1 and s.begins < $2 and p.id = $4 union all select s.account as account, s.begins as day, s.debit as debit, s.credit as credit, s.debits as debits, s.credits as credits from partners p cross join journal_sums s where s.partner_id = p.id and s.period = 'day' and s.begins >= $2 and s.begins <= $3 and p.id = $4 union all select x.account as account, w.day as day, case when x.amount > 0 then x.amount else 0 end as debit, case when x.amount < 0 then -x.amount else 0 end as credit, case when x.amount > 0 then 1 else 0 end as debits, case when x.amount < 0 then 1 else 0 end as credits from partners p cross join journal_waiting w cross join journal_postings x where w.partner_id = p.id and x.partner_id = w.partner_id and x.loan_id = w.loan_id and x.entry_id = w.entry_id and w.day <= $3 and p.id = $4) as moved group by account;
select account, cast(sum(case when day < $3 then debit - credit else 0 end) as bigint), cast(sum(case when day = $3 then debit else 0 end) as bigint), cast(sum(case when day = $3 then credit else 0 end) as bigint), cast(sum(case when day = $3 then debits else 0 end) as bigint), cast(sum(case when day = $3 then credits else 0 end) as bigint) from (select s.account as account, s.begins as day, s.debit as debit, s.credit as credit, s.debits as debits, s.credits as credits from partners p cross join journal_sums s where s.partner_id = p.id and s.period = 'year' and s.begins < $1 union all select s.account as account, s.begins as day, s.debit as debit, s.credit as credit, s.debits as debits, s.credits as credits from partners p cross join journal_sums s where s.partner_id = p.id and s.period = 'month' and s.begins >= $1 and s.begins < $2 union all select s.account as account, s.begins as day, s.debit as debit, s.credit as credit, s.debits as debits, s.credits as credits from partners p cross join journal_sums s where s.partner_id = p.id and s.period = 'day' and s.begins >= $2 and s.begins <= $3 union all select x.account as account, w.day as day, case when x.amount > 0 then x.amount else 0 end as debit, case when x.amount < 0 then -x.amount else 0 end as credit, case when x.amount > 0 then 1 else 0 end as debits, case when x.amount < 0 then 1 else 0 end as credits from partners p cross join journal_waiting w cross join journal_postings x where w.partner_id = p.id and x.partner_id = w.partner_id and x.loan_id = w.loan_id and x.entry_id = w.entry_id and w.day <= $3) as moved group by account;
select cast(coalesce(sum(debit), 0) as bigint), cast(coalesce(sum(credit), 0) as bigint), cast(coalesce(sum(debits), 0) as bigint), cast(coalesce(sum(credits), 0) as bigint) from ( select s.debit as debit, s.credit as credit, s.debits as debits, s.credits as credits from partners p cross join journal_sums s where s.partner_id = p.id and s.period = 'day' and s.begins = $1 and s.account = $2 union all select case when x.amount > 0 then x.amount else 0 end as debit, case when x.amount < 0 then -x.amount else 0 end as credit, case when x.amount > 0 then 1 else 0 end as debits, case when x.amount < 0 then 1 else 0 end as credits from partners p cross join journal_waiting w cross join journal_postings x where w.partner_id = p.id and x.partner_id = w.partner_id and x.loan_id = w.loan_id and x.entry_id = w.entry_id and w.day = $1 and x.account = $2 ) as moved;
select entry_id from journal_waiting where partner_id = $1 and entry_id in ($2);
select loan_id, id, entered_at from journal_entries where partner_id = $1 and loan_id in ($2);
select min(id) from journal_entries where id >= $1;
select partner_id from journal_waiting where partner_id > $1 order by partner_id limit 101;
select partner_id, entry_id, loan_id, day, entry_id from journal_waiting where partner_id = $1 and entry_id > $2 order by entry_id limit $3;
select partner_id, entry_id, loan_id, day, entry_id from journal_waiting where partner_id = $1 and entry_id > $2 order by entry_id limit $3 for update skip locked;
select period, begins, account, debit, credit, debits, credits from journal_sums where partner_id = $1;
select x.account, cast(sum(case when x.amount > 0 then x.amount else 0 end) as bigint), cast(sum(case when x.amount < 0 then -x.amount else 0 end) as bigint), cast(sum(case when x.amount > 0 then 1 else 0 end) as bigint), cast(sum(case when x.amount < 0 then 1 else 0 end) as bigint) from journal_entries e join journal_postings x on x.partner_id = e.partner_id and x.loan_id = e.loan_id and x.entry_id = e.id where e.id >= $1 and e.id < $2 group by x.account;

-- kyc.rs
delete from blob_intents where partner_id = $1 and blob_key = $2;
delete from blob_intents where partner_id = $1 and blob_key = $2 and created_at + 0 = $3;
delete from blob_intents where partner_id = $1 and blob_key = $2 and customer_id = $3;
delete from kyc_documents where partner_id = $1 and id = $2;
insert into biometrics_sessions (partner_id, id, version, customer_id, state, review_start, code_hash, page_hash, expires_at, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
insert into blob_intents (partner_id, blob_key, created_at) values ($1, $2, $3) on conflict (partner_id, blob_key) do update set created_at = excluded.created_at;
insert into blob_intents (partner_id, blob_key, created_at, customer_id) values ($1, $2, $3, $4);
insert into kyc_documents (partner_id, id, customer_id, blob_key, media_type, size, sha256, created_at, replaced_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);
select count(*) from blob_intents where partner_id = $1 and customer_id = $2;
select count(*), cast(coalesce(sum(size), 0) as bigint) from kyc_documents where partner_id = $1 and customer_id = $2;
select customer_id from kyc_documents where sha256 in ($1) and customer_id <> $2 limit $3;
select partner_id, blob_key from blob_intents where created_at < $1 order by created_at limit 101;
select partner_id, id, blob_key, replaced_at from kyc_documents where replaced_at < $1 order by replaced_at limit 101;
select partner_id, id, customer_id, blob_key, media_type, size, sha256, created_at, replaced_at from kyc_documents where partner_id = $1 and customer_id = $2;
select partner_id, id, customer_id, blob_key, media_type, size, sha256, created_at, replaced_at from kyc_documents where partner_id = $1 and id = $2;
select partner_id, id, version, customer_id, state, review_start, code_hash, page_hash, expires_at, created_at from biometrics_sessions where code_hash = $1;
select partner_id, id, version, customer_id, state, review_start, code_hash, page_hash, expires_at, created_at from biometrics_sessions where page_hash = $1;
select partner_id, id, version, customer_id, state, review_start, code_hash, page_hash, expires_at, created_at from biometrics_sessions where partner_id = $1 and customer_id = $2 order by created_at desc limit 101;
select partner_id, id, version, customer_id, state, review_start, code_hash, page_hash, expires_at, created_at from biometrics_sessions where partner_id = $1 and id = $2;
update biometrics_sessions set page_hash = $3 where partner_id = $1 and id = $2;
update biometrics_sessions set version = version + 1, state = $4, expires_at = $5 where partner_id = $1 and id = $2 and version = $3;
update blob_intents set customer_id = null where partner_id = $1 and blob_key = $2;
update kyc_documents set replaced_at = $3 where partner_id = $1 and id = $2;

-- lane_changes.rs
delete from lane_changes where partner_id = $1 and endpoint_id = $2 and version = $3;
insert into lane_changes (partner_id, endpoint_id, version, after_id, until_id) values ($1, $2, 1, $3, $4) on conflict (partner_id, endpoint_id) do update set version = lane_changes.version + 1, until_id = excluded.until_id, after_id = case when excluded.after_id < lane_changes.after_id then excluded.after_id else lane_changes.after_id end;
select count(*) from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state in ('pending', 'failed') and id > $4;
select count(*) from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'pending' and due_at > $3 and leased_until > $3 and id > $4;
select id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id > $5 and id <= $6 order by id limit 101;
select max(id) from deliveries where partner_id = $1 and endpoint_id = $2;
select min(event_type) from deliveries where partner_id = $1 and endpoint_id = $2 and event_type > $3;
select partner_id, endpoint_id from lane_changes order by partner_id, endpoint_id limit 101;
select partner_id, endpoint_id, version, after_id, until_id from lane_changes where partner_id = $1 and endpoint_id = $2;
update lane_changes set version = version + 1, after_id = $4 where partner_id = $1 and endpoint_id = $2 and version = $3;
with wanted (of_delivery) as (values (cast($4 as text))) update deliveries set version = version + 1, state = 'pending', due_at = created_at, updated_at = $3 from wanted where partner_id = $1 and endpoint_id = $2 and id = of_delivery || '' and state in ('pending', 'failed') and leased_until <= $3 and (state = 'failed' or due_at <> created_at);
with wanted (of_delivery) as (values (cast($4 as text)), ($5)) update deliveries set version = version + 1, state = 'pending', due_at = created_at, updated_at = $3 from wanted where partner_id = $1 and endpoint_id = $2 and id = of_delivery || '' and state in ('pending', 'failed') and leased_until <= $3 and (state = 'failed' or due_at <> created_at);

-- ledger.rs
insert into journal_entries (partner_id, loan_id, id, cause, subject, actor, entered_at) values ($1, $2, $3, $4, $5, $6, $7);
select account, cast(sum(amount) as bigint) from journal_postings where partner_id = $1 and loan_id = $2 group by account;
select cast(coalesce(sum(p.amount), 0) as bigint) from journal_entries e join journal_postings p on p.partner_id = e.partner_id and p.loan_id = e.loan_id and p.entry_id = e.id where e.partner_id = $1 and e.loan_id = $2 and p.account = 'principal_receivable' and (e.entered_at, e.id) <= ($3, $4);
select id from loans where partner_id = $1 and id > $2 order by id limit 101 offset $3;
select loan_id, cast(sum(principal - paid_principal) as bigint) from installments where partner_id = $1 and loan_id > $2 and loan_id <= $3 group by loan_id;
select loan_id, cast(sum(principal - paid_principal) as bigint) from installments where partner_id = $1 and loan_id > $2 group by loan_id;
select loan_id, entry_id, account, amount from journal_postings where partner_id = $1 and loan_id > $2;
select loan_id, entry_id, account, amount from journal_postings where partner_id = $1 and loan_id > $2 and loan_id <= $3;

-- listing/mod.rs
select created_at from credentials where partner_id = $1 and client_id = $2;
select created_at from customers where id = $1;
select created_at from customers where partner_id = $1 and id = $2;
select created_at from loans where id = $1;
select created_at from loans where partner_id = $1 and id = $2;
select created_at from offers where id = $1;
select created_at from offers where partner_id = $1 and id = $2;
select created_at from webhook_endpoints where partner_id = $1 and id = $2;
select created_at, id from customers where state = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
select created_at, id from customers where state = $1 and (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
select created_at, id from customers where state = $1 order by created_at asc, id asc limit 101;
select created_at, id from customers where state = $1 order by created_at desc, id desc limit 101;
select created_at, id from loans where partner_id = $1 and state = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
select created_at, id from loans where partner_id = $1 and state = $2 and (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
select created_at, id from loans where partner_id = $1 and state = $2 order by created_at asc, id asc limit 101;
select created_at, id from loans where partner_id = $1 and state = $2 order by created_at desc, id desc limit 101;
select created_at, id from loans where state = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
select created_at, id from loans where state = $1 and (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
select created_at, id from loans where state = $1 order by created_at asc, id asc limit 101;
select created_at, id from loans where state = $1 order by created_at desc, id desc limit 101;
select created_at, id from offers where partner_id = $1 and state = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
select created_at, id from offers where partner_id = $1 and state = $2 and (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
select created_at, id from offers where partner_id = $1 and state = $2 order by created_at asc, id asc limit 101;
select created_at, id from offers where partner_id = $1 and state = $2 order by created_at desc, id desc limit 101;
select created_at, id from offers where state = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
select created_at, id from offers where state = $1 and (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
select created_at, id from offers where state = $1 order by created_at asc, id asc limit 101;
select created_at, id from offers where state = $1 order by created_at desc, id desc limit 101;
select entered_at from journal_entries where partner_id = $1 and loan_id = $2 and id = $3;
select id from deliveries where partner_id = $1 and endpoint_id = $2 and id = $3;
select id from journal_entries where id = $1;
select id from mails where id = $1;
select id from mails where partner_id = $1 and id = $2;
select id from payments where id = $1;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and id < $4 and created_at < $5 and state = $6 and id < $7 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and id < $4 and created_at < $5 and state = $6 and id > $7 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and id < $4 and created_at < $5 and state = $6 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and id < $4 and created_at < $5 and state = $6 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and id >= $4 and created_at >= $5 and state = $6 and id < $7 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and id >= $4 and created_at >= $5 and state = $6 and id > $7 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and id >= $4 and created_at >= $5 and state = $6 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and id >= $4 and created_at >= $5 and state = $6 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and id >= $4 and id < $5 and created_at >= $6 and created_at < $7 and state = $8 and id < $9 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and id >= $4 and id < $5 and created_at >= $6 and created_at < $7 and state = $8 and id > $9 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and id >= $4 and id < $5 and created_at >= $6 and created_at < $7 and state = $8 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and id >= $4 and id < $5 and created_at >= $6 and created_at < $7 and state = $8 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id < $5 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id > $5 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and event_type = $4 and id < $5 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and event_type = $4 and id > $5 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and event_type = $4 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and event_type = $4 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and id < $4 and created_at < $5 and event_type = $6 and id < $7 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and id < $4 and created_at < $5 and event_type = $6 and id > $7 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and id < $4 and created_at < $5 and event_type = $6 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and id < $4 and created_at < $5 and event_type = $6 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and id >= $4 and created_at >= $5 and event_type = $6 and id < $7 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and id >= $4 and created_at >= $5 and event_type = $6 and id > $7 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and id >= $4 and created_at >= $5 and event_type = $6 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and id >= $4 and created_at >= $5 and event_type = $6 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and id >= $4 and id < $5 and created_at >= $6 and created_at < $7 and event_type = $8 and id < $9 order by id desc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and id >= $4 and id < $5 and created_at >= $6 and created_at < $7 and event_type = $8 and id > $9 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and id >= $4 and id < $5 and created_at >= $6 and created_at < $7 and event_type = $8 order by id asc limit 101;
select id, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = $3 and id >= $4 and id < $5 and created_at >= $6 and created_at < $7 and event_type = $8 order by id desc limit 101;
select id, name, created_at, requests_per_10s, limits_version, id from partners order by created_at asc, id asc limit 101;
select id, name, created_at, requests_per_10s, limits_version, id from partners where clock_of is null order by created_at asc, id asc limit 101;
select id, name, created_at, requests_per_10s, limits_version, id from partners where clock_of is null order by created_at desc, id desc limit 101;
select id, number, format, orders, amount, made_by, made_at, id from bank_files order by made_at desc, id desc limit 101;
select id, version, action, roles, of_partner, subject_id, subject_version, amount, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, note, id from proposals order by proposed_at asc, id asc limit 101;
select id, version, action, roles, of_partner, subject_id, subject_version, amount, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, note, id from proposals order by proposed_at desc, id desc limit 101;
select id, version, action, roles, of_partner, subject_id, subject_version, amount, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, note, id from proposals where state = $1 order by proposed_at desc, id desc limit 101;
select id, version, kind, name, roles, team_of, team_role, created_by, created_at, expires_at, last_used_at, revoked_at, id from operators where team_of is null and kind = $1 order by created_at desc, id desc limit 101;
select id, version, kind, name, roles, team_of, team_role, created_by, created_at, expires_at, last_used_at, revoked_at, id from operators where team_of is null order by created_at desc, id desc limit 101;
select id, version, name, content, sha256, comparison, uploaded_by, uploaded_at, base, adopted, adopted_at, adopted_by, id from policy_versions order by uploaded_at desc, id desc limit 101;
select min(event_type) from deliveries where partner_id = $1 and endpoint_id = $2;
select min(event_type) from deliveries where partner_id = $1 and endpoint_id = $2 and event_type > $3;
select min(state) from customers;
select min(state) from customers where partner_id = $1;
select min(state) from customers where partner_id = $1 and state > $2;
select min(state) from customers where state > $1;
select min(state) from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3;
select min(state) from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state > $4;
select min(state) from loans;
select min(state) from loans where partner_id = $1;
select min(state) from loans where partner_id = $1 and state > $2;
select min(state) from loans where state > $1;
select min(state) from offers;
select min(state) from offers where partner_id = $1;
select min(state) from offers where partner_id = $1 and state > $2;
select min(state) from offers where state > $1;
select name_code from customers where partner_id = $1 and id = $2;
select name_code, id from customers where partner_id = $1 and state = $2 and (name_code, id) < ($3, $4) order by name_code desc, id desc limit 101;
select name_code, id from customers where partner_id = $1 and state = $2 and (name_code, id) > ($3, $4) order by name_code asc, id asc limit 101;
select name_code, id from customers where partner_id = $1 and state = $2 order by name_code asc, id asc limit 101;
select name_code, id from customers where partner_id = $1 and state = $2 order by name_code desc, id desc limit 101;
select partner_id, client_id, version, name, scope, state, secret_hash, expires_at, last_used_at, created_at, updated_at, created_by, client_id from credentials where partner_id = $1 and (created_at, client_id) < ($2, $3) order by created_at desc, client_id desc limit 101;
select partner_id, client_id, version, name, scope, state, secret_hash, expires_at, last_used_at, created_at, updated_at, created_by, client_id from credentials where partner_id = $1 order by created_at desc, client_id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id < $5 and created_at < $6 and id < $7 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id < $5 and created_at < $6 and id > $7 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id < $5 and created_at < $6 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id < $5 and created_at < $6 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id < $5 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id > $5 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id >= $5 and created_at >= $6 and id < $7 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id >= $5 and created_at >= $6 and id > $7 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id >= $5 and created_at >= $6 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id >= $5 and created_at >= $6 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id >= $5 and id < $6 and created_at >= $7 and created_at < $8 and id < $9 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id >= $5 and id < $6 and created_at >= $7 and created_at < $8 and id > $9 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id >= $5 and id < $6 and created_at >= $7 and created_at < $8 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 and id >= $5 and id < $6 and created_at >= $7 and created_at < $8 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id < $3 and created_at < $4 and id < $5 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id < $3 and created_at < $4 and id > $5 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id < $3 and created_at < $4 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id < $3 and created_at < $4 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id < $3 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id > $3 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id >= $3 and created_at >= $4 and id < $5 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id >= $3 and created_at >= $4 and id > $5 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id >= $3 and created_at >= $4 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id >= $3 and created_at >= $4 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id >= $3 and id < $4 and created_at >= $5 and created_at < $6 and id < $7 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id >= $3 and id < $4 and created_at >= $5 and created_at < $6 and id > $7 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id >= $3 and id < $4 and created_at >= $5 and created_at < $6 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id >= $3 and id < $4 and created_at >= $5 and created_at < $6 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and id in ($3);
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id < $3 and created_at < $4 and id < $5 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id < $3 and created_at < $4 and id > $5 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id < $3 and created_at < $4 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id < $3 and created_at < $4 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id < $3 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id > $3 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id >= $3 and created_at >= $4 and id < $5 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id >= $3 and created_at >= $4 and id > $5 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id >= $3 and created_at >= $4 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id >= $3 and created_at >= $4 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id >= $3 and id < $4 and created_at >= $5 and created_at < $6 and id < $7 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id >= $3 and id < $4 and created_at >= $5 and created_at < $6 and id > $7 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id >= $3 and id < $4 and created_at >= $5 and created_at < $6 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' and id >= $3 and id < $4 and created_at >= $5 and created_at < $6 order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'failed' order by id desc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 order by id asc limit 101;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at, id from deliveries where partner_id = $1 and endpoint_id = $2 order by id desc limit 101;
select partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at, id from payments order by id desc limit 101;
select partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at, id from payments where id < $1 order by id desc limit 101;
select partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at, id from payments where id >= $1 and id < $2 order by id desc limit 101;
select partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at, id from payments where partner_id = $1 and id >= $2 and id < $3 order by id desc limit 101;
select partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at, id from payments where partner_id = $1 and loan_id = $2 and (recorded_at, id) < ($3, $4) order by recorded_at desc, id desc limit 101;
select partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at, id from payments where partner_id = $1 and loan_id = $2 order by recorded_at asc, id asc limit 101;
select partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at, id from payments where partner_id = $1 and loan_id = $2 order by recorded_at desc, id desc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails order by id asc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails order by id desc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where id < $1 order by id desc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where id > $1 order by id asc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where partner_id = $1 and id < $2 order by id desc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where partner_id = $1 and id > $2 order by id asc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where partner_id = $1 and state = $2 and id < $3 order by id desc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where partner_id = $1 and state = $2 and id > $3 order by id asc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where partner_id = $1 and state = $2 order by id asc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where partner_id = $1 and state = $2 order by id desc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where partner_id = $1 order by id asc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where partner_id = $1 order by id desc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where state = $1 and id < $2 order by id desc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where state = $1 and id > $2 order by id asc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where state = $1 order by id asc limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where state = $1 order by id desc limit 101;
select partner_id, id, subject_id, author, sealed, written_at, struck_at, id from notes where partner_id = $1 and subject_id = $2 and (written_at, id) < ($3, $4) order by written_at desc, id desc limit 101;
select partner_id, id, subject_id, author, sealed, written_at, struck_at, id from notes where partner_id = $1 and subject_id = $2 and (written_at, id) > ($3, $4) order by written_at asc, id asc limit 101;
select partner_id, id, subject_id, author, sealed, written_at, struck_at, id from notes where partner_id = $1 and subject_id = $2 order by written_at asc, id asc limit 101;
select partner_id, id, subject_id, author, sealed, written_at, struck_at, id from notes where partner_id = $1 and subject_id = $2 order by written_at desc, id desc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where id in ($1);
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and customer_id = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and customer_id = $2 and (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and customer_id = $2 and state = $3 and (created_at, id) < ($4, $5) order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and customer_id = $2 and state = $3 and (created_at, id) > ($4, $5) order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and customer_id = $2 and state = $3 order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and customer_id = $2 and state = $3 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and customer_id = $2 order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and customer_id = $2 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and id in ($2);
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and state = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and state = $2 and (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and state = $2 order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where partner_id = $1 and state = $2 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where state = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where state = $1 and (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where state = $1 order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id), id from offers where state = $1 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where id in ($1);
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and customer_id = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and customer_id = $2 and (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and customer_id = $2 and state = $3 and (created_at, id) < ($4, $5) order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and customer_id = $2 and state = $3 and (created_at, id) > ($4, $5) order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and customer_id = $2 and state = $3 order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and customer_id = $2 and state = $3 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and customer_id = $2 order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and customer_id = $2 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and id in ($2);
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and state = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and state = $2 and (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and state = $2 order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where partner_id = $1 and state = $2 order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where state = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where state = $1 and (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where state = $1 order by created_at asc, id asc limit 101;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where state = $1 order by created_at desc, id desc limit 101;
select partner_id, id, version, generation, url, patterns, state, sealed, failing_since, warned_at, created_at, updated_at, id from webhook_endpoints where partner_id = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
select partner_id, id, version, generation, url, patterns, state, sealed, failing_since, warned_at, created_at, updated_at, id from webhook_endpoints where partner_id = $1 and (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
select partner_id, id, version, generation, url, patterns, state, sealed, failing_since, warned_at, created_at, updated_at, id from webhook_endpoints where partner_id = $1 order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where id in ($1);
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and id in ($2);
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 and (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 and (name_code, id) < ($3, $4) order by name_code desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 and (name_code, id) > ($3, $4) order by name_code asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 and (updated_at, id) < ($3, $4) order by updated_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 and (updated_at, id) > ($3, $4) order by updated_at asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 order by created_at asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 order by name_code asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 order by name_code desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 order by updated_at asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 and state = $2 order by updated_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 order by created_at asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where partner_id = $1 order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where state = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where state = $1 and (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where state = $1 order by created_at asc, id asc limit 101;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from customers where state = $1 order by created_at desc, id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = 'cash') and id < $3 order by id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = 'cash') and id > $3 order by id asc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = 'cash') order by id asc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = 'cash') order by id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = 'customer_credit') order by id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = 'fee_income') order by id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = 'iof_payable') order by id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and id < $3 order by id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and id > $3 order by id asc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and partner_id = $3 and exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = 'cash') and id < $4 order by id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and partner_id = $3 and exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = 'cash') and id > $4 order by id asc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and partner_id = $3 and exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = 'cash') order by id asc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and partner_id = $3 and exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = 'cash') order by id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and partner_id = $3 and exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = 'fee_income') order by id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and partner_id = $3 and id < $4 order by id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and partner_id = $3 and id > $4 order by id asc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and partner_id = $3 order by id asc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 and partner_id = $3 order by id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 order by id asc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where id >= $1 and id < $2 order by id desc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where partner_id = $1 and loan_id = $2 and (entered_at, id) > ($3, $4) order by entered_at asc, id asc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where partner_id = $1 and loan_id = $2 order by entered_at asc, id asc limit 101;
select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries where partner_id = $1 and loan_id = $2 order by entered_at desc, id desc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and (since, subject_id) > ($2, $3) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and amount >= $2 and (since, subject_id) > ($3, $4) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and amount >= $2 and assignee is null and (since, subject_id) > ($3, $4) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and amount >= $2 and assignee is null order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and amount >= $2 order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and assignee is null and (since, subject_id) > ($2, $3) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and assignee is null order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and (since, subject_id) > ($3, $4) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and amount >= $3 and (since, subject_id) > ($4, $5) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and amount >= $3 and assignee is null and (since, subject_id) > ($4, $5) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and amount >= $3 and assignee is null order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and amount >= $3 order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and assignee is null and (since, subject_id) > ($3, $4) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and assignee is null order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and since < $3 and (since, subject_id) > ($4, $5) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and since < $3 and amount >= $4 and (since, subject_id) > ($5, $6) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and since < $3 and amount >= $4 and assignee is null and (since, subject_id) > ($5, $6) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and since < $3 and amount >= $4 and assignee is null order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and since < $3 and amount >= $4 order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and since < $3 and assignee is null and (since, subject_id) > ($4, $5) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and since < $3 and assignee is null order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 and since < $3 order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and partner_id = $2 order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and since < $2 and (since, subject_id) > ($3, $4) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and since < $2 and amount >= $3 and (since, subject_id) > ($4, $5) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and since < $2 and amount >= $3 and assignee is null and (since, subject_id) > ($4, $5) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and since < $2 and amount >= $3 and assignee is null order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and since < $2 and amount >= $3 order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and since < $2 and assignee is null and (since, subject_id) > ($3, $4) order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and since < $2 and assignee is null order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 and since < $2 order by since asc, subject_id asc limit 101;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from cases where queue = $1 order by since asc, subject_id asc limit 101;
select recorded_at from payments where partner_id = $1 and id = $2;
select since from cases where queue = $1 and subject_id = $2;
select updated_at from customers where partner_id = $1 and id = $2;
select updated_at, id from customers where partner_id = $1 and state = $2 and (updated_at, id) < ($3, $4) order by updated_at desc, id desc limit 101;
select updated_at, id from customers where partner_id = $1 and state = $2 and (updated_at, id) > ($3, $4) order by updated_at asc, id asc limit 101;
select updated_at, id from customers where partner_id = $1 and state = $2 order by updated_at asc, id asc limit 101;
select updated_at, id from customers where partner_id = $1 and state = $2 order by updated_at desc, id desc limit 101;
select written_at from notes where partner_id = $1 and id = $2;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where (since, subject_id) > ($3, $4) order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where amount >= $3 and (since, subject_id) > ($4, $5) order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where amount >= $3 order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where partner_id = $3 and (since, subject_id) > ($4, $5) order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where partner_id = $3 and amount >= $4 and (since, subject_id) > ($5, $6) order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where partner_id = $3 and amount >= $4 order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where partner_id = $3 and since < $4 and (since, subject_id) > ($5, $6) order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where partner_id = $3 and since < $4 and amount >= $5 and (since, subject_id) > ($6, $7) order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where partner_id = $3 and since < $4 and amount >= $5 order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where partner_id = $3 and since < $4 order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where partner_id = $3 order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where since < $3 and (since, subject_id) > ($4, $5) order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where since < $3 and amount >= $4 and (since, subject_id) > ($5, $6) order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where since < $3 and amount >= $4 order by since asc, subject_id asc limit 101;
with found as materialized (select * from cases where queue = $1 and assignee = $2) select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee, subject_id from found where since < $3 order by since asc, subject_id asc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (created_at, id) < ($4, $5) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (created_at, id) > ($4, $5) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $2 and (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $2 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cnpj_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $2 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($4, $5) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($4, $5) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (created_at, id) < ($5, $6) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (created_at, id) > ($5, $6) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (created_at, id) < ($4, $5) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (created_at, id) > ($4, $5) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (created_at, id) < ($4, $5) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (created_at, id) > ($4, $5) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where cpf_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $2 and (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $2 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where cpf_hash = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $2 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where external_id = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where external_id = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where external_id = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($2, $3) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where external_id = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($2, $3) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where external_id = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where external_id = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $2 and (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where external_id = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $2 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where external_id = $1) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $2 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($4, $5) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($4, $5) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) < ($4, $5) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) > ($4, $5) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) < ($4, $5) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) > ($4, $5) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (created_at, id) < ($5, $6) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (created_at, id) > ($5, $6) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (name_code, id) < ($5, $6) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (name_code, id) > ($5, $6) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (updated_at, id) < ($5, $6) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (updated_at, id) > ($5, $6) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) < ($3, $4) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) > ($3, $4) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) < ($3, $4) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) > ($3, $4) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (created_at, id) < ($4, $5) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (created_at, id) > ($4, $5) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (name_code, id) < ($4, $5) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (name_code, id) > ($4, $5) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (updated_at, id) < ($4, $5) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (updated_at, id) > ($4, $5) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cnpj_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($5, $6) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($5, $6) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) < ($5, $6) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) > ($5, $6) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) < ($5, $6) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) > ($5, $6) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $5 and (created_at, id) < ($6, $7) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $5 and (created_at, id) > ($6, $7) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $5 and (name_code, id) < ($6, $7) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $5 and (name_code, id) > ($6, $7) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $5 and (updated_at, id) < ($6, $7) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $5 and (updated_at, id) > ($6, $7) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $5 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $5 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $5 order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $5 order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $5 order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3 and external_id = $4) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $5 order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($4, $5) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($4, $5) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) < ($4, $5) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) > ($4, $5) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) < ($4, $5) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) > ($4, $5) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (created_at, id) < ($5, $6) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (created_at, id) > ($5, $6) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (name_code, id) < ($5, $6) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (name_code, id) > ($5, $6) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (updated_at, id) < ($5, $6) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (updated_at, id) > ($5, $6) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and cnpj_hash = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($4, $5) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($4, $5) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) < ($4, $5) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) > ($4, $5) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) < ($4, $5) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) > ($4, $5) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (created_at, id) < ($5, $6) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (created_at, id) > ($5, $6) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (name_code, id) < ($5, $6) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (name_code, id) > ($5, $6) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (updated_at, id) < ($5, $6) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 and (updated_at, id) > ($5, $6) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2 and external_id = $3) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $4 order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) < ($3, $4) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) > ($3, $4) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) < ($3, $4) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) > ($3, $4) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (created_at, id) < ($4, $5) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (created_at, id) > ($4, $5) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (name_code, id) < ($4, $5) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (name_code, id) > ($4, $5) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (updated_at, id) < ($4, $5) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (updated_at, id) > ($4, $5) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and cpf_hash = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) < ($3, $4) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (created_at, id) > ($3, $4) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) < ($3, $4) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (name_code, id) > ($3, $4) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) < ($3, $4) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where (updated_at, id) > ($3, $4) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (created_at, id) < ($4, $5) order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (created_at, id) > ($4, $5) order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (name_code, id) < ($4, $5) order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (name_code, id) > ($4, $5) order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (updated_at, id) < ($4, $5) order by updated_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 and (updated_at, id) > ($4, $5) order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by created_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by created_at desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by name_code asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by name_code desc, id desc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by updated_at asc, id asc limit 101;
with found as materialized (select * from customers where partner_id = $1 and external_id = $2) select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at, id from found where state = $3 order by updated_at desc, id desc limit 101;

-- loans.rs
insert into ccb_counters (year, last) values ($1, $2) on conflict (year) do update set last = ccb_counters.last + $2 returning last;
insert into loans (partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);
select customer_id from loans where partner_id = $1 and id = $2;
select id, ccb_year, ccb_number from loans where id in ($1) and ccb_number is not null;
select l.partner_id, l.id from partners p join loans l on l.partner_id = p.id where p.clock_offset > 0 and l.state in ('contract_generated', 'awaiting_signatures') and l.sign_by < $1 + p.clock_offset limit $2;
select min(due) from ( select min(sign_by) as due from loans where state in ('contract_generated', 'awaiting_signatures') union all select (select min(sign_by) from loans where partner_id = f.partner_id and state in ('contract_generated', 'awaiting_signatures')) - p.clock_offset from partners p join feeds f on f.partner_id = p.id where p.clock_offset > 0 ) as dues;
select partner_id, id from loans where state in ('contract_generated', 'awaiting_signatures') and sign_by < $1 order by sign_by limit $2;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at from loans where ccb_year = $1 and ccb_number = $2 and ccb_number is not null;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at from loans where id = $1;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at from loans where partner_id = $1 and customer_id = $2 and state in ('awaiting_signatures', 'signed', 'disbursing', 'active', 'finished', 'error') and exists ( select 1 from signatures s where s.partner_id = loans.partner_id and s.loan_id = loans.id) order by created_at desc, id desc;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at from loans where partner_id = $1 and id = $2;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where id in ($1);
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where state = 'disbursing' and ( select o.line from bank_orders o where o.partner_id = loans.partner_id and o.loan_id = loans.id and o.attempt = loans.orders) is not null order by created_at, id limit $1;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at, id from loans where state = 'disbursing' and ( select o.line from bank_orders o where o.partner_id = loans.partner_id and o.loan_id = loans.id and o.attempt = loans.orders) is null order by created_at, id limit $1;
select version from loans where partner_id = $1 and id = $2;
update loans set version = version + 1, state = $4, state_document = $5, orders = $6, sealed = $7, updated_at = $8 where partner_id = $1 and id = $2 and version = $3;

-- mails.rs
delete from mails where address_hash = $1 and partner_id = $2;
insert into mails (partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
select min(due_at) from mails where state = 'waiting';
select partner_id from mails where state = 'waiting' and due_at <= $1 order by due_at limit $2;
select partner_id, id, state from mails where created_at < $1 and state not in ('waiting') order by created_at limit $2;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent from mails where id in ($1);
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent from mails where partner_id = $1 and id = $2;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent from mails where partner_id = $1 and request_id = $2 limit 101;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent from mails where partner_id = $1 and state = 'waiting' and due_at <= $2 order by due_at limit $3;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent from mails where partner_id = $1 and state = 'waiting' and due_at <= $2 order by due_at limit $3 for update skip locked;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where address_hash = $1 and state = 'kept' order by created_at desc, id desc limit $2;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where partner_id = $1 and address_hash = $2 order by created_at desc, id desc limit $3;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent, id from mails where partner_id = $1 and state = 'kept' order by created_at desc, id desc limit $2;
update mails set attempts = $3, due_at = $4 where partner_id = $1 and id = $2 and state || '' = 'waiting';
update mails set state = $4, attempts = 0, due_at = $5, reason = '', changed_at = $6 where partner_id = $1 and id = $2 and state = $3;
update mails set state = $4, changed_at = $5 where partner_id = $1 and id = $2 and state = $3;
update mails set state = $4, reason = $5, changed_at = $6, attempts = attempts + $7 where partner_id = $1 and id = $2 and state = $3;

-- master_keys.rs
delete from master_keys where fingerprint = $1 and role = 'coming';
insert into master_keys (fingerprint, version, role, created_at) values ($1, $2, $3, $4);
select created_at from system_keys where master_key = $1 limit 101;
select fingerprint, version, role, created_at from master_keys order by created_at, fingerprint limit 101;
select master_key, count(*) from data_keys group by master_key;
select master_key, count(*) from system_keys group by master_key;
select number from data_keys where master_key = $1 limit 101;
select role from master_keys where fingerprint = $1;
update master_keys set role = 'current', version = version + 1 where fingerprint = $1 and role = 'coming';
update master_keys set role = 'previous', version = version + 1 where role = 'current' returning fingerprint;
update master_keys set version = version + 1 where role = 'current' returning fingerprint;

-- migrations/run.rs
insert into schema_history (version, name, serves_from, checksum, steps, done, place) values ($1, $2, $3, $4, $5, 0, '') on conflict (version) do nothing;
select count(*) from pg_index where indexrelid = to_regclass($1) and not indisvalid;
select count(*) from sqlite_master where name = $1;
select count(to_regclass($1));
select pg_try_advisory_lock(7105317);
update schema_history set done = done + 1, place = '' where version = $1 and done = $2;
update schema_history set place = $3 where version = $1 and done = $2 and place = $4;

-- migrations/tree.rs
select version, name, serves_from, checksum, steps, done, place from schema_history order by version;

-- months.rs
select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = to_regclass($1);
select cast(extract(epoch from now()) as bigint);
values (drop_partition($1, $2));
values (make_partition($1, $2, $3));

-- named_files.rs
select blob_key from kyc_documents where partner_id = $1 and id = $2;
select count(*) from contracts where blob_key is not null;
select count(*) from kyc_documents where blob_key is not null;
select partner_id, id, blob_key, sha256 from kyc_documents where blob_key is not null and (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, id, blob_key, sha256 from kyc_documents where blob_key is not null order by partner_id, id limit 101;
select partner_id, loan_id, copy, blob_key, sha256 from contracts where blob_key is not null and (partner_id, loan_id, copy) > ($1, $2, $3) order by partner_id, loan_id, copy limit 101;
select partner_id, loan_id, copy, blob_key, sha256 from contracts where blob_key is not null order by partner_id, loan_id, copy limit 101;
update contracts set blob_key = $2 where blob_key = $1 and partner_id = $3 and loan_id = $4 and copy = $5;
update kyc_documents set blob_key = $2 where blob_key = $1 and partner_id = $3 and id = $4;

-- nodes.rs
delete from nodes where id = $1;
delete from nodes where seen_at < $1;
insert into nodes (id, master_keys, started_at, seen_at) values ($1, $2, $3, $4) on conflict (id) do update set seen_at = excluded.seen_at;
select id, master_keys, started_at, seen_at from nodes where seen_at >= $1 order by started_at, id limit 101;

-- notes.rs
insert into notes (partner_id, id, subject_id, author, sealed, written_at, struck_at) values ($1, $2, $3, $4, $5, $6, $7);
select partner_id, id, subject_id, author, sealed, written_at, struck_at from notes where partner_id = $1 and id = $2;
update notes set struck_at = $3 where partner_id = $1 and id = $2 and struck_at is null;

-- offers.rs
insert into offers (partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
select min(due) from ( select min(valid_until) as due from offers where state = 'available' union all select (select min(valid_until) from offers where partner_id = f.partner_id and state = 'available') - p.clock_offset from partners p join feeds f on f.partner_id = p.id where p.clock_offset > 0 ) as dues;
select o.partner_id, o.id from partners p join offers o on o.partner_id = p.id where p.clock_offset > 0 and o.state = 'available' and o.valid_until < $1 + p.clock_offset limit $2;
select partner_id, id from offers where state = 'available' and valid_until < $1 order by valid_until limit $2;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at, (select external_id from customers where customers.partner_id = offers.partner_id and customers.id = offers.customer_id) from offers where partner_id = $1 and id = $2;
update offers set version = version + 1, state = $4, loan_id = $5, updated_at = $6 where partner_id = $1 and id = $2 and version = $3;

-- operators.rs
insert into operators (id, version, kind, name, roles, team_of, team_role, token_hash, created_by, created_at, expires_at, last_used_at, revoked_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);
select id, name from operators where id in ($1);
select id, version, kind, name, roles, team_of, team_role, created_by, created_at, expires_at, last_used_at, revoked_at from operators where id = $1;
select id, version, kind, name, roles, team_of, team_role, created_by, created_at, expires_at, last_used_at, revoked_at from operators where team_of = $1 and revoked_at is null order by created_at, id limit 101;
select id, version, kind, name, roles, team_of, team_role, created_by, created_at, expires_at, last_used_at, revoked_at from operators where token_hash = $1;
update operators set last_used_at = $2 where id = $1;
update operators set version = version + 1, roles = $3, team_role = $4, revoked_at = $5 where id = $1 and version = $2;

-- outbox/created.rs
select place, partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent from events where partner_id = $1 and kind = 'customer_created' and place > $2 order by place limit $3;

-- outbox/history.rs
select id, first_delivery from events where partner_id = $1 and id in ($2);
select partner_id, id, kind, occurred_at, first_delivery, request_id from events where partner_id = $1 and request_id = $2 limit 101;
select partner_id, id, kind, occurred_at, first_delivery, request_id from events where subject in ($1) order by occurred_at desc, id desc limit 101;

-- outbox/list.rs
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) and place < $4 and occurred_at < $5 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) and place < $4 and occurred_at < $5 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) and place >= $4 and occurred_at >= $5 and place < $6 and occurred_at < $7 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) and place >= $4 and occurred_at >= $5 and place < $6 and occurred_at < $7 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) and place >= $4 and occurred_at >= $5 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) and place >= $4 and occurred_at >= $5 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and kind not in ($3) order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and place < $3 and occurred_at < $4 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and place < $3 and occurred_at < $4 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and place >= $3 and occurred_at >= $4 and place < $5 and occurred_at < $6 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and place >= $3 and occurred_at >= $4 and place < $5 and occurred_at < $6 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and place >= $3 and occurred_at >= $4 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 and place >= $3 and occurred_at >= $4 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind = $2 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind not in ($2) and place < $3 and occurred_at < $4 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind not in ($2) and place < $3 and occurred_at < $4 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind not in ($2) and place >= $3 and occurred_at >= $4 and place < $5 and occurred_at < $6 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind not in ($2) and place >= $3 and occurred_at >= $4 and place < $5 and occurred_at < $6 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind not in ($2) and place >= $3 and occurred_at >= $4 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind not in ($2) and place >= $3 and occurred_at >= $4 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind not in ($2) order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and kind not in ($2) order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and kind = $3 and kind not in ($4) and place < $5 and occurred_at < $6 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and kind = $3 and kind not in ($4) and place >= $5 and occurred_at >= $6 and place < $7 and occurred_at < $8 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and kind = $3 and kind not in ($4) and place >= $5 and occurred_at >= $6 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and kind = $3 and kind not in ($4) order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and kind = $3 and place < $4 and occurred_at < $5 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and kind = $3 and place >= $4 and occurred_at >= $5 and place < $6 and occurred_at < $7 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and kind = $3 and place >= $4 and occurred_at >= $5 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and kind = $3 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and kind not in ($3) and place < $4 and occurred_at < $5 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and kind not in ($3) and place >= $4 and occurred_at >= $5 and place < $6 and occurred_at < $7 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and kind not in ($3) and place >= $4 and occurred_at >= $5 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and kind not in ($3) order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and occurred_at < $3 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and occurred_at < $3 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and place < $3 and occurred_at < $4 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and place >= $3 and occurred_at >= $4 and place < $5 and occurred_at < $6 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 and place >= $3 and occurred_at >= $4 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place < $2 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place > $2 and kind = $3 and kind not in ($4) order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place > $2 and kind not in ($3) order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place > $2 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and kind = $3 and kind not in ($4) and place < $5 and occurred_at < $6 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and kind = $3 and kind not in ($4) and place >= $5 and occurred_at >= $6 and place < $7 and occurred_at < $8 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and kind = $3 and kind not in ($4) and place >= $5 and occurred_at >= $6 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and kind = $3 and kind not in ($4) order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and kind = $3 and place < $4 and occurred_at < $5 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and kind = $3 and place >= $4 and occurred_at >= $5 and place < $6 and occurred_at < $7 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and kind = $3 and place >= $4 and occurred_at >= $5 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and kind = $3 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and kind not in ($3) and place < $4 and occurred_at < $5 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and kind not in ($3) and place >= $4 and occurred_at >= $5 and place < $6 and occurred_at < $7 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and kind not in ($3) and place >= $4 and occurred_at >= $5 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and kind not in ($3) order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and occurred_at >= $3 and place < $4 and occurred_at < $5 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and occurred_at >= $3 and place < $4 and occurred_at < $5 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and occurred_at >= $3 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and occurred_at >= $3 order by place desc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and place < $3 and occurred_at < $4 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and place >= $3 and occurred_at >= $4 and place < $5 and occurred_at < $6 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 and place >= $3 and occurred_at >= $4 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null and place >= $2 order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null order by place asc limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent, id from events where partner_id = $1 and place is not null order by place desc limit 101;
select place from events where partner_id = $1 and id = $2 and place is not null;
select spread from feeds where partner_id = $1;

-- outbox/mod.rs
delete from events where partner_id = $1 and id = $2;
delete from events where partner_id = $1 and id in (select id from events where partner_id = $1 and id < $2 and +place is not null order by id limit 101);
insert into events (partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
insert into feeds (partner_id, last_place, spread, last_made) values ($1, $2, $3, $4);
select count(*) from events where place is null;
select id, kind, occurred_at, partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent from events where partner_id = $1 and place is null order by arrival limit $2;
select id, kind, occurred_at, partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent from events where partner_id = $1 and place is null order by rowid limit $2;
select partner_id from events where place is null and partner_id > $1 order by partner_id limit 101;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent from events where id in ($1) and partner_id = $2;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent from events where partner_id = $1 and id = $2;
select partner_id, last_place, spread, last_made from feeds where partner_id = $1;
select partner_id, last_place, spread, last_made from feeds where partner_id = $1 for update skip locked;
update feeds set last_place = $4, spread = $5, last_made = $6 where partner_id = $1 and last_place = $2 and last_made = $3;
with given (of_partner, of_event, given_place, given_first) as (values (cast($1 as text), cast($2 as text), cast($3 as bigint), cast($4 as bigint))) update events set place = given_place, first_delivery = given_first from given where partner_id = of_partner || '' and id = of_event || '' and case when place is null then 1 else 0 end <> 0;
with given (of_partner, of_event, given_place, given_first) as (values (cast($1 as text), cast($2 as text), cast($3 as bigint), cast($4 as bigint)), ($5, $6, $7, $8)) update events set place = given_place, first_delivery = given_first from given where partner_id = of_partner || '' and id = of_event || '' and case when place is null then 1 else 0 end <> 0;

-- overdue.rs
select case when oldest <= $2 then '90+' when oldest <= $3 then '61-90' when oldest <= $4 then '31-60' when oldest <= $5 then '16-30' else '1-15' end as bucket, count(*), cast(sum(unpaid) as bigint), min(oldest) from ( select min(i.due) as oldest, sum(interest + principal - paid_interest - paid_principal) as unpaid from installments i where i.paid_at is null and i.due <= $1 and i.partner_id = $6 group by i.partner_id, i.loan_id ) as debtors group by bucket;
select case when oldest <= $2 then '90+' when oldest <= $3 then '61-90' when oldest <= $4 then '31-60' when oldest <= $5 then '16-30' else '1-15' end as bucket, count(*), cast(sum(unpaid) as bigint), min(oldest) from ( select min(i.due) as oldest, sum(interest + principal - paid_interest - paid_principal) as unpaid from installments i where i.paid_at is null and i.due <= $1 and i.partner_id not in (select id from partners where clock_offset > 0) group by i.partner_id, i.loan_id ) as debtors group by bucket;
select cast(coalesce(sum(interest + principal - paid_interest - paid_principal), 0) as bigint) from installments where paid_at is null and due = $1;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $2), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $2), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and not exists (select 1 from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $3), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and i.loan_id in ($2) and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $3), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and i.loan_id in (select c.subject_id from cases c where c.queue = 'overdue' and c.assignee = $2) and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $3), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and i.partner_id = $2 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $3), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and not exists (select 1 from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') and i.partner_id = $2 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $4), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (i.due, i.loan_id) > ($2, $3) and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $4), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (i.due, i.loan_id) > ($2, $3) and not exists (select 1 from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $4), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments o where o.partner_id = i.partner_id and o.loan_id = i.loan_id and o.paid_at is null and o.due <= $3) >= $2 and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $4), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and i.loan_id = $2 and i.partner_id = $3 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $4), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and i.loan_id in ($2) and i.partner_id = $3 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $4), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and i.loan_id in (select c.subject_id from cases c where c.queue = 'overdue' and c.assignee = $2) and i.partner_id = $3 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $4), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and not exists (select 1 from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') and (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments o where o.partner_id = i.partner_id and o.loan_id = i.loan_id and o.paid_at is null and o.due <= $3) >= $2 and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $5), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (i.due, i.loan_id) > ($2, $3) and i.loan_id in (select c.subject_id from cases c where c.queue = 'overdue' and c.assignee = $4) and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $5), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (i.due, i.loan_id) > ($2, $3) and i.partner_id = $4 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $5), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (i.due, i.loan_id) > ($2, $3) and not exists (select 1 from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') and i.partner_id = $4 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $5), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments o where o.partner_id = i.partner_id and o.loan_id = i.loan_id and o.paid_at is null and o.due <= $3) >= $2 and i.partner_id = $4 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $5), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and i.loan_id in (select c.subject_id from cases c where c.queue = 'overdue' and c.assignee = $2) and (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments o where o.partner_id = i.partner_id and o.loan_id = i.loan_id and o.paid_at is null and o.due <= $4) >= $3 and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $5), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and not exists (select 1 from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') and (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments o where o.partner_id = i.partner_id and o.loan_id = i.loan_id and o.paid_at is null and o.due <= $3) >= $2 and i.partner_id = $4 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $6), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (i.due, i.loan_id) > ($2, $3) and (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments o where o.partner_id = i.partner_id and o.loan_id = i.loan_id and o.paid_at is null and o.due <= $5) >= $4 and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $6), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (i.due, i.loan_id) > ($2, $3) and i.loan_id in (select c.subject_id from cases c where c.queue = 'overdue' and c.assignee = $4) and i.partner_id = $5 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $6), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (i.due, i.loan_id) > ($2, $3) and not exists (select 1 from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') and (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments o where o.partner_id = i.partner_id and o.loan_id = i.loan_id and o.paid_at is null and o.due <= $5) >= $4 and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $6), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and i.loan_id in (select c.subject_id from cases c where c.queue = 'overdue' and c.assignee = $2) and (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments o where o.partner_id = i.partner_id and o.loan_id = i.loan_id and o.paid_at is null and o.due <= $4) >= $3 and i.partner_id = $5 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $7), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (i.due, i.loan_id) > ($2, $3) and (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments o where o.partner_id = i.partner_id and o.loan_id = i.loan_id and o.paid_at is null and o.due <= $5) >= $4 and i.partner_id = $6 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $7), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (i.due, i.loan_id) > ($2, $3) and i.loan_id in (select c.subject_id from cases c where c.queue = 'overdue' and c.assignee = $4) and (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments o where o.partner_id = i.partner_id and o.loan_id = i.loan_id and o.paid_at is null and o.due <= $6) >= $5 and i.partner_id not in (select id from partners where clock_offset > 0) and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $7), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (i.due, i.loan_id) > ($2, $3) and not exists (select 1 from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') and (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments o where o.partner_id = i.partner_id and o.loan_id = i.loan_id and o.paid_at is null and o.due <= $5) >= $4 and i.partner_id = $6 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;
select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $8), (select c.assignee from cases c where c.partner_id = i.partner_id and c.subject_id = i.loan_id and c.queue = 'overdue') from installments i where i.paid_at is null and i.due <= $1 and (i.due, i.loan_id) > ($2, $3) and i.loan_id in (select c.subject_id from cases c where c.queue = 'overdue' and c.assignee = $4) and (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from installments o where o.partner_id = i.partner_id and o.loan_id = i.loan_id and o.paid_at is null and o.due <= $6) >= $5 and i.partner_id = $7 and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id and e.number < i.number and e.paid_at is null) order by i.due, i.loan_id limit 101;

-- partners.rs
insert into partners (id, name, version, created_at, clock_offset, requests_per_10s, limits_version, clock_of, advancing_until) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);
select id from partners limit 101;
select id, clock_of from partners where id in ($1) and clock_of is not null;
select id, name from partners where id in ($1);
select id, name, created_at, requests_per_10s, limits_version from partners where id = $1;
select requests_per_10s, limits_version from partners where id = $1;
update partners set version = version + 1 where id = $1;
update partners set version = version + 1, limits_version = limits_version + 1, requests_per_10s = $3 where id = $1 and limits_version = $2;

-- payments.rs
insert into payments (partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
select count(*) from payments where partner_id = $1 and loan_id = $2;
select id from partners order by id;
select id from payments where partner_id = $1 and loan_id = $2;
select partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at from payments where partner_id = $1 and id = $2;
select partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at from payments where partner_id = $1 and loan_id = $2 and reversed_at is null order by paid_at, id;
select partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at from payments where partner_id = $1 and reference_hash = $2;
update payments set reversed_at = $3 where partner_id = $1 and id = $2 and reversed_at is null;
update payments set sealed = $3, reference_hash = $4 where partner_id = $1 and id = $2;
with given (of_partner, of_hash) as (values ($1, $2)) select partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at, id from given join payments on partner_id = of_partner and reference_hash = of_hash;
with given (of_partner, of_hash) as (values ($1, $2)) select x.partner_id, x.id, l.customer_id from given join payments x on x.partner_id = of_partner and x.reference_hash = of_hash join loans l on l.partner_id = x.partner_id and l.id = x.loan_id;

-- people.rs
insert into people (id, version, email_hash, account_hash, sealed, created_at) values ($1, $2, $3, $4, $5, $6);
select id, version, email_hash, account_hash, sealed, created_at from people where account_hash = $1;
select id, version, email_hash, account_hash, sealed, created_at from people where email_hash = $1;
select id, version, email_hash, account_hash, sealed, created_at from people where id = $1;
update people set version = version + 1, account_hash = $3, sealed = $4 where id = $1 and version = $2;

-- person_mails.rs
delete from person_mails where id in (select id from person_mails where created_at < $1 and state not in ('waiting') order by created_at limit $2);
insert into person_mails (operator_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
select min(due_at) from person_mails where state = 'waiting';
select operator_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent from person_mails where address_hash = $1 and state = 'kept' order by created_at desc, id desc limit $2;
select operator_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent from person_mails where state = 'waiting' and due_at <= $1 order by due_at limit $2;
select operator_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent from person_mails where state = 'waiting' and due_at <= $1 order by due_at limit $2 for update skip locked;
update person_mails set attempts = $3, due_at = $4 where operator_id = $1 and id = $2 and state || '' = 'waiting';
update person_mails set state = $3, reason = $4, changed_at = $5, attempts = attempts + $6 where operator_id = $1 and id = $2 and state || '' = 'waiting';

-- policies.rs
insert into policy_versions (id, version, name, content, sha256, comparison, uploaded_by, uploaded_at, base, adopted, adopted_at, adopted_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
select adopted from policy_versions where adopted is not null order by adopted desc limit 101;
select id, version, name, content, sha256, comparison, uploaded_by, uploaded_at, base, adopted, adopted_at, adopted_by from policy_versions where adopted is not null order by adopted desc limit 101;
select id, version, name, content, sha256, comparison, uploaded_by, uploaded_at, base, adopted, adopted_at, adopted_by from policy_versions where id = $1;
select partner_id, customer_id, sealed, decided_at, id from credit_decisions where decided_by = 'policy' and decided_at >= $1 and (decided_at, id) < ($2, $3) order by decided_at desc, id desc limit $4;
select partner_id, customer_id, sealed, decided_at, id from credit_decisions where decided_by = 'policy' and decided_at >= $1 order by decided_at desc, id desc limit $2;
select version from policy_versions where name = $1 and adopted is not null;
update policy_versions set version = version + 1, adopted = $3, adopted_at = $4, adopted_by = $5 where id = $1 and version = $2;

-- postings.rs
insert into journal_postings (partner_id, loan_id, entry_id, account, amount) values ($1, $2, $3, $4, $5);
with given (of_partner, of_loan, of_entry) as (values ($1, $2, $3)) select x.entry_id, x.account, x.amount from given join journal_postings x on x.partner_id = of_partner and x.loan_id = of_loan and x.entry_id = of_entry;

-- program_logins.rs
delete from program_logins where secret_hash = $1;
delete from program_logins where secret_hash in (select secret_hash from program_logins where expires_at < $1 order by expires_at limit $2);
insert into program_logins (secret_hash, code, name, confirmed_for, confirmed_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7);
select secret_hash, code, name, confirmed_for, confirmed_by, created_at, expires_at from program_logins where code = $1;
select secret_hash, code, name, confirmed_for, confirmed_by, created_at, expires_at from program_logins where secret_hash = $1;
update program_logins set confirmed_for = $1, confirmed_by = $2 where code = $3 and confirmed_by is null and expires_at > $4;

-- proposal_grounds.rs
insert into proposal_grounds (partner_id, id, sealed) values ($1, $2, $3);
select partner_id, id, sealed from proposal_grounds where partner_id = $1 and id = $2;

-- proposals.rs
insert into proposals (id, version, action, roles, of_partner, subject_id, subject_version, amount, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, note) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);
select id, version, action, roles, of_partner, subject_id, subject_version, amount, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, note from proposals where id = $1;
select id, version, action, roles, of_partner, subject_id, subject_version, amount, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, note from proposals where id in ($1);
select id, version, action, roles, of_partner, subject_id, subject_version, amount, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, note from proposals where state = 'proposed' and proposed_at <= $1 order by proposed_at, id limit 101;
select id, version, action, roles, of_partner, subject_id, subject_version, amount, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, note from proposals where subject_id = $1 and action = $2 and state = 'proposed';
select id, version, action, roles, of_partner, subject_id, subject_version, amount, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, note from proposals where subject_id = $1 and state = 'proposed';
update proposals set version = version + 1, state = $3, decided_by = $4, decided_at = $5, note = $6 where id = $1 and version = $2;

-- request_log/addresses.rs
select id, client_id, address_hash from request_calls where partner_id = $1 and id >= $2 order by id desc limit $3;

-- request_log/mod.rs
insert into request_bodies (partner_id, id, sealed) values ($1, $2, $3);
insert into request_calls (partner_id, id, at, generation, request_id, method, route, status, took, client_id, idempotency_key, replayed, address_hash, marks, sealed) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);
insert into request_marks (partner_id, mark, call_id) values ($1, $2, $3);
select partner_id, id, sealed from request_bodies where partner_id = $1 and id = $2;

-- request_log/purge.rs
delete from request_bodies where partner_id = $2 and id in ($1);
delete from request_calls where partner_id = $2 and id in ($1);
delete from request_marks where partner_id = $2 and mark in ($1) and call_id <= $3;
select partner_id, id from request_bodies where id < $1 order by id limit $2;
select partner_id, id, marks from request_calls where id < $1 order by id limit $2;

-- request_log/recent.rs
select at, method, route, status, took, idempotency_key, replayed from request_calls where partner_id = $1 and id >= $2 order by id desc limit $3;

-- request_log/search.rs
select call_id from request_marks where partner_id = $1 and mark = $2 and call_id < $3 and call_id >= $4 order by call_id desc limit $5;
select id from request_calls where id < $1 and id >= $2 order by id desc limit 101 offset $3;
select id from request_calls where partner_id = $1 and id < $2 and id >= $3 order by id desc limit 101 offset $4;
select id from request_calls where request_id = $1 and partner_id = $2 and id < $3 and id >= $4 order by id desc limit $5;
select id from request_calls where request_id = $1 limit $2;
select partner_id, id, at, generation, request_id, method, route, status, took, client_id, idempotency_key, replayed, address_hash, marks, sealed from request_calls where id < $1 and id >= $2 and status >= $3 and status <= $4 and took >= $5 and ($6 = '' or method = $6) and ($7 = '' or route = $7) and ($8 = '' or client_id = $8) and ($9 = '' or address_hash = $9) order by id desc limit $10;
select partner_id, id, at, generation, request_id, method, route, status, took, client_id, idempotency_key, replayed, address_hash, marks, sealed from request_calls where id in ($1);
select partner_id, id, at, generation, request_id, method, route, status, took, client_id, idempotency_key, replayed, address_hash, marks, sealed from request_calls where id in ($1) and partner_id = $2;
select partner_id, id, at, generation, request_id, method, route, status, took, client_id, idempotency_key, replayed, address_hash, marks, sealed from request_calls where partner_id = $11 and id < $1 and id >= $2 and status >= $3 and status <= $4 and took >= $5 and ($6 = '' or method = $6) and ($7 = '' or route = $7) and ($8 = '' or client_id = $8) and ($9 = '' or address_hash = $9) order by id desc limit $10;

-- request_log/visits.rs
delete from page_visits where partner_id = $2 and subject = $3 and id in ($1);
insert into page_visits (partner_id, subject, id, at, on_clock, page, device) values ($1, $2, $3, $4, $5, $6, $7) on conflict (partner_id, subject, id) do nothing;
select partner_id, subject, id from page_visits where id < $1 order by id limit $2;
select partner_id, subject, id, at, on_clock, page, device from page_visits where partner_id = $1 and subject = $2 order by id desc limit $3;

-- reseal.rs
delete from data_keys where partner_id = $1 and number < (select max(k.number) from data_keys k where k.partner_id = $1 and k.created_at <= $2);
delete from settings where name = $1;
select count(distinct partner_id), count(*), min(created_at) from data_keys;
select partner_id, max(number), max(created_at), count(*) from data_keys where partner_id = $1 group by partner_id;
select partner_id, max(number), max(created_at), count(*) from data_keys where partner_id > $1 group by partner_id order by partner_id limit 101;

-- rewrap.rs
select id, material from system_keys where master_key = $1 order by id limit 101;
select partner_id, number, material from data_keys where master_key = $1 order by partner_id, number limit 101;
update data_keys set master_key = $4, material = $5 where partner_id = $1 and number = $2 and master_key = $3;
update system_keys set master_key = $3, material = $4 where id = $1 and master_key = $2;

-- saved_views.rs
delete from saved_views where operator_id = $1 and id = $2;
insert into saved_views (operator_id, id, queue, name, of_partner, assignee, older_than, amount_from, saved_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);
select operator_id, id, queue, name, of_partner, assignee, older_than, amount_from, saved_at from saved_views where operator_id = $1 order by saved_at, id;

-- search/codes.rs
delete from search_codes where code = $1 and customer = $2;
insert into search_codes (code, customer) values ($1, $2) on conflict do nothing;
select count(*) from (select 1 from search_codes where code = $1 limit $2) as counted;
select s.customer from search_codes s cross join search_codes s1 cross join search_codes s2 where s.code = $1 and s.customer < $2 and s1.code = $4 and s1.customer = s.customer and s2.code = $5 and s2.customer = s.customer order by s.customer desc limit $3;
select s.customer from search_codes s cross join search_codes s1 where s.code = $1 and s.customer < $2 and s1.code = $4 and s1.customer = s.customer order by s.customer desc limit $3;
select s.customer from search_codes s where s.code = $1 and s.customer < $2 order by s.customer desc limit $3;

-- search/exact.rs
select null, null, case when x.revoked_at is null then 'active' else 'revoked' end, x.name, null from operators x where x.id = $1;
select number, operation from audit_entries where request_id = $1 order by number desc limit $2;
select partner_id, customer_id, state, id from loans where ccb_year = $1 and ccb_number = $2;
select partner_id, null, state, name from credentials where client_id = $1;
select x.id, null, null, x.name, null from partners x where x.id = $1;
select x.of_partner, null, x.state, x.action, null from proposals x where x.id = $1;
select x.partner_id, l.customer_id, case when x.reversed_at is null then 'recorded' else 'reversed' end, null, x.loan_id from payments x join loans l on l.partner_id = x.partner_id and l.id = x.loan_id where x.id = $1;
select x.partner_id, l.customer_id, null, null, x.loan_id from installments x join loans l on l.partner_id = x.partner_id and l.id = x.loan_id where x.id = $1;
select x.partner_id, null, null, x.kind, null from partners p cross join events x where x.partner_id = p.id and x.id = $1;
select x.partner_id, null, x.state, null, null from mails x where x.id = $1;
select x.partner_id, null, x.state, x.event_type, x.endpoint_id from webhook_endpoints w cross join deliveries x where x.partner_id = w.partner_id and x.endpoint_id = w.id and x.id = $1;
select x.partner_id, null, x.state, x.url, null from webhook_endpoints x where x.id = $1;
select x.partner_id, o.customer_id, null, null, null from partners p cross join simulations x join offers o on o.partner_id = x.partner_id and o.id = x.offer_id where x.partner_id = p.id and x.id = $1;
select x.partner_id, x.customer_id, null, null, null from kyc_documents x where x.id = $1;
select x.partner_id, x.customer_id, null, null, null from partners p cross join bank_accounts x where x.partner_id = p.id and x.id = $1;
select x.partner_id, x.customer_id, x.outcome, null, null from partners p cross join credit_decisions x where x.partner_id = p.id and x.id = $1;
select x.partner_id, x.customer_id, x.state, null, null from loans x where x.id = $1;
select x.partner_id, x.customer_id, x.state, null, null from offers x where x.id = $1;
select x.partner_id, x.customer_id, x.state, null, null from partners p cross join biometrics_sessions x where x.partner_id = p.id and x.id = $1;
select x.partner_id, x.id, x.state, null, null from customers x where x.id = $1;

-- search/feed.rs
delete from search_feeds where partner_id = $1;
insert into search_feeds (partner_id, version, after_id, place) select partner_id, 1, '', last_place from feeds where partner_id = $1 on conflict (partner_id) do nothing;
insert into search_feeds (partner_id, version, after_id, place) select partner_id, 1, null, last_place from feeds where partner_id = $1;
select f.partner_id, s.place from feeds f left join search_feeds s on s.partner_id = f.partner_id where s.place is null or s.after_id is not null or s.place < ( select max(place) from events where partner_id = f.partner_id and kind = 'customer_created' and place is not null);
select partner_id, version, after_id, place from search_feeds where partner_id = $1;
select partner_id, version, after_id, place from search_feeds where partner_id = $1 for update skip locked;
update search_feeds set version = version + 1, after_id = $3, place = $4 where partner_id = $1 and version = $2;

-- sessions.rs
delete from sessions where id in (select id from sessions where expires_at < $1 order by expires_at limit $2);
insert into sessions (operator_id, id, version, secret_hash, proof, sealed, created_at, proved_at, seen_at, expires_at, ended_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
select operator_id, id, version, secret_hash, proof, sealed, created_at, proved_at, seen_at, expires_at, ended_at from sessions where operator_id = $1 and ended_at is null and expires_at > $2 order by id desc limit 101;
select operator_id, id, version, secret_hash, proof, sealed, created_at, proved_at, seen_at, expires_at, ended_at from sessions where operator_id = $1 and id = $2;
select operator_id, id, version, secret_hash, proof, sealed, created_at, proved_at, seen_at, expires_at, ended_at from sessions where secret_hash = $1;
update sessions set version = version + 1, seen_at = $4, ended_at = $5 where operator_id = $1 and id = $2 and version = $3;

-- settings.rs
insert into settings (name, value) values ($1, $2) on conflict (name) do nothing;
insert into settings (name, value) values ('ready', $1) on conflict (name) do update set value = excluded.value;
select value from settings where name = $1;

-- signing.rs
insert into signatures (partner_id, loan_id, subject_id, signed_at, document_sha256, sealed) values ($1, $2, $3, $4, $5, $6);
insert into signing_invitations (partner_id, loan_id, subject_id, version, link_hash, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
select partner_id, loan_id from signing_invitations where link_hash = $1;
select partner_id, loan_id, subject_id, signed_at, document_sha256, sealed from signatures where partner_id = $1 and loan_id = $2 order by signed_at, subject_id;
select partner_id, loan_id, subject_id, signed_at, document_sha256, sealed, subject_id from signatures where partner_id = $1 and loan_id = $2 order by signed_at, subject_id;
select partner_id, loan_id, subject_id, version, link_hash, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from from signing_invitations where partner_id = $1 and loan_id = $2 and subject_id = $3;
update signing_invitations set link_hash = $4 where partner_id = $1 and loan_id = $2 and subject_id = $3;
update signing_invitations set version = version + 1, code_hash = $5, code_sent_at = $6, wrong = $7, wrong_in_all = $8, locked_until = $9, sent = $10, counted_from = $11 where partner_id = $1 and loan_id = $2 and subject_id = $3 and version = $4;

-- simulations.rs
insert into simulations (partner_id, id, offer_id, quote, valid_until, created_at) values ($1, $2, $3, $4, $5, $6);
select partner_id, id, offer_id, quote, valid_until, created_at from simulations where partner_id = $1 and offer_id = $2 order by created_at desc, id desc limit 101;
update simulations set quote = $3 where partner_id = $1 and id = $2 and quote is null;
update simulations set quote = null where partner_id = $1 and id = $2 and quote is not null;

-- system_keys.rs
insert into system_keys (id, purpose, master_key, material, created_at) values ($1, $2, $3, $4, $5);
select id, master_key, material, created_at from system_keys where purpose = $1 order by created_at desc, id desc limit 101;
select master_key, material from system_keys where id = $1;

-- tables.rs
insert into audit_calls (id, at, operator_id, operation, status, request_id, fingerprint, state_before, state_after, sealed, code) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
insert into audit_entries (number, at, day, operator_id, operation, status, request_id, fingerprint, state_before, state_after, sealed, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
insert into audit_head (id, number, hash) values ($1, $2, $3);
insert into bank_account_changes (partner_id, customer_id, version, state, account_id, link_hash, sealed, asked_at, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);
insert into bank_accounts (partner_id, id, version, customer_id, sealed, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7);
insert into bank_files (id, number, format, orders, amount, made_by, made_at) values ($1, $2, $3, $4, $5, $6, $7);
insert into bank_orders (partner_id, loan_id, attempt, file_id, line) values ($1, $2, $3, $4, $5);
insert into biometrics_sessions (partner_id, id, version, customer_id, state, review_start, code_hash, page_hash, expires_at, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
insert into blob_intents (partner_id, blob_key, created_at, customer_id) values ($1, $2, $3, $4);
insert into case_ends (partner_id, subject_id, queue, left_at, since, customer_id, amount) values ($1, $2, $3, $4, $5, $6, $7);
insert into case_visits (subject_id, operator_id, seen_at) values ($1, $2, $3);
insert into cases (partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee) values ($1, $2, $3, $4, $5, $6, $7, $8);
insert into ccb_counters (year, last) values ($1, $2);
insert into challenges (operator_id, session_id, sealed, expires_at) values ($1, $2, $3, $4);
insert into contracts (partner_id, loan_id, copy, facts, sha256, size, blob_key, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8);
insert into credentials (partner_id, client_id, version, name, scope, state, secret_hash, expires_at, last_used_at, created_at, updated_at, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
insert into credit_decisions (partner_id, id, customer_id, outcome, terms, policy_version, sealed, decided_by, valid_days, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
insert into customer_tags (partner_id, customer_id, place, tag_hash, sealed) values ($1, $2, $3, $4, $5);
insert into customers (partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);
insert into data_keys (partner_id, number, master_key, material, created_at) values ($1, $2, $3, $4, $5);
insert into deliveries (partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);
insert into delivery_attempts (partner_id, delivery_id, number, started_at, duration_ms, status, outcome, sealed) values ($1, $2, $3, $4, $5, $6, $7, $8);
insert into delivery_bodies (partner_id, id, sealed, request_id, traceparent) values ($1, $2, $3, $4, $5);
insert into entries (secret_hash, operator_id, version, purpose, created_at, expires_at, used_at) values ($1, $2, $3, $4, $5, $6, $7);
insert into erasures (partner_id, customer_id, asked_by, asked_at, due_at, erased_at) values ($1, $2, $3, $4, $5, $6);
insert into events (partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
insert into exposure_turns (lookup_hash, turn) values ($1, $2);
insert into feeds (partner_id, last_place, spread, last_made) values ($1, $2, $3, $4);
insert into file_secrets (partner_id, file, secret) values ($1, $2, $3);
insert into idempotency_keys (partner_id, key, fingerprint, status, location, sealed, created_at) values ($1, $2, $3, $4, $5, $6, $7);
insert into installments (partner_id, id, loan_id, number, due, principal, interest, paid_charges, paid_interest, paid_principal, discount, charges_due, charged_to, late_curve, paid_at, monthly_rate, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);
insert into jobs (partner_id, id, kind, subject_id, due_at, attempts, request_id, traceparent) values ($1, $2, $3, $4, $5, $6, $7, $8);
insert into journal_entries (partner_id, loan_id, id, cause, subject, actor, entered_at) values ($1, $2, $3, $4, $5, $6, $7);
insert into journal_postings (partner_id, loan_id, entry_id, account, amount) values ($1, $2, $3, $4, $5);
insert into journal_sums (partner_id, period, begins, account, debit, credit, debits, credits) values ($1, $2, $3, $4, $5, $6, $7, $8);
insert into journal_waiting (partner_id, entry_id, loan_id, day) values ($1, $2, $3, $4);
insert into kyc_documents (partner_id, id, customer_id, blob_key, media_type, size, sha256, created_at, replaced_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);
insert into lane_changes (partner_id, endpoint_id, version, after_id, until_id) values ($1, $2, $3, $4, $5);
insert into loans (partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);
insert into mails (partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
insert into master_keys (fingerprint, version, role, created_at) values ($1, $2, $3, $4);
insert into nodes (id, master_keys, started_at, seen_at) values ($1, $2, $3, $4);
insert into notes (partner_id, id, subject_id, author, sealed, written_at, struck_at) values ($1, $2, $3, $4, $5, $6, $7);
insert into offers (partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
insert into operators (id, version, kind, name, roles, team_of, team_role, token_hash, created_by, created_at, expires_at, last_used_at, revoked_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);
insert into page_visits (partner_id, subject, id, at, on_clock, page, device) values ($1, $2, $3, $4, $5, $6, $7);
insert into partners (id, name, version, created_at, clock_offset, requests_per_10s, limits_version, clock_of, advancing_until) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);
insert into payments (partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
insert into people (id, version, email_hash, account_hash, sealed, created_at) values ($1, $2, $3, $4, $5, $6);
insert into person_mails (operator_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
insert into policy_versions (id, version, name, content, sha256, comparison, uploaded_by, uploaded_at, base, adopted, adopted_at, adopted_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
insert into program_logins (secret_hash, code, name, confirmed_for, confirmed_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7);
insert into proposal_grounds (partner_id, id, sealed) values ($1, $2, $3);
insert into proposals (id, version, action, roles, of_partner, subject_id, subject_version, amount, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, note) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);
insert into request_bodies (partner_id, id, sealed) values ($1, $2, $3);
insert into request_calls (partner_id, id, at, generation, request_id, method, route, status, took, client_id, idempotency_key, replayed, address_hash, marks, sealed) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);
insert into request_marks (partner_id, mark, call_id) values ($1, $2, $3);
insert into saved_views (operator_id, id, queue, name, of_partner, assignee, older_than, amount_from, saved_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);
insert into search_codes (code, customer) values ($1, $2);
insert into search_feeds (partner_id, version, after_id, place) values ($1, $2, $3, $4);
insert into sessions (operator_id, id, version, secret_hash, proof, sealed, created_at, proved_at, seen_at, expires_at, ended_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
insert into settings (name, value) values ($1, $2);
insert into signatures (partner_id, loan_id, subject_id, signed_at, document_sha256, sealed) values ($1, $2, $3, $4, $5, $6);
insert into signing_invitations (partner_id, loan_id, subject_id, version, link_hash, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
insert into simulations (partner_id, id, offer_id, quote, valid_until, created_at) values ($1, $2, $3, $4, $5, $6);
insert into system_keys (id, purpose, master_key, material, created_at) values ($1, $2, $3, $4, $5);
insert into webhook_endpoints (partner_id, id, version, generation, url, patterns, state, sealed, failing_since, warned_at, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
select code, customer from search_codes where code = $1 and customer = $2;
select fingerprint, version, role, created_at from master_keys where fingerprint = $1;
select id, at, operator_id, operation, status, request_id, fingerprint, state_before, state_after, sealed, code from audit_calls where id = $1;
select id, master_keys, started_at, seen_at from nodes where id = $1;
select id, name, version, created_at, clock_offset, requests_per_10s, limits_version, clock_of, advancing_until from partners where id = $1;
select id, number, format, orders, amount, made_by, made_at from bank_files where id = $1;
select id, number, hash from audit_head where id = $1;
select id, purpose, master_key, material, created_at from system_keys where id = $1;
select id, version, action, roles, of_partner, subject_id, subject_version, amount, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, note from proposals where id = $1;
select id, version, email_hash, account_hash, sealed, created_at from people where id = $1;
select id, version, kind, name, roles, team_of, team_role, token_hash, created_by, created_at, expires_at, last_used_at, revoked_at from operators where id = $1;
select id, version, name, content, sha256, comparison, uploaded_by, uploaded_at, base, adopted, adopted_at, adopted_by from policy_versions where id = $1;
select lookup_hash, turn from exposure_turns where lookup_hash = $1;
select name, value from settings where name = $1;
select number, at, day, operator_id, operation, status, request_id, fingerprint, state_before, state_after, sealed, hash from audit_entries where number = $1;
select operator_id, id, queue, name, of_partner, assignee, older_than, amount_from, saved_at from saved_views where operator_id = $1 and id = $2;
select operator_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent from person_mails where operator_id = $1 and id = $2;
select operator_id, id, version, secret_hash, proof, sealed, created_at, proved_at, seen_at, expires_at, ended_at from sessions where operator_id = $1 and id = $2;
select operator_id, session_id, sealed, expires_at from challenges where operator_id = $1 and session_id = $2;
select partner_id, blob_key, created_at, customer_id from blob_intents where partner_id = $1 and blob_key = $2;
select partner_id, client_id, version, name, scope, state, secret_hash, expires_at, last_used_at, created_at, updated_at, created_by from credentials where partner_id = $1 and client_id = $2;
select partner_id, customer_id, asked_by, asked_at, due_at, erased_at from erasures where partner_id = $1 and customer_id = $2;
select partner_id, customer_id, place, tag_hash, sealed from customer_tags where partner_id = $1 and customer_id = $2 and place = $3;
select partner_id, customer_id, version, state, account_id, link_hash, sealed, asked_at, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from from bank_account_changes where partner_id = $1 and customer_id = $2;
select partner_id, delivery_id, number, started_at, duration_ms, status, outcome, sealed from delivery_attempts where partner_id = $1 and delivery_id = $2 and number = $3;
select partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, due_at, leased_until, body_id, created_at, updated_at from deliveries where partner_id = $1 and endpoint_id = $2 and id = $3;
select partner_id, endpoint_id, version, after_id, until_id from lane_changes where partner_id = $1 and endpoint_id = $2;
select partner_id, entry_id, loan_id, day from journal_waiting where partner_id = $1 and entry_id = $2;
select partner_id, file, secret from file_secrets where partner_id = $1 and file = $2;
select partner_id, id, at, generation, request_id, method, route, status, took, client_id, idempotency_key, replayed, address_hash, marks, sealed from request_calls where partner_id = $1 and id = $2;
select partner_id, id, customer_id, blob_key, media_type, size, sha256, created_at, replaced_at from kyc_documents where partner_id = $1 and id = $2;
select partner_id, id, customer_id, outcome, terms, policy_version, sealed, decided_by, valid_days, decided_at from credit_decisions where partner_id = $1 and id = $2;
select partner_id, id, kind, subject, sealed, occurred_at, place, first_delivery, clock_id, request_id, traceparent from events where partner_id = $1 and id = $2;
select partner_id, id, kind, subject_id, due_at, attempts, request_id, traceparent from jobs where partner_id = $1 and id = $2;
select partner_id, id, loan_id, number, due, principal, interest, paid_charges, paid_interest, paid_principal, discount, charges_due, charged_to, late_curve, paid_at, monthly_rate, created_at, updated_at from installments where partner_id = $1 and id = $2;
select partner_id, id, loan_id, reference_hash, sealed, amount, paid_at, kind, recorded_at, recorded_by, reversed_at from payments where partner_id = $1 and id = $2;
select partner_id, id, offer_id, quote, valid_until, created_at from simulations where partner_id = $1 and id = $2;
select partner_id, id, sealed from proposal_grounds where partner_id = $1 and id = $2;
select partner_id, id, sealed from request_bodies where partner_id = $1 and id = $2;
select partner_id, id, sealed, request_id, traceparent from delivery_bodies where partner_id = $1 and id = $2;
select partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, changed_at, request_id, traceparent from mails where partner_id = $1 and id = $2;
select partner_id, id, subject_id, author, sealed, written_at, struck_at from notes where partner_id = $1 and id = $2;
select partner_id, id, version, customer_id, decision_id, state, loan_id, terms, valid_until, created_at, updated_at from offers where partner_id = $1 and id = $2;
select partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, ccb_number, orders, sealed, sign_by, created_at, updated_at from loans where partner_id = $1 and id = $2;
select partner_id, id, version, customer_id, sealed, created_at, updated_at from bank_accounts where partner_id = $1 and id = $2;
select partner_id, id, version, customer_id, state, review_start, code_hash, page_hash, expires_at, created_at from biometrics_sessions where partner_id = $1 and id = $2;
select partner_id, id, version, generation, url, patterns, state, sealed, failing_since, warned_at, created_at, updated_at from webhook_endpoints where partner_id = $1 and id = $2;
select partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, created_at, updated_at from customers where partner_id = $1 and id = $2;
select partner_id, key, fingerprint, status, location, sealed, created_at from idempotency_keys where partner_id = $1 and key = $2;
select partner_id, last_place, spread, last_made from feeds where partner_id = $1;
select partner_id, loan_id, attempt, file_id, line from bank_orders where partner_id = $1 and loan_id = $2 and attempt = $3;
select partner_id, loan_id, copy, facts, sha256, size, blob_key, created_at from contracts where partner_id = $1 and loan_id = $2 and copy = $3;
select partner_id, loan_id, entry_id, account, amount from journal_postings where partner_id = $1 and loan_id = $2 and entry_id = $3 and account = $4;
select partner_id, loan_id, id, cause, subject, actor, entered_at from journal_entries where partner_id = $1 and loan_id = $2 and id = $3;
select partner_id, loan_id, subject_id, signed_at, document_sha256, sealed from signatures where partner_id = $1 and loan_id = $2 and subject_id = $3;
select partner_id, loan_id, subject_id, version, link_hash, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from from signing_invitations where partner_id = $1 and loan_id = $2 and subject_id = $3;
select partner_id, mark, call_id from request_marks where partner_id = $1 and mark = $2 and call_id = $3;
select partner_id, number, master_key, material, created_at from data_keys where partner_id = $1 and number = $2;
select partner_id, period, begins, account, debit, credit, debits, credits from journal_sums where partner_id = $1 and period = $2 and begins = $3 and account = $4;
select partner_id, subject, id, at, on_clock, page, device from page_visits where partner_id = $1 and subject = $2 and id = $3;
select partner_id, subject_id, queue, customer_id, amount, sign_by, since, assignee from cases where subject_id = $1 and queue = $2;
select partner_id, subject_id, queue, left_at, since, customer_id, amount from case_ends where subject_id = $1 and queue = $2 and left_at = $3;
select partner_id, version, after_id, place from search_feeds where partner_id = $1;
select secret_hash, code, name, confirmed_for, confirmed_by, created_at, expires_at from program_logins where secret_hash = $1;
select secret_hash, operator_id, version, purpose, created_at, expires_at, used_at from entries where secret_hash = $1;
select subject_id, operator_id, seen_at from case_visits where subject_id = $1 and operator_id = $2;
select year, last from ccb_counters where year = $1;

-- tenants.rs
select clock_of from partners where id = $1 and clock_of is not null;

-- verify.rs
select count(*) from customers;
select id, 'audit:' || request_id || '@' || cast(at as text), sealed from audit_calls order by id limit 101;
select id, 'people:' || id || '@' || cast(version as text), sealed from people order by id limit 101;
select id, master_key, material from system_keys order by id;
select number, 'audit:' || request_id || '@' || cast(at as text), sealed from audit_entries order by number limit 101;
select operator_id, id, 'person_mails:' || id, sealed from person_mails order by operator_id, id limit 101;
select operator_id, id, 'sessions:' || id, sealed from sessions order by operator_id, id limit 101;
select operator_id, session_id, 'challenges:' || session_id, sealed from challenges order by operator_id, session_id limit 101;
select partner_id, customer_id, 'bank_account_changes:' || customer_id || '@' || cast(version as text), sealed from bank_account_changes order by partner_id, customer_id limit 101;
select partner_id, customer_id, 'bank_account_changes:' || customer_id || '@' || cast(version as text), sealed from bank_account_changes where (partner_id, customer_id) > ($1, $2) order by partner_id, customer_id limit 101;
select partner_id, customer_id, place, 'customer_tags:' || customer_id || ':' || tag_hash, sealed from customer_tags order by partner_id, customer_id, place limit 101;
select partner_id, customer_id, place, 'customer_tags:' || customer_id || ':' || tag_hash, sealed from customer_tags where (partner_id, customer_id, place) > ($1, $2, $3) order by partner_id, customer_id, place limit 101;
select partner_id, delivery_id, number, 'delivery_attempts:' || delivery_id || '@' || cast(number as text), sealed from delivery_attempts order by partner_id, delivery_id, number limit 101;
select partner_id, delivery_id, number, 'delivery_attempts:' || delivery_id || '@' || cast(number as text), sealed from delivery_attempts where (partner_id, delivery_id, number) > ($1, $2, $3) order by partner_id, delivery_id, number limit 101;
select partner_id, id, 'bank_accounts:' || id || '@' || cast(version as text), sealed from bank_accounts order by partner_id, id limit 101;
select partner_id, id, 'bank_accounts:' || id || '@' || cast(version as text), sealed from bank_accounts where (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, id, 'credit_decisions:' || id, sealed from credit_decisions order by partner_id, id limit 101;
select partner_id, id, 'credit_decisions:' || id, sealed from credit_decisions where (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, id, 'customers:' || id || '@' || cast(version as text), sealed from customers order by partner_id, id limit 101;
select partner_id, id, 'customers:' || id || '@' || cast(version as text), sealed from customers where (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, id, 'delivery_bodies:' || id, sealed from delivery_bodies order by partner_id, id limit 101;
select partner_id, id, 'delivery_bodies:' || id, sealed from delivery_bodies where (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, id, 'events:' || id, sealed from events order by partner_id, id limit 101;
select partner_id, id, 'events:' || id, sealed from events where (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, id, 'loans:' || id || '@' || cast(version as text), sealed from loans order by partner_id, id limit 101;
select partner_id, id, 'loans:' || id || '@' || cast(version as text), sealed from loans where (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, id, 'mails:' || id, sealed from mails order by partner_id, id limit 101;
select partner_id, id, 'mails:' || id, sealed from mails where (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, id, 'notes:' || id, sealed from notes order by partner_id, id limit 101;
select partner_id, id, 'notes:' || id, sealed from notes where (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, id, 'payments:' || id, sealed from payments order by partner_id, id limit 101;
select partner_id, id, 'payments:' || id, sealed from payments where (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, id, 'proposal_grounds:' || id, sealed from proposal_grounds order by partner_id, id limit 101;
select partner_id, id, 'proposal_grounds:' || id, sealed from proposal_grounds where (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, id, 'webhook_endpoints:' || id || '@' || cast(version as text), sealed from webhook_endpoints order by partner_id, id limit 101;
select partner_id, id, 'webhook_endpoints:' || id || '@' || cast(version as text), sealed from webhook_endpoints where (partner_id, id) > ($1, $2) order by partner_id, id limit 101;
select partner_id, key, 'idempotency_keys:' || key || '@' || cast(created_at as text), sealed from idempotency_keys order by partner_id, key limit 101;
select partner_id, key, 'idempotency_keys:' || key || '@' || cast(created_at as text), sealed from idempotency_keys where (partner_id, key) > ($1, $2) order by partner_id, key limit 101;
select partner_id, loan_id, copy, 'contracts:' || loan_id || ':facts', facts from contracts order by partner_id, loan_id, copy limit 101;
select partner_id, loan_id, copy, 'contracts:' || loan_id || ':facts', facts from contracts where (partner_id, loan_id, copy) > ($1, $2, $3) order by partner_id, loan_id, copy limit 101;
select partner_id, loan_id, subject_id, 'signatures:' || loan_id || ':' || subject_id, sealed from signatures order by partner_id, loan_id, subject_id limit 101;
select partner_id, loan_id, subject_id, 'signatures:' || loan_id || ':' || subject_id, sealed from signatures where (partner_id, loan_id, subject_id) > ($1, $2, $3) order by partner_id, loan_id, subject_id limit 101;
select partner_id, number, master_key, material from data_keys order by partner_id, number;
update bank_account_changes set sealed = $2 where sealed = $1 and partner_id = $3 and customer_id = $4;
update bank_accounts set sealed = $2 where sealed = $1 and partner_id = $3 and id = $4;
update challenges set sealed = $2 where sealed = $1 and operator_id = $3 and session_id = $4;
update contracts set facts = $2 where facts = $1 and partner_id = $3 and loan_id = $4 and copy = $5;
update credit_decisions set sealed = $2 where sealed = $1 and partner_id = $3 and id = $4;
update customer_tags set sealed = $2 where sealed = $1 and partner_id = $3 and customer_id = $4 and place = $5;
update customers set sealed = $2 where sealed = $1 and partner_id = $3 and id = $4;
update delivery_attempts set sealed = $2 where sealed = $1 and partner_id = $3 and delivery_id = $4 and number = $5;
update delivery_bodies set sealed = $2 where sealed = $1 and partner_id = $3 and id = $4;
update events set sealed = $2 where sealed = $1 and partner_id = $3 and id = $4;
update idempotency_keys set sealed = $2 where sealed = $1 and partner_id = $3 and key = $4;
update loans set sealed = $2 where sealed = $1 and partner_id = $3 and id = $4;
update mails set sealed = $2 where sealed = $1 and partner_id = $3 and id = $4;
update notes set sealed = $2 where sealed = $1 and partner_id = $3 and id = $4;
update payments set sealed = $2 where sealed = $1 and partner_id = $3 and id = $4;
update people set sealed = $2 where sealed = $1 and id = $3;
update person_mails set sealed = $2 where sealed = $1 and operator_id = $3 and id = $4;
update proposal_grounds set sealed = $2 where sealed = $1 and partner_id = $3 and id = $4;
update sessions set sealed = $2 where sealed = $1 and operator_id = $3 and id = $4;
update signatures set sealed = $2 where sealed = $1 and partner_id = $3 and loan_id = $4 and subject_id = $5;
update webhook_endpoints set sealed = $2 where sealed = $1 and partner_id = $3 and id = $4;

-- volumes.rs
select count(*) from loans where state = $1;
select e.partner_id, cast(-sum(j.amount) as bigint) from partners p join journal_entries e on e.partner_id = p.id and e.cause = 'disbursement' and e.entered_at >= $1 + p.clock_offset join journal_postings j on j.partner_id = e.partner_id and j.loan_id = e.loan_id and j.entry_id = e.id and j.account = 'cash' where p.id in ($2) group by e.partner_id;
select partner_id, count(*) from customers where partner_id in ($1) group by partner_id;
select partner_id, count(*) from loans where partner_id in ($1) group by partner_id;

-- webhook_endpoints.rs
delete from webhook_endpoints where partner_id = $1 and id = $2 and version = $3;
insert into webhook_endpoints (partner_id, id, version, generation, url, patterns, state, sealed, failing_since, warned_at, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
select count(*) from webhook_endpoints where partner_id = $1;
select e.id, e.url, e.state, e.failing_since, (select count(*) from (select d.due_at from deliveries d where d.partner_id = e.partner_id and d.endpoint_id = e.id and d.state = 'pending' order by d.due_at limit 101) as next), (select min(created_at) from (select d.created_at from deliveries d where d.partner_id = e.partner_id and d.endpoint_id = e.id and d.state = 'pending' order by d.due_at limit 101) as next) from webhook_endpoints e where e.partner_id = $1 order by e.created_at, e.id;
select id from webhook_endpoints where id = $1 and partner_id <> $2;
select partner_id, count(*), min(failing_since) from webhook_endpoints where failing_since is not null group by partner_id order by min(failing_since), partner_id limit 101;
select partner_id, count(*), min(failing_since) from webhook_endpoints where partner_id in ($1) and failing_since is not null group by partner_id;
select partner_id, id, version, generation, url, patterns, state, sealed, failing_since, warned_at, created_at, updated_at from webhook_endpoints where partner_id = $1 and id = $2;
select sealed from webhook_endpoints where partner_id = $1 and id = $2 and version = $3;
select version from webhook_endpoints where partner_id = $1 and id = $2;
select version, generation, patterns, state, id from webhook_endpoints where partner_id = $1 order by id;
select version, state, failing_since, warned_at from webhook_endpoints where partner_id = $1 and id = $2;
update webhook_endpoints set version = version + 1, state = $4, failing_since = $5, warned_at = $6, updated_at = $7, sealed = $8 where partner_id = $1 and id = $2 and version = $3;
update webhook_endpoints set version = version + 1, url = $4, patterns = $5, state = $6, sealed = $7, failing_since = $8, warned_at = $9, updated_at = $10 where partner_id = $1 and id = $2 and version = $3;

-- wipe.rs
delete from bank_account_changes where partner_id = $1;
delete from bank_account_changes where partner_id = $1 and customer_id in ($2);
delete from bank_accounts where partner_id = $1;
delete from bank_accounts where partner_id = $1 and customer_id in ($2);
delete from bank_orders where partner_id = $1;
delete from bank_orders where partner_id = $1 and loan_id in ($2);
delete from biometrics_sessions where partner_id = $1;
delete from biometrics_sessions where partner_id = $1 and customer_id in ($2);
delete from case_ends where partner_id = $1;
delete from cases where partner_id = $1;
delete from contracts where partner_id = $1;
delete from contracts where partner_id = $1 and loan_id in ($2);
delete from credit_decisions where partner_id = $1;
delete from credit_decisions where partner_id = $1 and customer_id in ($2);
delete from customer_tags where partner_id = $1;
delete from customer_tags where partner_id = $1 and customer_id in ($2);
delete from customers where partner_id = $1;
delete from customers where partner_id = $1 and id in ($2);
delete from erasures where partner_id = $1;
delete from erasures where partner_id = $1 and customer_id in ($2);
delete from events where partner_id = $1;
delete from events where partner_id = $1 and clock_id = $2 and clock_id is not null;
delete from events where partner_id = $1 and id in (select id from events where partner_id = $1 and clock_id = $2 and clock_id is not null limit 101);
delete from events where partner_id = $1 and id in (select id from events where partner_id = $1 order by id limit 101);
delete from events where partner_id = $1 and place is null;
delete from file_secrets where partner_id = $1;
delete from file_secrets where partner_id = $1 and file in (select file from file_secrets where partner_id = $1 order by file limit 101);
delete from idempotency_keys where partner_id = $1;
delete from installments where partner_id = $1;
delete from installments where partner_id = $1 and loan_id in ($2);
delete from jobs where partner_id = $1;
delete from jobs where partner_id = $1 and id in (select id from jobs where partner_id = $1 order by id limit 101);
delete from journal_entries where partner_id = $1;
delete from journal_entries where partner_id = $1 and loan_id in ($2);
delete from journal_postings where partner_id = $1;
delete from journal_postings where partner_id = $1 and loan_id in ($2);
delete from journal_sums where partner_id = $1;
delete from journal_waiting where partner_id = $1;
delete from kyc_documents where partner_id = $1;
delete from kyc_documents where partner_id = $1 and customer_id in ($2);
delete from loans where partner_id = $1;
delete from loans where partner_id = $1 and id in ($2);
delete from mails where partner_id = $1;
delete from mails where partner_id = $1 and id in (select id from mails where partner_id = $1 order by id limit 101);
delete from notes where partner_id = $1;
delete from notes where partner_id = $1 and id in (select id from notes where partner_id = $1 order by id limit 101);
delete from offers where partner_id = $1;
delete from offers where partner_id = $1 and customer_id in ($2);
delete from payments where partner_id = $1;
delete from payments where partner_id = $1 and loan_id in ($2);
delete from proposal_grounds where partner_id = $1;
delete from proposal_grounds where partner_id = $1 and id in (select id from proposal_grounds where partner_id = $1 order by id limit 101);
delete from proposals where of_partner = $1 and of_partner is not null;
delete from search_feeds where partner_id = $1;
delete from signatures where partner_id = $1;
delete from signatures where partner_id = $1 and loan_id in ($2);
delete from signing_invitations where partner_id = $1;
delete from signing_invitations where partner_id = $1 and loan_id in ($2);
delete from simulations where partner_id = $1;
delete from simulations where partner_id = $1 and offer_id in (select id from offers where partner_id = $1 and customer_id in ($2));
insert into blob_intents (partner_id, blob_key, created_at) select partner_id, blob_key, $2 from contracts where partner_id = $1 and blob_key is not null and loan_id in ($3) on conflict do nothing;
insert into blob_intents (partner_id, blob_key, created_at) select partner_id, blob_key, $2 from contracts where partner_id = $1 and blob_key is not null on conflict do nothing;
insert into blob_intents (partner_id, blob_key, created_at) select partner_id, blob_key, $2 from kyc_documents where partner_id = $1 and blob_key is not null and customer_id in ($3) on conflict do nothing;
insert into blob_intents (partner_id, blob_key, created_at) select partner_id, blob_key, $2 from kyc_documents where partner_id = $1 and blob_key is not null on conflict do nothing;
select id from loans where partner_id = $1 and customer_id in ($2);
