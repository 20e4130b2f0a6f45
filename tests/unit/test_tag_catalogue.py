"""Each row of the catalogue against the SDK's own models of the services: all of it, served here
or not.
"""

from __future__ import annotations

from functools import cache

import botocore.session
import pytest
from botocore.model import ListShape, OperationModel, Shape, StructureShape

from umetrics.audit.catalogue import KINDS, Kind
from umetrics.audit.catalogue.kind import Listing, TagBatch, TagCall, found, tags_in
from umetrics.audit.values import GLOBAL, Place
from umetrics.aws.calls import writes

SDK = botocore.session.Session()

ASKED_FOR = """
vpc subnet route-table internet-gateway egress-only-internet-gateway vpn-gateway nat-gateway
elastic-ip security-group security-group-rule vpc-endpoint network-interface network-acl
flow-log vpc-peering-connection instance volume snapshot launch-template
iam-role iam-policy s3-bucket lambda-function rds-cluster rds-instance rds-proxy
ecs-cluster ecs-service ecs-task-definition load-balancer target-group log-group secret
ssm-parameter ecr-repository dynamodb-table sqs-queue sns-topic kms-key
cloudfront-distribution rest-api http-api opensearch-domain grafana-workspace budget
"""

GRANTED = 1000
"""Things on a page where the model of an operation sets no limit."""

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@cache
def model(service: str) -> botocore.model.ServiceModel:
    return SDK.get_service_model(service)


@cache
def paginators(service: str) -> dict[str, dict[str, str]]:
    loader = SDK.get_component("data_loader")
    told: dict[str, dict[str, str]] = loader.load_service_model(service, "paginators-1")[
        "pagination"
    ]
    return told


def operation(kind: Kind, name: str) -> OperationModel:
    return model(kind.service).operation_model(name)


def shape_at(shape: Shape | None, path: str) -> Shape | None:
    """What lies at a path, through lists; None where the model has nothing there."""
    for name in path.split(".") if path else ():
        while isinstance(shape, ListShape):
            shape = shape.member
        if not isinstance(shape, StructureShape) or name not in shape.members:
            return None
        shape = shape.members[name]
    return shape


def item_shape(kind: Kind) -> Shape:
    """One resource, as the catalogue's last call for it tells it."""
    listing = kind.listing
    told = listing.describing or listing
    shape = shape_at(operation(kind, told.operation).output_shape, told.result)
    assert shape is not None
    return shape.member if isinstance(shape, ListShape) else shape


def listings(kind: Kind) -> list[Listing]:
    return [each for each in (kind.listing, kind.listing.parents) if each is not None]


def asked(kind: Kind, name: str, *parameters: str) -> None:
    """The operation takes these parameters, and needs no others."""
    shape = operation(kind, name).input_shape
    assert shape is not None or not parameters
    if shape is not None:
        assert set(parameters) <= set(shape.members)
        assert set(shape.required_members) <= set(parameters)


def test_all_kinds_that_were_asked_for_have_a_row_and_no_two_share_a_name() -> None:
    names = [kind.name for kind in KINDS]
    assert sorted(names) == sorted(ASKED_FOR.split())
    assert len({kind.label for kind in KINDS}) == len(names)


@each_kind
def test_its_listing_exists_and_tells_of_the_resource(kind: Kind) -> None:
    for listing in listings(kind):
        parent = (listing.parameter,) if listing.parents else ()
        asked(kind, listing.operation, *listing.parameters, *parent)
        output = operation(kind, listing.operation).output_shape
        assert isinstance(shape_at(output, listing.result), ListShape)


@each_kind
def test_its_pages_are_as_large_as_may_be(kind: Kind) -> None:
    for listing in listings(kind):
        pages = paginators(kind.service).get(listing.operation)
        limit = pages.get("limit_key") if pages else None
        if limit is None:
            assert listing.page_size == 0
            continue
        shape = operation(kind, listing.operation).input_shape
        assert shape is not None
        most = shape.members[limit].metadata.get("max", GRANTED)
        assert listing.page_size <= most
        if kind.service == "ec2":
            assert listing.page_size == min(most, GRANTED)


@each_kind
def test_what_is_described_is_asked_for_by_what_was_listed(kind: Kind) -> None:
    listing, describing = kind.listing, kind.listing.describing
    if describing is None:
        return
    parent = (listing.parameter,) if listing.parents else ()
    asked(kind, describing.operation, *describing.parameters, describing.parameter, *parent)
    listed = shape_at(operation(kind, listing.operation).output_shape, listing.result)
    assert shape_at(listed, describing.value) is not None


@each_kind
def test_its_paths_lead_to_words(kind: Kind) -> None:
    item = item_shape(kind)
    for path in (kind.id, kind.arn_at, kind.unique, kind.lies_in, kind.joins):
        shape = shape_at(item, path)
        assert shape is not None
        assert shape.type_name == "string" or not path


@each_kind
def test_its_tags_are_where_the_row_says(kind: Kind) -> None:
    match kind.tags:
        case str(path):
            assert shape_at(item_shape(kind), path) is not None
        case TagCall() as call:
            asked(kind, call.operation, call.parameter, *call.parameters)
            assert shape_at(operation(kind, call.operation).output_shape, call.result) is not None
            assert shape_at(item_shape(kind), call.value or "") is not None
        case TagBatch() as batch:
            asked(kind, batch.operation, batch.parameter)
            told = shape_at(operation(kind, batch.operation).output_shape, batch.result)
            assert shape_at(told, batch.name) is not None
            assert shape_at(told, batch.tags) is not None


@each_kind
def test_it_is_only_read(kind: Kind) -> None:
    calls = [*listings(kind), kind.listing.describing]
    if not isinstance(kind.tags, str):
        assert not writes(kind.tags.operation)
    assert not any(writes(call.operation) for call in calls if call is not None)


@each_kind
def test_an_arn_is_of_one_kind(kind: Kind) -> None:
    place = Place("123456789012", "" if kind.is_global else "us-east-1")
    arn = kind.arn.replace("*", "some").format(
        partition="aws", region=place.region, account=place.account, id="x", name="x", path="x"
    )
    assert [other.name for other in KINDS if other.owns(arn)] == [kind.name]


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:ec2:us-east-1:123456789012:natgateway/nat-1", "nat-gateway"),
        ("arn:aws:iam::123456789012:role/umetrics/UserMetrics/dev/a", "iam-role"),
        ("arn:aws:iam::123456789012:policy/p", "iam-policy"),
        ("arn:aws:logs:us-east-1:123456789012:log-group:/ecs/a", "log-group"),
        ("arn:aws:ssm:us-east-1:123456789012:parameter/a/b", "ssm-parameter"),
        ("arn:aws:ecs:us-east-1:123456789012:task-definition/a:7", "ecs-task-definition"),
        ("arn:aws:apigateway:us-east-1::/restapis/a/stages/prod", None),
        ("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/classic", None),
        ("arn:aws:lambda:us-east-1:123456789012:function:a:7", None),
        ("arn:aws:ec2:us-east-1:123456789012:image/ami-1", None),
    ],
)
def test_arns_of_the_world_find_their_kind(arn: str, name: str | None) -> None:
    assert next((kind.name for kind in KINDS if kind.owns(arn)), None) == name


def test_global_kinds_have_no_region_in_their_arn_and_all_others_have() -> None:
    for kind in KINDS:
        assert ("{region}" in kind.arn) is not kind.is_global
    assert GLOBAL == "global"


def test_a_parameters_leading_slash_is_not_in_its_arn() -> None:
    (parameter,) = (kind for kind in KINDS if kind.name == "ssm-parameter")
    place = Place("123456789012", "us-east-1")
    for name in ("/a/b", "a/b"):
        arn = parameter.arn_of({"Name": name}, place, "aws")
        assert arn == "arn:aws:ssm:us-east-1:123456789012:parameter/a/b"


@pytest.mark.parametrize(
    "told",
    [
        {"a": "1"},
        [{"Key": "a", "Value": "1"}],
        [{"key": "a", "value": "1"}],
        [{"TagKey": "a", "TagValue": "1"}],
    ],
)
def test_tags_are_understood_in_every_shape(told: object) -> None:
    assert tags_in({"Tags": {"Items": told}}, "Tags.Items") == {"a": "1"}


def test_a_map_of_tags_may_have_a_key_called_key() -> None:
    assert tags_in({"Tags": {"Key": "a", "Value": "1"}}, "Tags") == {"Key": "a", "Value": "1"}


@pytest.mark.parametrize("answer", [{}, {"Tags": []}, {"Tags": {}}, {"Tags": None}])
def test_no_tags_are_none(answer: object) -> None:
    assert tags_in(answer, "Tags") == {}


def test_paths_lead_through_lists_and_end_where_there_is_nothing() -> None:
    answer = {"Reservations": [{"Instances": [{"Id": 1}, {"Id": 2}]}, {}, {"Instances": []}]}
    assert list(found(answer, "Reservations.Instances.Id")) == [1, 2]
    assert list(found(answer, "Reservations.Owner.Id")) == []
    assert list(found("name", "Id")) == []
    assert list(found("name", "")) == ["name"]
