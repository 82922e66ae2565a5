"""The page of a proof: the accounts and every hop as pictures, each hop with its request, the statements that decide it
and its source, every attack by its attacker, and the documents."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from xacct_ml.access.model import ContextValue, Principal, PrincipalKind
from xacct_ml.proof.attacks.attack import RepelledAttack
from xacct_ml.proof.attacks.intruder import intruders
from xacct_ml.proof.rehearsal import rehearsed
from xacct_ml.proof.requests.hop import Evidence
from xacct_ml.proof.verify import Verdict
from xacct_ml.proof.words import Words, reason
from xacct_ml.report import accounts_picture, stage_picture
from xacct_ml.report.documents import Documents
from xacct_ml.report.graph import Arrow, Graph, graph
from xacct_ml.report.markup import head, section, table, text
from xacct_ml.report.proof_script import DIGEST, SCRIPT

_KINDS = {
    "crosses": "between accounts",
    "fails": "not allowed",
    "assumed": "assumed",
    "documented": "never asked for in a rehearsal",
}
_STYLE = """
main{overflow-wrap:break-word}.hop summary,.hop dd{overflow-wrap:anywhere}h3{font-size:1.05rem;margin:1.5rem 0 .3rem}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem}
#filter{position:sticky;top:0;background:var(--paper);border-bottom:1px solid var(--line);padding:.5rem 0;z-index:1;
display:flex;flex-wrap:wrap;gap:.4rem .8rem;align-items:end}#filter[hidden]{display:none}
#filter label{display:flex;flex-direction:column;font-size:.8rem;color:var(--soft)}
#filter input,#filter select,button{font:inherit;font-size:1rem;color:var(--ink);background:var(--paper);
border:1px solid var(--soft);border-radius:4px;padding:.2rem .4rem;max-width:15rem}
#shown{font-size:.85rem;color:var(--soft)}
.hop,.attacker,.document{border-left:.2rem solid var(--line);padding-left:.6rem;margin:.25rem 0;
scroll-margin-top:8rem}.hop.fails,.attacker.fails{border-color:var(--refused)}.fails>summary .mark{color:var(--refused)}
summary{cursor:pointer}summary:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible{
outline:3px solid var(--candidate);outline-offset:2px}:target>summary{font-weight:600}
.hop dl{display:grid;grid-template-columns:6.5rem 1fr;margin:.2rem 0 .7rem;font-size:.9rem}
.hop dt{color:var(--soft)}.hop dd{margin:0}.tag{color:var(--soft);font-size:.85rem}
code,pre{font:.85rem ui-monospace,monospace}pre{white-space:pre-wrap;background:none;border:1px solid var(--line);
padding:.5rem;scroll-margin-top:8rem}.attacker table{font-size:.85rem;table-layout:fixed;width:100%;min-width:44rem}
.attacker th,.attacker td{overflow-wrap:anywhere}.attacker tbody th{font-weight:400}
.attacker thead th:nth-child(2){width:15rem}h2,h3{scroll-margin-top:7rem}
@media (max-width:40rem){.hop dl{grid-template-columns:1fr}.hop dt{margin-top:.3rem}#filter{position:static}}
@media print{#filter,nav{display:none}.hop::details-content{content-visibility:visible;height:auto}
.hop{break-inside:avoid}pre{break-inside:avoid}}
""".strip()


def proof_page(verdict: Verdict, subject: str, tables: str) -> str:
    """One HTML document. ``subject`` is what is proven, as ``the map``; ``tables`` are the other parts of the verdict
    as a terminal shows them."""
    return "\n".join(_Page(verdict, subject).parts(tables)) + "\n"


class _Page:
    def __init__(self, verdict: Verdict, subject: str) -> None:
        self._verdict = verdict
        self._subject = subject
        self._words = Words(verdict.world.config)
        self._documents = Documents(verdict.world)
        self._graph: Graph = graph(verdict.world, verdict.proof.hops, self._words)

    def parts(self, tables: str) -> Iterator[str]:
        failures = self._verdict.failures()
        outcome = f"{len(failures)} parts do not hold" if failures else "everything holds"
        title = f"{self._verdict.world.config.project}: {outcome} of {self._subject}"
        style = "".join((_STYLE, accounts_picture.STYLE, stage_picture.STYLE))
        yield from head(title, "the proof", style=style, scripts=DIGEST)
        yield from self._summary(failures)
        yield from self._filter()
        yield from self._accounts()
        yield from self._hops()
        yield from self._attacks()
        yield from self._further()
        yield section("documents", "Documents")
        yield "<p>Each statement as it is deployed, or as it was found. The number is how many a document has.</p>"
        yield from self._documents.markup()
        yield section("tables", "Matrix, minimality and what else was decided")
        yield f'<pre tabindex="0">{text(tables.strip())}</pre>'
        yield f"</main><script>{SCRIPT}</script></body></html>"

    def _summary(self, failures: Sequence[str]) -> Iterator[str]:
        verdict = self._verdict
        hops, attacks = verdict.proof.hops, verdict.attacks
        yield (
            "<p>A hop is one request that a run of the pipeline cannot do without, as AWS sends it: who asks, for "
            "which action, on what. Each is decided by the policies, as is what must not be possible.</p>"
        )
        if failures:
            yield '<ul class="found">'
            yield from (f'<li class="refusal"><b>Does not hold:</b> {text(one)}</li>' for one in failures)
            yield "</ul>"
        allowed = len(hops) - len(verdict.failed_hops)
        repelled = len(attacks) - len(verdict.successful_attacks)
        matrix, minimality = verdict.matrix, verdict.minimality
        rows = [
            ["hops", f"{allowed:,} of {len(hops):,} allowed"],
            ["attacks", f"{repelled:,} of {len(attacks):,} denied"],
            ["whole matrix", f"{matrix.requests:,} requests, {len(matrix.unintended):,} allowed that no hop means"],
        ]
        if minimality is not None:
            rows.append(["minimality", f"{len(minimality.unneeded)} of {minimality.checked} parts needed by nothing"])
        yield from table("What was decided", (), rows, "d")
        yield '<nav aria-label="Parts"><ul>'
        names = {"accounts": "Accounts", "hops": "Hops", "attacks": "Attacks", "further": "One call further"}
        for name, words in {**names, "documents": "Documents", "tables": "Tables"}.items():
            yield f'<li><a href="#{name}">{words}</a></li>'
        yield "</ul></nav>"

    def _filter(self) -> Iterator[str]:
        stages = dict.fromkeys(proven.hop.stage for proven in self._verdict.proof.hops)
        yield '<form id="filter" role="search" hidden>'
        yield '<label>Search ( / )<input id="find" type="search" autocomplete="off"></label>'
        yield from _select("of-stage", "Stage", {stage: stage for stage in stages})
        yield from _select("of-account", "Account", self._graph.accounts)
        yield from _select("of-kind", "Hops that are", _KINDS)
        yield '<button type="reset">All</button><button type="button" id="fold">Open or close all</button>'
        yield '<output id="shown"></output></form>'

    def _accounts(self) -> Iterator[str]:
        yield section("accounts", "Accounts")
        yield '<p class="key"><span><i></i>from one account into another</span>'
        yield "Solid box: who asks, a service in brackets. Dashed box: what is asked for. In the stages below, every "
        yield "hop has an arrow of its own.</p>"
        picture = accounts_picture.picture(self._graph)
        yield f'<div class="wide picture" tabindex="0" role="region" aria-label="The accounts">{picture}</div>'
        between: dict[tuple[str, str, str, str], list[Arrow]] = {}
        for arrow in self._graph.arrows:
            if arrow.crosses:
                where = [
                    f"{self._graph.accounts.get(one.account, one.account)}" for one in (arrow.source, arrow.target)
                ]
                between.setdefault((where[0], arrow.source.label, where[1], arrow.target.label), []).append(arrow)
        label = "From one account into another"
        yield f'<div class="wide" tabindex="0" role="region" aria-label="{label}"><table><caption>{label}</caption>'
        yield "<thead><tr>"
        yield "".join(f'<th scope="col">{name}</th>' for name in ("Who asks for what", "Actions", "Hops"))
        yield "</tr></thead><tbody>"
        for (account, who, other, what), arrows in between.items():
            actions = ", ".join(dict.fromkeys(arrow.proven.hop.request.action for arrow in arrows))
            hops = " ".join(f'<a href="#hop-{one}">{one}</a>' for one in (arrow.proven.number for arrow in arrows))
            yield f'<tr><th scope="row">{text(f"{account}: {who} → {other}: {what}")}</th>'
            yield f"<td>{text(actions)}</td><td>{hops}</td></tr>"
        yield "</tbody></table></div>"

    def _hops(self) -> Iterator[str]:
        yield section("hops", "Hops")
        yield '<div class="stages">'
        stages: dict[str, list[Arrow]] = {}
        for arrow in self._graph.arrows:
            stages.setdefault(arrow.proven.hop.stage, []).append(arrow)
        for stage, arrows in stages.items():
            label = text(f"{stage}: {len(arrows)} hops")
            picture = stage_picture.picture(stage, arrows, self._graph, self._words)
            yield f"<section><h3>{label}</h3>"
            yield f'<div class="wide stage" tabindex="0" role="region" aria-label="{label}">{picture}</div>'
            for arrow in arrows:
                yield from self._hop(arrow)
            yield "</section>"
        yield "</div>"

    def _hop(self, arrow: Arrow) -> Iterator[str]:
        proven, hop = arrow.proven, arrow.proven.hop
        request, decision = hop.request, proven.decision
        marks = {
            "crosses": arrow.crosses,
            "fails": not decision.allowed,
            "assumed": hop.evidence is Evidence.ASSUMED,
            "documented": not rehearsed(self._words.names, request),
        }
        kinds = "|".join(kind for kind, applies in marks.items() if applies)
        accounts = "|".join(dict.fromkeys((arrow.source.account, arrow.target.account)))
        told = [hop.evidence.value, *(["never rehearsed"] if marks["documented"] else [])]
        yield (
            f'<details class="hop{"" if decision.allowed else " fails"}" id="hop-{proven.number}" open '
            f'data-number="{proven.number}" data-stage="{text(hop.stage)}" data-accounts="{text(accounts)}" '
            f'data-kinds="{kinds}"><summary><span class="mark">{"✓" if decision.allowed else "✗"}</span> '
            f"<b>{proven.number}</b> {text(self._words.who(request.principal))} → "
            f"{text(self._words.resource(request.resource))} <code>{text(request.action)}</code> "
            f'<span class="tag">{text(", ".join(told))}</span></summary><dl>'
        )
        for name, value in (
            ("what", hop.what),
            ("principal", request.principal.arn),
            ("resource", request.resource),
            ("context", "; ".join(f"{key} = {_shown(value)}" for key, value in sorted(request.context.items()))),
        ):
            yield f"<dt>{name}</dt><dd>{text(value)}</dd>"
        if not decision.allowed:
            yield f"<dt>decided</dt><dd>{text(reason(request, decision))}</dd>"
        if decision.statements:
            yield f"<dt>by</dt><dd>{' and '.join(self._statements(arrow))}</dd>"
        yield f"<dt>source</dt><dd>{text(hop.source)}</dd></dl></details>"

    def _statements(self, arrow: Arrow) -> Iterator[str]:
        request = arrow.proven.hop.request
        for statement in arrow.proven.decision.statements:
            words = text(f"{statement.layer.value} {statement}")
            place = self._documents.place_of(request, statement)
            yield words if place is None else f'<a href="#{place}">{words}</a>'

    def _attacks(self) -> Iterator[str]:
        yield section("attacks", "Attacks, by attacker")
        yield "<p>Requests that must be denied, whoever sends them. An administrator may do all that the own account "
        yield "allows.</p>"
        by: dict[str, list[RepelledAttack]] = {}
        known = {arn: f"An administrator of {words}" for words, arn in intruders(self._words.names).items()}
        for attack in self._verdict.attacks:
            by.setdefault(self._attacker(attack.attack.request.principal, known), []).append(attack)
        for attacker in sorted(by, key=_rank):
            attacks = by[attacker]
            denied = sum(attack.repelled for attack in attacks)
            fails, opened = ("", "") if denied == len(attacks) else (" fails", " open")
            yield (
                f'<details class="attacker{fails}"{opened}><summary><span class="mark">{"✗" if fails else "✓"}</span> '
                f"{text(attacker)}: {denied} of {len(attacks)} denied</summary>"
            )
            yield from _attack_table(attacker, attacks)
            yield "</details>"

    def _attacker(self, principal: Principal, known: dict[str, str]) -> str:
        if principal.kind is PrincipalKind.SERVICE:
            return f"The service {principal.arn}, for somebody else"
        if (role := principal.role_arn) in known:
            return known[role or ""]
        who, where = self._words.who(principal), self._graph.accounts.get(principal.account, principal.account)
        ours = role is not None and self._words.names.job_of(role.rsplit("/", 1)[-1]) is not None
        if who == "operator":
            return f"The operator of {where}"
        return f"Our role {who} in {where}" if ours else f"A role called {who} in {where}, none of ours"

    def _further(self) -> Iterator[str]:
        found = self._verdict.further
        yield section("further", "One call further")
        if not found.total:
            yield "<p>Not decided of these documents.</p>"
            return
        yield (
            f"<p>With everything in reach of whoever attacks, {len(found.possible):,} of {found.total:,} attacks stay "
            "possible. It makes no proof fail: an account's own administrators can do much whatever a map says.</p>"
        )
        groups: Counter[str] = Counter(one.attack.group for one in found.possible)
        for group, count in groups.items():
            label = f"{group}: {count} of {found.tried[group]:,}"
            yield f'<details class="attacker"><summary>{text(label)}</summary>'
            rows = [
                [one.attack.what, ", then ".join(one.path) or "at once"]
                for one in found.possible
                if one.attack.group == group
            ]
            yield from table(label, ["What", "After which calls"], rows, "d")
            yield "</details>"


def _attack_table(attacker: str, attacks: Sequence[RepelledAttack]) -> Iterator[str]:
    label = text(attacker)
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{label}">'
    yield f"<table><caption>{label}</caption><thead><tr>"
    yield "".join(f'<th scope="col">{name}</th>' for name in ("What", "Action", "On", "Why not"))
    yield "</tr></thead><tbody>"
    for one in attacks:
        request = one.attack.request
        mark = "" if one.repelled else "✗ "
        what = one.attack.what if one.attack.group == attacker else f"{one.attack.group}: {one.attack.what}"
        cells = (request.action, request.resource, reason(request, one.decision))
        yield (
            f'<tr class="attack"><th scope="row">{mark}{text(what)}</th>'
            f"{''.join(f'<td>{text(cell)}</td>' for cell in cells)}</tr>"
        )
    yield "</tbody></table></div>"


def _select(name: str, label: str, options: Mapping[str, str]) -> Iterator[str]:
    yield f'<label>{label}<select id="{name}"><option value="">all</option>'
    for value, words in options.items():
        yield f'<option value="{text(value)}">{text(words)}</option>'
    yield "</select></label>"


def _rank(attacker: str) -> tuple[int, str]:
    """Administrators first, then our own roles, then the rest."""
    begins = ("An administrator of", "The operator", "Our role", "The service", "A role called")
    return next(place for place, begin in enumerate(begins) if attacker.startswith(begin)), attacker


def _shown(value: ContextValue) -> str:
    return value if isinstance(value, str) else ", ".join(value)
