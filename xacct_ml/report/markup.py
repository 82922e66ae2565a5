"""What the pages are made of. Every text is escaped where it is put in, by :func:`text` alone."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1b1b;--soft:#555;--line:#c9c9c9;--candidate:#0b57a4;--live:#a33b00;
--refused:#a30000;--warned:#7a4b00}
@media (prefers-color-scheme:dark){:root{--paper:#16181c;--ink:#ececec;--soft:#b5b5b5;--line:#4a4d52;
--candidate:#7db8f5;--live:#f0a070;--refused:#ff9a9a;--warned:#f0c060}}
body{background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;
padding:1rem}
h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid var(--line)}
a{color:var(--candidate)}a:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--candidate);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
ul.found{list-style:none;padding:0}ul.found li{border-left:.3rem solid var(--line);margin:.4rem 0;padding:.1rem .7rem}
ul.found li.refusal{border-color:var(--refused)}ul.found li.warning{border-color:var(--warned)}
.refusal b{color:var(--refused)}.warning b{color:var(--warned)}
.wide{overflow-x:auto}table{border-collapse:collapse;min-width:18rem}
caption{text-align:left;color:var(--soft);padding:.3rem 0;max-width:calc(100vw - 2rem)}
tbody th{position:sticky;left:0;background:var(--paper)}
th,td{border-bottom:1px solid var(--line);padding:.25rem .8rem .25rem 0;text-align:left;vertical-align:top}
td.n{font-variant-numeric:tabular-nums;white-space:nowrap}td.d{overflow-wrap:anywhere}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:1.2rem}
figure{margin:0}figcaption{color:var(--soft)}svg{max-width:100%;height:auto}
.key span{white-space:nowrap;margin-right:1rem}.key i{display:inline-block;width:2rem;
border-top:3px solid var(--candidate);vertical-align:middle;margin-right:.4rem}
.key i.live{border-top:3px dashed var(--live)}
@media print{:root{--paper:#fff;--ink:#000;--soft:#333;--line:#999;--candidate:#0b57a4;--live:#a33b00;
--refused:#a30000;--warned:#7a4b00}body{max-width:none}.wide{overflow:visible}table{font-size:.8rem}.skip{display:none}
figure,tr,li{break-inside:avoid}h2,caption,thead{break-after:avoid}}
""".strip()


def text(value: object) -> str:
    return escape("not known" if value is None else str(value), quote=True)


def head(title: str, skip_to: str, *, style: str = "", scripts: str = "") -> Iterator[str]:
    """From the first tag to the main heading. ``scripts`` is what the page's policy allows to run: nothing, or the
    digest of its own script."""
    policy = f"default-src 'none'; style-src 'unsafe-inline'{f'; script-src {scripts}' if scripts else ''}"
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield f"<title>{text(title)}</title><style>{STYLE}{style}</style></head><body>"
    yield f'<a class="skip" href="#main">Skip to {skip_to}</a>'
    yield f'<main id="main" tabindex="-1"><h1>{text(title)}</h1>'


def section(name: str, heading: str) -> str:
    return f'<h2 id="{name}">{text(heading)}</h2>'


def table(caption: str, heading: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "n") -> Iterator[str]:
    """The first cell of a row is its heading. A wide table is moved within itself, with the keyboard, too."""
    label = text(caption)
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{label}"><table><caption>{label}</caption>'
    if heading:
        cells = "".join(f'<th scope="col">{text(one)}</th>' for one in heading)
        yield f"<thead><tr>{cells}</tr></thead>"
    yield "<tbody>"
    for first, *rest in rows:
        cells = "".join(f'<td class="{kind}">{text(one)}</td>' for one in rest)
        yield f'<tr><th scope="row">{text(first)}</th>{cells}</tr>'
    yield "</tbody></table></div>"
