"""The chat page. Importing it silences Gradio's and the Hugging Face hub's calls home."""

import os

# Both libraries read these when they are imported, which the modules of this package do.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# After every event Gradio tabulates, with pandas, up to 10,000 of them for a page we do not serve.
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"
