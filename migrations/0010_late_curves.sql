-- What was unpaid of a late installment since which day, of which its late charges are computed. Null where it has not
-- been late when money came in, or was so before there were curves: then charges_due counts up to charged_to.
alter table transactions add column late_curve text;
