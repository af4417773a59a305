"""Print what sentence-transformers makes of texts with a model folder's ONNX graph.

Run by test_sentence_transformers_onnx.py in an environment of its own, which has optimum-onnx:

    python sentence_transformers_vectors.py FOLDER < texts.json > vectors.json
"""

import json
import sys

from sentence_transformers import SentenceTransformer

model = SentenceTransformer(sys.argv[1], backend="onnx", device="cpu", local_files_only=True)
# One text at a time: in a padded batch the 8-bit scales of one text depend on the others.
json.dump([model.encode([text])[0].tolist() for text in json.load(sys.stdin)], sys.stdout)
