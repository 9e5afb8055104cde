# SPDX-License-Identifier: Apache-2.0
"""Our schema is Apache's: the messages inside the pinned kafka-clients jar, and none besides."""

import copy
import pathlib
import subprocess
import sys
import unittest

import apache

sys.path.insert(0, str(apache.ROOT / "tools"))

import check_schema  # noqa: E402


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.jar = apache.clients_jar()
        cls.program = apache.helper("schema-dump")
        cls.theirs = check_schema.read_jar(cls.jar)
        cls.dump = check_schema.run_program(pathlib.Path(cls.program))

    def test_there_is_no_difference_in_either_direction(self):
        ended = subprocess.run(
            [sys.executable, apache.ROOT / "tools" / "check_schema.py", self.jar,
             "--program", self.program],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        print(ended.stdout, end="")
        self.assertEqual(ended.returncode, 0, ended.stdout)
        self.assertRegex(ended.stdout, rf"(?m)^{len(self.theirs)} messages, .*: 0 differences$")

    def test_a_change_of_any_fact_of_any_field_would_be_noticed(self):
        tried = 0
        for theirs, mine in self.pairs():
            self.assertEqual(check_schema.differences([theirs], [mine]), [])
            for change in mutations(mine):
                tried += 1
                self.assertNotEqual(check_schema.differences([theirs], [mine]), [], change)
            self.assertEqual(check_schema.differences([theirs], [mine]), [], "not restored")
        print(f"{tried} mutations noticed")
        self.assertGreater(tried, 10_000)

    def test_a_dropped_message_or_field_would_be_noticed(self):
        for theirs, mine in self.pairs():
            self.assertNotEqual(check_schema.differences([theirs], []), [])
            self.assertNotEqual(check_schema.differences([], [mine]), [])
            for index in range(len(mine.fields)):
                less = copy.copy(mine)
                less.fields = mine.fields[:index] + mine.fields[index + 1 :]
                self.assertNotEqual(check_schema.differences([theirs], [less]), [])

    def pairs(self):
        """Each message of theirs with ours, parsed anew: mutations are made in place."""
        ours = {message.name: message for message in check_schema.read_dump(self.dump)}
        return [(theirs, ours[theirs.name]) for theirs in self.theirs]


def mutations(message):
    """Changes one thing of a message at a time, says which, and undoes it."""
    yield from mutations_of_facts(message.name, message.facts)
    pending = [(message.name, field) for field in message.fields]
    while pending:
        path, field = pending.pop()
        here = f"{path}.{field.name}"
        for attribute in ("name", "type"):
            was = getattr(field, attribute)
            setattr(field, attribute, was + "x")
            yield f"{here}: another {attribute}"
            setattr(field, attribute, was)
        yield from mutations_of_facts(here, field.facts)
        pending += [(here, inner) for inner in field.fields]


def mutations_of_facts(path, facts):
    for name, was in list(facts.items()):
        for now in others(name, was):
            facts[name] = now
            yield f"{path}: {name} {was} -> {now}"
        facts[name] = was


def others(name, was):
    if name in ("versions", "nullable", "flexible"):
        versions = check_schema.read_range(was)
        if versions is None:
            return ["0+"]
        first, last = versions
        if last >= check_schema.FOREVER:
            return [f"{first + 1}+", f"{first}-18"]
        return [f"{first}-{last + 1}", f"{first + 1}-{last + 1}"]
    if name in check_schema.FLAGS:
        return ["no" if was == "yes" else "yes"]
    if name in ("tag", "key"):
        return [str(int(was) + 1), "none"] if was != "none" else ["0"]
    return [was + "x"]


if __name__ == "__main__":
    unittest.main()
