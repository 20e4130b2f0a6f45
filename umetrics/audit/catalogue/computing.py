"""The kinds that run an application, and carry its traffic and its logs."""

from __future__ import annotations

from umetrics.audit.catalogue.kind import (
    Describing,
    Kind,
    Listing,
    TagBatch,
    TagCall,
    state_is,
)

TAGS_OF_BALANCING = TagBatch("DescribeTags", "ResourceArns", "TagDescriptions", 20, "ResourceArn")
WITH_TAGS = {"include": ["TAGS"]}
CLUSTERS = Listing("ListClusters", "clusterArns", 100)

KINDS: tuple[Kind, ...] = (
    Kind(
        "lambda-function",
        "Lambda function",
        "lambda",
        Listing("ListFunctions", "Functions", 50),
        "FunctionName",
        "arn:{partition}:lambda:{region}:{account}:function:{id}",
        TagCall("ListTags", "Resource", "Tags"),
        lies_in="VpcConfig.VpcId",
    ),
    Kind(
        "ecs-cluster",
        "ECS cluster",
        "ecs",
        Listing(
            CLUSTERS.operation,
            CLUSTERS.result,
            CLUSTERS.page_size,
            describing=Describing(
                "DescribeClusters", "clusters", "clusters", 100, parameters=WITH_TAGS
            ),
        ),
        "clusterName",
        "arn:{partition}:ecs:{region}:{account}:cluster/{id}",
        "tags",
        gone=state_is("status", "inactive", "deprovisioning"),
    ),
    Kind(
        "ecs-service",
        "ECS service",
        "ecs",
        Listing(
            "ListServices",
            "serviceArns",
            100,
            parents=CLUSTERS,
            parameter="cluster",
            describing=Describing(
                "DescribeServices", "services", "services", 10, parameters=WITH_TAGS
            ),
        ),
        "serviceName",
        "arn:{partition}:ecs:{region}:{account}:service/*{id}",
        "tags",
        arn_at="serviceArn",
        gone=state_is("status", "inactive", "draining"),
    ),
    Kind(
        "ecs-task-definition",
        "ECS task definition",
        "ecs",
        Listing("ListTaskDefinitions", "taskDefinitionArns", 100, {"status": "ACTIVE"}),
        "",
        "arn:{partition}:ecs:{region}:{account}:task-definition/{name}",
        TagCall("ListTagsForResource", "resourceArn", "tags"),
        after="/",
    ),
    Kind(
        "ecr-repository",
        "ECR repository",
        "ecr",
        Listing("DescribeRepositories", "repositories", 1000),
        "repositoryName",
        "arn:{partition}:ecr:{region}:{account}:repository/{name}",
        TagCall("ListTagsForResource", "resourceArn", "tags"),
    ),
    Kind(
        "load-balancer",
        "load balancer",
        "elbv2",
        Listing("DescribeLoadBalancers", "LoadBalancers", 400),
        "LoadBalancerName",
        "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/*/{id}/*",
        TAGS_OF_BALANCING,
        arn_at="LoadBalancerArn",
        lies_in="VpcId",
    ),
    Kind(
        "target-group",
        "target group",
        "elbv2",
        Listing("DescribeTargetGroups", "TargetGroups", 400),
        "TargetGroupName",
        "arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/{id}/*",
        TAGS_OF_BALANCING,
        arn_at="TargetGroupArn",
        lies_in="VpcId",
    ),
    Kind(
        "rest-api",
        "REST API",
        "apigateway",
        Listing("GetRestApis", "items", 500),
        "id",
        "arn:{partition}:apigateway:{region}::/restapis/{id}",
        "tags",
    ),
    Kind(
        "http-api",
        "HTTP or WebSocket API",
        "apigatewayv2",
        Listing("GetApis", "Items"),
        "ApiId",
        "arn:{partition}:apigateway:{region}::/apis/{id}",
    ),
    Kind(
        "log-group",
        "log group",
        "logs",
        Listing("DescribeLogGroups", "logGroups", 50),
        "logGroupName",
        "arn:{partition}:logs:{region}:{account}:log-group:{name}",
        TagCall("ListTagsForResource", "resourceArn", "tags"),
    ),
    Kind(
        "grafana-workspace",
        "Grafana workspace",
        "grafana",
        Listing("ListWorkspaces", "workspaces", 100),
        "id",
        "arn:{partition}:grafana:{region}:{account}:/workspaces/{id}",
        "tags",
        gone=state_is("status", "deleting"),
    ),
)
