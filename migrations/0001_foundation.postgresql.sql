-- Months of the tables that grow with time. Only PostgreSQL runs this file, after the tables.
--
-- An id begins with its moment, so the ids of a month are a range. A month that is no longer needed is dropped as a
-- whole. Rows outside of all months are in *_rest. They come from clocks that are far ahead or behind.
-- Nodes have no rights over tables. They make and drop months by these two functions, which run as the owner of the
-- tables. The functions take the names of a table and a month. They serve roles that may insert or delete the rows
-- anyway.

create table events_rest partition of events default;
create table deliveries_rest partition of deliveries default;
create table delivery_bodies_rest partition of delivery_bodies default;
create table delivery_attempts_rest partition of delivery_attempts default;

-- Makes a month, such as 2026-01. Its rows in *_rest move into it. Returns made, there, locked (others use the table,
-- so try again) or full (*_rest has more than most_bytes, and a move would block others for too long).
create function make_partition(whole text, month text, most_bytes bigint) returns text
    language plpgsql security definer set lock_timeout = '20ms'
as $$
declare
    prefix text;
    key text;
    part text := whole || '_' || replace(month, '-', '_');
    rest text := whole || '_rest';
    first text;
    behind text;
    crowded boolean;
    strays boolean;
begin
    case whole
        when 'events' then prefix := 'evt_'; key := 'id';
        when 'deliveries' then prefix := 'dlv_'; key := 'id';
        when 'delivery_bodies' then prefix := 'dlv_'; key := 'id';
        when 'delivery_attempts' then prefix := 'dlv_'; key := 'delivery_id';
        else raise exception '% does not lie in months', whole;
    end case;
    if month is null or month !~ '^2[01][0-9][0-9]-(0[1-9]|1[0-2])$' then
        raise exception '% is no month', month;
    end if;
    if not has_table_privilege(session_user, whole, 'insert') then
        raise insufficient_privilege using message = 'who may not insert rows makes no month for them';
    end if;
    if not pg_try_advisory_xact_lock(7105317, 1) then
        return 'locked';
    end if;
    -- The catalogue is read, because the names that the session has cached may be older than the lock.
    if exists (select 1 from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = to_regclass(whole) and c.relname = part) then
        return 'there';
    end if;
    if (select count(*) from pg_inherits where inhparent = to_regclass(whole)) >= 100 then
        raise exception '% has too many months', whole;
    end if;
    -- A distributed table has no size here, so its rows are counted, at 1,000 bytes each.
    execute format('select count(*) > %1$s from (select 1 from %2$I limit %1$s + 1) counted', most_bytes / 1000, rest)
        into crowded;
    if crowded or pg_table_size(to_regclass(rest)) > most_bytes then
        return 'full';
    end if;
    -- An id has the milliseconds since the epoch in twelve hex digits.
    first := prefix || lpad(to_hex((extract(epoch from to_date(month, 'YYYY-MM')) * 1000)::bigint), 12, '0');
    behind := prefix || lpad(to_hex((extract(epoch from to_date(month, 'YYYY-MM') + interval '1 month') * 1000)::bigint),
        12, '0');
    -- Attaching a table takes weaker locks than creating one as a part, so inserts go on.
    execute format('create table %I (like %I including all)', part, whole);
    execute format('lock table only %I in share update exclusive mode', whole);
    execute format('lock table %I in access exclusive mode', rest);
    execute format('select exists (select 1 from %I where %I >= %L and %I < %L)', rest, key, first, key, behind)
        into strays;
    if strays then
        execute format(
            'with moved as (delete from %1$I where %2$I >= %3$L and %2$I < %4$L returning *) '
            'insert into %5$I select * from moved', rest, key, first, behind, part);
    end if;
    execute format('alter table %I attach partition %I for values from (%L) to (%L)', whole, part, first, behind);
    return 'made';
exception
    when lock_not_available or duplicate_table or undefined_table then
        return 'locked';
end
$$;

-- Drops a month with all its rows. Returns dropped, gone, locked (as above) or held. Held means that events wait for
-- the fan-out, that deliveries are pending, or that bodies belong to pending deliveries.
create function drop_partition(whole text, month text) returns text
    language plpgsql security definer set lock_timeout = '20ms'
as $$
declare
    undone text;
    part text := whole || '_' || replace(month, '-', '_');
    held boolean;
begin
    case whole
        when 'events' then undone := 'place is null';
        when 'deliveries' then undone := 'state = ''pending''';
        -- A body and its deliveries have the same moment, so they are in the same month.
        when 'delivery_bodies' then
            undone := format('id in (select body_id from deliveries where state = ''pending'' and id < %L)',
                'dlv_' || lpad(to_hex((extract(epoch from to_date(month, 'YYYY-MM') + interval '1 month') * 1000)::bigint),
                    12, '0'));
        when 'delivery_attempts' then undone := 'false';
        else raise exception '% does not lie in months', whole;
    end case;
    if month is null or month !~ '^2[01][0-9][0-9]-(0[1-9]|1[0-2])$' then
        raise exception '% is no month', month;
    end if;
    if not has_table_privilege(session_user, whole, 'delete') then
        raise insufficient_privilege using message = 'who may not delete rows drops no month of them';
    end if;
    if not pg_try_advisory_xact_lock(7105317, 1) then
        return 'locked';
    end if;
    if not exists (select 1 from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = to_regclass(whole) and c.relname = part) then
        return 'gone';
    end if;
    -- The first check avoids a lock if the month is held. The second check, under the lock, decides.
    execute format('select exists (select 1 from %I where %s)', part, undone) into held;
    if not held then
        execute format('lock table only %I in access exclusive mode', whole);
        execute format('lock table %I in access exclusive mode', part);
        execute format('select exists (select 1 from %I where %s)', part, undone) into held;
    end if;
    if held then
        return 'held';
    end if;
    execute format('drop table %I', part);
    return 'dropped';
exception
    when lock_not_available or duplicate_table or undefined_table then
        return 'locked';
end
$$;

-- Both functions run as the owner and find the owner's tables, even if their caller has made tables of the same name.
do $$
begin
    execute format('alter function make_partition(text, text, bigint) set search_path = %I, pg_temp', current_schema());
    execute format('alter function drop_partition(text, text) set search_path = %I, pg_temp', current_schema());
end
$$;
