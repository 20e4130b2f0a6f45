"""SSM parameters keep the type that they were made with."""

from __future__ import annotations

from typing import Any

from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule


@rule(
    "parameter-type-stays",
    service="ssm",
    actions="put_parameter",
    source="Systems Manager API reference, PutParameter: HierarchyTypeMismatchException",
)
def type_stays(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Overwriting with a value of another type is refused."""
    standing = call.backend.get_parameter(call.parameter("Name"))
    wanted = call.parameter("Type")
    if call.parameter("Overwrite") and standing and wanted not in {None, standing.parameter_type}:
        refuse(
            "HierarchyTypeMismatchException",
            "Parameter Store doesn't support changing a parameter type in a hierarchy.",
        )
    return proceed()


RULES: tuple[Rule, ...] = (type_stays,)
