-- When a document was replaced before anybody had reviewed it; its file is deleted an hour later.
alter table kyc_documents add column replaced_at bigint;
create index kyc_documents_by_customer on kyc_documents (partner_id, customer_id);
create index kyc_documents_replaced on kyc_documents (replaced_at) where replaced_at is not null;

-- Whose KYC an announced file is for: files that are still being written count as well.
alter table blob_intents add column customer_id text;
create index blob_intents_by_customer on blob_intents (partner_id, customer_id);
