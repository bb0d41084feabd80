"""Runs the suites of this folder and speaks as cargo's test targets do.

Arguments are parts of test names; options that only cargo's own harness knows are left alone.
"""

import importlib
import pathlib
import sys
import time
import traceback
import unittest

HERE = pathlib.Path(__file__).resolve().parent
# Looks at what all others have seen, so it stands last.
LAST = "test_reasons"


class Lines(unittest.TestResult):
    """One line a test; what went wrong is told at the end."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self.skips = []
        self.faults = []
        self._began = 0.0

    def startTest(self, test):
        super().startTest(test)
        self._began = time.monotonic()
        self._wrong = False

    def _line(self, test, word):
        took = time.monotonic() - self._began
        print(f"test {name(test)} ... {word}{f' ({took:.1f} s)' if took > 2 else ''}", flush=True)

    def addSuccess(self, test):
        if not self._wrong:
            self.passed += 1
            self._line(test, "ok")

    def _fault(self, test, error, part=None):
        self.faults.append((name(test), part, "".join(traceback.format_exception(*error))))
        if not self._wrong:
            self._line(test, "FAILED")
        self._wrong = True

    def addError(self, test, err):
        self._fault(test, err)

    def addFailure(self, test, err):
        self._fault(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._fault(test, err, subtest._subDescription())

    def addSkip(self, test, reason):
        self.skips.append((name(test), reason))
        self._line(test, f"ignored, {reason}")


def name(test):
    parts = test.id().split(".")
    return ".".join(part for part in parts if part != "unittest")


def tests(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests(test)
        else:
            yield test


def main(arguments):
    wanted = [it for it in arguments if not it.startswith("-")]
    sys.path.insert(0, str(HERE))
    modules = sorted(path.stem for path in HERE.glob("test_*.py"))
    modules.sort(key=lambda module: module == LAST)
    found = []
    for module in modules:
        suite = unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(module))
        for test in tests(suite):
            if any(part in test.id() for part in wanted):
                found.append(test)
            elif not wanted:
                found.append(test)
    if "--list" in arguments:
        for test in found:
            print(f"{name(test)}: test")
        return 0
    print(f"\nrunning {len(found)} tests of the outside clients", flush=True)
    began = time.monotonic()
    result = Lines()
    unittest.TestSuite(found).run(result)
    if result.faults:
        print("\nfailures:\n")
        for test, part, text in result.faults:
            print(f"---- {test} {part or ''}\n{text}")
    for test, reason in result.skips:
        print(f"SKIPPED: {test}: {reason}")
    failed = len({test for test, _, _ in result.faults})
    print(
        f"\ntest result: {'FAILED' if failed else 'ok'}. {result.passed} passed; {failed} failed; "
        f"{len(result.skips)} ignored; 0 measured; 0 filtered out; "
        f"finished in {time.monotonic() - began:.2f}s\n",
        flush=True,
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
