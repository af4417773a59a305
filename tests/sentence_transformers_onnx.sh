#!/bin/sh
# Make the environment in which sentence-transformers runs an ONNX model folder: optimum-onnx 0.1.0,
# the newest, wants transformers below 4.58, and the tests' own environment is above.
# Usage: tests/sentence_transformers_onnx.sh PYTHON FOLDER
set -eu
"$1" -m venv --clear "$2"
pip="$2/bin/python -m pip install --quiet --disable-pip-version-check"
# First and pinned, as the tests' own: a range would bring the newest build, with its CUDA packages.
$pip torch==2.13.0
$pip sentence-transformers==5.7.0 'optimum-onnx[onnxruntime]==0.1.0' transformers==4.57.6
