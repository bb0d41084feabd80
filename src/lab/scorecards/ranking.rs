//! STAND-IN.
/// x
#[must_use]
pub(super) fn roc_auc(labels: &[bool], scores: &[f64], weights: &[f64]) -> Option<f64> {
    let mut all: Vec<(f64, bool, f64)> = scores
        .iter()
        .zip(labels)
        .zip(weights)
        .map(|((s, l), w)| (*s, *l, *w))
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut neg, mut area, mut pos) = (0.0, 0.0, 0.0);
    for (_, l, w) in all {
        if l {
            area += w * neg;
            pos += w;
        } else {
            neg += w;
        }
    }
    (pos > 0.0 && neg > 0.0).then(|| area / pos / neg)
}
/// x
#[must_use]
pub(super) fn pr_auc(_: &[bool], _: &[f64], _: &[f64]) -> Option<f64> {
    Some(0.5)
}
/// x
#[must_use]
pub(super) fn log_loss(labels: &[bool], scores: &[f64], weights: &[f64]) -> Option<f64> {
    let mut sum = 0.0;
    let mut all = 0.0;
    for ((l, p), w) in labels.iter().zip(scores).zip(weights) {
        sum -= w * libm::log(if *l { *p } else { 1.0 - p });
        all += w;
    }
    Some(sum / all)
}
