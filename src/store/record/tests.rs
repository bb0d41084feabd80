//! Whatever is stored is read again, bit for bit.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};

use super::dice::Dice;
use super::{
    Anchor, Packs as _, Record, Room, address, columns, customer, dossier, event, link, read,
    read_address, read_customer, read_dossier, read_event, read_link, seal,
};
use crate::domain::dossier::Dossier;
use crate::domain::profile::{Address, Customer, Link};
use crate::domain::units::Digest;

fn again(record: Record) -> (Record, Record) {
    let sealed = seal(record);
    let columns = columns(&sealed.record);
    let back = read(columns, &sealed.body, &sealed.personal).unwrap();
    (
        Arc::unwrap_or_clone(sealed.record),
        Arc::unwrap_or_clone(back),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_record_is_read_as_it_was(seed in any::<u64>()) {
        let (record, back) = again(Dice::new(seed).record());
        assert_eq!(record, back);
        let bits = |record: &Record| {
            let costs = record.decision.costs.iter();
            costs.flat_map(|it| it.terms).map(f64::to_bits).collect::<Vec<_>>()
        };
        assert_eq!(bits(&record), bits(&back));
    }

    #[test]
    fn what_is_read_first_leaves_nothing_to_what_is_read_next(seeds in vec(any::<u64>(), 2..6)) {
        let mut room = Room::default();
        for seed in seeds {
            let mut dice = Dice::new(seed);
            let sealed = seal(dice.record());
            let (row, broken) = (dice.dossier(), sealed.body.len() / 2);
            let columns = || columns(&sealed.record);
            let fresh = read(columns(), &sealed.body[..broken], &sealed.personal);
            assert_eq!(room.record(columns(), &sealed.body[..broken], &sealed.personal), fresh);
            let back = room.record(columns(), &sealed.body, &sealed.personal);
            assert_eq!(back.as_ref(), Ok(&sealed.record));
            assert_eq!(room.dossier(&dossier(&row, None), None), Ok(row));
        }
    }

    #[test]
    fn a_dossier_is_read_as_it_was(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let row = dice.dossier();
        let strange = dice.anchor();
        let own = row.latest.as_ref().map(|it| Anchor {
            seq: 1,
            decision_id: it.decision_id.clone(),
            revision: it.revision,
            decided_at: it.decided_at,
            content: it.content,
            digest: it.record,
        });
        for anchor in [None, Some(&strange), own.as_ref()] {
            assert_eq!(read_dossier(&dossier(&row, anchor), anchor), Ok(row.clone()));
        }
    }

    #[test]
    fn profiles_are_read_as_they_were(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let row = dice.customer();
        assert_eq!(read_customer(&customer(&row), row.salt), Ok(row));
        let row = dice.address();
        assert_eq!(read_address(&address(&row)), Ok(row));
        let row = dice.link();
        assert_eq!(read_link(&link(&row)), Ok(row));
    }

    #[test]
    fn packed_rows_come_back_as_they_were(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let row = dice.dossier();
        assert_eq!(Dossier::unpacked(&row.packed()), Some(row));
        let row = dice.customer();
        assert_eq!(Customer::unpacked(&row.packed()), Some(row));
        let row = dice.address();
        assert_eq!(Address::unpacked(&row.packed()), Some(row));
        let row = dice.link();
        assert_eq!(Link::unpacked(&row.packed()), Some(row));
    }

    #[test]
    fn an_event_is_read_as_it_was(seed in any::<u64>()) {
        let kind = Dice::new(seed).event();
        assert_eq!(read_event(kind.name(), &event(&kind)), Ok(kind));
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in vec(any::<u8>(), 0..64), seed in any::<u64>()) {
        let sealed = seal(Dice::new(seed).record());
        drop(read(columns(&sealed.record), &bytes, &sealed.personal));
        drop(read(columns(&sealed.record), &sealed.body, &bytes));
        drop(read_dossier(&bytes, None));
        drop(read_customer(&bytes, None));
        drop(read_address(&bytes));
        drop(read_link(&bytes));
        drop(read_event("claim_opened", &bytes));
    }
}

#[test]
fn a_digest_depends_on_everything_and_on_nothing_else() {
    let record = Dice::new(7).record();
    let digest = seal(record.clone()).record.digest;
    let check = |what: &str, change: &dyn Fn(&mut Record)| {
        let mut other = record.clone();
        change(&mut other);
        assert_ne!(seal(other).record.digest, digest, "{what}");
    };
    assert_eq!(seal(record.clone()).record.digest, digest);
    check("before", &|it| it.before = Digest([1; 32]));
    check("salt", &|it| it.salt = [9; 32]);
    check("content", &|it| it.content = Digest([2; 32]));
    check("revision", &|it| it.revision += 1);
    check("risk", &|it| it.decision.risk += 0.25);
    check("a term", &|it| it.decision.costs[0].terms[0] += 0.25);
    check("an item", &|it| {
        Arc::make_mut(&mut it.situation.order).items[0].quantity += 1;
    });
    check("a version", &|it| {
        Arc::make_mut(&mut it.versions).policy.id.push('x');
    });
    let mut other = record.clone();
    other.digest = Digest([3; 32]);
    assert_eq!(
        seal(other).record.digest,
        digest,
        "the digest itself is not in it"
    );
}
