"""Variants of the shipped policy and catalogue, written to files of their own for one test run."""

import atexit
import functools
import pathlib
import re
import shutil
import tempfile

from doorstep_client import ROOT

SHIPPED = ROOT / "models/policy.toml"
CATALOGUE = ROOT / "models/catalogue.toml"


@functools.cache
def _folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="doorstep-test-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def written(name, text):
    path = _folder() / name
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    return path


def set_key(text, table, key, value):
    """The TOML text with one key of one table set; the key must be there."""
    pattern = rf"(?ms)^(\[{re.escape(table)}\]$.*?^{re.escape(key)}\s*=\s*)[^\n#]*"
    changed, count = re.subn(pattern, lambda m: m.group(1) + value, text, count=1)
    if count != 1:
        raise AssertionError(f"no {key} in [{table}]")
    return changed


def rule(rule_id, *conditions, then, **more):
    """A rule as a fraud team writes it."""
    when = ", ".join(f'"{condition}"' for condition in conditions)
    lines = [f'id = "{rule_id}"', f"when = [{when}]", f'then = "{then}"', 'owner = "tests"']
    lines += [f"{key} = {value}" for key, value in more.items()]
    return "\n[[rules]]\n" + "\n".join(lines) + "\n"


@functools.cache
def without_random_checks(*rules):
    """The shipped policy with random checks off, and rules added."""
    text = set_key(SHIPPED.read_text(), "random_checks", "enabled", "false") + "".join(rules)
    return written(f"calm-{len(list(_folder().iterdir()))}.toml", text)


def catalogue(*additions):
    """The shipped catalogue with tables added."""
    text = CATALOGUE.read_text() + "\n" + "\n".join(additions)
    return written(f"catalogue-{len(list(_folder().iterdir()))}.toml", text)


def without_size(category):
    """The shipped catalogue with no usual size for a category."""
    text, count = re.subn(
        rf"(?m)^({category} = \{{ resale = [0-9.]+)[^\n]*", r"\1 }", CATALOGUE.read_text()
    )
    if count != 1:
        raise AssertionError(f"no category {category}")
    return written(f"sizeless-{category}.toml", text)


@functools.cache
def with_frequent_checks():
    """Chance often changes the action where risk is raised; where it is not, it verifies nobody."""
    head, ordinary, raised = SHIPPED.read_text().split("[[random_checks.strata]]", 2)
    often = "{ otp = 0.2, item_codes = 0.2 }"

    def rates(text, verify):
        text = re.sub(r"(?m)^verify = \{[^}]*\}", f"verify = {verify}", text, count=1)
        return re.sub(r"(?m)^spare = \{[^}]*\}", "spare = { none = 0.2, otp = 0.2 }", text, count=1)

    strata = [rates(ordinary, "{ otp = 0.0, item_codes = 0.0 }"), rates(raised, often)]
    return written("eager.toml", "[[random_checks.strata]]".join([head, *strata]))
