"""Stacks over HTTP: resources made, changed and deleted under the stack's role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.configs import TRAINING, example
from tests.emulator.rights import Roles, allow, error_of, policy
from tests.emulator.services.sagemaker.workloads import ALL, service_role
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.system import template as project_template
from xacct_ml.system.keys import Keys

TEMPLATE = """
Parameters:
  Name: {Type: String, AllowedPattern: '^[a-z0-9-]+$'}
  Role: {Type: String}
  Result: {Type: Number, Default: 1, MinValue: 0, MaxValue: 9}
  Note: {Type: String, Default: ''}
Conditions:
  HasNote: !Not [!Equals [!Ref Note, '']]
Resources:
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: !Ref Name
      RoleArn: !Ref Role
      DefinitionString:
        Fn::Join:
          - ''
          - - '{"StartAt":"S","States":{"S":{"Type":"Pass",'
            - !If [HasNote, !Sub '"Comment":"${Note}",', !Ref 'AWS::NoValue']
            - !Sub
              - '"Result":${Value},"End":true}}}'
              - Value: !Ref Result
Outputs:
  Arn: {Value: !GetAtt Machine.Arn}
  Name: {Value: !Sub '${Machine.Name} of ${AWS::StackName} in ${AWS::Region}'}
"""


def two_machines(name: str, role: str, team: str, *, second: bool) -> str:
    """A template of a machine with a tag, and of another that depends on it."""
    nothing = json.dumps({"StartAt": "S", "States": {"S": {"Type": "Pass", "End": True}}})
    common = {"RoleArn": role, "DefinitionString": nothing}
    machine = "AWS::StepFunctions::StateMachine"
    tagged = {**common, "StateMachineName": name, "Tags": [{"Key": "team", "Value": team}]}
    resources: dict[str, Any] = {"First": {"Type": machine, "Properties": tagged}}
    if second:
        forbidden = {**common, "StateMachineName": f"{name}-no"}
        resources["Second"] = {"Type": machine, "DependsOn": "First", "Properties": forbidden}
    return json.dumps({"Resources": resources, "Outputs": {"Arn": {"Value": {"Ref": "First"}}}})


@pytest.fixture(scope="module")
def stacks(aws: EmbeddedAws) -> Any:
    return aws.administrator(TRAINING).client("cloudformation")


@pytest.fixture(scope="module")
def states(aws: EmbeddedAws) -> Any:
    return aws.administrator(TRAINING).client("stepfunctions")


@pytest.fixture(scope="module")
def machine_role(aws: EmbeddedAws) -> str:
    return service_role(aws, TRAINING, "stack-machine", "states", ALL)


@pytest.fixture(scope="module")
def stack_role(aws: EmbeddedAws) -> str:
    return service_role(aws, TRAINING, "stack-all", "cloudformation", ALL)


def parameters(**values: str) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def described(stacks: Any, name: str) -> dict[str, Any]:
    (stack,) = stacks.describe_stacks(StackName=name)["Stacks"]
    found: dict[str, Any] = stack
    return found


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def definition(states: Any, arn: str) -> Any:
    return json.loads(states.describe_state_machine(stateMachineArn=arn)["definition"])["States"]["S"]


def reasons(stacks: Any, name: str, status: str) -> list[str]:
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    return [event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == status]


class TestLife:
    def test_create_update_delete(
        self, stacks: Any, states: Any, machine_role: str, stack_role: str, unique: str
    ) -> None:
        """The machine is made, really changed by an update of its inline definition, and removed."""
        given = parameters(Name=unique, Role=machine_role)
        tags = [{"Key": "team", "Value": "churn"}]
        request = {"StackName": unique, "TemplateBody": TEMPLATE, "RoleARN": stack_role}
        stacks.create_stack(**request, Parameters=given, Tags=tags)
        stack = described(stacks, unique)
        assert (stack["StackStatus"], stack["RoleARN"], stack["Tags"]) == ("CREATE_COMPLETE", stack_role, tags)
        arn = outputs(stack)["Arn"]
        assert outputs(stack)["Name"].startswith(f"{unique} of {unique} in ")
        assert definition(states, arn) == {"Type": "Pass", "Result": 1, "End": True}
        assert states.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "team", "value": "churn"}]
        changed = parameters(Name=unique, Role=machine_role, Result="7", Note="new")
        stacks.update_stack(**request, Parameters=changed)
        assert described(stacks, unique)["StackStatus"] == "UPDATE_COMPLETE"
        assert definition(states, arn) == {"Type": "Pass", "Comment": "new", "Result": 7, "End": True}
        stacks.delete_stack(StackName=unique)
        assert error_of(stacks.describe_stacks, StackName=unique)[:2] == (
            "ValidationError",
            f"Stack with id {unique} does not exist",
        )
        assert described(stacks, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
        assert error_of(states.describe_state_machine, stateMachineArn=arn)[0] == "StateMachineDoesNotExist"

    def test_an_update_without_a_change(self, stacks: Any, machine_role: str, stack_role: str, unique: str) -> None:
        """Says so, also where parameters differ without changing a resource."""
        request = {"StackName": unique, "TemplateBody": TEMPLATE, "RoleARN": stack_role}
        given = parameters(Name=unique, Role=machine_role)
        stacks.create_stack(**request, Parameters=given)
        said = ("ValidationError", "No updates are to be performed.")
        assert error_of(stacks.update_stack, **request, Parameters=given)[:2] == said
        kept = [{"ParameterKey": key, "UsePreviousValue": True} for key in ("Name", "Role")]
        assert error_of(stacks.update_stack, StackName=unique, UsePreviousTemplate=True, Parameters=kept)[:2] == said

    def test_another_name_replaces_the_machine(
        self, stacks: Any, states: Any, machine_role: str, stack_role: str, unique: str
    ) -> None:
        """The new one is made before the old one goes."""
        request = {"StackName": unique, "TemplateBody": TEMPLATE, "RoleARN": stack_role}
        stacks.create_stack(**request, Parameters=parameters(Name=unique, Role=machine_role))
        before = outputs(described(stacks, unique))["Arn"]
        stacks.update_stack(**request, Parameters=parameters(Name=f"{unique}-2", Role=machine_role))
        assert outputs(described(stacks, unique))["Arn"].endswith(f"{unique}-2")
        assert error_of(states.describe_state_machine, stateMachineArn=before)[0] == "StateMachineDoesNotExist"

    def test_reports(self, stacks: Any, machine_role: str, stack_role: str, unique: str) -> None:
        """Template, resources and summaries."""
        request = {"StackName": unique, "TemplateBody": TEMPLATE, "RoleARN": stack_role}
        stacks.create_stack(**request, Parameters=parameters(Name=unique, Role=machine_role))
        assert stacks.get_template(StackName=unique)["TemplateBody"] == TEMPLATE
        (resource,) = stacks.describe_stack_resources(StackName=unique)["StackResources"]
        assert (resource["LogicalResourceId"], resource["ResourceStatus"]) == ("Machine", "CREATE_COMPLETE")
        assert (
            stacks.list_stack_resources(StackName=unique)["StackResourceSummaries"][0]["PhysicalResourceId"]
            == (resource["PhysicalResourceId"])
        )
        declared = [each["ParameterKey"] for each in stacks.validate_template(TemplateBody=TEMPLATE)["Parameters"]]
        assert declared == ["Name", "Role", "Result", "Note"]
        assert error_of(stacks.create_stack, **request)[0] == "AlreadyExistsException"


class TestChangeSet:
    def test_creates_and_changes_a_stack(
        self, stacks: Any, states: Any, machine_role: str, stack_role: str, unique: str
    ) -> None:
        """What ``aws cloudformation deploy`` does: nothing is made before the change set is executed."""
        request = {"StackName": unique, "TemplateBody": TEMPLATE, "RoleARN": stack_role}
        given = parameters(Name=unique, Role=machine_role)
        stacks.create_change_set(**request, Parameters=given, ChangeSetName="first", ChangeSetType="CREATE")
        assert described(stacks, unique)["StackStatus"] == "REVIEW_IN_PROGRESS"
        (change,) = stacks.describe_change_set(ChangeSetName="first", StackName=unique)["Changes"]
        assert change["ResourceChange"]["Action"] == "Add"
        stacks.execute_change_set(ChangeSetName="first", StackName=unique)
        arn = outputs(described(stacks, unique))["Arn"]
        changed = parameters(Name=unique, Role=machine_role, Result="4")
        stacks.create_change_set(**request, Parameters=changed, ChangeSetName="second")
        assert definition(states, arn)["Result"] == 1
        stacks.execute_change_set(ChangeSetName="second", StackName=unique)
        assert definition(states, arn)["Result"] == 4
        stacks.create_change_set(**request, Parameters=changed, ChangeSetName="third")
        third = stacks.describe_change_set(ChangeSetName="third", StackName=unique)
        assert (third["Status"], third["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
        assert "didn't contain changes" in third["StatusReason"]
        code, _, _ = error_of(stacks.execute_change_set, ChangeSetName="third", StackName=unique)
        assert code == "InvalidChangeSetStatus"


class TestFailure:
    def test_a_role_without_rights_rolls_the_creation_back(
        self, aws: EmbeddedAws, stacks: Any, machine_role: str, unique: str
    ) -> None:
        """The reason names the action; the stack cannot be updated any more."""
        poor = service_role(aws, TRAINING, unique, "cloudformation", allow("iam:PassRole", resource=machine_role))
        request = {"StackName": unique, "TemplateBody": TEMPLATE, "RoleARN": poor}
        given = parameters(Name=unique, Role=machine_role)
        stacks.create_stack(**request, Parameters=given)
        stack = described(stacks, unique)
        assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
        (reason,) = reasons(stacks, unique, "CREATE_FAILED")
        assert f"role/{unique}" in reason or f"assumed-role/{unique}/" in reason
        assert "states:CreateStateMachine" in reason
        assert error_of(stacks.update_stack, **request, Parameters=given)[:2] == (
            "ValidationError",
            f"Stack:{stack['StackId']} is in ROLLBACK_COMPLETE state and can not be updated.",
        )

    def test_the_role_must_be_allowed_to_pass_the_machines(
        self, aws: EmbeddedAws, stacks: Any, machine_role: str, unique: str
    ) -> None:
        """iam:PassRole is asked of the stack's role, not of the caller."""
        poor = service_role(aws, TRAINING, unique, "cloudformation", allow("states:*", resource="*"))
        given = parameters(Name=unique, Role=machine_role)
        stacks.create_stack(StackName=unique, TemplateBody=TEMPLATE, RoleARN=poor, Parameters=given)
        (reason,) = reasons(stacks, unique, "CREATE_FAILED")
        assert "iam:PassRole" in reason

    def test_a_failing_update_keeps_the_old_definition(
        self, aws: EmbeddedAws, stacks: Any, states: Any, machine_role: str, unique: str
    ) -> None:
        """UPDATE_ROLLBACK_COMPLETE, and the next update may succeed."""
        deny = {"Effect": "Deny", "Action": "states:UpdateStateMachine", "Resource": "*"}
        poor = service_role(aws, TRAINING, unique, "cloudformation", ALL, deny)
        request = {"StackName": unique, "TemplateBody": TEMPLATE, "RoleARN": poor}
        stacks.create_stack(**request, Parameters=parameters(Name=unique, Role=machine_role))
        arn = outputs(described(stacks, unique))["Arn"]
        changed = parameters(Name=unique, Role=machine_role, Result="5")
        stacks.update_stack(**request, Parameters=changed)
        assert described(stacks, unique)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
        assert "states:UpdateStateMachine" in reasons(stacks, unique, "UPDATE_FAILED")[0]
        assert definition(states, arn)["Result"] == 1
        aws.administrator(TRAINING).client("iam").delete_role_policy(RoleName=unique, PolicyName="rights")
        service = aws.administrator(TRAINING).client("iam")
        document = json.dumps({"Version": "2012-10-17", "Statement": [ALL]})
        service.put_role_policy(RoleName=unique, PolicyName="rights", PolicyDocument=document)
        stacks.update_stack(**request, Parameters=changed)
        assert definition(states, arn)["Result"] == 5

    def test_a_rollback_that_fails_can_be_continued(
        self, aws: EmbeddedAws, stacks: Any, states: Any, machine_role: str, unique: str
    ) -> None:
        """UPDATE_ROLLBACK_FAILED takes no update; once the role may undo the change the rollback goes on."""
        old = {"StringEquals": {"aws:RequestTag/team": "old"}}
        deny = {"Effect": "Deny", "Action": "states:TagResource", "Resource": "*", "Condition": old}
        other = {
            "Effect": "Deny",
            "Action": "states:CreateStateMachine",
            "Resource": f"arn:aws:states:*:*:stateMachine:{unique}-no",
        }
        role = service_role(aws, TRAINING, unique, "cloudformation", ALL)
        iam = aws.administrator(TRAINING).client("iam")
        request = {"StackName": unique, "RoleARN": role}
        stacks.create_stack(**request, TemplateBody=two_machines(unique, machine_role, "old", second=False))
        iam.put_role_policy(RoleName=unique, PolicyName="rights", PolicyDocument=policy(ALL, deny, other))
        stacks.update_stack(**request, TemplateBody=two_machines(unique, machine_role, "new", second=True))
        assert described(stacks, unique)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
        arn = outputs(described(stacks, unique))["Arn"]
        again = {**request, "TemplateBody": two_machines(unique, machine_role, "other", second=False)}
        assert "UPDATE_ROLLBACK_FAILED state and can not be updated" in error_of(stacks.update_stack, **again)[1]
        stacks.continue_update_rollback(StackName=unique)
        assert described(stacks, unique)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
        iam.put_role_policy(RoleName=unique, PolicyName="rights", PolicyDocument=policy(ALL))
        stacks.continue_update_rollback(StackName=unique)
        assert described(stacks, unique)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
        tags = {tag["key"]: tag["value"] for tag in states.list_tags_for_resource(resourceArn=arn)["tags"]}
        assert tags["team"] == "old"
        assert error_of(stacks.continue_update_rollback, StackName=unique)[0] == "ValidationError"

    def test_a_role_that_does_not_trust_cloudformation(self, stacks: Any, machine_role: str, unique: str) -> None:
        """No stack comes of it."""
        given = parameters(Name=unique, Role=machine_role)
        code, message, _ = error_of(
            stacks.create_stack, StackName=unique, TemplateBody=TEMPLATE, RoleARN=machine_role, Parameters=given
        )
        assert (code, message) == ("ValidationError", f"Role {machine_role} is invalid or cannot be assumed")
        assert error_of(stacks.describe_stacks, StackName=unique)[0] == "ValidationError"

    def test_without_a_role_the_callers_rights_count(self, roles: Roles, machine_role: str, unique: str) -> None:
        """A caller who may only create stacks makes no machine."""
        caller = roles.session(unique, allow("cloudformation:*", resource="*"), account=TRAINING)
        client = caller.client("cloudformation")
        client.create_stack(
            StackName=unique, TemplateBody=TEMPLATE, Parameters=parameters(Name=unique, Role=machine_role)
        )
        assert described(client, unique)["StackStatus"] == "ROLLBACK_COMPLETE"
        assert "states:CreateStateMachine" in reasons(client, unique, "CREATE_FAILED")[0]


class TestParameters:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"Nme": "x"}, "Parameters: [Nme] do not exist in the template"),
            ({"Name": "x"}, "Parameters: [Role] must have values"),
            ({"Name": "A B", "Role": "r"}, "Parameter 'Name' must match pattern ^[a-z0-9-]+$"),
            ({"Name": "x", "Role": "r", "Result": "ten"}, "Parameter 'Result' must be a number."),
            ({"Name": "x", "Role": "r", "Result": "10"}, "Parameter 'Result' must be a number not greater than 9"),
        ],
    )
    def test_are_checked(self, stacks: Any, unique: str, given: dict[str, str], said: str) -> None:
        """Before anything is made, in CloudFormation's words."""
        request = {"StackName": unique, "TemplateBody": TEMPLATE, "Parameters": parameters(**given)}
        assert error_of(stacks.create_stack, **request)[:2] == ("ValidationError", said)


class TestAuthorization:
    def test_the_stacks_role_must_be_passed(
        self, roles: Roles, stack_role: str, machine_role: str, unique: str
    ) -> None:
        """CreateStack with RoleARN needs iam:PassRole to CloudFormation."""
        stack = f"arn:aws:cloudformation:*:{TRAINING}:stack/{unique}/*"
        caller = roles.session(unique, allow("cloudformation:CreateStack", resource=stack), account=TRAINING)
        request = {
            "StackName": unique,
            "TemplateBody": TEMPLATE,
            "Parameters": parameters(Name=unique, Role=machine_role),
        }
        code, message, _ = error_of(caller.client("cloudformation").create_stack, **request, RoleARN=stack_role)
        assert code == "AccessDenied"
        assert "iam:PassRole" in message

    def test_a_template_in_s3_is_read_as_the_caller(
        self, aws: EmbeddedAws, stacks: Any, roles: Roles, unique: str
    ) -> None:
        """Its denial is S3's."""
        s3 = aws.administrator(TRAINING).client("s3")
        s3.create_bucket(Bucket=unique)
        s3.put_object(Bucket=unique, Key="t.yaml", Body=TEMPLATE.encode())
        url = f"https://{unique}.s3.us-east-1.amazonaws.com/t.yaml"
        assert stacks.validate_template(TemplateURL=url)["Parameters"]
        poor = roles.session(unique, allow("cloudformation:ValidateTemplate", resource="*"), account=TRAINING)
        code, message, _ = error_of(poor.client("cloudformation").validate_template, TemplateURL=url)
        assert code == "ValidationError"
        assert message.startswith("S3 error: ")


def test_a_definition_in_s3_with_substitutions(
    aws: EmbeddedAws, stacks: Any, states: Any, stack_role: str, machine_role: str, unique: str
) -> None:
    """DefinitionS3Location is read with the stack's role; DefinitionSubstitutions are filled in."""
    s3 = aws.administrator(TRAINING).client("s3")
    s3.create_bucket(Bucket=unique)
    text = '{"StartAt":"S","States":{"S":{"Type":"Pass","Result":"${Word}","End":true}}}'
    s3.put_object(Bucket=unique, Key="d.json", Body=text.encode())
    properties = {
        "StateMachineName": unique,
        "RoleArn": machine_role,
        "DefinitionS3Location": {"Bucket": unique, "Key": "d.json"},
        "DefinitionSubstitutions": {"Word": "filled"},
    }
    body = {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    stacks.create_stack(StackName=unique, TemplateBody=json.dumps(body), RoleARN=stack_role)
    (resource,) = stacks.describe_stack_resources(StackName=unique)["StackResources"]
    assert definition(states, resource["PhysicalResourceId"])["Result"] == "filled"


def test_an_unknown_resource_type_is_refused(stacks: Any, unique: str) -> None:
    """Never skipped: a stack that lacks a resource must not look complete."""
    body = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}})
    assert error_of(stacks.create_stack, StackName=unique, TemplateBody=body)[:2] == (
        "ValidationError",
        "Template format error: Unrecognized resource types: [AWS::SNS::Topic]",
    )


def test_the_projects_own_template(stacks: Any, states: Any, stack_role: str, machine_role: str, unique: str) -> None:
    """The template that this tool puts into repositories makes a machine that Step Functions accepts."""
    config = example()
    key = Keys.of({config.region: f"arn:aws:kms:us-east-1:{TRAINING}:key/x"})
    values = {
        **project_template.configuration(config)["Parameters"],
        **project_template.parameter_overrides(config, key, "c" * 40),
        "StateMachineName": unique,
        "StateMachineRoleArn": machine_role,
    }
    stacks.create_stack(
        StackName=unique,
        TemplateBody=project_template.template(config),
        Parameters=parameters(**values),
        RoleARN=stack_role,
    )
    assert described(stacks, unique)["StackStatus"] == "CREATE_COMPLETE", reasons(stacks, unique, "CREATE_FAILED")
    machine = next(each for each in states.list_state_machines()["stateMachines"] if each["name"] == unique)
    found = json.loads(states.describe_state_machine(stateMachineArn=machine["stateMachineArn"])["definition"])
    assert "createTrainingJob.sync" in json.dumps(found)
