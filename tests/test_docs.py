"""What the documents tell a user to type works, and every command is told of."""

import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tinylens.cli import app, main

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs" / "guide.md"
DOCUMENTS = [ROOT / "README.md", GUIDE]


def blocks(document: Path, language: str) -> list[str]:
    """The code blocks of a document in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL)


def expanded_names(word: str) -> list[str]:
    """What a shell makes of a word with a star."""
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_its_commands_work_in_their_order(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [shlex.split(line, comments=True) for block in blocks(document, "sh") for line in block.splitlines()]
    commands = [words[1:] for words in lines if words[:1] == ["tinylens"]]
    assert any(words[0] == "train" for words in commands)
    before = signal.getsignal(signal.SIGTERM)
    for words in commands:
        expanded = [name for word in words for name in expanded_names(word)]
        with pytest.raises(SystemExit) as ended:
            main(expanded)
        assert ended.value.code == 0, f"{words}: {capfd.readouterr().err}"
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_its_python_works(document: Path, tmp_path: Path) -> None:
    apart = "".join(f"exec({block!r}, {{'__name__': '__main__'}})\n" for block in blocks(document, "python"))
    done = subprocess.run([sys.executable, "-c", apart], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_command_is_in_the_guide() -> None:
    guide = GUIDE.read_text()
    for name in app:
        if name.startswith("-"):
            continue
        for command in [name, *(f"{name} {sub}" for sub in app[name] if not sub.startswith("-"))]:
            assert f"tinylens {command}" in guide, command


def test_what_a_document_points_to_is_there() -> None:
    for document in [*DOCUMENTS, ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
            assert target.startswith("https://") or (document.parent / target).exists(), f"{document.name}: {target}"
