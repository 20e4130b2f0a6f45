"""What is used of services for which no type stubs are installed: the calls, and no more."""

from __future__ import annotations

from typing import Any, Protocol


class CostAllocation(Protocol):
    """Cost Explorer, of which the calls about cost allocation tags are used."""

    def list_cost_allocation_tags(self, **parameters: object) -> dict[str, Any]:
        """ListCostAllocationTags."""
        ...

    def update_cost_allocation_tags_status(self, **parameters: object) -> dict[str, Any]:
        """UpdateCostAllocationTagsStatus."""
        ...

    def start_cost_allocation_tag_backfill(self, **parameters: object) -> dict[str, Any]:
        """StartCostAllocationTagBackfill."""
        ...


class EventHistory(Protocol):
    """CloudTrail, of which one call is used."""

    def lookup_events(self, **parameters: object) -> dict[str, Any]:
        """LookupEvents."""
        ...


class ParameterStore(Protocol):
    """Systems Manager, of which the calls about parameters are used."""

    def describe_parameters(self, **parameters: object) -> dict[str, Any]:
        """DescribeParameters."""
        ...

    def get_parameters(self, **parameters: object) -> dict[str, Any]:
        """GetParameters."""
        ...

    def list_tags_for_resource(self, **parameters: object) -> dict[str, Any]:
        """ListTagsForResource."""
        ...

    def put_parameter(self, **parameters: object) -> dict[str, Any]:
        """PutParameter."""
        ...

    def add_tags_to_resource(self, **parameters: object) -> dict[str, Any]:
        """AddTagsToResource."""
        ...

    def delete_parameter(self, **parameters: object) -> dict[str, Any]:
        """DeleteParameter."""
        ...


class ResourceTagging(Protocol):
    """The tagging API, of which the calls about given resources and required keys are used."""

    def list_required_tags(self, **parameters: object) -> dict[str, Any]:
        """ListRequiredTags."""
        ...

    def get_resources(self, **parameters: object) -> dict[str, Any]:
        """GetResources."""
        ...

    def tag_resources(self, **parameters: object) -> dict[str, Any]:
        """TagResources."""
        ...

    def untag_resources(self, **parameters: object) -> dict[str, Any]:
        """UntagResources."""
        ...
