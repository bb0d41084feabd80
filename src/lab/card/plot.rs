//! Drawings for the model card: steps, heat maps and curves as SVG, the same bytes for the same numbers.
//!
//! Colours hold on light and on dark ground; nothing is fetched, nothing is scripted.

use std::fmt::Write as _;

/// A drawing's outer size, in pixels.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 320.0;
/// The inner frame: left, top, right, bottom.
const FRAME: [f64; 4] = [56.0, 44.0, 700.0, 250.0];

/// Okabe and Ito's colours, told apart by nearly everybody; dark ground gets the same.
const COLOURS: [&str; 5] = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00"];

const STYLE: &str = "text{font:11px sans-serif;fill:#57606a}.t{font-size:13px;font-weight:bold}\
.g{stroke:#8c959f;stroke-opacity:.35}.a{stroke:#8c959f}\
@media(prefers-color-scheme:dark){text{fill:#9ea7b3}}";

/// A line of a drawing, with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// For the legend.
    pub name: String,
    /// One value a bin; NaN is not drawn.
    pub values: Vec<f64>,
}

/// Points of a curve, with their name.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// For the legend.
    pub name: String,
    /// Across and up.
    pub points: Vec<(f64, f64)>,
}

/// A table of cells to be coloured by their value.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat<'a> {
    /// Of the columns.
    pub across: &'a [String],
    /// Of the rows.
    pub up: &'a [String],
    /// Row by row.
    pub cells: &'a [Vec<f64>],
}

/// Values by bin as steps, one line a series.
#[must_use]
pub fn steps(title: &str, labels: &[String], series: &[Series]) -> String {
    let values = series.iter().flat_map(|it| it.values.iter().copied());
    let (low, high) = range(values.chain([0.0]));
    let mut svg = open(title);
    let up = |value: f64| place(value, low, high, FRAME[3], FRAME[1]);
    grid(&mut svg, low, high);
    let count = labels.len().max(1);
    let wide = (FRAME[2] - FRAME[0]) / float(count);
    let left = |bin: usize| wide.mul_add(float(bin), FRAME[0]);
    let every = count.div_ceil(18);
    for (bin, label) in labels
        .iter()
        .enumerate()
        .filter(|(bin, _)| bin % every == 0)
    {
        turned(&mut svg, left(bin) + wide / 2.0, FRAME[3] + 12.0, label);
    }
    for (number, line) in series.iter().enumerate() {
        let mut path = String::new();
        let mut pen = "M";
        for (bin, value) in line.values.iter().enumerate() {
            if value.is_finite() {
                put(
                    &mut path,
                    format_args!(
                        "{pen}{:.1} {:.1}H{:.1}",
                        left(bin),
                        up(*value),
                        left(bin + 1)
                    ),
                );
                pen = "L";
            } else {
                pen = "M";
            }
        }
        stroke(&mut svg, number, &path);
    }
    legend(&mut svg, series.iter().map(|it| it.name.as_str()));
    close(svg)
}

/// Curves over the range of their points, with the diagonal where `diagonal`.
#[must_use]
pub fn curves(title: &str, axes: [&str; 2], lines: &[Curve], diagonal: bool) -> String {
    let points = || lines.iter().flat_map(|it| it.points.iter().copied());
    let (mut across, mut upward) = (
        range(points().map(|it| it.0)),
        range(points().map(|it| it.1)),
    );
    if diagonal {
        let both = (across.0.min(upward.0), across.1.max(upward.1));
        (across, upward) = (both, both);
    }
    let mut svg = open(title);
    grid(&mut svg, upward.0, upward.1);
    let right = |value: f64| place(value, across.0, across.1, FRAME[0], FRAME[2]);
    let up = |value: f64| place(value, upward.0, upward.1, FRAME[3], FRAME[1]);
    for step in 0..=4 {
        let value = (across.1 - across.0).mul_add(float(step) / 4.0, across.0);
        text(
            &mut svg,
            right(value),
            FRAME[3] + 16.0,
            "middle",
            &short(value),
        );
    }
    text(&mut svg, FRAME[2], FRAME[3] + 34.0, "end", axes[0]);
    text(&mut svg, FRAME[0], FRAME[1] - 8.0, "start", axes[1]);
    if diagonal {
        let (from, to) = across;
        put(
            &mut svg,
            format_args!(
                "<path class=\"a\" stroke-dasharray=\"4 4\" d=\"M{:.1} {:.1}L{:.1} {:.1}\"/>",
                right(from),
                up(from),
                right(to),
                up(to)
            ),
        );
    }
    for (number, line) in lines.iter().enumerate() {
        let mut path = String::new();
        for (place, (x, y)) in line.points.iter().enumerate() {
            let pen = if place == 0 { "M" } else { "L" };
            put(
                &mut path,
                format_args!("{pen}{:.1} {:.1}", right(*x), up(*y)),
            );
            put(
                &mut svg,
                format_args!(
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.5\" fill=\"{}\"/>",
                    right(*x),
                    up(*y),
                    colour(number)
                ),
            );
        }
        stroke(&mut svg, number, &path);
    }
    legend(&mut svg, lines.iter().map(|it| it.name.as_str()));
    close(svg)
}

/// Cells coloured by their value: orange above nothing, blue below.
#[must_use]
pub fn heat(title: &str, axes: [&str; 2], map: &Heat<'_>) -> String {
    let values = || map.cells.iter().flatten().copied();
    let most = values().fold(1e-9, |most: f64, it| most.max(it.abs()));
    let mut svg = open(title);
    let wide = (FRAME[2] - FRAME[0] - 60.0) / float(map.across.len().max(1));
    let high = (FRAME[3] - FRAME[1]) / float(map.up.len().max(1));
    let left = FRAME[0] + 60.0;
    for (row, cells) in map.cells.iter().enumerate() {
        let top = high.mul_add(-float(row + 1), FRAME[3]);
        for (column, value) in cells.iter().enumerate() {
            let colour = if *value < 0.0 { COLOURS[0] } else { COLOURS[4] };
            put(
                &mut svg,
                format_args!(
                    "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" fill=\"{colour}\" \
                 fill-opacity=\"{:.2}\"/>",
                    wide.mul_add(float(column), left),
                    value.abs() / most
                ),
            );
        }
    }
    let every = map.across.len().div_ceil(18).max(1);
    for (column, label) in map
        .across
        .iter()
        .enumerate()
        .filter(|(it, _)| it % every == 0)
    {
        turned(
            &mut svg,
            wide.mul_add(float(column) + 0.5, left),
            FRAME[3] + 12.0,
            label,
        );
    }
    let every = map.up.len().div_ceil(12).max(1);
    for (row, label) in map.up.iter().enumerate().filter(|(it, _)| it % every == 0) {
        let middle = high.mul_add(-(float(row) + 0.5), FRAME[3]);
        text(&mut svg, left - 4.0, middle + 4.0, "end", label);
    }
    text(
        &mut svg,
        FRAME[0],
        FRAME[1] - 8.0,
        "start",
        &format!("{} up, {} across", axes[1], axes[0]),
    );
    text(
        &mut svg,
        FRAME[2],
        FRAME[1] - 8.0,
        "end",
        &format!("darkest: {most:.2} log-odds either way"),
    );
    close(svg)
}

/// Writing to a text cannot fail.
fn put(svg: &mut String, what: std::fmt::Arguments<'_>) {
    svg.write_fmt(what).unwrap_or_default();
}

fn open(title: &str) -> String {
    let mut svg = String::new();
    put(
        &mut svg,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" role=\"img\">\n<title>{0}</title>\n<style>{STYLE}</style>\n\
         <text class=\"t\" x=\"12\" y=\"20\">{0}</text>\n",
            escaped(title)
        ),
    );
    svg
}

fn close(mut svg: String) -> String {
    svg.push_str("</svg>\n");
    svg
}

fn grid(svg: &mut String, low: f64, high: f64) {
    for step in 0..=4 {
        let value = (high - low).mul_add(float(step) / 4.0, low);
        let y = place(value, low, high, FRAME[3], FRAME[1]);
        put(
            svg,
            format_args!(
                "<path class=\"g\" d=\"M{:.1} {y:.1}H{:.1}\"/>",
                FRAME[0], FRAME[2]
            ),
        );
        text(svg, FRAME[0] - 6.0, y + 4.0, "end", &short(value));
    }
    if low < 0.0 && high > 0.0 {
        let y = place(0.0, low, high, FRAME[3], FRAME[1]);
        put(
            svg,
            format_args!(
                "<path class=\"a\" d=\"M{:.1} {y:.1}H{:.1}\"/>\n",
                FRAME[0], FRAME[2]
            ),
        );
    }
}

fn legend<'a>(svg: &mut String, names: impl Iterator<Item = &'a str>) {
    let mut x = FRAME[2];
    let names: Vec<&str> = names.collect();
    for (number, name) in names.iter().enumerate().rev() {
        x -= 7.0_f64.mul_add(float(name.chars().count()), 26.0);
        put(
            svg,
            format_args!(
                "<path d=\"M{x:.1} 28h12\" stroke=\"{}\" stroke-width=\"3\"/>",
                colour(number)
            ),
        );
        text(svg, x + 16.0, 32.0, "start", name);
    }
}

fn stroke(svg: &mut String, number: usize, path: &str) {
    put(
        svg,
        format_args!(
            "<path fill=\"none\" stroke=\"{}\" stroke-width=\"2\" d=\"{path}\"/>\n",
            colour(number)
        ),
    );
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, words: &str) {
    put(
        svg,
        format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>\n",
            escaped(words)
        ),
    );
}

fn turned(svg: &mut String, x: f64, y: f64, words: &str) {
    put(
        svg,
        format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\" transform=\"rotate(-40 {x:.1} {y:.1})\">{}</text>\n",
            escaped(words)
        ),
    );
}

fn colour(number: usize) -> &'static str {
    COLOURS
        .get(number % COLOURS.len())
        .copied()
        .unwrap_or("#888888")
}

fn escaped(words: &str) -> String {
    words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Few digits, none that say nothing.
fn short(value: f64) -> String {
    let size = value.abs();
    if size >= 10.0 {
        format!("{value:.0}")
    } else if size >= 0.1 || size <= 0.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.1e}")
    }
}

/// The smallest and the largest of the finite values; never the same.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|it| it.is_finite());
    let found = finite.fold(None, |found: Option<(f64, f64)>, it| {
        Some(found.map_or((it, it), |(low, high)| (low.min(it), high.max(it))))
    });
    match found {
        Some((low, high)) if high > low => (low, high),
        Some((low, _)) => (low - 0.5, low + 0.5),
        None => (0.0, 1.0),
    }
}

fn place(value: f64, low: f64, high: f64, from: f64, to: f64) -> f64 {
    ((value - low) / (high - low)).mul_add(to - from, from)
}

fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::{Curve, Heat, Series, curves, heat, steps};

    fn labels(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn drawings_hold_every_line_are_well_formed_and_the_same_twice() {
        let names = labels(&["missing", "< 50", ">= 50"]);
        let line = |name: &str, values: &[f64]| Series {
            name: name.to_owned(),
            values: values.to_vec(),
        };
        let lines = [
            line("porch", &[0.0, -1.0, 2.0]),
            line("courier", &[f64::NAN, 0.5, 0.5]),
        ];
        let curve = Curve {
            name: "a & b".to_owned(),
            points: vec![(0.1, 0.2), (0.4, 0.3)],
        };
        let cells = vec![vec![0.0, -1.0, 2.0], vec![0.5, 0.0, 0.0]];
        let map = Heat {
            across: &names,
            up: &names[..2],
            cells: &cells,
        };
        let drawn = || {
            [
                steps("Value <EUR>", &names, &lines),
                curves(
                    "Calibration",
                    ["said", "seen"],
                    std::slice::from_ref(&curve),
                    true,
                ),
                heat("Two", ["x", "y"], &map),
            ]
        };
        let (one, two) = (drawn(), drawn());
        assert_eq!(one, two);
        for svg in &one {
            assert!(
                svg.starts_with("<svg ") && svg.ends_with("</svg>\n"),
                "{svg}"
            );
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert!(svg.contains("prefers-color-scheme:dark"));
        }
        assert!(
            one[0].contains("&lt; 50") && one[0].contains("Value &lt;EUR&gt;"),
            "{}",
            one[0]
        );
        assert_eq!(one[0].matches("stroke-width=\"2\"").count(), 2);
        assert!(one[1].contains("a &amp; b"));
        assert_eq!(one[2].matches("<rect").count(), 6);
    }

    #[test]
    fn nothing_to_draw_is_an_empty_frame() {
        for svg in [steps("t", &[], &[]), curves("t", ["x", "y"], &[], false)] {
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}
