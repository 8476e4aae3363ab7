-- What is granted to a person or company and owed by it is summed over all partners, by the keyed hashes of CPF and CNPJ.
create index customers_by_cpf_of_all on customers (cpf_hash);
create index customers_by_cnpj_of_all on customers (cnpj_hash);

-- The policy's analyses of one person or company take turns, whichever partners' customers they are.
create table exposure_turns (
    lookup_hash text not null primary key,
    turn bigint not null
);
