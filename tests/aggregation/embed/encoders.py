"""A small real encoder as two files, built here: embeddings, one attention layer, a projection."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

VOCABULARY = """
the ai should must not never be honest kind fair open tell truth lie protect children privacy people
sources explain reasons help law obey free query : a of to and
"""
WORDS = VOCABULARY.split()
WIDTH = 24


def write_tokenizer(path: Path, *, limit: int | None = None) -> None:
    """Words of the list above, everything else [UNK]; stored with padding, as many are."""
    vocabulary = {w: i for i, w in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_padding(length=64)
    if limit:
        tokenizer.enable_truncation(limit)
    tokenizer.save(str(path))


def weights(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = {
        "words": (len(WORDS) + 4, WIDTH),
        "kinds": (2, WIDTH),
        "query": (WIDTH, WIDTH),
        "key": (WIDTH, WIDTH),
        "out": (WIDTH, WIDTH),
    }
    return {name: rng.normal(size=s).astype(np.float32) / 3 for name, s in shapes.items()}


def write_model(path: Path, *, pooled: bool = False, seed: int = 0, extra: str = "") -> None:
    """x = words + kinds;  y = x + softmax(xQ (xK)') x O;  `pooled` gives the first row of y.

    extra : the name of one more input, which no tokenizer can fill
    """
    names = ["input_ids", "attention_mask", "token_type_ids", *([extra] if extra else [])]
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "n"]) for n in names]
    nodes = [
        helper.make_node("Gather", ["words", "input_ids"], ["w"]),
        helper.make_node("Gather", ["kinds", "token_type_ids"], ["k"]),
        helper.make_node("Add", ["w", "k"], ["x"]),
        helper.make_node("MatMul", ["x", "query"], ["q"]),
        helper.make_node("MatMul", ["x", "key"], ["kk"]),
        helper.make_node("Transpose", ["kk"], ["kt"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["q", "kt"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["attention"], axis=-1),
        helper.make_node("MatMul", ["attention", "x"], ["mixed"]),
        helper.make_node("MatMul", ["mixed", "out"], ["projected"]),
        helper.make_node("Add", ["x", "projected"], ["last_hidden_state"]),
        helper.make_node("Gather", ["last_hidden_state", "first"], ["pooled"], axis=1),
    ]
    token_level = helper.make_tensor_value_info(
        "last_hidden_state", TensorProto.FLOAT, ["batch", "n", WIDTH]
    )
    text_level = helper.make_tensor_value_info("pooled", TensorProto.FLOAT, ["batch", WIDTH])
    stored = [numpy_helper.from_array(w, n) for n, w in weights(seed).items()]
    stored.append(numpy_helper.from_array(np.array(0, dtype=np.int64), "first"))
    outputs = [text_level] if pooled else [token_level]
    graph = helper.make_graph(nodes, "encoder", inputs, outputs, stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def expected(ids: list[int], *, pooling: str, seed: int = 0) -> np.ndarray:
    """What the encoder above gives for one text, with numpy."""
    w = {name: array.astype(np.float64) for name, array in weights(seed).items()}
    x = w["words"][ids] + w["kinds"][0]
    scores = (x @ w["query"]) @ (x @ w["key"]).T
    attention = np.exp(scores - scores.max(axis=1, keepdims=True))
    attention /= attention.sum(axis=1, keepdims=True)
    y = x + attention @ x @ w["out"]
    vector = y.mean(axis=0) if pooling == "mean" else y[0]
    return vector / np.linalg.norm(vector)
