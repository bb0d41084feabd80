//! `policy diff`: two policies explained against each other, rule by rule and cost by cost.

mod text;

use serde_json::{Value, json};

use super::named::{Named, Shelf};
use crate::cli::args::{Format, PolicyDiff};
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::show;
use crate::decision::policy::Change;

/// Tells what the second policy says otherwise than the first.
pub(super) fn run(args: &PolicyDiff, out: &mut Output) -> Result<(), Failure> {
    let shelf = Shelf::open(&args.place, args.catalogue.as_deref())?;
    let (before, after) = (shelf.find(&args.before)?, shelf.find(&args.after)?);
    let changes = before.lines.changes(&after.lines);
    let same = before.version.digest == after.version.digest;
    match args.format {
        Format::Table => {
            let name =
                |it: &Named| format!("{} ({})", it.name, short(&it.version.digest.to_string()));
            out.line(format_args!("from {} to {}", name(&before), name(&after)))?;
            tables(&changes, same, out)?;
            if args.text && !same {
                out.line("")?;
                for line in text::unified(&before.text, &after.text) {
                    out.line(line)?;
                }
            }
        }
        Format::Json => {
            let text = args.text.then(|| text::unified(&before.text, &after.text));
            out.line(json!({
                "before": version(&before),
                "after": version(&after),
                "identical": same,
                "changes": changes.iter().map(change).collect::<Vec<_>>(),
                "text": text,
            }))?;
        }
    }
    out.flush()?;
    if args.exit_code && !same {
        Err(Failure::Findings)
    } else {
        Ok(())
    }
}

fn tables(changes: &[Change], same: bool, out: &mut Output) -> Result<(), Failure> {
    if same {
        return out.line("identical");
    }
    if changes.is_empty() {
        return out.line("the same in every line: only comments or layout differ");
    }
    let side = |it: &Option<String>| it.clone().unwrap_or_else(|| "-".to_owned());
    let rows = changes.iter().map(|it| {
        let group = it.group.name().to_owned();
        [group, it.subject.clone(), side(&it.before), side(&it.after)]
    });
    show::table(out, ["part", "what", "before", "after"], rows)?;
    let plural = if changes.len() == 1 { "" } else { "s" };
    out.line(format_args!("{} difference{plural}", changes.len()))
}

fn version(it: &Named) -> Value {
    json!({"name": it.name, "id": it.version.id, "digest": it.version.digest.to_string()})
}

fn change(it: &Change) -> Value {
    let [before, after] = &it.plain;
    json!({
        "path": it.path,
        "part": it.group.name(),
        "words": it.subject,
        "before": it.before,
        "after": it.after,
        "plain_before": before,
        "plain_after": after,
    })
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
