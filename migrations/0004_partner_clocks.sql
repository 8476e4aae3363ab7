-- How far a partner's clock is ahead of the real time, in microseconds; it only grows, and only in the sandbox.
alter table partners add column clock_offset bigint not null default 0;
create index partners_with_moved_clocks on partners (id) where clock_offset > 0;
create index jobs_by_partner on jobs (partner_id, due_at);
create index offers_by_partner_end on offers (partner_id, valid_until) where state = 'available';
create index loans_by_partner_deadline on loans (partner_id, sign_by)
    where state in ('contract_generated', 'awaiting_signatures');
