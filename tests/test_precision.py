"""Which precision fits this processor, and one that only behaves like an older one."""

from pathlib import Path

import pytest

from helpers import course

FLAGS = {"avx2", "avx512_bf16", "amx_bf16"}


@pytest.mark.parametrize(
    ("limit", "left"),
    [
        (None, FLAGS),
        ("ALL", FLAGS),
        ("default", FLAGS),
        ("AVX10_1_512_AMX", FLAGS),
        ("AVX512_CORE_BF16", {"avx2", "avx512_bf16"}),
        ("AVX512_CORE_FP16", {"avx2", "avx512_bf16"}),
        ("AVX512_CORE", {"avx2"}),
        ("AVX2", {"avx2"}),
    ],
)
def test_what_onednn_must_not_use_does_not_count(limit, left, monkeypatch):
    """With ONEDNN_MAX_CPU_ISA=AVX2 a fast processor computes like most laptops: 16 bits would be emulated."""
    text = f"processor : 0\nflags : {' '.join(FLAGS)}\n"
    monkeypatch.setattr(Path, "read_text", lambda _path, encoding: text)
    if limit is None:
        monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    else:
        monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", limit)
    assert course._processor_flags() & FLAGS == left


def test_a_system_without_cpuinfo_has_no_flags(monkeypatch):
    def refuse(_path, encoding):
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", refuse)
    assert course._processor_flags() == set()
