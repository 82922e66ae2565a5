"""An IAM role with exactly its inline policies."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from xacct_ml.aws.concurrently import both, concurrently
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.aws.pages import listed
from xacct_ml.engine.resource import Outputs, State
from xacct_ml.errors import XacctError
from xacct_ml.resources.base import Driver, differs
from xacct_ml.resources.policy_document import normalise
from xacct_ml.resources.rights import Place, Rights, itself, role_without_path
from xacct_ml.resources.tags import Tagging, tag_list, tag_map
from xacct_ml.system import thing as things
from xacct_ml.system.statements import Conditions


def _under_boundary(place: Place) -> Conditions | None:
    boundary = place.names.boundary_arn(place.account)
    return None if boundary is None else {"StringEquals": {"iam:PermissionsBoundary": boundary}}


def _has_no_boundary(place: Place) -> bool:
    return place.names.boundary_arn(place.account) is None


@dataclass(frozen=True, kw_only=True)
class Role(Driver[things.Role]):
    """Managed policies that somebody attached are detached again: the role can do what the documents say, nothing else.
    An adopted role keeps its description, and a permissions boundary where the map names none."""

    kind = "IAM role"
    regional = False
    released = "adopted, so it stays; the project's inline policies and tags were taken off, its trust policy was left"
    tagging = Tagging("iam", "RoleName", add="tag_role", remove="untag_role")
    rights = (
        # Who may write roles' policies may give them rights; a permissions boundary in the map limits which.
        Rights(
            "roles/WriteRoles", "iam: CreateRole PutRolePermissionsBoundary PutRolePolicy", condition=_under_boundary
        ),
        Rights(
            "roles/ManageRoles",
            "iam: DeleteRole DeleteRolePolicy DetachRolePolicy GetRolePolicy ListAttachedRolePolicies "
            "ListRolePolicies TagRole UntagRole UpdateAssumeRolePolicy UpdateRole",
        ),
        # With a boundary in the map, who could delete it would not be bound by it.
        Rights("roles/ManageRoles", "iam: DeleteRolePermissionsBoundary", needed=_has_no_boundary),
        Rights("roles/FindRoles", "iam: GetRole", on=(itself, role_without_path)),
    )

    def desired(self, outputs: Outputs) -> State:
        document = self.now(outputs)
        desired: dict[str, Any] = {
            "path": document.path,
            "description": document.description,
            "trust": normalise(document.trust),
            "policies": {name: normalise(policy) for name, policy in document.policies.items()},
            "attached": [],
            "boundary": document.boundary,
            "tags": self.wanted_tags,
        }
        return self._without_found(desired)

    def observe(self, outputs: Outputs) -> State | None:
        iam = self.client("iam")
        found = absent_as_none("NoSuchEntity", iam.get_role, RoleName=self.name)
        if found is None:
            return None
        role = found["Role"]
        observed: dict[str, Any] = {
            "path": role["Path"],
            "description": role.get("Description", ""),
            "trust": normalise(role["AssumeRolePolicyDocument"]),
            "boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "tags": tag_map(role.get("Tags", ())),
        }
        if self.owns(observed):
            policies, attached = both(lambda: self._policies(iam), lambda: self._attached(iam))
            observed |= {"policies": policies, "attached": attached}
        return self._without_found(observed)

    def make(self, outputs: Outputs) -> None:
        iam, document = self.client("iam"), self.now(outputs)
        boundary = {} if document.boundary is None else {"PermissionsBoundary": document.boundary}
        self.eventually(
            "iam",
            iam.create_role,
            RoleName=self.name,
            Path=document.path,
            Description=document.description,
            AssumeRolePolicyDocument=json.dumps(document.trust),
            Tags=tag_list(self.tags),
            **boundary,
        )
        for name, policy in document.policies.items():
            self._put(iam, name, policy)

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        iam, document = self.client("iam"), self.now(outputs)
        if differs(observed, desired, "path"):
            raise XacctError(
                f"IAM role {self.name} in account {self.account} has path {observed['path']}, the map says "
                f"{document.path}; a role's path cannot be changed",
                next_step="run xacct-ml teardown with the old map first, or restore roles.path in the map",
            )
        if differs(observed, desired, "trust"):
            self.eventually(
                "iam", iam.update_assume_role_policy, RoleName=self.name, PolicyDocument=json.dumps(document.trust)
            )
        if differs(observed, desired, "boundary"):
            if document.boundary is None:
                iam.delete_role_permissions_boundary(RoleName=self.name)
            else:
                iam.put_role_permissions_boundary(RoleName=self.name, PermissionsBoundary=document.boundary)
        for name, policy in document.policies.items():
            if observed["policies"].get(name) != desired["policies"][name]:
                self._put(iam, name, policy)
        self._take_off(observed["policies"].keys() - document.policies.keys(), observed["attached"])
        if differs(observed, desired, "description"):
            iam.update_role(RoleName=self.name, Description=document.description)

    def tagged(self, observed: State) -> str:
        return self.name

    def take_out(self, observed: State) -> None:
        """The project's inline policies: nothing of the project may be done with it any more."""
        self._take_off(self.thing.policies.keys() & observed["policies"].keys())

    def remove(self, observed: State) -> None:
        self._take_off(observed["policies"], observed["attached"])
        self.client("iam").delete_role(RoleName=self.name)

    def _take_off(self, policies: Iterable[str], attached: Iterable[str] = ()) -> None:
        iam = self.client("iam")
        for name in policies:
            iam.delete_role_policy(RoleName=self.name, PolicyName=name)
        for arn in attached:
            iam.detach_role_policy(RoleName=self.name, PolicyArn=arn)

    def _without_found(self, state: dict[str, Any]) -> State:
        """Without what an adopted role keeps as it was found."""
        if self.adopt:
            kept = ("description", "boundary") if self.thing.boundary is None else ("description",)
            return {member: value for member, value in state.items() if member not in kept}
        return state

    def _policies(self, iam: Any) -> dict[str, Any]:
        names = list(listed(iam, "list_role_policies", "PolicyNames", RoleName=self.name))

        def policy(name: str) -> dict[str, Any]:
            return normalise(iam.get_role_policy(RoleName=self.name, PolicyName=name)["PolicyDocument"])

        return dict(zip(names, concurrently([partial(policy, name) for name in names]), strict=True))

    def _attached(self, iam: Any) -> list[str]:
        found = listed(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=self.name)
        return sorted(policy["PolicyArn"] for policy in found)

    def _put(self, iam: Any, name: str, policy: Mapping[str, Any]) -> None:
        self.eventually(
            "iam", iam.put_role_policy, RoleName=self.name, PolicyName=name, PolicyDocument=json.dumps(policy)
        )
