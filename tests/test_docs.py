"""What the documents tell a user to type works, and every command is told of."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs" / "guide.md"
DOCUMENTS = [ROOT / "README.md", GUIDE]


def blocks(document: Path, language: str) -> list[str]:
    """The code blocks of a document in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_its_commands_work_in_their_order(document: Path, tmp_path: Path) -> None:
    script = "\n".join(block for block in blocks(document, "sh") if "make " not in block)
    assert "tinylens train" in script
    tool = tmp_path / "bin" / "tinylens"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tinylens "$@"\n')
    tool.chmod(0o755)
    environment = os.environ | {"PATH": f"{tool.parent}:{os.environ['PATH']}"}
    # README's predict takes the contact sheet that the guide's `data show` writes.
    subprocess.run([tool, "data", "show", "digits"], cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_its_python_works(document: Path, tmp_path: Path) -> None:
    for block in blocks(document, "python"):
        done = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_every_command_is_in_the_guide() -> None:
    from tinylens.cli import app

    guide = GUIDE.read_text()
    for name in app:
        if name.startswith("-"):
            continue
        inner = [f"{name} {sub}" for sub in app[name] if not sub.startswith("-")] if name == "data" else [name]
        for command in inner:
            assert f"tinylens {command}" in guide, command


def test_what_a_document_points_to_is_there() -> None:
    for document in [*DOCUMENTS, ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
            assert target.startswith("https://") or (document.parent / target).exists(), f"{document.name}: {target}"
