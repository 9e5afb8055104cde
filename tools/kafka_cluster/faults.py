# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, and the exit status each kind has."""

FAILED = 1
USAGE = 2
PROGRAM_MISSING = 3
JARS_UNAVAILABLE = 4
WRONG_STATE = 5


class Fault(Exception):
    """A failure with one sentence for the user; `extra` (log lines) follows it on stderr."""

    def __init__(self, status, message, extra=""):
        super().__init__(message)
        self.status = status
        self.message = message
        self.extra = extra


class Interrupted(BaseException):
    """A signal asked this process to end. Not an Exception: nothing but cleanup may catch it."""

    def __init__(self, number):
        super().__init__(number)
        self.number = number
