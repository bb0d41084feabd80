"""The README's own lines, run as a reader would."""

import contextlib
import io
import pathlib
import re
import subprocess
import unittest

from doorstep_client import Server, binary

README = pathlib.Path(__file__).parents[2] / "README.md"


class Readme(unittest.TestCase):
    def test_the_python_lines_print_an_action_and_reasons(self):
        code = re.search(r"```python\n(.*?)```", README.read_text(), re.S).group(1)
        server = Server(clock="wall")
        self.addCleanup(server.kill)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(code.replace("127.0.0.1:50051", server.target), str(README), "exec"), {})
        self.assertRegex(said.getvalue(), r"^ACTION_[A-Z_]+ \['[A-Z_]+'")

    def test_every_command_named_is_one(self):
        line = re.search(r"^`serve` · .*$", README.read_text(), re.M).group(0)
        for word in re.findall(r"`([a-z]+)", line):
            done = subprocess.run([binary(), word, "--help"], capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 0, word)
