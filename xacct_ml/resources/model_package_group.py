"""A group of SageMaker's Model Registry; its versions, the model packages, are made by runs.

Packages say what was judged and released: they are deleted with the group only where evidence is to be deleted."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.errors import absent_as_none, code_of
from xacct_ml.aws.pages import listed
from xacct_ml.engine.backoff import Backoff
from xacct_ml.engine.resource import Kept, Outputs, State
from xacct_ml.errors import XacctError
from xacct_ml.resources.base import Driver
from xacct_ml.resources.rights import Place, Rights, anything
from xacct_ml.resources.tags import Tagging, tag_list, tag_map
from xacct_ml.system import thing as things

_PATIENCE = Backoff(limit=120.0, first=0.5, longest=10.0)


def _packages(place: Place) -> str:
    return place.names.model_package_arn("*")


@dataclass(frozen=True, kw_only=True)
class ModelPackageGroup(Driver[things.ModelPackageGroup]):
    """There is no call that changes its description. With ``keep`` it stays where it has packages."""

    kind = "model package group"
    tagging = Tagging("sagemaker", "ResourceArn", add="add_tags", remove="delete_tags")
    rights = (
        Rights(
            "registry/Group",
            "sagemaker: AddTags CreateModelPackageGroup DeleteModelPackageGroup DeleteTags DescribeModelPackageGroup "
            "ListTags",
        ),
        Rights("registry/FindPackages", "sagemaker: ListModelPackages", on=(anything,)),
        Rights("registry/Packages", "sagemaker: DeleteModelPackage", on=(_packages,)),
    )
    keep: bool = False

    def desired(self, outputs: Outputs) -> State:
        return {"tags": self.wanted_tags}

    def observe(self, outputs: Outputs) -> State | None:
        return absent_as_none(_does_not_exist, self._look)

    def _look(self) -> State:
        sagemaker = self.client("sagemaker")
        sagemaker.describe_model_package_group(ModelPackageGroupName=self.name)
        return {"tags": tag_map(listed(sagemaker, "list_tags", "Tags", ResourceArn=self.arn))}

    def make(self, outputs: Outputs) -> None:
        """One that is there already, by a call whose answer was lost, is looked at: somebody else's is refused."""
        try:
            self.client("sagemaker").create_model_package_group(
                ModelPackageGroupName=self.name,
                ModelPackageGroupDescription=self.thing.description,
                Tags=tag_list(self.tags),
            )
        except ClientError as error:
            if not _says(error, "already exists"):
                raise
            self.read(outputs)

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        """It has nothing but tags."""

    def remove(self, observed: State) -> None:
        """What is gone by a call whose answer was lost is gone."""
        sagemaker = self.client("sagemaker")
        if self.keep and (packages := self._packages(sagemaker)):
            many = f"{len(packages)} model package{'s' if len(packages) > 1 else ''}"
            why = "which say what was judged and released; teardown --delete-evidence deletes them, too"
            raise Kept(f"with {many}, {why}")
        for _ in _PATIENCE.attempts(self.clock, f"the model packages of {self.name} to go"):
            packages = self._packages(sagemaker)
            if not packages:
                gone = {"ModelPackageGroupName": self.name}
                absent_as_none(_does_not_exist, sagemaker.delete_model_package_group, **gone)
                return
            for package in packages:
                if package["ModelPackageStatus"] != "Deleting":
                    gone = {"ModelPackageName": package["ModelPackageArn"]}
                    absent_as_none(_does_not_exist, sagemaker.delete_model_package, **gone)
        raise XacctError(
            f"model package group {self.name} in account {self.account} still has packages",
            next_step="run the same command again later",
        )

    def _packages(self, sagemaker: Any) -> list[dict[str, Any]]:
        group = {"ModelPackageGroupName": self.name}
        return list(listed(sagemaker, "list_model_packages", "ModelPackageSummaryList", **group))


def _does_not_exist(error: ClientError) -> bool:
    """As terraform-provider-aws knows it (sagemaker/find.go, FindModelPackageGroupByName) [C]."""
    return _says(error, "does not exist")


def _says(error: ClientError, words: str) -> bool:
    return code_of(error) == "ValidationException" and words in str(error)
