-- Who made a credential: the client id of another, an operator's id, or command_line; null for older ones.
alter table credentials add column created_by text;
create index credentials_by_maker on credentials (partner_id, created_by);
