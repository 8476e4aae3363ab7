//! The past applications on which a new version of the credit policy is compared.

use store::policies::applications;

use crate::aggregates::{at, inserted, partner};
use crate::exposure::approved;
use crate::on_both;

#[test]
fn applications_are_read_newest_first_and_page_by_page() {
    on_both(|bench| {
        for number in [529_982_247, 111_444_777] {
            let file = inserted(bench, partner(bench), number, "Ana", 1);
            bench.write(move |tx| approved(tx, &file)).unwrap();
        }
        let all = bench.write(|tx| applications(tx, at(1), None, 10)).unwrap();
        assert_eq!(all.len(), 2);
        assert!(all[0].place > all[1].place);
        let place = all[0].place;
        let rest = bench.write(move |tx| applications(tx, at(1), Some(place), 10)).unwrap();
        assert_eq!(rest, all[1..]);
        assert!(bench.write(|tx| applications(tx, at(3), None, 10)).unwrap().is_empty());
    });
}
