-- Why a letter was given up, and when it last changed. Operators list letters by their state and name them by their ids.
alter table mails add column reason text not null default '';
alter table mails add column changed_at bigint not null default 0;
create index mails_by_id on mails (id);
create index mails_by_state on mails (state, id);
-- An endpoint's id that is a cursor may be another partner's.
create index webhook_endpoints_by_id on webhook_endpoints (id);
