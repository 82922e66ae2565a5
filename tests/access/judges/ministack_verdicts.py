"""Runs in ministack's own environment, isolated: cases as JSON lines on standard input, one line of ``+`` and ``-`` on
standard output, for what ministack's evaluator allows and does not.

ministack (MIT) has its evaluator apart from its servers: identity policies within a permissions boundary and session
policies, and how a resource's own policy is combined with them."""

import json
import sys

from ministack.core.iam_evaluator import EvalContext, combine_resource_policy, evaluate, parse_policy_document


def allows(case: dict) -> bool:
    context = EvalContext(
        principal_arn=case["principal"],
        principal_type=case["type"],
        principal_account=case["account"],
        action=case["action"],
        resource_arn=case["resource"],
        region="eu-west-1",
        service_context={key.lower(): value for key, value in case["context"].items()},
    )
    limits = [[parse_policy_document(limit)] for limit in case["limits"]]
    result = evaluate(context, [parse_policy_document(document) for document in case["identity"]], *limits)
    if case["resource_policy"] is not None or case["required"]:
        result = combine_resource_policy(
            result, context, case["resource_policy"], case["owner"], required=case["required"], limits=tuple(limits)
        )
    elif case["owner"] != case["account"]:
        return False  # the emulator has no such request: without a resource policy nothing crosses accounts
    return result.decision == "Allow"


if __name__ == "__main__":
    sys.stdout.write("".join("+" if allows(json.loads(line)) else "-" for line in sys.stdin) + "\n")
