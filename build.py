"""Build the site, serve it while it is written, or run the tests.

    python build.py [build] [--out DIR] [--only PATTERN] [--jobs N] [--site-url URL]
    python build.py serve [--port N] [the same options]
    python build.py test [pytest arguments]

This file must parse on every Python, so that an old one can say what is wrong: types
stand in comments, and what needs a new Python is imported below the check.
"""

import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback from the imports

if sys.version_info < (3, 11):
    sys.exit(
        "build.py: Python 3.11 or newer is needed; this is Python %d.%d at %s"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

from pathlib import Path

from ht_sim import command_line, provision

ROOT = Path(__file__).resolve().parent


def main(arguments):
    # type: (list[str]) -> int
    """Do what the command line asks for; return the exit code."""
    command, rest = command_line.split(arguments)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if command == "test":
            return provision.run_tests(ROOT, rest)
        serves = command in ("serve", "serving")
        port, of_build = command_line.split_port(rest) if serves else (0, rest)
        options = command_line.parse(of_build, ROOT)
        if command in command_line.PREPARED:
            prepared = command_line.PREPARED[command]
            return provision.run_prepared(ROOT, prepared, rest)
        if command == "serving":
            return serving(port, options, of_build)
        return stages(options)
    except provision.SetUpFailed as failure:
        provision.say(str(failure))
        return 1
    except KeyboardInterrupt:
        if command not in command_line.PREPARED.values():
            provision.say("stopped")
        return provision.INTERRUPTED


def stages(options):
    # type: (command_line.Options) -> int
    """Run the stages in this interpreter, which has all that they need."""
    provision.end_with_parent()
    provision.end_workers_on_interrupt()
    from ht_sim.stages import build

    return build(ROOT, options)


def serving(port, options, arguments):
    # type: (int, command_line.Options, list[str]) -> int
    """Serve the site from this interpreter, which has all that it needs."""
    provision.end_with_parent()
    from ht_sim.serving import serve

    return serve(ROOT, port, options.out, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
