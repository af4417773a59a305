"""What opening a library must not cost."""

import subprocess
import sys


def test_opening_a_library_loads_no_index_engine() -> None:
    engines = {"faiss", "tantivy", "onnxruntime", "torch"}
    opening = "import sys, pincite.search.cache, pincite.library.intake"
    code = f"{opening}; print(sorted({engines!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
