//! Tests of judged: what its sentences promise.

use super::*;

fn run(world: &str, seed: u64, row: &str, lost: f64, spent: f64) -> Run {
    let bothered = if row == NOTHING { 0.0 } else { 50.0 };
    Run {
        world: world.to_owned(),
        seed,
        row: row.to_owned(),
        sums: Sums {
            orders: 1_000.0,
            lost: [lost, 0.0, 0.0, 0.0, 0.0],
            verification: spent,
            losses: lost / 100.0,
            bothered,
            honest_customers: bothered,
            ..Sums::default()
        },
        setting: None,
    }
}

/// Two worlds and three seeds: "ours" is 300 cheaper than nothing, whatever the seed does to both.
fn runs() -> Vec<Run> {
    let mut runs = Vec::new();
    for (world, base) in [("calm", 1_000.0), ("wild", 5_000.0)] {
        for (seed, luck) in [(1, -400.0), (2, 0.0), (3, 500.0)] {
            let wobble = luck / 100.0;
            runs.push(run(world, seed, NOTHING, base + luck, 0.0));
            runs.push(run(
                world,
                seed,
                "ours",
                base + luck - 500.0 + wobble,
                200.0,
            ));
        }
    }
    runs
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|it| (*it).to_owned()).collect()
}

#[test]
fn rows_are_compared_by_pairs_of_seeds_in_each_world_and_in_all_together() {
    let sheets = sheets(
        &runs(),
        &names(&["calm", "wild"]),
        &names(&["none", "ours"]),
        "ours",
    );
    let worlds: Vec<_> = sheets.iter().map(|it| it.world.as_deref()).collect();
    assert_eq!(worlds, [None, Some("calm"), Some("wild")]);
    for sheet in &sheets {
        let [nothing, ours] = &sheet.lines[..] else {
            panic!("{sheet:?}")
        };
        assert_eq!(nothing.standing(), Some(Standing::Cheaper), "{nothing:?}");
        let dearer = nothing.dearer.unwrap();
        assert!((dearer.mean - 300.0).abs() < 1.0, "{dearer:?}");
        assert!(
            dearer.half.unwrap() < 20.0,
            "the seed's luck drops out: {dearer:?}"
        );
        assert!(nothing.figure(Column::Total).unwrap().half.unwrap() > 500.0);
        assert_eq!((ours.dearer, ours.standing()), (None, None));
    }
    let together = sheets[0].lines[1].figure(Column::Total).unwrap();
    assert!(
        (together.mean - 2_733.67).abs() < 0.01,
        "of a thousand orders of both: {together:?}"
    );
}

#[test]
fn a_row_that_bothers_nobody_has_no_bother_for_each_loss_and_one_that_does_has() {
    let sheets = sheets(
        &runs(),
        &names(&["calm"]),
        &names(&["none", "ours"]),
        "ours",
    );
    let of = |line: usize| sheets[1].lines[line].figure(Column::HonestPerLoss);
    assert_eq!(of(0), None);
    // 50 customers for about 5 losses prevented.
    assert!((of(1).unwrap().mean - 10.0).abs() < 0.1);
}

#[test]
fn a_row_that_a_world_lacks_is_not_summed_up_over_all() {
    let mut runs = runs();
    runs.push(run("calm", 1, "late", 900.0, 0.0));
    let sheets = sheets(
        &runs,
        &names(&["calm", "wild"]),
        &names(&["none", "late"]),
        "none",
    );
    let rows = |sheet: usize| {
        sheets[sheet]
            .lines
            .iter()
            .map(|it| it.row.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(0), ["none"]);
    assert_eq!(rows(1), ["none", "late"]);
    assert_eq!(rows(2), ["none"]);
    assert_eq!(
        sheets[1].lines[1].standing(),
        None,
        "one seed against three is no pair"
    );
}
