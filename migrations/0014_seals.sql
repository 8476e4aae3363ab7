-- sealed: the reasons and inputs of a decision, which name people and their figures. The two columns of clear text are
-- empty from now on; the first start with this version seals what stands in them.
alter table credit_decisions add column sealed {blob};

-- A payment is found by a keyed hash of its reference. sealed: the reference. The first start with this version replaces
-- the references of clear text.
alter table payments rename column reference to reference_hash;
alter table payments add column sealed {blob};
