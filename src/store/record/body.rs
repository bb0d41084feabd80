//! What of a record names nobody: signals, numbers, chance and reasons; to its stored message and back.

use super::parts::{
    Broken, FORMAT, FloatReader, Floats, count, each, factor, known, number, of_number, product,
    same_length,
};
use super::stored;
use crate::decision::answer::{
    ActionCost, Chance, CheckKind, Contribution, Decision, Draw, HazardScore, RandomCheck,
    SkippedRule, Term,
};
use crate::decision::reasons::{Code, Reason};
use crate::decision::record::Record;
use crate::decision::signal::{Signal, Signals};
use crate::decision::situation::{Asked, CarrierAbility, Change, Changed, Used};
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::ids::KeyId;
use crate::domain::order::ContactKind;
use crate::domain::profile::Ratchet;
use crate::domain::units::{Currency, Timestamp, probability};

const CODE_READY: u32 = 1;
const RESTRICTED: u32 = 1 << 1;
const UNSEALED: u32 = 1 << 2;
const REVIEW_LAPSED: u32 = 1 << 3;
const DRAW: u32 = 1 << 4;
const CHECK: u32 = 1 << 5;
const SAME_DRAW: u32 = 1 << 6;
const DRAWN: u32 = 1 << 7;
const VERIFIED: u32 = 1 << 8;
const SPARED: u32 = 1 << 9;
const RATCHETED: u32 = 1 << 10;
const ODD_RISK: u32 = 1 << 11;

/// Whether a column of floats keeps all bits of this value.
pub(super) fn fits_column(value: f64) -> bool {
    value.is_finite() && value.to_bits() != (-0.0_f64).to_bits()
}

/// Numbers, one bit a place.
fn bits(places: impl IntoIterator<Item = bool>) -> u32 {
    let set = |(place, on)| if on { 1_u32 << place } else { 0 };
    places
        .into_iter()
        .zip(0..32)
        .map(|(on, place)| set((place, on)))
        .sum()
}

fn has(mask: u32, place: usize) -> bool {
    mask.checked_shr(u32::try_from(place).unwrap_or(32))
        .unwrap_or(0)
        & 1
        == 1
}

/// The message of a record.
pub(super) fn body(record: &Record) -> stored::Body {
    let (situation, decision) = (&record.situation, &record.decision);
    let mut floats = Floats::default();
    let signals: Vec<Signal> = present(&situation.signals).collect();
    for signal in &signals {
        floats.put(situation.signals.get(*signal).unwrap_or_default());
    }
    floats.put(situation.base_cents);
    situation.resale.iter().for_each(|it| floats.put(*it));
    let mut body = stored::Body {
        format: FORMAT,
        signals: signal_bits(&signals),
        base: situation.base.code().to_owned(),
        now: (situation.now != record.decided_at).then_some(situation.now.as_micros()),
        own_parcels: situation.own_parcels,
        other_parcels: situation.other_parcels,
        change_times: situation
            .changes
            .iter()
            .map(|it| it.at.as_micros())
            .collect(),
        changes: situation
            .changes
            .iter()
            .map(|it| changed(it.what))
            .collect(),
        capabilities: situation
            .carrier
            .capabilities
            .iter()
            .copied()
            .map(number)
            .collect(),
        inspection_s: situation.carrier.inspection_s,
        weakly_packed: situation
            .weakly_packed
            .iter()
            .map(|it| place(*it))
            .collect(),
        resale_count: place(situation.resale.len()),
        ratchet_before: ratchet(record.chance.ratchet),
        ratchet_after: ratchet(decision.ratchet),
        obligations: decision.obligations.iter().copied().map(number).collect(),
        propensities: decision.propensities.to_vec(),
        skipped_rules: decision.skipped_rules.iter().map(skipped).collect(),
        flags: flags(record),
        other_draw: other_draw(record),
        asked_90d: situation.asked.map(|it| it.asked_90d),
        orders_90d: situation.asked.unwrap_or_default().orders_90d,
        reviews_today: situation.used.map(|it| it.reviews_today),
        spared_week_micro: situation.used.unwrap_or_default().spared_week_micro,
        ..stored::Body::default()
    };
    costs(&mut body, &mut floats, decision);
    hazards(&mut body, &mut floats, decision);
    if !fits_column(decision.risk) {
        floats.put(decision.risk);
    }
    reasons(&mut body, &mut floats, decision, &situation.signals);
    body.reals = Some(floats.finish());
    // Lists of nothing but zeros are as good as none.
    for list in [&mut body.infeasible_counts, &mut body.contribution_pairs] {
        if list.iter().all(|it| *it == 0) {
            list.clear();
        }
    }
    if body.reason_log_odds.iter().all(|it| *it == 0) {
        body.reason_log_odds.clear();
    }
    body
}

fn place(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn present(signals: &Signals) -> impl Iterator<Item = Signal> {
    Signal::ALL
        .iter()
        .copied()
        .filter(|it| signals.get(*it).is_some())
}

/// A bit for each number.
fn signal_bits(signals: &[Signal]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in signals.iter().map(|it| it.number()) {
        let place = usize::try_from(number / 8).unwrap_or(0);
        if bytes.len() <= place {
            bytes.resize(place + 1, 0);
        }
        if let Some(byte) = bytes.get_mut(place) {
            *byte |= 1 << (number % 8);
        }
    }
    bytes
}

/// The numbers of the bits that are set, in the order in which signals stand.
fn read_signals(bytes: &[u8]) -> Result<Vec<Signal>, Broken> {
    let mut signals = Vec::with_capacity(Signal::COUNT);
    for (number, byte) in (0_u32..).step_by(8).zip(bytes) {
        for bit in (0..8).filter(|bit| byte >> bit & 1 == 1) {
            signals.push(Signal::from_number(number + bit).ok_or(Broken)?);
        }
    }
    signals.sort_unstable();
    Ok(signals)
}

fn changed(what: Changed) -> u32 {
    match what {
        Changed::Address => 0,
        Changed::Password => 1,
        Changed::Contact(kind) => 2 + number(kind),
    }
}

fn skipped(rule: &SkippedRule) -> stored::SkippedRule {
    let SkippedRule { rule, signal } = rule.clone();
    stored::SkippedRule { rule, signal }
}

/// Nine numbers, or none where all are zero.
pub(super) fn ratchet(ratchet: Ratchet) -> Vec<u32> {
    if ratchet == Ratchet::default() {
        Vec::new()
    } else {
        ratchet.0.concat()
    }
}

/// A ratchet as read.
pub(super) fn read_ratchet(numbers: &[u32]) -> Result<Ratchet, Broken> {
    let mut ratchet = Ratchet::default();
    if !numbers.is_empty() {
        same_length(numbers.len(), 9)?;
        let places = ratchet.0.iter_mut().flatten();
        places
            .zip(numbers)
            .for_each(|(place, number)| *place = *number);
    }
    Ok(ratchet)
}

fn flags(record: &Record) -> u32 {
    let (situation, decision) = (&record.situation, &record.decision);
    let check = decision.random_check.as_ref();
    let kind = check.and_then(|it| it.kind);
    bits([
        situation.carrier.code_ready,
        situation.restricted,
        situation.unsealed,
        situation.review_lapsed,
        record.chance.draw.is_some(),
        check.is_some(),
        check.is_some() && other_draw(record).is_none(),
        check.is_some_and(|it| it.drawn),
        kind == Some(CheckKind::Verified),
        kind == Some(CheckKind::Spared),
        check.is_some_and(|it| it.ratcheted),
        !fits_column(decision.risk),
    ])
}

/// The draw of the random check, where it is not the one brought in.
fn other_draw(record: &Record) -> Option<stored::Draw> {
    let check = record.decision.random_check.as_ref()?;
    let same = |it: &Draw| {
        (&it.key_id, it.slot, it.counter, it.draw_micro)
            == (&check.key_id, check.slot, check.counter, check.draw_micro)
    };
    (!record.chance.draw.as_ref().is_some_and(same)).then(|| stored::Draw {
        key_id: check.key_id.as_str().to_owned(),
        slot: check.slot,
        counter: check.counter,
        draw_micro: check.draw_micro,
    })
}

fn sum(terms: &[f64]) -> f64 {
    terms.iter().fold(0.0, |sum, term| sum + term)
}

fn costs(body: &mut stored::Body, floats: &mut Floats, decision: &Decision) {
    let odd = |cost: &ActionCost| cost.total.to_bits() != sum(&cost.terms).to_bits();
    body.feasible = bits(decision.costs.iter().map(|it| it.feasible));
    let first = decision.costs.first();
    for (place, cost) in decision.costs.iter().enumerate() {
        let (mut written, mut multiples) = ([false; Term::COUNT], [false; Term::COUNT]);
        let first = first
            .filter(|_| place > 0)
            .map(|it| it.terms)
            .unwrap_or_default();
        let rows = written.iter_mut().zip(&mut multiples);
        for ((value, of), (written, multiple)) in cost.terms.iter().zip(first).zip(rows) {
            if let Some(factor) = factor(*value, of) {
                *multiple = true;
                body.factors.push(factor);
            } else if value.to_bits() != 0 {
                *written = true;
                floats.put(*value);
            }
        }
        body.terms.push(bits(written));
        body.multiples.push(bits(multiples));
        body.infeasible_counts
            .push(self::place(cost.infeasible_because.len()));
        for code in &cost.infeasible_because {
            put_code(&mut body.infeasible_codes, &mut body.rules, code);
        }
    }
    body.odd_totals = bits(decision.costs.iter().map(odd));
    let totals = decision.costs.iter().filter(|it| odd(it));
    totals.for_each(|it| floats.put(it.total));
}

fn put_code(codes: &mut Vec<u32>, rules: &mut Vec<String>, code: &Code) {
    codes.push(code.number());
    if let Code::Rule(id) = code {
        rules.push(id.clone());
    }
}

fn hazards(body: &mut stored::Body, floats: &mut Floats, decision: &Decision) {
    let odd_sum = |it: &HazardScore| it.log_odds != added(it.base, &it.contributions);
    let odd_probability =
        |it: &HazardScore| it.probability.to_bits() != probability(it.log_odds).to_bits();
    for score in &decision.hazards {
        body.hazard_bases.push(score.base);
        body.contribution_counts
            .push(place(score.contributions.len()));
        for one in &score.contributions {
            body.contribution_signals.push(one.signal.number());
            body.contribution_pairs
                .push(one.with.map_or(0, Signal::number));
            body.contribution_log_odds.push(one.log_odds);
        }
        if odd_sum(score) {
            body.log_odds.push(score.log_odds);
        }
        if odd_probability(score) {
            floats.put(score.probability);
        }
    }
    body.odd_log_odds = bits(decision.hazards.iter().map(odd_sum));
    body.odd_probabilities = bits(decision.hazards.iter().map(odd_probability));
}

fn added(base: i64, contributions: &[Contribution]) -> i64 {
    let add = |sum: i64, it: &Contribution| sum.wrapping_add(it.log_odds);
    contributions.iter().fold(base, add)
}

fn reasons(body: &mut stored::Body, floats: &mut Floats, decision: &Decision, signals: &Signals) {
    for reason in &decision.reasons {
        put_code(&mut body.reason_codes, &mut body.rules, &reason.code);
        body.reason_hazards.push(super::parts::code(reason.hazard));
        body.reason_signals
            .push(reason.signal.map_or(0, Signal::number));
        let said = said(&decision.hazards, reason.hazard, reason.signal);
        body.reason_log_odds
            .push(reason.contribution.wrapping_sub(said));
        let own = reason
            .signal
            .and_then(|it| signals.get(it))
            .map(f64::to_bits);
        body.reason_values.push(match reason.value {
            None => 0,
            Some(value) if own == Some(value.to_bits()) => 1,
            Some(_) => 2,
        });
        if let (Some(2), Some(value)) = (body.reason_values.last(), reason.value) {
            floats.put(value);
        }
        floats.put(reason.cost_cents);
    }
}

/// What a hazard's contributions say of a signal alone: mostly what a reason says too.
fn said(hazards: &[HazardScore], hazard: Option<Hazard>, signal: Option<Signal>) -> i64 {
    let of = hazards.iter().find(|it| Some(it.hazard) == hazard);
    let contributions = of.map_or(&[][..], |it| &it.contributions);
    contributions
        .iter()
        .find(|it| Some(it.signal) == signal && it.with.is_none())
        .map_or(0, |it| it.log_odds)
}

/// What is read from a body: parts of situation, chance and decision.
pub(super) struct Read {
    pub(super) signals: Signals,
    pub(super) base: Currency,
    pub(super) base_cents: f64,
    pub(super) resale: Vec<f64>,
    pub(super) now: Option<Timestamp>,
    pub(super) changes: Vec<Change>,
    pub(super) carrier: CarrierAbility,
    pub(super) weakly_packed: Vec<usize>,
    pub(super) restricted: bool,
    pub(super) unsealed: bool,
    pub(super) review_lapsed: bool,
    pub(super) asked: Option<Asked>,
    pub(super) used: Option<Used>,
    pub(super) own_parcels: Option<u32>,
    pub(super) other_parcels: u32,
    pub(super) chance: Chance,
    pub(super) random_check: Option<RandomCheck>,
    pub(super) ratchet: Ratchet,
    pub(super) obligations: Vec<crate::domain::action::Obligation>,
    pub(super) costs: [ActionCost; Action::COUNT],
    pub(super) hazards: [HazardScore; Hazard::COUNT],
    /// None: the column's.
    pub(super) risk: Option<f64>,
    pub(super) reasons: Vec<Reason>,
    pub(super) skipped_rules: Vec<SkippedRule>,
    pub(super) propensities: [u32; Action::COUNT],
}

/// Reads a message; `draw` is what the row's columns say of the draw.
pub(super) fn read(body: &mut stored::Body, draw: Option<Draw>) -> Result<Read, Broken> {
    known(body.format)?;
    let mut rules = std::mem::take(&mut body.rules).into_iter();
    let skipped_rules = body.skipped_rules.drain(..).map(read_skipped).collect();
    let body = &*body;
    let none = stored::Reals::default();
    let mut floats = FloatReader::new(body.reals.as_ref().unwrap_or(&none));
    let mut signals = Signals::default();
    for signal in read_signals(&body.signals)? {
        signals.set(signal, Some(floats.next()?));
    }
    let base_cents = floats.next()?;
    let resale = floats.some(count(body.resale_count)?)?;
    let costs = read_costs(body, &mut floats, &mut rules)?;
    let hazards = read_hazards(body, &mut floats)?;
    let risk = (body.flags & ODD_RISK != 0)
        .then(|| floats.next())
        .transpose()?;
    let reasons = read_reasons(body, &mut floats, &mut rules, &signals, &hazards)?;
    let draw = draw.filter(|_| body.flags & DRAW != 0);
    let random_check = read_check(body, draw.as_ref())?;
    same_length(body.change_times.len(), body.changes.len())?;
    let changes = body.change_times.iter().zip(&body.changes);
    Ok(Read {
        signals,
        base: Currency::parse(&body.base).ok_or(Broken)?,
        base_cents,
        resale,
        now: body.now.map(Timestamp::from_micros),
        changes: each(changes, read_change)?,
        carrier: CarrierAbility {
            capabilities: read_members(&body.capabilities)?,
            code_ready: body.flags & CODE_READY != 0,
            inspection_s: body.inspection_s,
        },
        weakly_packed: each(&body.weakly_packed, |it| Ok(usize::try_from(*it)?))?,
        restricted: body.flags & RESTRICTED != 0,
        unsealed: body.flags & UNSEALED != 0,
        review_lapsed: body.flags & REVIEW_LAPSED != 0,
        asked: body.asked_90d.map(|asked_90d| Asked {
            asked_90d,
            orders_90d: body.orders_90d,
        }),
        used: body.reviews_today.map(|reviews_today| Used {
            reviews_today,
            spared_week_micro: body.spared_week_micro,
        }),
        own_parcels: body.own_parcels,
        other_parcels: body.other_parcels,
        chance: Chance {
            draw,
            ratchet: read_ratchet(&body.ratchet_before)?,
        },
        random_check,
        ratchet: read_ratchet(&body.ratchet_after)?,
        obligations: read_members(&body.obligations)?,
        costs,
        hazards,
        risk,
        reasons,
        skipped_rules,
        propensities: body.propensities.as_slice().try_into().or(Err(Broken))?,
    })
}

/// Members by their own numbers.
pub(super) fn read_members<T: crate::domain::closed::Member>(
    numbers: &[u32],
) -> Result<Vec<T>, Broken> {
    each(numbers, |it| of_number(*it))
}

fn read_skipped(rule: stored::SkippedRule) -> SkippedRule {
    let stored::SkippedRule { rule, signal } = rule;
    SkippedRule { rule, signal }
}

fn read_change((at, what): (&i64, &u32)) -> Result<Change, Broken> {
    let at = Timestamp::from_micros(*at);
    let what = match what {
        0 => Changed::Address,
        1 => Changed::Password,
        kind => Changed::Contact(of_number::<ContactKind>(kind - 2)?),
    };
    Ok(Change { at, what })
}

fn read_check(body: &stored::Body, draw: Option<&Draw>) -> Result<Option<RandomCheck>, Broken> {
    if body.flags & CHECK == 0 {
        return Ok(None);
    }
    let own = |other: &stored::Draw| -> Result<Draw, Broken> {
        Ok(Draw {
            key_id: KeyId::try_new(&other.key_id).or(Err(Broken))?,
            slot: other.slot,
            counter: other.counter,
            draw_micro: other.draw_micro,
        })
    };
    let draw = if body.flags & SAME_DRAW == 0 {
        own(body.other_draw.as_ref().ok_or(Broken)?)?
    } else {
        draw.cloned().ok_or(Broken)?
    };
    let kind = match (body.flags & VERIFIED != 0, body.flags & SPARED != 0) {
        (true, _) => Some(CheckKind::Verified),
        (false, true) => Some(CheckKind::Spared),
        (false, false) => None,
    };
    Ok(Some(RandomCheck {
        drawn: body.flags & DRAWN != 0,
        kind,
        ratcheted: body.flags & RATCHETED != 0,
        key_id: draw.key_id,
        slot: draw.slot,
        counter: draw.counter,
        draw_micro: draw.draw_micro,
    }))
}

fn read_code(number: u32, rules: &mut impl Iterator<Item = String>) -> Result<Code, Broken> {
    if number == 0 {
        return rules.next().map(Code::Rule).ok_or(Broken);
    }
    Code::from_number(number).ok_or(Broken)
}

fn read_costs(
    body: &stored::Body,
    floats: &mut FloatReader<'_>,
    rules: &mut impl Iterator<Item = String>,
) -> Result<[ActionCost; Action::COUNT], Broken> {
    same_length(body.terms.len(), Action::COUNT)?;
    same_length(body.multiples.len(), Action::COUNT)?;
    let mut codes = body.infeasible_codes.iter();
    let mut factors = body.factors.iter();
    let mut costs: Vec<ActionCost> = Vec::with_capacity(Action::COUNT);
    for (place, action) in Action::ALL.iter().enumerate() {
        let mask = |masks: &[u32]| masks.get(place).copied().unwrap_or_default();
        let (written, multiples) = (mask(&body.terms), mask(&body.multiples));
        let first = costs.first().map(|it| it.terms).unwrap_or_default();
        let mut terms = [0.0; Term::COUNT];
        for ((term, value), of) in terms.iter_mut().enumerate().zip(first) {
            if has(multiples, term) {
                *value = product(*factors.next().ok_or(Broken)?, of);
            } else if has(written, term) {
                *value = floats.next()?;
            }
        }
        let because = mask(&body.infeasible_counts);
        let because = 0..count(because)?;
        let because = each(because, |_| read_code(*codes.next().ok_or(Broken)?, rules))?;
        costs.push(ActionCost {
            action: *action,
            feasible: has(body.feasible, place),
            total: sum(&terms),
            terms,
            infeasible_because: because,
        });
    }
    for (place, cost) in costs.iter_mut().enumerate() {
        if has(body.odd_totals, place) {
            cost.total = floats.next()?;
        }
    }
    costs.try_into().or(Err(Broken))
}

fn read_hazards(
    body: &stored::Body,
    floats: &mut FloatReader<'_>,
) -> Result<[HazardScore; Hazard::COUNT], Broken> {
    same_length(body.hazard_bases.len(), Hazard::COUNT)?;
    same_length(body.contribution_counts.len(), Hazard::COUNT)?;
    same_length(
        body.contribution_signals.len(),
        body.contribution_log_odds.len(),
    )?;
    let mut odd = body.log_odds.iter();
    let mut next = 0;
    let mut hazards = Vec::with_capacity(Hazard::COUNT);
    let rows = body.hazard_bases.iter().zip(&body.contribution_counts);
    for (place, (hazard, (base, size))) in Hazard::ALL.iter().zip(rows).enumerate() {
        let end = next + count(*size)?;
        let contributions = each(next..end, |it| read_contribution(body, it))?;
        next = end;
        let log_odds = if has(body.odd_log_odds, place) {
            *odd.next().ok_or(Broken)?
        } else {
            added(*base, &contributions)
        };
        let probability = if has(body.odd_probabilities, place) {
            floats.next()?
        } else {
            probability(log_odds)
        };
        hazards.push(HazardScore {
            hazard: *hazard,
            probability,
            base: *base,
            log_odds,
            contributions,
        });
    }
    hazards.try_into().or(Err(Broken))
}

fn read_contribution(body: &stored::Body, place: usize) -> Result<Contribution, Broken> {
    let signal = |number: u32| Signal::from_number(number).ok_or(Broken);
    let pair = body.contribution_pairs.get(place).copied().unwrap_or(0);
    Ok(Contribution {
        signal: signal(*body.contribution_signals.get(place).ok_or(Broken)?)?,
        with: (pair != 0).then(|| signal(pair)).transpose()?,
        log_odds: *body.contribution_log_odds.get(place).ok_or(Broken)?,
    })
}

fn read_reasons(
    body: &stored::Body,
    floats: &mut FloatReader<'_>,
    rules: &mut impl Iterator<Item = String>,
    signals: &Signals,
    hazards: &[HazardScore],
) -> Result<Vec<Reason>, Broken> {
    let size = body.reason_codes.len();
    let sizes = [
        body.reason_hazards.len(),
        body.reason_signals.len(),
        body.reason_values.len(),
    ];
    sizes.iter().try_for_each(|it| same_length(*it, size))?;
    let names = body
        .reason_codes
        .iter()
        .zip(&body.reason_hazards)
        .zip(&body.reason_signals);
    let differences = body.reason_log_odds.iter().copied();
    let numbers = body
        .reason_values
        .iter()
        .zip(differences.chain(std::iter::repeat(0)));
    let mut reasons = Vec::with_capacity(size);
    for (((code, hazard), signal), (value, difference)) in names.zip(numbers) {
        let hazard = super::parts::member(*hazard)?;
        let signal = match signal {
            0 => None,
            number => Some(Signal::from_number(*number).ok_or(Broken)?),
        };
        let value = match value {
            0 => None,
            1 => Some(signal.and_then(|it| signals.get(it)).ok_or(Broken)?),
            2 => Some(floats.next()?),
            _ => return Err(Broken),
        };
        reasons.push(Reason {
            code: read_code(*code, rules)?,
            hazard,
            signal,
            value,
            contribution: difference.wrapping_add(said(hazards, hazard, signal)),
            cost_cents: floats.next()?,
        });
    }
    Ok(reasons)
}
