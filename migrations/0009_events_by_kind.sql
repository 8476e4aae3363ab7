-- How partners list what happened of one kind. All of it they list by the key, whose ids are in the order of happening.
create index events_by_kind on events (partner_id, kind, id);
