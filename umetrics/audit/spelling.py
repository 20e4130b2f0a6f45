"""When a tag's key is nearly another one: the same in another case, or one slip of the hand away.

Pure. It knows no scheme; a match counts only where it is the only one, seen from either side.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from umetrics.audit.values import Problem

SHORTEST = 4
"""Letters: of shorter keys, too many honest words are one letter away."""

Nearness = Callable[[str, str], bool]


def near_misses(
    missing: Collection[str], present: Collection[str]
) -> Mapping[str, tuple[str, Problem]]:
    """For each missing key the present one that was meant, and what is wrong with that.

    What differs in case alone is preferred to what is misspelt. Where two present keys fit one
    missing key, or the other way round, nobody knows what was meant: there is no match.
    """
    found: dict[str, tuple[str, Problem]] = {}
    for nearness, problem in ((_same_word, Problem.WRONG_CASE), (_one_slip, Problem.MISSPELT)):
        left = [key for key in missing if key not in found]
        free = set(present) - {key for key, _ in found.values()}
        fits = {key: [each for each in free if nearness(each, key)] for key in left}
        for key, candidates in fits.items():
            rivals = [other for other in left if set(candidates) & set(fits[other])]
            if len(candidates) == len(rivals) == 1:
                found[key] = (candidates[0], problem)
    return found


def _same_word(key: str, wanted: str) -> bool:
    return _bare(key) == _bare(wanted)


def _bare(key: str) -> str:
    return key.strip().casefold()


def _letters(key: str) -> str:
    return "".join(filter(str.isalnum, key.casefold()))


def _one_slip(key: str, wanted: str) -> bool:
    """Other signs between words, or one letter too many, too few, wrong, or swapped with the next.

    That is an optimal string alignment distance of at most one, of letters and digits.
    """
    one, other = sorted((_letters(key), _letters(wanted)), key=len)
    if len(_letters(wanted)) < SHORTEST or len(other) - len(one) > 1:
        return False
    if len(other) > len(one):
        return any(other[:at] + other[at + 1 :] == one for at in range(len(other)))
    differing = [at for at in range(len(one)) if one[at] != other[at]]
    match differing:
        case [] | [_]:
            return True
        case [first, second]:
            swapped = one[first] + one[second] == other[second] + other[first]
            return second == first + 1 and swapped
    return False
