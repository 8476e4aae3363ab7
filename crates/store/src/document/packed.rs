//! Documents in fewer bytes: LZ4 with a dictionary of their repeated words.
//!
//! The first byte names the dictionary. A dictionary never changes; new words need another dictionary with another
//! number.

use lz4_flex::block::{compress_prepend_size_with_dict, decompress_size_prepended_with_dict};

use super::json::corrupt;
use crate::db::error::StoreError;

const FIRST: u8 = 1;
const FIRST_DICTIONARY: &[u8] = include_bytes!("dictionary-1.json");
/// Most bytes of a document that is read. A snapshot has far fewer.
const MOST_BYTES: u32 = 16 * 1024 * 1024;

/// A document in fewer bytes.
pub(crate) fn pack(document: &[u8]) -> Vec<u8> {
    let packed = compress_prepend_size_with_dict(document, FIRST_DICTIONARY);
    [&[FIRST], &packed[..]].concat()
}

/// The original of a packed document.
pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let Some((&FIRST, packed)) = packed.split_first() else {
        return Err(corrupt("a document packed in an unknown way"));
    };
    let size = packed.first_chunk::<4>().map(|size| u32::from_le_bytes(*size));
    if size.is_none_or(|size| size > MOST_BYTES) {
        return Err(corrupt("a packed document with an impossible size"));
    }
    decompress_size_prepended_with_dict(packed, FIRST_DICTIONARY).map_err(corrupt)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::seal::sha256_hex;

    #[test]
    fn a_snapshot_takes_half_the_bytes() {
        let document = br#"{"customer":{"id":"cust_01a215214a6b7548b70d6592f8b0d890","version":5,"state":"under_review","external_id":"x-17","legal_nature":"mei","personal":{"cpf":"52998224725","cnpj":"11222333000181","name":"Padaria Souza","email":"ana@example.com","phone":"+5511988887777","trading_name":null,"subjects":[{"id":"sub_01a215214a6b7548b70d6592f8b0d891","name":"Padaria Souza","cpf":"52998224725","role":"applicant"}]},"kyc":{"requirements":[{"kind":"identity","subject":"sub_01a215214a6b7548b70d6592f8b0d891","mandatory":true,"state":{"submitted":{"at":1795650833037753}},"evidence":{"kind":"cnh","attachments":[{"slot":"file","source":"upload","document":"doc_01a215214a77705bbd1ccc520ec7ac0a","uploaded_at":1795650833037753,"rejected":false}]}}],"corrections":0},"created_at":1795650833037753,"updated_at":1795650833037753}}"#;
        let packed = pack(document);
        assert!(packed.len() * 2 < document.len(), "{} of {}", packed.len(), document.len());
        assert_eq!(unpack(&packed).unwrap(), document);
    }

    #[test]
    fn a_packed_document_is_readable_for_ever() {
        // The dictionary is a part of every value packed with it.
        assert_eq!(sha256_hex(FIRST_DICTIONARY), include_str!("dictionary-1.sha256").trim());
        for damaged in [&b""[..], b"\x01", b"\x02abcdef", b"\x01\xff\xff\xff\xff\0", b"{\"a\":1}"] {
            assert!(unpack(damaged).is_err(), "{damaged:?}");
        }
    }

    proptest! {
        #[test]
        fn every_document_reads_back(document in prop::collection::vec(any::<u8>(), 0..2_000)) {
            prop_assert_eq!(unpack(&pack(&document)).unwrap(), document);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _outcome = unpack(&bytes);
        }
    }
}
