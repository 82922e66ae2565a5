"""With ``--paid``: whether Access Analyzer, too, sees that no role but the judge's, and in other regions the copying
function's, may write judged models or records. CheckAccessNotGranted is billed by the call (pricing of IAM Access
Analyzer, custom policy checks) [D]; it looks at the identity policies."""

import json
from collections.abc import Iterator
from functools import partial

from xacct_ml.aws.clients import Clients
from xacct_ml.operations.doctor.check import SHARED_ACCOUNT, Check, Finding, Subject, failed, ok
from xacct_ml.resources.rights import Rights, anything
from xacct_ml.system.bucket_layout import EVALUATIONS_PREFIX, JUDGED_PREFIX
from xacct_ml.system.statements import Document
from xacct_ml.system.system import system
from xacct_ml.system.thing import Role

RIGHTS = {SHARED_ACCOUNT: (Rights("doctor/Look", "access-analyzer: CheckAccessNotGranted", on=(anything,)),)}

DOLLARS_PER_CALL = 0.002
_WRITERS = ("judge", "copy-model")


def checks(subject: Subject) -> Iterator[Check]:
    if subject.paid:
        names = subject.names
        look = partial(_look, subject)
        yield Check("access not granted", names.shared, names.region, "access-analyzer:CheckAccessNotGranted", look)


def roles(subject: Subject) -> Iterator[Role]:
    """Those that may not write them."""
    for thing in system(subject.config, subject.keys):
        if isinstance(thing, Role) and thing.job not in _WRITERS and thing.policies:
            yield thing


def _whole(role: Role) -> Document:
    """All of its policies as one; a Sid may stand once in a document."""
    statements = [statement for document in role.policies.values() for statement in document["Statement"]]
    plain = [{name: value for name, value in statement.items() if name != "Sid"} for statement in statements]
    return {"Version": "2012-10-17", "Statement": plain}


def _look(subject: Subject, accounts: Clients) -> Finding:
    names = subject.names
    accessanalyzer = accounts.client(names.shared, "accessanalyzer")
    prefixes = (JUDGED_PREFIX, EVALUATIONS_PREFIX)
    objects = [names.object_arn(f"{prefix}/*", region) for region in names.regions for prefix in prefixes]
    access = [{"actions": ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"], "resources": objects}]
    looked_at, granted = 0, []
    for role in roles(subject):
        answer = accessanalyzer.check_access_not_granted(
            policyDocument=json.dumps(_whole(role)), access=access, policyType="IDENTITY_POLICY"
        )
        looked_at += 1
        if answer["result"] != "PASS":
            granted.append(role.name)
    cost = f"{looked_at} calls, about {looked_at * DOLLARS_PER_CALL:.3f} USD"
    if granted:
        return failed(f"may write judged models or records: {', '.join(granted)} ({cost})", "xacct-ml verify")
    return ok(f"no other role may write judged models or records ({cost})")
