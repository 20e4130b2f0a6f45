"""What is to happen to one resource, line by line: the details beneath a step of a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from umetrics.provision.diff import Change, Missing
from umetrics.provision.model import (
    Comparison,
    Found,
    Ids,
    Phase,
    Spec,
    spec_fields,
)
from umetrics.provision.plan import Action, Step
from umetrics.provision.policy_document import EMPTY, PolicyDocument
from umetrics.render.glyph import STYLES, Glyph
from umetrics.render.line import Line
from umetrics.render.phrase import counted, some_of, worded
from umetrics.tags import IDENTITY_KEYS, Tags

INDENT = 6


def _marked(glyph: Glyph, text: str) -> Line:
    return Line(text, STYLES[glyph], mark=glyph, indent=INDENT)


def step_details(step: Step, ids: Ids) -> Iterator[Line]:
    """Why it conflicts, what it waits for, what changes, which tags are written, what is kept.

    `ids` gives what exists, by key.
    """
    if step.reason:
        yield Line(step.reason, indent=INDENT)
    yield from _predecessors(step)
    if step.difference is not None:
        if step.action is not Action.CONFLICT:
            for change in step.difference.changes:
                yield from change_lines(change, ids)
            yield from _tags(step.difference.missing, step.found)
        if step.difference.is_empty and step.found and step.found.phase is Phase.PENDING:
            yield Line(f"{step.found.id} is still pending: waits until it is ready", indent=INDENT)
    yield from (_marked(Glyph.UNCHANGED, text) for text in kept_texts(step))


def _predecessors(step: Step) -> Iterator[Line]:
    if step.action is Action.DELETE:
        if step.kind.holds:
            yield Line(f"with {step.kind.holds}, for good", indent=INDENT)
        if step.found is not None and step.found.phase is Phase.LEAVING:
            yield Line(f"waits for {step.found.id}, which is already deleting", indent=INDENT)
        yield from (Line(f"with {each.id}", indent=INDENT) for each in step.dying)
        return
    for each in step.dying:
        if each.phase is Phase.FAILED:
            yield Line(f"replaces {each.id}: failed: {each.note or 'no reason'}", indent=INDENT)
        else:
            yield Line(f"waits for {each.id}, deleting", indent=INDENT)


def change_lines(change: Change, ids: Ids) -> Iterator[Line]:
    """One difference: something added, removed, or becoming something else."""
    field = change.field.replace("_", " ")
    before, after = change.before, change.after
    if isinstance(before, PolicyDocument) and isinstance(after, PolicyDocument):
        yield from _document_lines(field, before, after)
    elif before is None:
        yield _marked(Glyph.CREATE, f"{field}: {worded(after, ids)}")
    elif after is None:
        whose = ", not ours" if getattr(before, "foreign", False) else ""
        yield _marked(Glyph.DESTROY, f"{field}: {worded(before, ids)}{whose}")
    else:
        text = f"{field}: {worded(before, ids)} becomes {worded(after, ids)}"
        yield _marked(Glyph.CHANGE, text)


def _document_lines(field: str, before: PolicyDocument, after: PolicyDocument) -> Iterator[Line]:
    for text in before.difference(after):
        glyph = Glyph.CREATE if text.startswith(Glyph.CREATE) else Glyph.DESTROY
        yield _marked(glyph, f"{field}: {text[2:]}")


def spec_lines(spec: Spec, ids: Ids) -> Iterator[Line]:
    """Everything that something new will be, a line for each field and each element of a set."""
    for field in spec_fields(spec):
        value = getattr(spec, field.name)
        if field.comparison is Comparison.INFORMATIONAL or value in ("", frozenset()):
            continue
        label = field.name.replace("_", " ")
        if isinstance(value, PolicyDocument):
            yield from _document_lines(label, EMPTY, value)
            continue
        elements = value if isinstance(value, frozenset) else (value,)
        for text in sorted(worded(element, ids) for element in elements):
            yield _marked(Glyph.CREATE, f"{label}: {text}")


def tag_lines(tags: Tags) -> Iterator[Line]:
    """The tags that something new will carry, in one line."""
    if tags:
        yield _marked(Glyph.CREATE, _tags_text(tags, {}))


def _tags(missing: Iterable[Missing], found: Found[object] | None) -> Iterator[Line]:
    """A line for each tag of the resource; one for all of its parts that lack the same."""
    alike: dict[tuple[Glyph, str, str], list[str]] = defaultdict(list)
    for each in missing:
        if each.part is None:
            present = found.tags if found else {}
            for key, value in each.tags.items():
                pair = {key: value}
                yield _marked(_tag_glyph(pair, present), _tags_text(pair, present))
        else:
            glyph = _tag_glyph(each.tags, each.part.tags)
            text = _tags_text(each.tags, each.part.tags)
            alike[glyph, each.part.kind, text].append(each.part.id)
    for (glyph, kind, text), ids in alike.items():
        whose = f"{kind} {ids[0]}"
        if len(ids) > 1:
            whose = f"{counted(len(ids), kind)} ({some_of(ids)})"
        yield _marked(glyph, f"{whose}: {text}")


def _tag_glyph(tags: Tags, present: Tags) -> Glyph:
    """Whose identity comes back is ours again; a value that stands there already changes."""
    if any(key in IDENTITY_KEYS for key in tags):
        return Glyph.ADOPTED
    return Glyph.CHANGE if any(key in present for key in tags) else Glyph.CREATE


def _tags_text(tags: Tags, present: Tags) -> str:
    """`tag Owner = x (was y)`; several are told closer together, so that lines break between."""
    equals = " = " if len(tags) == 1 else "="
    told = ", ".join(
        f"{key}{equals}{value or '(empty)'}"
        + (f" (was {present[key] or '(empty)'})" if key in present else "")
        for key, value in tags.items()
    )
    return f"tag {told}" if len(tags) == 1 else f"tags {told}"


def kept_texts(step: Step) -> list[str]:
    """What others put on the resource and what stays there, a sentence each."""
    if step.found is None:
        return []
    foreign = step.difference.foreign if step.difference else ()
    texts = [f"kept: {_told(element, step.found.spec)}, not ours" for element in foreign]
    verb = "goes too" if step.action is Action.DELETE else "kept"
    for field in spec_fields(step.found.spec):
        value = getattr(step.found.spec, field.name)
        if field.comparison is Comparison.INFORMATIONAL and isinstance(value, frozenset):
            named = sorted(_told(element, step.found.spec) for element in value)
            texts += [f"{verb}: {text}, not ours" for text in named]
    return texts


def _told(element: object, spec: Spec) -> str:
    """An element of a set; a lone name says nothing without the field that it stands in."""
    text = worded(element)
    for field in spec_fields(spec):
        value = getattr(spec, field.name)
        if " " not in text and isinstance(value, frozenset) and element in value:
            return f"{field.name.replace('_', ' ')} {text}"
    return text
