//! From CEL to a condition: parsed, then held to the signals' names and to the one type that they have.
//!
//! The library only parses. Every variable is a number, so what is left of CEL is arithmetic, comparisons and logic;
//! no macro, no function, no text, no regular expression passes. What is nested too deeply is refused before the
//! parser sees it.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::parser::Parser;

use super::condition::{Comparison, Condition, Math, Number, Truth, Variable};
use super::thresholds::Cut;
use crate::decision::problem::nearest;
use crate::decision::signal::Signal;
use crate::domain::hazard::Hazard;
use crate::domain::order::{AddressType, Category, PaymentKind};
use crate::domain::units::to_f64;

/// Longest source in bytes.
const SOURCE_MAX: usize = 1024;

/// Deepest nesting of brackets, signs and operators.
const DEPTH_MAX: u16 = 32;

/// What is wrong with a condition, and how far into its source in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) offset: usize,
    pub(super) message: String,
}

impl Condition {
    /// Parses and checks a source.
    ///
    /// # Errors
    /// Every fault that was found.
    pub(super) fn load(source: &str) -> Result<Self, Vec<Fault>> {
        let fault = |offset, message: &str| {
            let message = message.to_owned();
            Err(vec![Fault { offset, message }])
        };
        if source.len() > SOURCE_MAX {
            return fault(0, "is longer than 1 KiB; use several conditions");
        }
        if let Some(offset) = too_deep(source) {
            return fault(offset, "is nested too deeply");
        }
        let parsed = Parser::default()
            .max_recursion_depth(DEPTH_MAX)
            .parse_with_source_info(source);
        let (tree, places) = match parsed {
            Ok(parsed) => parsed,
            Err(errors) => return Err(errors.errors.iter().map(|it| syntax(source, it)).collect()),
        };
        let mut checker = Checker {
            places: &places,
            faults: Vec::new(),
            signals: Vec::new(),
            constants: Vec::new(),
            strays: Vec::new(),
            source,
            cuts: Vec::new(),
        };
        let truth = checker.truth(&tree, 0);
        match truth {
            Some(truth) if checker.faults.is_empty() => Ok(Self {
                source: source.to_owned(),
                signals: checker.signals,
                constants: checker.constants,
                strays: checker.strays,
                cuts: checker.cuts,
                truth,
            }),
            _ => Err(checker.faults),
        }
    }
}

fn syntax(source: &str, error: &cel::ParseError) -> Fault {
    let (line, column) = error.pos;
    let before = usize::try_from(line - 1).unwrap_or(0);
    let start: usize = source
        .split_inclusive('\n')
        .take(before)
        .map(str::len)
        .sum();
    Fault {
        offset: start + usize::try_from(column - 1).unwrap_or(0),
        message: format!("is no CEL: {}", error.msg.replace('\n', "; ")),
    }
}

/// The place where brackets or signs nest deeper than the parser could bear; told from the text, before it parses.
fn too_deep(source: &str) -> Option<usize> {
    let (mut open, mut run) = (0_u16, 0_u16);
    for (offset, byte) in source.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => open = open.saturating_add(1),
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        run = match byte {
            b'!' | b'-' => run.saturating_add(1),
            b' ' | b'\t' | b'\n' | b'\r' => run,
            _ => 0,
        };
        if open > DEPTH_MAX || run > DEPTH_MAX {
            return Some(offset);
        }
    }
    None
}

struct Checker<'a> {
    source: &'a str,
    places: &'a SourceInfo,
    faults: Vec<Fault>,
    signals: Vec<Signal>,
    constants: Vec<(Signal, f64)>,
    strays: Vec<Fault>,
    cuts: Vec<Cut>,
}

impl Checker<'_> {
    fn wrong<T>(&mut self, at: &IdedExpr, message: impl Into<String>) -> Option<T> {
        let fault = self.fault(at, message.into());
        self.faults.push(fault);
        None
    }

    fn fault(&self, at: &IdedExpr, message: String) -> Fault {
        let place = self.places.offset_for(at.id).map_or(0, |(start, _)| start);
        let offset = usize::try_from(place).unwrap_or(0);
        Fault { offset, message }
    }

    /// Notes the name of a value that stands against a signal, a probability or the risk, and is no value of that.
    fn stray(&mut self, value: &IdedExpr, against: &IdedExpr) {
        if let (Expr::Ident(value_name), Expr::Ident(against)) = (&value.expr, &against.expr)
            && let Some(owner) = owner(value_name)
            && let Some(variable) = Variable::named(against)
            && variable != Variable::Signal(owner)
        {
            let message = format!(
                "`{value_name}` is a value of `{}`, and never one of `{against}`",
                owner.name()
            );
            let fault = self.fault(value, message);
            self.strays.push(fault);
        }
    }

    /// Reads an expression that must be true or false.
    fn truth(&mut self, tree: &IdedExpr, depth: u16) -> Option<Truth> {
        if depth > DEPTH_MAX {
            return self.wrong(tree, "is nested too deeply");
        }
        if let Expr::Literal(LiteralValue::Boolean(flag)) = &tree.expr {
            return Some(Truth::Literal(*flag.inner()));
        }
        let Some(call) = operation(tree) else {
            return self.other(tree, "true or false");
        };
        let name = call.func_name.as_str();
        if let Some(comparison) = comparison(name) {
            return self.compare(comparison, call, depth);
        }
        match (name, call.args.as_slice()) {
            (operators::LOGICAL_AND, [a, b]) => Some(Truth::Both(self.truths(a, b, depth)?)),
            (operators::LOGICAL_OR, [a, b]) => Some(Truth::Either(self.truths(a, b, depth)?)),
            (operators::LOGICAL_NOT, [a]) => Some(Truth::Not(Box::new(self.truth(a, depth + 1)?))),
            (operators::CONDITIONAL, [which, a, b]) => {
                let which = self.truth(which, depth + 1);
                let [a, b] = *self.truths(a, b, depth)?;
                Some(Truth::Choice(Box::new((which?, a, b))))
            }
            (operators::IN, [value, list]) => self.among(value, list, depth),
            _ => self.other(tree, "true or false"),
        }
    }

    fn truths(&mut self, a: &IdedExpr, b: &IdedExpr, depth: u16) -> Option<Box<[Truth; 2]>> {
        let (a, b) = (self.truth(a, depth + 1), self.truth(b, depth + 1));
        Some(Box::new([a?, b?]))
    }

    fn compare(&mut self, comparison: Comparison, call: &CallExpr, depth: u16) -> Option<Truth> {
        let [a, b] = call.args.as_slice() else {
            return None;
        };
        for (side, other) in [(a, b), (b, a)] {
            if let (Expr::Ident(name), Expr::Literal(LiteralValue::Boolean(flag))) =
                (&side.expr, &other.expr)
            {
                let number = if *flag.inner() { "1.0" } else { "0.0" };
                return self.wrong(other, format!("`{name}` is a number: write `{number}`"));
            }
        }
        self.stray(a, b);
        self.stray(b, a);
        let (left, right) = (self.side(a, depth + 1), self.side(b, depth + 1));
        let sides = [left?, right?];
        let cut = Cut::of(self.source, self.places, comparison, [a, b], &sides);
        self.cuts.extend(cut);
        match &sides {
            [
                Number::Variable(Variable::Signal(signal)),
                Number::Literal(number),
            ]
            | [
                Number::Literal(number),
                Number::Variable(Variable::Signal(signal)),
            ] => {
                self.constants.push((*signal, *number));
            }
            _ => {}
        }
        Some(Truth::Compare(comparison, Box::new(sides)))
    }

    fn among(&mut self, value: &IdedExpr, list: &IdedExpr, depth: u16) -> Option<Truth> {
        let Expr::List(list) = &list.expr else {
            return self.wrong(list, "must be a list, as in `[1.0, 2.0]`");
        };
        for entry in &list.elements {
            self.stray(entry, value);
        }
        let value = self.side(value, depth + 1);
        let entries: Vec<Number> = list
            .elements
            .iter()
            .filter_map(|it| self.side(it, depth + 1))
            .collect();
        let value = value?;
        if let Number::Variable(Variable::Signal(signal)) = value {
            for entry in &entries {
                if let Number::Literal(number) = entry {
                    self.constants.push((signal, *number));
                }
            }
        }
        (entries.len() == list.elements.len()).then(|| Truth::Among(Box::new(value), entries))
    }

    /// One side of a comparison: here, unlike in arithmetic, CEL takes whole numbers beside doubles.
    fn side(&mut self, tree: &IdedExpr, depth: u16) -> Option<Number> {
        match whole(tree) {
            Some(number) => Some(Number::Literal(number)),
            None => self.number(tree, depth),
        }
    }

    /// Reads an expression that must be a double.
    fn number(&mut self, tree: &IdedExpr, depth: u16) -> Option<Number> {
        if depth > DEPTH_MAX {
            return self.wrong(tree, "is nested too deeply");
        }
        if let Some(number) = whole(tree) {
            return self.wrong(
                tree,
                format!("CEL does not calculate with whole and decimal numbers together: write `{number:?}`"),
            );
        }
        if let Expr::Literal(LiteralValue::Double(number)) = &tree.expr {
            return Some(Number::Literal(*number.inner()));
        }
        if let Expr::Ident(name) = &tree.expr {
            return self.variable(tree, name);
        }
        let Some(call) = operation(tree) else {
            return self.other(tree, "a number");
        };
        let math = match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::NEGATE, [a]) => {
                return Some(Number::Negated(Box::new(self.number(a, depth + 1)?)));
            }
            (operators::CONDITIONAL, [which, a, b]) => {
                let which = self.truth(which, depth + 1);
                let (a, b) = (self.number(a, depth + 1), self.number(b, depth + 1));
                return Some(Number::Choice(Box::new((which?, a?, b?))));
            }
            (operators::ADD, [_, _]) => Math::Add,
            (operators::SUBSTRACT, [_, _]) => Math::Subtract,
            (operators::MULTIPLY, [_, _]) => Math::Multiply,
            (operators::DIVIDE, [_, _]) => Math::Divide,
            _ => return self.other(tree, "a number"),
        };
        let mut sides = call.args.iter().map(|it| self.number(it, depth + 1));
        let (a, b) = (sides.next().flatten(), sides.next().flatten());
        Some(Number::Math(math, Box::new([a?, b?])))
    }

    fn variable(&mut self, tree: &IdedExpr, name: &str) -> Option<Number> {
        if let Some(number) = constant(name) {
            return Some(Number::Literal(number));
        }
        let Some(variable) = Variable::named(name) else {
            let names = names();
            let meant = nearest(name, names.iter().map(String::as_str))
                .map_or_else(String::new, |it| format!("; `{it}` was meant, perhaps"));
            return self.wrong(tree, format!("no signal is called `{name}`{meant}"));
        };
        if let Variable::Signal(signal) = variable
            && !self.signals.contains(&signal)
        {
            self.signals.push(signal);
        }
        Some(Number::Variable(variable))
    }

    /// Says of an expression of another kind what is wrong with it.
    fn other<T>(&mut self, tree: &IdedExpr, expected: &str) -> Option<T> {
        let found = match &tree.expr {
            Expr::Call(call) if known_operator(&call.func_name) => {
                format!("must be {expected}")
            }
            Expr::Call(call) => format!("there is no function `{}` here", call.func_name),
            Expr::Comprehension(_) => {
                "macros (`all`, `exists`, `map`, `filter`) are not allowed".to_owned()
            }
            Expr::Ident(name) => {
                self.variable(tree, name)?;
                format!("`{name}` is a number; compare it, as in `{name} > 0.0`")
            }
            Expr::Literal(_) => format!("must be {expected}"),
            Expr::List(_) => "a list stands only after `in`".to_owned(),
            Expr::Select(_) => "signals have no fields, and `has` is not allowed".to_owned(),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                format!("must be {expected}; maps and messages are not allowed")
            }
        };
        self.wrong(tree, found)
    }
}

/// A whole number's literal, with its sign.
fn whole(tree: &IdedExpr) -> Option<f64> {
    if let Expr::Literal(LiteralValue::Int(number)) = &tree.expr {
        return Some(to_f64(*number.inner()));
    }
    if let Expr::Literal(LiteralValue::UInt(number)) = &tree.expr {
        return i64::try_from(*number.inner()).ok().map(to_f64);
    }
    match operation(tree).map(|call| (call.func_name.as_str(), call.args.as_slice())) {
        Some((operators::NEGATE, [one])) => whole(one).map(|it| -it),
        _ => None,
    }
}

/// An operator with its operands; no method.
fn operation(tree: &IdedExpr) -> Option<&CallExpr> {
    match &tree.expr {
        Expr::Call(call) if call.target.is_none() => Some(call),
        Expr::Call(_)
        | Expr::Comprehension(_)
        | Expr::Ident(_)
        | Expr::List(_)
        | Expr::Literal(_)
        | Expr::Map(_)
        | Expr::Select(_)
        | Expr::Struct(_)
        | Expr::Unspecified => None,
    }
}

fn comparison(operator: &str) -> Option<Comparison> {
    match operator {
        operators::LESS => Some(Comparison::Less),
        operators::LESS_EQUALS => Some(Comparison::AtMost),
        operators::GREATER => Some(Comparison::Greater),
        operators::GREATER_EQUALS => Some(Comparison::AtLeast),
        operators::EQUALS => Some(Comparison::Equal),
        operators::NOT_EQUALS => Some(Comparison::Unequal),
        _ => None,
    }
}

fn known_operator(name: &str) -> bool {
    !name.starts_with(char::is_alphabetic)
}

/// The number behind a category's name, as `ADDRESS_TYPE_FLAT`, `CATEGORY_PHONE` or `PAYMENT_KIND_CARD`.
fn constant(name: &str) -> Option<f64> {
    named(name).map(|(_, number)| number)
}

/// The signal whose value the name is.
fn owner(name: &str) -> Option<Signal> {
    named(name).map(|(signal, _)| signal)
}

fn named(name: &str) -> Option<(Signal, f64)> {
    let (signal, number) = if let Some(rest) = name.strip_prefix("ADDRESS_TYPE_") {
        let found = AddressType::from_name(rest).map(AddressType::number);
        (Signal::Dwelling, found)
    } else if let Some(rest) = name.strip_prefix("CATEGORY_") {
        let found = Category::from_name(rest).map(Category::number);
        (Signal::Category, found)
    } else if let Some(rest) = name.strip_prefix("PAYMENT_KIND_") {
        let found = PaymentKind::from_name(rest).map(PaymentKind::number);
        (Signal::PaymentKind, found)
    } else {
        return None;
    };
    number.map(|it| (signal, f64::from(it)))
}

/// Every name that a condition may use.
fn names() -> Vec<String> {
    let signals = Signal::ALL.iter().map(|it| it.name().to_owned());
    let hazards = Hazard::ALL.iter().map(|it| format!("p_{}", it.key()));
    let dwellings = AddressType::ALL
        .iter()
        .map(|it| format!("ADDRESS_TYPE_{}", it.name()));
    let categories = Category::ALL
        .iter()
        .map(|it| format!("CATEGORY_{}", it.name()));
    let kinds = PaymentKind::ALL
        .iter()
        .map(|it| format!("PAYMENT_KIND_{}", it.name()));
    signals
        .chain(hazards)
        .chain(dwellings)
        .chain(categories)
        .chain(kinds)
        .chain(std::iter::once("risk".to_owned()))
        .collect()
}

#[cfg(test)]
mod tests;
