//! The customers of the portfolio: who they are, when they joined, and what becomes of them.

use std::time::Duration;

use app::synthetic::{Fate, Who};
use domain::money::Cents;
use domain::person::Name;
use domain::time::Timestamp;

/// The names of the partners.
pub(super) const PARTNERS: [&str; 3] = ["Feira Aberta", "Maquininha Sul", "Contas Claras"];
/// Days since the oldest customer joined.
pub(super) const OLDEST_DAYS: u32 = 345;
/// The number of the first customer, from which CPF and CNPJ follow.
const FIRST: u32 = 431_000_000;
const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

/// A customer who joins.
pub(super) struct Newcomer {
    /// The partner's place among the partners.
    pub(super) partner: usize,
    pub(super) start: Timestamp,
    pub(super) fate: Fate,
    pub(super) who: Who,
}

/// Customers with the same fate: their number, and the days since the first and the last of them joined.
const SHARES: [(Fate, u32, [u32; 2]); 16] = [
    (Fate::OnTime(18), 30, [345, 40]),
    (Fate::OnTime(12), 19, [330, 20]),
    (Fate::OnTime(6), 12, [340, 200]),
    (Fate::Owners(18), 8, [340, 60]),
    (Fate::Late(12), 16, [340, 45]),
    (Fate::Stopped(18), 18, [340, 125]),
    (Fate::Unpaid(12), 14, [140, 33]),
    (Fate::Offered, 15, [9, 0]),
    (Fate::Registered, 10, [20, 0]),
    (Fate::UnderReview, 16, [3, 0]),
    (Fate::Denied, 6, [300, 10]),
    (Fate::Referred, 10, [2, 0]),
    (Fate::Unsigned, 8, [4, 0]),
    (Fate::Signed, 7, [1, 0]),
    (Fate::Disbursing, 6, [1, 0]),
    (Fate::Failed, 5, [5, 0]),
];

/// All customers, the first to join first.
pub(super) fn newcomers(now: Timestamp) -> Vec<Newcomer> {
    let mut all = Vec::new();
    for (fate, count, [first, last]) in SHARES {
        for place in 0..count {
            let number = u32::try_from(all.len()).expect("a few hundred fit");
            let span = HOUR * 24 * (first - last) * (count - place - 1) / count.max(1);
            let age = HOUR * 24 * last + span + HOUR + MINUTE * (number % 47);
            let partner = all.len() % PARTNERS.len();
            all.push(Newcomer { partner, start: now.minus(age), fate, who: who(number) });
        }
    }
    all.sort_by_key(|newcomer| newcomer.start);
    all
}

fn who(number: u32) -> Who {
    const FIRST_NAMES: [&str; 15] = [
        "Ana", "Bruno", "Cida", "Davi", "Elaine", "Fábio", "Graça", "Hugo", "Iara", "Jonas", "Kátia", "Luís",
        "Marina", "Nilton", "Rosa",
    ];
    const LAST_NAMES: [&str; 13] = [
        "Almeida",
        "Barros",
        "Campos",
        "Duarte",
        "Esteves",
        "Freitas",
        "Guimarães",
        "Lacerda",
        "Moura",
        "Nogueira",
        "Pires",
        "Rezende",
        "Teles",
    ];
    const TRADES: [&str; 14] = [
        "Padaria",
        "Oficina",
        "Floricultura",
        "Papelaria",
        "Mercearia",
        "Ateliê",
        "Pet Shop",
        "Marcenaria",
        "Confeitaria",
        "Barbearia",
        "Livraria",
        "Gráfica",
        "Quitanda",
        "Ótica",
    ];
    const SIGNS: [&str; 11] = [
        "do Porto",
        "Boa Vista",
        "Santa Clara",
        "Três Irmãos",
        "da Serra",
        "Central",
        "Sol Nascente",
        "do Largo",
        "Ipê",
        "Aurora",
        "da Vila",
    ];
    let pick = |words: &[&'static str]| words[number as usize % words.len()];
    let (name, company) = (
        format!("{} {}", pick(&FIRST_NAMES), pick(&LAST_NAMES)),
        format!("{} {}", pick(&TRADES), pick(&SIGNS)),
    );
    Who {
        number: FIRST + number,
        name: Name::kept(&name),
        company: Name::kept(&company),
        mailbox: format!("cliente{number}"),
        // From R$ 3.000,00 to R$ 38.500,00.
        amount: Cents::new(300_000 + i64::from(number * 7 % 72) * 50_000),
        // A few customers have the account of one of another partner, so that duplicates can be seen.
        account: FIRST + if number % 40 == 39 { number - 1 } else { number },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_hundred_customers_join_in_order_before_the_present() {
        let now = Timestamp::from_seconds(1_790_000_000);
        let all = newcomers(now);
        assert_eq!(all.len(), 200);
        assert!(all.is_sorted_by_key(|newcomer| newcomer.start));
        let oldest = now.minus(HOUR * 24 * (OLDEST_DAYS + 1));
        assert!(all.iter().all(|newcomer| newcomer.start > oldest && newcomer.start <= now.minus(HOUR)));
    }
}
