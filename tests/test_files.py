"""Whole files or none."""

import os
import stat
import threading
from pathlib import Path

import pytest

from tinylens.errors import TinylensError
from tinylens.files import read_json, remove_unfinished, replacing, write_json, write_text


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file"
    with replacing(target) as file:
        file.write(b"new")
        assert not target.exists()
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    with pytest.raises(TypeError), replacing(target) as file:
        file.write("text where bytes are wanted")  # type: ignore[arg-type]
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_files_have_the_mode_that_the_umask_leaves(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_text(tmp_path / "file", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~umask


def test_a_folder_in_the_way_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(TinylensError, match=r"cannot write .*file: Is a directory"):
        write_text(tmp_path / "file", "x")
    (tmp_path / "flat").write_text("")
    with pytest.raises(TinylensError, match=r"cannot write .*: (Not a directory|File exists)"):
        write_text(tmp_path / "flat" / "file", "x")
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(TinylensError, match=r"^cannot write /proc/nothing: "):
        write_text(Path("/proc/nothing"), "x")


def test_writers_at_the_same_time_leave_one_whole_file(tmp_path: Path) -> None:
    texts = [str(i) * 10_000 for i in range(8)]
    threads = [threading.Thread(target=write_text, args=(tmp_path / "file", text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "file").read_text() in texts
    assert len(list(tmp_path.iterdir())) == 1


def test_what_was_left_unfinished_is_removed_and_nothing_else(tmp_path: Path) -> None:
    keep = [tmp_path / "a.tmp", tmp_path / ".hidden"]
    for file in (*keep, tmp_path / ".last.pt.1234.tmp"):
        file.write_text("")
    remove_unfinished(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(keep)


def test_json_comes_back_and_damage_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    write_json(file, {"ä": [1, None]})
    assert read_json(file) == {"ä": [1, None]}
    for damage in (b"", b"{", b"\xff", b"[" * 100_000):
        file.write_bytes(damage)
        with pytest.raises(TinylensError, match=r"cannot read .*x\.json"):
            read_json(file)
    with pytest.raises(TinylensError, match=r"y\.json is missing"):
        read_json(tmp_path / "y.json")
