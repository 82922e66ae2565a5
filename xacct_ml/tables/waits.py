"""How long the actions of a pipeline take at most, and when CodePipeline ends them.

CodePipeline ends an action after a time of its kind (CodePipeline User Guide, limits: "Length of time before an action
times out") [D]. Long before that something is wrong; from when on is ours to say, and stands here beside it."""

from dataclasses import dataclass

MINUTE, HOUR, DAY = 60, 60 * 60, 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Wait:
    """``usual`` and ``ended`` are seconds: longer than ``usual`` is told as an alert, and after ``ended`` CodePipeline
    fails the action. ``what`` names the kind."""

    what: str
    usual: int
    ended: int


SILENT_FUNCTION_SECONDS = 20 * MINUTE
"""A function that has sent no reply for so long has its action failed by CodePipeline (the same page) [D]."""

SOURCE = Wait("a source action", 15 * MINUTE, HOUR)
"""Of "all other actions" [D]."""

APPROVAL = Wait("an approval", 6 * DAY, 7 * DAY)
"""Seven days unless the account has another default [D]; the last of them is told."""

STACK = Wait("a CloudFormation action", HOUR, 3 * DAY)
"""Three days [D]. The stack has one state machine, which takes a minute."""

FUNCTION = Wait("a function's action", SILENT_FUNCTION_SECONDS, DAY)
"""Of a function that answers in one invocation, of 15 minutes at most (Lambda Developer Guide, gettingstarted-limits)
[D]. An action that the function asks to be continued ends after 24 hours [D]."""

JUDGEMENT = Wait("a judgement", 4 * HOUR, DAY)
"""Its batch transforms wait up to two hours for instances, and then predict (payload/transforms.py)."""

DEPLOYMENT_SECONDS = 3 * HOUR
"""An endpoint has two hours to be in service (payload/deployment.py), a smoke test's endpoint comes before; with a
rollout its waits are added."""

STARTING_SECONDS = HOUR
"""So much longer than its longest run a training may take: for its instances, its image and its data. Ours [U]."""

TRAINING_ENDED = 7 * DAY
"""Of a Step Functions action [D]."""
