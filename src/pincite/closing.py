"""What holds something that has to be given back."""

from abc import abstractmethod
from types import TracebackType
from typing import Self


class Closing:
    """Closed when its ``with`` block ends."""

    @abstractmethod
    def close(self) -> None:
        """Give back what is held; it is not used afterwards."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
