# SPDX-License-Identifier: Apache-2.0
"""A cluster's folder: its lock, its files, and the control socket inside it."""

import fcntl
import json
import os
import re
import shutil
import socket
import tempfile

from .faults import FAILED, USAGE, WRONG_STATE, Fault

CLUSTER_FILE = "cluster.json"
SUPERVISOR_FILE = "supervisor.json"
LOCK_FILE = ".kafka-cluster.lock"  # also the mark that the folder is ours
COMMAND_LOCK_FILE = "command.lock"
SOCKET = "control.sock"
# Everything that we ever put there beside the lock: only this is removed.
_OURS = re.compile(
    r"node-\d+|tls|kerberos|oauth|jars|supervisor\.log|control\.sock|command\.lock"
    r"|(cluster|supervisor)\.json(\.new)?"
)


def default_folder():
    """${TMPDIR:-/tmp}/kafka-asio-cluster-UID"""
    return os.path.join(tempfile.gettempdir(), f"kafka-asio-cluster-{os.getuid()}")


def _try_lock(path):
    """The locked descriptor, or None if somebody holds it. The file may be removed meanwhile."""
    while True:
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                if os.path.samestat(os.fstat(held), os.stat(path)):
                    return held
            except FileNotFoundError:
                pass
        except BlockingIOError:
            os.close(held)
            return None
        os.close(held)


def is_running(folder):
    """Whether a cluster (or an `up`) holds the folder."""
    try:
        held = os.open(os.path.join(folder, LOCK_FILE), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise Fault(FAILED, f"{folder} cannot be read: {error.strerror}") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(held)


def occupy(folder):
    """Make the folder ours and empty; the descriptor that holds it. For `up`."""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if os.stat(folder).st_uid != os.getuid():
            raise Fault(USAGE, f"{folder} belongs to another user: choose another --dir")
        if os.listdir(folder) and not os.path.exists(os.path.join(folder, LOCK_FILE)):
            raise Fault(USAGE, f"{folder} is not empty and no cluster's: choose another --dir")
        held = _try_lock(os.path.join(folder, LOCK_FILE))
    except OSError as error:
        raise Fault(USAGE, f"{folder} cannot be used: {error.strerror}") from error
    if held is None:
        raise Fault(
            WRONG_STATE, f"a cluster runs in {folder}: end it by `down` or choose another --dir"
        )
    empty(folder)
    return held


def empty(folder):
    """Remove what a cluster left, except the lock and the folder."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if _OURS.fullmatch(name):
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)


def clean(folder):
    """Remove the cluster's files and, if nothing else lies there, the folder."""
    try:
        empty(folder)
        os.unlink(os.path.join(folder, LOCK_FILE))
        os.rmdir(folder)
    except OSError:
        pass  # somebody's own files stay


def write_json(folder, name, value):
    """Replace a small file in one step."""
    path = os.path.join(folder, name)
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
    os.replace(f"{path}.new", path)


def read_json(folder, name):
    """The value of such a file, or None if it is not there."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return json.load(file)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def _reach(folder, use):
    """Call `use` with a short path to the socket: a socket's path may have 107 bytes at most."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return use(f"/proc/self/fd/{held}/{SOCKET}")
    finally:
        os.close(held)


def listen(folder):
    """The control socket; the folder's mode keeps other users out."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    _reach(folder, listener.bind)
    listener.listen(16)
    return listener


def send_line(connection, value):
    """One message."""
    connection.sendall(json.dumps(value).encode() + b"\n")


def receive_line(connection):
    """One message's text; OSError if the peer ends first."""
    data = b""
    while not data.endswith(b"\n"):
        piece = connection.recv(65536)
        if not piece:
            raise OSError("the peer closed the control connection")
        data += piece
    return data


def ask(folder, timeout=10.0, **request):
    """One request to the supervisor and its answer."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            _reach(folder, connection.connect)
            send_line(connection, request)
            answer = json.loads(receive_line(connection))
    except OSError as error:
        raise Fault(FAILED, f"the supervisor of {folder} does not answer: {error}") from error
    if "error" in answer:
        raise Fault(FAILED, f"the supervisor of {folder} refused: {answer['error']}")
    return answer
