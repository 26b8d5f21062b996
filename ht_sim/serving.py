"""Serves the site while it is written: watches, builds again, reloads the page.

On this machine only, under a path as GitHub Pages has one. Every build is a process
of its own, so that changed code is the code that runs. A page is served with a script
that waits for the next build; a build that fails shows its messages over the last
good page. That script is not in ``site/``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from watchfiles import watch

from ht_sim.provision import PARENT

WATCHED = ("content", "ht_sim", "templates", "build.py")
EVENTS, SCRIPT = "/-/events", "/-/reload.js"
_DEBOUNCE, _STEP = 60, 20  # milliseconds of silence that end a change
_BEAT = 15  # seconds between signs of life, which find readers that have gone
_PORTS = 50
_NEXT = """\
import sys
import jinja2, latex2mathml.converter, latexcodec, markdown, numpy, pybtex.database
import pygments.formatters, pygments.lexers.python, rich.progress, yaml
if sys.stdin.readline():
    import runpy
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
"""
_RELOAD = """\
(function () {
  "use strict";
  var version = Number(document.currentScript.dataset.version);
  var note = null;
  new EventSource("%s").onmessage = function (event) {
    var build = JSON.parse(event.data);
    if (build.version !== version) { location.reload(); return; }
    if (note) { note.remove(); note = null; }
    if (!build.failure) { return; }
    note = document.createElement("pre");
    note.setAttribute("role", "alert");
    note.textContent = build.failure;
    Object.assign(note.style, {
      position: "fixed", inset: "auto 0 0 0", maxHeight: "60vh", overflow: "auto",
      margin: 0, padding: "1rem", zIndex: 99, whiteSpace: "pre-wrap",
      color: "#fbf8f2", background: "#9b1c1c", font: "14px/1.5 monospace"
    });
    document.body.append(note);
  };
})();
"""


@dataclass
class Build:
    """The last build: how many have changed the site, and how it failed, if it did."""

    version: int = 0
    failure: str = ""
    number: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def finished(self, failure: str) -> None:
        """Take the outcome of a build, and wake who waits for it."""
        with self.changed:
            self.failure = failure
            self.version += not failure
            self.number += 1
            self.changed.notify_all()

    def after(self, number: int) -> int:
        """Wait for a build after this one, for a beat at most; return the last."""
        with self.changed:
            self.changed.wait_for(lambda: self.number > number, _BEAT)
            return self.number

    def told(self) -> bytes:
        """Return what a page is told of it."""
        data = json.dumps({"version": self.version, "failure": self.failure})
        return f"data: {data}\n\n".encode()


class Handler(SimpleHTTPRequestHandler):
    """Answers for one site under ``prefix``, and for what makes pages reload."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, build: Build, prefix: str, folder: Path) -> None:
        self.build, self.prefix = build, prefix
        super().__init__(*args, directory=str(folder))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a page that reloads, a file, or the events."""
        path = unquote(urlsplit(self.path).path)
        if path == EVENTS:
            self._events()
        elif path == SCRIPT:
            self._send((_RELOAD % EVENTS).encode(), "text/javascript")
        elif not path.startswith(self.prefix):
            self._redirect()
        else:
            self._file(path.removeprefix(self.prefix))

    def _file(self, path: str) -> None:
        folder = Path(self.directory).resolve()
        file = (folder / path).resolve()
        if file.is_dir():
            file /= "index.html"
        status = HTTPStatus.OK
        if not file.is_relative_to(folder) or not file.is_file():
            file, status = folder / "404.html", HTTPStatus.NOT_FOUND
        try:
            data = file.read_bytes()
        except OSError:
            data, status = b"There is no page here yet.", HTTPStatus.NOT_FOUND
        if file.suffix == ".html":
            data = self._reloading(data)
        self._send(data, self.guess_type(str(file)), status)

    def _reloading(self, page: bytes) -> bytes:
        """Return a page that waits for the next build."""
        script = f'<script src="{SCRIPT}" data-version="{self.build.version}"></script>'
        return page.replace(b"</head>", script.encode() + b"\n</head>", 1)

    def _send(self, data: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def _redirect(self) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", quote(self.prefix))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _events(self) -> None:
        """Tell of the last build, and of every one that comes, until nobody listens."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        number = self.build.number
        try:
            while True:
                self.wfile.write(self.build.told())
                self.wfile.flush()
                number = self.build.after(number)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of requests."""


class Server(ThreadingHTTPServer):
    """A server whose readers may leave at any time."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a connection that has gone."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def serve(root: Path, port: int, folder: Path, arguments: Sequence[str]) -> int:
    """Serve the site in ``folder``, and build it again whenever its sources change.

    Parameters
    ----------
    root : the checkout
    port : the first one to try on 127.0.0.1; where it is taken, the next is
    folder : where the builds put the site
    arguments : of every build
    """
    build, prefix = Build(), f"/{root.name}/"
    server = _server(port, partial(Handler, build=build, prefix=prefix, folder=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}{quote(prefix)}"
    _build(_waiting(root, arguments), build)
    following = _waiting(root, arguments)
    print(f"serving {address} – Ctrl-C stops", flush=True)
    paths = [root / name for name in WATCHED]
    for changes in watch(*paths, debounce=_DEBOUNCE, step=_STEP):
        names = sorted(str(Path(path).relative_to(root)) for _, path in changes)
        print(f"changed: {', '.join(names)}", flush=True)
        _build(following, build)
        following = _waiting(root, arguments)
    return 0


def _server(port: int, handler: partial[Handler]) -> Server:
    """Listen on the first port that is free, from this one on."""
    for place in range(port, port + _PORTS):
        try:
            return Server(("127.0.0.1", place), handler)
        except OSError as error:
            last = error
    raise SystemExit(f"build.py: no port from {port} to {place} is free: {last}")


def _waiting(root: Path, arguments: Sequence[str]) -> subprocess.Popen[str]:
    """Start the process of the next build, which loads packages and waits for a line.

    It has not yet seen any code of the project, which may change before it may go on.
    """
    return subprocess.Popen(
        [sys.executable, "-c", _NEXT, str(root / "build.py"), "stages", *arguments],
        env=os.environ | {PARENT: str(os.getpid())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def _build(process: subprocess.Popen[str], build: Build) -> None:
    """Let a build run, tell what it said, and keep how it ended."""
    started = time.perf_counter()
    said, _ = process.communicate("go\n")
    seconds = time.perf_counter() - started
    lines = [line for line in said.splitlines() if not line.startswith("open ")]
    print("\n".join(lines), f"({seconds:.1f} s)", flush=True)
    build.finished("\n".join(lines) if process.returncode else "")
