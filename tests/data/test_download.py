"""Downloads from a real server that lies, breaks off and goes wrong in the ways that servers do."""

import hashlib
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from tinylens.data import download as module
from tinylens.data.download import download
from tinylens.data.library import get
from tinylens.errors import DataError, UsageError

BODY = bytes(range(256)) * 3000  # 768,000 bytes: several chunks
HALF = len(BODY) // 2
CHECKSUM = hashlib.sha256(BODY).hexdigest()
Answer = Callable[[http.server.BaseHTTPRequestHandler, int], None]


class Server:
    """Answers each request with the next of its answers, and the last one ever after."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.ranges: list[str | None] = []
        self.paths: list[str] = []
        self.sent = 0
        self.url = ""

    def handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        """The class of one request."""
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.ranges.append(self.headers.get("Range"))
                server.paths.append(self.path)
                start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                answer(self, start)
                self.close_connection = True

            def send_body(self, data: bytes, status: int = 200, length: int | None = None, start: int = 0) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(data) if length is None else length))
                if status == 206:
                    self.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
                self.end_headers()
                self.wfile.write(data)
                server.sent += len(data)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        return Handler


@contextmanager
def serving(*answers: Answer) -> Iterator[Server]:
    """A server in a thread for the length of the block."""
    server = Server(*answers)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), server.handler()) as real:
        thread = threading.Thread(target=real.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        server.url = f"http://127.0.0.1:{real.server_port}/file"
        yield server
        real.shutdown()
        thread.join()


def whole(request, start: int) -> None:  # type: ignore[no-untyped-def]
    """As a good server: ranges are honoured."""
    request.send_body(BODY[start:], 206 if start else 200, start=start)


def breaks_off(request, start: int) -> None:  # type: ignore[no-untyped-def]
    request.send_body(BODY[start : start + HALF], 206 if start else 200, length=len(BODY) - start, start=start)


def ignores_range(request, start: int) -> None:  # type: ignore[no-untyped-def]
    request.send_body(BODY)


def flipped(request, start: int) -> None:  # type: ignore[no-untyped-def]
    request.send_body(BODY[:-1] + b"?")


def claims_too_much(request, start: int) -> None:  # type: ignore[no-untyped-def]
    request.send_body(BODY, length=len(BODY) + 1000)


def claims_too_little(request, start: int) -> None:  # type: ignore[no-untyped-def]
    request.send_body(BODY, length=len(BODY) - 1000)


def wrong_range(request, start: int) -> None:  # type: ignore[no-untyped-def]
    request.send_body(BODY[10:], 206, start=10)


def status(code: int) -> Answer:
    """An answer with this status and nothing else."""
    return lambda request, start: request.send_body(b"", code)  # type: ignore[attr-defined]


def no_length(request, start: int) -> None:  # type: ignore[no-untyped-def]
    request.send_response(200)
    request.end_headers()
    request.wfile.write(BODY)


def hangs_up(request, start: int) -> None:  # type: ignore[no-untyped-def]
    """Not a word of HTTP."""


def stalls(request, start: int) -> None:  # type: ignore[no-untyped-def]
    request.send_response(200)
    request.send_header("Content-Length", str(len(BODY)))
    request.end_headers()
    request.wfile.flush()
    threading.Event().wait(1)


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file shall be; nothing is waited for long."""
    monkeypatch.setattr(module, "TIMEOUT", 0.5)
    return tmp_path / "data" / "file.tar.gz"


def part(target: Path) -> Path:
    """What has arrived of it."""
    return target.with_name(target.name + ".part")


def refused(urls: list[str], target: Path) -> str:
    """The one line with which a download fails, and that nothing has the final name then."""
    with pytest.raises(DataError) as caught:
        download(urls, target, CHECKSUM)
    assert not target.exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("answer", [whole, no_length, claims_too_much, breaks_off])
def test_the_whole_file_arrives_and_no_part_is_left(answer: Answer, target: Path) -> None:
    with serving(answer) as server:
        assert download([server.url], target, CHECKSUM) == target
    assert target.read_bytes() == BODY
    assert not part(target).exists()


def test_a_broken_transfer_goes_on_where_it_stopped(target: Path) -> None:
    with serving(breaks_off, whole) as server:
        download([server.url], target, CHECKSUM)
    assert server.ranges == [None, f"bytes={HALF}-"]
    assert server.sent == len(BODY)
    assert target.read_bytes() == BODY


def test_a_second_call_goes_on_where_the_first_stopped(target: Path) -> None:
    with serving(breaks_off, status(503)) as server:
        assert "HTTP 503" in refused([server.url], target)
    assert part(target).read_bytes() == BODY[:HALF]
    with serving(whole) as server:
        download([server.url], target, CHECKSUM)
    assert server.ranges == [f"bytes={HALF}-"]
    assert server.sent == len(BODY) - HALF


def test_a_server_that_ignores_the_range_is_read_from_the_start(target: Path) -> None:
    target.parent.mkdir()
    part(target).write_bytes(BODY[:HALF])
    with serving(ignores_range) as server:
        download([server.url], target, CHECKSUM)
    assert server.ranges == [f"bytes={HALF}-"]
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("stale", [b"wrong" * 1000, BODY[:-1] + b"?", BODY + b"more"])
def test_a_part_with_wrong_bytes_is_given_up(stale: bytes, target: Path) -> None:
    def strict(request, start: int) -> None:  # type: ignore[no-untyped-def]
        status(416)(request, start) if start >= len(BODY) else whole(request, start)

    target.parent.mkdir()
    part(target).write_bytes(stale)
    with serving(strict) as server:
        download([server.url], target, CHECKSUM)
    assert server.ranges == [f"bytes={len(stale)}-", None]
    assert target.read_bytes() == BODY


def test_a_whole_part_is_taken_as_it_is(target: Path) -> None:
    target.parent.mkdir()
    part(target).write_bytes(BODY)
    with serving(status(416)) as server:
        download([server.url], target, CHECKSUM)
    assert target.read_bytes() == BODY


def test_another_range_than_asked_for_is_not_used(target: Path) -> None:
    target.parent.mkdir()
    part(target).write_bytes(BODY[:HALF])
    with serving(wrong_range, whole) as server:
        download([server.url], target, CHECKSUM)
    assert server.ranges == [f"bytes={HALF}-", None]
    assert target.read_bytes() == BODY


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (flipped, "its bytes do not match the checksum"),
        (claims_too_little, "its bytes do not match the checksum"),
        (wrong_range, "it sent another range than was asked for"),
        (status(404), "HTTP 404 Not Found"),
        (status(416), "HTTP 416"),
        (status(200), "its bytes do not match the checksum"),
        (hangs_up, "no answer"),
        (stalls, "broke off (timed out)"),
    ],
)
def test_a_bad_server_gives_no_file_and_the_next_mirror_is_used(answer: Answer, words: str, target: Path) -> None:
    with serving(answer) as bad, serving(whole) as good:
        assert f"{bad.url}: {words}" in refused([bad.url], target)
        download([bad.url, good.url], target, CHECKSUM)
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("answer", [flipped, status(404), status(500)])
def test_a_hopeless_mirror_is_asked_once(answer: Answer, target: Path) -> None:
    with serving(answer) as server:
        refused([server.url], target)
    assert len(server.paths) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/file", "nonsense", "gopher://x/y", "http://[broken/"])
def test_an_address_where_nothing_is(url: str, target: Path) -> None:
    assert url in refused([url], target)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DataError, match="cannot write"):
        download(["http://127.0.0.1:1/"], tmp_path / "file" / "x.tar.gz", CHECKSUM)


def test_two_downloads_of_one_file_do_not_mix(target: Path) -> None:
    target.parent.mkdir()
    with FileLock(target.with_name(f".{target.name}.lock")), pytest.raises(DataError, match="by another process"):
        download(["http://127.0.0.1:1/"], target, CHECKSUM)


def test_get_asks_the_mirrors_for_the_official_archive_and_refuses_another(tmp_path: Path) -> None:
    with serving(whole) as server, pytest.raises(DataError, match="do not match the checksum"):
        get("cifar100", data_dir=tmp_path, mirrors=[f"{server.url}/{{name}}/{{file}}?{{other}}"])
    assert server.paths == ["/file/cifar100/cifar-100-python.tar.gz?{other}"]
    assert not (tmp_path / "cifar-100-python.tar.gz").exists()


def test_get_of_a_name_nobody_knows() -> None:
    with pytest.raises(UsageError, match="no data set is called 'mnist'; there are cifar10, "):
        get("mnist")


def test_get_of_what_is_there() -> None:
    assert get("digits").verified == "already present, not checked again"
