"""Run a program that may do anything, so that it can do no harm. Standard library only: it runs before anything else.

python -I jail.py '{"command": [...], ...}'      see ``Settings`` in sandbox.py for the keys

On Linux with namespaces the program sees a root folder of its own, holding what it needs to run Python, read-only,
and a small home in memory; it has no network and sees no process but its own, and all of them end with it. Elsewhere
it gets what is left: limits for each process, and its processes are searched for and ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
DETACH = 2
SET_PDEATHSIG, SET_DUMPABLE, SET_CHILD_SUBREAPER, SET_NO_NEW_PRIVS = 1, 4, 36, 38
NOBODY, STUDENT = 65534, 1000
HOME = "/student"
SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/localtime",
)
DEVICES = ("null", "zero", "full", "random", "urandom")
MEGABYTE = 1 << 20

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    """Call a function of the C library that returns 0 if all is well."""
    if getattr(_libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _control(option: int, value: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            _call("prctl", option, ctypes.c_ulong(value), 0, 0, 0)


# --- A root folder of its own -------------------------------------------------------------------------------------


def _mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    texts = [text.encode() if text else None for text in (source, target, kind)]
    _call("mount", *texts, ctypes.c_ulong(flags), data.encode() or None)


def _memory(target: str, megabytes: int, mode: str) -> None:
    os.makedirs(target, exist_ok=True)
    _mount("tmpfs", target, "tmpfs", NOSUID | NODEV, f"size={megabytes}m,mode={mode},nr_inodes=20000")


def _bind(source: str, target: str, writable: bool = False) -> None:
    """Show a file or folder at another place, read-only."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "a").close()
    _mount(source, target, None, BIND | REC)
    # What was forbidden before stays so: a user's namespace may not allow more.
    kept = os.statvfs(source).f_flag & (NOSUID | NODEV | NOEXEC | 1024 | 2048 | 4096)
    flags = {1024: 1024, 2048: 2048, 4096: 1 << 21}  # noatime, nodiratime, relatime
    again = sum(flags.get(bit, bit) for bit in (NOSUID, NODEV, NOEXEC, 1024, 2048, 4096) if kept & bit)
    _mount("", target, None, BIND | REMOUNT | (0 if writable else RDONLY) | NOSUID | again)


def _new_root(settings: dict) -> None:
    """Make the root folder and move into it. What is not shown in it cannot be reached any more."""
    root = settings["scratch"]
    _mount("", "/", None, REC | PRIVATE)
    _memory(root, 16, "755")
    for path in SYSTEM:
        if os.path.islink(path):
            os.symlink(os.readlink(path), root + path)
        elif os.path.exists(path):
            _bind(path, root + path)
    for device in DEVICES:
        _bind(f"/dev/{device}", f"{root}/dev/{device}", writable=True)
    _memory(root + "/dev/shm", 64, "1777")
    _memory(root + "/tmp", 64, "1777")
    _memory(root + HOME, settings["disk_mb"], "1777")
    # last, or a course that lies in /tmp vanishes behind the new one
    for target, source in settings["show"].items():
        if not target.startswith("/usr/") and target != "/usr":
            _bind(source, root + target)
    os.makedirs(root + "/proc")
    Path(root, "etc/passwd").write_text(f"student:x:{STUDENT}:{STUDENT}::{HOME}:/bin/false\n")
    os.makedirs(root + "/old")
    _call("pivot_root", root.encode(), (root + "/old").encode())
    os.chdir("/")
    with contextlib.suppress(OSError):  # not allowed in some containers; then the memory is not added up
        _mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
    _call("umount2", b"/old", DETACH)
    os.rmdir("/old")
    _mount("", "/", None, REMOUNT | BIND | RDONLY | NOSUID | NODEV)
    os.chdir(HOME)


def _map_user(outer: tuple[int, int]) -> None:
    """Name the user of this process ``STUDENT`` in its new namespace."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{STUDENT} {outer[0]} 1")
    Path("/proc/self/gid_map").write_text(f"{STUDENT} {outer[1]} 1")


def _no_more_namespaces() -> None:
    """Nobody in this namespace makes a further one, in which to mount memory without a limit."""
    with contextlib.suppress(OSError):
        Path("/proc/sys/user/max_user_namespaces").write_text("0")


# --- Limits -------------------------------------------------------------------------------------------------------


def _own_tasks() -> int:
    """Return how many processes and threads this user has already: in older kernels they count, too."""
    count = 0
    for folder in os.listdir("/proc") if sys.platform == "linux" and os.path.exists("/proc/1") else []:
        with contextlib.suppress(OSError):
            if folder.isdigit() and os.stat(f"/proc/{folder}").st_uid == os.getuid():
                count += len(os.listdir(f"/proc/{folder}/task"))
    return count


def _limit(settings: dict) -> None:
    """Set the limits that each process of the program has."""
    limits = {
        "RLIMIT_CPU": settings["cpu_s"],
        "RLIMIT_AS": settings["address_mb"] * MEGABYTE,
        "RLIMIT_DATA": settings["memory_mb"] * MEGABYTE,
        "RLIMIT_FSIZE": settings["disk_mb"] * MEGABYTE,
        "RLIMIT_NPROC": settings["processes"] + _own_tasks(),
        "RLIMIT_NOFILE": 512,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 64 * 1024,
        "RLIMIT_MSGQUEUE": 64 * 1024,
    }
    if sys.platform == "darwin":  # counts shared libraries of gigabytes
        del limits["RLIMIT_AS"], limits["RLIMIT_DATA"], limits["RLIMIT_NPROC"]
    for name, value in limits.items():
        number = getattr(resource, name, None)
        if number is not None:
            hard = resource.getrlimit(number)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(number, (value, value))


def _open_to_all(command: list[str]) -> bool:
    """Return whether somebody without rights can reach the program, so that root need not run it as root."""
    paths = [Path(os.path.realpath(word)) for word in command if word.startswith("/")]
    return all(parent.stat().st_mode & 1 for path in paths for parent in path.parents)


def _start(settings: dict, home: str) -> None:
    """Become the program: the last step of its first process."""
    os.setsid()
    if os.geteuid() == 0 and (settings["mode"] == "namespaces" or _open_to_all(settings["command"])):
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        if settings["mode"] == "namespaces":
            with contextlib.suppress(OSError):
                _call("unshare", NEWUSER)
                _map_user((NOBODY, NOBODY))
                _no_more_namespaces()
    _limit(settings)
    _control(SET_NO_NEW_PRIVS, 1)
    os.chdir(home)
    os.umask(0o077)
    environment = {**settings["environment"], "HOME": home}
    os.execve(settings["command"][0], settings["command"], environment)


# --- Who watches --------------------------------------------------------------------------------------------------


def _resident() -> int:
    """Return the memory in use by all processes in sight, shared parts left out, in bytes."""
    pages = 0
    for folder in os.listdir("/proc"):
        if folder.isdigit():
            with contextlib.suppress(OSError, ValueError):
                fields = Path("/proc", folder, "statm").read_text().split()
                pages += int(fields[1]) - int(fields[2])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _watch(child: int, settings: dict) -> int:
    """Wait for the program's first process, and return its status; end it when it takes too long or too much."""
    end = time.monotonic() + settings["wall_s"]
    alone = settings["mode"] == "namespaces"
    while True:
        done, status = os.waitpid(-1, os.WNOHANG)
        if done == child:
            return os.waitstatus_to_exitcode(status)
        if done:
            continue
        too_much = alone and os.path.exists("/proc/1") and _resident() > settings["memory_mb"] * MEGABYTE
        if time.monotonic() > end or too_much:
            return 124
        time.sleep(0.02)


def _children(parent: int) -> list[int]:
    found = []
    for folder in os.listdir("/proc"):
        if folder.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = Path("/proc", folder, "stat").read_text()
                if int(stat.rpartition(")")[2].split()[1]) == parent:
                    found.append(int(folder))
    return found


def _end_all(child: int) -> None:
    """End the program's group of processes, and on Linux whatever else came from it: orphans come back to this one."""
    with contextlib.suppress(OSError):
        os.killpg(child, signal.SIGKILL)
    for _round in range(500):
        left = _children(os.getpid()) if sys.platform == "linux" else []
        for process in left:
            for one in (process, *_children(process)):
                with contextlib.suppress(OSError):
                    os.kill(one, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not left:
            return
        time.sleep(0.01)


def _let_go() -> None:
    """Keep nothing open of what the program reads and writes, so that its end is seen."""
    nowhere = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    os.closerange(3, 64)


def _first_in_namespace(settings: dict) -> int:
    """The first process of the new namespace: when it ends, the system ends all others in it."""
    _control(SET_PDEATHSIG, signal.SIGKILL)
    _control(SET_DUMPABLE, 0)
    _new_root(settings)
    if not settings["root"]:
        _no_more_namespaces()
    child = os.fork()
    if not child:
        _start(settings, HOME)
    _let_go()
    return _watch(child, settings)


def _with_namespaces(settings: dict) -> int:
    outer = os.getuid(), os.getgid()
    settings["root"] = os.geteuid() == 0
    kinds = NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET
    _call("unshare", kinds if settings["root"] else kinds | NEWUSER)
    if not settings["root"]:
        _map_user(outer)
    child = os.fork()
    if not child:
        _guarded(_first_in_namespace, settings)
    _let_go()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _without(settings: dict) -> int:
    _control(SET_CHILD_SUBREAPER, 1)
    _control(SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(124))
    child = os.fork()
    if not child:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _guarded(lambda settings: _start(settings, settings["scratch"]), settings)
    _let_go()
    try:
        return _watch(child, settings)
    finally:
        _end_all(child)


def _guarded(job, settings: dict) -> None:
    """Do the job of a forked process, and end that process whatever happens."""
    status = 125
    try:
        status = job(settings)
    except Exception as error:
        os.write(2, f"jail: {error}\n".encode())
    finally:
        os._exit(status if 0 <= status < 256 else 126)


def main() -> None:
    """Run what the argument describes; end when it does."""
    parent = os.getppid()
    settings = json.loads(sys.argv[1])
    os.umask(0o022)
    os.setsid()
    _control(SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(125)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_DFL)
    _guarded(_with_namespaces if settings["mode"] == "namespaces" else _without, settings)


if __name__ == "__main__":
    main()
