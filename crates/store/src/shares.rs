//! A master key in shares, by Shamir's scheme: a number of them gives the key, and fewer give nothing.
//!
//! A share is a line of text: `dinie-share:THRESHOLD:FINGERPRINT:HEX`. The fingerprint says to which key it belongs, so
//! shares of two keys can lie side by side while one replaces the other, and a damaged share gives no wrong key.
//!
//! Reasons: docs/decisions/0045.

use blahaj::{Share, Sharks};
use zeroize::Zeroizing;

use crate::random::Random;
use crate::seal::{MasterKey, hex};

const BEGINNING: &str = "dinie-share";

/// The reason why shares give no key. It has no text of a share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// The numbers make no sense.
    #[error("a key is split into 2 to 255 shares, of which at least 2 and at most all are needed")]
    Numbers,
    /// The key is in a token.
    #[error("the master key {0} is in a token and never leaves it, so it cannot be split")]
    InToken(String),
    /// A text is no share.
    #[error("a share is a line that begins with dinie-share:, as `dinie keys split` writes it")]
    Malformed,
    /// There are too few shares of a key.
    #[error("{given} of {needed} shares of the key {fingerprint} are given")]
    TooFew {
        /// The key.
        fingerprint: String,
        /// Number of different shares that are given.
        given: usize,
        /// Number that is needed.
        needed: u8,
    },
    /// The shares give another key than they say.
    #[error("the shares of the key {0} give another key: one of them is damaged")]
    Damaged(String),
}

/// Splits a key into `count` shares, of which `threshold` give it back.
pub fn split(key: &MasterKey, threshold: u8, count: u8) -> Result<Vec<Zeroizing<String>>, ShareError> {
    if threshold < 2 || count < threshold {
        return Err(ShareError::Numbers);
    }
    let (mut random, fingerprint) = (Random::open(), key.fingerprint());
    let bytes = key.bytes().ok_or_else(|| ShareError::InToken(fingerprint.clone()))?;
    let dealer = Sharks(threshold).dealer_rng(bytes, random.generator());
    let text = |share: Share| {
        let bytes = Zeroizing::new(Vec::from(&share));
        Zeroizing::new(format!("{BEGINNING}:{threshold}:{fingerprint}:{}", *Zeroizing::new(hex(&bytes))))
    };
    Ok(dealer.take(usize::from(count)).map(text).collect())
}

/// A share as its text says it.
struct Read {
    threshold: u8,
    fingerprint: String,
    share: Share,
}

fn read(text: &str) -> Option<Read> {
    let mut parts = text.trim().strip_prefix(BEGINNING)?.strip_prefix(':')?.split(':');
    let (threshold, fingerprint) = (parts.next()?.parse().ok()?, parts.next()?.to_owned());
    let digits = parts.next()?;
    if parts.next().is_some() || digits.len() != 66 || !digits.is_ascii() {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
    let share = Share::try_from(&Zeroizing::new(bytes?)[..]).ok()?;
    Some(Read { threshold, fingerprint, share })
}

/// The keys of some shares, in the order of their first shares. More shares than are needed are no error.
pub fn combined(texts: &[&str]) -> Result<Vec<MasterKey>, ShareError> {
    let all: Option<Vec<Read>> = texts.iter().map(|text| read(text)).collect();
    let all = all.ok_or(ShareError::Malformed)?;
    let mut names: Vec<&str> = Vec::new();
    for Read { fingerprint, .. } in &all {
        if !names.contains(&fingerprint.as_str()) {
            names.push(fingerprint);
        }
    }
    names.into_iter().map(|name| key_of(name, all.iter().filter(|share| share.fingerprint == name))).collect()
}

fn key_of<'a>(fingerprint: &str, of_key: impl Iterator<Item = &'a Read>) -> Result<MasterKey, ShareError> {
    let (mut shares, mut needed) = (Vec::<Share>::new(), 2);
    for Read { threshold, share, .. } in of_key {
        needed = needed.max(*threshold);
        if shares.iter().all(|other| other.x.0 != share.x.0) {
            shares.push(share.clone());
        }
    }
    let given = shares.len();
    let too_few = |_| ShareError::TooFew { fingerprint: fingerprint.to_owned(), given, needed };
    let bytes = Zeroizing::new(Sharks(needed).recover(&shares).map_err(too_few)?);
    let damaged = || ShareError::Damaged(fingerprint.to_owned());
    let key = MasterKey::new(<[u8; 32]>::try_from(&bytes[..]).map_err(|_| damaged())?);
    if key.fingerprint() == fingerprint { Ok(key) } else { Err(damaged()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(shares: &[Zeroizing<String>]) -> Vec<&str> {
        shares.iter().map(|share| share.as_str()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// Any choice of enough shares gives the key, and any choice of fewer gives nothing.
        #[test]
        fn enough_shares_give_the_key_and_fewer_give_nothing(
            bytes in any::<[u8; 32]>(), threshold in 2_u8..6, more in 0_u8..4, from in any::<usize>(),
        ) {
            let key = MasterKey::new(bytes);
            let mut shares = split(&key, threshold, threshold + more).unwrap();
            let at = from % shares.len();
            shares.rotate_left(at);
            let enough = texts(&shares[..usize::from(threshold)]);
            let found = combined(&enough).unwrap();
            prop_assert_eq!(found[0].fingerprint(), key.fingerprint());
            let twice = [&enough[1..], &enough[1..]].concat();
            let too_few = matches!(combined(&twice), Err(ShareError::TooFew { .. }));
            prop_assert!(too_few);
            prop_assert_eq!(combined(&texts(&shares)).unwrap().len(), 1);
        }
    }

    #[test]
    fn shares_of_two_keys_give_both_and_a_damaged_one_gives_none() {
        let keys = [1, 2].map(|byte| MasterKey::new([byte; 32]));
        let [first, second] = [0, 1].map(|at| split(&keys[at], 2, 3).unwrap());
        let mixed = [&*second[0], &*first[2], &*first[1], &*second[1]].map(String::as_str);
        let found = combined(&mixed).unwrap();
        assert_eq!(
            found.iter().map(MasterKey::fingerprint).collect::<Vec<_>>(),
            [keys[1].fingerprint(), keys[0].fingerprint()]
        );
        let last = first[0].chars().last().unwrap();
        let changed = format!("{}{}", &first[0][..first[0].len() - 1], if last == '0' { '1' } else { '0' });
        let damaged = ShareError::Damaged(keys[0].fingerprint());
        assert_eq!(combined(&[&changed, &first[1]]).err(), Some(damaged));
        for wrong in ["", "dinie-share", "dinie-share:2:ab:zz", &"5a".repeat(32), &format!("{}:1", *first[0])]
        {
            assert_eq!(combined(&[wrong]).err(), Some(ShareError::Malformed), "{wrong}");
        }
        assert_eq!(split(&keys[0], 1, 3).err(), Some(ShareError::Numbers));
        assert_eq!(split(&keys[0], 3, 2).err(), Some(ShareError::Numbers));
    }
}
