"""The errors Pincite raises.

PinciteError
├── InputError                    what the caller sent is wrong
│   ├── ModeUnavailableError      an answer mode that is not configured
│   └── IdempotencyKeyReusedError the key of one request, sent with another
├── SourceError                   one document cannot be taken in; the others go on
│   ├── SourceNotFoundError
│   ├── SourceUnreadableError
│   ├── UnsupportedFormatError
│   ├── EncodingError
│   ├── EmptyDocumentError
│   ├── EncryptedDocumentError
│   ├── DocumentTooLargeError
│   ├── ParseError
│   ├── ParseTimeoutError
│   ├── UrlForbiddenError
│   └── FetchError
├── LibraryError                  the library cannot do what was asked
│   ├── LibraryMissingError
│   ├── LibraryBusyError
│   ├── LibraryCorruptError
│   ├── ModelMismatchError
│   └── DocumentNotFoundError
├── EncoderError                  the embedding model cannot be used
│   ├── ModelFilesError
│   └── MissingExtraError
├── LLMError                      the large language model did not answer
│   ├── LLMUnreachableError
│   ├── LLMTimeoutError
│   ├── LLMRefusedError
│   ├── LLMOverloadedError
│   ├── LLMProtocolError
│   ├── LLMIncompleteError
│   └── LLMPausedError
├── CancelledError                nobody waits for the answer any longer
├── ServerError                   the server cannot do what was asked now
│   ├── NotReadyError
│   ├── OverloadedError
│   ├── IdempotencyInProgressError
│   └── ListenError
└── IndexMismatchError            vectors that do not fit the index

Messages name the thing, what was found and what was wanted, and the next step.
``code`` is stable: it is what bots match on.
"""

from typing import ClassVar


class PinciteError(Exception):
    """Base of every error Pincite raises on purpose."""

    code: ClassVar[str] = "error"


class InputError(PinciteError):
    """The caller's input is wrong: an empty question, a bad option, a broken file of questions."""

    code = "bad_input"


class ModeUnavailableError(InputError):
    """The answer mode asked for is not configured."""

    code = "mode_unavailable"


class IdempotencyKeyReusedError(InputError):
    """The ``Idempotency-Key`` came before with another request."""

    code = "idempotency_key_reused"


class SourceError(PinciteError):
    """One document cannot be taken in."""

    code = "source_refused"


class SourceNotFoundError(SourceError):
    """No file is there."""

    code = "source_not_found"


class SourceUnreadableError(SourceError):
    """The operating system refuses to read the file."""

    code = "source_unreadable"


class UnsupportedFormatError(SourceError):
    """The bytes are not one of the formats Pincite reads."""

    code = "unsupported_format"


class EncodingError(SourceError):
    """The bytes are not text in an encoding that can be told."""

    code = "bad_encoding"


class EmptyDocumentError(SourceError):
    """The document holds no text."""

    code = "empty_document"


class EncryptedDocumentError(SourceError):
    """The document is locked by a password."""

    code = "encrypted_document"


class DocumentTooLargeError(SourceError):
    """The document passes a cap on bytes, pages or text."""

    code = "document_too_large"


class ParseError(SourceError):
    """The document is damaged or not what its type says."""

    code = "parse_failed"


class ParseTimeoutError(SourceError):
    """Parsing took more time or memory than is allowed."""

    code = "parse_timeout"


class UrlForbiddenError(SourceError):
    """The URL leads to an address that must not be fetched."""

    code = "url_forbidden"


class FetchError(SourceError):
    """The URL could not be fetched."""

    code = "fetch_failed"


class LibraryError(PinciteError):
    """The library cannot do what was asked."""

    code = "library_error"


class LibraryMissingError(LibraryError):
    """There is no library in this folder yet."""

    code = "library_missing"


class LibraryBusyError(LibraryError):
    """Another process is writing to the library."""

    code = "library_busy"


class LibraryCorruptError(LibraryError):
    """The database file is damaged or of an unknown version."""

    code = "library_corrupt"


class ModelMismatchError(LibraryError):
    """The library was made with another embedding model or splitter."""

    code = "model_mismatch"


class DocumentNotFoundError(LibraryError):
    """No document has this id or source."""

    code = "document_not_found"


class EncoderError(PinciteError):
    """The embedding model cannot be used."""

    code = "encoder_error"


class ModelFilesError(EncoderError):
    """The model's files are missing or not the ones that were released."""

    code = "model_files"


class MissingExtraError(EncoderError):
    """An optional dependency is not installed."""

    code = "missing_extra"


class LLMError(PinciteError):
    """The large language model did not answer."""

    code = "llm_error"


class LLMUnreachableError(LLMError):
    """No connection to the model's server can be made, or the model cannot be loaded."""

    code = "llm_unreachable"


class LLMTimeoutError(LLMError):
    """The model's server was silent or too slow."""

    code = "llm_timeout"


class LLMRefusedError(LLMError):
    """The model's server refused the request: a wrong key, an unknown model, a prompt too long."""

    code = "llm_refused"


class LLMOverloadedError(LLMError):
    """The model's server has too much to do, or failed, and did so again when asked again."""

    code = "llm_overloaded"


class LLMProtocolError(LLMError):
    """What the model's server sent is no answer in the protocol."""

    code = "llm_protocol"


class LLMIncompleteError(LLMError):
    """The model's answer was cut off before its end."""

    code = "llm_incomplete"


class LLMPausedError(LLMError):
    """The model failed several times in a row and is not asked for ``seconds``."""

    code = "llm_paused"

    def __init__(self, message: str, seconds: float = 0.0) -> None:
        super().__init__(message)
        self.seconds = seconds


class CancelledError(PinciteError):
    """Nobody waits for the answer any longer."""

    code = "cancelled"


class IndexMismatchError(PinciteError):
    """Vectors have the wrong shape, length or values for the index."""

    code = "index_mismatch"


class ServerError(PinciteError):
    """The server cannot do what was asked now."""

    code = "server_error"


class NotReadyError(ServerError):
    """The model and the indexes are still being loaded."""

    code = "not_ready"


class OverloadedError(ServerError):
    """More requests are waiting than the server keeps in line."""

    code = "overloaded"


class IdempotencyInProgressError(ServerError):
    """The request with the same ``Idempotency-Key`` is still being worked on."""

    code = "idempotency_in_progress"


class ListenError(ServerError):
    """The server cannot listen on the address."""

    code = "cannot_listen"
