"""A small typed client of Pincite's HTTP API.

from pincite.client import Client

with Client("http://127.0.0.1:7860") as pincite:
    print(pincite.ask("what did the court rule?").answer)
"""

from pincite.client.client import Client
from pincite.client.errors import ClientError
from pincite.explanation import Filters
from pincite.records import (
    Answer,
    Citation,
    Delta,
    DocumentInfo,
    Event,
    Message,
    Question,
    Restart,
    Stage,
)
from pincite.responses import (
    DocumentDetail,
    DocumentList,
    FoundPassage,
    UploadResult,
)

__all__ = [
    "Answer",
    "Citation",
    "Client",
    "ClientError",
    "Delta",
    "DocumentDetail",
    "DocumentInfo",
    "DocumentList",
    "Event",
    "Filters",
    "FoundPassage",
    "Message",
    "Question",
    "Restart",
    "Stage",
    "UploadResult",
]
