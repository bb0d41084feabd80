//! Two policies compared: what one says and the other does not, line by line.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::{Group, Line, Lines, RuleLines};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// As in `costs.messages.otp`, `rules[dear-and-risky]` or `rules[dear-and-risky].when`.
    pub path: String,
    /// What it belongs to.
    pub group: Group,
    /// What changed, in words.
    pub subject: String,
    /// What was said before, for people; none: nothing was.
    pub before: Option<String>,
    /// What is said now, for people; none: nothing is.
    pub after: Option<String>,
    /// The same two as plain text.
    pub plain: [Option<String>; 2],
}

impl Lines {
    /// What `after` says otherwise, more, or no more, in the order of [`Group`].
    #[must_use]
    pub fn changes(&self, after: &Self) -> Vec<Change> {
        let mut changes = compared(&self.lines, &after.lines);
        rules(&self.rules, &after.rules, &mut changes);
        if self.strata != after.strata {
            let names = |it: &Self| Some(it.strata.join(", "));
            changes.push(Change::of(
                "random_checks.strata",
                Group::RandomChecks,
                "strata, the first that holds an order decides",
                [names(self), names(after)],
            ));
        }
        changes.sort_by_key(|it| it.group);
        changes
    }
}

impl Change {
    fn of(path: &str, group: Group, subject: &str, sides: [Option<String>; 2]) -> Self {
        let [before, after] = sides.clone();
        Self {
            path: path.to_owned(),
            group,
            subject: subject.to_owned(),
            before,
            after,
            plain: sides,
        }
    }
}

/// Lines of the same path with another value, and those of one side alone.
fn compared(before: &[Line], after: &[Line]) -> Vec<Change> {
    let by_path = |lines: &'_ [Line]| -> BTreeMap<String, Line> {
        let pairs = lines.iter().map(|it| (it.path.clone(), it.clone()));
        pairs.collect()
    };
    let (olds, news) = (by_path(before), by_path(after));
    let gone = before.iter().filter(|it| !news.contains_key(&it.path));
    let mut changes = Vec::new();
    for line in after.iter().chain(gone) {
        let [old, new] = [olds.get(&line.path), news.get(&line.path)];
        if old.map(|it| &it.plain) == new.map(|it| &it.plain) {
            continue;
        }
        changes.push(Change {
            path: line.path.clone(),
            group: line.group,
            subject: line.words(),
            before: old.map(|it| it.value.clone()),
            after: new.map(|it| it.value.clone()),
            plain: [old, new].map(|it| it.map(|it| it.plain.clone())),
        });
    }
    changes
}

fn rules(before: &[RuleLines], after: &[RuleLines], changes: &mut Vec<Change>) {
    let of = |rules: &'_ [RuleLines], id: &str| rules.iter().position(|it| it.id == id);
    let whole = |rule: &RuleLines| Some(rule.sentence.clone());
    let path = |rule: &RuleLines| format!("rules[{}]", rule.id);
    for rule in after {
        let Some(old) = of(before, &rule.id).and_then(|it| before.get(it)) else {
            let subject = format!("{}: added", rule.id);
            let sides = [None, whole(rule)];
            changes.push(Change::of(&path(rule), Group::Rules, &subject, sides));
            continue;
        };
        conditions(old, rule, changes);
        changes.extend(compared(&old.lines, &rule.lines));
    }
    for rule in before.iter().filter(|it| of(after, &it.id).is_none()) {
        let subject = format!("{}: removed", rule.id);
        let sides = [whole(rule), None];
        changes.push(Change::of(&path(rule), Group::Rules, &subject, sides));
    }
    let both = |rules: &[RuleLines], others: &[RuleLines]| -> Vec<String> {
        let kept = rules.iter().filter(|it| of(others, &it.id).is_some());
        kept.map(|it| it.id.clone()).collect()
    };
    let (old, new) = (both(before, after), both(after, before));
    if old != new {
        let sides = [old, new].map(|it| Some(it.join(", ")));
        let subject = "order of the rules, which changes no answer";
        changes.push(Change::of("rules", Group::Rules, subject, sides));
    }
}

/// Conditions of one side alone; one for one is a change of that condition.
fn conditions(before: &RuleLines, after: &RuleLines, changes: &mut Vec<Change>) {
    if before.when == after.when {
        return;
    }
    let path = format!("rules[{}].when", after.id);
    let alone = |own: &[String], other: &[String]| -> Vec<String> {
        let other: BTreeSet<&String> = other.iter().collect();
        let own = own.iter().filter(|it| !other.contains(it));
        own.cloned().collect()
    };
    let olds = alone(&before.when, &after.when);
    let news = alone(&after.when, &before.when);
    let mut change = |subject: &str, sides: [Option<String>; 2]| {
        let subject = format!("{}: {subject}", after.id);
        changes.push(Change::of(&path, Group::Rules, &subject, sides));
    };
    match (olds.as_slice(), news.as_slice()) {
        ([], []) => {
            let sides = [&before.when, &after.when].map(|it| Some(it.join(" and ")));
            change("order or number of its conditions", sides);
        }
        ([old], [new]) => change("condition", [Some(old.clone()), Some(new.clone())]),
        (olds, news) => {
            for new in news {
                change("condition added", [None, Some(new.clone())]);
            }
            for old in olds {
                change("condition removed", [Some(old.clone()), None]);
            }
        }
    }
}

#[cfg(test)]
mod tests;
