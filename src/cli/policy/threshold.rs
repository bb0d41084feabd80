//! How much of a policy its cases must reach.

use std::str::FromStr;

use crate::cli::exit::{self, Failure};
use crate::decision::coverage::{Kind, Reached};

/// So many per cent of one kind, or of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Threshold {
    /// None: each.
    kind: Option<Kind>,
    /// 0 to 100.
    percent: u8,
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, number) = match text.split_once('=') {
            None => (None, text),
            Some((name, number)) => {
                let kind = Kind::ALL.into_iter().find(|it| it.name() == name);
                let names = Kind::ALL.map(Kind::name).join(", ");
                let kind = kind.ok_or_else(|| format!("`{name}` is none of {names}"))?;
                (Some(kind), number)
            }
        };
        let percent = number.parse().ok().filter(|it| *it <= 100);
        let percent =
            percent.ok_or_else(|| format!("`{number}` is no whole number of 0 to 100"))?;
        Ok(Self { kind, percent })
    }
}

/// Says on standard error what was reached too little of.
///
/// # Errors
/// [`Failure::Findings`] where something was.
pub(super) fn hold(wanted: &[Threshold], reached: &[Reached]) -> Result<(), Failure> {
    let mut enough = true;
    for it in reached {
        // The word on the kind itself goes before the word on each.
        let own = wanted.iter().rev().find(|of| of.kind == Some(it.kind));
        let any = wanted.iter().rev().find(|of| of.kind.is_none());
        let Some(least) = own.or(any).map(|of| of.percent) else {
            continue;
        };
        if !it.is_at_least(least) {
            enough = false;
            exit::say(format_args!(
                "{}: {} of {} reached, {least} % wanted",
                it.kind.name(),
                it.reached(),
                it.of,
            ));
        }
    }
    if enough {
        Ok(())
    } else {
        Err(Failure::Findings)
    }
}

#[cfg(test)]
mod tests {
    use super::{Threshold, hold};
    use crate::decision::coverage::{Kind, Missing, Reached};

    fn reached(kind: Kind, reached: usize, of: usize) -> Reached {
        let missing = Missing {
            what: "x".to_owned(),
            which: "y".to_owned(),
        };
        Reached {
            kind,
            of,
            missing: vec![missing; of - reached],
        }
    }

    #[test]
    fn a_threshold_holds_for_each_kind_but_those_with_a_word_of_their_own() {
        let all = [
            reached(Kind::Rules, 0, 0),
            reached(Kind::Constraints, 9, 10),
            reached(Kind::Bins, 1, 3),
        ];
        let check = |text: &str, expected: bool| {
            let wanted: Vec<Threshold> = text.split(',').map(|it| it.parse().unwrap()).collect();
            assert_eq!(hold(&wanted, &all).is_ok(), expected, "{text}");
        };
        check("33", true);
        check("34", false);
        check("90,bins=33", true);
        check("bins=33,91", false);
        check("rules=100", true);
        check("constraints=91", false);
    }

    #[test]
    fn what_is_no_threshold_is_refused_with_what_would_be_right() {
        let check = |text: &str, expected: &str| {
            assert_eq!(text.parse::<Threshold>().unwrap_err(), expected);
        };
        check("101", "`101` is no whole number of 0 to 100");
        check(
            "rule=5",
            "`rule` is none of rules, constraints, bins, effects",
        );
        check("bins=", "`` is no whole number of 0 to 100");
    }
}
