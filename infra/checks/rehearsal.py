"""A rehearsal of the deployment, without an AWS account.

template.yaml is transformed by SAM's own translator, and the result becomes a stack on moto. What
moto's CloudFormation does not know is created from the same properties by the calls that
CloudFormation would make, so that the parameters of those are checked too. The tests then ask what
there is, as an operator would.
"""

import ast
import io
import json
import re
import subprocess
import warnings
import zipfile
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
REGION = "eu-central-1"
ACCOUNT = "123456789012"
STACK = "rehearsal"
PARAMETERS = {
    "Stage": "test",
    "JwtIssuer": "https://issuer.example.com/",
    "JwtAudience": "subledger",
    "AllowedOrigins": "https://app.example.com,https://admin.example.com",
    "AlarmEmail": "operator@example.com",
}
MANAGED = "arn:aws:iam::aws:policy/service-role/"
MANAGED_POLICIES = {
    name: MANAGED + name for name in ("AWSLambdaBasicExecutionRole", "AWSCodeDeployRoleForLambda")
}

# What moto's CloudFormation creates, and what is created here by hand.
IN_STACK = {
    "AWS::DynamoDB::Table",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Topic",
}
BY_HAND = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Permission",
    "AWS::Logs::MetricFilter",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
}


class Deployment:
    """The stack, and the calls for what the stack could not create."""

    def __init__(self):
        self.source = yaml_parse(TEMPLATE.read_text())
        self.template = transformed()
        self.parameters = {
            name: PARAMETERS.get(name, parameter.get("Default"))
            for name, parameter in self.template["Parameters"].items()
        }
        self.ids = {}

    def client(self, service):
        return boto3.client(service, region_name=REGION)

    def of_type(self, kind):
        resources = self.template["Resources"].items()
        return {name: resource for name, resource in resources if resource["Type"] == kind}

    def properties(self, name):
        return self.resolve(self.template["Resources"][name].get("Properties", {}))

    def create(self):
        put_code(self.client("s3"))
        inside = {
            name: resource
            for name, resource in self.template["Resources"].items()
            if resource["Type"] in IN_STACK
        }
        body = {key: value for key, value in self.template.items() if key != "Outputs"}
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(body | {"Resources": inside}),
            Parameters=[
                {"ParameterKey": name, "ParameterValue": str(value)}
                for name, value in self.parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM"],
        )
        self.status = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
        resources = cloudformation.list_stack_resources(StackName=STACK)
        for resource in resources["StackResourceSummaries"]:
            self.ids[resource["LogicalResourceId"]] = resource["PhysicalResourceId"]
        self.create_by_hand()

    def create_by_hand(self):
        functions = self.client("lambda")
        for name, resource in self.of_type("AWS::Lambda::Alias").items():
            function = self.ids[resource["Properties"]["FunctionName"]["Ref"]]
            alias = functions.create_alias(
                FunctionName=function, Name=self.properties(name)["Name"], FunctionVersion="1"
            )
            self.ids[name] = alias["AliasArn"]
        alarms = self.client("cloudwatch")
        api = self.client("apigatewayv2")
        [api_name] = self.of_type("AWS::ApiGatewayV2::Api")
        # Alarms before the API: this is what lets one of them hold back a deployment.
        held_back = {
            alarm["Name"]["Ref"]
            for group in self.of_type("AWS::CodeDeploy::DeploymentGroup").values()
            for alarm in group["Properties"]["AlarmConfiguration"]["Alarms"]
        }
        for name in held_back:
            assert not needs(self.template["Resources"], name, api_name), f"{name} waits for the API"
        body = self.properties(api_name)["Body"]
        created = api.create_api(Name=body["info"]["title"], ProtocolType="HTTP")
        api.reimport_api(ApiId=created["ApiId"], Body=json.dumps(body), FailOnWarnings=True)
        self.ids[api_name] = created["ApiId"]
        [stage] = self.of_type("AWS::ApiGatewayV2::Stage")
        properties = {k: v for k, v in self.properties(stage).items() if k != "ApiId"}
        api.create_stage(ApiId=created["ApiId"], **numbers(properties))
        for name in self.of_type("AWS::CloudWatch::Alarm"):
            alarms.put_metric_alarm(AlarmName=name, **numbers(self.properties(name)))
            self.ids[name] = name
        for name in self.of_type("AWS::CloudWatch::Dashboard"):
            alarms.put_dashboard(**self.properties(name))
        for name in self.of_type("AWS::SNS::Subscription"):
            self.client("sns").subscribe(**self.properties(name))
        logs = self.client("logs")
        for name in self.of_type("AWS::Logs::MetricFilter"):
            logs.put_metric_filter(filterName=name, **lower(self.properties(name)))

    def resolve(self, value):
        """The value with its intrinsic functions evaluated."""
        if isinstance(value, list):
            resolved = [self.resolve(item) for item in value]
            return [item for item in resolved if item is not None]
        if not isinstance(value, dict):
            return value
        match list(value.items()):
            case [("Ref", name)]:
                return self.reference(name)
            case [("Fn::GetAtt", [name, attribute])]:
                return self.attribute(name, attribute)
            case [("Fn::Sub", [text, names])]:
                return self.substitute(text, self.resolve(names))
            case [("Fn::Sub", text)]:
                return self.substitute(text, {})
            case [("Fn::Split", [separator, text])]:
                return self.resolve(text).split(separator)
            case [("Fn::If", [condition, one, other])]:
                return self.resolve(one if self.holds(condition) else other)
        return {key: self.resolve(item) for key, item in value.items()}

    def holds(self, condition):
        """Whether a condition of the template holds: all are of this form."""
        one, other = self.template["Conditions"][condition]["Fn::Not"][0]["Fn::Equals"]
        return self.resolve(one) != self.resolve(other)

    def reference(self, name):
        pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::StackName": STACK,
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name in pseudo:
            return pseudo[name]
        return self.parameters[name] if name in self.parameters else self.ids.get(name, name)

    def attribute(self, name, attribute):
        if attribute == "Arn" and name in self.of_type("AWS::Logs::LogGroup"):
            return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{self.ids[name]}"
        return f"{name}.{attribute}"

    def substitute(self, text, names):
        def value(match):
            name = match.group(1)
            return str(names[name] if name in names else self.reference(name))

        return re.sub(r"\$\{([^}]+)\}", value, text)


def transformed():
    template = yaml_parse(TEMPLATE.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://artifacts/bootstrap.zip"
    # SAM asks which region it works for.
    boto3.setup_default_session(region_name=REGION)
    return Translator(MANAGED_POLICIES, Parser()).translate(template, dict(PARAMETERS))


def put_code(s3):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("bootstrap", "")
    region = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="artifacts", CreateBucketConfiguration=region)
    s3.put_object(Bucket="artifacts", Key="bootstrap.zip", Body=archive.getvalue())


def needs(resources, name, other, seen=()):
    """Whether creating one resource waits for another."""
    if name in seen or name not in resources:
        return False
    text = json.dumps(resources[name])
    words = set(re.findall(r"[A-Za-z0-9]+", text)) & set(resources) - {name}
    return other in words or any(needs(resources, word, other, (*seen, name)) for word in words)


def numbers(value):
    """The value with numbers where a parameter gave digits."""
    if isinstance(value, dict):
        return {key: numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [numbers(item) for item in value]
    return int(value) if isinstance(value, str) and value.isdigit() else value


def lower(value):
    """The names of CloudFormation as the API of CloudWatch Logs spells them."""
    if isinstance(value, list):
        return [lower(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "Dimensions" in value:
        pairs = {item["Key"]: item["Value"] for item in value["Dimensions"]}
        value = {key: item for key, item in value.items() if key != "Dimensions"}
        return lower(value) | {"dimensions": pairs}
    return {key[0].lower() + key[1:]: lower(item) for key, item in value.items()}


@pytest.fixture(scope="module")
def deployment():
    with mock_aws(), warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        deployment = Deployment()
        deployment.create()
        yield deployment


@pytest.fixture
def api(deployment):
    client = deployment.client("apigatewayv2")
    [api] = client.get_apis()["Items"]
    routes = client.get_routes(ApiId=api["ApiId"], MaxResults="500")["Items"]
    integrations = client.get_integrations(ApiId=api["ApiId"])["Items"]
    return SimpleNamespace(
        body=deployment.properties("Api")["Body"],
        stage=client.get_stages(ApiId=api["ApiId"])["Items"][0],
        routes={route["RouteKey"]: route for route in routes},
        integrations={item["IntegrationId"]: item for item in integrations},
    )


def is_write(route):
    return route.split()[0] in ("POST", "PUT", "PATCH", "DELETE")


def events(deployment):
    """The routes of the template, each with its function; None is the catch-all."""
    for name, resource in deployment.source["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            for event in resource["Properties"]["Events"].values():
                properties = event["Properties"]
                path = properties.get("Path")
                yield path and f"{properties['Method']} {path}", name


def functions(deployment):
    """The functions of the template, each with what it says that the function may do."""
    return {
        name: {
            action.removeprefix("dynamodb:")
            for policy in resource["Properties"].get("Policies", [])
            for statement in policy["Statement"]
            for action in statement["Action"]
        }
        for name, resource in deployment.source["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def metrics(alarm):
    """The metrics that an alarm watches: its own, or those of its expression."""
    stats = [item["MetricStat"]["Metric"] for item in alarm.get("Metrics", []) if "MetricStat" in item]
    return stats or [alarm]


def test_every_resource_is_rehearsed(deployment):
    kinds = {resource["Type"] for resource in deployment.template["Resources"].values()}
    assert kinds == IN_STACK | BY_HAND
    assert deployment.status == "CREATE_COMPLETE"


def test_the_table_has_two_keys_no_index_and_recovery(deployment):
    client = deployment.client("dynamodb")
    [name] = client.list_tables()["TableNames"]
    table = client.describe_table(TableName=name)["Table"]
    assert table["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"] is True
    assert not table.get("GlobalSecondaryIndexes") and not table.get("LocalSecondaryIndexes")
    # moto takes this property and forgets it.
    assert deployment.properties("Table")["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 35,
    }


def test_the_table_outlives_the_stack(deployment):
    table = deployment.template["Resources"]["Table"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": False}


def test_a_restored_table_is_imported_with_what_the_template_says_of_it(deployment):
    printed = subprocess.run(
        [TEMPLATE.parent / "infra/restore-template"], check=True, capture_output=True, text=True
    )
    template = yaml_parse(printed.stdout)
    table = deployment.source["Resources"]["Table"]
    # What DynamoDB has to be asked for is in the runbook; SAM's transform would stop the import.
    assert template["Resources"] == {"Table": table}
    assert "Transform" not in template
    used = set(re.findall(r"'Ref': '(\w+)'", str(table)))
    parameters = {name: deployment.source["Parameters"][name] for name in used}
    assert template["Parameters"] == parameters


def test_every_function_runs_on_the_same_settings(deployment):
    deployed = deployment.client("lambda").list_functions()["Functions"]
    assert len(deployed) == len(functions(deployment))
    for function in deployed:
        assert function["Runtime"] == "provided.al2023"
        assert (function["MemorySize"], function["Timeout"]) == (256, 10)
        variables = function["Environment"]["Variables"]
        assert variables["STACK"] == STACK
        assert str(variables["SETTLING_SECONDS"]) == "30"
        assert set(variables) <= {"SETTLING_SECONDS", "STACK", "TABLE_NAME"}
    for name in deployment.of_type("AWS::Lambda::Function"):
        assert deployment.properties(name)["Architectures"] == ["arm64"]


def test_a_function_may_do_what_the_template_says_with_the_one_table(deployment):
    # That the template says what the ports of a function need is for the tidy tests; this is what
    # IAM is told in the end.
    iam = deployment.client("iam")
    table = deployment.client("dynamodb").list_tables()["TableNames"][0]
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}"
    allowed = {}
    for name in deployment.of_type("AWS::Lambda::Function"):
        role = deployment.ids[f"{name}Role"]
        managed = deployment.properties(f"{name}Role")["ManagedPolicyArns"]
        assert managed == [MANAGED_POLICIES["AWSLambdaBasicExecutionRole"]]
        allowed[name] = set()
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            # moto keeps the document of a stack's role as Python prints it.
            for statement in ast.literal_eval(document)["Statement"]:
                assert (statement["Effect"], statement["Resource"]) == ("Allow", arn)
                allowed[name] |= {action.removeprefix("dynamodb:") for action in statement["Action"]}
    assert allowed == functions(deployment)
    assert [name for name, actions in allowed.items() if not actions] == ["UnknownRoute"]


def test_a_function_can_be_allowed_the_one_table_and_its_own_logs_at_most(deployment):
    iam = deployment.client("iam")
    boundary = deployment.ids["Boundary"]
    for name in functions(deployment):
        role = iam.get_role(RoleName=deployment.ids[f"{name}Role"])["Role"]
        assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary, name
        group = deployment.properties(name)["LoggingConfig"]["LogGroup"]
        assert group.startswith(f"/aws/lambda/{STACK}/"), name
    version = iam.get_policy(PolicyArn=boundary)["Policy"]["DefaultVersionId"]
    policy = iam.get_policy_version(PolicyArn=boundary, VersionId=version)["PolicyVersion"]
    table = deployment.client("dynamodb").list_tables()["TableNames"][0]
    allowed = {}
    for statement in policy["Document"]["Statement"]:
        actions = {action.split(":")[1] for action in statement["Action"]}
        allowed.setdefault(statement["Resource"], set()).update(actions)
        # Only counters are updated in place.
        counters = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["COUNTS#*"]}}
        assert ("UpdateItem" in actions) == (statement.get("Condition") == counters), statement
    # A role has no more than both: what is missing here is missing in production.
    assert allowed == {
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}": set.union(
            *functions(deployment).values()
        ),
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{STACK}/*": {
            "CreateLogStream",
            "PutLogEvents",
        },
    }


def test_every_route_reaches_the_live_alias_of_its_function(deployment, api):
    reached = {
        key: api.integrations[route["Target"].removeprefix("integrations/")]["IntegrationUri"]
        for key, route in api.routes.items()
    }
    expected = dict(events(deployment))
    assert len(reached) == len(expected)
    for route, function in expected.items():
        key = route or "$default"
        # moto spells the catch-all as it spells any other path.
        uri = reached.get(key) or reached["X-AMAZON-APIGATEWAY-ANY-METHOD /$default"]
        assert uri.endswith(f":function:{deployment.ids[function]}:live/invocations"), key


# What a load balancer or a monitor asks, which has no token.
HEALTH = ("/health", "/version", "/readyz")


def test_the_authorizer_stands_before_every_route_but_the_catch_all_and_health(api):
    [(name, scheme)] = api.body["components"]["securitySchemes"].items()
    assert scheme["x-amazon-apigateway-authorizer"] == {
        "type": "jwt",
        "identitySource": "$request.header.Authorization",
        "jwtConfiguration": {
            "issuer": PARAMETERS["JwtIssuer"],
            "audience": [PARAMETERS["JwtAudience"]],
        },
    }
    for path, methods in api.body["paths"].items():
        for method, operation in methods.items():
            is_open = path in ("/$default", "/{proxy+}", *HEALTH)
            guard = "NONE" if is_open else name
            assert operation["security"] == [{guard: []}], f"{method} {path}"


def test_pages_of_the_allowed_origins_may_call_and_no_others(deployment, api):
    assert api.body["x-amazon-apigateway-cors"] == {
        "allowOrigins": ["https://app.example.com", "https://admin.example.com"],
        "allowMethods": ["GET", "HEAD", "POST", "PATCH", "DELETE"],
        "allowHeaders": [
            "authorization",
            "content-encoding",
            "content-type",
            "idempotency-key",
            "x-idempotency",
            "x-request-id",
        ],
        "exposeHeaders": ["*"],
        "maxAge": 7200,
    }
    # By default there are none.
    parameter = deployment.source["Parameters"]["AllowedOrigins"]
    assert parameter["Default"] == ""
    body = deployment.template["Resources"]["Api"]["Properties"]["Body"]
    condition, _, otherwise = body["x-amazon-apigateway-cors"]["Fn::If"]
    assert (condition, otherwise) == ("HasAllowedOrigins", {"Ref": "AWS::NoValue"})
    for origins, is_allowed in [
        ("", True),
        ("*", True),
        ("https://app.example.com", True),
        ("http://localhost:5173,https://app.example.com", True),
        ("https://app.example.com/", False),
        ("app.example.com", False),
        ("https://a.example.com, https://b.example.com", False),
    ]:
        matches = re.fullmatch(parameter["AllowedPattern"], origins)
        assert bool(matches) == is_allowed, origins


def test_reads_writes_and_strangers_are_throttled(api):
    assert api.stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 1000
    limits = {
        route: (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"])
        for route, settings in api.stage["RouteSettings"].items()
    }
    # These need no token.
    for route in ["$default", *(f"GET {path}" for path in HEALTH)]:
        assert limits.pop(route) == (10, 20), route
    assert limits == {route: (200, 200) for route in api.routes if is_write(route)}


def test_the_access_log_is_json_and_names_no_object_of_a_client(api):
    form = api.stage["AccessLogSettings"]["Format"]
    line = json.loads(re.sub(r"(?<!\")\$context\.\w+(?!\")", "200", form))
    assert line["stack"] == STACK
    used = set(re.findall(r"\$context\.([A-Za-z.]+)", form))
    assert used == {
        "authorizer.claims.scope",
        "error.responseType",
        "integrationLatency",
        "integrationStatus",
        "requestId",
        "requestTime",
        "responseLatency",
        "responseLength",
        "routeKey",
        "status",
    }


def test_every_log_group_is_kept_for_the_same_time(deployment):
    groups = deployment.client("logs").describe_log_groups()["logGroups"]
    assert {group["retentionInDays"] for group in groups} == {90}
    names = {group["logGroupName"] for group in groups}
    assert len(names) == len(functions(deployment)) + 1
    for name in deployment.of_type("AWS::Lambda::Function"):
        assert deployment.properties(name)["LoggingConfig"]["LogGroup"] in names


def test_a_new_version_goes_back_when_errors_are_answered(deployment):
    groups = deployment.of_type("AWS::CodeDeploy::DeploymentGroup")
    assert set(groups) == {f"{name}DeploymentGroup" for name in functions(deployment)}
    for name in groups:
        group = deployment.properties(name)
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        assert group["AlarmConfiguration"]["Alarms"] == [{"Name": "ServerErrorsAlarm"}]
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    alarm = deployment.properties("ServerErrorsAlarm")
    assert (alarm["Period"], alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (60, 2, 3)


def test_every_alarm_tells_the_operator(deployment):
    alarms = deployment.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {alarm["AlarmName"] for alarm in alarms} == {
        "ConflictsGivenUpAlarm",
        "FunctionThrottlesAlarm",
        "ServerErrorsAlarm",
        "SlowAnswersAlarm",
        "SlowMedianAlarm",
        "TableErrorsAlarm",
        "TableThrottlesAlarm",
        "ThrottledAlarm",
        "UnauthorizedAlarm",
    }
    sns = deployment.client("sns")
    [topic] = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
    for alarm in alarms:
        assert alarm["AlarmActions"] == [topic], alarm["AlarmName"]
        assert alarm["TreatMissingData"] == "notBreaching"
    [subscription] = sns.list_subscriptions()["Subscriptions"]
    assert subscription["Endpoint"] == PARAMETERS["AlarmEmail"]


def test_metrics_are_told_apart_by_the_stack(deployment):
    for name in deployment.of_type("AWS::Logs::MetricFilter"):
        [transformation] = deployment.properties(name)["MetricTransformations"]
        assert transformation["Dimensions"] == [{"Key": "stack", "Value": "$.stack"}], name
    for name in deployment.of_type("AWS::CloudWatch::Alarm"):
        for metric in metrics(deployment.properties(name)):
            if metric["Namespace"] == "Subledger":
                assert metric["Dimensions"] == [{"Name": "stack", "Value": STACK}], name


def test_the_metric_filters_count_what_the_alarms_watch(deployment):
    filters = deployment.client("logs").describe_metric_filters()["metricFilters"]
    counted = {
        (transformation["metricNamespace"], transformation["metricName"])
        for filter in filters
        for transformation in filter["metricTransformations"]
    }
    assert counted == {
        ("Subledger", "AnsweredServerErrors"),
        ("Subledger", "AnsweredThrottled"),
        ("Subledger", "AnsweredUnauthorized"),
    }
    watched = {
        (metric["Namespace"], metric["MetricName"])
        for name in deployment.of_type("AWS::CloudWatch::Alarm")
        for metric in metrics(deployment.properties(name))
    }
    assert counted < watched


def test_the_dashboard_is_json_on_the_metrics_of_this_stack(deployment):
    [name] = deployment.of_type("AWS::CloudWatch::Dashboard")
    properties = deployment.properties(name)
    body = json.loads(properties["DashboardBody"])
    assert len(body["widgets"]) == 8
    searches = re.findall(r"SEARCH\('([^']+)'", properties["DashboardBody"])
    assert len(searches) == 4
    for search in searches:
        assert f'stack=\\"{STACK}\\"' in search
