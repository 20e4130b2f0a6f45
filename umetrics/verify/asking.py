"""What lists do not tell: further calls about each thing, whose answers become its fields.

What is refused is left out of all things of the kind, and becomes a gap: a field that one look has
and the other has not would pass for a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from umetrics.audit.breadth import is_denial
from umetrics.audit.catalogue.kind import Item, text
from umetrics.errors import AwsError, CredentialsError, NotFound
from umetrics.pool import each
from umetrics.verify.catalogue import Question, Row
from umetrics.verify.values import Gap

if TYPE_CHECKING:
    from umetrics.aws import Reader
    from umetrics.patience import Pace

ASKED_TOGETHER = 30
"""Questions about single things at once: a client has 40 connections, the lists take some."""

Fields = Mapping[str, Item]


@dataclass(slots=True)
class Asking:
    """The questions about one kind; `paces` are by operation.

    `gaps` are by field. Workers share them: to put something into a dict is atomic, and who has not
    seen it yet asks once more in vain.
    """

    row: Row
    reader: Reader
    paces: Mapping[str, Pace]
    gaps: dict[str, Gap] = field(default_factory=dict)

    def completed(self, items: Sequence[Item]) -> list[Item]:
        """Each thing with its own answers; without those that have gone meanwhile."""
        asked = [(item, question) for item in items for question in self.row.asked]
        answers = each(self._answer, asked, at_most=ASKED_TOGETHER)
        return list(self._whole(items, answers))

    def _answer(self, asked: tuple[Item, Question]) -> Fields | None:
        """The fields that were asked for; None where the thing has gone."""
        item, question = asked
        if all(name in self.gaps for name in question.answers.values()):
            return {}
        about = text(item, question.about) if question.about else self.row.kind.id_of(item)
        self.paces[question.operation].wait()
        try:
            told = self.reader.call(
                question.operation, {**question.parameters, question.parameter: about}
            )
        except NotFound:
            return None
        except (AwsError, CredentialsError) as error:
            for name in question.answers.values():
                self._leave_out(name, error.message, denied=is_denial(error))
            return {}
        for reason, name in question.withheld.items():
            if why := _at(told, reason):
                self._leave_out(name, str(why), denied=True)
        return {name: _at(told, path) for path, name in question.answers.items()}

    def _leave_out(self, name: str, reason: str, *, denied: bool) -> None:
        self.gaps[name] = Gap(self.row.name, reason, denied, name)

    def _whole(self, items: Sequence[Item], answers: Sequence[Fields | None]) -> Iterator[Item]:
        """Answers come in the order of the questions."""
        count = len(self.row.asked)
        for number, item in enumerate(items):
            told = answers[number * count : (number + 1) * count]
            if None in told:
                continue
            fields = {name: value for answer in told if answer for name, value in answer.items()}
            yield {
                name: value
                for name, value in {**item, **fields}.items()
                if name not in self.gaps and value is not None
            }


def _at(answer: Item, path: str) -> Item:
    """What stands there, whole; None where nothing does."""
    told = answer
    for name in path.split("."):
        told = told.get(name) if isinstance(told, Mapping) else None
    return told
