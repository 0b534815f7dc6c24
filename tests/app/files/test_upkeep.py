"""Rows and bytes held against each other, on whatever store is configured."""

from __future__ import annotations

import hashlib
import io
import os
import time
import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from app.core.access import Viewer
from app.core.db import transaction
from app.files import service, upkeep, uploads
from app.files.upkeep import Fault
from storage import keys

NOW = -60.0
"""A grace that has always passed, whatever the two clocks say."""


@pytest.fixture
def stored(app: Flask, viewer_for: Callable[[str], Viewer]) -> Callable[[bytes], str]:
    """Bytes received and kept; their key."""

    def make(data: bytes, with_row: bool = True) -> str:
        with app.app_context():
            received = service.receive(viewer_for("giaovien"), io.BytesIO(data), "bai.txt")
            if with_row:
                with transaction():
                    service.keep(received)
            return keys.blob(received.sha256)

    return make


def test_all_is_well(app: Flask, stored: Callable[..., str]) -> None:
    stored(b"one")
    stored(b"two")
    with app.app_context():
        assert list(upkeep.verify(read=True, grace_s=NOW)) == []
        assert upkeep.sweep(NOW) == upkeep.Swept(0, 0, 0)


def test_missing_changed_and_short_bytes_are_found(app: Flask, stored: Callable[..., str]) -> None:
    lost, flipped, short = stored(b"lost"), stored(b"flipped bits"), stored(b"too short")
    files = app.extensions["kho"].files
    files.drop(lost)
    files.put(flipped, io.BytesIO(b"flipped bitz"))
    files.put(short, io.BytesIO(b"too"))
    with app.app_context():
        quick = [Fault("missing", lost), Fault("wrong size", short)]
        assert sorted(upkeep.verify(), key=lambda fault: fault.kind) == quick
        assert Fault("changed", flipped) in list(upkeep.verify(read=True))
    done = app.test_cli_runner().invoke(args=["files", "verify", "--read"])
    assert done.exit_code == 1
    assert f"missing\t{lost}" in done.output


def test_orphans_go_after_their_time_and_nothing_else(app: Flask, stored: Callable[..., str]) -> None:
    kept, orphan = stored(b"kept"), stored(b"orphan", with_row=False)
    files = app.extensions["kho"].files
    other = "other/thing"
    files.put(other, io.BytesIO(b"not ours to judge"))
    staged = app.extensions["kho"].settings.data_dir / "staging" / "half"
    staged.write_bytes(b"x")
    os.utime(staged, (1, 1))
    with app.app_context():
        assert list(upkeep.verify()) == []
        assert upkeep.sweep() == upkeep.Swept(0, 0, 1)
        assert list(upkeep.verify(grace_s=NOW)) == [Fault("orphan", orphan)]
        assert upkeep.sweep(NOW).orphans == 1
    assert sorted(files.keys()) == sorted([kept, other])
    done = app.test_cli_runner().invoke(args=["files", "sweep"])
    assert done.exit_code == 0


def test_received_again_an_orphan_is_young_again(app: Flask, stored: Callable[..., str]) -> None:
    """The sweep has listed an old orphan; before it drops it somebody sends the same bytes."""
    data = b"sent twice"
    orphan = stored(data, with_row=False)
    files = app.extensions["kho"].files
    before = files.stat(orphan).changed_at
    if (path := getattr(files, "root", None)) is not None:
        os.utime(path / orphan, (1, 1))
        before = files.stat(orphan).changed_at
    else:
        time.sleep(1.1)
    stored(data)
    assert files.stat(orphan).changed_at > before
    with app.app_context():
        assert upkeep.sweep(NOW).orphans == 0
    assert b"".join(files.open(orphan)) == data
    assert orphan.endswith(hashlib.sha256(data).hexdigest())


def test_the_command_reads_all_and_names_every_fault(app: Flask, stored: Callable[..., str]) -> None:
    """Lost bytes, flipped bits and bytes without a row each end it with 1; what just came in does not."""
    runner, files = app.test_cli_runner(), app.extensions["kho"].files
    kept = stored(b"as it came")
    young = stored(b"no row yet", with_row=False)
    done = runner.invoke(args=["files", "verify", "--repair", "none"])
    assert done.exit_code == 0, done.output
    assert f"young\t{young}" in done.output
    assert "1 rows, 10 bytes looked at" in done.output
    done = runner.invoke(args=["files", "verify", "--hours", "-1"])
    assert done.exit_code == 1
    assert f"orphan\t{young}" in done.output
    files.put(kept, io.BytesIO(b"As it came"))
    assert runner.invoke(args=["files", "verify", "--quick"]).exit_code == 0
    done = runner.invoke(args=["files", "verify"])
    assert done.exit_code == 1
    assert f"changed\t{kept}" in done.output
    assert files.exists(young)
    assert files.exists(kept)


def test_pieces_of_uploads_are_looked_at_too(app: Flask, viewer_for: Callable[[str], Viewer]) -> None:
    files = app.extensions["kho"].files
    stray = keys.piece(uuid.uuid4())
    files.put(stray, io.BytesIO(b"no row"))
    files.put("piece/zz/no-id", io.BytesIO(b"no row"))
    with app.app_context():
        viewer = viewer_for("giaovien")
        upload = uploads.start(viewer, "bai.txt", 4)
        uploads.append(viewer, upload.id, 0, io.BytesIO(b"ab"))
        (piece,) = (key for key in files.keys("piece/") if key not in (stray, "piece/zz/no-id"))
        found = list(upkeep.verify(grace_s=NOW))
        assert sorted(fault.key for fault in found) == sorted([stray, "piece/zz/no-id"])
        assert {fault.kind for fault in found} == {"orphan"}
        files.drop(piece)
        assert Fault("missing", piece) in list(upkeep.verify())
